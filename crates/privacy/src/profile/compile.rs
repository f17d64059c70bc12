//! From a profile as written to a profile proved sound.

use super::{ClassRules, CodewordHandling, Conditions, GmlcRestriction, Profile, Rules, ServiceTypes, Standing};
use lcs::{Address, PrivacySetting};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

/// Most entries of a list of a profile.
const MAX_ENTRIES: usize = 250;
/// Most identified GMLCs (TS 29.002 clause 17.7.1, GMLC-List).
const MAX_GMLCS: usize = 5;
/// Most codewords.
const MAX_CODEWORDS: usize = 32;
/// Widest coarsening, metres: beyond it, refuse instead.
const MAX_COARSEN_M: u32 = 1_000_000;

/// Why a profile is not sound. Positions count from 0 in the list as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Clients not listed may not be given "allowed without notification" in the unrelated class.
    #[error(
        "unrelated class: clients not listed cannot be allowed without notification, choose notification, verification or not allowed (TS 23.271 clause 9.5.3.3)"
    )]
    UnrelatedNotListedUnnotified,
    /// Service types not listed may not be given "allowed without notification".
    #[error(
        "service types: those not listed cannot be allowed without notification, choose notification, verification or not allowed (TS 23.271 Table 10.11)"
    )]
    ServiceNotListedUnnotified,
    /// The PLMN operator class lists no client type.
    #[error("PLMN operator class: list at least one client type or leave the class out (TS 23.271 Table 10.2)")]
    NoPlmnClients,
    /// The service types list none.
    #[error("service types: list at least one or leave them out (TS 23.271 Table 10.11)")]
    NoServiceTypes,
    /// Two entries of a class have the same address.
    #[error("client entry {0}: its address is listed twice in the class")]
    ClientTwice(usize),
    /// Two entries have the same service type.
    #[error("service type entry {0}: the type is listed twice")]
    ServiceTwice(usize),
    /// An entry allows identified GMLCs only, and none is identified.
    #[error("an entry is restricted to identified GMLCs and the profile identifies none (TS 23.271 Table 10.6a)")]
    NoIdentifiedGmlcs,
    /// A list is too long.
    #[error("{count} entries in a list that may have {limit}")]
    TooMany {
        /// What it has.
        count: usize,
        /// What it may have.
        limit: usize,
    },
    /// The network is to check codewords and there are none.
    #[error("codewords are to be checked in the network and none is given (TS 23.271 Table 10.12b)")]
    NoCodewords,
    /// A list of allowed requestors is empty, which would refuse everybody.
    #[error("a list of allowed requestors is empty: name at least one, or use \"not allowed\"")]
    NoRequestors,
    /// Hours hold no window, which would refuse always.
    #[error("hours without a window: give at least one, or use \"not allowed\"")]
    NoWindows,
    /// A time window is empty or leaves the week.
    #[error("time window: start 0-10079, end 1-10080 in minutes of the week, and not equal")]
    Window,
    /// The offset from UTC is out of range.
    #[error("offset from UTC: -720 to 840 minutes")]
    UtcOffset,
    /// A coarsening radius is out of range.
    #[error("coarsening radius: 1 to 1000000 metres")]
    CoarsenRadius,
}

/// Rules proved sound, shared by the subscribers who have the same. Entries are sorted, longest address first.
#[derive(Debug, PartialEq)]
pub(crate) struct SharedRules {
    pub(crate) rules: Rules,
    /// Addresses of the entries of the related and the unrelated class, together, because they are looked through each time.
    pub(crate) related_addresses: Box<[Address]>,
    pub(crate) unrelated_addresses: Box<[Address]>,
    digest: u64,
}

impl SharedRules {
    /// Whether other subscribers may have the same: nothing in it is as personal as a codeword or a place.
    pub(crate) fn is_shareable(&self) -> bool {
        let rules = &self.rules;
        rules.codewords.is_none() && every_condition(rules).all(|c| c.areas.is_empty() && c.requestors.is_none())
    }

    /// Octets that it takes on the heap, about.
    pub(crate) fn heap_bytes(&self) -> usize {
        let rules = &self.rules;
        let classes = rules.related.iter().chain(&rules.unrelated).map(|class| class.clients.capacity());
        let services = rules.service_types.as_ref().map_or(0, |s| s.listed.capacity());
        let of_conditions = every_condition(rules).map(|c| {
            c.areas.capacity() * size_of::<super::AreaRule>()
                + c.hours.as_ref().map_or(0, |h| h.windows.capacity() * size_of::<super::Window>())
                + c.requestors.as_ref().map_or(0, |r| r.capacity() * (size_of::<lcs::Requestor>() + 24))
        });
        size_of::<Self>()
            + 16
            + classes.sum::<usize>() * (size_of::<super::ListedClient>() + size_of::<Address>())
            + services * size_of::<super::ListedService>()
            + rules.gmlcs.capacity() * size_of::<Address>()
            + rules.codewords.as_ref().map_or(0, |c| c.count() * 48)
            + of_conditions.sum::<usize>()
    }
}

// Sound because areas, whose numbers are floating point and finite, never occur in rules that are compared: see `is_shareable`.
impl Eq for SharedRules {}

impl Hash for SharedRules {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest);
    }
}

/// A profile proved sound. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledProfile {
    pub(crate) standing: Standing,
    pub(crate) rules: Arc<SharedRules>,
}

impl CompiledProfile {
    /// What holds whoever asks.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The same rules under another standing; fails only for an offset from UTC out of range.
    pub fn with_standing(&self, standing: Standing) -> Result<Self, ProfileError> {
        check_standing(standing)?;
        Ok(Self { standing, rules: Arc::clone(&self.rules) })
    }
}

impl Profile {
    /// Proves the profile sound (TS 23.271 clauses 9.5.3 and 10.3.2) and makes it ready for the register.
    pub fn compile(self) -> Result<CompiledProfile, ProfileError> {
        let Self { standing, mut rules } = self;
        check_standing(standing)?;
        check_rules(&rules)?;
        // The most specific entry decides, so it must be met first.
        for class in rules.related.iter_mut().chain(&mut rules.unrelated) {
            class.clients.sort_by_key(|client| core::cmp::Reverse(client.address.digits.count()));
            class.clients.shrink_to_fit();
        }
        let addresses = |class: &Option<ClassRules>| {
            class.iter().flat_map(|class| &class.clients).map(|client| client.address).collect::<Box<[Address]>>()
        };
        let (related_addresses, unrelated_addresses) = (addresses(&rules.related), addresses(&rules.unrelated));
        let digest = digest(&rules);
        let rules = Arc::new(SharedRules { rules, related_addresses, unrelated_addresses, digest });
        Ok(CompiledProfile { standing, rules })
    }
}

fn check_standing(standing: Standing) -> Result<(), ProfileError> {
    if (-720..=840).contains(&standing.utc_offset_min) { Ok(()) } else { Err(ProfileError::UtcOffset) }
}

fn check_rules(rules: &Rules) -> Result<(), ProfileError> {
    if rules.unrelated.as_ref().is_some_and(|c| c.not_listed == PrivacySetting::AllowedWithoutNotification) {
        return Err(ProfileError::UnrelatedNotListedUnnotified);
    }
    for class in rules.related.iter().chain(&rules.unrelated) {
        check_class(class)?;
    }
    if rules.plmn_operator.as_ref().is_some_and(Vec::is_empty) {
        return Err(ProfileError::NoPlmnClients);
    }
    rules.service_types.as_ref().map_or(Ok(()), check_services)?;
    at_most(rules.gmlcs.len(), MAX_GMLCS)?;
    if rules.gmlcs.is_empty() && every_restriction(rules).any(|r| r == GmlcRestriction::Identified) {
        return Err(ProfileError::NoIdentifiedGmlcs);
    }
    if let Some(codewords) = &rules.codewords {
        at_most(codewords.count(), MAX_CODEWORDS)?;
        if codewords.handling() == CodewordHandling::Network && codewords.count() == 0 {
            return Err(ProfileError::NoCodewords);
        }
    }
    every_condition(rules).try_for_each(check_conditions)
}

fn check_class(class: &ClassRules) -> Result<(), ProfileError> {
    at_most(class.clients.len(), MAX_ENTRIES)?;
    let twice = class
        .clients
        .iter()
        .enumerate()
        .find(|(at, client)| class.clients.iter().take(*at).any(|earlier| earlier.address == client.address));
    twice.map_or(Ok(()), |(at, _)| Err(ProfileError::ClientTwice(at)))
}

fn check_services(services: &ServiceTypes) -> Result<(), ProfileError> {
    if services.not_listed == PrivacySetting::AllowedWithoutNotification {
        return Err(ProfileError::ServiceNotListedUnnotified);
    }
    if services.listed.is_empty() {
        return Err(ProfileError::NoServiceTypes);
    }
    let twice = services.listed.iter().enumerate().find(|(at, service)| {
        services.listed.iter().take(*at).any(|earlier| earlier.service_type == service.service_type)
    });
    twice.map_or(Ok(()), |(at, _)| Err(ProfileError::ServiceTwice(at)))
}

fn check_conditions(conditions: &Conditions) -> Result<(), ProfileError> {
    if let Some(requestors) = &conditions.requestors {
        at_most(requestors.len(), MAX_ENTRIES)?;
        if requestors.is_empty() {
            return Err(ProfileError::NoRequestors);
        }
    }
    if let Some(hours) = &conditions.hours {
        at_most(hours.windows.len(), MAX_ENTRIES)?;
        if hours.windows.is_empty() {
            return Err(ProfileError::NoWindows);
        }
        if !hours.windows.iter().all(|window| window.is_sound()) {
            return Err(ProfileError::Window);
        }
    }
    at_most(conditions.areas.len(), MAX_ENTRIES)?;
    let sound = |rule: &super::AreaRule| match rule.effect {
        super::AreaEffect::Coarsen { radius_m } => (1..=MAX_COARSEN_M).contains(&radius_m),
        super::AreaEffect::Allow | super::AreaEffect::Refuse => true,
    };
    if conditions.areas.iter().all(sound) { Ok(()) } else { Err(ProfileError::CoarsenRadius) }
}

fn at_most(count: usize, limit: usize) -> Result<(), ProfileError> {
    if count <= limit { Ok(()) } else { Err(ProfileError::TooMany { count, limit }) }
}

fn every_condition(rules: &Rules) -> impl Iterator<Item = &Conditions> {
    let clients = rules.related.iter().chain(&rules.unrelated).flat_map(|class| &class.clients);
    let services = rules.service_types.iter().flat_map(|services| &services.listed);
    core::iter::once(&rules.conditions)
        .chain(clients.map(|client| &client.conditions))
        .chain(services.map(|service| &service.conditions))
}

fn every_restriction(rules: &Rules) -> impl Iterator<Item = GmlcRestriction> {
    let clients = rules.related.iter().chain(&rules.unrelated).flat_map(|class| &class.clients);
    let services = rules.service_types.iter().flat_map(|services| &services.listed);
    clients.map(|client| client.gmlc).chain(services.map(|service| service.gmlc))
}

/// Equal for equal rules; covers what shared rules can differ in.
fn digest(rules: &Rules) -> u64 {
    let mut hasher = DefaultHasher::new();
    rules.universal.hash(&mut hasher);
    for class in [&rules.related, &rules.unrelated] {
        class.as_ref().map(|c| (c.not_listed, c.clients.len())).hash(&mut hasher);
        for client in class.iter().flat_map(|class| &class.clients) {
            (client.address, client.setting, client.gmlc).hash(&mut hasher);
        }
    }
    rules.plmn_operator.hash(&mut hasher);
    if let Some(services) = &rules.service_types {
        services.not_listed.hash(&mut hasher);
        for service in &services.listed {
            (service.service_type, service.setting, service.gmlc).hash(&mut hasher);
        }
    }
    rules.gmlcs.hash(&mut hasher);
    for conditions in every_condition(rules) {
        (&conditions.hours, conditions.notify_after_positioning).hash(&mut hasher);
    }
    hasher.finish()
}
