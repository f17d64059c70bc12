//! Referrals: for whom there is one, what it asks for, and what of an answer is cleared.

use super::*;
use crate::{Basis, Policy, Profile, Register, testing::*};
use lcs::{Imsi, LcsClientType, PrivacySetting, Pseudonym};

/// A gateway that knows nobody.
fn stranger(policy: Policy) -> Ppr {
    Ppr::new(Arc::new(Register::new()), policy)
}

fn fix() -> Fix {
    Fix {
        shape: None,
        age_min: None,
        accuracy_fulfilled: None,
        velocity: None,
        cell: None,
        civic_address: None,
        barometric_pressure_pa: None,
    }
}

fn pseudonym(text: &str) -> Pseudonym {
    Pseudonym::new(text.to_owned()).unwrap()
}

fn by(pseudonym: &Pseudonym) -> LocationRequest {
    LocationRequest { target: Target::Pseudonym(pseudonym.clone()), ..request() }
}

fn other() -> Identities {
    Identities { imsi: Some(Imsi::parse("208101234567890").unwrap()), msisdn: None, imei: None }
}

#[test]
fn whose_profile_is_kept_here_is_not_referred() {
    let held = ppr(listed(None, Some(N)));
    for named in [by_msisdn(), both(), Identities { msisdn: by_msisdn().msisdn, ..other() }] {
        let refusal = held.refer(&request(), Named::Verinym(named)).unwrap_err();
        assert_eq!(refusal.rule, RuleId::HomeGateway);
    }
    let unreadable = stranger(policy());
    unreadable.register().put_unreadable(&subscriber()).unwrap();
    let refusal = unreadable.refer(&request(), Named::Verinym(by_msisdn())).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::ProfileUnreadable);
}

/// The request names the one who is referred: under the same pseudonym, or by an identity that is the same.
#[test]
fn a_referral_is_of_the_request() {
    let ppr = stranger(policy());
    let asked = pseudonym("p");
    assert!(ppr.refer(&by(&asked), Named::Pseudonym(asked.clone())).is_ok());
    assert!(ppr.refer(&request(), Named::Verinym(both())).is_ok());
    for (request, named) in [
        (by(&asked), Named::Pseudonym(pseudonym("q"))),
        (by(&asked), Named::Verinym(both())),
        (request(), Named::Pseudonym(asked.clone())),
        (request(), Named::Verinym(other())),
        (request(), Named::Verinym(Identities::default())),
    ] {
        assert_eq!(ppr.refer(&request, named).unwrap_err().rule, RuleId::HomeGateway);
    }
}

#[test]
fn an_answer_is_cleared_once_and_about_the_one_asked_about() {
    let ppr = stranger(policy());
    for told in [both(), by_msisdn()] {
        let referral = ppr.refer(&request(), Named::Verinym(both())).unwrap();
        let cleared = ppr.clear_referred(referral, &Named::Verinym(told), fix()).unwrap();
        assert_eq!((cleared.basis(), cleared.rule()), (Basis::HomeGateway, RuleId::HomeGateway));
        assert_eq!(cleared.settings(), None);
    }
    for told in [
        Named::Verinym(other()),
        Named::Verinym(Identities::default()),
        Named::Verinym(Identities { imsi: other().imsi, ..by_msisdn() }),
        Named::Pseudonym(pseudonym("p")),
    ] {
        let referral = ppr.refer(&request(), Named::Verinym(both())).unwrap();
        let error = ppr.clear_referred(referral, &told, fix()).unwrap_err();
        assert_eq!((error, Failure::from(error)), (ReferralError::OtherSubscriber, Failure::NetworkProtocol));
    }
    let asked = pseudonym("p");
    for (told, cleared) in [
        (Named::Pseudonym(asked.clone()), true),
        (Named::Pseudonym(pseudonym("q")), false),
        (Named::Verinym(both()), false),
    ] {
        let referral = ppr.refer(&by(&asked), Named::Pseudonym(asked.clone())).unwrap();
        assert_eq!(ppr.clear_referred(referral, &told, fix()).is_ok(), cleared);
    }
}

#[test]
fn a_profile_that_comes_while_the_home_gateway_is_asked_refuses() {
    let ppr = stranger(policy());
    let referral = ppr.refer(&request(), Named::Verinym(both())).unwrap();
    ppr.register().put(&subscriber(), &Profile::default().compile().unwrap()).unwrap();
    let error = ppr.clear_referred(referral, &Named::Verinym(both()), fix()).unwrap_err();
    assert!(matches!(error, ReferralError::Refused(refusal) if refusal.rule == RuleId::HomeGateway), "{error:?}");
}

/// The operator's floor counts for the subscribers of others too: it is asked for, or refuses where it cannot be.
#[test]
fn the_floor_goes_along_or_refuses() {
    for client_type in LcsClientType::ALL {
        for floor in PrivacySetting::ALL {
            let mut policy = policy();
            policy.floor = floor_for_all(floor);
            let referral = stranger(policy).refer(&request_of(client_type), Named::Verinym(both()));
            let may = match client_type {
                LcsClientType::ValueAdded => floor != X,
                _ => floor == N,
            };
            match referral {
                Ok(referral) => {
                    assert!(may);
                    let least = referral.least_privacy();
                    assert_eq!((least.unrelated, least.related), (floor, floor));
                }
                Err(refusal) => {
                    assert!(!may);
                    assert_eq!(refusal.rule, RuleId::OperatorFloor);
                }
            }
        }
    }
    // A wish of the client that is stricter stays.
    let wish = LeastPrivacy { unrelated: VR, related: NT };
    let mut policy = policy();
    policy.floor = floor_for_all(VA);
    let asked = LocationRequest { least_privacy: wish, ..request() };
    let referral = stranger(policy).refer(&asked, Named::Verinym(both())).unwrap();
    assert_eq!(referral.least_privacy(), LeastPrivacy { unrelated: VR, related: VA });
}
