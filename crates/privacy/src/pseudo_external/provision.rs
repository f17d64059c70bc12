//! What the home register must hold of a subscriber whose profile is kept here (TS 23.271 clause 10.1, Annex C).

use super::{Provisioned, PseudoExternalTable};
use crate::{decide::OperatorFloor, profile::CompiledProfile};
use lcs::{
    LcsClientType, PlmnClient, PrivacySetting, PseudoExternalIdentity, Timestamp,
    slpp::{
        ExternalClientEntry, LcsInformation, MoLrClass, MoLrCode, NotificationToUser, PrivacyClass, PrivacyClassCode,
        SsStatus,
    },
};

/// What the operator fixes of the data in home registers, the same for every subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeRegisterData {
    /// The fourteen numbers.
    pub table: PseudoExternalTable,
    /// Self location services that subscribers have (TS 23.271 Table 10.4, Table 10.5).
    pub mo_lr: Vec<MoLrCode>,
}

/// The data for one subscriber, and what became of the only part that depends on the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlppData {
    /// To be written into the home register, all of it, in place of what is there.
    pub information: LcsInformation,
    /// Where the PLMN operator class in it comes from.
    pub plmn: PlmnClass,
}

/// Where the PLMN operator class in a subscriber's data comes from. Old nodes serve PLMN operator clients by it alone, and their
/// network's own ones without asking this gateway (TS 23.271 clause 9.5.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlmnClass {
    /// The profile does not subscribe to it: not in the data.
    NotSubscribed,
    /// The client types that the profile lists.
    Listed,
    /// The profile has the universal class, which itself must stay out of the data: all client types.
    Universal,
    /// The profile would have it, but a node could not keep to what else holds: not in the data.
    Withheld(WhyWithheld),
}

/// Why the PLMN operator class is kept out of a home register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyWithheld {
    /// The subscriber opted out for good.
    OptedOut,
    /// The subscriber's switch is on.
    SwitchedOff,
    /// Nobody may locate before this time; the data must be written again then.
    PausedUntil(Timestamp),
    /// The profile allows certain hours only, which a node does not know.
    Hours,
    /// The profile has rules on where the subscriber is, which a node does not know.
    Areas,
    /// The operator's floor refuses PLMN operator clients.
    Floor,
}

impl HomeRegisterData {
    /// The data for a subscriber.
    ///
    /// The two classes for value added clients hold pseudo-external identities, the same for everybody: what a subscriber allows
    /// is decided here, request by request, and never written down there. That holds for one who has opted out, switched off or
    /// paused too. The gateway bars, and sends no identity; and as the lists name no real client, an old node that is asked past
    /// the gateway finds nobody to allow.
    ///
    /// * Call/session unrelated class: entries of all held identities but 5, 6, 8 and 11, whose "not allowed" is the default for
    ///   clients not listed. Identities 1 to 4 come first, so that they are among the five that a node of set 1 sees.
    /// * Call/session related class, if all fourteen are held: clients not listed are "not allowed", said outright because the
    ///   default allows, and identities 2 to 4 are listed too, for nodes that do not know that value.
    /// * PLMN operator class: see [`PlmnClass`].
    /// * Universal class and service types: never. A node tries the universal class first and lets service types loosen.
    #[must_use]
    pub fn slpp(&self, profile: &CompiledProfile, floor: &OperatorFloor, now: Timestamp) -> SlppData {
        let (plmn, plmn_clients) = plmn_class(profile, floor, now);
        let mut privacy_classes = Vec::new();
        if self.table.provisioned() == Provisioned::Fourteen {
            privacy_classes.push(PrivacyClass {
                not_listed: Some(NotificationToUser::LocationNotAllowed),
                external_clients: self.entries(PseudoExternalIdentity::related_entry),
                ..PrivacyClass::active(PrivacyClassCode::CallSessionRelated)
            });
        }
        privacy_classes.push(PrivacyClass {
            external_clients: self.entries(PseudoExternalIdentity::unrelated_entry),
            ..PrivacyClass::active(PrivacyClassCode::CallSessionUnrelated)
        });
        if !plmn_clients.is_empty() {
            privacy_classes.push(PrivacyClass { plmn_clients, ..PrivacyClass::active(PrivacyClassCode::PlmnOperator) });
        }
        let mo_lr = self.mo_lr.iter().map(|code| MoLrClass { code: *code, status: SsStatus::ACTIVE }).collect();
        SlppData { information: LcsInformation { gmlc_list: Vec::new(), privacy_classes, mo_lr }, plmn }
    }

    /// Entries of the identities held, by number.
    fn entries(&self, setting: fn(PseudoExternalIdentity) -> Option<PrivacySetting>) -> Vec<ExternalClientEntry> {
        PseudoExternalIdentity::all()
            .filter_map(|identity| {
                let setting = setting(identity)?;
                let client = Some(self.table.number_of(identity)?);
                let notification = NotificationToUser::of(setting);
                Some(ExternalClientEntry { client, gmlc_restriction: None, notification })
            })
            .collect()
    }
}

/// The PLMN operator class, and its client types.
fn plmn_class(profile: &CompiledProfile, floor: &OperatorFloor, now: Timestamp) -> (PlmnClass, Vec<PlmnClient>) {
    let rules = &profile.rules.rules;
    let (class, clients) = match &rules.plmn_operator {
        _ if rules.universal => (PlmnClass::Universal, PlmnClient::ALL.to_vec()),
        Some(listed) => (PlmnClass::Listed, listed.clone()),
        None => return (PlmnClass::NotSubscribed, Vec::new()),
    };
    match withheld(profile, floor, now) {
        Some(why) => (PlmnClass::Withheld(why), Vec::new()),
        None => (class, distinct(clients)),
    }
}

fn withheld(profile: &CompiledProfile, floor: &OperatorFloor, now: Timestamp) -> Option<WhyWithheld> {
    let standing = profile.standing();
    let conditions = &profile.rules.rules.conditions;
    let floored = floor.of_client_type(LcsClientType::PlmnOperator) > PrivacySetting::AllowedWithoutNotification;
    let paused = standing.paused_until.filter(|until| now < *until);
    let by_standing = standing.opted_out.then_some(WhyWithheld::OptedOut);
    by_standing
        .or(standing.switched_off.then_some(WhyWithheld::SwitchedOff))
        .or(floored.then_some(WhyWithheld::Floor))
        .or(conditions.hours.is_some().then_some(WhyWithheld::Hours))
        .or((!conditions.areas.is_empty()).then_some(WhyWithheld::Areas))
        .or(paused.map(WhyWithheld::PausedUntil))
}

/// Each once, in wire order: a list may name five at most (TS 29.002 clause 17.7.1, PLMNClientList).
fn distinct(mut clients: Vec<PlmnClient>) -> Vec<PlmnClient> {
    clients.sort_unstable();
    clients.dedup();
    clients
}
