//! The table of the machine: what a link does with each message in each state.

use super::super::MessageKind;
use super::LinkState;

/// What is done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// Check the ASP identifier; up, acknowledge, tell the state of the servers.
    Up,
    /// Acknowledge once more.
    UpAgain,
    /// Acknowledge, say that it was unexpected, end the traffic.
    UpWhileActive,
    /// Acknowledge; down in every server.
    Down,
    /// Check routing contexts and mode; active in these servers, acknowledge.
    Activate,
    /// Check routing contexts; inactive in these servers, acknowledge.
    Deactivate,
    /// Check and hand on.
    Deliver,
    /// Answer for each destination.
    Audit,
    /// Hand on.
    Congestion,
    /// Answer with the same data.
    Echo,
    /// Note that the peer lives.
    Beat,
    /// Tell the driver.
    Tell,
    /// Answer with ERR, unexpected message.
    Refuse,
}

/// The row for the state of a link and a message (RFC 4666 sections 4.3.1 and 4.3.4). A link is active here when it is so in
/// any server; whether it is in the one that a message names is checked by the step.
pub(super) const fn step(state: LinkState, kind: MessageKind) -> Step {
    match (kind, state) {
        (MessageKind::Beat, _) => Step::Echo,
        (MessageKind::BeatAck, _) => Step::Beat,
        (MessageKind::Error | MessageKind::Notify, _) => Step::Tell,
        (MessageKind::AspUp, LinkState::Down) => Step::Up,
        (MessageKind::AspUp, LinkState::Inactive) => Step::UpAgain,
        (MessageKind::AspUp, LinkState::Active) => Step::UpWhileActive,
        (MessageKind::AspDown, _) => Step::Down,
        (MessageKind::AspActive, LinkState::Inactive | LinkState::Active) => Step::Activate,
        (MessageKind::AspInactive, LinkState::Inactive | LinkState::Active) => Step::Deactivate,
        (MessageKind::Data, LinkState::Active) => Step::Deliver,
        (MessageKind::Daud, LinkState::Inactive | LinkState::Active) => Step::Audit,
        (MessageKind::Scon, LinkState::Active) => Step::Congestion,
        (
            MessageKind::AspActive
            | MessageKind::AspInactive
            | MessageKind::Data
            | MessageKind::Daud
            | MessageKind::Scon
            | MessageKind::Duna
            | MessageKind::Dava
            | MessageKind::Drst
            | MessageKind::Dupu
            | MessageKind::AspUpAck
            | MessageKind::AspDownAck
            | MessageKind::AspActiveAck
            | MessageKind::AspInactiveAck,
            _,
        ) => Step::Refuse,
    }
}
