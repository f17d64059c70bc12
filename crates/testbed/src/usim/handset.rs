//! A handset with a (U)SIM on which the change-of-area application of crate `usat` runs.

use lcs::{Duration, Timestamp};
use std::collections::VecDeque;
use usat::applet::{Applet, Card, Memory, StatusWord};
use usat::toolkit::{
    AccessTechnology, Command, Envelope, LocalInformation, LocationInformation, LocationStatus, Outcome, Proactive,
    TerminalResponse,
};

/// Commands of a card after one event; more is a card that never comes to rest.
const MOST_COMMANDS: u32 = 500;

/// What the user does when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Says yes.
    Yes,
    /// Says no.
    No,
    /// Says nothing.
    Nothing,
}

/// The card does what no card may.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// What it wants is no command, or nothing is there to fetch.
    #[error("the card says something that no phone understands: {0}")]
    Speech(#[from] usat::toolkit::ToolkitError),
    /// It announced a command, and there is none.
    #[error("the card announces a command and has none")]
    Nothing,
    /// It never comes to rest.
    #[error("the card never comes to rest")]
    Restless,
    /// It takes nothing for now.
    #[error("the card is busy, or takes what came for wrong: {0:?}")]
    Refused(StatusWord),
}

/// A handset. Its clock is moved by hand.
pub struct Handset {
    applet: Applet,
    card: Card,
    now: Timestamp,
    location: LocationInformation,
    access: AccessTechnology,
    service: bool,
    answer: Answer,
    tells_of_cells: bool,
    timer: Option<Timestamp>,
    shown: Vec<String>,
    sent: VecDeque<Vec<u8>>,
}

impl Handset {
    /// A handset that is switched on with this card.
    #[must_use]
    pub fn new(card: Card, now: Timestamp, location: LocationInformation, access: AccessTechnology) -> Self {
        let applet = Applet::power_on(card.clone(), Memory::default());
        Self {
            applet,
            card,
            now,
            location,
            access,
            service: true,
            answer: Answer::Yes,
            tells_of_cells: false,
            timer: None,
            shown: Vec::new(),
            sent: VecDeque::new(),
        }
    }

    /// What the user will say from now on.
    pub fn set_answer(&mut self, answer: Answer) {
        self.answer = answer;
    }

    /// Texts that were shown, in order.
    #[must_use]
    pub fn shown(&self) -> &[String] {
        &self.shown
    }

    /// Requests on the card.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.applet.requests().count()
    }

    /// The next SMS-SUBMIT that the card had sent.
    pub fn next_sent(&mut self) -> Option<Vec<u8>> {
        self.sent.pop_front()
    }

    /// Takes an SMS-DELIVER for the card.
    ///
    /// # Errors
    /// The card does what it may not, or is busy.
    pub fn deliver(&mut self, tpdu: Vec<u8>) -> Result<(), CardError> {
        self.envelope(&Envelope::SmsPpDownload { service_centre: None, tpdu })
    }

    /// Goes to another cell.
    ///
    /// # Errors
    /// As [`Self::deliver`].
    pub fn go(&mut self, location: LocationInformation, access: AccessTechnology) -> Result<(), CardError> {
        (self.location, self.access) = (location, access);
        self.tell()
    }

    /// Loses or finds service.
    ///
    /// # Errors
    /// As [`Self::deliver`].
    pub fn set_service(&mut self, service: bool) -> Result<(), CardError> {
        self.service = service;
        self.tell()
    }

    /// Is switched off and on again: what is on the card stays.
    ///
    /// # Errors
    /// As [`Self::deliver`].
    pub fn switch_off_and_on(self) -> Result<Self, CardError> {
        let applet = Applet::power_on(self.card.clone(), self.applet.power_off());
        let mut handset = Self { applet, tells_of_cells: false, timer: None, ..self };
        let word = handset.applet.status();
        handset.serve(word)?;
        Ok(handset)
    }

    /// Lets time pass.
    ///
    /// # Errors
    /// As [`Self::deliver`].
    pub fn wait(&mut self, span: Duration) -> Result<(), CardError> {
        let end = self.now.after(span);
        while let Some(expiry) = self.timer.take_if(|expiry| *expiry <= end) {
            self.now = expiry;
            self.envelope(&Envelope::TimerExpiration { timer: 1, seconds: 1 })?;
        }
        self.now = end;
        Ok(())
    }

    fn tell(&mut self) -> Result<(), CardError> {
        if !self.tells_of_cells {
            return Ok(());
        }
        let status = if self.service { LocationStatus::Normal } else { LocationStatus::None };
        self.envelope(&Envelope::LocationStatus { status, location: self.service.then_some(self.location) })
    }

    fn envelope(&mut self, envelope: &Envelope) -> Result<(), CardError> {
        let word = self.applet.envelope(&envelope.encode()?);
        self.serve(word)
    }

    /// Fetches and answers until the card wants nothing more.
    fn serve(&mut self, mut word: StatusWord) -> Result<(), CardError> {
        for _ in 0..MOST_COMMANDS {
            match word {
                StatusWord::Done => return Ok(()),
                StatusWord::Fetch(_) => {}
                StatusWord::Busy | StatusWord::Wrong => return Err(CardError::Refused(word)),
            }
            let proactive = Proactive::parse(&self.applet.fetch().ok_or(CardError::Nothing)?)?;
            let said = self.say(&proactive);
            word = self.applet.terminal_response(&said.encode()?);
        }
        Err(CardError::Restless)
    }

    fn say(&mut self, proactive: &Proactive) -> TerminalResponse {
        let done = TerminalResponse::to(proactive, Outcome::Done);
        let not_now = TerminalResponse::to(proactive, Outcome::NotNow);
        match &proactive.command {
            Command::DisplayText(text) => {
                self.shown.push(text.clone());
                done
            }
            Command::GetInkey(text) => {
                self.shown.push(text.clone());
                match self.answer {
                    Answer::Yes => TerminalResponse { yes: Some(true), ..done },
                    Answer::No => TerminalResponse { yes: Some(false), ..done },
                    Answer::Nothing => TerminalResponse::to(proactive, Outcome::NoResponse),
                }
            }
            Command::SetUpEventList { location_status } => {
                self.tells_of_cells = *location_status;
                done
            }
            Command::ProvideLocalInformation(LocalInformation::DateTime) => {
                TerminalResponse { time: Some(self.now), ..done }
            }
            Command::ProvideLocalInformation(LocalInformation::AccessTechnology) => {
                TerminalResponse { access: Some(self.access), ..done }
            }
            Command::ProvideLocalInformation(LocalInformation::Location) if self.service => {
                TerminalResponse { location: Some(self.location), ..done }
            }
            Command::ProvideLocalInformation(LocalInformation::Location) => not_now,
            Command::StartTimer { seconds, .. } => {
                self.timer = Some(self.now.after(Duration::from_secs((*seconds).into())));
                done
            }
            Command::StopTimer { .. } => {
                self.timer = None;
                done
            }
            Command::SendShortMessage(tpdu) if self.service => {
                self.sent.push_back(tpdu.clone());
                done
            }
            Command::SendShortMessage(_) => not_now,
        }
    }
}
