//! `[smsc]`: the centre through which short messages go to phones and come from them (TS 23.271 Annex F; `docs/annex-f.md`).

use super::Secret;
use super::check::{Findings, is_host_port};
use crate::forms::Number;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `[smsc]`: this gateway as a client (ESME) of an SMS centre, SMPP 3.4. Off unless `address` is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smsc {
    /// The SMS centre, host and port. Default none: no short messages.
    pub address: Option<String>,
    /// Authorities that sign the certificate of the centre, PEM; where set, it is spoken to over TLS. Whoever controls one reads and
    /// writes all messages. Default none.
    pub ca_file: Option<PathBuf>,
    /// The system_id with which this gateway binds, at most 15 characters. No default: needed with `address`.
    pub system_id: String,
    /// File with the password of that, at most 8 characters. Default none: no password, unless `password_env` is set.
    pub password_file: Option<PathBuf>,
    /// Environment variable with the password, used before the file. Default none.
    pub password_env: Option<String>,
    /// system_type of the bind, at most 12 characters. Default empty.
    pub system_type: String,
    /// service_type of what is submitted, at most 5 characters. Default empty.
    pub service_type: String,
    /// How to bind. Default `transceiver`.
    pub bind: SmscBind,
    /// The number under which phones reach this gateway (the H-GMLC address of Annex F). Default none: `gateway.gmlc_number`.
    pub number: Option<Number>,
    /// Numbering plan of that (SMPP 3.4 section 5.2.6). Default 1, E.164.
    pub number_plan: u8,
    /// Longest PDU, octets; a longer one ends the session. Default 8192.
    pub pdu_limit_bytes: u32,
    /// Submissions under way at once. Default 10.
    pub window: usize,
    /// Submissions per second. Default 20.
    pub submissions_per_s: u32,
    /// Submissions that may wait; more fail at once. Default 10000.
    pub queue: usize,
    /// For how long one may wait for a session, a place and a centre that throttles, s. Default 30.
    pub patience_s: u64,
    /// Longest time for a connection and the answer to a bind, ms. Default 5000.
    pub bind_timeout_ms: u64,
    /// Longest time for the answer to a request, and for the centre to take what is sent, ms. Default 10000.
    pub response_timeout_ms: u64,
    /// After how long a silent centre is asked whether it is there, s. Default 30.
    pub enquire_link_s: u64,
    /// Wait before the second try to bind, ms; doubles with every further one. Default 1000.
    pub reconnect_first_ms: u64,
    /// Longest wait between tries to bind, s. Default 60.
    pub reconnect_longest_s: u64,
    /// Pause of submissions when the centre throttles, ms; doubles each time until one is taken. Default 500.
    pub throttle_first_ms: u64,
    /// Longest such pause, s. Default 10.
    pub throttle_longest_s: u64,
    /// How the text of a receipt writes the name of its message beside the answer. Default `as_answered`.
    pub receipt_ids: ReceiptIds,
    /// Network error codes of receipts that mean a full phone or card. Default 22, 208, 211: RP-Cause 22 (TS 24.011 clause 8.2.5.4),
    /// TP-FCS D0 and D3 (TS 23.040 clause 9.2.3.22).
    pub memory_full_errors: Vec<u16>,
}

/// How to bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmscBind {
    /// One session for both ways.
    Transceiver,
    /// A session for each.
    TransmitterAndReceiver,
}

/// How a centre writes the name of a message in the text of its receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptIds {
    /// As in its answer.
    AsAnswered,
    /// In decimal, while the answer has hexadecimal.
    Decimal,
    /// In hexadecimal, while the answer has decimal.
    Hexadecimal,
}

impl Default for Smsc {
    fn default() -> Self {
        Self {
            address: None,
            ca_file: None,
            system_id: String::new(),
            password_file: None,
            password_env: None,
            system_type: String::new(),
            service_type: String::new(),
            bind: SmscBind::Transceiver,
            number: None,
            number_plan: 1,
            pdu_limit_bytes: 8192,
            window: 10,
            submissions_per_s: 20,
            queue: 10_000,
            patience_s: 30,
            bind_timeout_ms: 5000,
            response_timeout_ms: 10_000,
            enquire_link_s: 30,
            reconnect_first_ms: 1000,
            reconnect_longest_s: 60,
            throttle_first_ms: 500,
            throttle_longest_s: 10,
            receipt_ids: ReceiptIds::AsAnswered,
            memory_full_errors: vec![22, 208, 211],
        }
    }
}

impl Smsc {
    /// Where the password comes from, if there is one.
    #[must_use]
    pub fn password(&self) -> Option<Secret<'_>> {
        let (file, env) = (self.password_file.as_deref(), self.password_env.as_deref());
        (file.is_some() || env.is_some()).then(|| Secret { file: file.unwrap_or(Path::new("")), env })
    }

    pub(super) fn files(&mut self) -> [&mut Option<PathBuf>; 2] {
        [&mut self.ca_file, &mut self.password_file]
    }

    /// `own`: the number of the gateway, where it has one.
    pub(super) fn problems(&self, own: Option<Number>, found: &mut Findings) {
        let on = self.address.is_some();
        let reachable = self.address.as_deref().is_none_or(is_host_port);
        found.unless(reachable, "smsc.address", "not host:port", "write it as \"smsc.example.net:2775\"");
        let written = |text: &str, most| text.len() <= most && text.bytes().all(|octet| octet.is_ascii_graphic());
        let named = written(&self.system_id, 15) && (!on || !self.system_id.is_empty());
        found.unless(named, "smsc.system_id", "not a system_id", "give 1 to 15 characters");
        found.unless(written(&self.system_type, 12), "smsc.system_type", "too long", "give at most 12 characters");
        found.unless(written(&self.service_type, 5), "smsc.service_type", "too long", "give at most 5 characters");
        let what = "missing, and so is gateway.gmlc_number";
        let remedy = "give the number under which phones reach this gateway";
        found.unless(!on || self.number.or(own).is_some(), "smsc.number", what, remedy);
        found.file("smsc.ca_file", self.ca_file.as_deref());
        if self.password_env.is_none() {
            found.file("smsc.password_file", self.password_file.as_deref());
        }
        found.range("smsc.number_plan", self.number_plan.into(), 0, 18);
        found.range("smsc.pdu_limit_bytes", self.pdu_limit_bytes.into(), 1024, 1 << 20);
        found.range("smsc.window", self.window as u64, 1, 1024);
        found.range("smsc.submissions_per_s", self.submissions_per_s.into(), 1, 100_000);
        found.range("smsc.queue", self.queue as u64, 1, 1_000_000);
        found.range("smsc.patience_s", self.patience_s, 1, 3600);
        found.range("smsc.bind_timeout_ms", self.bind_timeout_ms, 100, 60_000);
        found.range("smsc.response_timeout_ms", self.response_timeout_ms, 100, 600_000);
        found.range("smsc.enquire_link_s", self.enquire_link_s, 1, 3600);
        found.range("smsc.reconnect_first_ms", self.reconnect_first_ms, 10, 600_000);
        found.range("smsc.reconnect_longest_s", self.reconnect_longest_s, 1, 3600);
        found.range("smsc.throttle_first_ms", self.throttle_first_ms, 10, 60_000);
        found.range("smsc.throttle_longest_s", self.throttle_longest_s, 1, 600);
    }
}
