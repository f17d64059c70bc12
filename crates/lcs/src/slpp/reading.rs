//! What a serving node that knows nothing but the downloaded data makes of a request: the input of Fig. A.1 of TS 23.271.
//!
//! ```
//! use lcs::{Address, LcsClientType, select_pre_rel6, slpp::{LcsInformation, NodeKnowledge, NodeRequest}};
//! # fn main() -> Result<(), lcs::AddressError> {
//! let downloaded = LcsInformation::default();
//! let gmlc = Address::international("+491710000001")?;
//! let client = Address::international("+4999000000001")?;
//! let request = NodeRequest { call_criteria_met: true, ..NodeRequest::value_added(client, gmlc) };
//! let outcome = select_pre_rel6(&downloaded.read(NodeKnowledge::set(2), &request));
//! assert!(!outcome.allowed());
//! # Ok(())
//! # }
//! ```

use super::{
    ExternalClientEntry, GmlcRestrictionCode, LcsInformation, NotificationToUser, PrivacyClass, PrivacyClassCode,
};
use crate::{
    address::Address,
    client::{LcsClientType, PlmnClient},
    selection::{A1Input, A1Override},
    service::ServiceType,
    setting::PrivacySetting,
};

/// What a serving node understands of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeKnowledge {
    /// Highest LCS capability set (TS 23.271 clause 10.5.1). Below 2: of the unrelated class the first five entries, of the
    /// related class no entry. Below 3: no service types. From 3 on all alike.
    pub capability_set: u8,
    /// Whether it knows "location not allowed", which came after the extension marker. One that does not passes over it and
    /// takes the default (TS 29.002 clause 17.7.1, NotificationToMSUser).
    pub knows_not_allowed: bool,
}

impl NodeKnowledge {
    /// A node of this highest set that knows every value.
    #[must_use]
    pub fn set(capability_set: u8) -> Self {
        Self { capability_set, knows_not_allowed: true }
    }

    /// All that differ, below set 4: sets 1 to 3, with and without knowledge of "location not allowed".
    pub fn all_old() -> impl Iterator<Item = Self> {
        (1..=3).flat_map(|capability_set| {
            [true, false].map(|knows_not_allowed| Self { capability_set, knows_not_allowed })
        })
    }

    /// Entries that it sees of the list of a class.
    fn entries(self, class: &PrivacyClass) -> impl Iterator<Item = &ExternalClientEntry> {
        let most = match (self.capability_set, class.code) {
            (0 | 1, PrivacyClassCode::CallSessionUnrelated) => PrivacyClass::MAX_EXTERNAL_CLIENTS,
            (0 | 1, _) => 0,
            _ => PrivacyClass::MAX_EXTERNAL_CLIENTS + PrivacyClass::MAX_EXTENDED_CLIENTS,
        };
        class.external_clients.iter().take(most)
    }

    /// The setting that a value says, `default` if it is absent or unknown to the node.
    fn setting(self, notification: Option<NotificationToUser>, default: PrivacySetting) -> PrivacySetting {
        let known = notification.filter(|n| self.knows_not_allowed || *n != NotificationToUser::LocationNotAllowed);
        known.map_or(default, NotificationToUser::setting)
    }
}

/// A request as it stands before a serving node that was sent no indicators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeRequest {
    /// Client type.
    pub client_type: LcsClientType,
    /// External identity of the client, real or pseudo.
    pub external: Option<Address>,
    /// Internal identity, of PLMN operator clients.
    pub internal: Option<PlmnClient>,
    /// Service type.
    pub service_type: Option<ServiceType>,
    /// Address of the gateway that asks.
    pub gmlc: Address,
    /// Whether that gateway is in the home country of the subscriber.
    pub gmlc_in_home_country: bool,
    /// What overrides the subscriber's data.
    pub privacy_override: A1Override,
    /// The client is in, or associated with, the visited PLMN.
    pub plmn_criteria_met: bool,
    /// The node serves the subscriber in the home PLMN.
    pub in_home_plmn: bool,
    /// A call or session that the subscriber originated to the client is up, at the address in the request.
    pub call_criteria_met: bool,
}

impl NodeRequest {
    /// Of a value added client, through a gateway of the home country, with no call or session, no service type and nothing that
    /// overrides.
    #[must_use]
    pub fn value_added(external: Address, gmlc: Address) -> Self {
        Self {
            client_type: LcsClientType::ValueAdded,
            external: Some(external),
            internal: None,
            service_type: None,
            gmlc,
            gmlc_in_home_country: true,
            privacy_override: A1Override::None,
            plmn_criteria_met: false,
            in_home_plmn: false,
            call_criteria_met: false,
        }
    }
}

impl LcsInformation {
    /// What of the data a home register sends to a node of this highest capability set (TS 23.271 clauses 10.5.2 and 10.5.3, TS 29.002
    /// clause 17.7.1, LCS-PrivacyClass). To one below set 3 no service types. To one below set 2 no class with more than five clients,
    /// and of a subscriber whose related class lists clients neither that nor the unrelated one: the node would take clients that it
    /// cannot be told of for clients that are not listed.
    #[must_use]
    pub fn sent_to(&self, capability_set: u8) -> Self {
        let lists_related =
            self.class(PrivacyClassCode::CallSessionRelated).is_some_and(|class| !class.external_clients.is_empty());
        let is_sent = |class: &&PrivacyClass| match class.code {
            PrivacyClassCode::ServiceType => capability_set >= 3,
            PrivacyClassCode::CallSessionRelated | PrivacyClassCode::CallSessionUnrelated => {
                let fits = class.external_clients.len() <= PrivacyClass::MAX_EXTERNAL_CLIENTS;
                capability_set >= 2 || (!lists_related && fits)
            }
            PrivacyClassCode::Universal | PrivacyClassCode::PlmnOperator => true,
        };
        let privacy_classes = self.privacy_classes.iter().filter(is_sent).cloned().collect();
        Self { privacy_classes, gmlc_list: self.gmlc_list.clone(), mo_lr: self.mo_lr.clone() }
    }

    /// What a node with this knowledge reads of the data for a request: input of [`crate::select_pre_rel6`] (TS 23.271 clauses 9.5.3,
    /// 10.5 and A.2). Nothing else than the data and the request goes in, so it says what an old node will do.
    ///
    /// Where several entries match (clause 9.5.3.6 compares beginnings), the standard names none; the first of the list counts.
    /// An entry whose gateway restriction is not met gives "not allowed", as its client is listed all the same.
    #[must_use]
    pub fn read(&self, node: NodeKnowledge, request: &NodeRequest) -> A1Input {
        A1Input {
            client_type: request.client_type,
            privacy_override: request.privacy_override,
            universal: self.class(PrivacyClassCode::Universal).is_some(),
            plmn: self.class(PrivacyClassCode::PlmnOperator).map(|class| plmn_setting(class, request)),
            related: self.class_setting(PrivacyClassCode::CallSessionRelated, node, request),
            unrelated: self.class_setting(PrivacyClassCode::CallSessionUnrelated, node, request),
            plmn_criteria_met: request.plmn_criteria_met,
            call_criteria_met: request.call_criteria_met,
            service_type: self.service_setting(node, request),
        }
    }

    /// What the related or unrelated class says to a client, listed or not; `None`: not subscribed.
    fn class_setting(
        &self,
        code: PrivacyClassCode,
        node: NodeKnowledge,
        request: &NodeRequest,
    ) -> Option<PrivacySetting> {
        let class = self.class(code)?;
        let matches = |entry: &&ExternalClientEntry| {
            request.external.zip(entry.client).is_some_and(|(address, stored)| address.matches(stored))
        };
        Some(match node.entries(class).find(matches) {
            Some(entry) if self.admits_gmlc(entry.gmlc_restriction, request) => {
                node.setting(entry.notification, PrivacySetting::AllowedWithoutNotification)
            }
            Some(_) => PrivacySetting::NotAllowed,
            None => node.setting(class.not_listed, code.not_listed_default()),
        })
    }

    /// What the service types say; `None`: not subscribed, or unknown to the node. Types that are not listed get "not allowed", as
    /// the register has no other option for them (TS 23.271 clause 9.5.3.5).
    fn service_setting(&self, node: NodeKnowledge, request: &NodeRequest) -> Option<PrivacySetting> {
        let class = self.class(PrivacyClassCode::ServiceType).filter(|_| node.capability_set >= 3)?;
        let listed = class.service_types.iter().find(|entry| Some(entry.service_type) == request.service_type);
        Some(match listed {
            Some(entry) if self.admits_gmlc(entry.gmlc_restriction, request) => {
                node.setting(entry.notification, PrivacySetting::AllowedWithoutNotification)
            }
            _ => PrivacySetting::NotAllowed,
        })
    }

    /// Whether the gateway of a request is one through which an entry lets its client ask (TS 23.271 clause 9.5.3.2).
    fn admits_gmlc(&self, restriction: Option<GmlcRestrictionCode>, request: &NodeRequest) -> bool {
        match restriction {
            None => true,
            Some(GmlcRestrictionCode::HomeCountry) => request.gmlc_in_home_country,
            Some(GmlcRestrictionCode::GmlcList) => self.gmlc_list.iter().any(|known| request.gmlc.matches(*known)),
        }
    }
}

impl PrivacyClassCode {
    /// What clients get that are not listed, if the class does not say (TS 23.271 Table 10.2).
    #[must_use]
    pub fn not_listed_default(self) -> PrivacySetting {
        match self {
            Self::CallSessionRelated => PrivacySetting::AllowedWithoutNotification,
            Self::Universal | Self::CallSessionUnrelated | Self::PlmnOperator | Self::ServiceType => {
                PrivacySetting::NotAllowed
            }
        }
    }
}

/// What the PLMN operator class says: allowed if the client is listed, one of the home network's operation and maintenance only
/// while the home network serves (TS 23.271 clause 9.5.3.4).
fn plmn_setting(class: &PrivacyClass, request: &NodeRequest) -> PrivacySetting {
    let listed = request.internal.filter(|client| class.plmn_clients.contains(client));
    match listed {
        Some(PlmnClient::OmHplmn) if !request.in_home_plmn => PrivacySetting::NotAllowed,
        Some(_) => PrivacySetting::AllowedWithoutNotification,
        None => PrivacySetting::NotAllowed,
    }
}

#[cfg(test)]
mod tests;
