//! What is said to cards and by them, in the words of the gateway.

use crate::forms::Number;
use crate::ldr::instance_of;
use crate::smsc::{FinalState, SubmitFailure};
use gmlc::LdrOrder;
use lcs::{Address, DeferredEvent, Duration, Failure, LcsClientId, PrivacySetting, RefusalReason, Timestamp};
use usat::message::{Install, Installed, NAME_LIMIT, RequestName};
use usat::packet::Status;

/// The name of a request towards the card.
pub(super) fn name_of(order: &LdrOrder<'_>) -> RequestName {
    RequestName { reference: order.reference, instance: instance_of(order.request.id) }
}

/// What a card is to do by this order.
///
/// # Errors
/// It is no area event, or one that a card cannot watch; its user is to be told of a client that has no name.
pub(super) fn installation(
    order: &LdrOrder<'_>,
    privacy: PrivacySetting,
    gateway: Address,
    now: Timestamp,
) -> Result<Install, Failure> {
    let request = order.request;
    let DeferredEvent::Area { event, reporting, .. } = &request.event else {
        return Err(Failure::ServingNodeUnsupported);
    };
    // A card reports events alone.
    if reporting.max_interval_s.is_some() {
        return Err(Failure::ServingNodeUnsupported);
    }
    let start = request.start.unwrap_or(now).max(now);
    let wanted = reporting.duration_s.map(|span| start.after(Duration::from_secs(span.into())));
    let client = &request.request.client;
    let name = client_name(client);
    if privacy.notifies() && name.is_none() {
        return Err(Failure::Refused(RefusalReason::NodeIncapable));
    }
    Ok(Install {
        name: name_of(order),
        gateway,
        // Nothing goes to a card before its start: it begins there at once, however slow the phone's clock is.
        start: Timestamp::from_secs(0),
        stop: Timestamp::from_secs(wanted.map_or(request.stop, |end| end.min(request.stop)).secs()),
        event: *event,
        multiple: reporting.multiple,
        min_interval_s: reporting.min_interval_s,
        areas: order.areas.to_vec(),
        privacy,
        client: name,
        requestor: client.requestor.as_ref().and_then(|requestor| shown(&requestor.text)),
    })
}

/// The client as its user reads it: by name, else by number.
fn client_name(client: &LcsClientId) -> Option<String> {
    let number = || client.external.map(|number| Number(number).to_string());
    client.name.as_ref().and_then(|name| shown(&name.text)).or_else(number)
}

/// A text as it fits a card; `None` if nothing can be shown of it.
fn shown(text: &str) -> Option<String> {
    let mut out = String::new();
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        if out.len() + letter.len_utf8() > NAME_LIMIT {
            break;
        }
        out.push(letter);
    }
    (!out.trim().is_empty()).then_some(out)
}

/// What the word of a card comes to. Success is "installed" alone.
pub(super) fn outcome(installed: Installed) -> Result<(), Failure> {
    Err(match installed {
        Installed::Yes | Installed::YesWithoutResponse => return Ok(()),
        Installed::Denied | Installed::NoResponse => Failure::PositioningDenied,
        // Who is owed a word and cannot have it is not located.
        Installed::NoUserInterface => Failure::Refused(RefusalReason::NodeIncapable),
        Installed::AreaNotSupported => Failure::OutsideCoverage,
        Installed::Expired => Failure::TimedOut,
        Installed::NoLocalInformation => Failure::ServingNodeUnsupported,
        Installed::Cancelled | Installed::Other(_) => Failure::NetworkFault,
    })
}

/// What it comes to that a card did not take a packet.
pub(super) fn not_taken(status: Status) -> Failure {
    match status {
        Status::InsufficientMemory => Failure::NetworkCongestion,
        Status::TarUnknown => Failure::ServingNodeUnsupported,
        _ => Failure::NetworkProtocol,
    }
}

/// What it comes to that a message did not reach the phone.
pub(super) fn not_delivered(state: FinalState) -> Failure {
    match state {
        // As long as it could be waited for, the phone could not be reached.
        FinalState::Expired => Failure::TimedOut,
        FinalState::Undeliverable => Failure::AbsentSubscriber,
        FinalState::MemoryFull => Failure::NetworkCongestion,
        FinalState::Deleted | FinalState::Rejected | FinalState::Delivered | FinalState::Unknown => {
            Failure::NetworkFault
        }
    }
}

/// What it comes to that the SMS centre did not take a message.
pub(super) fn not_submitted(failure: SubmitFailure) -> Failure {
    match failure {
        SubmitFailure::NotBound => Failure::NetworkUnreachable,
        SubmitFailure::Throttled | SubmitFailure::QueueFull | SubmitFailure::Unavailable(_) => {
            Failure::NetworkCongestion
        }
        SubmitFailure::NoAnswer => Failure::TimedOut,
        SubmitFailure::NoSuchSubscriber => Failure::UnknownSubscriber,
        SubmitFailure::Refused(_) | SubmitFailure::TooLong => Failure::NetworkFault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every result that there is, known or not: success is "installed" alone.
    #[test]
    fn every_word_of_a_card() {
        for octet in 0..=u8::MAX {
            let said = outcome(Installed::from_octet(octet));
            assert_eq!(said.is_ok(), octet < 2, "{octet:02x}");
            assert_eq!(said == Err(Failure::PositioningDenied), matches!(octet, 0x10 | 0x11), "{octet:02x}");
        }
        assert_eq!(outcome(Installed::NoUserInterface), Err(Failure::Refused(RefusalReason::NodeIncapable)));
        assert_eq!(not_taken(Status::InsufficientMemory), Failure::NetworkCongestion);
    }

    #[test]
    fn texts_fit_the_card() {
        assert_eq!(shown("School\n bus").as_deref(), Some("School bus"));
        assert_eq!((shown(""), shown(" \u{7}")), (None, None));
        let long = shown(&"ä".repeat(100)).unwrap();
        assert_eq!((long.len(), long.chars().count()), (120, 60));
        assert_eq!(shown(&"€".repeat(100)).unwrap().len(), 120);
    }
}
