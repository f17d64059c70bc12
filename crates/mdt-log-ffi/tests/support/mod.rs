//! A phone's folder, and the collector at the other end: what the C program and the Python program are held against.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by several test programs, each of which uses a part; tests may unwrap"
)]

#[path = "../../../mdt-log/tests/support/mod.rs"]
mod collector;

use collector::{Collector, NOW_S};
use mdt_log::entry::Entry;
use mdt_log::open::{End, open_report, open_segment, unlock};
use mdt_log::{CloseReason, EpochId, Received, ReportHead, SegmentHead, SegmentId};
use sha2::Digest as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Where cargo put the libraries of this crate: beside the test that runs.
pub fn library(extension: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().unwrap().join(format!("libmdt_log_ffi.{extension}"))
}

/// A phone's folder with root and key list, and its collector.
pub struct Scene {
    collector: Collector,
    folder: TempDir,
}

/// What came of an upload.
pub struct Opened {
    pub entries: Vec<Entry>,
    /// Epoch, name, octets of each.
    received: Vec<(EpochId, Received)>,
    /// The commitments that the heads show.
    commitments: Vec<[u8; 32]>,
}

impl Scene {
    pub fn new() -> Self {
        let (collector, folder) = (Collector::new(), TempDir::new().unwrap());
        std::fs::write(folder.path().join("root"), collector.root.public()).unwrap();
        std::fs::write(folder.path().join("key-list"), collector.root.sign(&collector.list).unwrap()).unwrap();
        Self { collector, folder }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a program of the phone says when it ends well.
    pub fn run(&self, program: &mut Command) -> String {
        let done = program.output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
        said
    }

    /// Objects that lie on the phone.
    pub fn objects(&self) -> usize {
        let all = std::fs::read_dir(self.folder()).unwrap();
        all.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("object-")).count()
    }

    /// Opens everything that was uploaded, and empties the folder that it came in.
    pub fn open(&self) -> Opened {
        let out = self.folder().join("out");
        let mut opened = Opened { entries: vec![], received: vec![], commitments: vec![] };
        let names: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
        for name in names.iter().filter(|name| name.extension().is_none()) {
            let (octets, message) =
                (std::fs::read(name).unwrap(), std::fs::read(name.with_extension("unlock")).unwrap());
            let epoch = unlock(&message, &self.collector.private).unwrap();
            let (segment, kept) = match SegmentHead::parse(&octets) {
                Ok(parsed) => {
                    opened.commitments.push(parsed.head.erasure);
                    assert_eq!(parsed.head.consent, b"consent-1");
                    let before = opened.entries.len();
                    let take = |record: mdt_log::open::OpenedRecord<'_>| {
                        opened.entries.push(Entry::decode(record.content).unwrap());
                    };
                    let verdict = open_segment(&octets, &self.collector.private, &epoch, take).unwrap();
                    assert_eq!(verdict.findings, []);
                    // The program that logged ended without closing; or it was closed for the upload.
                    assert!(matches!(verdict.end, End::Open | End::Closed(CloseReason::Upload)));
                    (parsed.head.segment, opened.entries.len() - before)
                }
                Err(_) => {
                    let head = ReportHead::parse(&octets).unwrap().head;
                    opened.commitments.push(head.erasure);
                    let take = |_: &ReportHead, record: mdt_log::open::OpenedRecord<'_>| {
                        assert_eq!(record.content, b"failure");
                    };
                    open_report(&octets, &self.collector.private, &epoch, take).unwrap();
                    (head.report, 1)
                }
            };
            opened.received.push((epoch.id(), received(segment, &octets, kept)));
        }
        std::fs::remove_dir_all(out).unwrap();
        opened
    }

    /// Writes the receipt for the log's epoch, or else for that of the reports, where the phone looks for it.
    pub fn receipt(&self, opened: &Opened, with_entries: bool) {
        let of = |(_, received): &&(EpochId, Received)| (received.kept > 1) == with_entries;
        let epoch = opened.received.iter().find(of).unwrap().0;
        let named =
            opened.received.iter().filter(|(of, _)| *of == epoch).map(|(_, received)| received.clone()).collect();
        let receipt = self.collector.signer.sign(epoch, NOW_S, named).unwrap();
        std::fs::write(self.folder().join("receipt"), receipt).unwrap();
    }

    /// Whether the tokens that the phone wrote are those that the heads committed to.
    pub fn tokens_fit(&self, opened: &Opened) -> bool {
        let tokens = std::fs::read(self.folder().join("tokens")).unwrap();
        let (tokens, rest) = tokens.as_chunks::<32>();
        rest.is_empty()
            && !tokens.is_empty()
            && tokens.iter().all(|token| opened.commitments.contains(&sha2::Sha256::digest(token).into()))
    }
}

fn received(segment: SegmentId, octets: &[u8], kept: usize) -> Received {
    let digest = sha2::Sha256::digest(octets).into();
    Received { segment, octets: octets.len() as u32, digest, kept: kept as u32, not_wanted: 0, unreadable: 0 }
}

/// Logs, uploads, gives receipts, clears; `program` runs one command of the phone.
pub fn whole_life(scene: &Scene, program: impl Fn(&[&str]) -> Command) {
    let run = |words: &[&str]| scene.run(&mut program(words));
    assert_eq!(run(&["log", "50"]), "50");
    assert_eq!(scene.objects(), 2, "one segment, one report");
    // Another program, the same boot: what was sealed is there, and can be fetched.
    run(&["upload"]);
    let opened = scene.open();
    let times: Vec<_> = opened.entries.iter().map(|entry| entry.relative_s).collect();
    assert_eq!(times, (1..=50_u32).map(|at| (at * 5120 / 1000) as u16).collect::<Vec<_>>());
    for entry in &opened.entries {
        let serving = entry.serving.unwrap();
        assert_eq!((serving.cell.plmn, serving.cell.cell), ([0x32, 0xf4, 0x51], 0x123_4501));
        assert_eq!((serving.results.rsrp, serving.results.rsrq, serving.results.sinr), (Some(40), Some(20), None));
        assert_eq!(entry.location.as_deref(), Some([0x00, 0x49, 0x41, 0x45, 0x7f, 0xe8, 0xbc].as_slice()));
        assert_eq!(entry.neighbours.len(), 1);
        assert_eq!((entry.neighbours[0].arfcn, entry.neighbours[0].pci), (1300, 10));
    }
    // A receipt erases what it names: the log first, the report after it.
    scene.receipt(&opened, true);
    assert_eq!(run(&["receipt"]), "1 0 0");
    assert!(scene.tokens_fit(&opened));
    assert_eq!(scene.objects(), 1);
    scene.receipt(&opened, false);
    assert_eq!(run(&["receipt"]), "1 0 0");
    assert_eq!(scene.objects(), 0);
    // The same receipt once more, as after a clear: nothing is there, the token is told again.
    assert_eq!(run(&["receipt"]), "1 1 0");
    // A clear leaves nothing.
    assert_eq!(run(&["log", "3"]), "3");
    assert_eq!(scene.objects(), 2);
    assert_eq!(run(&["clear"]), "0 0");
    assert_eq!(scene.objects(), 0);
    assert_eq!(run(&["misuse"]), "refused");
}
