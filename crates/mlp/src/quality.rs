//! Quality of position asked for (OMA MLP section 5.2.2.6).

use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    header::misplaced,
    targets::set,
};
use lcs::{Qos, QosClass, ResponseTime};

/// What `eqop` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quality {
    /// Accuracy, class and response time category. Best effort unless an accuracy says ASSURED.
    pub qos: Qos,
    /// NO_DELAY: any estimate at hand is wanted at once (OMA MLP section 5.3.106.1). The category in `qos` is low delay.
    pub no_delay: bool,
    /// Greatest time to wait, seconds. Goes before the response time category (section 5.3.107).
    pub response_timer_s: Option<u32>,
    /// Greatest age of a position, seconds (section 5.3.65).
    pub max_age_s: Option<u32>,
}

impl Quality {
    /// No `eqop` given.
    pub const UNSPECIFIED: Self =
        Self { qos: Qos::BEST_EFFORT, no_delay: false, response_timer_s: None, max_age_s: None };

    /// Reads `eqop` after its start tag.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Self, Fault> {
        Self::parse_as(cursor, tag, "eqop")
    }

    /// Reads the same under another name: `qop`, which the standard gives fewer elements, may have all of them.
    pub(crate) fn parse_as(cursor: &mut Cursor<'_>, tag: &Tag<'_>, element: &'static str) -> Result<Self, Fault> {
        tag.attributes(element, [])?;
        let (mut response, mut timer, mut horizontal, mut vertical, mut age) = (None, None, None, None, None);
        while let Some(tag) = cursor.child(element)? {
            match tag.name() {
                "resp_req" => {
                    set(&mut response, resp_req(&tag)?, "resp_req")?;
                    cursor.empty("resp_req")?;
                }
                "resp_timer" => {
                    tag.attributes("resp_timer", [])?;
                    set(&mut timer, whole(&cursor.text("resp_timer")?, "resp_timer")?, "resp_timer")?;
                }
                "hor_acc" => {
                    let class = qos_class(&tag, "hor_acc")?;
                    let metres = whole(&cursor.text("hor_acc")?, "hor_acc")?;
                    set(&mut horizontal, (metres, class), "hor_acc")?;
                }
                "ll_acc" => {
                    let class = qos_class(&tag, "ll_acc")?;
                    let metres = arc_seconds(&cursor.text("ll_acc")?)?;
                    // Either of the two, once.
                    set(&mut horizontal, (metres, class), "ll_acc")?;
                }
                "alt_acc" => {
                    let class = qos_class(&tag, "alt_acc")?;
                    set(&mut vertical, (whole(&cursor.text("alt_acc")?, "alt_acc")?, class), "alt_acc")?;
                }
                "max_loc_age" => {
                    tag.attributes("max_loc_age", [])?;
                    set(&mut age, whole(&cursor.text("max_loc_age")?, "max_loc_age")?, "max_loc_age")?;
                }
                other => return Err(misplaced(other, "not an element of a quality of position")),
            }
        }
        let assured = [horizontal, vertical].iter().flatten().any(|(_, class)| *class == Some(QosClass::Assured));
        Ok(Self {
            qos: Qos {
                class: if assured { QosClass::Assured } else { QosClass::BestEffort },
                horizontal_m: horizontal.map(|(metres, _)| metres),
                vertical_m: vertical.map(|(metres, _)| metres),
                response_time: response.map(|(category, _)| category),
            },
            no_delay: response.is_some_and(|(_, no_delay)| no_delay),
            response_timer_s: timer,
            max_age_s: age,
        })
    }
}

fn resp_req(tag: &Tag<'_>) -> Result<(ResponseTime, bool), Fault> {
    let [kind] = tag.attributes("resp_req", ["type"])?;
    match kind.as_deref() {
        None | Some("DELAY_TOL") => Ok((ResponseTime::DelayTolerant, false)),
        Some("LOW_DELAY") => Ok((ResponseTime::LowDelay, false)),
        Some("NO_DELAY") => Ok((ResponseTime::LowDelay, true)),
        Some(_) => Err(Fault::attribute_value("resp_req", "type")),
    }
}

fn qos_class(tag: &Tag<'_>, element: &'static str) -> Result<Option<QosClass>, Fault> {
    let [class] = tag.attributes(element, ["qos_class"])?;
    match class.as_deref() {
        None => Ok(None),
        Some("ASSURED") => Ok(Some(QosClass::Assured)),
        Some("BEST_EFFORT") => Ok(Some(QosClass::BestEffort)),
        Some(_) => Err(Fault::attribute_value(element, "qos_class")),
    }
}

/// Decimal digits: 105 for anything else, a sign included; 110 for a number past 32 bits.
pub(crate) fn whole(text: &str, element: &'static str) -> Result<u32, Fault> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::format(element, "a whole number in decimal digits, without sign"));
    }
    text.parse().map_err(|_| Fault::value(element, "too large"))
}

/// `ll_acc`, seconds of latitude and longitude (OMA MLP section 5.3.55), in whole metres rounded down so that nothing less
/// accurate is taken for good enough. A second of latitude is 30.715 m at the equator, where it is shortest.
fn arc_seconds(text: &str) -> Result<u32, Fault> {
    let rule = "seconds of arc as a decimal number, without sign";
    let (whole_part, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole_part) || !digits(fraction) {
        return Err(Fault::format("ll_acc", rule));
    }
    let metres = text.parse::<f64>().map_err(|_| Fault::format("ll_acc", rule))? * 30.715;
    if metres < f64::from(u32::MAX) { Ok(metres as u32) } else { Err(Fault::value("ll_acc", "too large")) }
}
