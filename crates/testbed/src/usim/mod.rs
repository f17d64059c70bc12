//! Subscribers with a (U)SIM, reached over the SMS centre (TS 23.271 Annex F).
//!
//! ```text
//!   gateway ==SMPP==> Smsc ── SMS-DELIVER ──> Handset ── ENVELOPE ──> usat::applet::Applet
//!   gateway <==SMPP== Smsc <── SMS-SUBMIT ─── Handset <── FETCH ──────────┘
//! ```

mod handset;

pub use handset::{Answer, CardError, Handset};

use crate::smsc::{CommandStatus, Party, SmppError, Smsc, Text};
use lcs::Address;
use std::time::Duration;
use usat::sms::{Deliver, SmsError, Submit};

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
        let deliver = Deliver {
            originating: Address::international(&submitted.source.text).map_err(|_| SmsError::Address)?,
            pid: submitted.text.protocol_id,
            dcs: submitted.text.data_coding,
            // 2026-11-28 22:00 UTC: a card does not look at it.
            service_centre_time: [0x62, 0x11, 0x82, 0x22, 0x00, 0x00, 0x00],
            has_header: submitted.text.esm_class & HAS_HEADER != 0,
            user_data: submitted.text.octets,
        };
        self.handset.deliver(deliver.encode()?)?;
        self.send(smsc).await
    }

    /// Hands the centre what the card has sent.
    ///
    /// # Errors
    /// The service does not take it.
    pub async fn send(&mut self, smsc: &Smsc) -> Result<(), AirError> {
        while let Some(tpdu) = self.handset.next_sent() {
            let submit = Submit::parse(&tpdu)?;
            let service = submit.destination.to_string();
            let text = Text {
                octets: submit.user_data,
                esm_class: if submit.has_header { HAS_HEADER } else { 0 },
                protocol_id: submit.pid,
                data_coding: submit.dcs,
                parameters: Vec::new(),
            };
            let from = Party::international(&self.msisdn);
            match smsc.deliver(&from, service.trim_start_matches('+'), &text).await? {
                CommandStatus::EsmeRok => {}
                status => return Err(AirError::NotTaken(status)),
            }
        }
        Ok(())
    }
}
