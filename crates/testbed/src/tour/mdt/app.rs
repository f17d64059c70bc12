//! An application on the phone that wants the log.

use super::{Canaries, DriveTestError, LOGS_S, Row, Steps, row};
use crate::mdt_core::MdtError;
use crate::mdt_phone::WORDS;

/// Words that an application may try, beside those that there are.
const GUESSES: [&str; 24] = [
    "",
    "help",
    "read",
    "read 0",
    "get",
    "get log",
    "export",
    "dump",
    "entries",
    "records",
    "list",
    "open",
    "unlock",
    "upload",
    "offer",
    "key",
    "vault",
    "truth",
    "debug",
    "opt-in",
    "status all",
    "cat /log",
    "../log",
    "select * from log",
];

impl Steps<'_, '_> {
    /// While the log is on the phone: all its files, every word of the interface and others, what leaves it, what is printed of it.
    pub(super) async fn application(&self) -> Row {
        let label = &self.spec.logs;
        let came = async {
            let (canaries, tried) = self
                .lab
                .mdt
                .phone(label, |phone, ran| {
                    let canaries = Canaries::of(phone.truths(), ran);
                    let mut tried: Vec<(&'static str, Vec<Vec<u8>>)> = vec![("files", phone.flash().image())];
                    let words = WORDS.iter().filter(|word| **word == "status").chain(&GUESSES);
                    tried.push(("words", words.map(|word| phone.app(word).into_bytes()).collect()));
                    let printed = format!("{:?} {:?}", phone.flash(), phone.overview());
                    let offered = phone.offer()?;
                    let printed = format!("{printed} {offered:?}");
                    tried.push(("lines printed", vec![printed.into_bytes()]));
                    let sent = offered.into_iter().flat_map(|of| [of.octets, of.unlock]);
                    tried.push(("messages", sent.collect()));
                    Ok::<_, mdt_log::log::LogError>((canaries, tried))
                })
                .await?
                .map_err(MdtError::from)?;
            let found: usize = tried.iter().flat_map(|(_, of)| of).map(|octets| canaries.found_in(octets)).sum();
            let octets: usize = tried.iter().flat_map(|(_, of)| of).map(Vec::len).sum();
            let counted: Vec<String> = tried.iter().map(|(what, of)| format!("{} {what}", of.len())).collect();
            let there = canaries.len() > usize::try_from(LOGS_S / 100).unwrap_or_default()
                && tried.iter().all(|(_, of)| of.iter().any(|octets| !octets.is_empty()));
            let text = format!("{}; {octets} octets, {} canaries, {found} found", counted.join(", "), canaries.len());
            Ok::<_, DriveTestError>((there && found == 0, text))
        };
        let asked = format!("an application on the phone wants the log ({label})");
        row("an application on the phone", &asked, "files, words, lines, messages; 0 canaries found", came.await)
    }
}
