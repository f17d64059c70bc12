//! Who asks: a client of this gateway, or another gateway for one of its own; and which gateway waits.

use super::arm::{Armed, ask, declined, record_failed, ticket};
use super::charge::of_referred;
use super::referred::{NewsFate, Referring};
use super::{Deferred, LdrNews, Outbox};
use crate::charging::{ChargedPart, ChargedPosition, noting};
use crate::core::Core;
use crate::door::ClientNews;
use crate::lr::GatewayNews;
use crate::network::CoreNetwork;
use crate::store::StoreError;
use futures_util::future::BoxFuture;
use gmlc::{Gateway, Instruction, LdrRequest, Referred, RequestingGateway};
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
        let began = core.now();
        let (referred, slip) = noting(gmlc::refer_ldr(&gateway, &asked, referring.as_ref(), ticket)).await;
        let armed = match referred {
            Ok(Referred::Here(ticket)) => return Ok(Whose::Own(ticket)),
            Ok(Referred::There(armed)) => armed,
            Err(unavailable) => Err(unavailable.into()),
        };
        match referring {
            Some(referring) => {
                let armed = referring.finish(armed).await;
                let outcome = armed.map(|_| ChargedPosition::default());
                of_referred(request, began).keep(core, ChargedPart::Arming, slip, outcome);
                armed.map(Whose::Armed)
            }
            None => Err(armed.err().unwrap_or(Failure::SystemFailure)),
        }
    }

    /// Goes on with what other gateways wait for, until the gateway stops.
    pub(crate) async fn tend_referred(&self, core: &Arc<Core>) {
        self.referred.run(core).await;
    }

    /// Takes news of a gateway, which may act as home and as visited one or not: about a request that was referred to it, for which it has a
    /// node wait, or which a phone carried into its network.
    pub(crate) async fn take_news(
        &self,
        core: &Arc<Core>,
        gateway: &str,
        [home, visited]: [bool; 2],
        news: News,
    ) -> NewsFate {
        if let Some(passed_on) = &news.passed_on {
            return if visited {
                self.take_passed_on(core, gateway, (&news, passed_on)).await
            } else {
                NewsFate::Unknown
            };
        }
        if visited && let Some(fate) = self.take_of_visited(core, gateway, &news).await {
            return fate;
        }
        if home { self.referred.take(core, gateway, news).await } else { NewsFate::Unknown }
    }
}

/// This gateway, as entries of a profile that are restricted to some gateways see it: the client's gateway is the one that asks.
pub(super) fn asked_by<'a>(core: &'a Core, requesting: Option<&RequestingGateway>) -> Gateway<'a, CoreNetwork> {
    let gateway = core.gateway();
    Gateway { number: requesting.map_or(gateway.number, |requesting| requesting.number), ..gateway }
}

/// By what a request that is kept is checked.
pub(super) enum CheckedBy<'a> {
    /// The subscriber's profile, for who asks through this gateway.
    Profile(Gateway<'a, CoreNetwork>),
    /// The word of the home gateway: this is the visited one.
    Word(Gateway<'a, CoreNetwork>, Instruction),
}

/// By what a request that is kept is checked; `None`: another gateway asked, and may ask no more by the operator's record, or what is kept
/// of it cannot be read.
pub(super) fn checked_by<'a>(core: &'a Core, request: &LdrRequest) -> Option<CheckedBy<'a>> {
    let gateway = core.gateway();
    if request.via != Via::Rlp {
        return Some(CheckedBy::Profile(gateway));
    }
    let gateways = core.network.gateways();
    match gateways.instruction_of(request) {
        Ok(Some(told)) => Some(CheckedBy::Word(gateway, told)),
        Ok(None) => {
            let asked = &request.request;
            let number = gateways.requesting_number(&asked.account, asked.client.client_type)?;
            Some(CheckedBy::Profile(Gateway { number, ..gateway }))
        }
        Err(error) => {
            tracing::error!(request = %request.id, %error, "a deferred request is refused");
            None
        }
    }
}

/// Whether a node waits for it by the word of a home gateway, which asks for a position itself.
pub(super) fn is_instructed(core: &Core, request: &LdrRequest) -> bool {
    matches!(core.network.gateways().instruction_of(request), Ok(Some(_)))
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

/// Records that a gateway told something that does not fit the request: nothing of it is taken.
///
/// # Errors
/// It cannot be recorded; it is to be told again.
pub(super) async fn misfit(core: &Core, request: &LdrRequest, why: &'static str) -> Result<NewsFate, Failure> {
    record_failed(core, request, LocationType::Current, Failure::NetworkProtocol).await?;
    Ok(NewsFate::Broken(why))
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
