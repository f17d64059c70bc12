//! freeDiameter (Debian packages `freediameterd` and `freediameter-extensions`) as a relay agent (RFC 6733 section 2.8.1).

use super::{Running, free_port, program};
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use testbed::Laboratory;

/// Identity of the relay.
pub const HOST: &str = "dra.test";
/// Its realm: none of those that it relays to.
pub const REALM: &str = "test";

const EXTENSIONS: &str = "/usr/lib/freeDiameter";

/// What is missing to run it.
pub fn missing() -> Option<&'static str> {
    if program("freeDiameterd").is_none() {
        return Some("freeDiameterd (Debian package freediameterd)");
    }
    let extensions = ["acl_wl.fdx", "dbg_msg_dumps.fdx"];
    let there = extensions.iter().all(|name| Path::new(EXTENSIONS).join(name).is_file());
    (!there).then_some("the extensions of freeDiameter (Debian package freediameter-extensions)")
}

/// A relay that runs.
pub struct Relay {
    pub running: Running,
    pub address: SocketAddr,
    // Its configuration, for as long as it runs.
    _folder: tempfile::TempDir,
}

impl Relay {
    /// Starts a relay that connects to `peers` by name and address, and lets every peer of `.test` and of the test network
    /// connect. Waits until it listens.
    pub fn start(peers: &[(&str, &str, SocketAddr)]) -> Self {
        Self::with_watchdog(30, peers)
    }

    /// As [`Relay::start`], with so many seconds of silence before a watchdog.
    pub fn with_watchdog(tw_s: u32, peers: &[(&str, &str, SocketAddr)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        std::fs::write(folder.path().join("fd.conf"), configuration(folder.path(), port, tw_s, peers)).unwrap();
        std::fs::write(folder.path().join("acl.conf"), "ALLOW_IPSEC *.test *.3gppnetwork.org\n").unwrap();
        Laboratory::new(&[HOST], "client").unwrap().write(folder.path()).unwrap();
        let mut command = Command::new(program("freeDiameterd").unwrap());
        let mut running = Running::start(command.arg("-c").arg(folder.path().join("fd.conf")));
        running.line("daemon initialized");
        Self { running, address: SocketAddr::from(([127, 0, 0, 1], port)), _folder: folder }
    }
}

impl Relay {
    /// Waits until both the node and the relay have their connection open: the relay tells it a moment after its CEA.
    pub async fn opened(&mut self, node: &transport::Node) {
        tokio::time::timeout(super::PATIENCE, node.wait_usable(1)).await.expect("the relay takes the node");
        self.running.line(&format!("-> 'STATE_OPEN'\t'{}'", node.origin_host()));
    }

    /// Waits for a message of this name that it sends to a peer (`SND to`) or receives from it (`RCV from`), as it prints it:
    /// read by its own dictionary.
    pub fn message(&mut self, direction: &str, peer: &str, name: &str) {
        loop {
            self.running.line(&format!("{direction} '{peer}'"));
            if self.running.line("").contains(&format!("'{name}'")) {
                return;
            }
        }
    }
}

/// Certificates are asked for also where no connection uses TLS. The relay listens on every address, because it passes
/// over loopback when it is told where to listen.
fn configuration(folder: &Path, port: u16, tw_s: u32, peers: &[(&str, &str, SocketAddr)]) -> String {
    let folder = folder.display();
    let mut text = format!(
        "Identity = \"{HOST}\";\nRealm = \"{REALM}\";\nPort = {port};\nSecPort = 0;\nNo_SCTP;\nNo_IPv6;\n\
         TwTimer = {tw_s};\nTcTimer = 1;\n\
         TLS_Cred = \"{folder}/server.pem\", \"{folder}/server.key\";\nTLS_CA = \"{folder}/ca.pem\";\n\
         LoadExtension = \"{EXTENSIONS}/acl_wl.fdx\" : \"{folder}/acl.conf\";\n\
         LoadExtension = \"{EXTENSIONS}/dbg_msg_dumps.fdx\" : \"0x0080\";\n"
    );
    for (host, realm, address) in peers {
        let (ip, port) = (address.ip(), address.port());
        writeln!(
            text,
            "ConnectPeer = \"{host}\" {{ ConnectTo = \"{ip}\"; Port = {port}; No_TLS; Realm = \"{realm}\"; }};"
        )
        .unwrap();
    }
    text
}
