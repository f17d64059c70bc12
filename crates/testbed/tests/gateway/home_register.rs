//! Old nodes behind an HLR that the gateway asks over MAP: routes, nodes of set 1, reports of nodes, and emergency calls that are
//! asked about without the HLR.

use super::{
    ask::{ask, result},
    lab::{CLIENT, Lab, client_record},
    process::{self, PATIENCE},
};
use lcs::Address;
use mlp::{
    ImmediateService,
    client::{ClientTarget, Request},
};
use reqwest::Method;
use serde_json::json;
use testbed::{
    fault::{Fault, FaultRule, Scope},
    ss7::SelfLocation,
    tour::PushListener,
};

const HLR: &str = "+99900100001";
/// An old MSC, and one of set 1.
const NETWORK: &str = "[ss7]\ncountry_code = '999'\n\
    pseudo_external = ['+99977700001', '+99977700002', '+99977700003', '+99977700004', '+99977700005', '+99977700006',\
    '+99977700007', '+99977700008', '+99977700009', '+99977700010', '+99977700011', '+99977700012', '+99977700013',\
    '+99977700014']\n\
    [[ss7.gateway]]\npoint_code = 100\nnumber = '+99912340000'\n\
    [ss7.hlr]\nnumber = '+99900100001'\npoint_code = 201\nlisten = '127.0.0.1:0'\n\
    [[ss7.msc]]\nname = 'msc-3'\nnumber = '+99900200003'\npoint_code = 213\nlisten = '127.0.0.1:0'\ncapability_set = 3\n\
    [[ss7.msc]]\nname = 'msc-1'\nnumber = '+99900200001'\npoint_code = 211\nlisten = '127.0.0.1:0'\ncapability_set = 1\n";

fn subscriber(label: &str, number: u32, msc: &str) -> String {
    format!(
        "[[subscriber]]\nlabel = '{label}'\nimsi = '00101000002{number:04}'\nmsisdn = '{}'\nmsc = '{msc}'\n\
         position = {{ latitude = 52.52, longitude = 13.405 }}\n",
        msisdn(number)
    )
}

fn msisdn(number: u32) -> String {
    format!("9990002{number:04}")
}

fn who(number: u32) -> String {
    format!("msisdn:{},imsi:00101000002{number:04}", msisdn(number))
}

fn about(secret: &str, number: u32) -> Request {
    Request::new(CLIENT, secret, vec![ClientTarget::msisdn(msisdn(number))])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hlr_tells_the_way_and_nodes_report_over_map() {
    let mut listener = PushListener::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let network = [
        NETWORK,
        &subscriber("open", 1, "msc-3"),
        &subscriber("closed", 2, "msc-3"),
        &subscriber("oldest", 3, "msc-1"),
        &subscriber("out", 4, "msc-3"),
    ]
    .concat();
    let changes = format!(
        "[map]\nhlr = '{HLR}'\n[pseudo_external]\nprovisioned = 'first_four'\n[cache]\nrouting_s = 0\n\
         [mlp.push]\nemergency_url = '{}'\n",
        listener.url()
    );
    let lab = Lab::with(&network, &changes).await;
    process::ok(lab.path(), &["init", "."]).await;
    let gateway = lab.start().await;
    lab.network.connected().await;
    // Whoever asked the HSS would wait in vain.
    lab.network.faults().add(Scope::Node("hss".into()), FaultRule { fault: Fault::Drop, times: None });
    let mut record = client_record(CLIENT);
    record["push_urls"] = json!([listener.prefix()]);
    record["own_location_url"] = json!(listener.url());
    let secret = gateway.client(CLIENT, record).await;
    let emergency = json!({"id": "psap", "client_type": "emergency", "override_capability": true,
        "requests": ["non_call", "current", "current_or_last_known"]});
    let psap = gateway.client("psap", emergency).await;
    let allowed =
        json!({"unrelated": {"clients": [{"number": "+99912345001", "setting": "notify"}], "not_listed": "denied"}});
    for (number, profile) in [(1, &allowed), (2, &json!({})), (3, &allowed), (4, &allowed)] {
        gateway.done(Method::PUT, "/v1/subscriber", Some(&who(number)), Some(profile)).await;
        let told = gateway.done(Method::GET, "/v1/subscriber/slpp", Some(&who(number)), None).await;
        let label = ["open", "closed", "oldest", "out"][number as usize - 1];
        let octets = told["map"].as_str().unwrap();
        let control = lab.network.control_address();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let put = http.put(format!("http://{control}/hlr/lcs-information/{label}")).json(&json!({"hex": octets}));
        assert_eq!(put.send().await.unwrap().status().as_u16(), 204);
    }
    let mlp = gateway.doors.mlp;
    // Sets 3 and 1: the first four identities serve both.
    for (number, label) in [(1, "open"), (3, "oldest")] {
        lab.network.screens().wipe(label);
        assert_eq!(result(&ask(mlp, &about(&secret, number)).await), 0, "{label}");
        let shown: Vec<&str> = lab.network.screens().of(label).iter().map(|sight| sight.shown).collect();
        assert_eq!(shown, ["notification"], "{label}");
    }
    assert_eq!(result(&ask(mlp, &about(&secret, 2)).await), 202);
    let told = lab.network.counted();
    assert_eq!((told.sri, told.psl, told.psl_with_indicators), (2, 2, 0));

    // An emergency call that its MSC reports; whoever answers it asks the MSC without the HLR, whatever the profile says.
    lab.network.emergency_call("closed").await.unwrap();
    let report = listener.next(PATIENCE).await.unwrap();
    assert!(report.contains("<emerep") && report.contains(&msisdn(2)), "{report}");
    let mut request = Request { client_id: "psap".into(), ..about(&psap, 2) };
    request.service = ImmediateService::EmeLir;
    assert_eq!(result(&ask(mlp, &request).await), 0);
    assert_eq!(lab.network.counted().sri, told.sri);

    // A position that a subscriber sends; not of one who opted out.
    let client = Address::international("99912345001").unwrap();
    let wanted = SelfLocation { client, service_type: None, pseudonym: false };
    lab.network.self_location("open", &wanted).await.unwrap();
    assert!(listener.next(PATIENCE).await.unwrap().contains("<slrep"));
    gateway.done(Method::POST, "/v1/subscriber/opt-out", Some(&who(4)), Some(&json!({}))).await;
    assert!(lab.network.self_location("out", &wanted).await.is_err());
    gateway.stop().await;

    let told: Vec<String> = lab
        .entries()
        .await
        .iter()
        .map(|entry| format!("{} {}", entry["outcome"].as_str().unwrap(), entry["basis"].as_str().unwrap_or("-")))
        .collect();
    assert_eq!(
        told,
        [
            "allowed subscriber's profile",
            "allowed subscriber's profile",
            "refused -",
            "allowed emergency",
            "allowed emergency",
            "allowed subscriber's own request",
            "refused subscriber's own request",
        ]
    );
    lab.verified().await;
}
