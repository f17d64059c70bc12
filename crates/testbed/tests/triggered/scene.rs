//! A school in a cell of its own, a home in another, subscribers on their way between the two, and a client that is told.

use super::ask::endpoint;
use super::lab::{CLIENT, Lab, client_record, msisdn};
use super::process::{Gateway, PATIENCE, until};
use super::school::CELLS;
pub(crate) use super::school::{HOME, SCHOOL, complete, school, told};
use mlp::client::{ClientEvent, ClientTarget, Request, StopRequest, SvcResult, TriggeredRequest, parse_svc_result};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;
use testbed::load::Connection;
use testbed::scenario::Waypoint;
use testbed::tour::PushListener;

/// Another MME in the same network.
const SECOND_MME: &str = "
[[mme]]
name = 'mme-2'
host = 'mme2.epc.mnc001.mcc001.3gppnetwork.org'
listen = '127.0.0.1:0'
";
const CHANGES: &str = "[deferred]\ngmlc_address = '192.0.2.10'\n[areas]\ncell_table_file = 'cells.csv'\n";

/// Two MSCs and an SGSN of the same network, the home register, and phones that they serve: 21 to 27 and 31 to 34.
fn legacy() -> String {
    let mut text = "[ss7]\ncountry_code = '999'\n[[ss7.gateway]]\npoint_code = 100\nnumber = '+99912340000'\n\
                    [ss7.hlr]\nnumber = '+99900100001'\npoint_code = 201\nlisten = '127.0.0.1:0'\n"
        .to_owned();
    for (kind, name, number, code) in
        [("msc", "msc-1", "20", 211), ("msc", "msc-2", "21", 212), ("sgsn", "sgsn-1", "30", 221)]
    {
        text += &format!(
            "[[ss7.{kind}]]\nname = '{name}'\nnumber = '+99900{number}0001'\npoint_code = {code}\nlisten = '127.0.0.1:0'\n\
             capability_set = 5\n"
        );
    }
    for number in BY_MAP {
        let node = if number < 30 { "msc = 'msc-1'" } else { "sgsn = 'sgsn-1'" };
        text += &format!(
            "[[subscriber]]\nlabel = '{}'\nimsi = '00101000000{number:04}'\nmsisdn = '{}'\n{node}\n\
             position = {{ latitude = 52.52, longitude = 13.405 }}\n",
            label(number),
            msisdn(number)
        );
    }
    text
}

const BY_MAP: [u32; 11] = [21, 22, 23, 24, 25, 26, 27, 31, 32, 33, 34];
const OWN_NODES: &str = "[gateway]\nhome_node_numbers = ['+9990020', '+9990021', '+9990030']\n";

pub(crate) struct Scene {
    pub(crate) lab: Lab,
    pub(crate) secret: String,
    pub(crate) listener: PushListener,
    /// Reports of the network that the gateway must have accepted by now.
    accepted: u64,
    /// Names of all that the client was told.
    told: HashSet<String>,
    /// What the client was told once more.
    pub(crate) doubles: u32,
    /// The phones are served by MSCs and SGSNs.
    by_map: bool,
}

/// What a client was answered that its request is armed.
pub(crate) struct Armed {
    pub(crate) request_id: String,
    pub(crate) reference: u8,
}

impl Armed {
    fn by(answer: SvcResult) -> Self {
        assert_eq!((answer.element.as_str(), &answer.result), ("tlra", &None), "{:?}", answer.add_info);
        Self { request_id: answer.request_id.unwrap(), reference: answer.lcs_ref.unwrap() }
    }
}

async fn post(gateway: &Gateway, request: &str) -> SvcResult {
    let endpoint = endpoint(gateway.doors.mlp);
    let mut connection = Connection::open(&endpoint).await.unwrap();
    let (status, answer) = connection.exchange(&endpoint.request(request), parse_svc_result).await.unwrap();
    assert_eq!(status, 200);
    answer.unwrap()
}

impl Scene {
    /// Starts network, gateway and listener, and registers the client.
    pub(crate) async fn new() -> (Self, Gateway) {
        Self::of(false).await
    }

    /// The same with phones that MSCs and an SGSN serve.
    pub(crate) async fn by_map() -> (Self, Gateway) {
        Self::of(true).await
    }

    async fn of(by_map: bool) -> (Self, Gateway) {
        let lab = match by_map {
            false => Lab::with(&[CELLS, SECOND_MME].concat(), CHANGES).await,
            true => Lab::with(&[CELLS, SECOND_MME, &legacy()].concat(), &[CHANGES, OWN_NODES].concat()).await,
        };
        std::fs::write(lab.path().join("cells.csv"), lab.network.cell_table()).unwrap();
        let (gateway, _) = lab.first_start().await;
        lab.network.connected().await;
        let listener = PushListener::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let mut record = client_record(CLIENT);
        record["requests"]
            .as_array_mut()
            .unwrap()
            .extend(["change_of_area", "ue_available", "periodic"].map(Value::from));
        record["push_urls"] = json!([listener.prefix()]);
        let secret = gateway.client(CLIENT, record).await;
        if by_map {
            for number in BY_MAP {
                lab.profile(&gateway, number, &json!({"universal": true})).await;
            }
        }
        (Self { lab, secret, listener, accepted: 0, told: HashSet::new(), doubles: 0, by_map }, gateway)
    }

    /// Asks for an event about one subscriber: the answer.
    pub(crate) async fn ask(&self, gateway: &Gateway, number: u32, event: ClientEvent) -> SvcResult {
        self.ask_as(gateway, (CLIENT, &self.secret), number, event).await
    }

    /// The same as another client.
    pub(crate) async fn ask_as(
        &self,
        gateway: &Gateway,
        (client, secret): (&str, &str),
        number: u32,
        event: ClientEvent,
    ) -> SvcResult {
        let request = self.about((client, secret), number);
        post(gateway, &TriggeredRequest::on(request, event).to_xml()).await
    }

    fn about(&self, (client, secret): (&str, &str), number: u32) -> Request {
        let mut request = Request::new(client, secret, vec![ClientTarget::msisdn(msisdn(number))]);
        request.push_address = Some((self.listener.url(), None, None));
        request
    }

    /// Asks no more: the answer.
    pub(crate) async fn stop(&self, gateway: &Gateway, armed: &Armed) -> SvcResult {
        let request = Request::new(CLIENT, &self.secret, Vec::new());
        let request_id = armed.request_id.clone();
        post(gateway, &StopRequest { request, request_id, targets: Vec::new() }.to_xml()).await
    }

    /// Asks for a report each time that so many seconds have passed, for so long, about a subscriber of an SGSN.
    pub(crate) async fn armed_each(&self, gateway: &Gateway, number: u32, interval_s: u32, duration_s: u32) -> Armed {
        let request = self.about((CLIENT, &self.secret), number);
        Armed::by(post(gateway, &TriggeredRequest::periodic(request, interval_s, duration_s).to_xml()).await)
    }

    /// Asks for an event about one subscriber, and waits until the phone has it.
    pub(crate) async fn armed(&mut self, gateway: &Gateway, number: u32, event: ClientEvent) -> Armed {
        let armed = Armed::by(self.ask(gateway, number, event).await);
        // The phone says that it knows; one that is there already may have reported, too, by now. Over MAP it knew before the answer.
        if !self.by_map {
            self.accepted().await;
        }
        armed
    }

    /// One more report of the network is accepted. Phone and test share a thread, so the phone looks out for the next event by then.
    pub(crate) async fn accepted(&mut self) {
        self.accepted += 1;
        let accepted = async || {
            let counted = self.lab.network.counted();
            let reports = if self.by_map { counted.slr_accepted } else { counted.lrr_accepted };
            (reports >= self.accepted).then_some(())
        };
        until("the gateway accepts a report", accepted).await;
    }

    /// A subscriber is at this latitude now, and the phone has noticed.
    pub(crate) async fn go(&self, number: u32, latitude: f64) {
        let place = Waypoint { latitude, longitude: 13.405, altitude_m: 0.0, speed_km_h: None, at_s: None };
        self.lab.network.phones().labelled(&label(number)).unwrap().go(Some(place), None);
        self.look().await;
    }

    /// Everything in this process that can go on does.
    async fn look(&self) {
        for _ in 0..16 {
            tokio::task::yield_now().await;
        }
    }

    /// Moves the phones' clock on, and they have noticed.
    pub(crate) async fn advance(&self, seconds: u64) {
        self.lab.network.phones().clock().advance(Duration::from_secs(seconds));
        self.look().await;
    }

    /// The next that the client is told. What comes twice has the same name both times, and is told once.
    pub(crate) async fn next(&mut self) -> SvcResult {
        loop {
            let pushed = self.listener.next_named(PATIENCE).await.expect("the client is told nothing");
            if self.told.insert(pushed.name.expect("a report without a name")) {
                return parse_svc_result(pushed.body.as_bytes()).unwrap();
            }
            self.doubles += 1;
        }
    }

    /// The next that the client is told is a report of this request with a position at this latitude.
    pub(crate) async fn reported(&mut self, armed: &Armed, number: u32, latitude: f64) -> SvcResult {
        self.reported_as("CHANGE_AREA", armed, number, latitude).await
    }

    /// The same of any event.
    pub(crate) async fn reported_as(&mut self, trigger: &str, armed: &Armed, number: u32, latitude: f64) -> SvcResult {
        let report = self.next().await;
        assert_eq!((report.element.as_str(), report.request_id.as_ref()), ("tlrep", Some(&armed.request_id)));
        assert_eq!(report.lcs_ref, Some(armed.reference));
        let [position] = &report.positions[..] else { panic!("{report:?}") };
        assert_eq!((position.trl_trigger.as_deref(), position.result.0), (Some(trigger), 0), "{report:?}");
        assert_eq!(position.msid.1.expose(), msisdn(number));
        let found = position.lat_deg.unwrap();
        assert!((found - latitude).abs() < 0.01, "reported at {found}, is at {latitude}");
        self.accepted().await;
        report
    }

    /// The phone has nothing to wait for any more.
    pub(crate) async fn free(&self, number: u32) {
        let none = async || self.lab.network.deferred(&label(number)).is_empty().then_some(());
        until("the phone is told that it is over", none).await;
    }

    /// Entries of the log about a request: their types of location and outcomes, in order.
    pub(crate) async fn entries(&self, armed: &Armed) -> Vec<Value> {
        let mut entries = self.lab.entries().await;
        entries.retain(|entry| entry["request"].as_str().is_some_and(|name| name.starts_with(&armed.request_id)));
        entries
    }
}

/// What the network calls a subscriber.
pub(crate) fn label(number: u32) -> String {
    format!("sub-{number}")
}
