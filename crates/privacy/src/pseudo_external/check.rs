//! Whether the data of a home register makes old nodes do what the gateway means: by rule, and by trying every case.

use super::{Provisioned, PseudoExternalTable, SlppFault, walk::walk};
use crate::decide::HomeNetwork;
use lcs::{
    Address, PlmnClient, PrivacySetting, PseudoExternalIdentity,
    slpp::{
        ExternalClientEntry, GmlcRestrictionCode, LcsInformation, NotificationToUser, PrivacyClass, PrivacyClassCode,
    },
};
use std::collections::BTreeSet;

/// What the data is looked at beside.
#[derive(Debug, Clone, Copy)]
pub struct SlppContext<'a> {
    /// The home network, for entries restricted to gateways of the home country.
    pub home: &'a HomeNetwork,
    /// Gateways that ask old nodes: this one and every visited one that it asks through.
    pub gateways: &'a [Address],
    /// Numbers of real clients.
    pub clients: &'a [Address],
    /// PLMN operator client types that the data must allow; `None`: not looked at.
    pub plmn_clients: Option<&'a [PlmnClient]>,
}

/// Everything that is wrong, first by rule and then by case. Empty: every old node that is asked by an identity does exactly what
/// the identity stands for, and serves nobody else (TS 23.271 Annex A, Annex C).
#[must_use]
pub fn check(information: &LcsInformation, table: &PseudoExternalTable, context: &SlppContext<'_>) -> Vec<SlppFault> {
    let mut check = Check { information, table, context, faults: table.client_faults(context.clients).collect() };
    check.whole();
    check.class(PrivacyClassCode::CallSessionRelated, PseudoExternalIdentity::related_entry);
    check.class(PrivacyClassCode::CallSessionUnrelated, PseudoExternalIdentity::unrelated_entry);
    check.plmn();
    check.faults.extend(walk(information, table, context).into_iter().map(SlppFault::Action));
    check.faults
}

impl PseudoExternalTable {
    /// Clients whose number could pass for an identity or an identity's for theirs.
    pub fn client_faults<'a>(&'a self, clients: &'a [Address]) -> impl Iterator<Item = SlppFault> + 'a {
        let fault = |client: &Address| {
            self.conflicting(client.digits).map(|identity| SlppFault::ClientNumber { identity, client: *client })
        };
        clients.iter().filter_map(fault)
    }
}

struct Check<'a> {
    information: &'a LcsInformation,
    table: &'a PseudoExternalTable,
    context: &'a SlppContext<'a>,
    faults: Vec<SlppFault>,
}

impl Check<'_> {
    /// Lists as a whole, and classes that must not be there.
    fn whole(&mut self) {
        let LcsInformation { gmlc_list, privacy_classes, mo_lr } = self.information;
        if gmlc_list.len() > 5 {
            self.faults.push(SlppFault::TooManyGateways(gmlc_list.len()));
        }
        if privacy_classes.len() > 4 {
            self.faults.push(SlppFault::TooManyClasses(privacy_classes.len()));
        }
        let mut seen = BTreeSet::new();
        let twice = privacy_classes.iter().map(|class| class.code).filter(|code| !seen.insert(*code));
        self.faults.extend(twice.map(SlppFault::ClassTwice));
        let mut seen = BTreeSet::new();
        let twice = mo_lr.iter().map(|service| service.code).filter(|code| !seen.insert(*code));
        self.faults.extend(twice.map(SlppFault::MoLrTwice));
        if self.information.class(PrivacyClassCode::Universal).is_some() {
            self.faults.push(SlppFault::UniversalClass);
        }
        if self.information.class(PrivacyClassCode::ServiceType).is_some() {
            self.faults.push(SlppFault::ServiceTypeClass);
        }
    }

    /// The related or the unrelated class.
    fn class(&mut self, code: PrivacyClassCode, entry_of: fn(PseudoExternalIdentity) -> Option<PrivacySetting>) {
        let first_four = self.table.provisioned() == Provisioned::FirstFour;
        let wanted = !(first_four && code == PrivacyClassCode::CallSessionRelated);
        let Some(class) = self.information.class(code) else {
            if wanted {
                let idle = self.information.privacy_classes.iter().find(|class| class.code == code);
                let inactive = |class: &PrivacyClass| SlppFault::ClassNotActive { class: code, status: class.status.0 };
                self.faults.push(idle.map_or(SlppFault::ClassMissing(code), inactive));
            }
            return;
        };
        if !wanted {
            self.faults.push(SlppFault::RelatedClassForSetOne);
        }
        self.not_listed(class);
        let count = class.external_clients.len();
        if count > PrivacyClass::MAX_EXTERNAL_CLIENTS + PrivacyClass::MAX_EXTENDED_CLIENTS {
            self.faults.push(SlppFault::TooManyEntries { class: code, count });
        }
        if first_four && wanted && count > PrivacyClass::MAX_EXTERNAL_CLIENTS {
            self.faults.push(SlppFault::BeyondSetOne(count));
        }
        let mut listed = BTreeSet::new();
        for (position, entry) in (1..).zip(&class.external_clients) {
            self.entry(code, position, entry, entry_of, &mut listed);
        }
        let table = self.table;
        let missing = PseudoExternalIdentity::all().filter(|held| wanted && table.number_of(*held).is_some());
        for identity in missing.filter(|identity| !listed.contains(identity)) {
            let Some(expected) = entry_of(identity) else { continue };
            let rests_on_default = code == PrivacyClassCode::CallSessionRelated && (2..=4).contains(&identity.number());
            self.faults.push(if rests_on_default {
                SlppFault::RelatedEntryMissing(identity)
            } else {
                SlppFault::EntryMissing { class: code, identity, expected }
            });
        }
    }

    /// The option for clients not listed must come to "not allowed".
    fn not_listed(&mut self, class: &PrivacyClass) {
        match (class.code, class.not_listed) {
            (_, Some(NotificationToUser::LocationNotAllowed)) => {}
            (PrivacyClassCode::CallSessionRelated, found) => self.faults.push(SlppFault::RelatedNotListed(found)),
            (_, Some(found)) => self.faults.push(SlppFault::UnrelatedNotListed(found)),
            (_, None) => {}
        }
    }

    fn entry(
        &mut self,
        class: PrivacyClassCode,
        position: usize,
        entry: &ExternalClientEntry,
        entry_of: fn(PseudoExternalIdentity) -> Option<PrivacySetting>,
        listed: &mut BTreeSet<PseudoExternalIdentity>,
    ) {
        self.gateways(class, position, entry);
        let Some(client) = entry.client else {
            return self.faults.push(SlppFault::EntryWithoutNumber { class, position });
        };
        let Some(identity) = self.table.identity_of(client) else {
            let shadows = self.table.conflicting(client.digits);
            return self.faults.push(SlppFault::EntryUnknown { class, position, client, shadows });
        };
        if !listed.insert(identity) {
            self.faults.push(SlppFault::EntryTwice { class, position, identity });
        }
        if entry.notification == Some(NotificationToUser::LocationNotAllowed) {
            return self.faults.push(SlppFault::EntryNotAllowed { class, position });
        }
        // Identity 1 needs no entry in the related class, and one that says the same does no harm.
        let unneeded = (class == PrivacyClassCode::CallSessionRelated && identity.number() == 1)
            .then_some(PrivacySetting::AllowedWithoutNotification);
        let found = entry.notification.map_or(PrivacySetting::AllowedWithoutNotification, NotificationToUser::setting);
        match entry_of(identity).or(unneeded).filter(|_| self.table.number_of(identity).is_some()) {
            None => self.faults.push(SlppFault::EntrySurplus { class, position, identity }),
            Some(expected) if expected != found => {
                self.faults.push(SlppFault::EntryOption { class, position, identity, found, expected });
            }
            Some(_) => {}
        }
    }

    /// The restriction of an entry must let in every gateway that asks.
    fn gateways(&mut self, class: PrivacyClassCode, position: usize, entry: &ExternalClientEntry) {
        let Some(restriction) = entry.gmlc_restriction else { return };
        let admits = |gateway: &&Address| match restriction {
            GmlcRestrictionCode::HomeCountry => self.context.home.holds_gmlc(gateway),
            GmlcRestrictionCode::GmlcList => self.information.gmlc_list.iter().any(|known| gateway.matches(*known)),
        };
        let home_country = restriction == GmlcRestrictionCode::HomeCountry;
        let shut = self.context.gateways.iter().filter(|gateway| !admits(gateway));
        let faults: Vec<_> =
            shut.map(|gateway| SlppFault::EntryGateway { class, position, home_country, gateway: *gateway }).collect();
        self.faults.extend(faults);
    }

    fn plmn(&mut self) {
        let class = self.information.class(PrivacyClassCode::PlmnOperator);
        if class.is_some_and(|class| class.plmn_clients.is_empty()) {
            self.faults.push(SlppFault::PlmnEmpty);
        }
        let Some(expected) = self.context.plmn_clients else { return };
        let sorted = |clients: &[PlmnClient]| clients.iter().copied().collect::<BTreeSet<_>>();
        let found = class.map_or(&[][..], |class| &class.plmn_clients);
        if sorted(found) != sorted(expected) {
            self.faults.push(SlppFault::PlmnClients { found: found.to_vec(), expected: expected.to_vec() });
        }
    }
}
