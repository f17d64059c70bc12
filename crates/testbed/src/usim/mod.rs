//! Subscribers with a (U)SIM, reached over the SMS centre (TS 23.271 Annex F).
//!
//! ```text
//!   gateway ==SMPP==> Smsc ── SMS-DELIVER ──> Handset ── ENVELOPE ──> usat::applet::Applet
//!   gateway <==SMPP== Smsc <── SMS-SUBMIT ─── Handset <── FETCH ──────────┘
//! ```

mod attached;
mod cards;
mod handset;

pub use attached::Attached;
pub(crate) use cards::follow;
pub use cards::{Cards, CardsError};
pub use handset::{Answer, CardError, Handset};

use crate::smsc::{CommandStatus, Party, SmppError, Smsc, Submitted, Text};
use lcs::{Address, PlmnId};
use std::time::Duration;
use usat::sms::{Deliver, SmsError, Submit};
use usat::toolkit::LocationInformation;

/// User data header, in esm_class (SMPP 5.0 section 4.7.12).
pub const HAS_HEADER: u8 = 0x40;

/// A subscriber: a number and a handset.
pub struct Subscriber {
    /// The number, digits.
    pub msisdn: String,
    /// The handset.
    pub handset: Handset,
}

/// Why a message does not go through.
#[derive(Debug, thiserror::Error)]
pub enum AirError {
    /// The centre.
    #[error(transparent)]
    Smpp(#[from] SmppError),
    /// The card.
    #[error(transparent)]
    Card(#[from] CardError),
    /// It is no short message.
    #[error(transparent)]
    Sms(#[from] SmsError),
    /// The service did not take it.
    #[error("the service answered {0:?}")]
    NotTaken(CommandStatus),
}

impl Subscriber {
    /// Takes the next message that waits at the centre, and sends what the card sends then.
    ///
    /// # Errors
    /// None comes within `patience`, or one does not go through.
    pub async fn receive(&mut self, smsc: &Smsc, patience: Duration) -> Result<(), AirError> {
        let submitted = smsc.next_for_terminal(&self.msisdn, patience).await?;
        self.take(submitted)?;
        self.send(smsc).await
    }

    /// Takes a message. What the card sends then waits for [`Self::send`].
    fn take(&mut self, submitted: Submitted) -> Result<(), AirError> {
        let deliver = Deliver {
            originating: Address::international(&submitted.source.text).map_err(|_| SmsError::Address)?,
            pid: submitted.text.protocol_id,
            dcs: submitted.text.data_coding,
            // 2026-11-28 22:00 UTC: a card does not look at it.
            service_centre_time: [0x62, 0x11, 0x82, 0x22, 0x00, 0x00, 0x00],
            has_header: submitted.text.esm_class & HAS_HEADER != 0,
            user_data: submitted.text.octets,
        };
        Ok(self.handset.deliver(deliver.encode()?)?)
    }

    /// Hands the centre what the card has sent.
    ///
    /// # Errors
    /// The service does not take it.
    pub async fn send(&mut self, smsc: &Smsc) -> Result<(), AirError> {
        while let Some(tpdu) = self.handset.next_sent() {
            let (service, text) = short_message(&tpdu)?;
            let from = Party::international(&self.msisdn);
            match smsc.deliver(&from, &service, &text).await? {
                CommandStatus::EsmeRok => {}
                status => return Err(AirError::NotTaken(status)),
            }
        }
        Ok(())
    }
}

/// The service that an SMS-SUBMIT goes to, and what it says.
fn short_message(tpdu: &[u8]) -> Result<(String, Text), SmsError> {
    let submit = Submit::parse(tpdu)?;
    let text = Text {
        octets: submit.user_data,
        esm_class: if submit.has_header { HAS_HEADER } else { 0 },
        protocol_id: submit.pid,
        data_coding: submit.dcs,
        parameters: Vec::new(),
    };
    Ok((submit.destination.to_string().trim_start_matches('+').to_owned(), text))
}

/// Where a handset says it is when it camps on this cell of E-UTRAN: 28 bits, of which the extended identity has the lower.
#[must_use]
pub fn in_eutran_cell(plmn: PlmnId, tracking_area: u16, cell: u32) -> LocationInformation {
    let [a, b, c, d] = (cell << 4).to_be_bytes();
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    LocationInformation { plmn, area_code: tracking_area, cell: Some(high), extended: Some(low) }
}
