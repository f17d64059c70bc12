//! Triggered requests (OMA MLP section 5.2.3.6): the phones move, and the client is told.

use super::row::result_text;
use super::run::{Tour, TourError};
use super::table::Row;
use crate::scenario::{Meanwhile, Step, StepTarget, SubscriberSpec, TriggerEvent, TriggerSpec};
use lcs::gad::Position;
use mlp::client::{ClientArea, ClientEvent, SvcResult, TriggeredRequest};
use mlp::{AreaChange, ResultId};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long anything is waited for that the network does.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two looks at the network.
const LOOK: Duration = Duration::from_millis(20);
/// How far the phones' clock is moved on between two reports, seconds.
pub(super) const BETWEEN_S: u32 = 10;

/// What came of a request about one target.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    /// Results of the reports.
    reports: Vec<u16>,
    /// The client was told that the request is over.
    stopped: bool,
}

impl Told {
    fn text(&self, meanwhile: Meanwhile) -> String {
        let mut parts: Vec<String> = self.reports.iter().map(|result| result_text(*result)).collect();
        if meanwhile == Meanwhile::OptedOut {
            parts.push(if self.stopped { "told that it is over" } else { "told nothing more" }.to_owned());
        }
        parts.join("; ")
    }
}

impl Tour<'_> {
    /// A request about each target, and its reports.
    pub(super) async fn triggered(&mut self, step: &Step, trigger: &TriggerSpec) -> Result<Vec<Row>, TourError> {
        let mut rows = Vec::new();
        for target in &step.targets {
            if trigger.card {
                rows.push(self.by_card(step, trigger, target).await);
                continue;
            }
            let told = self.wait_for(step, trigger, target).await;
            // Whoever opts out is told of once, however many reports were asked for.
            let opted_out = trigger.meanwhile == Meanwhile::OptedOut;
            let number = if opted_out { 1 } else { usize::try_from(trigger.reports).unwrap_or(usize::MAX) };
            let wanted = Told { reports: vec![target.expect; number], stopped: opted_out };
            let (ok, got) = judged(told, &wanted, trigger.meanwhile);
            let way = self.way(step, target).map(|way| format!(", {way}")).unwrap_or_default();
            let (step, asked) = (step.name.clone(), asked(step, trigger, target) + &way);
            rows.push(Row { step, asked, expected: wanted.text(trigger.meanwhile), ok, got });
        }
        Ok(rows)
    }

    async fn wait_for(&mut self, step: &Step, trigger: &TriggerSpec, target: &StepTarget) -> Result<Told, String> {
        let subscriber = self.subscriber(&target.subscriber).ok_or("no such subscriber")?;
        let home = subscriber.position.map(|at| (at.latitude, at.longitude)).ok_or("a subscriber without a place")?;
        let area = (trigger.latitude, trigger.longitude);
        let (first, then) = if trigger.event == TriggerEvent::Leaving { (area, home) } else { (home, area) };
        self.go(subscriber, first).await?;
        let known = self.accepted().await?;
        let request = Step { targets: vec![target.clone()], ..step.clone() };
        let request = TriggeredRequest::on(self.request(&request, &[])?, event(trigger)).to_xml();
        let answer = self.post_text(&step.client, request).await?;
        let Some(id) = answer.request_id else {
            self.go(subscriber, home).await?;
            return Err(refused(answer.result.map(|(result, _)| result)));
        };
        // Over MAP it knew before the answer.
        if subscriber.msc.is_none() && subscriber.sgsn.is_none() {
            self.until("the phone knows of it", async |tour| Ok(tour.accepted().await? > known)).await?;
        }
        if trigger.meanwhile == Meanwhile::Restarted {
            self.restart().await?;
        }
        self.go(subscriber, then).await?;
        let mut told = Told::default();
        for number in 1..=trigger.reports {
            let report = self.report(|report| report.request_id.as_ref() == Some(&id)).await?;
            told.reports.push(of(&report)?);
            if trigger.meanwhile == Meanwhile::OptedOut {
                self.opt_out(subscriber).await.map_err(|error| error.to_string())?;
                let end = self.report(|report| report.request_id.as_ref() == Some(&id)).await?;
                told.stopped = end.element == "tlrsa";
                break;
            }
            if number < trigger.reports {
                self.post_to("clock", &json!({ "advance_s": BETWEEN_S })).await?;
            }
        }
        let free = format!("deferred/{}", subscriber.label);
        let over = async |tour: &Self| Ok(tour.get(&free).await?.get("references") == Some(&json!([])));
        self.until("the phone waits for nothing more", over).await?;
        self.go(subscriber, home).await?;
        Ok(told)
    }

    pub(super) async fn go(
        &self,
        subscriber: &SubscriberSpec,
        (latitude, longitude): (f64, f64),
    ) -> Result<(), String> {
        let to = json!({ "subscriber": subscriber.label, "latitude": latitude, "longitude": longitude });
        self.post_to("move", &to).await
    }

    /// Reports that gateways accepted so far.
    async fn accepted(&self) -> Result<u64, String> {
        let counters = self.get("counters").await?;
        counters.get("lrr_accepted").and_then(Value::as_u64).ok_or_else(|| "no count of reports".to_owned())
    }

    async fn restart(&self) -> Result<(), String> {
        let restarts = self.restarts.as_ref().ok_or("nobody can start the gateway again")?;
        let (done, restarted) = oneshot::channel();
        restarts.send(done).await.map_err(|_| "nobody starts the gateway again")?;
        restarted.await.map_err(|_| "the gateway did not start again".to_owned())
    }

    /// Looks at the network until something is so.
    pub(super) async fn until(
        &self,
        what: &str,
        so: impl AsyncFn(&Self) -> Result<bool, String>,
    ) -> Result<(), String> {
        let looking = async {
            while !so(self).await? {
                tokio::time::sleep(LOOK).await;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| Err(format!("not in {PATIENCE:?}: {what}")))
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, String> {
        let answer = self.http.get(format!("http://{}/{path}", self.control)).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status).map_err(|error| error.to_string())?;
        answer.json().await.map_err(|error| error.to_string())
    }

    pub(super) async fn post_to(&self, path: &str, body: &Value) -> Result<(), String> {
        let answer = self.http.post(format!("http://{}/{path}", self.control)).json(body).send().await;
        answer.and_then(reqwest::Response::error_for_status).map(|_| ()).map_err(|error| error.to_string())
    }
}

/// What a step says of a gateway that takes no triggered requests at all.
pub(super) const NOT_OFFERED: &str = "not offered";

/// Why a request is not armed.
fn refused(result: Option<ResultId>) -> String {
    match result {
        Some(ResultId::SERVICE_NOT_SUPPORTED) => NOT_OFFERED.to_owned(),
        Some(result) => result_text(result.0),
        None => "accepted without a req_id".to_owned(),
    }
}

/// Whether that is as it should be, and what the table says of it. A gateway that does not offer the service does nothing wrong.
fn judged(told: Result<Told, String>, wanted: &Told, meanwhile: Meanwhile) -> (bool, String) {
    match told {
        Ok(told) => (told == *wanted, told.text(meanwhile)),
        Err(error) => (error == NOT_OFFERED, error),
    }
}

pub(super) fn event(trigger: &TriggerSpec) -> ClientEvent {
    let change = match trigger.event {
        TriggerEvent::Entering => AreaChange::Entering,
        TriggerEvent::Leaving => AreaChange::Leaving,
        TriggerEvent::Inside => AreaChange::Within,
    };
    let centre = Position { lat_deg: trigger.latitude, lon_deg: trigger.longitude };
    let area = ClientArea::Circle { centre, radius_m: trigger.radius_m };
    let reports = Some(trigger.reports).filter(|reports| *reports > 1);
    ClientEvent::ChangeArea { change, area, estimates: true, reports, min_interval_s: None }
}

/// Result of a report about one target.
pub(super) fn of(report: &SvcResult) -> Result<u16, String> {
    match &report.positions[..] {
        [position] => Ok(position.result.0),
        others => Err(format!("<{}> with {} positions", report.element, others.len())),
    }
}

pub(super) fn asked(step: &Step, trigger: &TriggerSpec, target: &StepTarget) -> String {
    let event = match trigger.event {
        TriggerEvent::Entering => "enters a circle",
        TriggerEvent::Leaving => "leaves a circle",
        TriggerEvent::Inside => "is in a circle",
    };
    let often = if trigger.reports > 1 { format!(", {} times", trigger.reports) } else { String::new() };
    let meanwhile = match trigger.meanwhile {
        Meanwhile::Nothing => "",
        Meanwhile::OptedOut => "; who opts out after the first report",
        Meanwhile::Restarted => "; the gateway is killed meanwhile",
    };
    let card = if trigger.card { ", by SMS and USIM" } else { "" };
    format!("{}: tell me when {} {event}{often}{card}{meanwhile}", step.client, target.subscriber)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_does_not_offer_it_is_not_wrong_and_any_other_refusal_is() {
        let wanted = Told { reports: vec![0], stopped: false };
        let not_offered = judged(Err(refused(Some(ResultId::SERVICE_NOT_SUPPORTED))), &wanted, Meanwhile::Nothing);
        assert_eq!(not_offered, (true, NOT_OFFERED.to_owned()));
        for refusal in [Some(ResultId::UNAUTHORIZED_APPLICATION), None] {
            assert!(!judged(Err(refused(refusal)), &wanted, Meanwhile::Nothing).0, "{refusal:?}");
        }
        assert!(judged(Ok(Told { reports: vec![0], stopped: false }), &wanted, Meanwhile::Nothing).0);
        assert!(!judged(Ok(Told::default()), &wanted, Meanwhile::Nothing).0);
    }
}
