use super::*;
use crate::config::{Cache, Limits};
use lcs::{
    Address, ApnNi, CallSession, Failure, Identities, Imsi, LcsClientType, Msisdn, RefusalReason, Requestor, Timestamp,
};
use proptest::prelude::*;
use std::num::NonZeroU32;
use std::sync::Arc;

const SECRET: &str = "correct horse battery";

fn record(json: &str) -> ClientRecord {
    serde_json::from_str(json).unwrap()
}

fn fleet() -> ClientRecord {
    record(
        r#"{"id": "fleet", "client_type": "value_added", "name": {"text": "Fleet"},
            "external_identities": [{"number": "+4930123456"}, {"number": "+4930123457", "name": "Lorries"}],
            "call_session_identities": [{"number": "+49800123", "name": "Hotline"},
                                        {"apn": "fleet.example", "external_identity": "+4930123457"}]}"#,
    )
}

fn one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

async fn registry(records: Vec<ClientRecord>) -> Registry {
    let registry = Registry::new(&Limits::default(), &Cache::default()).unwrap();
    let phc = registry.hash_secret(SECRET).await.unwrap();
    registry.replace(records.into_iter().map(|record| StoredClient {
        record,
        secret_phc: Some(phc.clone()),
        version: 1,
    }));
    registry
}

fn ready(record: ClientRecord) -> Arc<Client> {
    let registry = Registry::new(&Limits::default(), &Cache::default()).unwrap();
    let id = record.id.clone();
    registry.put(&StoredClient { record, secret_phc: None, version: 1 });
    registry.client(&id).unwrap()
}

#[tokio::test]
async fn a_secret_is_hashed_once_and_recognised_afterwards() {
    let registry = registry(vec![fleet()]).await;
    assert!(registry.recognise("fleet", SECRET).is_none());
    for _ in 0..5 {
        let client = registry.authenticate("fleet", Credential::Secret(SECRET)).await.unwrap();
        assert_eq!(&**client.account(), "fleet");
    }
    assert_eq!(registry.argon2_runs(), 1);
    assert!(registry.recognise("fleet", SECRET).is_some());
    assert!(registry.recognise("fleet", "something else").is_none());
    assert!(registry.recognise("nobody", SECRET).is_none());
}

#[tokio::test]
async fn many_at_once_with_one_secret_hash_it_few_times() {
    let registry = Arc::new(registry(vec![fleet()]).await);
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let registry = Arc::clone(&registry);
            tokio::spawn(async move { registry.authenticate("fleet", Credential::Secret(SECRET)).await.is_ok() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert!(registry.argon2_runs() <= Limits::default().secret_checks);
}

#[tokio::test]
async fn wrong_unknown_and_disabled_cost_the_same_and_say_the_same() {
    let disabled = ClientRecord { id: "off".into(), enabled: false, ..fleet() };
    let registry = registry(vec![fleet(), disabled]).await;
    registry.put(&StoredClient { record: ClientRecord { id: "cert".into(), ..fleet() }, secret_phc: None, version: 1 });
    let cases = [("fleet", "wrong"), ("nobody", SECRET), ("off", SECRET), ("cert", SECRET)];
    for (at, (account, secret)) in cases.into_iter().enumerate() {
        let failure = registry.authenticate(account, Credential::Secret(secret)).await.unwrap_err();
        assert_eq!(failure, AuthFailure::Refused, "{account}");
        assert_eq!(registry.argon2_runs(), at + 1, "{account}: each costs one Argon2id");
        assert_eq!(Failure::from(failure), Failure::UnauthorisedApplication);
    }
    // A wrong secret is never remembered as right, nor spared.
    assert!(registry.authenticate("fleet", Credential::Secret("wrong")).await.is_err());
    assert_eq!(registry.argon2_runs(), 5);
    assert!(registry.authenticate("fleet", Credential::None).await.is_err());
    assert_eq!(registry.argon2_runs(), 5);
}

#[tokio::test]
async fn a_rotated_secret_makes_the_old_one_worthless_at_once() {
    let registry = registry(vec![fleet()]).await;
    registry.authenticate("fleet", Credential::Secret(SECRET)).await.unwrap();
    let phc = registry.hash_secret("another secret of some length").await.unwrap();
    registry.put(&StoredClient { record: fleet(), secret_phc: Some(phc), version: 2 });
    assert!(registry.recognise("fleet", SECRET).is_none());
    assert!(registry.authenticate("fleet", Credential::Secret(SECRET)).await.is_err());
    assert!(registry.authenticate("fleet", Credential::Secret("another secret of some length")).await.is_ok());
    // An older version, arriving late, changes nothing.
    registry.put(&StoredClient { record: fleet(), secret_phc: None, version: 1 });
    assert!(registry.client("fleet").unwrap().has_secret());
    registry.remove("fleet");
    assert!(registry.recognise("fleet", "another secret of some length").is_none());
}

#[tokio::test]
async fn secrets_that_wait_are_bounded() {
    let limits = Limits { secret_checks: 1, secret_checks_waiting: 0, ..Limits::default() };
    let registry = Arc::new(Registry::new(&limits, &Cache::default()).unwrap());
    let attempts = (0..8).map(|n| {
        let registry = Arc::clone(&registry);
        async move { registry.authenticate(&format!("c{n}"), Credential::Secret("wrong secret")).await.unwrap_err() }
    });
    let failures = futures_util::future::join_all(attempts).await;
    let busy = failures.iter().filter(|failure| **failure == AuthFailure::Busy).count();
    assert_eq!(busy, 7);
    assert_eq!(Failure::from(AuthFailure::Busy), Failure::Congestion);
}

fn certificate(name: &str) -> Vec<u8> {
    let mut parameters = rcgen::CertificateParams::new(vec!["app.example.net".to_owned()]).unwrap();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
    let key = rcgen::KeyPair::generate().unwrap();
    parameters.self_signed(&key).unwrap().der().to_vec()
}

#[tokio::test]
async fn certificates_count_by_fingerprint_or_by_subject_under_a_checked_chain() {
    let der = certificate("app.example.net");
    let fingerprint = crate::forms::to_hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &der).as_ref());
    let pinned = ClientRecord { id: "pinned".into(), certificate_sha256: vec![fingerprint.to_uppercase()], ..fleet() };
    let named = ClientRecord { id: "named".into(), certificate_subjects: vec!["CN=app.example.net".into()], ..fleet() };
    assert_eq!(pinned.problems(), []);
    let registry = registry(vec![pinned, named]).await;
    let show = |der, chain_verified| Credential::Certificate { der, chain_verified };
    assert!(registry.authenticate("pinned", show(&der, false)).await.is_ok());
    assert!(registry.authenticate("named", show(&der, true)).await.is_ok());
    assert!(registry.authenticate("named", show(&der, false)).await.is_err());
    let (other, evil) = (certificate("app.example.net"), certificate("evil.example.net"));
    assert!(registry.authenticate("pinned", show(&other, true)).await.is_err());
    assert!(registry.authenticate("named", show(&evil, true)).await.is_err());
    assert!(registry.authenticate("named", show(b"no certificate", true)).await.is_err());
    assert!(registry.authenticate("nobody", show(&der, true)).await.is_err());
    assert_eq!(registry.argon2_runs(), 0);
}

#[test]
fn nothing_secret_is_printed() {
    let printed = format!(
        "{:?} {:?} {:?}",
        Credential::Secret(SECRET),
        "msisdn:491701234567".parse::<TargetRule>().unwrap(),
        StoredClient { record: fleet(), secret_phc: Some("$argon2id$x".into()), version: 1 },
    );
    assert!(
        !printed.contains(SECRET) && !printed.contains("491701234567") && !printed.contains("argon2id"),
        "{printed}"
    );
    let client = ready(ClientRecord { targets: Some(vec!["imsi:00101*".parse().unwrap()]), ..fleet() });
    assert!(!format!("{client:?}").contains("00101"));
}

#[test]
fn the_identity_of_a_request_follows_annex_b() {
    let client = ready(fleet());
    let requestor = Requestor { text: "bob".into(), format: lcs::FormatIndicator::LogicalName };
    let plain = client.identity(Some(requestor.clone()), None);
    assert_eq!(plain.client_type, LcsClientType::ValueAdded);
    assert_eq!(plain.external, Address::international("4930123456").ok());
    assert_eq!(plain.name.as_ref().unwrap().text, "Fleet");
    assert!(plain.requestor.is_some() && !plain.call_session_related);
    plain.validate().unwrap();

    let dialled = CallSession::Dialled(Address::international("49800123").unwrap());
    assert!(client.owns_session(&dialled));
    let related = client.identity(None, Some(dialled));
    assert_eq!(related.name.as_ref().unwrap().text, "Hotline");
    related.validate().unwrap();

    let apn = CallSession::Apn(ApnNi::new("FLEET.example").unwrap());
    assert!(client.owns_session(&apn));
    let related = client.identity(None, Some(apn));
    assert_eq!(related.external, Address::international("4930123457").ok());
    assert_eq!(related.name.as_ref().unwrap().text, "Lorries");
    related.validate().unwrap();
    assert!(!client.owns_session(&CallSession::Apn(ApnNi::new("internet").unwrap())));

    let others = [
        r#"{"id": "psap", "client_type": "emergency", "override_capability": true, "external_identities": [{"number": "+49112"}]}"#,
        r#"{"id": "om", "client_type": "plmn_operator", "internal_identity": "om_vplmn"}"#,
        r#"{"id": "li", "client_type": "lawful_intercept", "override_capability": true}"#,
    ];
    for json in others {
        let record = record(json);
        assert_eq!(record.problems(), [], "{json}");
        ready(record).identity(Some(requestor.clone()), None).validate().unwrap();
    }
}

#[test]
fn records_against_table_10_7_and_annex_b_are_refused() {
    let sound = serde_json::to_value(fleet()).unwrap();
    let cases = [
        ("id", serde_json::json!("a b"), "id"),
        ("name", serde_json::json!(null), "name"),
        ("name", serde_json::json!({"text": "x==y"}), "name"),
        ("external_identities", serde_json::json!([]), "external_identities"),
        ("internal_identity", serde_json::json!("broadcast"), "internal_identity"),
        ("override_capability", serde_json::json!(true), "override_capability"),
        ("client_type", serde_json::json!("emergency"), "name"),
        ("client_type", serde_json::json!("lawful_intercept"), "external_identities"),
        ("client_type", serde_json::json!("plmn_operator"), "internal_identity"),
        ("call_session_identities", serde_json::json!([{}]), "call_session_identities"),
        ("call_session_identities", serde_json::json!([{"apn": "-.."}]), "call_session_identities.apn"),
        ("services", serde_json::json!([{"id": "a", "service_type": 128}]), "services.service_type"),
        (
            "services",
            serde_json::json!([{"id": "a", "service_type": 1}, {"id": "a", "service_type": 2}]),
            "services.id",
        ),
        ("rate_per_s", serde_json::json!(0), "max_targets, rate_per_s, burst"),
        ("certificate_sha256", serde_json::json!(["00"]), "certificate_sha256"),
        ("push_urls", serde_json::json!(["file:///etc"]), "push_urls"),
    ];
    assert_eq!(fleet().problems(), []);
    for (member, value, at) in cases {
        let mut changed = sound.clone();
        changed[member] = value.clone();
        let changed: ClientRecord = serde_json::from_value(changed).unwrap();
        assert!(
            changed.problems().iter().any(|problem| problem.key == at),
            "{member} = {value}: {:?}",
            changed.problems()
        );
    }
}

#[test]
fn service_identities_are_the_clients_own() {
    let client = ready(record(
        r#"{"id": "s", "client_type": "plmn_operator", "internal_identity": "broadcast", "max_targets": 5,
            "services": [{"id": "friends", "service_type": 16}, {"id": "one", "service_type": 3, "max_targets": 1},
                         {"id": "many", "service_type": 4, "max_targets": 50}]}"#,
    ));
    let code = |id| client.service(Some(id)).map(|(kind, most)| (kind.map(|kind| kind.code()), most));
    assert_eq!(code("friends"), Ok((Some(16), 5)));
    assert_eq!(code("one"), Ok((Some(3), 1)));
    assert_eq!(code("many"), Ok((Some(4), 5)));
    assert_eq!(code("none"), Err(Failure::UnauthorisedApplication));
    assert_eq!(client.service(None), Err(Failure::UnauthorisedApplication));
    assert_eq!(ready(fleet()).service(None), Ok((None, Limits::default().client_max_targets)));
}

#[test]
fn the_authorised_ue_list_knows_numbers_and_ranges() {
    let who = |imsi: Option<&str>, msisdn: Option<&str>| Identities {
        imsi: imsi.map(|text| Imsi::parse(text).unwrap()),
        msisdn: msisdn.map(|text| Msisdn::parse(text).unwrap()),
        imei: None,
    };
    let listed = |rules: &str| {
        let rules: Vec<TargetRule> = serde_json::from_str(rules).unwrap();
        ready(ClientRecord { targets: Some(rules), ..fleet() })
    };
    let client = listed(r#"["msisdn:491701234567", "msisdn:+49171*", "imsi:0010199*"]"#);
    let cases = [
        (who(None, Some("491701234567")), true),
        (who(None, Some("4917012345678")), false),
        (who(None, Some("49170123456")), false),
        (who(None, Some("4917155555")), true),
        (who(Some("001019900000001"), None), true),
        (who(Some("001010000000001"), None), false),
        (who(Some("001010000000001"), Some("491715")), true),
        (who(Some("491701234567"), None), false),
        (Identities::default(), false),
    ];
    for (at, (target, allowed)) in cases.into_iter().enumerate() {
        let expected = if allowed { Ok(()) } else { Err(RefusalReason::TargetNotAuthorised) };
        assert_eq!(client.authorised_for(&target), expected, "case {at}");
    }
    assert!(listed("[]").authorised_for(&who(None, Some("491701234567"))).is_err());
    assert!(ready(fleet()).authorised_for(&who(None, Some("491701234567"))).is_ok());
    for text in ["491701234567", "tel:1", "msisdn:", "msisdn:49x", "imsi:1", "msisdn:*", "imsi:1234567890123456"] {
        let error = text.parse::<TargetRule>().unwrap_err().to_string();
        assert!(!error.contains("49"), "{error}");
    }
}

#[test]
fn the_stricter_of_the_record_and_the_clients_wish_counts() {
    use lcs::{LeastPrivacy, PrivacySetting as S};
    let plain = ready(fleet());
    assert_eq!(plain.least_privacy(None), LeastPrivacy::NONE);
    let extra = ExtraPrivacy { unrelated: crate::forms::Setting::VerifyAllow, related: crate::forms::Setting::Notify };
    let strict = ready(ClientRecord { extra_privacy: Some(extra), ..fleet() });
    let of_record = LeastPrivacy { unrelated: S::AllowedIfNoResponse, related: S::AllowedWithNotification };
    assert_eq!(strict.least_privacy(None), of_record);
    for passive in S::ALL {
        for active in S::ALL {
            let wish = mlp::PrivacyAction { passive, active };
            assert_eq!(plain.least_privacy(Some(wish)), LeastPrivacy { unrelated: passive, related: active });
            let both = LeastPrivacy {
                unrelated: passive.stricter(of_record.unrelated),
                related: active.stricter(of_record.related),
            };
            assert_eq!(strict.least_privacy(Some(wish)), both);
        }
    }
}

#[test]
fn rate_and_quota_hold() {
    let day = 86_400;
    let at = |secs| Timestamp::from_secs(secs);
    let client = ready(ClientRecord { rate_per_s: Some(1), burst: Some(5), ..fleet() });
    assert_eq!(client.admit(one(5), at(0)), Ok(()));
    assert_eq!(client.admit(one(5), at(0)), Err(Failure::OverQuota));
    assert_eq!(client.admit(one(6), at(0)), Err(Failure::OverQuota), "more than the burst never passes");

    let wide = ClientRecord { rate_per_s: Some(1_000_000), burst: Some(1_000_000), daily_quota: Some(3), ..fleet() };
    let client = ready(wide);
    assert_eq!(client.admit(one(2), at(day)), Ok(()));
    assert_eq!(client.admit(one(2), at(day + 5)), Err(Failure::OverQuota));
    assert_eq!(client.admit(one(1), at(2 * day - 1)), Ok(()));
    assert_eq!(client.admit(one(1), at(2 * day - 1)), Err(Failure::OverQuota));
    assert_eq!(client.admit(one(3), at(2 * day)), Ok(()));
}

#[test]
fn counting_goes_on_when_a_record_changes_elsewhere() {
    let registry = Registry::new(&Limits::default(), &Cache::default()).unwrap();
    let limited = ClientRecord { rate_per_s: Some(1), burst: Some(1), ..fleet() };
    let put = |record: ClientRecord, version| registry.put(&StoredClient { record, secret_phc: None, version });
    put(limited.clone(), 1);
    assert!(registry.client("fleet").unwrap().admit(one(1), Timestamp::default()).is_ok());
    put(
        ClientRecord { name: Some(Name { text: "New".into(), format: NameFormat::LogicalName }), ..limited.clone() },
        2,
    );
    assert!(registry.client("fleet").unwrap().admit(one(1), Timestamp::default()).is_err());
    put(ClientRecord { burst: Some(2), ..limited }, 3);
    assert!(registry.client("fleet").unwrap().admit(one(1), Timestamp::default()).is_ok());
}

#[test]
fn reports_go_only_where_the_record_says() {
    let client = ready(ClientRecord {
        push_urls: vec!["https://app.example.net/mlp/".into(), "http://10.0.0.1:8080/x".into()],
        ..fleet()
    });
    let cases = [
        ("https://app.example.net/mlp/", true),
        ("https://app.example.net/mlp/reports?id=1", true),
        ("https://app.example.net:443/mlp/a", true),
        ("https://APP.example.net/mlp/a", true),
        ("https://app.example.net/mlp", false),
        ("https://app.example.net/mlp/../admin", false),
        ("https://app.example.net/other", false),
        ("http://app.example.net/mlp/", false),
        ("https://app.example.net:444/mlp/", false),
        ("https://app.example.net.evil.example/mlp/", false),
        ("https://app.example.net@evil.example/mlp/", false),
        ("https://user@app.example.net/mlp/", false),
        ("https://app.example.net/mlp/#f", false),
        ("http://10.0.0.1:8080/x", true),
        ("http://10.0.0.1:8080/x/y", true),
        ("http://10.0.0.1:8080/xy", false),
        ("no url", false),
        ("", false),
    ];
    for (url, allowed) in cases {
        assert_eq!(client.may_push_to(url), allowed, "{url}");
    }
    assert!(!ready(fleet()).may_push_to("https://app.example.net/mlp/"));
}

#[test]
fn a_record_names_every_unknown_member() {
    for json in [
        r#"{"id": "a", "client_type": "emergency", "colour": "red"}"#,
        r#"{"id": "a", "client_type": "emergency", "name": {"text": "x", "colour": "red"}}"#,
        r#"{"id": "a", "client_type": "emergency", "services": [{"id": "x", "service_type": 1, "colour": "red"}]}"#,
        r#"{"id": "a", "client_type": "emergency", "external_identities": [{"number": "+49112", "colour": "red"}]}"#,
        r#"{"id": "a", "client_type": "emergency", "call_session_identities": [{"colour": "red"}]}"#,
        r#"{"id": "a", "client_type": "emergency", "extra_privacy": {"unrelated": "notify", "related": "notify", "colour": 1}}"#,
    ] {
        let error = serde_json::from_str::<ClientRecord>(json).unwrap_err().to_string();
        assert!(error.contains("colour"), "{error}");
    }
}

proptest! {
    #[test]
    fn target_rules_read_back_as_written(imsi: bool, digits in "[0-9]{6,15}", range: bool) {
        let text = format!("{}:{digits}{}", if imsi { "imsi" } else { "msisdn" }, if range { "*" } else { "" });
        let rule: TargetRule = text.parse().unwrap();
        prop_assert_eq!(serde_json::to_value(rule).unwrap(), text);
    }

    #[test]
    fn no_text_panics(text: String) {
        prop_assert!(text.parse::<TargetRule>().is_err() || text.contains(":"));
        prop_assert!(!super::push::allowed(&["https://a.example/".to_owned()], &text) || text.starts_with("https:"));
    }
}
