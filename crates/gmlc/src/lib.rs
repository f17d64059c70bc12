//! The procedures of a gateway mobile location centre, one file each, named as TS 23.271 names them.
//!
//! ```text
//!   immediate   9.1.1, 9.1.2, 9.1.6, 9.1.15   a client asks where somebody is; the subscriber's settings decide
//!   home        9.1.1           the gateway that a client asked asks this one, the subscriber's home; the settings decide
//!   visited     9.1.1, 9.1.1A   a gateway asks for a node of the own network; the home gateway, or the law, has decided
//!   overriding  9.1.1A          an emergency or lawful client asks; the law decides
//!   emergency_report  9.1.5, 9.1.7, 9.1.17   the network tells of an emergency call; nobody asked
//!   deferred    9.1.8, 9.1.9, 9.1.12, 9.1.19   a client waits for an event; each report is checked as a request of its own
//!   mo_lr       9.2.1, 9.2.2    a subscriber sends the own position to a client
//! ```
//!
//! Each is one straight-line function over [`Network`], the port to HSS and serving nodes. None opens a socket, reads a
//! clock or starts a task. A procedure ends in [`privacy::disclosure::Recorded`], or, if the log cannot write, in nothing.

mod country;
mod deferred;
mod domain;
mod emergency_report;
mod home;
mod immediate;
mod mo_lr;
mod network;
mod overriding;
mod positioning;
mod progress;
mod quality;
mod roaming;
mod visited;

pub use country::{calling_code_of, mcc_of_realm, mobile_codes_of};
pub use deferred::{
    Activated, AreaRefusal, AtHome, CardRoad, Dropped, EndReason, Instruction, Keep, Kept, Ldr, LdrAction, LdrAsk,
    LdrCancel, LdrEnd, LdrEvent, LdrOrder, LdrPause, LdrReport, LdrRequest, LdrRoad, Mark, NodeReport, Pauser, Phase,
    Plan, PlanError, References, Referred, ReportedEvent, Rounds, UnreadableLdr, Waiter, activate, activate_for,
    activate_instructed, foresee, ldr_report, refer_ldr, relay_ldr_report, report_instructed,
};
pub use domain::Domain;
pub use emergency_report::{EmergencyEvent, EmergencyReport, emergency_report};
pub use home::home;
pub use immediate::immediate;
pub use mo_lr::mo_lr;
pub use network::{Ask, Network, Routed};
pub use overriding::{Territory, overriding};
pub use progress::Answer;
pub use roaming::{Home, HomeAnswer, PeerGateway, RequestingGateway};
pub use visited::{visited, visited_overriding};

use lcs::{Address, LcsClientId, LcsInterface, RoutingInfo, ServingNode, Timestamp, Way};

/// What every procedure works with.
#[derive(Debug)]
pub struct Gateway<'a, N: Network> {
    /// The privacy check, by a register here or elsewhere.
    pub ppr: &'a N::Ppr,
    /// The network.
    pub network: &'a N,
    /// E.164 address of this gateway.
    pub number: Address,
    /// Whether the record keeps the coordinates that were given.
    pub keeps_coordinates: bool,
    /// Which domain is asked first where several are known and the request belongs to none; empty: as the home register has
    /// it (TS 23.271 clause 9.1.1 step 9 NOTE 4).
    pub domains: &'a [Domain],
}

impl<N: Network> Gateway<'_, N> {
    fn now(&self) -> Timestamp {
        self.network.now()
    }

    /// The ways to ask where this route leads, the one to try first at the beginning. `directly`: not through the gateways of
    /// other networks.
    fn ways<'r>(&self, route: &'r RoutingInfo, client: &LcsClientId, overrides: bool, directly: bool) -> Vec<Way<'r>> {
        let (slg, lg) = (self.network.reaches(LcsInterface::Slg), self.network.reaches(LcsInterface::Lg));
        let lr = |node: &ServingNode| !directly && self.network.visited_gateway(node).is_some();
        domain::ways(route, &domain::Choice { client, overrides, preference: self.domains, slg, lg, lr: &lr })
    }
}
