//! Answers that report an error to any request (RFC 6733 section 7.2).

use crate::{
    codec::{Builder, CommandFlags, DecodeError, EncodeError, FailedAvp, Message, Outcome, ResultCode, is_sound_group},
    dictionary,
    value::Value,
};

/// Who sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin<'a> {
    /// Origin-Host.
    pub host: &'a str,
    /// Origin-Realm.
    pub realm: &'a str,
}

/// Appends the answer to a request that could not be read: the result code of `error`, its Failed-AVP, and its wording as
/// Error-Message, which names AVPs and nobody. Works for a message that is sound only up to the fault
/// ([`Malformed`](crate::codec::Malformed)).
///
/// # Errors
/// [`EncodeError::TooLong`]; `out` is then as before.
pub fn error_answer(
    request: &Message,
    origin: Origin<'_>,
    error: &DecodeError,
    out: &mut Vec<u8>,
) -> Result<usize, EncodeError> {
    let text = error.to_string();
    answer(request, origin, Outcome::Base(error.result_code()), error.failed_avp(), Some(&text), out)
}

/// Appends the answer to a request that was read and cannot be served, with nothing but its outcome.
///
/// # Errors
/// [`EncodeError::TooLong`]; `out` is then as before.
pub fn failure_answer(
    request: &Message,
    origin: Origin<'_>,
    outcome: Outcome,
    out: &mut Vec<u8>,
) -> Result<usize, EncodeError> {
    answer(request, origin, outcome, None, None, out)
}

/// Session-Id comes first if there was one, Proxy-Info comes back as it was and in order (RFC 6733 section 6.2). The
/// E bit goes with 3xxx only; other errors keep to the grammar of the command, so Auth-Session-State is repeated.
fn answer(
    request: &Message,
    origin: Origin<'_>,
    outcome: Outcome,
    failed: Option<&FailedAvp>,
    text: Option<&str>,
    out: &mut Vec<u8>,
) -> Result<usize, EncodeError> {
    let mut header = request.header.answer();
    let protocol_error = outcome.result_code().is_some_and(ResultCode::is_protocol_error);
    if protocol_error {
        header.flags = header.flags.with(CommandFlags::ERROR);
    }
    let mut builder = Builder::new(out, header);
    if let Some(session) = request.find(&dictionary::SESSION_ID) {
        builder.raw(session);
    }
    if let Some(code) = outcome.result_code() {
        builder.u32(&dictionary::RESULT_CODE, code.0);
    }
    if let Some(result) = outcome.experimental_result() {
        result.write(&dictionary::EXPERIMENTAL_RESULT, &mut builder);
    }
    if let Some(state) = request.find(&dictionary::AUTH_SESSION_STATE).filter(|_| !protocol_error) {
        builder.raw(state);
    }
    builder.text(&dictionary::ORIGIN_HOST, origin.host).text(&dictionary::ORIGIN_REALM, origin.realm);
    if let Some(text) = text {
        builder.text(&dictionary::ERROR_MESSAGE, text);
    }
    if let Some(failed) = failed {
        builder.avp(&dictionary::FAILED_AVP, failed.octets());
    }
    // A malformed request may hold a broken one, which must not break the answer too.
    for proxy in request.all(&dictionary::PROXY_INFO).filter(|proxy| is_sound_group(*proxy)) {
        builder.raw(proxy);
    }
    builder.finish()
}
