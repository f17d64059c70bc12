//! Who asks: a client of this gateway, or another gateway for one of its own; and which gateway waits.

use super::arm::{Armed, ask, declined, ticket};
use super::referred::{NewsFate, Referring};
use super::{Deferred, LdrNews, Outbox};
use crate::core::Core;
use crate::door::ClientNews;
use crate::lr::GatewayNews;
use crate::network::CoreNetwork;
use crate::store::StoreError;
use futures_util::future::BoxFuture;
use gmlc::{Gateway, LdrRequest, Referred, RequestingGateway};
use lcs::{Failure, LocationType, RefusalReason};
use mlp::rlp::News;
use privacy::disclosure::{Ending, Recorded, Ticket, Via};
use std::sync::Arc;

/// Who waits for a request.
pub(super) enum Whose {
    /// This gateway, under this ticket.
    Own(Box<Ticket>),
    /// Another.
    Armed(Armed),
}

impl Deferred {
    /// Refers a request about somebody of another home gateway.
    ///
    /// # Errors
    /// Why nobody waits; it is recorded.
    pub(super) async fn refer(
        &self,
        core: &Arc<Core>,
        request: &LdrRequest,
        requesting: Option<&RequestingGateway>,
    ) -> Result<Whose, Failure> {
        let referring = match requesting {
            None => match Referring::new(&self.referred, core, request) {
                Ok(referring) => Some(referring),
                Err(failure) => return Err(declined(core, request, failure).await),
            },
            Some(_) => None,
        };
        let (asked, ticket) = (ask(core, request, None), ticket(core, request, LocationType::ActivateDeferred));
        let gateway = asked_by(core, requesting);
        let referred = gmlc::refer_ldr(&gateway, &asked, referring.as_ref(), ticket).await;
        let armed = match referred {
            Ok(Referred::Here(ticket)) => return Ok(Whose::Own(ticket)),
            Ok(Referred::There(armed)) => armed,
            Err(unavailable) => Err(unavailable.into()),
        };
        match referring {
            Some(referring) => referring.finish(armed).await.map(Whose::Armed),
            None => Err(armed.err().unwrap_or(Failure::SystemFailure)),
        }
    }

    /// Goes on with what other gateways wait for, until the gateway stops.
    pub(crate) async fn tend_referred(&self, core: &Arc<Core>) {
        self.referred.run(core).await;
    }

    /// Takes news of the gateway `home` about a request that was referred to it.
    pub(crate) async fn take_news(&self, core: &Arc<Core>, home: &str, news: News) -> NewsFate {
        self.referred.take(core, home, news).await
    }
}

/// This gateway, as entries of a profile that are restricted to some gateways see it: the client's gateway is the one that asks.
pub(super) fn asked_by<'a>(core: &'a Core, requesting: Option<&RequestingGateway>) -> Gateway<'a, CoreNetwork> {
    let gateway = core.gateway();
    Gateway { number: requesting.map_or(gateway.number, |requesting| requesting.number), ..gateway }
}

/// The same for a request that is kept; `None`: another gateway asked, and may ask no more by the operator's record.
pub(super) fn gateway_of<'a>(core: &'a Core, request: &LdrRequest) -> Option<Gateway<'a, CoreNetwork>> {
    let gateway = core.gateway();
    if request.via != Via::Rlp {
        return Some(gateway);
    }
    let asked = &request.request;
    let number = core.network.gateways().requesting_number(&asked.account, asked.client.client_type)?;
    Some(Gateway { number, ..gateway })
}

/// Why a report for a gateway that may ask no more is withheld, and its request ends.
///
/// # Errors
/// It cannot be recorded.
pub(super) async fn unasked(core: &Core, ticket: Ticket) -> Result<RefusalReason, Failure> {
    match refused_unasked(core, ticket).await {
        Failure::Refused(reason) => Ok(reason),
        failure => Err(failure),
    }
}

/// Records that a gateway may ask no more: the failure, or that there is no record.
pub(super) async fn refused_unasked(core: &Core, ticket: Ticket) -> Failure {
    let refused = Failure::Refused(RefusalReason::GatewayNotAuthorised);
    let recorded = ticket.record(Ending::failed(refused).at(core.now()), ()).await;
    recorded.map(Recorded::release).err().map_or(refused, Failure::from)
}

/// News by the door through which the request came.
pub(crate) struct ByDoor {
    pub(crate) clients: ClientNews,
    pub(crate) gateways: GatewayNews,
}

impl Outbox for ByDoor {
    fn put<'a>(&'a self, request: &'a LdrRequest, news: &'a LdrNews) -> BoxFuture<'a, Result<(), StoreError>> {
        match request.via {
            Via::Rlp => self.gateways.put(request, news),
            _ => self.clients.put(request, news),
        }
    }
}
