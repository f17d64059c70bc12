//! What every door and every background task of the running gateway shares.

use crate::charging::{Began, ChargedPosition, Charging, noting};
use crate::clients::Registry;
use crate::clock;
use crate::config::Config;
use crate::ldr::Deferred;
use crate::lpp::Checks;
use crate::network::CoreNetwork;
use crate::pmd::Pseudonyms;
use crate::slpp::HomeRegisters;
use crate::store::Store;
use gmlc::{Answer, Ask, Gateway, Territory};
use lcs::{Address, Failure, Fix, LcsClientType};
use privacy::disclosure::{Log, LogUnavailable, Recorded, Ticket};
use privacy::{OverrideClient, Ppr};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// The running gateway.
pub(crate) struct Core {
    pub(crate) config: Config,
    /// The register of this process.
    pub(crate) ppr: Ppr,
    /// Who checks requests: that register, or another's.
    pub(crate) checks: Checks,
    pub(crate) log: Log,
    pub(crate) network: CoreNetwork,
    pub(crate) clients: Arc<Registry>,
    pub(crate) store: Arc<Store>,
    pub(crate) number: Address,
    /// Which domain is asked first, where several serve.
    pub(crate) domains: Vec<gmlc::Domain>,
    /// What home registers hold for nodes below capability set 4.
    pub(crate) home_registers: Option<Arc<HomeRegisters>>,
    /// Assigns pseudonyms and turns them back, where the operator has a device that does.
    pub(crate) pseudonyms: Option<Pseudonyms>,
    pub(crate) emergency: Option<Territory>,
    pub(crate) lawful: Option<Territory>,
    /// Requests that wait for an event, where the operator takes them.
    pub(crate) deferred: Option<Arc<Deferred>>,
    /// Records for billing.
    pub(crate) charging: Charging,
    /// Work that goes on when its client is gone, and that a graceful stop waits for.
    pub(crate) work: TaskTracker,
    /// Wakes the delivery of reports.
    pub(crate) reports_due: Arc<tokio::sync::Notify>,
}

/// A profile elsewhere changed: what was kept by it goes, and what waits by it is checked again.
impl crate::lpp::Keeps for Arc<Core> {
    fn drop_of(&self, whose: &lcs::Identities) {
        self.network.forget_route(whose);
        let (core, whose) = (Self::clone(self), *whose);
        if let Some(deferred) = self.deferred.clone() {
            self.work.spawn(async move { deferred.profile_changed(&core, &whose).await });
        }
    }

    fn drop_all(&self) {
        self.network.forget_routes();
        let core = Self::clone(self);
        if let Some(deferred) = self.deferred.clone() {
            self.work.spawn(async move { deferred.profiles_changed(&core).await });
        }
    }
}

impl Core {
    pub(crate) fn gateway(&self) -> Gateway<'_, CoreNetwork> {
        Gateway {
            ppr: &self.checks,
            network: &self.network,
            number: self.number,
            keeps_coordinates: self.config.log.keep_coordinates,
            domains: &self.domains,
        }
    }

    /// Runs the procedure for one target, has it recorded, keeps what is charged of it, and releases its end.
    pub(crate) async fn answer(
        &self,
        ask: &Ask,
        overrides: bool,
        began: Began<'_>,
        ticket: Ticket,
    ) -> Result<Fix, Failure> {
        let (recorded, slip) = noting(self.locate(ask, overrides, ticket)).await;
        let answer = recorded.map_err(Failure::from).and_then(Recorded::release);
        let result = answer.as_ref().map(ChargedPosition::of).map_err(|failure| *failure);
        self.charging.keep(|| began.finished(slip, self.now(), result));
        answer
    }

    /// Runs the procedure for one target: overriding for a client whose record has the override capability where the
    /// operator enabled it, the ordinary one for all others.
    async fn locate(&self, ask: &Ask, overrides: bool, ticket: Ticket) -> Result<Recorded<Answer>, LogUnavailable> {
        let kept;
        let ask = match self.kept_to_list(ask) {
            Some(ask) => {
                kept = ask;
                &kept
            }
            None => ask,
        };
        let client_type = ask.request.client.client_type;
        let territory = match client_type {
            LcsClientType::Emergency => self.emergency.as_ref(),
            LcsClientType::LawfulIntercept => self.lawful.as_ref(),
            LcsClientType::ValueAdded | LcsClientType::PlmnOperator => None,
        };
        match (OverrideClient::from_record(client_type, overrides), territory) {
            (Some(client), Some(territory)) => gmlc::overriding(&self.gateway(), client, territory, ask, ticket).await,
            _ => gmlc::immediate(&self.gateway(), ask, ticket).await,
        }
    }

    /// A request related to a call or session about a target beyond the client's list, so that nothing else is granted by it;
    /// `None` for all others, which need no copy.
    fn kept_to_list(&self, ask: &Ask) -> Option<Ask> {
        let client = Some(&ask.request).filter(|request| request.client.call_session_related)?;
        let client = self.clients.client(&client.account)?;
        let mut kept = ask.clone();
        // Requests that are not of a call or session were refused at the door.
        client.keep_to_list(&mut kept.request).ok()?;
        (kept.request.least_privacy != ask.request.least_privacy).then_some(kept)
    }

    /// Whether requests of an override client of this type take the overriding procedure at all.
    pub(crate) fn overrides(&self, client_type: LcsClientType) -> bool {
        match client_type {
            LcsClientType::Emergency => self.emergency.is_some(),
            LcsClientType::LawfulIntercept => self.lawful.is_some(),
            LcsClientType::ValueAdded | LcsClientType::PlmnOperator => false,
        }
    }

    pub(crate) fn now(&self) -> lcs::Timestamp {
        clock::now()
    }
}
