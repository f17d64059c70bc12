//! What the operator fixes for all subscribers.

use crate::{profile::CompiledProfile, pseudo_external::PseudoExternalTable};
use lcs::{
    Digits, Identities, LcsClientType, LocationRequest, NatureOfAddress, PrivacySetting, RoutingInfo, ServiceType,
    ServingNode,
};
use std::{collections::HashMap, net::IpAddr, sync::Arc};

/// The operator's part of the privacy check.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The home network.
    pub home: HomeNetwork,
    /// Below this no setting of a subscriber loosens.
    pub floor: OperatorFloor,
    /// Profile of subscribers who have none; without it they are not located (TS 23.271 clause 9.5.3).
    pub default_profile: Option<CompiledProfile>,
    /// Beginnings of the IMSIs of the own subscribers, to whom alone the default profile applies: those of others have it from
    /// their home gateway (TS 23.271 clause 9.1.1 step 1). `None`: no gateway of another operator is spoken with, and whoever
    /// the HSS knows is a subscriber of the own network.
    pub own_subscribers: Option<Vec<Digits>>,
    /// Addresses by which home registers name the register that is asked here (PPR-Address, TS 29.173 clause 6.4.9). For whom they name
    /// another, the profile is kept there, and the default profile is not theirs.
    pub own_registers: Vec<IpAddr>,
    /// Numbers by which nodes below capability set 4 are told; without them such nodes are not asked.
    pub pseudo_external: Option<PseudoExternalTable>,
}

impl Policy {
    /// No floor and no default profile.
    #[must_use]
    pub fn new(home: HomeNetwork) -> Self {
        Self {
            home,
            floor: OperatorFloor::none(),
            default_profile: None,
            own_subscribers: None,
            own_registers: Vec::new(),
            pseudo_external: None,
        }
    }

    /// Whether somebody without a profile may be asked about at a node by the default profile: a subscriber of the own network for
    /// whom the home register names no other register.
    pub(crate) fn default_profile_holds(&self, identities: &Identities, route: &RoutingInfo) -> bool {
        self.owns(identities) == Some(true) && route.ppr.is_none_or(|register| self.own_registers.contains(&register))
    }

    /// Whether a subscriber is one of the own network, as far as the identities tell; `None`: they do not.
    pub(crate) fn owns(&self, identities: &Identities) -> Option<bool> {
        let Some(own) = &self.own_subscribers else { return Some(true) };
        let digits = identities.imsi.map(|imsi| imsi.expose_digits())?;
        Some(own.iter().any(|prefix| digits.starts_with(*prefix)))
    }
}

/// The home network, as far as the privacy check asks.
#[derive(Debug, Clone)]
pub struct HomeNetwork {
    /// E.164 country codes of the home country, for entries restricted to gateways in it (TS 23.271 clause 9.5.3.2).
    pub country_codes: Vec<Digits>,
    /// Diameter realms of the home PLMN; a node is at home if its realm is one of them or lies below one. For operation
    /// and maintenance clients of the home PLMN (TS 23.271 clause 9.5.3.4).
    pub realms: Vec<String>,
    /// Beginnings of the E.164 numbers that the home PLMN gives its nodes, for those that have no realm.
    pub node_numbers: Vec<Digits>,
}

impl HomeNetwork {
    /// Whether a gateway of this address is in the home country.
    pub(crate) fn holds_gmlc(&self, gmlc: &lcs::Address) -> bool {
        gmlc.nature == NatureOfAddress::International
            && self.country_codes.iter().any(|code| gmlc.digits.starts_with(*code))
    }

    /// Whether this node is in the home PLMN.
    pub(crate) fn holds_node(&self, node: &ServingNode) -> bool {
        let by_number = |number: lcs::Address| {
            number.nature == NatureOfAddress::International
                && self.node_numbers.iter().any(|own| number.digits.starts_with(*own))
        };
        node.realm().is_some_and(|realm| self.holds_realm(realm)) || node.number().is_some_and(by_number)
    }

    /// Whether a node of this realm is in the home PLMN.
    pub(crate) fn holds_realm(&self, realm: &str) -> bool {
        self.realms.iter().filter(|home| !home.is_empty()).any(|home| {
            let at = realm.len().checked_sub(home.len());
            let tail = at.and_then(|at| realm.get(at..));
            let parted = at == Some(0) || realm.get(..at.unwrap_or(0)).is_some_and(|head| head.ends_with('.'));
            parted && tail.is_some_and(|tail| tail.eq_ignore_ascii_case(home))
        })
    }
}

/// The loosest settings that the operator lets any subscriber's profile come to. Several that apply: the strictest counts.
///
/// Only value added clients can be notified of; for another client a floor stricter than "allowed without notification"
/// refuses. Emergency and lawful overrides know no floor.
#[derive(Debug, Clone)]
pub struct OperatorFloor {
    client_types: [PrivacySetting; 4],
    accounts: HashMap<Arc<str>, PrivacySetting>,
    services: HashMap<ServiceType, PrivacySetting>,
}

impl OperatorFloor {
    /// No floor.
    #[must_use]
    pub fn none() -> Self {
        let loosest = PrivacySetting::AllowedWithoutNotification;
        Self { client_types: [loosest; 4], accounts: HashMap::new(), services: HashMap::new() }
    }

    /// The floor for all clients of a type.
    #[must_use]
    pub fn for_client_type(mut self, client_type: LcsClientType, loosest: PrivacySetting) -> Self {
        for (known, floor) in LcsClientType::ALL.into_iter().zip(&mut self.client_types) {
            if known == client_type {
                *floor = loosest;
            }
        }
        self
    }

    /// The floor for a client account.
    #[must_use]
    pub fn for_account(mut self, account: Arc<str>, loosest: PrivacySetting) -> Self {
        self.accounts.insert(account, loosest);
        self
    }

    /// The floor for a service type.
    #[must_use]
    pub fn for_service_type(mut self, service_type: ServiceType, loosest: PrivacySetting) -> Self {
        self.services.insert(service_type, loosest);
        self
    }

    /// The loosest setting that a request may come to.
    #[must_use]
    pub fn of(&self, request: &LocationRequest) -> PrivacySetting {
        let by_type = Some(self.of_client_type(request.client.client_type));
        let by_account = self.accounts.get(&request.account).copied();
        let by_service = request.service_type.and_then(|service| self.services.get(&service)).copied();
        let floors = [by_type, by_account, by_service].into_iter().flatten();
        floors.fold(PrivacySetting::AllowedWithoutNotification, PrivacySetting::stricter)
    }

    /// The loosest setting that any request of a client of this type may come to.
    #[must_use]
    pub(crate) fn of_client_type(&self, client_type: LcsClientType) -> PrivacySetting {
        let by_type = LcsClientType::ALL.into_iter().zip(self.client_types).find(|(known, _)| *known == client_type);
        by_type.map_or(PrivacySetting::NotAllowed, |(_, floor)| floor)
    }
}
