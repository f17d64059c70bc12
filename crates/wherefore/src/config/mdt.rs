//! `[mdt]`: the collector of MDT logs.

use super::check::Findings;
use super::sections::loopback;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[mdt]`: the role `mdt`, a collector of sealed logs (TS 37.320, TS 32.422; `docs/mdt-collector.md`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mdt {
    /// Address for HTTPS, TLS 1.3 alone. Default `127.0.0.1:9443`.
    pub listen: SocketAddr,
    /// Certificate chain of this collector, PEM. Needed by the role `mdt`; no default.
    pub cert_file: Option<PathBuf>,
    /// Private key of that certificate, PEM. Needed by the role `mdt`; no default.
    pub key_file: Option<PathBuf>,
    /// Authorities that sign phones' certificates, PEM. Default none: no phone is known by a certificate.
    pub client_ca_file: Option<PathBuf>,
    /// SHA-256 of the tokens of phones, a line each, 64 hexadecimal digits. Default none: no phone is known by a token.
    pub tokens_file: Option<PathBuf>,
    /// SHA-256 of the tokens of network elements that send streams of trace records, a line each, 64 hexadecimal digits. Whoever has one
    /// puts rows of running jobs into the store. Default none: no stream is taken.
    pub producer_tokens_file: Option<PathBuf>,
    /// Number of this trace collection entity, 0-255 (TS 32.422 clause 5.10.11): logs for another are refused. Default 1.
    pub entity: u8,
    /// Folder of the store of rows (`docs/mdt-store.md`). Default `mdt`.
    pub dir: PathBuf,
    /// Folder of unfinished uploads, sealed as they came. Default `mdt-spool`.
    pub spool_dir: PathBuf,
    /// Folder of the private keys that logs are sealed to, as `wherefore mdt key create` makes them. Whoever has them and the traffic of
    /// the uploads reads every log. Default `mdt-keys`.
    pub keys_dir: PathBuf,
    /// File with the key that signs receipts, made on first start with mode 0600. Default `mdt-receipt.key`.
    pub receipt_key_file: PathBuf,
    /// File with the key that hides recording sessions, made on first start with mode 0600. Default `mdt-session.key`.
    pub session_key_file: PathBuf,
    /// Phones by model, CSV of type allocation code and number. Default none: every model is taken for a rare one.
    pub models_file: Option<PathBuf>,
    /// Phones that a model must have, so that it is kept of a job that asks for it; 2-1000000000. Default 100.
    pub model_floor: u64,
    /// How consent to jobs that keep no identity is looked up: `reference`, by what the register gave out when the person was asked and
    /// the log brings back, or `network`, by the network's own selection alone. Default `reference`.
    pub consent: MdtConsent,
    /// Fewest people in an area whom the register must allow, so that anybody there is asked; 2-1000000. Default 10.
    pub least_allowed: usize,
    /// Most people who are given one job of an area in one selection, 1-100000. Default 1000.
    pub most_selected: usize,
    /// Jobs of areas that one phone is given within `duty_within_s`, 1-1000. Default 1.
    pub duty_jobs: usize,
    /// Within how long, s, 1-31536000. Default 86400.
    pub duty_within_s: u64,
    /// Longest segment or report, bytes, 4096-16777216. Default 1048576.
    pub segment_limit_bytes: u32,
    /// Most unfinished uploads in all, 1-1000000. Default 1024.
    pub max_uploads: usize,
    /// Most unfinished uploads of one phone, 1-1024. Default 8.
    pub max_uploads_per_client: usize,
    /// How long an unfinished upload is kept, s, 60-172800. Default 86400.
    pub keep_unfinished_s: u64,
    /// How long rows that name nobody are kept, days, 1-3650; a day ends at midnight UTC. Default 90.
    pub keep_rows_days: u32,
    /// How long rows of jobs of one subscriber are kept, days, 1-3650. Default 30.
    pub keep_subject_rows_days: u32,
    /// How long it is known what was taken, with its receipts, days, 3-3650, and as long as any rows: longer than a phone keeps a log,
    /// so that what comes again is not kept again, and for as long as there is something to erase by token. Default 120.
    pub keep_books_days: u32,
    /// How long a job is known after it was stopped, days, 1-3650, and as long as rows of subscribers. Default 365.
    pub keep_jobs_days: u32,
    /// Side of the squares that bins are of, m, 10-100000. Default 100.
    pub bin_side_m: u32,
    /// Days that a bin is of, 1-31, counted from 1970-01-01. Default 1.
    pub bin_days: u8,
    /// Fewest phones that a bin is told of, 5-1000000. Default 10.
    pub bin_subjects: u32,
    /// What the operator vouches for: within how long no phone was given two jobs, s, 0-31536000; below 14400 it counts for nothing. Then
    /// only logs that went on at the same moment are taken for those of different phones. Default 0.
    pub bin_apart_s: u64,
    /// How long after the end of its days bins are released, s, 0-2592000: by then no log of those days is taken any more. Default 180000.
    pub bin_wait_s: u64,
    /// How long bins are told after they were released, days, 1-3650, and as long as rows. Default 730.
    pub keep_bins_days: u32,
    /// Longest time for the handshake, for the head of a request and for each part of its body, ms, 100-600000. Default 10000.
    pub timeout_ms: u64,
    /// Most connections open at once, 1-1000000. Default 1024.
    pub max_connections: usize,
}

/// How consent to jobs that keep no identity is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MdtConsent {
    /// By the reference in the log.
    #[default]
    Reference,
    /// By the network's selection.
    Network,
}

impl Default for Mdt {
    fn default() -> Self {
        Self {
            listen: loopback(9443),
            cert_file: None,
            key_file: None,
            client_ca_file: None,
            tokens_file: None,
            producer_tokens_file: None,
            entity: 1,
            dir: "mdt".into(),
            spool_dir: "mdt-spool".into(),
            keys_dir: "mdt-keys".into(),
            receipt_key_file: "mdt-receipt.key".into(),
            session_key_file: "mdt-session.key".into(),
            models_file: None,
            model_floor: 100,
            consent: MdtConsent::Reference,
            least_allowed: 10,
            most_selected: 1000,
            duty_jobs: 1,
            duty_within_s: 86_400,
            segment_limit_bytes: 1 << 20,
            max_uploads: 1024,
            max_uploads_per_client: 8,
            keep_unfinished_s: 86_400,
            keep_rows_days: 90,
            keep_subject_rows_days: 30,
            keep_books_days: 120,
            keep_jobs_days: 365,
            bin_side_m: 100,
            bin_days: 1,
            bin_subjects: 10,
            bin_apart_s: 0,
            bin_wait_s: 180_000,
            keep_bins_days: 730,
            timeout_ms: 10_000,
            max_connections: 1024,
        }
    }
}

impl Mdt {
    /// All paths.
    pub(super) fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let Self { dir, spool_dir, keys_dir, receipt_key_file, session_key_file, .. } = self;
        let Self { cert_file, key_file, client_ca_file, tokens_file, producer_tokens_file, models_file, .. } = self;
        let optional = [cert_file, key_file, client_ca_file, tokens_file, producer_tokens_file, models_file];
        let required = [dir, spool_dir, keys_dir, receipt_key_file, session_key_file];
        required.into_iter().chain(optional.into_iter().filter_map(Option::as_mut))
    }

    /// `role`: whether it is on.
    pub(super) fn problems(&self, role: bool, found: &mut Findings) {
        for (key, file) in [("mdt.cert_file", &self.cert_file), ("mdt.key_file", &self.key_file)] {
            let remedy = "name the PEM files of this collector's certificate and its key";
            found.unless(!role || file.is_some(), key, "missing, and the role mdt needs it", remedy);
            found.file(key, file.as_deref());
        }
        found.unless(
            !role || self.client_ca_file.is_some() || self.tokens_file.is_some(),
            "mdt.client_ca_file",
            "missing beside tokens_file, so no phone could upload",
            "name the authorities of phones' certificates, or a file of tokens",
        );
        found.file("mdt.client_ca_file", self.client_ca_file.as_deref());
        found.file("mdt.tokens_file", self.tokens_file.as_deref());
        found.file("mdt.producer_tokens_file", self.producer_tokens_file.as_deref());
        found.file("mdt.models_file", self.models_file.as_deref());
        found.range("mdt.model_floor", self.model_floor, 2, 1_000_000_000);
        found.range("mdt.least_allowed", self.least_allowed as u64, 2, 1_000_000);
        found.range("mdt.most_selected", self.most_selected as u64, 1, 100_000);
        found.range("mdt.duty_jobs", self.duty_jobs as u64, 1, 1000);
        found.range("mdt.duty_within_s", self.duty_within_s, 1, 31_536_000);
        found.range("mdt.segment_limit_bytes", self.segment_limit_bytes.into(), 4096, 16 << 20);
        found.range("mdt.max_uploads", self.max_uploads as u64, 1, 1_000_000);
        found.range("mdt.max_uploads_per_client", self.max_uploads_per_client as u64, 1, 1024);
        found.range("mdt.keep_unfinished_s", self.keep_unfinished_s, 60, 172_800);
        found.range("mdt.keep_rows_days", self.keep_rows_days.into(), 1, 3650);
        found.range("mdt.keep_subject_rows_days", self.keep_subject_rows_days.into(), 1, 3650);
        found.range("mdt.keep_books_days", self.keep_books_days.into(), 3, 3650);
        found.range("mdt.keep_jobs_days", self.keep_jobs_days.into(), 1, 3650);
        found.unless(
            self.keep_books_days >= self.keep_rows_days.max(self.keep_subject_rows_days),
            "mdt.keep_books_days",
            "less than rows are kept, so some could not be erased by token any more",
            "keep the books at least as long as keep_rows_days and keep_subject_rows_days say",
        );
        found.unless(
            self.keep_jobs_days >= self.keep_subject_rows_days,
            "mdt.keep_jobs_days",
            "less than rows of subscribers are kept, so nobody could say whose they are",
            "keep jobs at least as long as keep_subject_rows_days says",
        );
        found.range("mdt.bin_side_m", self.bin_side_m.into(), 10, 100_000);
        found.range("mdt.bin_days", self.bin_days.into(), 1, 31);
        found.range("mdt.bin_subjects", self.bin_subjects.into(), 5, 1_000_000);
        found.range("mdt.bin_apart_s", self.bin_apart_s, 0, 31_536_000);
        found.range("mdt.bin_wait_s", self.bin_wait_s, 0, 2_592_000);
        found.range("mdt.keep_bins_days", self.keep_bins_days.into(), 1, 3650);
        found.unless(
            self.keep_bins_days >= self.keep_rows_days,
            "mdt.keep_bins_days",
            "less than rows are kept, so bins would have to be made again of what is left",
            "keep bins at least as long as keep_rows_days says",
        );
        found.range("mdt.timeout_ms", self.timeout_ms, 100, 600_000);
        found.range("mdt.max_connections", self.max_connections as u64, 1, 1_000_000);
    }
}
