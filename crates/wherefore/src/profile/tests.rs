use super::*;
use lcs::Timestamp;
use privacy::ProfileError;
use proptest::prelude::*;

fn body(json: &str) -> ProfileBody {
    serde_json::from_str(json).unwrap()
}

const FULL: &str = r#"{
  "standing": {"opted_out": false, "switched_off": false, "paused_until": "2030-01-31T18:00:00Z", "utc_offset_min": 60},
  "universal": false,
  "related": {"not_listed": "denied", "clients": [{"number": "+4930123456", "setting": "notify", "gmlc": "home_country"}]},
  "unrelated": {"not_listed": "denied", "clients": [
    {"number": "+4930123456", "setting": "verify_restrict", "gmlc": "identified",
     "conditions": {"hours": [{"days": ["mon", "fri"], "from": "08:00", "to": "18:00"}], "notify_after_positioning": true}}]},
  "plmn_operator": ["broadcast", "anonymous_location"],
  "service_types": {"not_listed": "verify_allow", "listed": [{"service_type": 16, "setting": "notify"}]},
  "codewords": {"check": "network", "words": ["Abrakadabra"]},
  "gmlcs": ["+4900000001"],
  "conditions": {"requestors": [{"text": "aunt@example.net", "format": "email_address"}],
    "areas": [{"area": {"circle": {"lat": 52.5, "lon": 13.4, "radius_m": 500.0}}, "when": "outside", "effect": "refuse"},
              {"area": {"polygon": {"corners": [[52.0, 13.0], [52.0, 14.0], [53.0, 13.5]]}}, "effect": {"coarsen": {"radius_m": 1000}}}]}
}"#;

#[test]
fn a_full_profile_compiles_and_reads_back_as_written() {
    let full = body(FULL);
    let compiled = full.compile().unwrap();
    let standing = compiled.standing();
    assert_eq!(standing.utc_offset_min, 60);
    assert_eq!(standing.paused_until, Some(Timestamp::from_secs(1_896_112_800)));
    let text = serde_json::to_string(&full).unwrap();
    assert!(body(&text) == full);
}

#[test]
fn defaults_are_those_of_table_10_2() {
    let related = body(r#"{"related": {}}"#);
    assert!(related.related.unwrap().not_listed == crate::forms::Setting::Allowed);
    let unrelated = body(r#"{"unrelated": {"clients": [{"number": "+49"}]}}"#);
    let class = unrelated.unrelated.unwrap();
    assert!(class.not_listed == crate::forms::Setting::Denied);
    assert!(class.clients[0].setting == crate::forms::Setting::Allowed && class.clients[0].gmlc == GmlcWord::Any);
    assert!(body("{}") == ProfileBody::default());
    ProfileBody::default().compile().unwrap();
}

#[test]
fn unknown_members_are_refused_at_every_depth() {
    let value: serde_json::Value = serde_json::from_str(FULL).unwrap();
    let mut objects = Vec::new();
    fn walk(value: &serde_json::Value, path: String, out: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => {
                out.push(path.clone());
                members.iter().for_each(|(key, member)| walk(member, format!("{path}/{key}"), out));
            }
            serde_json::Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| walk(item, format!("{path}/{at}"), out));
            }
            _ => {}
        }
    }
    walk(&value, String::new(), &mut objects);
    assert!(objects.len() > 15);
    for path in objects {
        let mut changed = value.clone();
        changed.pointer_mut(&path).unwrap()["no_such_member"] = serde_json::json!(1);
        let refused = serde_json::from_value::<ProfileBody>(changed);
        assert!(refused.is_err(), "{path}");
    }
}

#[test]
fn unsound_profiles_say_why_and_repeat_nothing() {
    let cases = [
        (r#"{"unrelated": {"not_listed": "allowed"}}"#, BodyError::Profile(ProfileError::UnrelatedNotListedUnnotified)),
        (r#"{"plmn_operator": []}"#, BodyError::Profile(ProfileError::NoPlmnClients)),
        (r#"{"service_types": {"listed": [{"service_type": 128}]}}"#, BodyError::ServiceType),
        (r#"{"codewords": {"check": "network", "words": [""]}}"#, BodyError::Codeword),
        (r#"{"codewords": {"check": "network"}}"#, BodyError::Profile(ProfileError::NoCodewords)),
        (r#"{"conditions": {"requestors": [{"text": ""}]}}"#, BodyError::Requestor),
        (r#"{"conditions": {"hours": [{"days": [], "from": "08:00", "to": "09:00"}]}}"#, BodyError::NoDays),
        (r#"{"conditions": {"hours": [{"days": ["mon"], "from": "24:00", "to": "09:00"}]}}"#, BodyError::Hours),
        (r#"{"standing": {"utc_offset_min": 2000}}"#, BodyError::Profile(ProfileError::UtcOffset)),
    ];
    for (json, error) in cases {
        assert_eq!(body(json).compile().err(), Some(error), "{json}");
    }
    let far = body(
        r#"{"conditions": {"areas": [{"area": {"circle": {"lat": 91, "lon": 0, "radius_m": 1}}, "effect": "allow"}]}}"#,
    );
    assert!(matches!(far.compile(), Err(BodyError::Area(_))));
}

/// Minutes of the week, Monday 00:00 first, in which hours hold.
fn minutes(json: &str) -> Vec<bool> {
    let hours: HoursBody = serde_json::from_str(json).unwrap();
    let windows = super::convert::windows(&hours).unwrap();
    let hours = privacy::Hours { windows };
    // 5 January 1970 was a Monday.
    (0..10_080).map(|minute| hours.contain(Timestamp::from_secs(4 * 86_400 + minute * 60), 0)).collect()
}

#[test]
fn hours_hold_on_their_days_and_over_midnight() {
    let on =
        |json: &str| minutes(json).into_iter().enumerate().filter(|(_, on)| *on).map(|(at, _)| at).collect::<Vec<_>>();
    let day = 24 * 60;
    assert_eq!(on(r#"{"days": ["mon"], "from": "08:00", "to": "08:02"}"#), [480, 481]);
    assert_eq!(on(r#"{"days": ["mon", "wed"], "from": "00:00", "to": "00:01"}"#), [0, 2 * day]);
    assert_eq!(on(r#"{"days": ["sun"], "from": "23:59", "to": "00:01"}"#), [0, 7 * day - 1]);
    assert_eq!(on(r#"{"days": ["sun"], "from": "23:59", "to": "24:00"}"#), [7 * day - 1]);
    assert_eq!(on(r#"{"days": ["tue"], "from": "00:00", "to": "24:00"}"#), (day..2 * day).collect::<Vec<_>>());
    assert_eq!(on(r#"{"days": ["tue"], "from": "12:00", "to": "12:00"}"#).len(), day);
}

#[test]
fn times_of_day_are_strict() {
    for text in ["00:00", "23:59", "24:00", "08:05"] {
        let time = ClockTime::try_from(text.to_owned()).unwrap();
        assert_eq!(String::from(time), text);
    }
    for text in ["24:01", "8:00", "08:60", "08-00", "", "08:0x", "+8:00", "٠٨:٠٠", "99:99"] {
        assert!(ClockTime::try_from(text.to_owned()).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_json_panics(text in ".{0,200}") {
        drop(serde_json::from_str::<ProfileBody>(&text).map(|body| body.compile()));
    }

    #[test]
    fn no_numbers_panic(lat: f64, lon: f64, radius_m: f64, coarse: u32, service_type: u8, offset: i16) {
        let mut body = ProfileBody::default();
        body.standing.utc_offset_min = offset;
        body.conditions.areas = vec![AreaRuleBody {
            area: AreaBody::Circle { lat, lon, radius_m },
            when: PlaceWord::Inside,
            effect: EffectBody::Coarsen { radius_m: coarse },
        }];
        body.service_types = Some(ServiceTypesBody {
            not_listed: crate::forms::Setting::Denied,
            listed: vec![ListedServiceBody {
                service_type,
                setting: crate::forms::Setting::Allowed,
                gmlc: GmlcWord::Any,
                conditions: ConditionsBody::default(),
            }],
        });
        drop(body.compile());
    }
}
