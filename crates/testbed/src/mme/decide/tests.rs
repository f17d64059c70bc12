use super::*;
use PrivacySetting::{
    AllowedIfNoResponse as VA, AllowedWithNotification as NT, AllowedWithoutNotification as N, NotAllowed as X,
    RestrictedIfNoResponse as VR,
};

const POLICY: MmePolicy =
    MmePolicy { absent_non_session: AbsentNonSession::Reject, incapable_phone: IncapablePhone::Fail };

fn asked(related: Option<PrivacySetting>, unrelated: Option<PrivacySetting>, criteria_met: bool) -> Asked {
    let client_type = LcsClientType::ValueAdded;
    Asked { client_type, related, unrelated, criteria_met, location_type: LocationType::Current }
}

/// Vectors A2-01 to A2-18 of TS 23.271 clause A.3.
#[test]
fn the_action_is_that_of_figure_a2() {
    for (related, unrelated, met, expected) in [
        (None, Some(N), false, N),
        (None, Some(NT), true, NT),
        (None, Some(VR), false, VR),
        (Some(N), Some(X), true, N),
        (Some(N), Some(X), false, X),
        (Some(N), Some(VR), true, N),
        (Some(N), Some(VR), false, VR),
        (Some(NT), Some(VA), true, NT),
        (Some(NT), Some(VA), false, VA),
        (Some(VA), Some(NT), true, NT),
        (Some(VR), Some(VR), true, VR),
        (Some(VR), Some(N), true, N),
        (Some(VR), Some(X), true, VR),
        (Some(VR), Some(X), false, X),
        (Some(N), None, true, N),
        (Some(N), None, false, X),
        (None, None, false, X),
        (None, None, true, X),
        (Some(X), Some(NT), true, NT),
    ] {
        assert_eq!(action(&asked(related, unrelated, met), POLICY), expected, "{related:?} {unrelated:?} {met}");
    }
}

#[test]
fn an_absent_indicator_is_the_avp_default_for_other_client_types_or_by_policy() {
    let allow = MmePolicy { absent_non_session: AbsentNonSession::Allow, ..POLICY };
    assert_eq!(action(&asked(None, None, false), allow), N);
    assert_eq!(action(&asked(Some(VR), None, true), allow), N);
    for client_type in [LcsClientType::Emergency, LcsClientType::PlmnOperator, LcsClientType::LawfulIntercept] {
        assert_eq!(action(&Asked { client_type, ..asked(None, None, false) }, POLICY), N);
        assert_eq!(action(&Asked { client_type, ..asked(None, Some(X), false) }, POLICY), X);
    }
}

#[test]
fn only_value_added_clients_are_shown_to_the_user() {
    for client_type in LcsClientType::ALL {
        for setting in [N, NT, VA, VR] {
            let verdict =
                decide(&Asked { client_type, ..asked(None, Some(setting), false) }, PhoneState::Attached, true, POLICY);
            let shown = match (client_type, setting) {
                (LcsClientType::ValueAdded, NT) => Showing::Notification,
                (LcsClientType::ValueAdded, VA) => Showing::QuestionAllow,
                (LcsClientType::ValueAdded, VR) => Showing::QuestionRestrict,
                _ => Showing::Nothing,
            };
            assert_eq!(verdict, Verdict::Proceed(shown), "{client_type:?} {setting:?}");
        }
    }
}

#[test]
fn a_phone_that_cannot_notify_denies_unless_the_policy_says_otherwise() {
    let lenient = MmePolicy { incapable_phone: IncapablePhone::NoResponse, ..POLICY };
    let denied = Verdict::Deny(Denial::PositioningDenied);
    for (setting, strict, loose) in [
        (N, Verdict::Proceed(Showing::Nothing), Verdict::Proceed(Showing::Nothing)),
        (NT, denied, denied),
        (VA, denied, Verdict::Proceed(Showing::Nothing)),
        (VR, denied, denied),
        (X, denied, denied),
    ] {
        let asked = asked(None, Some(setting), false);
        assert_eq!(decide(&asked, PhoneState::Attached, false, POLICY), strict, "{setting:?}");
        assert_eq!(decide(&asked, PhoneState::Attached, false, lenient), loose, "{setting:?}");
    }
}

#[test]
fn each_state_has_its_own_error_and_privacy_comes_first() {
    let plain = asked(None, Some(N), false);
    let last = Asked { location_type: LocationType::CurrentOrLastKnown, ..plain };
    let last_told = Asked { unrelated: Some(NT), ..last };
    let barred = Asked { unrelated: Some(X), ..last };
    for (state, denial) in [
        (PhoneState::Detached, Denial::DetachedUser),
        (PhoneState::Suspended, Denial::SuspendedUser),
        (PhoneState::Unreachable, Denial::UnreachableUser),
    ] {
        assert_eq!(decide(&plain, state, true, POLICY), Verdict::Deny(denial));
        assert_eq!(decide(&last, state, true, POLICY), Verdict::Proceed(Showing::Nothing));
        assert_eq!(decide(&last_told, state, true, POLICY), Verdict::Deny(denial));
        assert_eq!(decide(&barred, state, true, POLICY), Verdict::Deny(Denial::PositioningDenied));
    }
    assert_eq!(decide(&barred, PhoneState::UnknownToMme, true, POLICY), Verdict::Deny(Denial::UserUnknown));
}

#[test]
fn silence_is_what_the_question_says_and_a_late_answer_is_silence() {
    let timeout = Duration::from_secs(3);
    let user = |answer, after_ms| UserSpec { answer, after_ms };
    for (user, response, when) in [
        (user(UserAnswer::Accepts, 0), UserResponse::Granted, 0),
        (user(UserAnswer::Accepts, 2999), UserResponse::Granted, 2999),
        (user(UserAnswer::Accepts, 3000), UserResponse::None, 3000),
        (user(UserAnswer::Refuses, 100), UserResponse::Denied, 100),
        (user(UserAnswer::Silent, 0), UserResponse::None, 3000),
    ] {
        for question in [Showing::QuestionAllow, Showing::QuestionRestrict] {
            assert_eq!(respond(user, question, timeout), (response, Duration::from_millis(when)));
        }
        assert_eq!(respond(user, Showing::Notification, timeout), (UserResponse::NotAsked, Duration::ZERO));
    }
    for (showing, response, goes_on) in [
        (Showing::QuestionAllow, UserResponse::Granted, true),
        (Showing::QuestionAllow, UserResponse::None, true),
        (Showing::QuestionAllow, UserResponse::Denied, false),
        (Showing::QuestionRestrict, UserResponse::Granted, true),
        (Showing::QuestionRestrict, UserResponse::None, false),
        (Showing::QuestionRestrict, UserResponse::Denied, false),
        (Showing::Notification, UserResponse::NotAsked, true),
    ] {
        assert_eq!(may_go_on(showing, response), goes_on);
    }
}
