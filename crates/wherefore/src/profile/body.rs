//! A subscriber's privacy profile as JSON (TS 23.271 clause 10.3.2).
//!
//! No `Debug`, for codewords, requestors and places are in it.

use crate::clients::{NameFormat, PlmnClientType};
use crate::forms::{Number, Setting};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroize;

/// A privacy profile. Everything may be left out; what is left out allows nothing (TS 23.271 clause 9.5.3).
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileBody {
    /// What holds whoever asks.
    pub standing: StandingBody,
    /// Universal class: every client, without notification (TS 23.271 clause 9.5.3.1).
    pub universal: bool,
    /// Call/session related class (TS 23.271 clause 9.5.3.2). Absent: not subscribed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related: Option<RelatedClass>,
    /// Call/session unrelated class (TS 23.271 clause 9.5.3.3). Absent: not subscribed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unrelated: Option<UnrelatedClass>,
    /// PLMN operator class: client types allowed, at least one (TS 23.271 clause 9.5.3.4). Absent: not subscribed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plmn_operator: Option<Vec<PlmnClientType>>,
    /// Service types (TS 23.271 clause 9.5.3.5). Absent: not subscribed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_types: Option<ServiceTypesBody>,
    /// Codewords (TS 23.271 Table 10.12a, Table 10.12b). Absent: none needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codewords: Option<CodewordsBody>,
    /// Identified GMLCs, at most five (TS 23.271 Table 10.6a).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gmlcs: Vec<Number>,
    /// Conditions on every request that the classes could allow.
    #[serde(skip_serializing_if = "ConditionsBody::is_empty")]
    pub conditions: ConditionsBody,
}

/// What holds whoever asks, before any class is looked at.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StandingBody {
    /// Opted out for good: nobody may locate, until the subscriber asks the operator to undo it. Default false.
    pub opted_out: bool,
    /// Global location privacy switch: nobody may locate while it is on. Default false.
    pub switched_off: bool,
    /// Nobody may locate before this time, RFC 3339 as `2030-01-31T18:00:00Z`. Absent: not paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paused_until: Option<jiff::Timestamp>,
    /// The subscriber's offset from UTC, minutes, -720 to 840: hours are read in that time. Default 0.
    #[schema(minimum = -720, maximum = 840)]
    pub utc_offset_min: i16,
}

/// The call/session related class.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelatedClass {
    /// Option for clients not listed. Default `allowed` (TS 23.271 Table 10.2).
    #[serde(default = "allowed")]
    pub not_listed: Setting,
    /// Clients and groups listed.
    #[serde(default)]
    pub clients: Vec<ListedClientBody>,
}

/// The call/session unrelated class.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnrelatedClass {
    /// Option for clients not listed; not `allowed`. Default `denied` (TS 23.271 Table 10.2).
    #[serde(default = "denied")]
    pub not_listed: Setting,
    /// Clients and groups listed.
    #[serde(default)]
    pub clients: Vec<ListedClientBody>,
}

/// A client or a group of them.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedClientBody {
    /// Number of the client, or the first digits of a range (TS 23.271 clause 9.5.3.6).
    pub number: Number,
    /// Its option. Default `allowed`.
    #[serde(default = "allowed")]
    pub setting: Setting,
    /// Through which gateways it may ask. Default `any`.
    #[serde(default)]
    pub gmlc: GmlcWord,
    /// Conditions of this entry.
    #[serde(default, skip_serializing_if = "ConditionsBody::is_empty")]
    pub conditions: ConditionsBody,
}

/// Through which gateways (TS 23.271 clause 9.5.3.2).
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GmlcWord {
    /// Any gateway.
    #[default]
    Any,
    /// A gateway in the home country.
    HomeCountry,
    /// The gateways that the profile identifies.
    Identified,
}

/// Service types of a profile (TS 23.271 Table 10.11).
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceTypesBody {
    /// Option for types not listed; not `allowed`. Default `denied`.
    #[serde(default = "denied")]
    pub not_listed: Setting,
    /// The types listed, at least one.
    pub listed: Vec<ListedServiceBody>,
}

/// A service type with its option.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedServiceBody {
    /// Service type, 0-127.
    #[schema(maximum = 127)]
    pub service_type: u8,
    /// Its option. Default `allowed`.
    #[serde(default = "allowed")]
    pub setting: Setting,
    /// Through which gateways. Default `any`.
    #[serde(default)]
    pub gmlc: GmlcWord,
    /// Conditions of this entry.
    #[serde(default, skip_serializing_if = "ConditionsBody::is_empty")]
    pub conditions: ConditionsBody,
}

/// Codewords and who checks them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodewordsBody {
    /// Who checks (TS 23.271 Table 10.12a).
    pub check: CodewordCheck,
    /// The words, 1-255 bytes each; needed if the network checks.
    #[serde(default)]
    pub words: Vec<String>,
}

impl Drop for CodewordsBody {
    fn drop(&mut self) {
        self.words.zeroize();
    }
}

/// Who checks a codeword.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodewordCheck {
    /// The network.
    Network,
    /// The phone's user.
    Ue,
}

/// Conditions of an entry or of the whole profile.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConditionsBody {
    /// Requestors allowed. Absent: any, or none named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requestors: Option<Vec<RequestorBody>>,
    /// Hours allowed. Absent: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Vec<HoursBody>>,
    /// Rules that depend on where the subscriber is, checked after positioning.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<AreaRuleBody>,
    /// Notify or ask after positioning instead of before (TS 23.271 clause 9.1.18). Default false.
    pub notify_after_positioning: bool,
}

impl ConditionsBody {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A requestor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestorBody {
    /// Its identity.
    pub text: String,
    /// Form of the identity. Default `logical_name`.
    #[serde(default)]
    pub format: NameFormat,
}

/// Hours on some days of the week, in the subscriber's time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursBody {
    /// The days on which they begin.
    pub days: Vec<Day>,
    /// Beginning, `HH:MM`.
    pub from: ClockTime,
    /// End, `HH:MM`, not included; `24:00` is midnight. Not after the beginning: it is on the next day.
    pub to: ClockTime,
}

/// A day of the week.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// Minutes of a day, 0-1440, written `HH:MM`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime(u16);

impl ClockTime {
    /// Minutes since midnight, 0-1440.
    #[must_use]
    pub fn minutes(self) -> u16 {
        self.0
    }
}

/// Not a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is written HH:MM, from 00:00 to 24:00")]
pub struct ClockTimeError;

impl TryFrom<String> for ClockTime {
    type Error = ClockTimeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let two =
            |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>());
        let (hour, minute) = text.split_once(':').ok_or(ClockTimeError)?;
        let (Some(Ok(hour)), Some(Ok(minute))) = (two(hour), two(minute)) else { return Err(ClockTimeError) };
        let minutes = hour * 60 + minute;
        if minute < 60 && minutes <= 1440 { Ok(Self(minutes)) } else { Err(ClockTimeError) }
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> Self {
        format!("{:02}:{:02}", time.0 / 60, time.0 % 60)
    }
}

impl utoipa::PartialSchema for ClockTime {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"))
            .into()
    }
}
impl ToSchema for ClockTime {}

/// A rule that depends on where the subscriber is.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AreaRuleBody {
    /// The area.
    pub area: AreaBody,
    /// In it or out of it. Default `inside`.
    #[serde(default)]
    pub when: PlaceWord,
    /// What then.
    pub effect: EffectBody,
}

/// An area on the ellipsoid WGS84, degrees.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AreaBody {
    /// A circle.
    Circle {
        /// Latitude of the centre, -90 to 90.
        lat: f64,
        /// Longitude of the centre, -180 to 180.
        lon: f64,
        /// Radius, metres.
        radius_m: f64,
    },
    /// A polygon by its corners.
    Polygon {
        /// Latitude and longitude of each corner, at least three.
        corners: Vec<[f64; 2]>,
    },
}

/// Where, seen from an area.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceWord {
    /// In the area.
    #[default]
    Inside,
    /// Out of the area.
    Outside,
}

/// What an area rule does.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EffectBody {
    /// The position may be given; if one rule allows, one that allows must hold.
    Allow,
    /// The position may not be given.
    Refuse,
    /// The position may be given as a circle no smaller than this.
    Coarsen {
        /// Radius, metres, 1-1800000.
        radius_m: u32,
    },
}

fn allowed() -> Setting {
    Setting::Allowed
}

fn denied() -> Setting {
    Setting::Denied
}
