//! `wherefore consent` against a gateway that runs as a process of its own.
#![allow(clippy::unwrap_used, reason = "helpers of tests; only test functions are exempt by configuration")]

#[path = "support/serving.rs"]
mod serving;

use serde_json::{Value, json};
use serving::{Serving, with_free_ports};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use tokio::process::Command;

const SIM: &str = "imsi:262011234567890";
const NUMBER: &str = "msisdn:491701234567";
const PHONE: &str = "imei:35000000000001";
/// Digits that no log, table or receipt may show.
const DIGITS: [&str; 3] = ["262011234567890", "491701234567", "35000000000001"];
const PROOF: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// Subscription-Data with MDT-User-Consent, not given (TS 29.272 clauses 7.3.2, 7.3.148); the last octet is the word.
const NOT_GIVEN: &str = "00000578c000001c000028af0000066280000010000028af00000000";

/// A directory with what `wherefore init` makes.
struct Lab {
    dir: tempfile::TempDir,
}

/// A gateway that runs in it.
struct Gateway {
    serving: Serving,
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wherefore"));
    command.args(args).env_clear().current_dir(dir).stdin(Stdio::null()).kill_on_drop(true);
    command
}

impl Lab {
    async fn new() -> Self {
        let lab = Self { dir: tempfile::tempdir().unwrap() };
        assert!(command(lab.dir.path(), &["init", "."]).output().await.unwrap().status.success());
        let file = lab.path("wherefore.toml");
        let sample = std::fs::read_to_string(&file).unwrap();
        std::fs::write(file, with_free_ports(sample)).unwrap();
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    async fn serve(&self) -> Gateway {
        let serve = ["serve", "--config", "wherefore.toml", "--log", "debug,sqlx=info"];
        Gateway { serving: Serving::start(command(self.dir.path(), &serve)).await }
    }

    async fn run(&self, args: &[&str]) -> Output {
        command(self.dir.path(), args).output().await.unwrap()
    }

    /// A command that works on files, and its JSON.
    async fn json(&self, args: &[&str]) -> Value {
        let output = self.run(args).await;
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Gateway {
    async fn run(&self, lab: &Lab, args: &[&str]) -> Output {
        let admin = self.serving.address("admin");
        let api = ["--admin", admin.as_str(), "--token-file", "admin.token"];
        let all: Vec<&str> = ["consent"].iter().chain(args).chain(&api).copied().collect();
        lab.run(&all).await
    }

    async fn ok(&self, lab: &Lab, args: &[&str]) -> String {
        let output = self.run(lab, args).await;
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    async fn json(&self, lab: &Lab, args: &[&str]) -> Value {
        let all: Vec<&str> = args.iter().chain(&["--json"]).copied().collect();
        serde_json::from_str(&self.ok(lab, &all).await).unwrap()
    }

    /// Standard error of a command that ends with this status.
    async fn fails(&self, lab: &Lab, status: i32, args: &[&str]) -> String {
        let output = self.run(lab, args).await;
        assert_eq!(output.status.code(), Some(status), "{args:?}: {} {}", text(&output.stdout), text(&output.stderr));
        text(&output.stderr)
    }

    /// What networks are told of a person.
    async fn word(&self, lab: &Lab, who: &str) -> String {
        let told = self.json(lab, &["export", who, "--form", "am-data", "--plmn", "262-01"]).await;
        told["mdtUserConsent"].as_str().unwrap().to_owned()
    }

    /// A notice that counts at once, and a person who was told and agreed.
    async fn agree(&self, lab: &Lab, who: &str) {
        let notice = json!({
            "name": "drive-tests", "version": 1, "not_before": "2026-01-01T00:00:00Z", "wait_s": 0,
            "purposes": ["logged-mdt", "immediate-mdt"], "recipients": ["radio planning"], "data": ["cells"],
            "retention_days": 30, "texts": [{"language": "de", "sha256": PROOF}],
        });
        lab.write("notice.json", notice.to_string());
        let delivery = json!({"notice": "drive-tests", "version": 1, "language": "de", "channel": "letter",
                              "evidence_sha256": PROOF, "source": "customer-care"});
        lab.write("delivery.json", delivery.to_string());
        let yes = json!({"purpose": "logged-mdt", "given": true, "plmns": ["262-01"], "notice": "drive-tests",
                         "version": 1, "evidence_sha256": PROOF, "source": "person"});
        lab.write("yes.json", yes.to_string());
        if self.json(lab, &["notices"]).await["notices"] == json!([]) {
            self.ok(lab, &["notice", "notice.json"]).await;
        }
        self.ok(lab, &["inform", who, "delivery.json"]).await;
        self.ok(lab, &["decide", who, "yes.json"]).await;
    }

    /// Stops it; gives its log.
    async fn stop(self) -> String {
        self.serving.stop().await
    }
}

#[tokio::test]
async fn a_person_from_being_told_to_opting_out_and_lifting_it() {
    let lab = Lab::new().await;
    let gateway = lab.serve().await;
    assert_eq!(gateway.word(&lab, SIM).await, "CONSENT_NOT_GIVEN");
    gateway.agree(&lab, SIM).await;
    assert!(gateway.ok(&lab, &["notices"]).await.contains("drive-tests"));
    let shown = gateway.ok(&lab, &["show", SIM]).await;
    assert!(shown.contains("logged-mdt") && shown.contains("262-01") && shown.contains("told: drive-tests 1 in de"));

    // What networks are told, in both forms, of one and of many.
    assert_eq!(gateway.word(&lab, SIM).await, "CONSENT_GIVEN");
    let s6a = ["export", SIM, "--form", "s6a", "--plmn", "262-01"];
    assert_eq!(gateway.ok(&lab, &s6a).await.trim(), format!("{}1", &NOT_GIVEN[..NOT_GIVEN.len() - 1]));
    assert_eq!(gateway.json(&lab, &s6a).await["mdt_user_consent"], 1);
    let elsewhere = gateway.ok(&lab, &["export", SIM, "--form", "s6a", "--plmn", "262-02"]).await;
    assert_eq!(elsewhere.trim(), NOT_GIVEN);
    lab.write("list.txt", format!("{SIM}\n\n{NUMBER}\n"));
    let list = gateway.ok(&lab, &["export", "--list", "list.txt", "--form", "am-data", "--plmn", "262-01"]).await;
    let lines: Vec<Value> = list.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = |who: &str, word: &str| json!({"subscriber": who, "data": {"mdtUserConsent": word}});
    assert_eq!(lines, [line(SIM, "CONSENT_GIVEN"), line(NUMBER, "CONSENT_NOT_GIVEN")]);
    gateway.fails(&lab, 2, &["export", SIM, "--form", "am-data"]).await;
    gateway.fails(&lab, 2, &["export"]).await;

    // Another number and a phone, and the phone sold.
    gateway.ok(&lab, &["link", SIM, "--to", &format!("{NUMBER},{PHONE}")]).await;
    assert_eq!(gateway.word(&lab, PHONE).await, "CONSENT_GIVEN");
    assert_eq!(gateway.ok(&lab, &["unlink", NUMBER, "--gone", PHONE]).await.trim(), "unlinked; 2 left");
    assert_eq!(gateway.word(&lab, PHONE).await, "CONSENT_NOT_GIVEN");
    let again = gateway.fails(&lab, 1, &["unlink", NUMBER, "--gone", PHONE]).await;
    assert!(again.contains("not this person's now"), "{again}");
    gateway.ok(&lab, &["unlink", NUMBER, "--gone", SIM]).await;
    let last = gateway.fails(&lab, 1, &["unlink", NUMBER, "--gone", NUMBER]).await;
    assert!(last.contains("the last identity"), "{last}");

    gateway.ok(&lab, &["pause", NUMBER, "--until", "2100-01-01T00:00:00Z"]).await;
    assert_eq!(gateway.word(&lab, NUMBER).await, "CONSENT_NOT_GIVEN");
    gateway.ok(&lab, &["resume", NUMBER]).await;
    assert_eq!(gateway.word(&lab, NUMBER).await, "CONSENT_GIVEN");
    assert!(gateway.ok(&lab, &["exclude", NUMBER]).await.contains("excluded: must not be asked"));
    gateway.ok(&lab, &["exclude", NUMBER, "--end", "--by", "customer-care"]).await;

    // All that is kept, for the person: with proofs, without an identity.
    let all = gateway.json(&lab, &["export", NUMBER]).await;
    assert_eq!(
        (&all["decisions"][0]["evidence_sha256"], &all["informed"][0]["channel"]),
        (&PROOF.into(), &"letter".into())
    );
    let held: Vec<(&str, bool)> = all["identities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|held| (held["kind"].as_str().unwrap(), held["current"].as_bool().unwrap()))
        .collect();
    assert_eq!(held, [("imsi", false), ("msisdn", true), ("imei", false)]);
    assert_eq!(all["notices"][0]["name"], "drive-tests");

    // An opt-out is found by whatever they ever had; the person alone lifts it, with evidence, and no consent comes back.
    gateway.ok(&lab, &["opt-out", NUMBER]).await;
    lab.write("signed.pdf", "a demand");
    let unconfirmed = gateway.fails(&lab, 2, &["lift", NUMBER, "--evidence", "signed.pdf"]).await;
    assert!(unconfirmed.contains("--demanded-by-person"), "{unconfirmed}");
    gateway.fails(&lab, 2, &["lift", NUMBER, "--evidence", "missing.pdf", "--demanded-by-person"]).await;
    assert!(gateway.json(&lab, &["show", NUMBER]).await["opted_out"].is_string());
    let lifted = gateway.json(&lab, &["lift", NUMBER, "--evidence", "signed.pdf", "--demanded-by-person"]).await;
    assert_eq!(lifted["opted_out"], Value::Null);
    assert!(lifted["decisions"].as_array().unwrap().iter().all(|decision| decision["given"] == false));
    assert_eq!(gateway.word(&lab, NUMBER).await, "CONSENT_NOT_GIVEN");

    let receipt = gateway.ok(&lab, &["receipt", NUMBER]).await;
    lab.write("receipt.json", &receipt);
    let log = gateway.stop().await;
    let good = lab.run(&["consent", "verify", "receipt.json", "--key", "log/log.vkey"]).await;
    assert!(good.status.success(), "{}", text(&good.stderr));
    let all_changes = [
        "informed",
        "decided",
        "linked",
        "unlinked",
        "unlinked",
        "paused",
        "resumed",
        "excluded",
        "exclusion ended",
        "opted out for good",
        "opt-out lifted",
    ];
    assert_eq!(changes(&lab, NUMBER).await, all_changes);
    for digits in DIGITS {
        assert!(!log.contains(digits) && !shown.contains(digits) && !receipt.contains(digits));
        assert!(!all.to_string().contains(digits));
    }
}

/// Changes that the disclosure log tells of a person, oldest first.
async fn changes(lab: &Lab, who: &str) -> Vec<String> {
    let shown = lab.json(&["log", "show", who, "--config", "wherefore.toml", "--json"]).await;
    shown.as_array().unwrap().iter().map(|entry| entry["change"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_import_gives_where_nobody_decided_and_lifts_nothing_and_all_is_in_the_log() {
    let lab = Lab::new().await;
    let gateway = lab.serve().await;
    let people: Vec<String> = (1..=4).map(|last| format!("imsi:26201000000000{last}")).collect();
    gateway.agree(&lab, &people[0]).await;
    // The second was told and never asked, the third opted out, the fourth is not known.
    gateway.ok(&lab, &["inform", &people[1], "delivery.json"]).await;
    gateway.ok(&lab, &["opt-out", &people[2]]).await;
    let line = |person: &str, purpose: &str, given: &str, plmns: &str, notice: &str| {
        format!("{},{purpose},{given},{plmns},{notice},{PROOF}\n", person.strip_prefix("imsi:").unwrap())
    };
    let heading = "imsi,purpose,given,plmns,notice,version,evidence_sha256\n";
    let yes = |person: &str, purpose: &str| line(person, purpose, "yes", "262-01", "drive-tests,1");
    let no = |person: &str, purpose: &str| line(person, purpose, "no", "", ",");
    let file = [
        heading.to_owned(),
        yes(&people[1], "logged-mdt"),
        yes(&people[1], "immediate-mdt"),
        yes(&people[2], "logged-mdt"),
        yes(&people[3], "logged-mdt"),
        yes(&people[1], "failure-reports"),
        no(&people[1], "immediate-mdt"),
        yes(&people[1], "immediate-mdt"),
        yes(&people[0], "logged-mdt"),
    ];
    lab.write("consents.csv", file.concat());
    let output = gateway.run(&lab, &["import", "consents.csv", "--json"]).await;
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["written"], 3);
    let refused: Vec<(u64, &str)> = told["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["line"].as_u64().unwrap(), row["what"].as_str().unwrap()))
        .collect();
    let own = "the person's own word or a refusal stands; an import gives no consent over it";
    assert_eq!(
        refused,
        [
            (4, "the person opted out for good; only the person lifts that"),
            (5, "nobody of this identity is in the register; inform the person first"),
            (
                6,
                "this version of the notice does not tell of this purpose, or newer terms replace it; inform the person anew"
            ),
            (8, own),
            (9, own),
        ]
    );
    assert!(!text(&output.stderr).contains("26201"), "{}", text(&output.stderr));
    assert_eq!(gateway.word(&lab, &people[1]).await, "CONSENT_GIVEN");
    assert_eq!(gateway.word(&lab, &people[2]).await, "CONSENT_NOT_GIVEN");
    // The same again changes nothing, and one wrong line nothing either.
    lab.write("again.csv", [heading, &yes(&people[1], "logged-mdt")].concat());
    assert_eq!(gateway.ok(&lab, &["import", "again.csv"]).await.trim(), "1 written, 0 refused");
    lab.write("wrong.csv", [heading, &no(&people[1], "logged-mdt"), "1,logged-mdt,no,,,,\n"].concat());
    let wrong = gateway.fails(&lab, 2, &["import", "wrong.csv"]).await;
    assert!(wrong.contains("line 3: evidence_sha256 is missing") && wrong.contains("nothing was imported"), "{wrong}");
    assert_eq!(gateway.word(&lab, &people[1]).await, "CONSENT_GIVEN");
    gateway.stop().await;

    assert_eq!(changes(&lab, &people[0]).await, ["informed", "decided"]);
    assert_eq!(changes(&lab, &people[1]).await, ["informed", "decided", "decided", "decided", "decided"]);
    assert_eq!(changes(&lab, &people[2]).await, ["opted out for good"]);
    let verified = lab.json(&["log", "verify", "log", "--json"]).await;
    assert_eq!((&verified["good"], &verified["size"]), (&true.into(), &8.into()));
    let gateway = lab.serve().await;
    assert_eq!(gateway.word(&lab, &people[1]).await, "CONSENT_GIVEN", "imported, and there after a restart");
    gateway.stop().await;
}

#[tokio::test]
async fn who_asks_to_be_forgotten_is_but_for_an_opt_out_and_that_outlives_restarts() {
    let lab = Lab::new().await;
    let gateway = lab.serve().await;
    gateway.agree(&lab, SIM).await;
    gateway.ok(&lab, &["link", SIM, "--to", PHONE]).await;
    let other = "imsi:262019999999999";
    gateway.agree(&lab, other).await;
    gateway.ok(&lab, &["opt-out", SIM]).await;
    let mut records = Vec::new();
    for who in [SIM, other] {
        records.push(octets(gateway.json(&lab, &["export", who]).await["record"].as_str().unwrap()));
    }
    let unconfirmed = gateway.fails(&lab, 2, &["erase", SIM]).await;
    assert!(unconfirmed.contains("--demanded-by-person"), "{unconfirmed}");
    let erase = |who| ["erase", who, "--demanded-by-person"];
    let erased = gateway.ok(&lab, &erase(SIM)).await;
    assert_eq!(erased, "erased\nthe opt-out stays, for ever\n");
    let told = json!({"known": true, "opt_out_stays": false, "exclusion_stays": false, "rows": null});
    assert_eq!(gateway.json(&lab, &erase(other)).await, told);
    // Twice is no error, and a stranger is one.
    let nobody = json!({"known": false, "opt_out_stays": false, "exclusion_stays": false, "rows": null});
    assert_eq!(gateway.json(&lab, &erase(other)).await, nobody);
    assert!(gateway.fails(&lab, 1, &["show", other]).await.contains("nobody of this identity"));
    gateway.stop().await;

    // On disk one record is left, under another name, and what finds it: SIM and phone.
    let database = std::fs::read(lab.path("wherefore.db")).unwrap();
    assert!(!records.iter().any(|record| database.windows(16).any(|octets| octets == record)));
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", lab.path("wherefore.db").display())).await.unwrap();
    for (table, rows) in [("consent_persons", 1_i64), ("consent_identities", 2)] {
        let counted: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(counted, rows, "{table}");
    }
    pool.close().await;

    // Their entries can be read by nobody; that two were forgotten can, and names none.
    for who in [SIM, other] {
        let output = lab.run(&["log", "show", who, "--config", "wherefore.toml", "--json"]).await;
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        assert!(shown.as_array().is_none_or(Vec::is_empty), "{shown}");
    }
    let all = lab.json(&["log", "show", "--operator", "--config", "wherefore.toml", "--json"]).await;
    let of_operator: Vec<&Value> = all.as_array().unwrap().iter().filter(|entry| entry["change"] == "erased").collect();
    assert_eq!(of_operator.len(), 2, "{all}");
    assert!(of_operator.iter().all(|entry| entry["imsi"].is_null()) && !all.to_string().contains(DIGITS[0]), "{all}");
    assert_eq!(lab.json(&["log", "verify", "log", "--json"]).await["good"], true);

    let gateway = lab.serve().await;
    assert!(gateway.fails(&lab, 1, &["show", other]).await.contains("nobody of this identity"));
    for who in [SIM, PHONE] {
        let left = gateway.json(&lab, &["export", who]).await;
        assert!(
            left["opted_out"].is_string() && left["informed"] == json!([]) && left["notices"] == json!([]),
            "{left}"
        );
        assert!(!left.to_string().contains(PROOF), "{left}");
        assert_eq!(gateway.word(&lab, who).await, "CONSENT_NOT_GIVEN");
    }
    gateway.ok(&lab, &["inform", SIM, "delivery.json"]).await;
    let refused = gateway.fails(&lab, 1, &["decide", SIM, "yes.json"]).await;
    assert!(refused.contains("opted out for good"), "{refused}");
    gateway.stop().await;
}

/// Octets of hexadecimal digits.
fn octets(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// A batch of a segment: its frames, and root and signature after it.
#[derive(Clone)]
struct Batch {
    frames: Vec<Vec<u8>>,
    seal: Vec<u8>,
}

/// Octets of root and signature.
const SEAL: usize = 32 + 64;

/// Batches of a segment as docs/disclosure-log.md has them: after a header of 4096 octets each begins with its name, the first index of 8, the
/// number of 4 and the length of 4, then frames of a length of 2 and a record, root and signature, zeros to a multiple of 64.
fn batches(segment: &[u8]) -> Vec<Batch> {
    let (mut batches, mut rest) = (Vec::new(), &segment[4096..]);
    while rest.starts_with(b"WHRFBAT1") {
        let length = u32::from_be_bytes(rest[20..24].try_into().unwrap()) as usize;
        let (mut left, mut frames) = (&rest[24..24 + length], Vec::new());
        while let Some((octets, after)) = left.split_first_chunk::<2>() {
            let (record, after) = after.split_at(usize::from(u16::from_be_bytes(*octets)));
            frames.push([octets.as_slice(), record].concat());
            left = after;
        }
        let end = 24 + length + SEAL;
        batches.push(Batch { frames, seal: rest[24 + length..end].to_vec() });
        rest = &rest[end.next_multiple_of(64)..];
    }
    batches
}

/// The same as octets, with every number as it would be had the frames always been these.
fn laid_out(batches: &[Batch]) -> Vec<u8> {
    let (mut octets, mut index) = (Vec::new(), 0_u64);
    for Batch { frames, seal } in batches.iter().filter(|batch| !batch.frames.is_empty()) {
        let joined = frames.concat();
        octets.extend_from_slice(b"WHRFBAT1");
        octets.extend_from_slice(&index.to_be_bytes());
        octets.extend_from_slice(&u32::try_from(frames.len()).unwrap().to_be_bytes());
        octets.extend_from_slice(&u32::try_from(joined.len()).unwrap().to_be_bytes());
        octets.extend_from_slice(&joined);
        octets.extend_from_slice(seal);
        octets.resize(octets.len().next_multiple_of(64), 0);
        index += frames.len() as u64;
    }
    octets
}

/// B44.
#[tokio::test]
async fn every_change_is_an_entry_and_none_can_be_taken_out_unseen() {
    let lab = Lab::new().await;
    let gateway = lab.serve().await;
    gateway.agree(&lab, SIM).await;
    for change in [
        &["pause", SIM] as &[&str],
        &["resume", SIM],
        &["exclude", SIM],
        &["link", SIM, "--to", PHONE],
        &["unlink", SIM, "--gone", PHONE],
        &["opt-out", SIM],
    ] {
        gateway.ok(&lab, change).await;
    }
    gateway.stop().await;
    assert_eq!(changes(&lab, SIM).await.len(), 8);
    let path = lab.path("log/segment/00000000000000000000.seg");
    let batches = batches(&std::fs::read(&path).unwrap());
    let whole = laid_out(&batches);
    assert_eq!(whole[..], std::fs::read(&path).unwrap()[4096..4096 + whole.len()], "laid out as it was");
    assert_eq!(batches.iter().map(|batch| batch.frames.len()).sum::<usize>(), 8);
    let write = |octets: &[u8]| {
        use std::os::unix::fs::FileExt as _;
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        let padded = [octets, &vec![0; whole.len() - octets.len()]].concat();
        file.write_all_at(&padded, 4096).unwrap();
    };
    for gone in 0..8 {
        let mut left = batches.clone();
        let mut at = gone;
        let batch = left
            .iter_mut()
            .find(|batch| {
                batch.frames.len() > at || {
                    at -= batch.frames.len();
                    false
                }
            })
            .unwrap();
        batch.frames.remove(at);
        write(&laid_out(&left));
        let output = lab.run(&["log", "verify", "log"]).await;
        assert_eq!(output.status.code(), Some(1), "entry {gone}: {} {}", text(&output.stdout), text(&output.stderr));
    }
    write(&whole);
    assert_eq!(lab.json(&["log", "verify", "log", "--json"]).await["good"], true);
}
