//! The steps of MDT: whoever was not told is not asked; what was agreed to comes up sealed and is gone from the phone; clear and opt-out;
//! and what an application on the phone gets to see (TS 37.320, `docs/mdt-log.md`).

mod app;
mod canaries;
mod network;

use super::admin::AdminError;
use super::run::{At, Tour, TourError};
use super::table::Row;
use crate::mdt_core::{JobOutcome, LogUploadError, Mdt, MdtError};
use crate::mdt_upload::{UploadError, Uploader};
use crate::scenario::{DriveTestsSpec, SubscriberSpec};
use canaries::Canaries;
use mdt::job::TraceJob;
use reqwest::StatusCode;
use serde_json::Value;

/// What a tour needs for these steps beside the gateway.
pub struct DriveTests {
    /// The phones.
    pub mdt: Mdt,
    /// Their way to the collector.
    pub uploader: Uploader,
}

/// A step could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DriveTestError {
    /// The gateway.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The simulated network.
    #[error(transparent)]
    Network(#[from] MdtError),
    /// The collector's door.
    #[error(transparent)]
    Upload(#[from] LogUploadError),
    /// The same, one request.
    #[error(transparent)]
    Door(#[from] UploadError),
    /// An answer that has not what it must.
    #[error("{0}")]
    Odd(&'static str),
    /// The rows.
    #[error("rows of the store: {0}")]
    Rows(String),
}

/// Seconds of the phones' clock that a phone logs for.
const LOGS_S: u64 = 300;

/// The work, with all that it needs.
struct Steps<'a, 's> {
    tour: &'a Tour<'s>,
    lab: &'a DriveTests,
    home: &'a At,
    spec: &'s DriveTestsSpec,
    /// The job: an area without identity.
    json: Value,
    job: TraceJob,
    /// PLMN and trace id.
    trace: [u8; 6],
    /// The network, as `001-01`; and the job in it, as `001-01-0000d1`.
    plmn: String,
    name: String,
}

fn row(step: &str, asked: &str, expected: &str, came: Result<(bool, String), DriveTestError>) -> Row {
    let (ok, got) = came.unwrap_or_else(|error| (false, error.to_string()));
    Row { step: format!("MDT: {step}"), asked: asked.to_owned(), expected: expected.to_owned(), got, ok }
}

/// What of a phone can be seen from outside: phase, entries that the lab knows of, files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stands {
    phase: mdt_log::machine::Phase,
    entries: usize,
    files: usize,
}

impl Tour<'_> {
    /// Makes the steps of MDT, where the scenario has them. `rows` reads back what the collector has, once nothing more comes.
    ///
    /// # Errors
    /// What must be there before the first step is not. A step that ends otherwise is a row that says so.
    pub async fn drive_tests(
        &self,
        lab: &DriveTests,
        rows: impl AsyncFnOnce(&str) -> Result<Vec<Value>, String>,
    ) -> Result<Vec<Row>, TourError> {
        let Some(spec) = &self.scenario.drive_tests else { return Ok(Vec::new()) };
        let wrong = |error: DriveTestError| TourError::DriveTests(error.to_string());
        let steps = Steps::new(self, lab, spec).map_err(wrong)?;
        steps.prepare().await.map_err(wrong)?;
        let mut made = vec![steps.not_informed().await];
        let (logged, kept) = match steps.log_for_a_while().await {
            Ok(()) => (steps.application().await, steps.bring_up().await),
            Err(error) => return Err(wrong(error)),
        };
        made.push(logged);
        let cleared = steps.cleared().await;
        let opted_out = steps.opted_out().await;
        made.push(steps.kept(kept, rows(&steps.name).await));
        made.extend([cleared, opted_out]);
        Ok(made)
    }
}

/// Rows of the log as they must come out of the store, in any order: cell, RSRP, RSRQ.
type Measured = Vec<(u64, i8, i8)>;

/// What of a phone came up: entries that were certainly in it, and those that may have been logged while it went.
struct Kept {
    segments: usize,
    before: Measured,
    after: Measured,
    left: Stands,
}

impl Steps<'_, '_> {
    /// Nobody who was not told is chosen, and where the network gives the job all the same its own point refuses.
    async fn not_informed(&self) -> Row {
        let came = async {
            let chosen = self.selected().await?;
            let outcomes = self.give().await?;
            let stands = self.stands(&self.spec.not_informed).await?;
            let refused = outcomes.iter().find(|(label, _)| *label == self.spec.not_informed).map(|(_, of)| *of);
            let told = chosen.reasons.contains_key("not-informed");
            let ok = chosen.labels == [self.spec.logs.as_str(), self.spec.leaves.as_str()]
                && told
                && refused == Some(JobOutcome::NoConsent)
                && stands.entries == 0
                && stands.phase == mdt_log::machine::Phase::Idle;
            let who = if told { "not selected: not informed" } else { "no reason told" };
            let core = if refused == Some(JobOutcome::NoConsent) { "no consent" } else { "let through" };
            Ok((ok, format!("{who}; the MME: {core}; {} entries", stands.entries)))
        };
        let asked = format!("a job of the area, by planner and MME ({})", self.spec.not_informed);
        row("not informed", &asked, "not selected: not informed; the MME: no consent; 0 entries", came.await)
    }

    /// The phones that were chosen log.
    async fn log_for_a_while(&self) -> Result<(), DriveTestError> {
        self.pass(LOGS_S).await
    }

    /// The log goes to the collector, which signs for it.
    async fn bring_up(&self) -> Result<Kept, DriveTestError> {
        let label = &self.spec.logs;
        let before = self.measured(label).await?;
        let segments = self.lab.mdt.upload(label, &self.lab.uploader).await?;
        let after = self.measured(label).await?;
        Ok(Kept { segments, before, after, left: self.stands(label).await? })
    }

    /// What came up is in the store as it was true, nothing else is, and the phone has it no longer.
    fn kept(&self, kept: Result<Kept, DriveTestError>, rows: Result<Vec<Value>, String>) -> Row {
        let came = || {
            let (kept, rows) = (kept?, rows.map_err(DriveTestError::Rows)?);
            let number = |row: &Value, of: &str| row.get(of).and_then(Value::as_i64).unwrap_or_default();
            let mut stored: Measured = rows
                .iter()
                .map(|row| {
                    let index = |of| i8::try_from(number(row, of)).unwrap_or_default();
                    (u64::try_from(number(row, "cell")).unwrap_or_default(), index("rsrp"), index("rsrq"))
                })
                .collect();
            stored.sort_unstable();
            let mut wanted: Measured = kept.after.iter().take(stored.len()).copied().collect();
            wanted.sort_unstable();
            let all = (kept.before.len()..=kept.after.len()).contains(&stored.len()) && !stored.is_empty();
            let ok = kept.segments > 0 && all && stored == wanted;
            let logged = kept.before.len();
            let true_rows = if stored == wanted { "as it was true" } else { "NOT as it was true" };
            let left = kept.left.files;
            Ok((
                ok && left <= 1,
                format!(
                    "selected; {logged} entries logged, sealed; uploaded, receipt; {} rows, {true_rows}",
                    stored.len()
                ),
            ))
        };
        let asked = format!("a log, from the air to the store ({})", self.spec.logs);
        let expected = "selected; entries logged, sealed; uploaded, receipt; as many rows, as it was true";
        row("informed and agreed", &asked, expected, came())
    }

    /// A thief has the phone's memory from before the clear, and asks the collector itself, whose key is there.
    async fn cleared(&self) -> Row {
        let label = &self.spec.leaves;
        let came = async {
            let stolen = self.lab.mdt.phone(label, |phone, _| phone.flash().image()).await?;
            let said = self.lab.mdt.phone(label, |phone, _| phone.app("clear")).await?;
            let left = self.stands(label).await?.files;
            // The job goes on under a new key: what it unlocks is not what was cleared.
            self.pass(LOGS_S).await?;
            let offered = self.lab.mdt.phone(label, |phone, _| phone.offer()).await?.map_err(MdtError::from)?;
            let unlock = &offered.first().ok_or(DriveTestError::Odd("the phone logs no more"))?.unlock;
            let mut refused = 0;
            for octets in &stolen {
                let answer = self.lab.uploader.begin(octets, Some(unlock)).await?;
                refused += usize::from(answer.status == StatusCode::BAD_REQUEST);
            }
            let ok = said == "done" && left == 0 && !stolen.is_empty() && refused == stolen.len();
            let copies = if refused == stolen.len() { "opens nothing" } else { "OPENS what was copied before" };
            Ok((ok, format!("{left} files left; the collector, with its key, {copies} of {}", stolen.len())))
        };
        let asked = format!("the log is cleared; a thief has a copy of the memory ({label})");
        let expected = "0 files left; the collector, with its key, opens nothing";
        row("clear", &asked, expected, came.await)
    }

    /// In the middle of a job: silence at once, through a reboot and a new job, and the register knows.
    async fn opted_out(&self) -> Row {
        let label = &self.spec.leaves;
        let came = async {
            let said = self.lab.mdt.phone(label, |phone, _| phone.app("opt-out")).await?;
            self.pass(LOGS_S).await?;
            let silent = self.stands(label).await?;
            self.give().await?;
            self.lab.mdt.reboot(label).await?;
            let told = self.lab.mdt.tell_register(label, &self.lab.uploader).await?;
            let known = self.person(self.subscriber(label)?).await?;
            let known = known.get("opted_out").is_some_and(Value::is_string);
            // From the register to the home network, and from there to the MME.
            self.pass_on().await?;
            let outcomes = self.give().await?;
            let core = outcomes.iter().any(|(of, outcome)| of == label && *outcome == JobOutcome::NoConsent);
            let chosen = self.selected().await?.labels.iter().any(|of| of == label);
            self.pass(LOGS_S).await?;
            let still = self.stands(label).await?;
            let nothing = Stands { phase: mdt_log::machine::Phase::OptedOut, entries: 0, files: 0 };
            let quiet = silent == nothing && still == nothing;
            let words = [
                if quiet { "silence, after a reboot too" } else { "NOT silent" },
                if told && known { "the register knows" } else { "the register does NOT know" },
                if core { "the MME: no consent" } else { "the MME lets it through" },
                if chosen { "SELECTED" } else { "not selected" },
            ];
            Ok((said == "done" && quiet && told && known && core && !chosen, words.join("; ")))
        };
        let asked = format!("an opt-out in the middle of a job ({label})");
        let expected = "silence, after a reboot too; the register knows; the MME: no consent; not selected";
        row("opt out", &asked, expected, came.await)
    }

    fn subscriber(&self, label: &str) -> Result<&SubscriberSpec, DriveTestError> {
        self.tour.subscriber(label).ok_or(DriveTestError::Odd("no such subscriber"))
    }
}
