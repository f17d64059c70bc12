//! A device of pseudonyms in a process of its own, asked over Lid.

use super::process::{self, until};
use serde_json::Value;
use std::path::Path;
use testbed::Laboratory;

/// Where its pseudonyms are at home.
pub(crate) const DEVICE_REALM: &str = "h.gmlc.example";

/// A device of its own: no client, no network, Lid alone.
pub(crate) struct Device {
    directory: tempfile::TempDir,
    pub(crate) child: tokio::process::Child,
    pub(crate) lid: String,
    admin: String,
}

impl Device {
    /// Starts one that takes requests of `CN=gmlc.example.net`.
    pub(crate) async fn start(ours: &Laboratory) -> Self {
        // A provider that another test of this process installed is as good.
        tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let directory = tempfile::Builder::new().prefix("wherefore-pmd-").tempdir().unwrap();
        ours.write(directory.path()).unwrap();
        let free = "listen = '127.0.0.1:0'";
        let text = format!(
            "[roles]\ngmlc = false\nppr = false\npmd = true\n[admin]\n{free}\n[metrics]\n{free}\n[log]\nsegment_mib = 1\n\
             [pmd]\nrealm = '{DEVICE_REALM}'\n[pmd.lid]\n{free}\ncert_file = 'server.pem'\nkey_file = 'server.key'\n\
             ca_file = 'ca.pem'\n[[pmd.lid.peer]]\nname = 'gmlc'\ncertificate_subjects = ['CN=gmlc.example.net']\n\
             allow = ['resolve', 'assign']\n"
        );
        std::fs::write(directory.path().join("wherefore.toml"), text).unwrap();
        let log = directory.path().join("device.log");
        let child = process::command(directory.path())
            .args(["serve", "--config", "wherefore.toml", "--log-format", "json", "--log", "trace"])
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
        let (lid, admin) = (address("lid").await, format!("http://{}", address("admin").await));
        Self { directory, child, lid, admin }
    }

    /// Its directory.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where it is, for a gateway with the certificates of `ours` at these places.
    pub(crate) fn remote(&self, cert_file: &str, key_file: &str, ca_file: &str) -> String {
        let port = self.lid.rsplit(':').next().unwrap();
        format!(
            "[pmd.remote]\nurl = 'https://localhost:{port}'\ncert_file = '{cert_file}'\nkey_file = '{key_file}'\nca_file = '{ca_file}'\n"
        )
    }

    /// The line of a command that must succeed.
    pub(crate) async fn does(&self, line: &[&str]) -> String {
        let api = ["--admin", &self.admin, "--token-file", "admin.token"];
        process::ok(self.directory.path(), &[line, &api[..]].concat()).await
    }
}
