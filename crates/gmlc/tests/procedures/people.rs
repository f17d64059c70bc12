//! Subscribers, clients and what they ask, in plain terms that the oracle reads too.

use lcs::{
    Address, ApnNi, ClientName, Codeword, FormatIndicator, Identities, Imsi, LcsClientId, LcsClientType,
    LocationRequest, LocationType, Msisdn, PlmnClient, Priority, PrivacySetting, Qos, ServiceType, Target, Timestamp,
    gad::{Position, ShapeSet, geometry::Area},
};
use privacy::{
    AreaEffect, AreaRule, ClassRules, CodewordHandling, Codewords, Conditions, ListedClient, ListedService, Place,
    Profile, Rules, ServiceTypes, Standing, SubjectSalt, Subscriber,
};
use std::sync::Arc;

pub(crate) const N: PrivacySetting = PrivacySetting::AllowedWithoutNotification;
pub(crate) const NT: PrivacySetting = PrivacySetting::AllowedWithNotification;
pub(crate) const VA: PrivacySetting = PrivacySetting::AllowedIfNoResponse;
pub(crate) const VR: PrivacySetting = PrivacySetting::RestrictedIfNoResponse;
pub(crate) const X: PrivacySetting = PrivacySetting::NotAllowed;

pub(crate) const WORD: &str = "sesame";
pub(crate) const APN: &str = "fleet.example";
/// Radius of the area round home, and to what positions there are coarsened, metres.
pub(crate) const AREA_M: f64 = 10_000.0;
pub(crate) const COARSE_M: u32 = 5_000;

pub(crate) fn imsi(phone: usize) -> Imsi {
    Imsi::parse(&format!("26201123456{phone:04}")).unwrap()
}

pub(crate) fn msisdn(phone: usize) -> Msisdn {
    Msisdn::parse(&format!("49170000{phone:04}")).unwrap()
}

pub(crate) fn both(phone: usize) -> Identities {
    Identities { imsi: Some(imsi(phone)), msisdn: Some(msisdn(phone)), imei: None }
}

pub(crate) fn salt(phone: usize) -> SubjectSalt {
    SubjectSalt::from_octets([phone as u8 + 1; 16])
}

pub(crate) fn subscriber(phone: usize) -> Subscriber {
    Subscriber { imsi: Some(imsi(phone)), msisdn: Some(msisdn(phone)), salt: salt(phone) }
}

/// Where a phone is, seen from the area round home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    Home,
    Away,
    /// On the border: the estimate lies on both sides.
    Edge,
}

impl Whereabouts {
    pub(crate) const ALL: [Self; 3] = [Self::Home, Self::Away, Self::Edge];

    pub(crate) fn position(self) -> Position {
        let (lat_deg, lon_deg) = match self {
            Self::Home => (52.52, 13.405),
            Self::Away => (48.137, 11.575),
            Self::Edge => (52.52 + AREA_M / 111_270.0, 13.405),
        };
        Position::new(lat_deg, lon_deg).unwrap()
    }
}

/// A class for value added clients: the setting of the listed client, if there is an entry, and that of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) listed: Option<PrivacySetting>,
    pub(crate) others: PrivacySetting,
}

/// What a rule does inside the area round home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    Allow,
    Refuse,
    Coarsen,
}

/// A profile in plain terms. The default allows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Plain {
    pub(crate) universal: bool,
    pub(crate) unrelated: Option<Class>,
    pub(crate) related: Option<Class>,
    /// Setting of service type 64, and of others.
    pub(crate) service: Option<(PrivacySetting, PrivacySetting)>,
    pub(crate) plmn: bool,
    pub(crate) codeword: Option<CodewordHandling>,
    pub(crate) zone: Option<Zone>,
    pub(crate) notify_after: bool,
    pub(crate) opted_out: bool,
    pub(crate) switched_off: bool,
    pub(crate) paused_until: Option<Timestamp>,
}

impl Plain {
    /// The listed client gets this setting, others nothing.
    pub(crate) fn listed(setting: PrivacySetting) -> Self {
        Self { unrelated: Some(Class { listed: Some(setting), others: X }), ..Self::default() }
    }

    pub(crate) fn standing(&self) -> Standing {
        let Self { opted_out, switched_off, paused_until, .. } = *self;
        Standing { opted_out, switched_off, paused_until, utc_offset_min: 0 }
    }

    pub(crate) fn profile(&self) -> Profile {
        let class = |class: Class| ClassRules {
            not_listed: class.others,
            clients: class
                .listed
                .map(|setting| ListedClient { setting, ..ListedClient::new(address(Who::Listed)) })
                .into_iter()
                .collect(),
        };
        let zone = self.zone.map(|zone| AreaRule {
            area: Area::circle(Whereabouts::Home.position(), AREA_M).unwrap(),
            when: Place::Inside,
            effect: match zone {
                Zone::Allow => AreaEffect::Allow,
                Zone::Refuse => AreaEffect::Refuse,
                Zone::Coarsen => AreaEffect::Coarsen { radius_m: COARSE_M },
            },
        });
        let services = self.service.map(|(setting, not_listed)| ServiceTypes {
            not_listed,
            listed: vec![ListedService { setting, ..ListedService::new(ServiceType::new(64).unwrap()) }],
        });
        let rules = Rules {
            universal: self.universal,
            related: self.related.map(class),
            unrelated: self.unrelated.map(class),
            plmn_operator: self.plmn.then(|| vec![PlmnClient::AnonymousLocation]),
            service_types: services,
            codewords: self.codeword.map(|handling| Codewords::new(handling, [&codeword(WORD)])),
            gmlcs: Vec::new(),
            conditions: Conditions {
                areas: zone.into_iter().collect(),
                notify_after_positioning: self.notify_after,
                ..Conditions::default()
            },
        };
        Profile { standing: self.standing(), rules }
    }
}

pub(crate) fn codeword(text: &str) -> Codeword {
    Codeword::new(text.to_owned()).unwrap()
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// A value added client that profiles list.
    Listed,
    /// One that they do not.
    Other,
    /// Anonymous location of the operator.
    Plmn,
    /// Emergency services; whether their record has the override capability.
    Emergency { overrides: bool },
    /// Lawful interception, with the override capability.
    Lawful,
}

impl Who {
    pub(crate) fn client_type(self) -> LcsClientType {
        match self {
            Self::Listed | Self::Other => LcsClientType::ValueAdded,
            Self::Plmn => LcsClientType::PlmnOperator,
            Self::Emergency { .. } => LcsClientType::Emergency,
            Self::Lawful => LcsClientType::LawfulIntercept,
        }
    }
}

fn address(who: Who) -> Address {
    let text = if who == Who::Listed { "+4930123456" } else { "+4988123456" };
    Address::international(text).unwrap()
}

/// A request about one phone.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) phone: usize,
    pub(crate) by: Who,
    pub(crate) target: Target,
    pub(crate) names_apn: bool,
    pub(crate) service: Option<u32>,
    pub(crate) word: Option<&'static str>,
    pub(crate) location_type: LocationType,
    pub(crate) max_age_s: Option<u32>,
    pub(crate) qos: Qos,
    pub(crate) coverage: Vec<u16>,
    pub(crate) deadline_s: u64,
}

impl Asked {
    /// By a client about a phone, named by its number, with nothing special.
    pub(crate) fn by(by: Who, phone: usize) -> Self {
        Self {
            phone,
            by,
            target: Target::Msisdn(msisdn(phone)),
            names_apn: false,
            service: None,
            word: None,
            location_type: LocationType::Current,
            max_age_s: None,
            qos: Qos::BEST_EFFORT,
            coverage: Vec::new(),
            deadline_s: 60,
        }
    }

    pub(crate) fn request(&self) -> LocationRequest {
        let value_added = self.by.client_type() == LcsClientType::ValueAdded;
        let client = LcsClientId {
            client_type: self.by.client_type(),
            external: value_added.then(|| address(self.by)),
            internal: (self.by == Who::Plmn).then_some(PlmnClient::AnonymousLocation),
            dialled: None,
            apn: (value_added && self.names_apn).then(|| ApnNi::new(APN).unwrap()),
            name: value_added.then(|| ClientName::new("Fleet", FormatIndicator::LogicalName).unwrap()),
            requestor: None,
            call_session_related: false,
        };
        LocationRequest {
            account: Arc::from("fleet"),
            client,
            target: self.target.clone(),
            service_type: self.service.and_then(ServiceType::new),
            codeword: self.word.map(codeword),
            location_type: self.location_type,
            max_age_s: self.max_age_s,
            qos: self.qos,
            velocity: false,
            priority: Priority::Normal,
            service_coverage: self.coverage.clone(),
            shapes: ShapeSet::ALL,
            least_privacy: lcs::LeastPrivacy::NONE,
        }
    }
}
