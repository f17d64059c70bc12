//! Subscriber data on its way from the home register to the nodes (TS 29.002 clauses 8.1 and 8.8; TS 23.271 clause 10.5).

use super::lab::{HEAD, Lab, More, msc, psl, sgsn, subscriber};
use lcs::PrivacySetting;
use serde_json::{Value, json};
use ss7::map::{MapError, PslRes, UnauthorizedLcsClientDiagnostic as Why};
use testbed::scenario::{ClassSpec, ClassWord, ClientEntrySpec, LcsInformationSpec, SettingWord};

const CLIENT: &str = "99912345001";
const OTHER: &str = "99912345002";

fn unrelated(clients: &[&str]) -> ClassSpec {
    let entry =
        |number: &&str| ClientEntrySpec { number: (*number).to_owned(), setting: SettingWord::Notify, through: None };
    ClassSpec {
        class: ClassWord::Unrelated,
        not_listed: None,
        clients: clients.iter().map(entry).collect(),
        plmn_clients: Vec::new(),
        service_types: Vec::new(),
        active: true,
    }
}

fn only(classes: Vec<ClassSpec>) -> LcsInformationSpec {
    LcsInformationSpec { classes, ..LcsInformationSpec::default() }
}

fn refused(why: Why) -> Result<PslRes, MapError> {
    Err(MapError::UnauthorizedLcsClient(Some(why)))
}

#[tokio::test]
async fn a_node_decides_by_what_it_downloaded_when_it_registered() {
    let all = "lcs_information = { class = [{ class = 'unrelated', clients = [{ number = '+99912345001', setting = 'notify' }] }] }";
    let text = [
        HEAD.replace("[ss7.hlr]", &format!("[ss7.hlr]\n{all}")),
        msc(1, "capability_set = 2"),
        sgsn(1, "capability_set = 3"),
        subscriber(1, "msc = 'msc-1'\nsgsn = 'sgsn-1'"),
        subscriber(2, "msc = 'msc-1'\nlcs_information = { class = [{ class = 'universal' }] }"),
        subscriber(3, "msc = 'msc-1'\nlcs_information = {}"),
    ];
    let lab = Lab::start(&text.concat()).await;
    assert!(lab.psl(1, &psl(1, CLIENT)).await.is_ok());
    assert!(lab.psl_ps(1, &psl(1, CLIENT)).await.is_ok());
    assert_eq!(lab.seen(1).iter().map(|sight| sight.shown).collect::<Vec<_>>(), ["notification", "notification"]);
    assert_eq!(lab.psl(1, &psl(1, OTHER)).await, refused(Why::ClientNotInMsPrivacyExceptionList));
    assert!(lab.psl(1, &psl(2, OTHER)).await.is_ok());
    assert!(lab.seen(2).is_empty());
    assert_eq!(lab.psl(1, &psl(3, CLIENT)).await, refused(Why::UnauthorizedPrivacyClass));
    let counted = lab.network.counted();
    assert_eq!((counted.location_updates, counted.subscriber_data), (4, 3));
}

#[tokio::test]
async fn what_the_operator_changes_reaches_the_nodes() {
    let text = [
        HEAD.to_owned(),
        msc(1, "capability_set = 2"),
        sgsn(1, "capability_set = 2"),
        subscriber(1, "msc = 'msc-1'\nsgsn = 'sgsn-1'"),
    ];
    let lab = Lab::start(&text.concat()).await;
    let nobody = refused(Why::UnauthorizedPrivacyClass);
    assert_eq!(lab.psl(1, &psl(1, CLIENT)).await, nobody);
    for (spec, client, other) in [
        (only(vec![unrelated(&[CLIENT])]), true, false),
        (only(vec![unrelated(&[OTHER])]), false, true),
        (only(vec![]), false, false),
        (only(vec![ClassSpec { class: ClassWord::Universal, ..unrelated(&[]) }]), true, true),
        (only(vec![ClassSpec { active: false, ..unrelated(&[CLIENT]) }]), false, false),
    ] {
        lab.network.provision("sub-01", spec.data().unwrap()).await.unwrap();
        for (number, allowed) in [(CLIENT, client), (OTHER, other)] {
            assert_eq!(lab.psl(1, &psl(1, number)).await.is_ok(), allowed, "{spec:?}");
            assert_eq!(lab.psl_ps(1, &psl(1, number)).await.is_ok(), allowed, "{spec:?}");
        }
    }
}

#[tokio::test]
async fn a_node_of_set_1_gets_no_class_whose_clients_it_has_no_room_for() {
    let text = [HEAD.to_owned(), msc(1, ""), msc(2, "capability_set = 2")];
    let text = [text.concat(), subscriber(1, "msc = 'msc-1'"), subscriber(2, "msc = 'msc-2'")];
    let lab = Lab::start(&text.concat()).await;
    let numbers: Vec<String> = (1..=6).map(|n| format!("9991234500{n}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let allowed = async |node: u8| {
        let mut allowed = Vec::new();
        for (number, at) in numbers.iter().zip(1..) {
            if lab.psl(node, &psl(node, number)).await.is_ok() {
                allowed.push(at);
            }
        }
        allowed
    };
    let related = |clients| ClassSpec { class: ClassWord::Related, ..unrelated(clients) };
    for (classes, at_set_1, at_set_2) in [
        (vec![unrelated(&numbers[..5])], 5, 5),
        (vec![unrelated(&numbers)], 0, 6),
        (vec![unrelated(&numbers[..5]), related(&[])], 5, 5),
        (vec![unrelated(&numbers[..5]), related(&numbers[..1])], 0, 5),
    ] {
        for phone in ["sub-01", "sub-02"] {
            lab.network.provision(phone, only(classes.clone()).data().unwrap()).await.unwrap();
        }
        assert_eq!((allowed(1).await.len(), allowed(2).await.len()), (at_set_1, at_set_2), "{classes:?}");
    }
}

#[tokio::test]
async fn an_sgsn_without_lcs_gets_no_data_and_refuses() {
    let text = [
        HEAD.to_owned(),
        sgsn(1, ""),
        subscriber(1, "sgsn = 'sgsn-1'\nlcs_information = { class = [{ class = 'universal' }] }"),
    ];
    let lab = Lab::start(&text.concat()).await;
    assert_eq!(lab.network.counted().subscriber_data, 0);
    let refused = lab.psl_ps(1, &psl(1, CLIENT).indicators(PrivacySetting::AllowedWithoutNotification, None)).await;
    assert!(matches!(refused, Err(MapError::FacilityNotSupported { needed_lcs_capability: true, .. })), "{refused:?}");
}

/// The control API: as hexadecimal digits of a MAP argument, or written out.
#[tokio::test]
async fn the_control_api_provisions() {
    let text = [HEAD.to_owned(), msc(1, "capability_set = 2"), subscriber(1, "msc = 'msc-1'")].concat();
    let lab = Lab::start(&text).await;
    let http = super::lab::http();
    let url = format!("http://{}/hlr/lcs-information/sub-01", lab.network.control_address());
    let put = async |body: Value| http.put(&url).json(&body).send().await.unwrap().status().as_u16();
    let hex = async || http.get(&url).send().await.unwrap().json::<Value>().await.unwrap()["hex"].clone();
    assert_eq!(hex().await, Value::Null);
    let written =
        json!({"class": [{"class": "unrelated", "clients": [{"number": "+99912345001", "setting": "allowed"}]}]});
    assert_eq!(put(written).await, 204);
    assert!(lab.psl(1, &psl(1, CLIENT)).await.is_ok());
    let (kept, octets) = (hex().await, hex().await);
    assert_eq!(http.delete(&url).send().await.unwrap().status().as_u16(), 204);
    assert_eq!((hex().await, lab.psl(1, &psl(1, CLIENT)).await.is_ok()), (Value::Null, false));
    assert_eq!(put(json!({"hex": octets})).await, 204);
    assert_eq!((hex().await, lab.psl(1, &psl(1, CLIENT)).await.is_ok()), (kept, true));
    // LCSInformation alone: one class, callSessionUnrelated, active, a client that is to be told of.
    let alone =
        concat!("3019", "a117", "3015", "0401b3", "040105", "a10d", "300b", "3006", "8004", "91991932", "810100");
    assert_eq!(put(json!({"hex": alone})).await, 204);
    assert!(lab.psl(1, &psl(1, CLIENT)).await.is_ok());
    assert_eq!(lab.seen(1).len(), 1);
    for wrong in [json!({"hex": "3"}), json!({"hex": "zz"}), json!({"hex": "0400"}), json!({"class": [{"class": "x"}]})]
    {
        let status = put(wrong.clone()).await;
        assert!(status == 400 || status == 422, "{wrong}: {status}");
    }
}
