//! Messages to octets.

use rasn::types::Oid;
use tcap::{
    Abort, AbortSource, AssociateResult, AssociateSourceDiagnostic, Begin, Component, Continue, DialoguePdu,
    DialoguePortion, End, External, PAbortCause, ProtocolVersion, TcapMessage,
};

use super::super::codes::ProviderAbortCause;
use super::super::context::ApplicationContext;
use super::super::fault::TcapFault;
use super::PeerTransactionId;

/// What the dialogue portion of a message says.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Control<'a> {
    /// AARQ.
    Propose(&'a ApplicationContext),
    /// AARE, accepted.
    Accept(&'a ApplicationContext),
    /// AARE, rejected-permanent.
    Reject(&'a ApplicationContext, AssociateSourceDiagnostic, &'a [u8]),
    /// ABRT of the dialogue-service-user.
    AbortByUser(&'a [u8]),
    /// ABRT of the dialogue-service-provider.
    AbortByProvider,
    /// No dialogue PDU: only the TC-user's EXTERNAL.
    Foreign(&'a [u8]),
}

/// A Begin.
pub(in super::super) fn begin(
    otid: u32,
    control: Option<Control<'_>>,
    components: Vec<Component>,
) -> Result<Vec<u8>, TcapFault> {
    let otid = own(otid);
    encode(TcapMessage::Begin(Begin { otid, dialogue_portion: portion(control)?, components: some(components) }))
}

/// A Continue.
pub(in super::super) fn proceed(
    otid: u32,
    dtid: PeerTransactionId,
    control: Option<Control<'_>>,
    components: Vec<Component>,
) -> Result<Vec<u8>, TcapFault> {
    let (otid, dtid) = (own(otid), peers(dtid));
    encode(TcapMessage::Continue(Continue {
        otid,
        dtid,
        dialogue_portion: portion(control)?,
        components: some(components),
    }))
}

/// An End.
pub(in super::super) fn end(
    dtid: PeerTransactionId,
    control: Option<Control<'_>>,
    components: Vec<Component>,
) -> Result<Vec<u8>, TcapFault> {
    let dtid = peers(dtid);
    encode(TcapMessage::End(End { dtid, dialogue_portion: portion(control)?, components: some(components) }))
}

/// An Abort of the TC-user or the component sub-layer.
pub(in super::super) fn abort(dtid: PeerTransactionId, control: Option<Control<'_>>) -> Result<Vec<u8>, TcapFault> {
    encode(TcapMessage::Abort(Abort::u_abort(peers(dtid), portion(control)?)))
}

/// An Abort of the transaction sub-layer.
pub(in super::super) fn provider_abort(
    dtid: PeerTransactionId,
    cause: ProviderAbortCause,
) -> Result<Vec<u8>, TcapFault> {
    encode(TcapMessage::Abort(Abort::p_abort(peers(dtid), PAbortCause(cause.number()))))
}

/// The only thing that the library can find wrong is what the TC-user gave: a parameter that is not one element, or an
/// EXTERNAL that is not one.
fn encode(message: TcapMessage) -> Result<Vec<u8>, TcapFault> {
    tcap::encode(&message).map_err(|_| TcapFault::NotOneElement)
}

fn own(identifier: u32) -> tcap::TransactionId {
    identifier.to_be_bytes().to_vec().into()
}

fn peers(identifier: PeerTransactionId) -> tcap::TransactionId {
    identifier.octets().to_vec().into()
}

fn some(components: Vec<Component>) -> Option<Vec<Component>> {
    (!components.is_empty()).then_some(components)
}

fn portion(control: Option<Control<'_>>) -> Result<Option<DialoguePortion>, TcapFault> {
    let Some(control) = control else { return Ok(None) };
    Ok(Some(match control {
        Control::Propose(context) => with_oid(context, DialoguePortion::aarq)?,
        Control::Accept(context) => with_oid(context, DialoguePortion::aare_accept)?,
        Control::Reject(context, diagnostic, octets) => {
            let user_information = user_information(octets)?;
            with_oid(context, |name| {
                DialoguePortion::from_pdu(&DialoguePdu::Aare {
                    protocol_version: ProtocolVersion::Version1,
                    application_context_name: name.into(),
                    result: AssociateResult::RejectedPermanent,
                    result_source_diagnostic: diagnostic,
                    user_information,
                })
            })?
        }
        Control::AbortByUser(octets) => DialoguePortion::from_pdu(&DialoguePdu::Abrt {
            abort_source: AbortSource::DialogueServiceUser,
            user_information: user_information(octets)?,
        }),
        Control::AbortByProvider => DialoguePortion::abnormal_dialogue(),
        Control::Foreign([]) => return Ok(None),
        Control::Foreign(octets) => {
            DialoguePortion::from_external(&External::decode(octets).map_err(|_| TcapFault::NotOneElement)?)
        }
    }))
}

fn user_information(octets: &[u8]) -> Result<Option<Vec<External>>, TcapFault> {
    if octets.is_empty() {
        return Ok(None);
    }
    External::decode(octets).map(|external| Some(vec![external])).map_err(|_| TcapFault::NotOneElement)
}

/// A name that exists has two arcs at least, so it is always an `Oid`.
fn with_oid<T>(context: &ApplicationContext, make: impl FnOnce(&Oid) -> T) -> Result<T, TcapFault> {
    Oid::new(&context.arcs()).map(make).ok_or(TcapFault::NotOneElement)
}
