//! The table of the machine: what each state does at each trigger.

use super::super::CloseReason;
use super::AspState;

/// What happened, as the table knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Trigger {
    /// The association stands, or began anew.
    AssociationUp,
    /// The association is lost.
    AssociationLost,
    /// ASPUP ACK.
    UpAck,
    /// ASPAC ACK.
    ActiveAck,
    /// ASPIA ACK.
    InactiveAck,
    /// ASPDN ACK.
    DownAck,
    /// DATA.
    Data,
    /// BEAT.
    Beat,
    /// NTFY, another process took over.
    Overridden,
    /// NTFY, the Application Server needs an active process.
    Wanted,
    /// DUNA, DAVA, DRST, SCON, DUPU.
    Network,
    /// A message that only a process sends.
    Request,
    /// T(ack) passed; the request may be sent again.
    Retry,
    /// T(ack) passed; the request was sent often enough.
    GiveUp,
    /// The peer is silent for twice T(beat).
    Silent,
    /// The process is to stop.
    Stop,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Effect {
    /// Send ASPUP.
    SendUp,
    /// Send ASPAC.
    SendActive,
    /// Send ASPIA.
    SendInactive,
    /// Send ASPDN.
    SendDown,
    /// Traffic may flow.
    TellActive,
    /// Traffic may not flow any more.
    TellInactive,
    /// Answer with BEAT ACK.
    Echo,
    /// Check the DATA and hand it on.
    Deliver,
    /// Note what is said of destinations.
    Note,
    /// Drop the message in silence.
    Drop,
    /// Answer with ERR, unexpected message.
    Refuse,
    /// End the association.
    Close(CloseReason),
}

type Row = (&'static [Effect], AspState);

/// The row for `state` and `trigger`.
///
/// RFC 4666 section 4.3.4 leaves open what an acknowledgement does that comes late; here it counts as far as the peer's
/// state is certain from it, so that both ends agree without another round.
pub(super) const fn transition(state: AspState, trigger: Trigger) -> Row {
    match state {
        AspState::Disconnected => match trigger {
            Trigger::AssociationUp => (&[Effect::SendUp], AspState::UpSent),
            _ => (&[], AspState::Disconnected),
        },
        AspState::UpSent => up_sent(trigger),
        AspState::Inactive => inactive(trigger),
        AspState::ActiveSent => active_sent(trigger),
        AspState::Active => active(trigger),
        AspState::InactiveSent => inactive_sent(trigger),
        AspState::DownSent => down_sent(trigger),
    }
}

const fn up_sent(trigger: Trigger) -> Row {
    use AspState::{ActiveSent, Disconnected, DownSent, UpSent};
    match trigger {
        Trigger::AssociationUp | Trigger::Retry => (&[Effect::SendUp], UpSent),
        Trigger::AssociationLost => (&[], Disconnected),
        Trigger::UpAck => (&[Effect::SendActive], ActiveSent),
        Trigger::ActiveAck | Trigger::InactiveAck | Trigger::Request => (&[Effect::Refuse], UpSent),
        Trigger::Data | Trigger::Network => (&[Effect::Drop], UpSent),
        Trigger::Beat => (&[Effect::Echo], UpSent),
        Trigger::DownAck | Trigger::Overridden | Trigger::Wanted => (&[], UpSent),
        Trigger::GiveUp => (&[Effect::Close(CloseReason::NoAcknowledgement)], Disconnected),
        Trigger::Silent => (&[Effect::Close(CloseReason::NoHeartbeat)], Disconnected),
        Trigger::Stop => (&[Effect::SendDown], DownSent),
    }
}

const fn inactive(trigger: Trigger) -> Row {
    use AspState::{Active, ActiveSent, Disconnected, DownSent, Inactive, UpSent};
    match trigger {
        Trigger::AssociationUp | Trigger::DownAck => (&[Effect::SendUp], UpSent),
        Trigger::AssociationLost => (&[], Disconnected),
        Trigger::ActiveAck => (&[Effect::TellActive], Active),
        Trigger::UpAck | Trigger::InactiveAck | Trigger::Overridden | Trigger::Retry | Trigger::GiveUp => {
            (&[], Inactive)
        }
        Trigger::Data => (&[Effect::Drop], Inactive),
        Trigger::Beat => (&[Effect::Echo], Inactive),
        Trigger::Wanted => (&[Effect::SendActive], ActiveSent),
        Trigger::Network => (&[Effect::Note], Inactive),
        Trigger::Request => (&[Effect::Refuse], Inactive),
        Trigger::Silent => (&[Effect::Close(CloseReason::NoHeartbeat)], Disconnected),
        Trigger::Stop => (&[Effect::SendDown], DownSent),
    }
}

const fn active_sent(trigger: Trigger) -> Row {
    use AspState::{Active, ActiveSent, Disconnected, DownSent, UpSent};
    match trigger {
        Trigger::AssociationUp | Trigger::DownAck => (&[Effect::SendUp], UpSent),
        Trigger::AssociationLost => (&[], Disconnected),
        Trigger::ActiveAck => (&[Effect::TellActive], Active),
        Trigger::UpAck | Trigger::InactiveAck | Trigger::Overridden | Trigger::Wanted => (&[], ActiveSent),
        // It may come on its stream before the acknowledgement does on another.
        Trigger::Data => (&[Effect::Deliver], ActiveSent),
        Trigger::Beat => (&[Effect::Echo], ActiveSent),
        Trigger::Network => (&[Effect::Note], ActiveSent),
        Trigger::Request => (&[Effect::Refuse], ActiveSent),
        Trigger::Retry => (&[Effect::SendActive], ActiveSent),
        Trigger::GiveUp => (&[Effect::Close(CloseReason::NoAcknowledgement)], Disconnected),
        Trigger::Silent => (&[Effect::Close(CloseReason::NoHeartbeat)], Disconnected),
        Trigger::Stop => (&[Effect::SendDown], DownSent),
    }
}

const fn active(trigger: Trigger) -> Row {
    use AspState::{Active, ActiveSent, Disconnected, Inactive, InactiveSent, UpSent};
    match trigger {
        Trigger::AssociationUp | Trigger::DownAck => (&[Effect::TellInactive, Effect::SendUp], UpSent),
        Trigger::AssociationLost => (&[Effect::TellInactive], Disconnected),
        Trigger::UpAck => (&[Effect::Refuse, Effect::TellInactive, Effect::SendActive], ActiveSent),
        Trigger::InactiveAck => (&[Effect::TellInactive, Effect::SendActive], ActiveSent),
        Trigger::ActiveAck | Trigger::Wanted | Trigger::Retry | Trigger::GiveUp => (&[], Active),
        Trigger::Data => (&[Effect::Deliver], Active),
        Trigger::Beat => (&[Effect::Echo], Active),
        Trigger::Overridden => (&[Effect::TellInactive], Inactive),
        Trigger::Network => (&[Effect::Note], Active),
        Trigger::Request => (&[Effect::Refuse], Active),
        Trigger::Silent => (&[Effect::TellInactive, Effect::Close(CloseReason::NoHeartbeat)], Disconnected),
        Trigger::Stop => (&[Effect::TellInactive, Effect::SendInactive], InactiveSent),
    }
}

const fn inactive_sent(trigger: Trigger) -> Row {
    use AspState::{Disconnected, DownSent, InactiveSent};
    match trigger {
        Trigger::AssociationLost => (&[], Disconnected),
        Trigger::InactiveAck => (&[Effect::SendDown], DownSent),
        Trigger::AssociationUp | Trigger::DownAck | Trigger::GiveUp => {
            (&[Effect::Close(CloseReason::Stopped)], Disconnected)
        }
        Trigger::UpAck | Trigger::ActiveAck | Trigger::Overridden | Trigger::Wanted | Trigger::Stop => {
            (&[], InactiveSent)
        }
        // Still under way when the peer was told.
        Trigger::Data => (&[Effect::Deliver], InactiveSent),
        Trigger::Beat => (&[Effect::Echo], InactiveSent),
        Trigger::Network => (&[Effect::Note], InactiveSent),
        Trigger::Request => (&[Effect::Refuse], InactiveSent),
        Trigger::Retry => (&[Effect::SendInactive], InactiveSent),
        Trigger::Silent => (&[Effect::Close(CloseReason::NoHeartbeat)], Disconnected),
    }
}

const fn down_sent(trigger: Trigger) -> Row {
    use AspState::{Disconnected, DownSent};
    match trigger {
        Trigger::AssociationLost => (&[], Disconnected),
        Trigger::AssociationUp | Trigger::DownAck | Trigger::GiveUp => {
            (&[Effect::Close(CloseReason::Stopped)], Disconnected)
        }
        Trigger::UpAck
        | Trigger::ActiveAck
        | Trigger::InactiveAck
        | Trigger::Overridden
        | Trigger::Wanted
        | Trigger::Stop => (&[], DownSent),
        Trigger::Data | Trigger::Network => (&[Effect::Drop], DownSent),
        Trigger::Beat => (&[Effect::Echo], DownSent),
        Trigger::Request => (&[Effect::Refuse], DownSent),
        Trigger::Retry => (&[Effect::SendDown], DownSent),
        Trigger::Silent => (&[Effect::Close(CloseReason::NoHeartbeat)], Disconnected),
    }
}
