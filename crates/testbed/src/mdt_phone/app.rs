//! What applications on the phone can reach: one line in, one line out. Numbers of the log and the user's own switches; no word here reads
//! or takes out what was logged, and the user lifts an opt-out elsewhere, where no application is.

use super::{MdtPhone, Wish};

/// All words that there are.
pub const WORDS: [&str; 4] = ["status", "pause", "clear", "opt-out"];
/// Longest line.
const LINE_MAX: usize = 64;
/// Longest pause, seconds: 30 days.
const PAUSE_MAX_S: u64 = 30 * 86_400;

impl MdtPhone {
    /// Answers a line of an application: `status`, `pause SECONDS` (0 ends a pause), `clear`, `opt-out`. Whatever else it says is refused
    /// alike, and not repeated.
    pub fn app(&mut self, line: &str) -> String {
        let wish = match line.split_once(' ') {
            _ if line.len() > LINE_MAX => None,
            None if line == "status" => return self.shown(),
            None if line == "clear" => Some(Wish::Clear),
            None if line == "opt-out" => Some(Wish::OptOut),
            Some(("pause", seconds)) => match seconds.parse() {
                Ok(0) => Some(Wish::Resume),
                Ok(seconds) if seconds <= PAUSE_MAX_S => Some(Wish::Pause(seconds * 1000)),
                _ => None,
            },
            _ => None,
        };
        match wish.map(|wish| self.wish(wish)) {
            None => "refused: status, pause SECONDS, clear, opt-out are all that there is".to_owned(),
            Some(Ok(())) => "done".to_owned(),
            Some(Err(_)) => "failed: say it again".to_owned(),
        }
    }

    fn shown(&self) -> String {
        let overview = self.overview();
        let phase = overview.phase.word();
        let paused = if overview.paused_until_ms.is_some() { "yes" } else { "no" };
        format!("{phase}; paused: {paused}; sealed octets: {}", overview.status.octets)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::street_phone;

    #[test]
    fn an_application_gets_numbers_and_switches_and_nothing_else() {
        let mut phone = street_phone();
        assert!(phone.app("status").starts_with("logging; paused: no; sealed octets: "));
        assert_eq!((phone.app("pause 60"), phone.app("status").contains("paused: yes")), ("done".into(), true));
        assert_eq!((phone.app("pause 0"), phone.app("status").contains("paused: no")), ("done".into(), true));
        let refused = phone.app("read");
        for line in [
            "",
            "read",
            "export",
            "opt-in",
            "status 1",
            "pause",
            "pause -1",
            "pause x",
            "pause 99999999999999999999",
            "pause 2592001",
            "clear all",
            "STATUS",
            "status\0",
            &"status".repeat(100),
        ] {
            assert_eq!(phone.app(line), refused, "{line}");
        }
        assert!(phone.overview().status.octets > 0, "nothing of that touched the log");
        assert_eq!((phone.app("clear"), phone.overview().status.octets), ("done".into(), 0));
        let out = "opted-out; paused: no; sealed octets: 0".to_owned();
        assert_eq!((phone.app("opt-out"), phone.app("status")), ("done".into(), out));
    }
}
