//! What every door and every background task of the running gateway shares.

use crate::clients::Registry;
use crate::clock;
use crate::config::Config;
use crate::network::DiameterNetwork;
use crate::store::Store;
use gmlc::{Answer, Ask, Gateway, Territory};
use lcs::{Address, LcsClientType};
use privacy::disclosure::{Log, LogUnavailable, Recorded, Ticket};
use privacy::{OverrideClient, Ppr};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// The running gateway.
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) ppr: Ppr,
    pub(crate) log: Log,
    pub(crate) network: DiameterNetwork,
    pub(crate) clients: Arc<Registry>,
    pub(crate) store: Arc<Store>,
    pub(crate) number: Address,
    pub(crate) emergency: Option<Territory>,
    pub(crate) lawful: Option<Territory>,
    /// Work that goes on when its client is gone, and that a graceful stop waits for.
    pub(crate) work: TaskTracker,
    /// Wakes the delivery of reports.
    pub(crate) reports_due: tokio::sync::Notify,
}

impl Core {
    pub(crate) fn gateway(&self) -> Gateway<'_, DiameterNetwork> {
        Gateway {
            ppr: &self.ppr,
            network: &self.network,
            number: self.number,
            keeps_coordinates: self.config.log.keep_coordinates,
        }
    }

    /// Runs the procedure for one target: overriding for a client whose record has the override capability where the
    /// operator enabled it, the ordinary one for all others.
    pub(crate) async fn locate(
        &self,
        ask: &Ask,
        overrides: bool,
        ticket: Ticket,
    ) -> Result<Recorded<Answer>, LogUnavailable> {
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

    pub(crate) fn now(&self) -> lcs::Timestamp {
        clock::now()
    }
}
