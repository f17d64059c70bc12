//! Location updates: how a node makes itself known to the home register, and gets the data of its subscribers.

use super::{ServingNode, register::Domain};
use crate::{counters::count, phones::Phone};
use lcs::Imsi;
use ss7::map::{Operation, SgsnCapability, UpdateGprsLocationArg, UpdateLocationArg, VlrCapability};
use std::{net::IpAddr, sync::Arc, time::Duration};
use tokio::task::JoinSet;
use transport::sigtran::{Invoke, InvokeError, InvokeOutcome, Ssn, by_number};

/// How long the home register may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Location updates of one node under way at a time.
const AT_ONCE: usize = 64;

/// Why a location update came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AttachError {
    /// The home register could not be asked.
    #[error("the home register cannot be reached: {0}")]
    Unreachable(#[from] InvokeError),
    /// It did not accept.
    #[error("the home register did not accept it: {0:?}")]
    Refused(InvokeOutcome),
    /// The phone has no IMSI, or the node does not run.
    #[error("nothing to register")]
    Nothing,
}

impl ServingNode {
    /// Registers as serving a phone.
    pub(crate) async fn attach(&self, phone: &Phone) -> Result<(), AttachError> {
        let (Some(node), Some(imsi)) = (self.node(), phone.identities.imsi) else { return Err(AttachError::Nothing) };
        let (operation, argument, from) = self.location_update(imsi);
        let to = by_number(self.hlr.1, Ssn::HLR).map_err(|_| InvokeError::NoRoute)?;
        count(&self.shared.counters.location_updates);
        let call = Invoke::new(to, operation.context(), operation.code(), argument, PATIENCE).from(from).serving();
        match node.invoke(call).await? {
            InvokeOutcome::Result(_) => Ok(()),
            other => Err(AttachError::Refused(other)),
        }
    }

    fn location_update(&self, imsi: Imsi) -> (Operation, Vec<u8>, Ssn) {
        let (number, sets) = (self.number, self.registration.capabilities);
        match self.domain {
            Domain::Cs => {
                let argument = UpdateLocationArg {
                    imsi,
                    msc_number: number,
                    vlr_number: number,
                    lmsi: None,
                    vlr_capability: Some(VlrCapability { supported_lcs_capability_sets: sets }),
                    cs_lcs_not_supported_by_ue: false,
                    v_gmlc_address: self.registration.v_gmlc,
                };
                (Operation::UpdateLocation, argument.encode(), Ssn::VLR)
            }
            Domain::Ps => {
                let argument = UpdateGprsLocationArg {
                    imsi,
                    sgsn_number: number,
                    // Where tunnels end, which nobody here looks at.
                    sgsn_address: IpAddr::from([127, 0, 0, 1]),
                    sgsn_capability: Some(SgsnCapability { supported_lcs_capability_sets: sets }),
                    ps_lcs_not_supported_by_ue: false,
                    v_gmlc_address: self.registration.v_gmlc,
                    sgsn_name: None,
                    sgsn_realm: None,
                    lgd_support_indicator: false,
                };
                (Operation::UpdateGprsLocation, argument.encode(), Ssn::SGSN)
            }
        }
    }
}

/// Registers every phone at the node that serves it. Those that could not be are told in the log; they are absent then.
pub(crate) async fn attach_all(node: &Arc<ServingNode>) {
    let mut under_way = JoinSet::new();
    let phones: Vec<Arc<Phone>> = node.shared.phones.all().filter(|phone| node.serves(phone)).map(Arc::clone).collect();
    for phone in phones {
        if under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        let node = Arc::clone(node);
        under_way.spawn(async move {
            if let Err(error) = node.attach(&phone).await {
                tracing::warn!(node = %node.name, subscriber = %phone.label, %error, "no location update");
            }
        });
    }
    while under_way.join_next().await.is_some() {}
}
