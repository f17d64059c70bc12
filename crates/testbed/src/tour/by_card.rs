//! Triggered requests that a card watches (TS 23.271 Annex F): it asks its user, and reports by short message.

use super::row::result_text;
use super::run::Tour;
use super::table::Row;
use super::triggered::{BETWEEN_S, NOT_OFFERED, asked, event, of};
use crate::scenario::{Step, StepTarget, TriggerEvent, TriggerSpec};
use mlp::client::TriggeredRequest;
use serde_json::{Value, json};

/// What came of a request.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    /// Texts that the card showed.
    shown: usize,
    /// Result of a request that is not armed.
    refused: Option<u16>,
    /// Results of the reports.
    reports: Vec<u16>,
    /// Requests that are on the card in the end.
    left: u64,
}

impl Told {
    /// What must come: a position for each report, or a refusal.
    fn wanted(trigger: &TriggerSpec, target: &StepTarget) -> Self {
        let number = usize::try_from(trigger.reports).unwrap_or(usize::MAX);
        match target.expect {
            0 => Self { shown: 1, reports: vec![0; number], ..Self::default() },
            refused => Self { shown: 1, refused: Some(refused), ..Self::default() },
        }
    }

    fn text(&self) -> String {
        let mut parts = vec![match self.shown {
            0 => "the card shows nothing".to_owned(),
            1 => "the card asks".to_owned(),
            times => format!("the card asks {times} times"),
        }];
        parts.extend(self.refused.iter().chain(&self.reports).map(|result| result_text(*result)));
        parts.push(match self.left {
            0 => "nothing armed in the end".to_owned(),
            left => format!("{left} armed in the end"),
        });
        parts.join("; ")
    }
}

impl Tour<'_> {
    /// Gives the gateway the keys of the cards that the network has.
    pub(super) async fn provision_cards(&self) -> Result<(), String> {
        for subscriber in self.scenario.subscribers.iter().filter(|subscriber| subscriber.card) {
            let Some(home) = self.home_of(subscriber) else { continue };
            let card = self.card(&subscriber.label).await?;
            let key = |name: &str| card.get(name).and_then(Value::as_str).ok_or("a card without keys");
            let keys = [key("kic")?, key("kid")?];
            let imported = home.admin.import_card(&subscriber.label, &subscriber.imsi, keys).await;
            imported.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// A request about a target with a card, and its reports.
    pub(super) async fn by_card(&mut self, step: &Step, trigger: &TriggerSpec, target: &StepTarget) -> Row {
        let wanted = Told::wanted(trigger, target);
        let (ok, got) = judged(self.watched(step, trigger, target).await, &wanted);
        let (step, asked) = (step.name.clone(), asked(step, trigger, target));
        Row { step, asked, expected: wanted.text(), got, ok }
    }

    async fn watched(&mut self, step: &Step, trigger: &TriggerSpec, target: &StepTarget) -> Result<Told, String> {
        let subscriber = self.subscriber(&target.subscriber).ok_or("no such subscriber")?;
        let home = self.home_of(subscriber).ok_or("no gateway of this subscriber")?;
        // By what it says that it does: one that does, and is not bound to the centre, is wrong.
        if !home.admin.prefers_cards().await.map_err(|error| error.to_string())? {
            return Err(NOT_OFFERED.to_owned());
        }
        let home = subscriber.position.map(|at| (at.latitude, at.longitude)).ok_or("a subscriber without a place")?;
        let area = (trigger.latitude, trigger.longitude);
        let (first, then) = if trigger.event == TriggerEvent::Leaving { (area, home) } else { (home, area) };
        self.go(subscriber, first).await?;
        let before = shown(&self.card(&subscriber.label).await?);
        let request = Step { targets: vec![target.clone()], ..step.clone() };
        let request = TriggeredRequest::on(self.request(&request, &[])?, event(trigger)).to_xml();
        let answer = self.post_text(&step.client, request).await?;
        let mut told = Told::default();
        match answer.request_id {
            None => told.refused = Some(answer.result.ok_or("neither a result nor a req_id")?.0.0),
            Some(id) => {
                for number in 1..=trigger.reports {
                    self.go(subscriber, then).await?;
                    let report = self.report(|report| report.request_id.as_ref() == Some(&id)).await?;
                    told.reports.push(of(&report)?);
                    self.post_to("clock", &json!({ "advance_s": BETWEEN_S })).await?;
                    if number < trigger.reports {
                        self.go(subscriber, first).await?;
                        self.post_to("clock", &json!({ "advance_s": BETWEEN_S })).await?;
                    }
                }
            }
        }
        let label = &subscriber.label;
        self.until("the card watches nothing more", async |tour| Ok(requests(&tour.card(label).await?) == 0)).await?;
        self.go(subscriber, home).await?;
        let card = self.card(label).await?;
        (told.shown, told.left) = (shown(&card) - before, requests(&card));
        Ok(told)
    }

    async fn card(&self, label: &str) -> Result<Value, String> {
        self.get(&format!("card/{label}")).await
    }
}

/// Whether that is as it should be, and what the table says of it. A gateway that does not go this road does nothing wrong.
fn judged(told: Result<Told, String>, wanted: &Told) -> (bool, String) {
    match told {
        Ok(told) => (told == *wanted, told.text()),
        Err(error) => (error == NOT_OFFERED, error),
    }
}

fn shown(card: &Value) -> usize {
    card.get("shown").and_then(Value::as_array).map_or(0, Vec::len)
}

fn requests(card: &Value) -> u64 {
    card.get("requests").and_then(Value::as_u64).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_right_only_if_the_user_was_asked_once_and_all_came() {
        let step: Step = toml::from_str(
            "name = 's'\nclient = 'fleet'\nservice = 'triggered'\ntargets = [{ subscriber = 'a', expect = 0 }, { subscriber = 'b', expect = 202 }]\n\
             trigger = { event = 'entering', latitude = 52.0, longitude = 13.0, radius_m = 300, card = true, reports = 2 }",
        )
        .unwrap();
        let wanted = |at: usize| Told::wanted(step.trigger.as_ref().unwrap(), &step.targets[at]);
        assert_eq!(wanted(0), Told { shown: 1, refused: None, reports: vec![0, 0], left: 0 });
        assert_eq!(wanted(1), Told { shown: 1, refused: Some(202), reports: Vec::new(), left: 0 });
        assert_eq!(wanted(1).text(), "the card asks; 202 positioning not allowed; nothing armed in the end");
        assert!(judged(Ok(wanted(0)), &wanted(0)).0 && !judged(Ok(wanted(1)), &wanted(0)).0);
        assert!(
            judged(Err(NOT_OFFERED.to_owned()), &wanted(0)).0
                && !judged(Err("no report was pushed".to_owned()), &wanted(0)).0
        );
        let silent = Told { shown: 0, left: 1, ..wanted(0) };
        assert!(!judged(Ok(Told { shown: 0, left: 1, ..wanted(0) }), &wanted(0)).0);
        assert_eq!(silent.text(), "the card shows nothing; position; position; 1 armed in the end");
    }
}
