//! Subscribers' privacy profiles as JSON: what the admin API takes and shows and what the store seals.

mod body;
mod convert;
mod default;
#[cfg(test)]
mod tests;

pub use body::{
    AreaBody, AreaRuleBody, ClockTime, ClockTimeError, CodewordCheck, CodewordsBody, ConditionsBody, Day, EffectBody,
    GmlcWord, HoursBody, ListedClientBody, ListedServiceBody, PlaceWord, ProfileBody, RelatedClass, RequestorBody,
    ServiceTypesBody, StandingBody, UnrelatedClass,
};
pub use convert::BodyError;
pub use default::{DefaultProfileError, default_profile};
