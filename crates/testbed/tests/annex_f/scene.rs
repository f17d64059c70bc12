//! A school in a cell of its own, a home in another, subscribers with cards on their way between the two, and a client that is told.

use super::ask::{about, endpoint};
use super::lab::{CLIENT, Lab, client_record, msisdn, who};
use super::process::{self, Gateway, PATIENCE, until};
use super::school::CELLS;
pub(crate) use super::school::{HOME, SCHOOL, complete, school, told};
use lcs::{Duration, PlmnId, Timestamp};
use mlp::client::{ClientEvent, SvcResult, TriggeredRequest, parse_svc_result};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;
use std::time::SystemTime;
use testbed::load::Connection;
use testbed::scenario::Waypoint;
use testbed::smsc::{Account, Smsc};
use testbed::tour::PushListener;
use testbed::usim::{Attached, Handset, Subscriber, in_eutran_cell};
use testbed::{Laboratory, Tunnel};
use usat::applet::Card;
use usat::packet::{CardKeys, Tar};
use usat::toolkit::AccessTechnology;

/// Number of the gateway, as phones reach it.
const SERVICE: &str = "99912340000";

pub(crate) struct Scene {
    pub(crate) lab: Lab,
    pub(crate) smsc: Arc<Smsc>,
    /// The centre's end of TLS, and who signed for it.
    tls: Option<(Tunnel, Laboratory)>,
    cards: BTreeMap<u32, Attached>,
    secret: String,
    listener: PushListener,
    told: HashSet<String>,
}

/// What a client was answered that its request is armed.
pub(crate) struct Armed {
    pub(crate) request_id: String,
    pub(crate) reference: u8,
}

pub(crate) fn armed(answer: SvcResult) -> Armed {
    assert_eq!((answer.element.as_str(), &answer.result), ("tlra", &None), "{:?}", answer.add_info);
    Armed { request_id: answer.request_id.unwrap(), reference: answer.lcs_ref.unwrap() }
}

async fn ending_tls(to: SocketAddr) -> (Tunnel, Laboratory) {
    let laboratory = Laboratory::new(&["localhost"], "gmlc.test").unwrap();
    (Tunnel::ending_tls(laboratory.acceptor(false).unwrap(), to).await.unwrap(), laboratory)
}

fn hex(key: [u8; 16]) -> String {
    key.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn private(path: &std::path::Path, text: &str) {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

/// Keys of the card of a subscriber.
fn keys(number: u32) -> ([u8; 16], [u8; 16]) {
    ([0x10 + number as u8; 16], [0x20 + number as u8; 16])
}

/// A subscriber at home whose card has taken nothing yet.
fn subscriber(number: u32) -> Subscriber {
    let (kic, kid) = keys(number);
    let keys = CardKeys::new(1, &kic, &kid).unwrap();
    let card = Card { keys, tar: Tar::CHANGE_OF_AREA, poll_s: 3600 };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    // A phone's clock, a minute slow.
    let now = Timestamp::from_secs(now.as_secs() - 60);
    let handset = Handset::new(card, now, in_eutran_cell(plmn(), 7, 1), AccessTechnology::Eutran);
    Subscriber { msisdn: msisdn(number), handset }
}

impl Scene {
    /// Starts network, centre, gateway and listener, registers the client, and imports the cards of subscribers 1 and 2.
    pub(crate) async fn new() -> (Self, Gateway) {
        Self::with("", false).await
    }

    /// The same, with more keys for the centre, or with a centre that speaks TLS alone.
    pub(crate) async fn with(centre: &str, over_tls: bool) -> (Self, Gateway) {
        Self::made(centre, over_tls, 30).await
    }

    /// The same, with a gateway that waits so many seconds for the word of a card.
    pub(crate) async fn patient(acknowledgement_s: u32) -> (Self, Gateway) {
        Self::made("", false, acknowledgement_s).await
    }

    async fn made(centre: &str, over_tls: bool, acknowledgement_s: u32) -> (Self, Gateway) {
        let account =
            Account { system_id: "gmlc".to_owned(), password: "gmlc-pw".to_owned(), service: SERVICE.to_owned() };
        let smsc = Arc::new(Smsc::start("127.0.0.1:0".parse().unwrap(), vec![account]).await.unwrap());
        let tls = if over_tls { Some(ending_tls(smsc.address()).await) } else { None };
        let address = match &tls {
            Some((tunnel, _)) => format!("localhost:{}", tunnel.address().port()),
            None => smsc.address().to_string(),
        };
        let authority = if over_tls { "ca_file = 'smsc-ca.pem'\n" } else { "" };
        let changes = format!(
            "[deferred]\ngmlc_address = '192.0.2.10'\n[areas]\ncell_table_file = 'cells.csv'\n\
             [smsc]\naddress = '{address}'\nsystem_id = 'gmlc'\npassword_file = 'smsc.password'\n{authority}{centre}\
             [usim]\nenabled = true\nroad = 'preferred'\nacknowledgement_s = {acknowledgement_s}\n"
        );
        let lab = Lab::with(CELLS, &changes).await;
        if let Some((_, laboratory)) = &tls {
            std::fs::write(lab.path().join("smsc-ca.pem"), &laboratory.authority_pem).unwrap();
        }
        std::fs::write(lab.path().join("cells.csv"), lab.network.cell_table()).unwrap();
        private(&lab.path().join("smsc.password"), "gmlc-pw");
        let (gateway, _) = lab.first_start().await;
        lab.network.connected().await;
        smsc.wait_bound("gmlc", 1, PATIENCE).await.unwrap();
        let mut lines = "imsi,kic,kid\n".to_owned();
        let mut cards = BTreeMap::new();
        for number in [1_u32, 2] {
            let (kic, kid) = keys(number);
            lines.push_str(&format!("00101000000{number:04},{},{}\n", hex(kic), hex(kid)));
            cards.insert(number, Attached::new(subscriber(number), Arc::clone(&smsc)));
        }
        private(&lab.path().join("cards.csv"), &lines);
        let admin = format!("http://{}", gateway.doors.admin);
        let import =
            ["usim", "import", "cards.csv", "--admin", admin.as_str(), "--token-file", "admin.token", "--json"];
        let imported = process::json(lab.path(), &import).await;
        assert_eq!(imported, json!({"added": 2, "renewed": 0, "unchanged": 0}));
        let listener = PushListener::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let mut record = client_record(CLIENT);
        record["requests"].as_array_mut().unwrap().push(json!("change_of_area"));
        record["push_urls"] = json!([listener.prefix()]);
        let secret = gateway.client(CLIENT, record).await;
        (Self { lab, smsc, tls, cards, secret, listener, told: HashSet::new() }, gateway)
    }

    /// Starts the gateway again.
    pub(crate) async fn start(&self) -> Gateway {
        let gateway = self.lab.start().await;
        self.lab.network.connected().await;
        self.smsc.wait_bound("gmlc", 1, PATIENCE).await.unwrap();
        gateway
    }

    pub(crate) fn card(&self, number: u32) -> &Attached {
        &self.cards[&number]
    }

    /// The phone of a subscriber is out of reach from now on; its number.
    pub(crate) fn detach(&mut self, number: u32) -> String {
        drop(self.cards.remove(&number));
        msisdn(number)
    }

    /// The phone of a subscriber is back, with nothing on its card yet: what the centre has for it comes.
    pub(crate) fn attach(&mut self, number: u32) {
        self.cards.insert(number, Attached::new(subscriber(number), Arc::clone(&self.smsc)));
    }

    /// What a subscriber allows the client.
    pub(crate) async fn profile(&self, gateway: &Gateway, number: u32, setting: &str) {
        let clients = json!([{"number": "+99912345001", "setting": setting}]);
        let profile = json!({"unrelated": {"clients": clients}});
        gateway.done(Method::PUT, "/v1/subscriber", Some(&who(number)), Some(&profile)).await;
    }

    /// Asks for an event about one subscriber: the answer.
    pub(crate) async fn ask(&self, gateway: &Gateway, number: u32, event: ClientEvent) -> SvcResult {
        let mut request = about(&self.secret, &[number]);
        request.push_address = Some((self.listener.url(), None, None));
        let request = TriggeredRequest::on(request, event).to_xml();
        let endpoint = endpoint(gateway.doors.mlp);
        let mut connection = Connection::open(&endpoint).await.unwrap();
        let (status, answer) = connection.exchange(&endpoint.request(&request), parse_svc_result).await.unwrap();
        assert_eq!(status, 200);
        answer.unwrap()
    }

    pub(crate) async fn armed(&self, gateway: &Gateway, number: u32, event: ClientEvent) -> Armed {
        armed(self.ask(gateway, number, event).await)
    }

    /// A subscriber goes to this latitude: the phone of the network, and the handset with the card.
    pub(crate) async fn go(&self, number: u32, latitude: f64) {
        let place = Waypoint { latitude, longitude: 13.405, altitude_m: 0.0, speed_km_h: None, at_s: None };
        self.lab.network.phones().labelled(&format!("sub-{number}")).unwrap().go(Some(place), None);
        let (tac, cell) = if latitude > 52.56 { (8, 2) } else { (7, 1) };
        self.card(number).go(in_eutran_cell(plmn(), tac, cell), AccessTechnology::Eutran).await.unwrap();
    }

    /// Time passes on every handset.
    pub(crate) async fn pass(&self, seconds: u64) {
        for card in self.cards.values() {
            card.wait(Duration::from_secs(seconds)).await.unwrap();
        }
    }

    /// The next that the client is told. What comes twice has the same name both times, and is told once.
    pub(crate) async fn next(&mut self) -> SvcResult {
        loop {
            let pushed = self.listener.next_named(PATIENCE).await.expect("the client is told nothing");
            if self.told.insert(pushed.name.expect("a report without a name")) {
                return parse_svc_result(pushed.body.as_bytes()).unwrap();
            }
        }
    }

    /// The next that the client is told is a report of this request with a position at this latitude.
    pub(crate) async fn reported(&mut self, armed: &Armed, number: u32, latitude: f64) {
        let report = self.next().await;
        assert_eq!((report.element.as_str(), report.request_id.as_ref()), ("tlrep", Some(&armed.request_id)));
        assert_eq!(report.lcs_ref, Some(armed.reference), "the reference of the answer");
        let [position] = &report.positions[..] else { panic!("{report:?}") };
        assert_eq!((position.trl_trigger.as_deref(), position.result.0), (Some("CHANGE_AREA"), 0), "{report:?}");
        assert_eq!(position.msid.1.expose(), msisdn(number));
        let found = position.lat_deg.unwrap();
        assert!((found - latitude).abs() < 0.01, "reported at {found}, is at {latitude}");
    }

    /// Nothing is kept of any request about a subscriber, at the gateway and on the card.
    pub(crate) async fn free(&self, gateway: &Gateway, number: u32) {
        until("the card is told that it is over", async || {
            let told = gateway.done(Method::GET, "/v1/deferred", Some(&who(number)), None).await;
            let none = told["requests"].as_array().unwrap().is_empty() && self.card(number).requests().await == 0;
            none.then_some(())
        })
        .await;
    }

    /// Entries of the log about a request.
    pub(crate) async fn entries(&self, armed: &Armed) -> Vec<Value> {
        let mut entries = self.lab.entries().await;
        entries.retain(|entry| entry["request"].as_str().is_some_and(|name| name.starts_with(&armed.request_id)));
        entries
    }
}

fn plmn() -> PlmnId {
    PlmnId::new("001", "01").unwrap()
}
