//! PULL (TS 23.271 Annex E, Fig. E.2): a client asks who is there, and is told a pseudonym by a token.

use super::{Met, Services};
use crate::{
    pull::{Operator, Terminal},
    scenario::{Seen, StepTarget, UserAnswer},
    tour::run::Tour,
};
use mlp::ResultId;
use reqwest::{Response, StatusCode};
use std::net::{IpAddr, Ipv4Addr};

/// Origin of the operator's pages, which issues the tokens.
pub(super) const ISSUER: &str = "http://pseudonym.example.net";
/// For how long an address is the subscriber's, seconds.
const LEASE_S: u32 = 600;

impl Tour<'_> {
    /// Opens the clients' web services: they fetch the operator's keys, and know with what secret to ask for locations.
    pub(crate) async fn open(&self, services: &Services) -> Result<(), String> {
        for client in &services.clients {
            let gateway = self.of_client(&client.id).ok_or("no gateway of this client")?;
            let secret = self.secret(&client.id).ok_or("no secret of this client")?.to_owned();
            let mlp = gateway.mlp.trim_start_matches("http://").trim_end_matches('/');
            let mlp = mlp.parse().map_err(|_| "the gateway's MLP address is no socket".to_owned())?;
            let operator = Operator { issuer: ISSUER.to_owned(), proxy: services.doors.pull, mlp, secret };
            client.pull.open(operator).await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// A visit from the terminal: the client has a pseudonym, asks where that is, and sends content.
    pub(super) async fn by_pull(&self, services: &Services, target: &StepTarget, client: &str) -> Result<Met, String> {
        let of = services.client(client)?;
        let subscriber = self.subscriber(&target.subscriber).ok_or("no such subscriber")?;
        let at = self.scenario.subscribers.iter().position(|other| other.label == subscriber.label).unwrap_or_default();
        let address = IpAddr::V4(Ipv4Addr::new(127, 0, 8, u8::try_from(at + 1).unwrap_or(u8::MAX)));
        self.lease(subscriber, address, LEASE_S).await.map_err(|error| error.to_string())?;
        let terminal = Terminal::new(address, services.doors.pull).map_err(|error| error.to_string())?;
        let (seen, let_in) = (of.pull.seen().len(), of.pull.let_in().len());
        let told = |error: reqwest::Error| error.to_string();
        let page = format!("{}/near-me", of.pull.origin());
        let mut answer = terminal.visit(&page).await.map_err(told)?;
        // The operator's question, where the profile has the person asked.
        let asked_first = answer.status() == StatusCode::SEE_OTHER;
        if asked_first {
            consent(&terminal, &leads_to(&answer)?, subscriber.user.answer).await?;
            answer = terminal.visit(&page).await.map_err(told)?;
        }
        let status = answer.status();
        let content = answer.text().await.map_err(|error| error.to_string())?;
        let pseudonym = match of.pull.let_in().get(let_in..).unwrap_or_default() {
            [] => None,
            [Ok(pseudonym), ..] => Some(pseudonym.clone()),
            [Err(error), ..] => return Err(format!("HTTP {status}, not let in: {error}")),
        };
        // The service tells what came of its own request; about nobody it asks nothing, and answers as at first.
        let result = match (&pseudonym, status) {
            (None, StatusCode::UNAUTHORIZED) => Some(ResultId::POSITIONING_NOT_ALLOWED.0),
            _ => content.split(['[', ']']).nth(1).and_then(|code| code.parse().ok()),
        };
        let result = result.ok_or_else(|| format!("HTTP {status}: {content}"))?;
        let number = subscriber.msisdn.as_deref().unwrap_or(&subscriber.imsi);
        let requests = of.pull.seen();
        let requests = requests.get(seen..).unwrap_or_default();
        let hidden = requests.iter().all(|seen| !seen.mentions(number) && !seen.mentions(&address.to_string()));
        let tokens = requests.iter().filter(|seen| seen.token().is_some()).count();
        let shown = if target.expect == 0 { ("a token, once", tokens == 1) } else { ("no token", tokens == 0) };
        let mut also = vec![("neither number nor address", hidden), shown];
        match target.sees {
            Seen::Nothing => also.push(("not asked", !asked_first)),
            _ => also.push(("asked", asked_first)),
        }
        Ok(Met { pseudonym, result, also })
    }
}

/// Where an answer sends a browser.
fn leads_to(answer: &Response) -> Result<String, String> {
    let header = answer.headers().get("location").and_then(|value| value.to_str().ok());
    header.map(str::to_owned).ok_or_else(|| "sent nowhere".to_owned())
}

/// The person answers the operator's question, on a page of the operator's.
async fn consent(terminal: &Terminal, question: &str, answer: UserAnswer) -> Result<(), String> {
    let word = match answer {
        UserAnswer::Accepts => "yes",
        UserAnswer::Refuses => "no",
        UserAnswer::Silent => return Ok(()),
    };
    let told = |error: reqwest::Error| error.to_string();
    let page = terminal.visit(question).await.map_err(told)?.text().await.map_err(told)?;
    let field = |name: &str| {
        let begin = format!("name=\"{name}\" value=\"");
        let value = page.split_once(&begin).and_then(|(_, rest)| rest.split('"').next());
        value.ok_or_else(|| format!("a question without {name}"))
    };
    let form = [("question", field("question")?), ("token", field("token")?), ("answer", word)];
    terminal.submit(&format!("{ISSUER}/consent"), ISSUER, &form).await.map_err(told)?;
    Ok(())
}
