//! T14: the agent dies in the middle of a clear or an opt-out, at each call of its stores.

use super::scene::{Bench, START_MS};
use mdt_agent::clock::Clock;
use mdt_agent::files::{KeyFile, LogFiles};
use mdt_agent::station::{Station, Wish};
use mdt_log::log::Profile;
use mdt_log::machine::Phase;
use mdt_log::{BootId, Storage, StorageError, Vault};
use rustix::process::{Signal, getpid, kill_process};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use zeroize::Zeroizing;

const FOLDER: &str = "MDT_AGENT_TEST_FOLDER";
const STEP: &str = "MDT_AGENT_TEST_STEP";
const WISH: &str = "MDT_AGENT_TEST_WISH";

/// Calls of the stores that are still allowed; below zero, none is counted.
static LEFT: AtomicI64 = AtomicI64::new(-1);

/// As `kill -9` would, when the count is over.
fn step() {
    match LEFT.load(Ordering::Relaxed) {
        0 => kill_process(getpid(), Signal::KILL).unwrap(),
        left if left > 0 => LEFT.store(left - 1, Ordering::Relaxed),
        _ => {}
    }
}

/// A store whose process dies before one of its calls.
struct Mortal<P>(P);

impl<P: Storage> Storage for Mortal<P> {
    fn objects(&mut self) -> Result<Vec<u32>, StorageError> {
        self.0.objects()
    }

    fn len(&mut self, object: u32) -> Result<u32, StorageError> {
        self.0.len(object)
    }

    fn read(&mut self, object: u32, offset: u32, into: &mut [u8]) -> Result<usize, StorageError> {
        self.0.read(object, offset, into)
    }

    fn append(&mut self, object: u32, octets: &[u8]) -> Result<(), StorageError> {
        step();
        self.0.append(object, octets)
    }

    fn flush(&mut self, object: u32) -> Result<(), StorageError> {
        step();
        self.0.flush(object)
    }

    fn erase(&mut self, object: u32) -> Result<(), StorageError> {
        step();
        self.0.erase(object)
    }
}

impl<P: Vault> Vault for Mortal<P> {
    fn load(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, StorageError> {
        self.0.load()
    }

    fn replace(&mut self, record: &[u8]) -> Result<(), StorageError> {
        step();
        self.0.replace(record)
    }
}

/// The program that dies: this test's own, in the folder of another.
#[test]
#[ignore = "run by the tests beside it, which kill it"]
fn dies() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let wish = if std::env::var(WISH).unwrap() == "clear" { Wish::Clear } else { Wish::OptOut };
    let clock = Clock::default();
    clock.hold(START_MS + 100_000);
    let (state, keys) = (folder.join("state"), folder.join("keys"));
    let ports = (Mortal(LogFiles::new(&state.join("log")).unwrap()), Mortal(KeyFile::new(&keys).unwrap()));
    let (list, boot) = (mdt_agent::keys::none(), Some(BootId([1; 16])));
    let mut phone = Station::start(ports, (&state, &keys), Profile::STANDARD, boot, list, clock, 0).unwrap();
    LEFT.store(std::env::var(STEP).unwrap().parse().unwrap(), Ordering::Relaxed);
    phone.wish(wish).unwrap();
}

/// Whether it lived.
fn run(folder: &Path, wish: &str, step: i64) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "killed::dies", "--ignored", "--nocapture"]);
    child.env(FOLDER, folder).env(STEP, step.to_string()).env(WISH, wish);
    let output = child.output().unwrap();
    let killed = std::os::unix::process::ExitStatusExt::signal(&output.status) == Some(9);
    assert!(killed || output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.status.success()
}

/// Dies before each call in turn; after a restart it is as if it had not.
fn each_step(wish: &str, check: impl Fn(&Bench)) {
    let mut step = 0;
    loop {
        let bench = Bench::new();
        let mut phone = bench.start(1);
        bench.driven(&mut phone, "000001", 4);
        drop(phone);
        assert_eq!(bench.sealed(), 1);
        let lived = run(bench.folder.path(), wish, step);
        bench.clock.hold(START_MS + 200_000);
        check(&bench);
        assert_eq!(bench.sealed(), 0, "{wish} killed at call {step}");
        if lived {
            // Keys destroyed and a file erased, at the least.
            assert!(step >= 2, "{step}");
            return;
        }
        step += 1;
    }
}

#[test]
fn t14_a_clear_that_a_kill_interrupts_is_finished_at_the_start() {
    each_step("clear", |bench| {
        let mut phone = bench.start(1);
        assert_eq!((phone.phase(), phone.status().unfinished), (Phase::Logging, false));
        assert!(bench.fetch(&mut phone).is_empty());
    });
}

#[test]
fn t14_an_opt_out_that_a_kill_interrupts_is_finished_at_the_start() {
    each_step("opt-out", |bench| {
        let phone = bench.start(1);
        let status = phone.status();
        assert_eq!((phone.phase(), status.unfinished, status.register_waits), (Phase::OptedOut, false, true));
    });
}
