//! What home registers hold for nodes below capability set 4: what they must hold, shown to a person and as octets, and what one
//! really holds, checked (TS 23.271 Annex C; `docs/pseudo-external-identities.md`).

mod body;
mod report;
#[cfg(test)]
mod tests;
mod wire;

pub use body::{
    ClassBody, ClassWord, EntryBody, HeldBody, MoLrBody, NotificationWord, RestrictionWord, ServiceEntryBody, SlppBody,
};
pub use report::{LineView, ReportError, SlppCheckView, SlppView};
pub use wire::WireError;

use crate::clients::ClientRecord;
use crate::config::{Config, Problem};
use lcs::slpp::LcsInformation;
use lcs::{Address, PlmnClient, Timestamp};
use privacy::{
    CompiledProfile, HomeNetwork, HomeRegisterData, OperatorFloor, Policy, Profile, ProfileError, SlppContext,
    SlppData, SlppFault, check_slpp,
};

/// What the gateway knows of home registers: the operator's numbers, and what the data is looked at beside.
#[derive(Debug, Clone)]
pub struct HomeRegisters {
    data: HomeRegisterData,
    /// This gateway, then the visited ones.
    gateways: Vec<Address>,
    home: HomeNetwork,
    floor: OperatorFloor,
    default_profile: Option<CompiledProfile>,
}

/// Whose profile the data of a subscriber follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The subscriber's own.
    Own,
    /// The operator's default profile.
    Default,
    /// Nobody's: there is none, so nothing is allowed.
    Nobody,
}

impl HomeRegisters {
    /// As the file and the policy have it; `None`: no pseudo-external identities, so home registers hold nothing for this gateway.
    #[must_use]
    pub fn new(config: &Config, policy: &Policy) -> Option<Self> {
        let own = config.gateway.gmlc_number.iter();
        let visited = config.pseudo_external.v_gmlc_numbers.iter();
        Some(Self {
            data: config.pseudo_external.home_register()?,
            gateways: own.chain(visited).map(|number| number.0).collect(),
            home: policy.home.clone(),
            floor: policy.floor.clone(),
            default_profile: policy.default_profile.clone(),
        })
    }

    /// Numbers of a client that could pass for a pseudo-external identity, or an identity's for the client's (TS 23.271 clause 9.5.3.6).
    #[must_use]
    pub fn conflicts(&self, record: &ClientRecord) -> Vec<Problem> {
        let numbers: Vec<Address> = record.external_identities.iter().map(|identity| identity.number.0).collect();
        let faults = self.data.table.client_faults(&numbers);
        let problem = |fault: SlppFault| Problem {
            key: "external_identities".into(),
            what: fault.to_string(),
            remedy: "see pseudo_external.numbers of the configuration".into(),
        };
        faults.map(problem).collect()
    }

    /// What is wrong with the configured identities beside these clients, and with the data that they make: nothing, or the gateway
    /// must not be started.
    ///
    /// # Errors
    /// An empty profile is not sound, which it is.
    pub fn problems<'a>(
        &self,
        clients: impl IntoIterator<Item = &'a ClientRecord>,
    ) -> Result<Vec<Problem>, ProfileError> {
        let of_client = |record: &ClientRecord| {
            let named = |problem: Problem| Problem {
                key: "pseudo_external.numbers".into(),
                what: format!("client {}: {}", record.id, problem.what),
                remedy: "change or remove that client, or give other numbers".into(),
            };
            self.conflicts(record).into_iter().map(named).collect::<Vec<_>>()
        };
        let mut problems: Vec<Problem> = clients.into_iter().flat_map(of_client).collect();
        let (built, _) = self.provision(None, Timestamp::default())?;
        let faults = self.faults(&built.information, Some(&[]), &[]);
        problems.extend(faults.into_iter().map(|fault| Problem {
            key: "pseudo_external".into(),
            what: fault.to_string(),
            remedy: "correct the section".into(),
        }));
        Ok(problems)
    }

    /// The data for a subscriber with this profile of their own, or without one.
    ///
    /// # Errors
    /// An empty profile is not sound, which it is.
    pub fn provision(&self, own: Option<&CompiledProfile>, now: Timestamp) -> Result<(SlppData, Whose), ProfileError> {
        let nobody;
        let (profile, whose) = match (own, &self.default_profile) {
            (Some(own), _) => (own, Whose::Own),
            (None, Some(default)) => (default, Whose::Default),
            (None, None) => {
                nobody = Profile::default().compile()?;
                (&nobody, Whose::Nobody)
            }
        };
        Ok((self.data.slpp(profile, &self.floor, now), whose))
    }

    /// What is wrong with data that a home register holds. `clients` are the numbers of all registered clients.
    #[must_use]
    pub fn faults(
        &self,
        held: &LcsInformation,
        plmn_clients: Option<&[PlmnClient]>,
        clients: &[Address],
    ) -> Vec<SlppFault> {
        let context = SlppContext { home: &self.home, gateways: &self.gateways, clients, plmn_clients };
        check_slpp(held, &self.data.table, &context)
    }
}
