//! What is noted for the record while a request is under way: whom it turned out to be about, and which nodes and gateways were
//! asked. It travels with the task, so that no procedure has to know of money.

use super::record::{ChargedLeg, ChargedPosition, ChargedRole, Finished};
use lcs::{Failure, Identities, LocationRequest, Timestamp};
use mlp::rlp::Transaction;
use privacy::disclosure::RequestId;
use std::cell::RefCell;
use std::future::Future;
use std::sync::Arc;

tokio::task_local! {
    static SLIP: RefCell<Slip>;
}

/// The notes of one request about one target.
#[derive(Debug, Default)]
pub(crate) struct Slip {
    target: Identities,
    asked: Vec<ChargedLeg>,
    visited_plmn: Option<String>,
    node: Option<String>,
}

impl Slip {
    /// The network that served, MCC and MNC digits, if it came to be known.
    pub(crate) fn visited_plmn(&self) -> Option<&str> {
        self.visited_plmn.as_deref()
    }
}

/// Does `work` and gives back what was noted in it.
pub(crate) async fn noting<F: Future>(work: F) -> (F::Output, Slip) {
    let whole = async {
        let output = work.await;
        (output, SLIP.with(RefCell::take))
    };
    SLIP.scope(RefCell::default(), whole).await
}

/// Notes something of the request that is under way in this task; where none is, nothing.
fn note(write: impl FnOnce(&mut Slip)) {
    // Outside of a request there is nowhere to note it, and nobody to charge.
    SLIP.try_with(|slip| write(&mut slip.borrow_mut())).ok();
}

/// Notes that a serving node was asked, and about whom.
pub(crate) fn note_node(target: Identities, name: Option<String>, plmn: Option<String>) {
    note(|slip| {
        slip.target = target.or(slip.target);
        (slip.node, slip.visited_plmn) = (name, plmn);
    });
}

/// Notes an exchange with another gateway, and the network that it told of.
pub(crate) fn note_leg(target: Identities, leg: ChargedLeg, plmn: Option<String>) {
    note(|slip| {
        slip.target = target.or(slip.target);
        slip.visited_plmn = plmn.or(slip.visited_plmn.take());
        // As many as a procedure ever asks.
        if slip.asked.len() < 16 {
            slip.asked.push(leg);
        }
    });
}

/// What is known of a request from its beginning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Began<'a> {
    pub(crate) id: RequestId,
    pub(crate) at: Timestamp,
    pub(crate) request: &'a LocationRequest,
    /// The gateway that asked, and its name for the exchange.
    pub(crate) from: Option<(&'a Arc<str>, Option<&'a Transaction>)>,
    /// Whether this gateway only did what another had decided.
    pub(crate) visited: bool,
}

impl Began<'_> {
    /// The finished request.
    pub(crate) fn finished(&self, slip: Slip, ended: Timestamp, result: Result<ChargedPosition, Failure>) -> Finished {
        let Self { id, at, request, from, visited } = *self;
        let referred = slip.asked.iter().any(|leg| leg.role == ChargedRole::Home);
        let role = match (visited, referred) {
            (true, _) => ChargedRole::Visited,
            (false, true) => ChargedRole::Requesting,
            (false, false) => ChargedRole::Home,
        };
        Finished {
            role,
            request: id,
            transaction: from.and_then(|(_, transaction)| transaction.cloned()),
            from: from.map(|(name, _)| Arc::clone(name)),
            asked: slip.asked,
            account: Arc::clone(&request.account),
            client_type: request.client.client_type,
            number: request.client.external,
            target: Identities::of(&request.target).unwrap_or_default().or(slip.target),
            location_type: request.location_type,
            service_type: request.service_type,
            qos: request.qos,
            priority: request.priority,
            visited_plmn: slip.visited_plmn,
            node: slip.node,
            began: at,
            ended,
            result,
            part: None,
        }
    }
}
