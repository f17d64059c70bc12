//! Bounds and timers of one subsystem.

use core::time::Duration;

/// Who may send the first message back to a dialogue of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstAnswer {
    /// Whoever knows the transaction identifier, 32 bits that cannot be guessed: a Begin sent to a global title is answered
    /// from the address of the node that got it. From then on the address is fixed.
    FromAnyAddress,
    /// Only the address that the Begin went to.
    FromSameAddress,
}

/// Bounds and timers of a [`Dialogues`](super::Dialogues).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcapLimits {
    /// Most dialogues under way at once, of both directions.
    pub dialogues: usize,
    /// Most octets of a message, of both directions. SCCP carries 3,952 at most (Q.713 clause 4.18, segmented XUDT).
    pub message_octets: usize,
    /// Most components of a message, and most invocations under way in one dialogue in each direction; at most 128.
    pub components: usize,
    /// Most octets of one result, all segments together.
    pub result_octets: usize,
    /// A dialogue without a message in either direction for so long is over, unless an invocation of ours waits longer.
    pub idle_timeout: Duration,
    /// No dialogue lasts longer.
    pub lifetime: Duration,
    /// Who may send the first message back.
    pub first_answer: FirstAnswer,
}

impl Default for TcapLimits {
    fn default() -> Self {
        Self {
            dialogues: 100_000,
            message_octets: 3_952,
            components: 16,
            result_octets: 16_384,
            idle_timeout: Duration::from_secs(60),
            lifetime: Duration::from_mins(10),
            first_answer: FirstAnswer::FromAnyAddress,
        }
    }
}
