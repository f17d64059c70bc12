//! What came of a step, beside what had to come of it.

use super::table::Row;
use crate::scenario::{Seen, Step, StepMode, StepService, StepTarget};
use mlp::{
    ResultId,
    client::{ReportedPosition, SvcResult},
};
use serde::Deserialize;

/// What came back for one target.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) result: u16,
    pub(super) radius_m: Option<u32>,
    /// The name under which the answer tells of the target.
    pub(super) name: Option<String>,
}

/// What a user saw.
#[derive(Deserialize)]
pub(super) struct SeenSight {
    shown: String,
    after_positioning: bool,
    #[serde(default)]
    codeword: Option<String>,
    #[serde(default)]
    shown_name: Option<String>,
}

impl SeenSight {
    fn kind(&self) -> Seen {
        match (self.shown.as_str(), self.after_positioning) {
            ("notification", false) => Seen::Notified,
            ("notification", true) => Seen::NotifiedAfter,
            (_, false) => Seen::Asked,
            (_, true) => Seen::AskedAfter,
        }
    }
}

/// What an answer says of the target at this place; answers keep the order of the request.
pub(super) fn found(answer: &SvcResult, at: usize) -> Result<Got, String> {
    if let Some((result, _)) = &answer.result {
        return Ok(Got { result: result.0, radius_m: None, name: None });
    }
    let position: &ReportedPosition =
        answer.positions.get(at).ok_or_else(|| format!("the answer <{}> has no position for it", answer.element))?;
    let shapeless = position.result == ResultId::OK && position.shape.is_none() && position.lte_cell.is_none();
    if shapeless {
        return Err("a position without a shape".to_owned());
    }
    let name = Some(position.msid.1.expose().to_owned());
    Ok(Got { result: position.result.0, radius_m: position.radius_m, name })
}

/// What came of a request about one target.
pub(super) struct Observed {
    pub(super) result: Result<Got, String>,
    pub(super) seen: Vec<SeenSight>,
    pub(super) rule: Option<String>,
    /// The pseudonym by which the target was named.
    pub(super) pseudonym: Option<String>,
    /// The gateways on the way, where there are several operators.
    pub(super) way: Option<String>,
}

pub(super) fn row(step: &Step, target: &StepTarget, observed: &Observed) -> Row {
    let wanted = step.result.unwrap_or(target.expect);
    let last = observed.seen.last();
    let saw = last.map_or(Seen::Nothing, SeenSight::kind);
    let mut expected = vec![result_text(wanted), format!("user {}", seen_text(target.sees))];
    let mut got = match &observed.result {
        Ok(found) => vec![result_text(found.result)],
        Err(error) => vec![error.clone()],
    };
    got.push(format!("user {}", seen_text(saw)));
    let mut ok = observed.result.as_ref().is_ok_and(|found| found.result == wanted) && saw == target.sees;
    if let (Some(pseudonym), Ok(found)) = (&observed.pseudonym, &observed.result) {
        // A refused request as a whole names nobody.
        let same = found.name.as_ref().is_none_or(|name| name == pseudonym);
        ok &= same;
        expected.push("under the pseudonym".to_owned());
        got.push(if same { "under the pseudonym" } else { "under another name" }.to_owned());
    }
    if observed.seen.len() > 1 {
        ok = false;
        got.push(format!("{} times", observed.seen.len()));
    }
    if target.sees_codeword {
        let shown = last.is_some_and(|sight| sight.codeword.is_some() && sight.codeword == target.codeword);
        ok &= shown;
        expected.push("codeword shown".to_owned());
        got.push(if shown { "codeword shown" } else { "codeword not shown" }.to_owned());
    }
    if let Some(name) = &target.sees_name {
        let shown = last.and_then(|sight| sight.shown_name.as_deref());
        ok &= shown == Some(name);
        expected.push(format!("name {name}"));
        got.push(shown.map_or_else(|| "no name".to_owned(), |shown| format!("name {shown}")));
    }
    if let Some(least_m) = target.radius_at_least_m {
        let radius_m = observed.result.as_ref().ok().and_then(|found| found.radius_m).map(f64::from);
        ok &= radius_m.is_some_and(|radius_m| radius_m >= least_m);
        expected.push(format!("radius at least {least_m:.0} m"));
        got.push(radius_m.map_or_else(|| "no radius".to_owned(), |radius_m| format!("radius {radius_m:.0} m")));
    }
    if let Some(rule) = &target.rule {
        let decided = observed.rule.as_deref().unwrap_or("no rule");
        ok &= decided == rule;
        expected.push(rule.clone());
        got.push(decided.to_owned());
    }
    Row {
        step: step.name.clone(),
        asked: asked_text(step, target, observed),
        expected: expected.join("; "),
        got: got.join("; "),
        ok,
    }
}

/// A client's pseudonym of a subscriber: assigned twice, it must be the same, and that of no client before it.
pub(super) fn pseudonym_row(
    step: &Step,
    target: &StepTarget,
    client: &str,
    assigned: &Result<[String; 2], String>,
    before: &[String],
) -> Row {
    let (got, ok) = match assigned {
        Err(error) => (error.clone(), false),
        Ok([first, again]) if first != again => (format!("{first}, and then {again}"), false),
        Ok([first, _]) if before.contains(first) => (format!("{first}, as another client"), false),
        Ok([first, _]) => (first.clone(), true),
    };
    Row {
        step: step.name.clone(),
        asked: format!("pseudonym of {} for {client}, twice", target.subscriber),
        expected: "the same twice, and of this client alone".to_owned(),
        got,
        ok,
    }
}

fn asked_text(step: &Step, target: &StepTarget, observed: &Observed) -> String {
    match step.service {
        StepService::EmergencyCall => return format!("{} calls for help", target.subscriber),
        StepService::SelfLocation => return format!("{} sends the position to {}", target.subscriber, step.client),
        _ => {}
    }
    let mut text = match &observed.pseudonym {
        Some(pseudonym) => format!("{} for {pseudonym} ({})", step.client, target.subscriber),
        None => format!("{} for {}", step.client, target.subscriber),
    };
    let mut add = |more: &str| text.push_str(more);
    if let Some(way) = &observed.way {
        add(&format!(", {way}"));
    }
    if step.service == StepService::EmeLir {
        add(", emergency");
    }
    if step.mode == StepMode::Async {
        add(", asynchronous");
    }
    if step.wrong_secret {
        add(", wrong secret");
    }
    if let Some(apn) = &step.session_apn {
        add(&format!(", session {apn}"));
    }
    if let Some(number) = &step.dialled {
        add(&format!(", call to {number}"));
    }
    if let Some(service) = &step.service_id {
        add(&format!(", service {service}"));
    }
    if step.requestor.is_some() {
        add(", requestor named");
    }
    if target.codeword.is_some() {
        add(", codeword given");
    }
    text
}

pub(super) fn result_text(result: u16) -> String {
    match result {
        0 => "position".to_owned(),
        result => format!("{result} {}", ResultId(result).slogan().to_lowercase()),
    }
}

fn seen_text(seen: Seen) -> &'static str {
    match seen {
        Seen::Nothing => "saw nothing",
        Seen::Notified => "notified",
        Seen::Asked => "asked",
        Seen::NotifiedAfter => "notified afterwards",
        Seen::AskedAfter => "asked afterwards",
    }
}

#[cfg(test)]
mod tests;
