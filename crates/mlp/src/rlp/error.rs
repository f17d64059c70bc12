//! What is wrong with a request or an answer of another gateway.

use super::{
    answer::{AnswerElement, write_failure},
    init::Sender,
    version::Version,
};
use crate::{
    error::{Detail, Fault},
    result::ResultId,
};

/// A request that cannot be served: the result id, what is at fault, and in which element to answer.
///
/// Neither `Display` nor `Debug` repeats text from outside; [`RlpError::write`] names unknown elements back to the gateway
/// that sent them.
#[derive(Clone, thiserror::Error)]
#[error("RLP request refused, {} {}: {}", result.0, result.slogan(), self.detail.fault_text())]
pub struct RlpError {
    /// The result id of the answer.
    pub result: ResultId,
    /// The element that the answer uses.
    pub answer: AnswerElement,
    /// The version that the answer speaks.
    pub version: Version,
    /// The gateway that sends, if it could be read before the fault. Not verified.
    pub sender: Option<Box<Sender>>,
    detail: Box<Detail>,
}

impl RlpError {
    pub(super) fn new(fault: Fault, answer: AnswerElement, version: Version, sender: Option<Sender>) -> Self {
        Self { result: fault.result, answer, version, sender: sender.map(Box::new), detail: fault.detail }
    }

    /// HTTP status of the answer, as in MLP: 404 for a service that the standard does not define, else 200.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        let unknown_service = self.answer == AnswerElement::Gem && self.result == ResultId::SERVICE_NOT_SUPPORTED;
        if unknown_service { 404 } else { 200 }
    }

    /// Text of ADD_INFO: what is at fault and the rule that it breaks. For the gateway that asked alone.
    #[must_use]
    pub fn add_info(&self) -> String {
        self.detail.add_info()
    }

    /// Appends the answer to `out`, a whole XML document.
    pub fn write(&self, out: &mut String) {
        write_failure(out, self.version, self.answer, self.result, Some(&self.add_info()));
    }
}

impl core::fmt::Debug for RlpError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RlpError({self}; answered in {:?}, {:?})", self.answer, self.version)
    }
}

/// An answer of another gateway that cannot be read: it broke the protocol. Repeats no text of it.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("RLP answer cannot be read: {}", self.detail.fault_text())]
pub struct AnswerError {
    detail: Box<Detail>,
}

impl core::fmt::Debug for AnswerError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "AnswerError({self})")
    }
}

impl From<Fault> for AnswerError {
    fn from(fault: Fault) -> Self {
        Self { detail: fault.detail }
    }
}
