//! Asking the HSS where a subscriber is served (TS 29.173).

use super::{CoreNetwork, failure_of};
use diameter::codec::ApplicationId;
use diameter::slh::{Ria, Rir};
use lcs::{Failure, Identities, RoutingInfo, Timestamp};
use std::sync::Arc;

impl CoreNetwork {
    pub(super) async fn ask_hss(&self, target: &Identities, deadline: Timestamp) -> Result<Arc<RoutingInfo>, Failure> {
        // Only SIM-less equipment has neither; the HSS does not know it.
        if target.imsi.is_none() && target.msisdn.is_none() {
            return Err(Failure::UnknownSubscriber);
        }
        let limit = Self::time_left(self.slh_limit, deadline)?;
        let session = self.node.session_id();
        let mut rir = Rir::new(&session, self.origin(), self.hss.realm(), *target);
        rir.gmlc_number = self.gmlc;
        let encode = |ids, out: &mut Vec<u8>| rir.encode(ids, out);
        let answer =
            self.node.request(ApplicationId::SLH, self.hss.clone(), encode, limit).await.map_err(failure_of)?;
        let ria = Ria::decode(&answer).map_err(|_| Failure::NetworkProtocol)?;
        let mut info = ria.routing_info()?;
        // The HSS tells what was missing (TS 29.173 clause 5.2.1.3); what was asked for is known already.
        info.identities = info.identities.or(*target);
        Ok(Arc::new(info))
    }
}
