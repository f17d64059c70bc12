//! MO-LR, transfer to a third party: a subscriber sends the own position to a client (TS 23.271 clauses 9.2.1 and 9.2.2).
//!
//! The serving node reports it with Subscriber Location Report; this gateway is the one of the client.

use crate::{
    Gateway,
    network::Network,
    progress::{Answer, Progress},
};
use lcs::{Failure, Fix, Identities};
use privacy::{
    Basis, PrivacyCheck, RuleId,
    disclosure::{LogUnavailable, Recorded, Ticket},
};

/// Takes the report and records it under `ticket`, which must be one of a report by the network to a value added client. Without
/// a position the answer is [`Failure::PositioningFailed`].
///
/// # Errors
/// The log could not make the end durable; whatever the position was, it is gone. The node should be told to report again.
pub async fn mo_lr<N: Network>(
    gateway: &Gateway<'_, N>,
    identities: Identities,
    fix: Option<Fix>,
    mut ticket: Ticket,
) -> Result<Recorded<Answer>, LogUnavailable> {
    let mut progress = Progress::default();
    ticket.identify(gateway.ppr.subject(&identities), identities);
    progress.on(Basis::OwnRequest, RuleId::OwnRequest);
    let answer = match fix.filter(|fix| fix.shape.is_some()) {
        Some(fix) => {
            let cleared = gateway.ppr.clear_own_request(fix, &ticket, gateway.now()).await;
            match cleared {
                Ok((cleared, subject)) => {
                    ticket.identify(subject, identities);
                    Ok(cleared)
                }
                Err(barred) => Err(progress.barred(barred, identities, &mut ticket)),
            }
        }
        None => Err(Failure::PositioningFailed),
    };
    let ending = progress.ending(&answer, gateway.keeps_coordinates).at(gateway.now());
    ticket.record(ending, answer).await
}
