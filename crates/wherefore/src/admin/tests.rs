use super::*;
use crate::clients::Registry;
use crate::config;
use crate::store::Store;
use lcs::Address;
use privacy::{HomeNetwork, Policy, Ppr, Register};
use reqwest::{Method, StatusCode as Status};
use serde_json::{Value, json};
use std::net::SocketAddr;

const TOKEN: &str = "the token of this test";
const MSISDN: &str = "msisdn:491701234567";

struct Idle(Arc<Register>);

impl Operations for Idle {
    fn ppr(&self) -> Ppr {
        let home = HomeNetwork { country_codes: Vec::new(), realms: Vec::new(), node_numbers: Vec::new() };
        Ppr::new(Arc::clone(&self.0), Policy::new(home))
    }

    fn gmlc(&self) -> Option<Address> {
        Address::international("4900000001").ok()
    }

    fn overrides(&self, client_type: lcs::LcsClientType) -> bool {
        client_type == lcs::LcsClientType::Emergency
    }

    fn home_registers(&self) -> Option<Arc<crate::slpp::HomeRegisters>> {
        None
    }

    fn peers(&self) -> Vec<PeerView> {
        vec![PeerView {
            host: "hss.example.net".into(),
            realm: "example.net".into(),
            role: "hss".into(),
            state: "open".into(),
            usable: true,
            outstanding: 0,
        }]
    }

    fn log_head(&self) -> Option<LogHead> {
        None
    }

    fn hindrances(&self) -> Vec<String> {
        vec!["no HSS".into()]
    }
}

/// A served API, and a client without proxies.
struct Served {
    address: SocketAddr,
    client: reqwest::Client,
    directory: Arc<Directory>,
    _dir: tempfile::TempDir,
}

async fn serve() -> Served {
    // Harmless when another test has done it.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let dir = tempfile::tempdir().unwrap();
    let settings =
        config::Store { path: dir.path().join("w.db"), key_file: dir.path().join("w.key"), ..config::Store::default() };
    let store = Arc::new(Store::open(&settings).await.unwrap());
    let registry = Registry::new(&config::Limits::default(), &config::Cache::default()).unwrap();
    let register = Arc::new(Register::new());
    let directory = Arc::new(Directory::new(store, Arc::clone(&register), Arc::new(registry), false));
    let router = router(Arc::clone(&directory), Arc::new(Idle(register)), Token::new(TOKEN), 4096);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    Served { address, client, directory, _dir: dir }
}

impl Served {
    fn plain(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.plain(method, path).bearer_auth(TOKEN)
    }

    fn subscriber(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.request(method, path).header("Subscriber", MSISDN)
    }
}

/// Status and JSON of an answer.
async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    if !status.is_success() && status != Status::SERVICE_UNAVAILABLE {
        assert_eq!(kind.as_deref(), Some("application/problem+json"));
    }
    let text = response.text().await.unwrap();
    (status.as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn fleet() -> Value {
    json!({"id": "fleet", "client_type": "value_added", "name": {"text": "Fleet"},
           "external_identities": [{"number": "+4930123456"}]})
}

/// Every method and path of the document, with path parameters filled in.
fn routes_of(document: &Value) -> Vec<(Method, String)> {
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            routes.push((method, path.replace("{id}", "fleet").replace("{plmn}", "262-01")));
        }
    }
    routes
}

#[tokio::test]
async fn the_document_lists_every_route_and_each_answers() {
    let served = serve().await;
    let (status, document) = answer(served.plain(Method::GET, "/openapi.json")).await;
    assert_eq!(status, 200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let mut paths: Vec<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
    paths.sort();
    let expected = [
        "/health",
        "/ready",
        "/v1/areas/reload",
        "/v1/clients",
        "/v1/clients/{id}",
        "/v1/clients/{id}/secret",
        "/v1/consent",
        "/v1/consent/am-data/{plmn}",
        "/v1/consent/decision",
        "/v1/consent/erase",
        "/v1/consent/exclusion",
        "/v1/consent/export",
        "/v1/consent/import",
        "/v1/consent/informed",
        "/v1/consent/lift",
        "/v1/consent/link",
        "/v1/consent/notices",
        "/v1/consent/opt-out",
        "/v1/consent/pause",
        "/v1/consent/receipt",
        "/v1/consent/resume",
        "/v1/consent/subscription-data/{plmn}",
        "/v1/consent/unlink",
        "/v1/deferred",
        "/v1/deferred/cancel",
        "/v1/deferred/pause",
        "/v1/deferred/resume",
        "/v1/explain",
        "/v1/log/head",
        "/v1/mdt/bins",
        "/v1/mdt/consent-reference",
        "/v1/mdt/erase",
        "/v1/mdt/export",
        "/v1/mdt/import",
        "/v1/mdt/jobs",
        "/v1/mdt/jobs/stop",
        "/v1/mdt/keys",
        "/v1/mdt/selection",
        "/v1/mdt/subject",
        "/v1/peers",
        "/v1/pseudonyms/assign",
        "/v1/pseudonyms/resolve",
        "/v1/pseudonyms/revoke",
        "/v1/pull/terminals",
        "/v1/subscriber",
        "/v1/subscriber/opt-in",
        "/v1/subscriber/opt-out",
        "/v1/subscriber/pause",
        "/v1/subscriber/resume",
        "/v1/subscriber/slpp",
        "/v1/subscribers",
        "/v1/usim/card",
        "/v1/usim/cards",
    ];
    assert_eq!(paths, expected);
    let routes = routes_of(&document);
    assert_eq!(routes.len(), 64);
    for (method, path) in routes {
        let response = served.request(method.clone(), &path).send().await.unwrap();
        assert_ne!(response.status(), Status::METHOD_NOT_ALLOWED, "{method} {path}");
        let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default();
        assert_ne!(body["title"], "no such route", "{method} {path}");
    }
    // Every reference in the document leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(&format!("/{reference}")).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn every_guarded_route_refuses_without_the_token() {
    let served = serve().await;
    let document = serde_json::to_value(openapi()).unwrap();
    for (method, path) in routes_of(&document) {
        let open = path == "/health" || path == "/ready";
        let requests = [
            served.plain(method.clone(), &path),
            served.plain(method.clone(), &path).bearer_auth("another token"),
            served.plain(method.clone(), &path).bearer_auth(&TOKEN[..TOKEN.len() - 1]),
            served.plain(method.clone(), &path).bearer_auth(""),
            served.plain(method.clone(), &path).header("Authorization", TOKEN),
            served.plain(method.clone(), &path).basic_auth(TOKEN, Some(TOKEN)),
        ];
        for request in requests {
            let response = request.send().await.unwrap();
            assert_eq!(response.status() == Status::UNAUTHORIZED, !open, "{method} {path}");
            assert_eq!(response.headers().contains_key("www-authenticate"), !open);
        }
    }
    let (status, problem) = answer(served.plain(Method::GET, "/v1/clients")).await;
    assert_eq!((status, problem["status"].as_u64()), (401, Some(401)));
    assert!(problem["detail"].as_str().unwrap().contains("admin.token_file"));
}

#[tokio::test]
async fn a_client_is_added_changed_given_a_secret_and_removed() {
    let served = serve().await;
    let (status, view) = answer(served.request(Method::PUT, "/v1/clients/fleet").json(&fleet())).await;
    assert_eq!((status, &view["version"], &view["has_secret"]), (201, &json!(1), &json!(false)));
    let (status, view) = answer(served.request(Method::POST, "/v1/clients/fleet/secret").json(&json!({}))).await;
    assert_eq!(status, 200);
    let secret = view["secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 64);
    let authenticated =
        served.directory.registry().authenticate("fleet", crate::clients::Credential::Secret(&secret)).await;
    assert!(authenticated.is_ok());
    let (_, view) = answer(served.request(Method::GET, "/v1/clients/fleet")).await;
    assert_eq!((&view["version"], &view["has_secret"]), (&json!(2), &json!(true)));
    assert!(!view.to_string().contains("argon2"));
    let response = served.request(Method::GET, "/v1/clients/fleet").send().await.unwrap();
    assert_eq!(response.headers()["etag"], "\"2\"");

    let stale = served.request(Method::PUT, "/v1/clients/fleet").header("If-Match", "\"1\"").json(&fleet());
    assert_eq!(answer(stale).await.0, 412);
    let new_only = served.request(Method::PUT, "/v1/clients/fleet").header("If-None-Match", "*").json(&fleet());
    assert_eq!(answer(new_only).await.0, 412);
    let current = served.request(Method::PUT, "/v1/clients/fleet").header("If-Match", "\"2\"").json(&fleet());
    assert_eq!(answer(current).await.0, 200);
    let odd = served.request(Method::PUT, "/v1/clients/fleet").header("If-Match", "2").json(&fleet());
    assert_eq!(answer(odd).await.0, 400);

    let short = served.request(Method::POST, "/v1/clients/fleet/secret").json(&json!({"secret": "short"}));
    assert_eq!(answer(short).await.0, 422);
    let both = json!({"secret": "long enough to be a secret", "remove": true});
    assert_eq!(answer(served.request(Method::POST, "/v1/clients/fleet/secret").json(&both)).await.0, 422);
    let nobody = served.request(Method::POST, "/v1/clients/nobody/secret").json(&json!({}));
    assert_eq!(answer(nobody).await.0, 404);
    let (_, list) = answer(served.request(Method::GET, "/v1/clients")).await;
    assert_eq!(list["clients"].as_array().unwrap().len(), 1);
    assert_eq!(answer(served.request(Method::DELETE, "/v1/clients/fleet")).await.0, 204);
    assert_eq!(answer(served.request(Method::DELETE, "/v1/clients/fleet")).await.0, 404);
    assert_eq!(answer(served.request(Method::GET, "/v1/clients/fleet")).await.0, 404);
}

#[tokio::test]
async fn bodies_that_are_wrong_are_told_so_without_their_values() {
    let served = serve().await;
    let put = || served.request(Method::PUT, "/v1/clients/fleet");
    let typed = |body: &str| put().header("Content-Type", "application/json").body(body.to_owned());
    let (status, problem) = answer(typed("{\"id\": ")).await;
    assert_eq!((status, problem["title"].as_str()), (400, Some("malformed JSON")));
    let (status, problem) = answer(typed("{} {}")).await;
    assert_eq!(status, 422, "{problem}");
    let mut unknown = fleet();
    unknown["colour"] = json!("red");
    let (status, problem) = answer(put().json(&unknown)).await;
    assert_eq!(status, 422);
    assert!(problem["detail"].as_str().unwrap().contains("unknown field `colour`"));
    let mut wrong = fleet();
    wrong["targets"] = json!(["491701234567"]);
    let (status, problem) = answer(put().json(&wrong)).await;
    assert_eq!(status, 422);
    assert!(!problem.to_string().contains("49170"), "{problem}");
    let wrong = put().json(&json!({"id": 491_701_234_567_u64}));
    assert!(!answer(wrong).await.1.to_string().contains("49170"));
    let mut unsound = fleet();
    unsound["name"] = json!(null);
    unsound["override_capability"] = json!(true);
    let (status, problem) = answer(put().json(&unsound)).await;
    assert_eq!((status, problem["errors"].as_array().unwrap().len()), (422, 2));
    let mut other = fleet();
    other["id"] = json!("other");
    assert_eq!(answer(put().json(&other)).await.1["errors"][0]["at"], "id");
    assert_eq!(answer(put().body("{}")).await.0, 415);
    assert_eq!(answer(typed(&" ".repeat(5000))).await.0, 413);
    assert_eq!(answer(served.request(Method::GET, "/v1/nowhere")).await.0, 404);
    assert_eq!(answer(served.request(Method::POST, "/v1/clients")).await.0, 405);
    assert!(served.directory.registry().all().is_empty());
}

#[tokio::test]
async fn a_subscriber_is_written_paused_opted_out_and_erased() {
    let served = serve().await;
    let profile = json!({"unrelated": {"clients": [{"number": "+4930123456", "setting": "notify"}]}});
    assert_eq!(answer(served.subscriber(Method::GET, "/v1/subscriber")).await.0, 404);
    assert_eq!(answer(served.subscriber(Method::POST, "/v1/subscriber/resume")).await.0, 404);
    let (status, view) = answer(served.subscriber(Method::PUT, "/v1/subscriber").json(&profile)).await;
    assert_eq!((status, &view["version"]), (200, &json!(1)));
    assert_eq!(answer(served.request(Method::GET, "/v1/subscribers")).await.1, json!({"subscribers": 1}));

    let pause = |body: Value| served.subscriber(Method::POST, "/v1/subscriber/pause").json(&body);
    assert_eq!(answer(pause(json!({}))).await.0, 422);
    assert_eq!(answer(pause(json!({"for_s": 0}))).await.0, 422);
    assert_eq!(answer(pause(json!({"for_s": 1, "until": "2030-01-31T18:00:00Z"}))).await.0, 422);
    let (status, view) = answer(pause(json!({"until": "2030-01-31T18:00:00Z"}))).await;
    assert_eq!((status, &view["profile"]["standing"]["paused_until"]), (200, &json!("2030-01-31T18:00:00Z")));
    assert_eq!(answer(pause(json!({"for_s": 3600}))).await.0, 200);
    let (_, view) = answer(served.subscriber(Method::POST, "/v1/subscriber/resume")).await;
    assert_eq!(view["profile"]["standing"]["paused_until"], json!(null));
    let patch = json!({"switched_off": true, "utc_offset_min": 60});
    let (_, view) = answer(served.subscriber(Method::PATCH, "/v1/subscriber").json(&patch)).await;
    assert_eq!(
        (&view["profile"]["standing"]["switched_off"], &view["profile"]["unrelated"]["clients"][0]["setting"]),
        (&json!(true), &json!("notify"))
    );

    // Written anew, or imported again, it leaves what the subscriber switched off.
    let (_, view) = answer(served.subscriber(Method::PUT, "/v1/subscriber").json(&profile)).await;
    assert_eq!(view["profile"]["standing"]["switched_off"], json!(true));
    let mut whole = profile.clone();
    whole["standing"] = json!({"switched_off": false});
    let (_, view) = answer(served.subscriber(Method::PUT, "/v1/subscriber").json(&whole)).await;
    assert_eq!(view["profile"]["standing"]["switched_off"], json!(false));

    assert_eq!(answer(served.subscriber(Method::POST, "/v1/subscriber/opt-out")).await.0, 200);
    let (status, problem) = answer(served.subscriber(Method::PUT, "/v1/subscriber").json(&profile)).await;
    assert_eq!((status, problem["title"].as_str()), (409, Some("opted out for good")));
    let undo = served.subscriber(Method::PATCH, "/v1/subscriber").json(&json!({"opted_out": false}));
    assert_eq!(answer(undo).await.0, 409);
    let opt_in = |demanded: bool| {
        served.subscriber(Method::POST, "/v1/subscriber/opt-in").json(&json!({"demanded_by_subscriber": demanded}))
    };
    assert_eq!(answer(opt_in(false)).await.0, 409);
    let (status, view) = answer(opt_in(true)).await;
    assert_eq!((status, &view["profile"]["standing"]["opted_out"]), (200, &json!(false)));

    for _ in 0..2 {
        assert_eq!(answer(served.subscriber(Method::DELETE, "/v1/subscriber")).await.0, 204);
    }
    assert_eq!(answer(served.request(Method::GET, "/v1/subscribers")).await.1, json!({"subscribers": 0}));
}

#[tokio::test]
async fn a_subscriber_is_named_in_the_header_alone() {
    let served = serve().await;
    let with = |text: &str| served.request(Method::GET, "/v1/subscriber").header("Subscriber", text);
    for text in [
        "491701234567",
        "msisdn:",
        "msisdn:1;2",
        "imsi:12",
        "msisdn:491701234567,msisdn:491701234568",
        "imei:123456789012345",
    ] {
        let (status, problem) = answer(with(text)).await;
        assert_eq!(status, 400, "{text}");
        assert!(!problem.to_string().contains("4917"), "{problem}");
    }
    assert_eq!(answer(served.request(Method::GET, "/v1/subscriber")).await.0, 400);
    for text in ["msisdn:+491701234567", "imsi:001010000000001", "imsi:001010000000001, msisdn:491701234567"] {
        assert_eq!(answer(with(text)).await.0, 404, "{text}");
    }
    let (status, problem) =
        answer(served.subscriber(Method::PUT, "/v1/subscriber").json(&json!({"unrelated": {"not_listed": "allowed"}})))
            .await;
    assert_eq!((status, problem["title"].as_str()), (422, Some("profile not sound")));
}

#[tokio::test]
async fn the_dry_run_names_the_rule_that_decides() {
    let served = serve().await;
    answer(served.request(Method::PUT, "/v1/clients/fleet").json(&fleet())).await;
    let explain = |more: Value| {
        let mut body = json!({"client": "fleet", "target": MSISDN});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        served.request(Method::POST, "/v1/explain").json(&body)
    };
    let (status, view) = answer(explain(json!({}))).await;
    assert_eq!((status, &view["allowed"], &view["decided_by"]), (200, &json!(false), &json!("profile-known")));
    let profile = json!({"unrelated": {"clients": [{"number": "+4930123456", "setting": "notify"}]},
                         "codewords": {"check": "network", "words": ["sesame"]}});
    answer(served.subscriber(Method::PUT, "/v1/subscriber").json(&profile)).await;
    let (_, view) = answer(explain(json!({"codeword": "wrong"}))).await;
    assert_eq!((&view["allowed"], &view["decided_by"]), (&json!(false), &json!("codeword")));
    let (_, view) = answer(explain(json!({"codeword": "sesame"}))).await;
    assert_eq!((&view["allowed"], &view["unrelated"]), (&json!(true), &json!("notify")), "{view}");
    assert!(
        view["steps"].as_array().unwrap().iter().all(|step| step["clause"].as_str().unwrap().starts_with("TS 23.271"))
    );
    assert!(!view.to_string().contains("49170") && !view.to_string().contains("sesame"));
    let (_, view) = answer(explain(json!({"service_id": "none"}))).await;
    assert_eq!(view["decided_by"], "client-record");
    let (_, view) = answer(explain(json!({"apn": "internet"}))).await;
    assert_eq!(view["decided_by"], "client-record");
    // Beyond the list of the client only what hangs on a session of its own.
    let mut listed = fleet();
    listed["targets"] = json!(["msisdn:491700000000"]);
    listed["call_session_identities"] = json!([{"apn": "fleet.example"}]);
    answer(served.request(Method::PUT, "/v1/clients/fleet").json(&listed)).await;
    let (_, view) = answer(explain(json!({"codeword": "sesame"}))).await;
    assert_eq!(view["decided_by"], "client-record");
    let in_session = json!({"codeword": "sesame", "apn": "fleet.example"});
    let (_, view) = answer(explain(in_session.clone())).await;
    assert_eq!((&view["allowed"], &view["decided_by"]), (&json!(false), &json!("least-privacy")), "{view}");
    let mut related = profile.clone();
    related["related"] = json!({"not_listed": "notify"});
    answer(served.subscriber(Method::PUT, "/v1/subscriber").json(&related)).await;
    let (_, view) = answer(explain(in_session)).await;
    assert_eq!((&view["unrelated"], &view["related"]), (&json!("denied"), &json!("notify")), "{view}");

    // An override that the operator did not enable is none.
    for (kind, word) in [("emergency", "privacy-override"), ("lawful_intercept", "client-type")] {
        let client = json!({"id": "other", "client_type": kind, "override_capability": true});
        answer(served.request(Method::PUT, "/v1/clients/other").json(&client)).await;
        let (_, view) = answer(explain(json!({"client": "other"}))).await;
        assert_eq!(view["decided_by"], word, "{view}");
    }
    assert_eq!(answer(explain(json!({"target": "4917"}))).await.0, 422);
    assert_eq!(answer(explain(json!({"apn": "a", "dialled": "+49110"}))).await.0, 422);
    assert_eq!(answer(explain(json!({"client": "nobody"}))).await.0, 404);
    assert_eq!(answer(explain(json!({"colour": "red"}))).await.0, 422);
}

#[tokio::test]
async fn the_system_says_how_it_fares() {
    let served = serve().await;
    assert_eq!(answer(served.plain(Method::GET, "/health")).await, (200, json!("ok\n")));
    assert_eq!(
        answer(served.plain(Method::GET, "/ready")).await,
        (503, json!({"ready": false, "hindrances": ["no HSS"]}))
    );
    let (_, peers) = answer(served.request(Method::GET, "/v1/peers")).await;
    assert_eq!(peers["peers"][0]["state"], "open");
    assert_eq!(answer(served.request(Method::GET, "/v1/log/head")).await.0, 503);
}

#[test]
fn the_examples_of_the_documentation_are_sound_and_its_routes_are_all() {
    let text = include_str!("../../../../docs/admin-api.md");
    let mut examples = text.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let client: crate::clients::ClientRecord = serde_json::from_str(examples.next().unwrap()).unwrap();
    assert_eq!(client.problems(), []);
    let profile: crate::profile::ProfileBody = serde_json::from_str(examples.next().unwrap()).unwrap();
    assert!(profile.compile().is_ok());
    assert_eq!(examples.next(), None);
    let document = serde_json::to_value(openapi()).unwrap();
    for path in document["paths"].as_object().unwrap().keys() {
        let last = format!("/{}", path.rsplit('/').next().unwrap());
        assert!(text.contains(&format!("{path}`")) || text.contains(&format!("`{last}`")), "{path}");
    }
    // Members of a client record, each explained.
    for member in serde_json::to_value(&client).unwrap().as_object().unwrap().keys() {
        assert!(text.contains(&format!("`{member}`")) || member == "id", "{member}");
    }
}
