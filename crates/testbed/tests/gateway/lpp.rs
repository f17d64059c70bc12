//! A register of privacy profiles in a process of its own, and a gateway that asks it over Lpp: the real programs, real sockets, a
//! simulated network. Whoever can reach the gateway's directory finds no profile in it.

use super::{
    ask::{about, ask, result},
    lab::{CLIENT, CLOSED, Lab, client_record, who},
    process::{self, until},
};
use reqwest::Method;
use serde_json::{Value, json};
use testbed::Laboratory;

/// Result 202 of MLP 3.5 table 126: not allowed.
const NOT_ALLOWED: u16 = 202;
const FREE: &str = "listen = '127.0.0.1:0'";

/// A register of its own: no client, no network.
struct Register {
    directory: tempfile::TempDir,
    child: tokio::process::Child,
    lpp: String,
    admin: String,
}

impl Register {
    async fn start(ours: &Laboratory) -> Self {
        // A provider that another test of this process installed is as good.
        tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let directory = tempfile::Builder::new().prefix("wherefore-ppr-").tempdir().unwrap();
        ours.write(directory.path()).unwrap();
        Self::again(directory, "127.0.0.1:0").await
    }

    async fn again(directory: tempfile::TempDir, listen: &str) -> Self {
        let text = format!(
            "[roles]\ngmlc = false\n[admin]\n{FREE}\n[metrics]\n{FREE}\n[log]\nsegment_mib = 1\n\
             [ppr.lpp]\nlisten = '{listen}'\ncert_file = 'server.pem'\nkey_file = 'server.key'\nca_file = 'ca.pem'\n\
             [[ppr.lpp.peer]]\nname = 'gmlc'\ncertificate_subjects = ['CN=gmlc.example.net']\n\
             allow = ['authorise', 'salts']\n"
        );
        std::fs::write(directory.path().join("wherefore.toml"), text).unwrap();
        let log = directory.path().join("register.log");
        let child = process::command(directory.path())
            .args(["serve", "--config", "wherefore.toml", "--log-format", "json"])
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let address = async |what: &str| {
            until(what, async || {
                let text = std::fs::read_to_string(&log).unwrap();
                let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
                let line = lines.into_iter().find(|line| line["fields"]["message"] == format!("{what} ready"))?;
                line["fields"]["address"].as_str().map(str::to_owned)
            })
            .await
        };
        let (lpp, admin) = (address("lpp").await, format!("http://{}", address("admin").await));
        Self { directory, child, lpp, admin }
    }

    /// A change through its own admin API.
    async fn change(&self, method: Method, path: &str, subscriber: &str, body: Option<&Value>) {
        let token = std::fs::read_to_string(self.directory.path().join("admin.token")).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = http.request(method, format!("{}{path}", self.admin));
        request = request.bearer_auth(token.trim()).header("Subscriber", subscriber);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{status} {}", answer.text().await.unwrap());
    }

    async fn profile(&self, number: u32, profile: &Value) {
        let both = format!("{},imsi:00101000000{number:04}", who(number));
        self.change(Method::PUT, "/v1/subscriber", &both, Some(profile)).await;
    }
}

fn gateway_sections(port: &str, certificate: &str) -> String {
    format!(
        "[roles]\nppr = false\n[ppr.remote]\nurl = 'https://localhost:{port}'\ncert_file = '{certificate}.pem'\n\
         key_file = '{certificate}.key'\nca_file = 'ca.pem'\ntimeout_ms = 5000\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_a_register_asks_the_one_that_has_it() {
    let ours = Laboratory::new(&[], "gmlc.example.net").unwrap();
    let mut register = Register::start(&ours).await;
    let port = register.lpp.rsplit(':').next().unwrap().to_owned();
    register.profile(1, &json!({"universal": true})).await;
    register.profile(CLOSED, &json!({})).await;
    let anywhere = |effect: &str| {
        let circle = json!({"circle": {"lat": 52.52, "lon": 13.405, "radius_m": 5000.0}});
        let rules = json!([{"area": circle, "when": "inside", "effect": effect}]);
        json!({"universal": true, "conditions": {"areas": rules}})
    };
    register.profile(2, &anywhere("refuse")).await;
    register.profile(3, &anywhere("allow")).await;

    let lab = Lab::new(&gateway_sections(&port, "client")).await;
    ours.write(lab.path()).unwrap();
    process::ok(lab.path(), &["init", "."]).await;
    let gateway = lab.start().await;
    let secret = gateway.client(CLIENT, client_record(CLIENT)).await;
    let mlp = gateway.doors.mlp;
    let asks = async |number: u32| result(&ask(mlp, &about(&secret, &[number])).await);
    // Allowed, barred, unknown to the register, and by where the subscriber is.
    for (number, expected) in [(1, 0), (CLOSED, NOT_ALLOWED), (4, NOT_ALLOWED), (2, NOT_ALLOWED), (3, 0)] {
        assert_eq!(asks(number).await, expected, "{number}");
    }
    // The gateway says that nothing about subscribers is here.
    let both = who(1);
    let (status, _) = gateway.admin(Method::GET, "/v1/subscriber", Some(&both), None).await;
    assert_eq!(status.as_u16(), 409);

    // A change takes effect with the next request.
    register.change(Method::POST, "/v1/subscriber/opt-out", &who(1), None).await;
    assert_eq!(asks(1).await, NOT_ALLOWED);
    register.profile(4, &json!({"universal": true})).await;
    assert_eq!(asks(4).await, 0);
    let told = "wherefore_lpp_requests_total{operation=\"profile-updates\",outcome=\"done\"}";
    until("the changes are told", async || (gateway.metric(told).await > 1.5).then_some(())).await;

    // Killed, nobody is located; back again, as ever.
    register.child.kill().await.unwrap();
    assert_eq!(asks(4).await, NOT_ALLOWED);
    let Register { directory, lpp, .. } = register;
    let mut register = Register::again(directory, &lpp).await;
    assert_eq!(asks(4).await, 0);
    assert_eq!(asks(1).await, NOT_ALLOWED);
    register.child.kill().await.unwrap();
    gateway.stop().await;
    // Every end is in the log of the gateway; those that the register answered are sealed for their subscribers.
    let operators: Vec<Value> = lab.entries().await;
    assert!(operators.iter().any(|entry| entry["rule"] == "ppr-answer"), "{operators:?}");
    lab.verified().await;
}
