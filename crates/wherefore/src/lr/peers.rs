//! The gateways of other operators: who each is by its certificate, for whom it speaks, and how much it may ask.

use super::replay::{Replayed, Replays};
use crate::config::{self, LrRole};
use crate::tls::{KnownCertificates, shown_by};
use gmlc::PeerGateway;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use lcs::{Address, Digits, Duration, Failure, Identities, LcsClientType, ServingNode, Timestamp};
use mlp::rlp::Transaction;
use privacy::HomeAuthority;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A gateway of another operator, by the record that this operator keeps of it.
pub(crate) struct Peer {
    name: Arc<str>,
    roles: Vec<LrRole>,
    certificates: KnownCertificates,
    realms: Vec<String>,
    /// Diameter realms of its operator's nodes.
    node_realms: Vec<String>,
    imsi_prefixes: Vec<Digits>,
    number_prefixes: Vec<Digits>,
    addresses: Vec<IpAddr>,
    number: Option<Address>,
    client_types: Vec<LcsClientType>,
    clients: Vec<String>,
    numbered: bool,
    called: bool,
    limiter: DefaultDirectRateLimiter,
    places: Arc<Semaphore>,
    replays: Replays,
}

impl core::fmt::Debug for Peer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Peer({})", self.name)
    }
}

impl Peer {
    fn new(peer: &config::LrPeer, lr: &config::Lr) -> Self {
        let at_least_one = |value: u32| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(peer.rate_per_s)).allow_burst(at_least_one(peer.burst));
        Self {
            name: peer.name.as_str().into(),
            roles: peer.roles.clone(),
            certificates: KnownCertificates::new(&peer.certificate_sha256, &peer.certificate_subjects),
            realms: peer.realms.clone(),
            node_realms: peer.plmns.iter().filter_map(|plmn| realm_of_plmn(plmn)).collect(),
            imsi_prefixes: peer.plmns.iter().filter_map(|plmn| Digits::parse(plmn).ok()).collect(),
            number_prefixes: peer.number_prefixes.iter().map(|number| number.0.digits).collect(),
            addresses: peer.addresses.clone(),
            number: peer.gmlc_number.map(|number| number.0),
            client_types: peer.client_types.iter().map(|kind| (*kind).into()).collect(),
            clients: peer.clients.clone(),
            numbered: peer.requires_transaction,
            called: peer.url.is_some(),
            limiter: RateLimiter::direct(quota),
            places: Arc::new(Semaphore::new(peer.max_concurrent as usize)),
            replays: Replays::new(Duration::from_secs(lr.replay_window_s), lr.replay_entries),
        }
    }

    /// Its name, for logs, metrics and records.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its name as procedures know it.
    pub(crate) fn gateway(&self) -> PeerGateway {
        PeerGateway(Arc::clone(&self.name))
    }

    /// Whether it may act as this.
    pub(crate) fn acts_as(&self, role: LrRole) -> bool {
        self.roles.contains(&role)
    }

    /// Its GMLC number, in the country that the operator gave it.
    pub(crate) fn number(&self) -> Option<Address> {
        self.number
    }

    /// Whether it may ask for clients of this type.
    pub(crate) fn may_bring(&self, client_type: LcsClientType) -> bool {
        self.client_types.contains(&client_type)
    }

    /// Whether it may speak for the client of this account.
    pub(crate) fn speaks_for(&self, account: &str) -> bool {
        self.clients.iter().any(|own| own == account)
    }

    /// Whether its requests must have a name and a time.
    pub(crate) fn requires_transaction(&self) -> bool {
        self.numbered
    }

    /// Whether it can be called.
    pub(crate) fn has_url(&self) -> bool {
        self.called
    }

    /// Whether `certificate` is one of its.
    pub(crate) fn certificates(&self) -> &KnownCertificates {
        &self.certificates
    }

    /// For whose subscribers it speaks as home gateway.
    pub(crate) fn authority(&self) -> HomeAuthority {
        HomeAuthority::from_record(self.imsi_prefixes.clone())
    }

    /// Whether its operator's table says that these identities are of its subscriber: by the IMSI where it is known, as a number may
    /// have moved.
    fn is_home_of(&self, whom: &Identities) -> bool {
        match (whom.imsi, whom.msisdn) {
            (Some(imsi), _) => super::subscribers::imsi_begins(imsi, &self.imsi_prefixes),
            (None, Some(number)) => super::subscribers::number_begins(number, &self.number_prefixes),
            (None, None) => false,
        }
    }

    /// Takes a request from its rate and gives it a place.
    ///
    /// # Errors
    /// [`Failure::OverQuota`], [`Failure::Congestion`].
    pub(crate) fn admit(&self) -> Result<OwnedSemaphorePermit, Failure> {
        self.limiter.check().map_err(|_| Failure::OverQuota)?;
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| Failure::Congestion)
    }

    /// Whether a request with this name was not seen before; from now on it was.
    pub(crate) fn is_first(&self, transaction: &Transaction, sent: Timestamp, now: Timestamp) -> Result<(), Replayed> {
        self.replays.note(transaction.as_str(), sent, now)
    }
}

/// The Diameter realm of a network (TS 23.003 clause 19.2).
fn realm_of_plmn(plmn: &str) -> Option<String> {
    let (mcc, mnc) = plmn.split_at_checked(3)?;
    Some(format!("epc.mnc{mnc:0>3}.mcc{mcc}.3gppnetwork.org"))
}

/// All that are known.
#[derive(Debug, Default)]
pub(crate) struct Peers(Vec<Arc<Peer>>);

impl Peers {
    pub(crate) fn new(lr: &config::Lr) -> Self {
        Self(lr.peer.iter().map(|peer| Arc::new(Peer::new(peer, lr))).collect())
    }

    /// The peer of a certificate whose chain TLS has checked.
    pub(crate) fn of_certificate(&self, der: &[u8]) -> Option<Arc<Peer>> {
        shown_by(&self.0, |peer| &peer.certificates, der).cloned()
    }

    /// The peer of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Peer>> {
        self.0.iter().find(|peer| &*peer.name == name)
    }

    /// The home gateway of subscribers whose pseudonyms end in this realm.
    pub(crate) fn home_of_realm(&self, realm: &str) -> Option<&Arc<Peer>> {
        self.homes().find(|peer| peer.realms.iter().any(|own| own == realm))
    }

    /// The home gateway at an address that the home register told.
    pub(crate) fn home_at(&self, address: IpAddr) -> Option<&Arc<Peer>> {
        self.homes().find(|peer| peer.addresses.contains(&address))
    }

    /// The home gateway by the operator's table of IMSIs and numbers.
    pub(crate) fn home_of(&self, whom: &Identities) -> Option<&Arc<Peer>> {
        self.homes().find(|peer| peer.is_home_of(whom))
    }

    /// The visited gateway that is asked in the place of a node: at the address that the home register told, else of the node's
    /// network. None where the operators do not use Lr.
    pub(crate) fn visited_of(&self, node: &ServingNode) -> Option<&Arc<Peer>> {
        let visited = || self.0.iter().filter(|peer| peer.acts_as(LrRole::Visited));
        if let Some(address) = node.v_gmlc {
            return visited().find(|peer| peer.addresses.contains(&address));
        }
        let realm = node.realm()?;
        visited().find(|peer| peer.node_realms.iter().any(|own| own.eq_ignore_ascii_case(realm)))
    }

    /// Whether one of them has nodes in this Diameter realm.
    pub(crate) fn has_nodes_in(&self, realm: &str) -> bool {
        self.0.iter().any(|peer| peer.node_realms.iter().any(|own| own.eq_ignore_ascii_case(realm)))
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Arc<Peer>] {
        &self.0
    }

    fn homes(&self) -> impl Iterator<Item = &Arc<Peer>> {
        self.0.iter().filter(|peer| peer.acts_as(LrRole::Home))
    }
}
