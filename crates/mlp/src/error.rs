//! What is wrong with a request, and how that is answered.

use crate::{
    answer::{self, AnswerElement},
    header::Header,
    result::ResultId,
    version::Version,
};
use std::borrow::Cow;

/// A request that cannot be served as a whole: the result id, what is at fault, and in which element to answer.
///
/// Neither `Display` nor `Debug` repeats text of the client; [`MlpError::write`] names its unknown elements back to it,
/// as OMA MLP section 5.4.1 asks for in ADD_INFO.
#[derive(Clone, thiserror::Error)]
#[error("MLP request refused, {} {}: {}", result.0, result.slogan(), self.detail.fault_text())]
pub struct MlpError {
    /// The result id of the whole answer.
    pub result: ResultId,
    /// The element that the answer uses.
    pub answer: AnswerElement,
    /// The version that the answer speaks.
    pub version: Version,
    /// The header, if it could be read before the fault, so that the refusal can be recorded against its client.
    /// Nothing in it is verified.
    pub header: Option<Box<Header>>,
    detail: Box<Detail>,
}

/// What is at fault: element, attribute, rule.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) element: Cow<'static, str>,
    pub(crate) attribute: Option<Cow<'static, str>>,
    pub(crate) rule: &'static str,
}

/// A fault inside the parser, before it is known how to answer. Small, because every step of the parser returns one or none.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) result: ResultId,
    pub(crate) detail: Box<Detail>,
}

/// Longest name of the client's that is named back.
const NAME_MAX: usize = 64;

/// A name from outside, cut to a bounded length.
pub(crate) fn outside_name(name: &str) -> Cow<'static, str> {
    Cow::Owned(name.chars().take(NAME_MAX).collect())
}

impl Fault {
    pub(crate) fn element(result: ResultId, element: &'static str, rule: &'static str) -> Self {
        Self { result, detail: Box::new(Detail { element: Cow::Borrowed(element), attribute: None, rule }) }
    }

    pub(crate) fn attribute(
        result: ResultId,
        element: &'static str,
        attribute: &'static str,
        rule: &'static str,
    ) -> Self {
        let (element, attribute) = (Cow::Borrowed(element), Some(Cow::Borrowed(attribute)));
        Self { result, detail: Box::new(Detail { element, attribute, rule }) }
    }

    /// An element or service of the client's own naming.
    pub(crate) fn outside(result: ResultId, name: &str, rule: &'static str) -> Self {
        Self { result, detail: Box::new(Detail { element: outside_name(name), attribute: None, rule }) }
    }

    /// 106, about the document or an element of it.
    pub(crate) fn syntax(element: &'static str, rule: &'static str) -> Self {
        Self::element(ResultId::SYNTAX_ERROR, element, rule)
    }

    /// 105.
    pub(crate) fn format(element: &'static str, rule: &'static str) -> Self {
        Self::element(ResultId::FORMAT_ERROR, element, rule)
    }

    /// 110.
    pub(crate) fn value(element: &'static str, rule: &'static str) -> Self {
        Self::element(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE, element, rule)
    }

    /// 111, for a value that the standard does not define.
    pub(crate) fn attribute_value(element: &'static str, attribute: &'static str) -> Self {
        let rule = "not a value that the standard defines";
        Self::attribute(ResultId::INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE, element, attribute, rule)
    }

    /// 107.
    pub(crate) fn unsupported(element: &'static str) -> Self {
        Self::element(ResultId::PROTOCOL_ELEMENT_NOT_SUPPORTED, element, "not supported by this server")
    }

    pub(crate) fn answered(self, answer: AnswerElement, version: Version, header: Option<Header>) -> MlpError {
        MlpError { result: self.result, answer, version, header: header.map(Box::new), detail: self.detail }
    }
}

impl Detail {
    /// The text of ADD_INFO.
    pub(crate) fn add_info(&self) -> String {
        match &self.attribute {
            None => format!("{}: {}", self.element, self.rule),
            Some(attribute) => format!("{}/@{attribute}: {}", self.element, self.rule),
        }
    }

    /// The same without a name from outside, for logs.
    pub(crate) fn fault_text(&self) -> String {
        let own = |name: &Cow<'static, str>| match name {
            Cow::Borrowed(name) => *name,
            Cow::Owned(_) => "(a name from outside)",
        };
        match &self.attribute {
            None => format!("{}: {}", own(&self.element), self.rule),
            Some(attribute) => format!("{}/@{}: {}", own(&self.element), own(attribute), self.rule),
        }
    }
}

impl MlpError {
    /// HTTP status of the answer: 404 for a service that the standard does not define (OMA MLP section 5.6.1), else 200.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        let unknown_service = self.answer == AnswerElement::Gem && self.result == ResultId::SERVICE_NOT_SUPPORTED;
        if unknown_service { 404 } else { 200 }
    }

    /// Text of ADD_INFO: what is at fault and the rule that it breaks. For the client alone.
    #[must_use]
    pub fn add_info(&self) -> String {
        self.detail.add_info()
    }

    /// Appends the answer to `out`, a whole XML document.
    pub fn write(&self, out: &mut String) {
        answer::write_failure(out, self.version, self.answer, self.result, Some(&self.add_info()));
    }
}

impl core::fmt::Debug for MlpError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "MlpError({self}; answered in {:?}, {:?})", self.answer, self.version)
    }
}
