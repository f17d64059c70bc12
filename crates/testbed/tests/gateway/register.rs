//! A register of privacy profiles in a process of its own, asked over Lpp.

use super::process::{self, until};
use reqwest::Method;
use serde_json::Value;
use testbed::Laboratory;

const FREE: &str = "listen = '127.0.0.1:0'";

/// A register of its own: no client, no network.
pub(crate) struct Register {
    directory: tempfile::TempDir,
    pub(crate) child: tokio::process::Child,
    lpp: String,
    admin: String,
}

impl Register {
    /// Starts one that serves a gateway with the certificate `CN=gmlc.example.net`.
    pub(crate) async fn start(ours: &Laboratory) -> Self {
        // A provider that another test of this process installed is as good.
        tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let directory = tempfile::Builder::new().prefix("wherefore-ppr-").tempdir().unwrap();
        ours.write(directory.path()).unwrap();
        Self::at(directory, "127.0.0.1:0").await
    }

    /// The same after its process ended, at the same place.
    pub(crate) async fn again(self) -> Self {
        let Self { directory, lpp, .. } = self;
        Self::at(directory, &lpp).await
    }

    async fn at(directory: tempfile::TempDir, listen: &str) -> Self {
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

    /// The section of a gateway that asks it, with the files of its laboratory beside the configuration.
    pub(crate) fn remote(&self) -> String {
        let port = self.lpp.rsplit(':').next().unwrap();
        format!(
            "[ppr.remote]\nurl = 'https://localhost:{port}'\ncert_file = 'client.pem'\nkey_file = 'client.key'\n\
             ca_file = 'ca.pem'\ntimeout_ms = 5000\n"
        )
    }

    /// A change through its own admin API.
    pub(crate) async fn change(&self, method: Method, path: &str, subscriber: &str, body: Option<&Value>) {
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
}
