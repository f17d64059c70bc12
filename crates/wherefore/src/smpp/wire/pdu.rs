//! The header of a PDU (SMPP 3.4 section 3.2; SMPP 5.0 section 3.2).

/// Octets of the header: length, command, status, sequence number.
pub const HEADER: usize = 16;

/// Command identifiers (SMPP 5.0 section 4.7.5). An answer is its request with the highest bit set.
pub mod command {
    /// The bit of an answer.
    pub const RESPONSE: u32 = 0x8000_0000;
    /// Answer to what cannot be told.
    pub const GENERIC_NACK: u32 = 0x8000_0000;
    /// Bind to receive.
    pub const BIND_RECEIVER: u32 = 0x01;
    /// Bind to send.
    pub const BIND_TRANSMITTER: u32 = 0x02;
    /// State of a message.
    pub const QUERY_SM: u32 = 0x03;
    /// A message to a terminal.
    pub const SUBMIT_SM: u32 = 0x04;
    /// A message to a client.
    pub const DELIVER_SM: u32 = 0x05;
    /// End of a session.
    pub const UNBIND: u32 = 0x06;
    /// Another text for a message.
    pub const REPLACE_SM: u32 = 0x07;
    /// Takes a message back.
    pub const CANCEL_SM: u32 = 0x08;
    /// Bind for both.
    pub const BIND_TRANSCEIVER: u32 = 0x09;
    /// Are you there?
    pub const ENQUIRE_LINK: u32 = 0x15;
    /// A message to many.
    pub const SUBMIT_MULTI: u32 = 0x21;
    /// A terminal can be reached again. Has no answer.
    pub const ALERT_NOTIFICATION: u32 = 0x0102;
    /// A message, either way.
    pub const DATA_SM: u32 = 0x0103;
    /// A message to an area.
    pub const BROADCAST_SM: u32 = 0x0111;
    /// State of that.
    pub const QUERY_BROADCAST_SM: u32 = 0x0112;
    /// Takes that back.
    pub const CANCEL_BROADCAST_SM: u32 = 0x0113;
}

/// Command statuses (SMPP 5.0 section 4.7.6).
pub mod status {
    /// Done.
    pub const OK: u32 = 0;
    /// The PDU is not as long as its parts.
    pub const RINVCMDLEN: u32 = 0x02;
    /// No such command.
    pub const RINVCMDID: u32 = 0x03;
    /// Not in this state of the session.
    pub const RINVBNDSTS: u32 = 0x04;
    /// Bound already.
    pub const RALYBND: u32 = 0x05;
    /// System error.
    pub const RSYSERR: u32 = 0x08;
    /// No such source.
    pub const RINVSRCADR: u32 = 0x0A;
    /// No such destination.
    pub const RINVDSTADR: u32 = 0x0B;
    /// Bind failed.
    pub const RBINDFAIL: u32 = 0x0D;
    /// More than may be under way at once.
    pub const RTHROTTLED: u32 = 0x58;
    /// The receiver cannot take it now: try again.
    pub const RX_T_APPN: u32 = 0x64;
    /// The receiver will never take it.
    pub const RX_P_APPN: u32 = 0x65;
}

/// One PDU, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Pdu(Vec<u8>);

impl core::fmt::Debug for Pdu {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Not what is in it: numbers and texts of subscribers.
        write!(f, "Pdu({:#010x}, status {:#x}, sequence {})", self.command(), self.status(), self.sequence())
    }
}

impl Pdu {
    /// Takes octets; `None` unless there is a header and they are as many as it says.
    #[must_use]
    pub fn new(octets: Vec<u8>) -> Option<Self> {
        let length = octets.first_chunk::<4>().map(|length| u32::from_be_bytes(*length))?;
        let fits = octets.len() >= HEADER && usize::try_from(length).is_ok_and(|length| length == octets.len());
        fits.then_some(Self(octets))
    }

    /// Makes one.
    #[must_use]
    pub fn of(command: u32, status: u32, sequence: u32, body: &[u8]) -> Self {
        let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
        let mut octets = Vec::with_capacity(HEADER + body.len());
        for word in [length, command, status, sequence] {
            octets.extend(word.to_be_bytes());
        }
        octets.extend_from_slice(body);
        Self(octets)
    }

    /// The answer to this request without a body, or with an empty message_id where one must stand whatever the status.
    #[must_use]
    pub fn refusal(&self, status: u32) -> Self {
        let command = self.command() | command::RESPONSE;
        // SMPP 3.4 section 4.6.2: message_id of deliver_sm_resp is unused and always there.
        let body: &[u8] = if self.command() == command::DELIVER_SM { b"\0" } else { b"" };
        Self::of(command, status, self.sequence(), body)
    }

    fn word(&self, at: usize) -> u32 {
        self.0.get(at..at + 4).and_then(|octets| octets.first_chunk()).map_or(0, |word| u32::from_be_bytes(*word))
    }

    /// The command.
    #[must_use]
    pub fn command(&self) -> u32 {
        self.word(4)
    }

    /// Whether it answers.
    #[must_use]
    pub fn is_response(&self) -> bool {
        self.command() & command::RESPONSE != 0
    }

    /// The status, of an answer.
    #[must_use]
    pub fn status(&self) -> u32 {
        self.word(8)
    }

    /// The sequence number.
    #[must_use]
    pub fn sequence(&self) -> u32 {
        self.word(12)
    }

    /// The same under another sequence number.
    #[must_use]
    pub fn numbered(mut self, sequence: u32) -> Self {
        if let Some(octets) = self.0.get_mut(12..16) {
            octets.copy_from_slice(&sequence.to_be_bytes());
        }
        self
    }

    /// What follows the header.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.0.get(HEADER..).unwrap_or_default()
    }

    /// All of it.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// The same command, status and number over another body.
    #[must_use]
    pub(super) fn with_body(&self, body: &[u8]) -> Self {
        Self::of(self.command(), self.status(), self.sequence(), body)
    }
}
