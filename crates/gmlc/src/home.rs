//! The home gateway, asked by the gateway that the client asked (TS 23.271 clause 9.1.1 steps 5 to 15).
//!
//! The procedure is that of a client's own request from step 5 on: pseudonym, check, route, node or visited gateway, check again. What
//! the other gateway learnt of the route is not taken: whose a number is, and which node serves, the home register tells anew.

use crate::{
    Gateway,
    immediate::{By, locate},
    network::{Ask, Network},
    progress::{Answer, Progress},
    roaming::RequestingGateway,
};
use lcs::{Failure, RefusalReason};
use privacy::disclosure::{LogUnavailable, Recorded, Ticket};

/// Runs the procedure for the gateway that asks and records its end, whatever it is, under `ticket`, which says that the request came
/// over Lr. The request's account is the one under which the operator registered that gateway. Who is at home elsewhere is not referred
/// on.
///
/// # Errors
/// The log could not make the end durable; whatever the position was, it is gone.
pub async fn home<N: Network>(
    gateway: &Gateway<'_, N>,
    requesting: &RequestingGateway,
    ask: &Ask,
    mut ticket: Ticket,
) -> Result<Recorded<Answer>, LogUnavailable> {
    let mut progress = Progress::default();
    // The client's gateway is the other one, for entries that are restricted to some gateways.
    let asked = Gateway { number: requesting.number, ..*gateway };
    let answer = match requesting.may_ask {
        true => locate(&asked, ask, By::Gateway(requesting), &mut ticket, &mut progress).await,
        false => Err(Failure::Refused(RefusalReason::GatewayNotAuthorised)),
    };
    let ending = progress.ending(&answer, gateway.keeps_coordinates).at(gateway.now());
    ticket.record(ending, answer).await
}
