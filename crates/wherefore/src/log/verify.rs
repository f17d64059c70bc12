//! `wherefore log verify`: is this log whole and genuine?

use super::error::LogError;
use super::files::Files;
use super::keys::read_verifier;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use privacy::disclosure::{AuditOptions, AuditReport, ReadStorage, audit};
use std::fmt;
use std::path::Path;

/// How to verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VerifyOptions {
    /// Check the last signature of each segment only, which covers the entries before it.
    pub fast: bool,
    /// Earlier segments may be gone.
    pub allow_pruned: bool,
    /// Draw a bar if standard error is a terminal.
    pub progress: bool,
}

/// A log that was found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What was found.
    pub report: AuditReport,
    /// The log's name.
    pub origin: String,
    /// The key was read from the log's own directory: who can write that could have put another there.
    pub key_from_dir: bool,
    /// A process writes the log meanwhile.
    pub live: bool,
}

/// Verifies the log in `dir` with the public key at `vkey`, or with `log.vkey` in the directory. Needs no key that can read
/// entries. The error names the first thing wrong.
pub fn verify(dir: &Path, vkey: Option<&Path>, options: VerifyOptions) -> Result<Verified, LogError> {
    let key = read_verifier(dir, vkey)?;
    let mut files = Files::new(dir);
    let live = files.is_live();
    let audited = AuditOptions { live, allow_pruned: options.allow_pruned, every_signature: !options.fast };
    let expected = key_size(&mut files, &key);
    let bar = if options.progress { bar(expected) } else { ProgressBar::hidden() };
    let report = audit(&mut files, &key, audited, &mut |entries| bar.set_position(entries));
    bar.finish_and_clear();
    let report = report.map_err(|error| LogError::Audit { dir: dir.to_owned(), error })?;
    Ok(Verified { report, origin: key.origin().as_str().to_owned(), key_from_dir: vkey.is_none(), live })
}

fn key_size(files: &mut Files, key: &privacy::disclosure::VerifierKey) -> u64 {
    let note = files.object("checkpoint").ok().flatten().and_then(|note| String::from_utf8(note).ok());
    note.and_then(|note| key.read_note(&note).ok()).map_or(0, |checkpoint| checkpoint.size)
}

fn bar(entries: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("verifying {bar:40} {human_pos}/{human_len} entries, {per_sec}, {eta} left");
    let bar = ProgressBar::with_draw_target(Some(entries), ProgressDrawTarget::stderr_with_hz(5));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Verified {
    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let report = &self.report;
        serde_json::json!({
            "good": true,
            "origin": self.origin,
            "first": report.first,
            "size": report.checkpoint.size,
            "root": hex(&report.checkpoint.root),
            "segments": report.segments,
            "batches": report.batches,
            "signatures": report.signatures,
            "published": report.published,
            "tiles": report.tiles,
            "unfinished": report.unfinished.map(|place| place.to_string()),
            "live": self.live,
            "key_from_directory": self.key_from_dir,
        })
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.report;
        writeln!(f, "good: {}", self.origin)?;
        writeln!(f, "  entries     {} (from {})", report.checkpoint.size, report.first)?;
        writeln!(f, "  root        {}", hex(&report.checkpoint.root))?;
        writeln!(f, "  signatures  {} in {} segments, {} batches", report.signatures, report.segments, report.batches)?;
        match report.published {
            Some(size) => writeln!(f, "  published   checkpoint over {size} entries, {} tiles", report.tiles)?,
            None => writeln!(f, "  published   nothing yet")?,
        }
        if let Some(place) = report.unfinished {
            writeln!(f, "  unfinished  {place}: the log is being written")?;
        }
        if self.key_from_dir {
            writeln!(
                f,
                "  note        the key came from the log's own directory; give one that you kept to rule out that both were replaced"
            )?;
        }
        Ok(())
    }
}

pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
