//! What TS 23.271 clauses 9.1.1 and 9.5 allow, told a second time and in other words than the privacy check.

use crate::{
    network::{KEPT_AGE_MIN, Phone, User},
    people::{Asked, N, Plain, VA, VR, WORD, Whereabouts, Who, X, Zone},
};
use lcs::{LocationType, PrivacySetting, QosClass, Timestamp};
use privacy::CodewordHandling;

/// What may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    Nothing,
    AsItIs,
    Coarsened,
}

/// Whether the client overrides the profile.
pub(crate) fn overrides(by: Who) -> bool {
    matches!(by, Who::Emergency { overrides: true } | Who::Lawful)
}

/// Whether the subscriber bars everybody at this time.
pub(crate) fn bars(plain: &Plain, at: Timestamp) -> bool {
    plain.opted_out || plain.switched_off || plain.paused_until.is_some_and(|until| at < until)
}

/// What the rules come to for a request without session, and with one; "not allowed" twice is a refusal.
pub(crate) fn settings(plain: &Plain, asked: &Asked) -> (PrivacySetting, PrivacySetting) {
    let open = if plain.universal { N } else { X };
    match asked.by {
        Who::Emergency { .. } | Who::Lawful => (open, open),
        Who::Plmn if plain.plmn => (N, N),
        Who::Plmn => (open, open),
        Who::Listed | Who::Other => {
            let word = match plain.codeword {
                None => true,
                Some(CodewordHandling::Ue) => asked.word.is_some(),
                Some(CodewordHandling::Network) => asked.word == Some(WORD),
            };
            if !word || plain.universal {
                return if word { (N, N) } else { (X, X) };
            }
            let of = |class: crate::people::Class| match class.listed.filter(|_| asked.by == Who::Listed) {
                Some(listed) => listed,
                None => class.others,
            };
            let service = plain.service.zip(asked.service).map(
                |((of_64, others), service)| {
                    if service == 64 { of_64 } else { others }
                },
            );
            // The looser counts, but nothing lifts "not allowed".
            let folded = |setting: PrivacySetting| match service {
                Some(service) if setting != X && service < setting => service,
                _ => setting,
            };
            let unrelated = folded(plain.unrelated.map_or(X, of));
            let related = folded(plain.related.filter(|_| asked.names_apn).map_or(X, of));
            (unrelated, unrelated.min(related))
        }
    }
}

/// Whether the node can keep to it (TS 23.271 clause 10.5): the setting is not weakened because a node is old.
fn node_can(plain: &Plain, asked: &Asked, node: usize) -> bool {
    match node {
        0 | 1 | 2 | 6 => true,
        3 => !overrides(asked.by) && !after(plain, asked),
        _ => false,
    }
}

/// Whether the user is told or asked after positioning. One of both results that notifies is enough.
pub(crate) fn after(plain: &Plain, asked: &Asked) -> bool {
    if !plain.notify_after || overrides(asked.by) {
        return false;
    }
    let plain_of_related = Plain { unrelated: None, ..*plain };
    let (unrelated, _) = settings(plain, asked);
    let (_, related) = settings(&plain_of_related, asked);
    unrelated.notifies() || related.notifies()
}

/// Whether this user lets a position go under this setting.
fn consents(setting: PrivacySetting, user: User) -> bool {
    match (setting, user) {
        (X, _) => false,
        (N, _) => true,
        (_, User::CannotBeTold) => false,
        (VA, User::NeverAnswers) | (VA | VR, User::Accepts) => true,
        (VA | VR, _) => false,
        (_, _) => true,
    }
}

/// What may be given of a position from the network. `met`: the session that the request names is up. `consenting`: the phone
/// at the time when its user was told or asked; `placed`: at the time of positioning.
pub(crate) fn verdict(
    plain: &Plain,
    asked: &Asked,
    node: usize,
    met: bool,
    consenting: &Phone,
    placed: &Phone,
) -> Given {
    if !covered(asked, node) {
        return Given::Nothing;
    }
    if overrides(asked.by) {
        let may = matches!(node, 0 | 1) && accurate(asked, placed, false);
        return if may { Given::AsItIs } else { Given::Nothing };
    }
    let (unrelated, related) = settings(plain, asked);
    let setting = if met { related } else { unrelated };
    if !node_can(plain, asked, node) || !consents(setting, consenting.user) {
        return Given::Nothing;
    }
    let zoned = match (plain.zone, placed.at) {
        (None, _) | (Some(Zone::Allow), Whereabouts::Home) => Given::AsItIs,
        (Some(Zone::Refuse | Zone::Coarsen), Whereabouts::Away) => Given::AsItIs,
        (Some(Zone::Allow), _) | (Some(Zone::Refuse), _) => Given::Nothing,
        (Some(Zone::Coarsen), _) => Given::Coarsened,
    };
    if accurate(asked, placed, zoned == Given::Coarsened) { zoned } else { Given::Nothing }
}

/// Whether an assured request takes it. Estimates are circles of about 100 m; requests ask for 50 m or 500 m.
fn accurate(asked: &Asked, phone: &Phone, coarsened: bool) -> bool {
    if asked.qos.class == QosClass::BestEffort {
        return true;
    }
    match (phone.accuracy_fulfilled, asked.qos.horizontal_m) {
        (Some(_), _) if coarsened => false,
        (Some(fulfilled), _) => fulfilled,
        (None, None) => true,
        (None, Some(wanted_m)) => wanted_m >= 500 && !coarsened,
    }
}

fn covered(asked: &Asked, node: usize) -> bool {
    let country = match node {
        2 => Some(33),
        6 => None,
        _ => Some(49),
    };
    asked.coverage.is_empty() || country.is_some_and(|country| asked.coverage.contains(&country))
}

/// Whether a position kept from earlier may be given (TS 23.271 clause 9.1.1 step 5).
pub(crate) fn takes_kept(plain: &Plain, asked: &Asked) -> bool {
    let (unrelated, _) = settings(plain, asked);
    !overrides(asked.by)
        && asked.location_type == LocationType::CurrentOrLastKnown
        && asked.max_age_s.is_some_and(|age_s| age_s >= KEPT_AGE_MIN * 60)
        && asked.coverage.is_empty()
        && asked.qos.horizontal_m.is_none_or(|wanted_m| wanted_m >= 500)
        && unrelated == N
        && plain.zone.is_none()
        && !after(plain, asked)
}
