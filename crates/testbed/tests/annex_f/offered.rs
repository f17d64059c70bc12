//! The tour's step by card beside gateways that offer that and that do not: judged by what each says of itself, not by who is bound to the centre.

use super::lab::{self, Lab};
use super::process::{self, PATIENCE};
use super::school::CELLS;
use testbed::scenario::Scenario;
use testbed::tour::{GatewayPlaces, PushListener, Row, Tour, TourPlaces};
use testbed::usim::Cards;

const MORE: &str = "
[smsc]
listen = '127.0.0.1:0'
[[subscriber]]
label = 'pupil'
imsi = '001010000000077'
msisdn = '99900000077'
card = true
position = { latitude = 52.52, longitude = 13.405 }
[subscriber.profile]
unrelated = { clients = [{ number = '+99912345001', setting = 'verify_restrict' }] }
[[client]]
id = 'fleet'
[client.record]
client_type = 'value_added'
name = { text = 'Example Fleet' }
external_identities = [{ number = '+99912345001' }]
requests = ['non_call', 'current', 'change_of_area']
[[step]]
name = 'by card'
client = 'fleet'
service = 'triggered'
trigger = { event = 'entering', latitude = 52.60, longitude = 13.405, radius_m = 300, card = true }
targets = [{ subscriber = 'pupil', expect = 0 }]
";

const USUAL: &str = "[deferred]\ngmlc_address = '192.0.2.10'\n[areas]\ncell_table_file = 'cells.csv'\n";

/// The line of the tour beside a gateway with these sections.
async fn toured(lab: &Lab, scenario: &Scenario, sections: &str) -> Row {
    lab.configure(&[USUAL, sections].concat());
    let gateway = lab.start().await;
    let token = std::fs::read_to_string(lab.path().join("admin.token")).unwrap();
    let operator = scenario.network.operator.clone();
    let (mlp, admin) = (format!("http://{}/", gateway.doors.mlp), format!("http://{}", gateway.doors.admin));
    let gateways = vec![GatewayPlaces { operator, mlp, admin, token }];
    let places = TourPlaces { control: lab.network.control_address(), gateways };
    let listener = PushListener::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let mut tour = Tour::new(scenario, places, listener).unwrap();
    tour.provision().await.unwrap();
    if sections.contains("enabled = true") {
        cards(lab).connected(PATIENCE).await.unwrap();
    }
    let mut report = tour.run(|_| ()).await.unwrap();
    gateway.stop().await;
    assert!(report.left_out.is_empty() && report.rows.len() == 1, "{report:?}");
    report.rows.remove(0)
}

fn cards(lab: &Lab) -> &Cards {
    lab.network.cards().unwrap()
}

#[tokio::test]
async fn a_step_by_card_is_judged_by_what_the_gateway_says_that_it_offers() {
    let more = [CELLS, MORE].concat();
    let lab = Lab::with(&more, "").await;
    let scenario = lab::scenario(&more);
    std::fs::write(lab.path().join("cells.csv"), lab.network.cell_table()).unwrap();
    testbed::write_secret(&lab.path().join("smsc.password"), cards(&lab).password()).unwrap();
    process::ok(lab.path(), &["init", "."]).await;
    let whole = cards(&lab).gateway_sections("smsc.password");
    let (centre, _) = whole.split_once("[usim]").unwrap();
    let row = toured(&lab, &scenario, &whole).await;
    assert_eq!((row.ok, row.got.as_str()), (true, "the card asks; position; nothing armed in the end"));
    let by_node = [centre, "[usim]\nenabled = true\nroad = 'when_no_node_can'\n"].concat();
    // The last is bound to the centre all the same.
    for without in [centre, &[centre, "[usim]\nenabled = false\n"].concat(), &by_node] {
        let row = toured(&lab, &scenario, without).await;
        assert_eq!((row.ok, row.got.as_str()), (true, "not offered"), "{without}");
    }
}
