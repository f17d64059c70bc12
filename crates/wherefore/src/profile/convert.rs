//! From JSON to the profile that the privacy check uses.

use super::body::{
    AreaBody, AreaRuleBody, CodewordCheck, CodewordsBody, ConditionsBody, EffectBody, GmlcWord, HoursBody,
    ListedClientBody, ListedServiceBody, PlaceWord, ProfileBody, RequestorBody, ServiceTypesBody, StandingBody,
};
use lcs::gad::geometry::{Area, AreaError, Position};
use lcs::{Codeword, Requestor, ServiceType, Timestamp};
use privacy::{
    AreaEffect, AreaRule, ClassRules, CodewordHandling, Codewords, CompiledProfile, Conditions, GmlcRestriction, Hours,
    ListedClient, ListedService, Place, Profile, ProfileError, Rules, ServiceTypes, Standing, Window,
};

/// Minutes in a day and in a week.
const DAY_MIN: u16 = 24 * 60;
const WEEK_MIN: u16 = 7 * DAY_MIN;

/// Why a profile cannot be used. Repeats nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// A codeword is empty or too long.
    #[error("codewords.words: each must have 1-255 bytes")]
    Codeword,
    /// A service type out of range.
    #[error("service_types.listed.service_type: must be 0-127 (TS 29.002 clause 17.7.8)")]
    ServiceType,
    /// A requestor without text.
    #[error("conditions.requestors.text: must have 1-255 bytes")]
    Requestor,
    /// Hours on no day.
    #[error("conditions.hours.days: name at least one day")]
    NoDays,
    /// Hours that begin at 24:00.
    #[error("conditions.hours.from: must be before 24:00")]
    Hours,
    /// An area that is none.
    #[error("conditions.areas: {0}")]
    Area(#[from] AreaError),
    /// The whole breaks a rule.
    #[error(transparent)]
    Profile(#[from] ProfileError),
}

impl ProfileBody {
    /// Proves the profile sound and makes it ready for the register.
    ///
    /// # Errors
    /// A value out of range or a rule of TS 23.271 clause 9.5.3 broken.
    pub fn compile(&self) -> Result<CompiledProfile, BodyError> {
        let services = self.service_types.as_ref().map(service_types).transpose()?;
        let class = |not_listed: crate::forms::Setting, clients: &[ListedClientBody]| {
            let clients = clients.iter().map(listed_client).collect::<Result<_, BodyError>>()?;
            Ok::<_, BodyError>(ClassRules { not_listed: not_listed.into(), clients })
        };
        let rules = Rules {
            universal: self.universal,
            related: self.related.as_ref().map(|c| class(c.not_listed, &c.clients)).transpose()?,
            unrelated: self.unrelated.as_ref().map(|c| class(c.not_listed, &c.clients)).transpose()?,
            plmn_operator: self.plmn_operator.as_ref().map(|list| list.iter().map(|word| (*word).into()).collect()),
            service_types: services,
            codewords: self.codewords.as_ref().map(codewords).transpose()?,
            gmlcs: self.gmlcs.iter().map(|number| number.0).collect(),
            conditions: conditions(&self.conditions)?,
        };
        Ok(Profile { standing: self.standing.to_standing(), rules }.compile()?)
    }
}

impl StandingBody {
    /// The standing that the register holds.
    #[must_use]
    pub fn to_standing(&self) -> Standing {
        let until = self.paused_until.map(|time| u64::try_from(time.as_microsecond()).unwrap_or(0));
        Standing {
            opted_out: self.opted_out,
            switched_off: self.switched_off,
            paused_until: until.map(Timestamp::from_micros),
            utc_offset_min: self.utc_offset_min,
        }
    }
}

fn listed_client(body: &ListedClientBody) -> Result<ListedClient, BodyError> {
    Ok(ListedClient {
        address: body.number.0,
        setting: body.setting.into(),
        gmlc: body.gmlc.into(),
        conditions: conditions(&body.conditions)?,
    })
}

fn service_types(body: &ServiceTypesBody) -> Result<ServiceTypes, BodyError> {
    let listed = body.listed.iter().map(listed_service).collect::<Result<_, BodyError>>()?;
    Ok(ServiceTypes { not_listed: body.not_listed.into(), listed })
}

fn listed_service(body: &ListedServiceBody) -> Result<ListedService, BodyError> {
    Ok(ListedService {
        service_type: ServiceType::new(body.service_type.into()).ok_or(BodyError::ServiceType)?,
        setting: body.setting.into(),
        gmlc: body.gmlc.into(),
        conditions: conditions(&body.conditions)?,
    })
}

fn codewords(body: &CodewordsBody) -> Result<Codewords, BodyError> {
    let handling = match body.check {
        CodewordCheck::Network => CodewordHandling::Network,
        CodewordCheck::Ue => CodewordHandling::Ue,
    };
    let words: Option<Vec<Codeword>> = body.words.iter().map(|word| Codeword::new(word.clone())).collect();
    Ok(Codewords::new(handling, &words.ok_or(BodyError::Codeword)?))
}

fn conditions(body: &ConditionsBody) -> Result<Conditions, BodyError> {
    let requestors = body.requestors.as_ref().map(|list| list.iter().map(requestor).collect()).transpose()?;
    let windows =
        body.hours.as_ref().map(|list| list.iter().map(windows).collect::<Result<Vec<_>, _>>()).transpose()?;
    Ok(Conditions {
        requestors,
        hours: windows.map(|windows| Hours { windows: windows.concat() }),
        areas: body.areas.iter().map(area_rule).collect::<Result<_, _>>()?,
        notify_after_positioning: body.notify_after_positioning,
    })
}

fn requestor(body: &RequestorBody) -> Result<Requestor, BodyError> {
    let sound = (1..=255).contains(&body.text.len());
    sound.then(|| Requestor { text: body.text.clone(), format: body.format.into() }).ok_or(BodyError::Requestor)
}

/// One window of the week for each day. The last minute of Sunday is followed by the first of Monday.
pub(super) fn windows(body: &HoursBody) -> Result<Vec<Window>, BodyError> {
    if body.days.is_empty() {
        return Err(BodyError::NoDays);
    }
    let (from, to) = (body.from.minutes(), body.to.minutes());
    if from >= DAY_MIN {
        return Err(BodyError::Hours);
    }
    let length = if to > from { to - from } else { DAY_MIN - from + to };
    let window = |day: &super::body::Day| {
        let start_min = *day as u16 * DAY_MIN + from;
        let end_min = start_min + length;
        Window { start_min, end_min: if end_min > WEEK_MIN { end_min - WEEK_MIN } else { end_min } }
    };
    Ok(body.days.iter().map(window).collect())
}

fn area_rule(body: &AreaRuleBody) -> Result<AreaRule, BodyError> {
    Ok(AreaRule { area: area(&body.area)?, when: body.when.into(), effect: body.effect.into() })
}

fn area(body: &AreaBody) -> Result<Area, AreaError> {
    match body {
        AreaBody::Circle { lat, lon, radius_m } => Area::circle(Position { lat_deg: *lat, lon_deg: *lon }, *radius_m),
        AreaBody::Polygon { corners } => {
            Area::polygon(corners.iter().map(|[lat, lon]| Position { lat_deg: *lat, lon_deg: *lon }).collect())
        }
    }
}

impl From<GmlcWord> for GmlcRestriction {
    fn from(word: GmlcWord) -> Self {
        match word {
            GmlcWord::Any => Self::Any,
            GmlcWord::HomeCountry => Self::HomeCountry,
            GmlcWord::Identified => Self::Identified,
        }
    }
}

impl From<PlaceWord> for Place {
    fn from(word: PlaceWord) -> Self {
        match word {
            PlaceWord::Inside => Self::Inside,
            PlaceWord::Outside => Self::Outside,
        }
    }
}

impl From<EffectBody> for AreaEffect {
    fn from(body: EffectBody) -> Self {
        match body {
            EffectBody::Allow => Self::Allow,
            EffectBody::Refuse => Self::Refuse,
            EffectBody::Coarsen { radius_m } => Self::Coarsen { radius_m },
        }
    }
}
