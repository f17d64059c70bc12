//! The privacy profile of a subscriber as the subscriber and the operator write it (TS 23.271 clauses 9.5.3, 10.3.2).
//!
//! ```text
//! Profile ── Standing   opt-out, switch, pause, time zone     changes often, one per subscriber
//!         └─ Rules      classes, service types, codewords,    changes seldom, many subscribers share one
//!                       identified gateways, conditions
//! ```
//!
//! A profile is plain data until [`Profile::compile`] has proved it sound; the register holds compiled ones only.

mod area;
mod codewords;
mod compile;
mod hours;
#[cfg(test)]
mod tests;

pub use area::{AreaEffect, AreaRule, Place};
pub(crate) use area::{Verdict as AreaVerdict, judge as judge_areas};
pub use codewords::{CodewordHandling, Codewords};
pub(crate) use compile::SharedRules;
pub use compile::{CompiledProfile, ProfileError};
pub use hours::{Hours, Window};

use lcs::{Address, PlmnClient, PrivacySetting, Requestor, ServiceType, Timestamp};

/// A subscriber's privacy profile (TS 23.271 clause 10.3.2).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// What holds whoever asks.
    pub standing: Standing,
    /// Who may ask, and what must happen then.
    pub rules: Rules,
}

/// What holds whoever asks, checked before any class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Opted out for good. Once set in the register it stays until [`crate::Register::withdraw_opt_out`].
    pub opted_out: bool,
    /// The global location privacy switch: nobody may locate while it is on.
    pub switched_off: bool,
    /// Nobody may locate before this time.
    pub paused_until: Option<Timestamp>,
    /// The subscriber's offset from UTC in minutes, -720 to 840; time windows are read in that time.
    pub utc_offset_min: i16,
}

/// Who may ask, and what must happen then. The default allows nothing (TS 23.271 clause 9.5.3).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    /// Universal class: every client, without notification (TS 23.271 clause 9.5.3.1).
    pub universal: bool,
    /// Call/session related class, if subscribed (TS 23.271 clause 9.5.3.2).
    pub related: Option<ClassRules>,
    /// Call/session unrelated class, if subscribed (TS 23.271 clause 9.5.3.3).
    pub unrelated: Option<ClassRules>,
    /// PLMN operator class, if subscribed: the client types allowed, at least one (TS 23.271 clause 9.5.3.4).
    pub plmn_operator: Option<Vec<PlmnClient>>,
    /// Service types, if subscribed (TS 23.271 clause 9.5.3.5).
    pub service_types: Option<ServiceTypes>,
    /// Codewords and who checks them, if used (TS 23.271 Table 10.12a, Table 10.12b).
    pub codewords: Option<Codewords>,
    /// The identified GMLCs, at most five (TS 23.271 Table 10.6a).
    pub gmlcs: Vec<Address>,
    /// Conditions on every request that the classes could allow.
    pub conditions: Conditions,
}

/// One of the two classes for value added clients: entries, and an option for clients not listed.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassRules {
    /// Option for clients not listed.
    pub not_listed: PrivacySetting,
    /// External clients and client groups.
    pub clients: Vec<ListedClient>,
}

impl ClassRules {
    /// The call/session related class with its default for clients not listed: allowed (TS 23.271 clause 9.5.3.2).
    #[must_use]
    pub fn related(clients: Vec<ListedClient>) -> Self {
        Self { not_listed: PrivacySetting::AllowedWithoutNotification, clients }
    }

    /// The call/session unrelated class with its default for clients not listed: not allowed (TS 23.271 clause 9.5.3.3).
    #[must_use]
    pub fn unrelated(clients: Vec<ListedClient>) -> Self {
        Self { not_listed: PrivacySetting::NotAllowed, clients }
    }
}

/// An external client or a group of them, with its option (TS 23.271 Table 10.2).
#[derive(Debug, Clone, PartialEq)]
pub struct ListedClient {
    /// Number of the client, or the first digits of a range (TS 23.271 clause 9.5.3.6).
    pub address: Address,
    /// Its option. "Not allowed" is an addition of this register: it shuts out one client of an open class.
    pub setting: PrivacySetting,
    /// Through which gateways it may ask.
    pub gmlc: GmlcRestriction,
    /// Further conditions of this entry.
    pub conditions: Conditions,
}

impl ListedClient {
    /// An entry with the defaults of the standard: allowed without notification, any gateway, no conditions.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self {
            address,
            setting: PrivacySetting::AllowedWithoutNotification,
            gmlc: GmlcRestriction::Any,
            conditions: Conditions::default(),
        }
    }
}

/// Through which gateways a listed client or service type may ask (TS 23.271 clause 9.5.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GmlcRestriction {
    /// Any gateway.
    #[default]
    Any,
    /// A gateway in the home country.
    HomeCountry,
    /// The gateways that the profile identifies.
    Identified,
}

/// The service types of a profile (TS 23.271 Table 10.11).
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceTypes {
    /// Option for service types not listed; not "allowed without notification". Default of the standard: not allowed.
    pub not_listed: PrivacySetting,
    /// The types listed, at least one.
    pub listed: Vec<ListedService>,
}

/// A listed service type with its option.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedService {
    /// The type.
    pub service_type: ServiceType,
    /// Its option.
    pub setting: PrivacySetting,
    /// Through which gateways it may be asked for.
    pub gmlc: GmlcRestriction,
    /// Further conditions of this entry.
    pub conditions: Conditions,
}

impl ListedService {
    /// An entry with the defaults of the standard: allowed without notification, any gateway, no conditions.
    #[must_use]
    pub fn new(service_type: ServiceType) -> Self {
        Self {
            service_type,
            setting: PrivacySetting::AllowedWithoutNotification,
            gmlc: GmlcRestriction::Any,
            conditions: Conditions::default(),
        }
    }
}

/// Conditions of an entry or of the whole profile: additional privacy data of the operator's design (TS 23.271 clause 10.3.2).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conditions {
    /// Requestors allowed; `None`: any, or none named.
    pub requestors: Option<Vec<Requestor>>,
    /// Hours allowed; `None`: any.
    pub hours: Option<Hours>,
    /// Rules that depend on where the subscriber is, checked after positioning (TS 23.271 clause 9.1.1 step 11).
    pub areas: Vec<AreaRule>,
    /// The user is notified or asked after positioning instead of before (TS 23.271 clause 9.1.18).
    pub notify_after_positioning: bool,
}

impl Conditions {
    /// Whether `requestor` satisfies the list of those allowed. Texts must be equal; a leading `+` of a number is ignored.
    #[must_use]
    pub fn admits_requestor(&self, requestor: Option<&Requestor>) -> bool {
        let plain = |r: &Requestor| match r.format {
            lcs::FormatIndicator::Msisdn => r.text.strip_prefix('+').map_or(0, |_| 1),
            _ => 0,
        };
        let same =
            |a: &Requestor, b: &Requestor| a.format == b.format && a.text.get(plain(a)..) == b.text.get(plain(b)..);
        match (&self.requestors, requestor) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(allowed), Some(asking)) => allowed.iter().any(|one| same(one, asking)),
        }
    }

    /// Whether the hours hold at `now` for a subscriber `utc_offset_min` minutes ahead of UTC.
    #[must_use]
    pub fn admits_time(&self, now: Timestamp, utc_offset_min: i16) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.contain(now, utc_offset_min))
    }
}
