//! PUSH (TS 23.271 Annex E, Fig. E.1): a message or web request reaches a client without the number, and the answer comes back.

use super::{Met, PATIENCE, Services};
use crate::{
    push::WebGateway,
    scenario::StepTarget,
    smsc::{Bind, Esme, Text},
    tour::run::Tour,
};

/// Tag of the pseudonym in a message, the gateway's default.
const PSEUDONYM: u16 = 0x1401;
/// Header of the pseudonym in a web request, the gateway's default.
const HEADER: &str = "x-pseudonym";
/// Header of another subscriber's number, as somebody on the web might write it.
const FORGED: (&str, &str) = ("X-Up-Calling-Line-Id", "99900000099");

/// Host of a client's web service.
pub(super) fn host(client: &str) -> String {
    format!("{client}.example")
}

fn holds(text: &str, number: &str) -> bool {
    text.contains(number)
}

impl Tour<'_> {
    fn number(&self, target: &StepTarget) -> Result<&str, String> {
        let subscriber = self.subscriber(&target.subscriber).ok_or("no such subscriber")?;
        subscriber.msisdn.as_deref().ok_or_else(|| "the subscriber has no number".to_owned())
    }

    /// A message from the terminal, the client's request by what it was told, and its answer.
    pub(super) async fn by_message(
        &self,
        services: &Services,
        target: &StepTarget,
        client: &str,
    ) -> Result<Met, String> {
        let told = |error: crate::smsc::SmppError| error.to_string();
        let (number, of) = (self.number(target)?, services.client(client)?);
        let mut bound = services.bound.lock().await;
        if !bound.contains_key(client) {
            let esme = Esme::bind(services.doors.smpp, Bind::Transceiver, client, &of.password).await.map_err(told)?;
            services.smsc.wait_bound(client, 1, PATIENCE).await.map_err(told)?;
            bound.insert(client.to_owned(), esme);
        }
        let esme = bound.get_mut(client).ok_or("not bound")?;
        services.smsc.send_from_terminal(number, &of.number, "Where is the next one?").await.map_err(told)?;
        let delivered = esme.next(PATIENCE).await.map_err(told)?;
        let pseudonym = delivered.text.parameter(PSEUDONYM).ok_or("a message without pseudonym")?;
        let pseudonym = String::from_utf8_lossy(pseudonym).into_owned();
        let hidden = !holds(&format!("{delivered:?}"), number);
        let result = self.locate(client, &pseudonym).await?;
        let answer = format!("Two streets from you, {}", target.subscriber);
        esme.submit(&of.number, &delivered.source, &Text::ascii(&answer), false).await.map_err(told)?;
        let arrived = services.smsc.next_for_terminal(number, PATIENCE).await.map_err(told)?;
        let arrived = arrived.text.characters() == answer;
        Ok(Met {
            pseudonym: Some(pseudonym),
            result,
            also: vec![("no number", hidden), ("the answer arrives", arrived)],
        })
    }

    /// A web request from the terminal, and the client's request by what it was told.
    pub(super) async fn by_web(&self, services: &Services, target: &StepTarget, client: &str) -> Result<Met, String> {
        let number = self.number(target)?;
        let mut web = services.web.lock().await;
        let gateway = WebGateway::new(services.doors.web, &host(client));
        let answer = gateway.ask("GET /near-me", Some(number), &[FORGED], b"").await;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("HTTP {}", answer.status));
        }
        let seen = web.next(PATIENCE).await.ok_or("no request came")?;
        let [pseudonym] = seen.all(HEADER)[..] else { return Err("a request without pseudonym".to_owned()) };
        let pseudonym = pseudonym.to_owned();
        let all = format!("{seen:?}");
        let result = self.locate(client, &pseudonym).await?;
        let also = vec![("no number", !holds(&all, number)), ("forged header gone", !holds(&all, FORGED.1))];
        Ok(Met { pseudonym: Some(pseudonym), result, also })
    }
}
