use super::*;
use lcs::{
    PrivacySetting::{
        AllowedIfNoResponse as VA, AllowedWithNotification as NT, AllowedWithoutNotification as N, NotAllowed as X,
        RestrictedIfNoResponse as VR,
    },
    slpp::{ExternalClientEntry, NotificationToUser, PrivacyClass},
};

fn number(text: &str) -> Address {
    Address::international(text).unwrap()
}

fn asked() -> Asked {
    Asked {
        client_type: LcsClientType::ValueAdded,
        external: Some(number("4420")),
        internal: None,
        service_type: None,
        indicators: None,
        privacy_override: false,
        gmlc: number("99900000000"),
        gmlc_in_home_country: true,
        criteria_met: false,
        location_type: LocationType::Current,
    }
}

fn class(code: PrivacyClassCode, clients: &[(&str, PrivacySetting)]) -> PrivacyClass {
    let entry = |(client, setting): &(&str, PrivacySetting)| ExternalClientEntry {
        client: Some(number(client)),
        gmlc_restriction: None,
        notification: NotificationToUser::of(*setting),
    };
    PrivacyClass { external_clients: clients.iter().map(entry).collect(), ..PrivacyClass::active(code) }
}

fn holding(privacy_classes: &[PrivacyClass]) -> LcsInformation {
    LcsInformation { privacy_classes: privacy_classes.to_vec(), ..LcsInformation::default() }
}

fn node(set: u8) -> NodeKnowledge {
    NodeKnowledge::set(set)
}

const REACHED: Reach = Reach { state: PhoneState::Attached, notifications: true };

#[test]
fn indicators_count_from_set_4_on_and_the_data_before() {
    let held = holding(&[class(PrivacyClassCode::CallSessionUnrelated, &[("4420", VA)])]);
    let with = Asked { indicators: Some((VR, Some(NT))), ..asked() };
    for (set, met, expected) in
        [(1, false, VA), (2, true, VA), (3, false, VA), (4, false, VR), (4, true, NT), (5, true, NT)]
    {
        assert_eq!(action(&Asked { criteria_met: met, ..with }, node(set), &held), Ok(expected), "set {set}");
    }
    // Without indicators a new node uses the data too (TS 23.271 clause 9.1.2 step 3).
    assert_eq!(action(&asked(), node(5), &held), Ok(VA));
}

#[test]
fn rejections_have_the_diagnostic_of_what_failed() {
    let unrelated = |setting| class(PrivacyClassCode::CallSessionUnrelated, &[("4420", setting)]);
    let related = |setting| class(PrivacyClassCode::CallSessionRelated, &[("4420", setting)]);
    let other = class(PrivacyClassCode::CallSessionUnrelated, &[("4421", N)]);
    let call = Asked { criteria_met: true, ..asked() };
    let of = |asked: &Asked, held: &[PrivacyClass]| action(asked, node(3), &holding(held));
    assert_eq!(of(&asked(), &[]), Err(Diagnostic::PrivacyClass));
    assert_eq!(of(&asked(), std::slice::from_ref(&other)), Err(Diagnostic::NotInExceptionList));
    assert_eq!(of(&asked(), &[unrelated(X)]), Err(Diagnostic::UnrelatedClient));
    assert_eq!(of(&asked(), &[related(N)]), Err(Diagnostic::CallNotSetUp));
    assert_eq!(of(&asked(), &[related(N), other.clone()]), Err(Diagnostic::CallNotSetUp));
    assert_eq!(of(&call, &[related(N), other.clone()]), Ok(N));
    assert_eq!(of(&call, &[related(X), other]), Err(Diagnostic::RelatedClient));
    let indicated = |u, r, met| {
        let asked = Asked { indicators: Some((u, r)), criteria_met: met, ..asked() };
        action(&asked, node(4), &LcsInformation::default())
    };
    assert_eq!(indicated(X, Some(N), false), Err(Diagnostic::CallNotSetUp));
    assert_eq!(indicated(X, Some(N), true), Ok(N));
    assert_eq!(indicated(X, None, true), Err(Diagnostic::UnrelatedClient));
}

#[test]
fn an_override_counts_for_emergencies_through_a_gateway_of_the_country() {
    for (client_type, home, expected) in [
        (LcsClientType::Emergency, true, Ok(N)),
        (LcsClientType::LawfulIntercept, true, Ok(N)),
        (LcsClientType::Emergency, false, Err(Diagnostic::OverrideNotApplicable)),
        (LcsClientType::ValueAdded, true, Err(Diagnostic::OverrideNotApplicable)),
    ] {
        let asked = Asked {
            client_type,
            gmlc_in_home_country: home,
            privacy_override: true,
            indicators: Some((X, None)),
            ..asked()
        };
        for set in 1..=5 {
            assert_eq!(action(&asked, node(set), &LcsInformation::default()), expected, "{client_type:?}, set {set}");
        }
    }
}

#[test]
fn types_of_location_that_a_release_does_not_know_are_refused() {
    let held = holding(&[PrivacyClass::active(PrivacyClassCode::Universal)]);
    use LocationType as T;
    for (location_type, from) in
        [(T::Current, 1), (T::CurrentOrLastKnown, 1), (T::ActivateDeferred, 2), (T::NotificationVerificationOnly, 5)]
    {
        for set in 1..=5 {
            let verdict = decide(&Asked { location_type, ..asked() }, REACHED, node(set), &held, MmePolicy::default());
            let refused = verdict == Verdict::Deny(Denial::UnexpectedDataValue);
            assert_eq!(refused, set < from, "{location_type:?}, set {set}");
        }
    }
}

#[test]
fn states_and_mute_phones_have_their_errors() {
    let told = holding(&[class(PrivacyClassCode::CallSessionUnrelated, &[("4420", NT), ("4421", N), ("4422", VA)])]);
    let of = |external: &str, state, notifications, location_type, policy| {
        let asked = Asked { external: Some(number(external)), location_type, ..asked() };
        decide(&asked, Reach { state, notifications }, node(2), &told, policy)
    };
    let strict = MmePolicy::default();
    let lax = MmePolicy { incapable_phone: IncapablePhone::NoResponse, ..strict };
    let current = |external, state| of(external, state, true, LocationType::Current, strict);
    let last = |external, state| of(external, state, true, LocationType::CurrentOrLastKnown, strict);
    for (state, denial) in [
        (PhoneState::Detached, Denial::Detached),
        (PhoneState::Suspended, Denial::Detached),
        (PhoneState::Unreachable, Denial::NoPageResponse),
    ] {
        assert_eq!(current("4421", state), Verdict::Deny(denial));
        assert_eq!(last("4421", state), Verdict::Proceed(Showing::Nothing));
        // Whoever is to be told cannot be, so the last known location stays where it is (TS 23.271 clause 9.1.4.5).
        assert_eq!(last("4420", state), Verdict::Deny(denial));
        // Privacy comes before reachability.
        assert_eq!(current("4499", state), Verdict::Deny(Denial::UnauthorizedClient(Diagnostic::NotInExceptionList)));
    }
    assert_eq!(current("4421", PhoneState::UnknownToMme), Verdict::Deny(Denial::Unidentified));
    let mute = |external, policy| of(external, PhoneState::Attached, false, LocationType::Current, policy);
    assert_eq!(mute("4421", strict), Verdict::Proceed(Showing::Nothing));
    assert_eq!(mute("4420", strict), Verdict::Deny(Denial::NotSupportedByPhone));
    assert_eq!(mute("4422", strict), Verdict::Deny(Denial::NotSupportedByPhone));
    assert_eq!(mute("4422", lax), Verdict::Proceed(Showing::Nothing));
    assert_eq!(mute("4420", lax), Verdict::Deny(Denial::NotSupportedByPhone));
}
