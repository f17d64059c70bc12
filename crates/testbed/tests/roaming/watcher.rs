//! Clients of one operator's gateway that wait for subscribers of others, and what their waiting comes to.

use super::operators::{Person, Started, World, gateway_name};
use super::process::{Gateway, free_address, until};
use super::school::{HOME, SCHOOL};
use lcs::gad::Position;
use mlp::AreaChange;
use mlp::client::{
    ClientArea, ClientEvent, ClientTarget, Request, StopRequest, SvcResult, TriggeredRequest, parse_svc_result,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;
use testbed::load::{Connection, Endpoint};
use testbed::scenario::Waypoint;
use testbed::tour::PushListener;

/// Limit of what never takes that long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A client of a gateway, and what it is told.
pub(crate) struct Watcher {
    secret: String,
    at: SocketAddr,
    /// None: it is not there to be told.
    listener: Option<PushListener>,
    told: HashSet<String>,
}

impl Watcher {
    pub(crate) async fn of(gateway: &Gateway) -> Self {
        let mut watcher = Self::away(gateway).await;
        watcher.listen().await;
        watcher
    }

    /// One that does not listen yet where it is to be told.
    pub(crate) async fn away(gateway: &Gateway) -> Self {
        let at = free_address().await;
        let record = json!({
            "id": "watcher",
            "client_type": "value_added",
            "name": {"text": "Example Watch"},
            "external_identities": [{"number": "+88812345002"}],
            "rate_per_s": 1_000_000,
            "burst": 1_000_000,
            "requests": ["non_call", "current", "change_of_area", "ue_available", "periodic"],
            "push_urls": [format!("http://{at}/")],
        });
        Self { secret: gateway.client("watcher", record).await, at, listener: None, told: HashSet::new() }
    }

    /// Listens from now on.
    pub(crate) async fn listen(&mut self) {
        self.listener = Some(PushListener::start(self.at).await.unwrap());
    }

    pub(crate) fn about(&self, person: &Person) -> Request {
        let mut request = Request::new("watcher", &self.secret, vec![ClientTarget::msisdn(person.msisdn())]);
        request.push_address = Some((format!("http://{}/push", self.at), None, None));
        request
    }

    /// Asks to be told when somebody leaves the home or comes to it.
    pub(crate) async fn wait(
        &self,
        b: &Gateway,
        person: &Person,
        change: AreaChange,
        reports: Option<u32>,
    ) -> SvcResult {
        let centre = Position { lat_deg: HOME, lon_deg: 13.405 };
        self.wait_for(b, person, ClientArea::Circle { centre, radius_m: 300 }, (change, reports)).await
    }

    /// The same about another area.
    pub(crate) async fn wait_for(
        &self,
        b: &Gateway,
        person: &Person,
        area: ClientArea,
        (change, reports): (AreaChange, Option<u32>),
    ) -> SvcResult {
        let event = ClientEvent::ChangeArea { change, area, estimates: true, reports, min_interval_s: None };
        post(b, &TriggeredRequest::on(self.about(person), event).to_xml()).await
    }

    pub(crate) async fn stop(&self, b: &Gateway, request_id: &str) -> SvcResult {
        let request = Request::new("watcher", &self.secret, Vec::new());
        post(b, &StopRequest { request, request_id: request_id.to_owned(), targets: Vec::new() }.to_xml()).await
    }

    /// Where it is told.
    pub(crate) fn listener(&mut self) -> &mut PushListener {
        self.listener.as_mut().expect("the client listens")
    }

    /// The next that the client is told; what comes twice is told once.
    pub(crate) async fn next(&mut self) -> SvcResult {
        loop {
            let pushed = self.listener().next_named(PATIENCE).await.expect("the client is told nothing");
            if self.told.insert(pushed.name.expect("a report without a name")) {
                return parse_svc_result(pushed.body.as_bytes()).unwrap();
            }
        }
    }
}

/// Asks a gateway as a client does.
pub(crate) async fn post(b: &Gateway, body: &str) -> SvcResult {
    let endpoint: Endpoint = format!("http://{}/", b.doors.mlp).parse().unwrap();
    let mut connection = Connection::open(&endpoint).await.unwrap();
    connection.exchange(&endpoint.request(body), parse_svc_result).await.unwrap().1.unwrap()
}

/// The request id of an answer that says that somebody of another operator is waited for.
pub(crate) fn request_id(answer: SvcResult) -> String {
    // It has a reference at home alone.
    assert_eq!(answer.lcs_ref, None);
    armed_at_home(answer)
}

/// The same about somebody of this one.
pub(crate) fn armed_at_home(answer: SvcResult) -> String {
    assert_eq!((answer.element.as_str(), &answer.result), ("tlra", &None), "{:?}", answer.add_info);
    answer.request_id.unwrap()
}

/// The phone has what it is to look out for, and its node has said so.
pub(crate) async fn looking_out(world: &World, person: &Person, accepted: u64) {
    let there = async || {
        let waits = !world.network.deferred(&person.label()).is_empty();
        (waits && world.network.counted().lrr_accepted >= accepted).then_some(())
    };
    until("the phone knows what to look out for", there).await;
}

/// The phone looks out for nothing any more.
pub(crate) async fn free(world: &World, person: &Person) {
    let none = async || world.network.deferred(&person.label()).is_empty().then_some(());
    until("the phone is told that it is over", none).await;
}

/// None of these gateways waits for anything any more, nor does the phone.
pub(crate) async fn nothing_is_left(world: &World, person: &Person, gateways: &[&Gateway]) {
    for gateway in gateways {
        let none = async || {
            let listed = gateway.done(Method::GET, "/v1/deferred", None, None).await;
            (listed["requests"] == json!([])).then_some(())
        };
        until("no gateway waits", none).await;
    }
    free(world, person).await;
}

/// Somebody is elsewhere, on the meridian of the home.
pub(crate) async fn go(world: &World, person: &Person, latitude: f64) {
    let place = Waypoint { latitude, longitude: 13.405, altitude_m: 0.0, speed_km_h: None, at_s: None };
    world.network.phones().labelled(&person.label()).unwrap().go(Some(place), None);
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}

/// Somebody who looks out comes home and leaves again, which the gateway is told: it has accepted so many reports by then.
pub(crate) async fn leaves_again(world: &World, person: &Person, accepted: u64) {
    go(world, person, HOME).await;
    world.network.phones().clock().advance(Duration::from_secs(60));
    go(world, person, SCHOOL).await;
    let told = async || {
        // What is sent again is sent by the clock of the phones.
        world.network.phones().clock().advance(Duration::from_secs(1));
        (world.network.counted().lrr_accepted >= accepted).then_some(())
    };
    until("the network's gateway takes the report", told).await;
}

/// This is a report about somebody there.
pub(crate) fn reported(report: &SvcResult, request_id: &str, person: &Person, latitude: f64) {
    assert_eq!((report.element.as_str(), report.request_id.as_deref()), ("tlrep", Some(request_id)));
    let [position] = &report.positions[..] else { panic!("{report:?}") };
    assert_eq!((position.trl_trigger.as_deref(), position.result.0), (Some("CHANGE_AREA"), 0), "{report:?}");
    assert_eq!(position.msid.1.expose(), person.msisdn());
    let found = position.lat_deg.unwrap();
    assert!((found - latitude).abs() < 0.01, "reported at {found}, is at {latitude}");
}

/// Type of location, outcome, ground and door of each entry of an operator's log.
pub(crate) async fn entries(world: &World, operator: &str) -> Vec<[String; 4]> {
    let entries = world.entries(operator).await;
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    entries.iter().map(|entry| ["location_type", "outcome", "basis", "via"].map(|key| text(entry, key))).collect()
}

/// The same of the request that is the first in the log, and all other entries: questions apart from it.
pub(crate) async fn of_request(world: &World, operator: &str) -> (Vec<[String; 4]>, Vec<Value>) {
    let all = world.entries(operator).await;
    let told = entries(world, operator).await;
    let first = all[0]["request"].clone();
    let (of_request, apart): (Vec<_>, Vec<_>) =
        all.into_iter().zip(told).partition(|(entry, _)| entry["request"] == first);
    (of_request.into_iter().map(|(_, told)| told).collect(), apart.into_iter().map(|(entry, _)| entry).collect())
}

pub(crate) fn lines<const N: usize>(lines: [[&str; 4]; N]) -> Vec<[String; 4]> {
    lines.iter().map(|line| line.map(str::to_owned)).collect()
}

/// What a counter of a gateway says.
pub(crate) async fn counted(gateway: &Gateway, name: &str, peer: &str, rest: &str) -> u64 {
    let value = gateway.metric(&format!("{name}{{peer=\"{}\",{rest}}}", gateway_name(peer))).await;
    value.round().max(0.0).to_string().parse().unwrap()
}

/// Stops gateways, which must work.
pub(crate) async fn stop<const N: usize>(gateways: [Started; N]) {
    for gateway in gateways {
        gateway.gateway.stop().await;
    }
}
