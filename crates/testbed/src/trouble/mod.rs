//! Trouble on purpose: a network that is slow, silent, lost or wrong, many clients at once, and what a gateway makes of it.
//!
//! Each case is a line of a table like a tour's. Times are real here, and the bounds wide: they tell a gateway that queues
//! behind one phone from one that does not, not a fast machine from a slow one.

mod answers;
mod cases;

use crate::{
    Network,
    load::{Connection, Endpoint, LoadPlan, LoadReport, drive},
    tour::{Row, TourReport},
};
use mlp::{
    ResultId,
    client::{ClientTarget, Request, SvcResult, parse_svc_result},
};
use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// The one MME of the scenario.
const MME: &str = "mme-1";
/// The HSS of the scenario.
const HSS: &str = "hss";

/// What trouble is made with.
pub struct Trouble<'n> {
    /// The network, running the scenario [`crate::scenario::TROUBLE`].
    pub network: &'n Network,
    /// MLP of the gateway.
    pub mlp: Endpoint,
    /// Account that asks.
    pub client: String,
    /// Its secret.
    pub secret: String,
    /// Where the gateway pushes emergency reports; nobody listens there until a case does.
    pub sink: SocketAddr,
    /// Longest time that the gateway waits for an HSS.
    pub slh_timeout: Duration,
    /// Longest time that it waits for an MME.
    pub slg_timeout: Duration,
    /// How many requests it takes on at once.
    pub places: usize,
}

/// An answer about one subscriber, and how long it took.
struct Told {
    answer: Result<SvcResult, String>,
    took: Duration,
}

impl Told {
    /// The result for the one target; 0 is a position.
    fn result(&self) -> Option<u16> {
        let answer = self.answer.as_ref().ok()?;
        let whole = answer.result.as_ref().map(|(result, _)| *result);
        whole.or_else(|| answer.positions.first().map(|position| position.result)).map(|result| result.0)
    }

    fn text(&self) -> String {
        let text = match (&self.answer, self.result()) {
            (Ok(_), Some(0)) => "position".to_owned(),
            (Ok(_), Some(result)) => format!("{result} {}", ResultId(result).slogan().to_lowercase()),
            (Ok(_), None) => "an answer without result".to_owned(),
            (Err(error), _) => error.clone(),
        };
        format!("{text} after {}", ms(self.took))
    }
}

fn ms(span: Duration) -> String {
    format!("{} ms", span.as_millis())
}

fn row(step: &str, asked: &str, expected: &str, got: String, ok: bool) -> Row {
    Row { step: step.to_owned(), asked: asked.to_owned(), expected: expected.to_owned(), got, ok }
}

impl Trouble<'_> {
    /// Makes all of it; `told` gets each line as it is there.
    pub async fn run(&self, mut told: impl FnMut(&Row)) -> io::Result<TourReport> {
        let mut report = TourReport::default();
        let mut take = |rows: Vec<Row>| {
            rows.iter().for_each(&mut told);
            report.rows.extend(rows);
        };
        take(self.shapes().await);
        take(self.causes().await);
        take(self.wrong_answers().await);
        take(vec![self.slow_mme().await?]);
        take(vec![self.silent_phone().await?]);
        take(vec![self.too_many_clients().await?]);
        take(vec![self.client_gone().await?]);
        take(vec![self.hss_silent().await]);
        take(self.mme_lost().await);
        take(self.mme_mute().await);
        take(self.sink_down().await?);
        Ok(report)
    }

    fn body(&self, subscriber: &str) -> String {
        let number = self.network.phones().labelled(subscriber).and_then(|phone| phone.identities.msisdn);
        let digits = number.into_iter().flat_map(|msisdn| msisdn.expose_digits().values().collect::<Vec<_>>());
        let text: String = digits.map(|value| char::from(b'0' + value)).collect();
        Request::new(&self.client, &self.secret, vec![ClientTarget::msisdn(text)]).to_xml()
    }

    /// Asks about one subscriber over a connection of its own.
    async fn ask(&self, subscriber: &str) -> Told {
        let begin = Instant::now();
        let request = self.mlp.request(&self.body(subscriber));
        let exchange = async {
            let mut connection = Connection::open(&self.mlp).await?;
            connection.exchange(&request, parse_svc_result).await
        };
        let answer = match exchange.await {
            Ok((_, Ok(answer))) => Ok(answer),
            Ok((status, Err(error))) => Err(format!("HTTP {status}, {error}")),
            Err(error) => Err(format!("no answer: {error}")),
        };
        Told { answer, took: begin.elapsed() }
    }

    /// Asks until there is a position again; how long that took, or nothing if it took longer than `most`.
    async fn recovered(&self, subscriber: &str, most: Duration) -> Option<Duration> {
        let begin = Instant::now();
        while begin.elapsed() < most {
            if self.ask(subscriber).await.result() == Some(0) {
                return Some(begin.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        None
    }

    async fn load(&self, subscriber: &str, clients: usize, duration: Duration) -> io::Result<LoadReport> {
        let bodies = vec![self.body(subscriber)];
        drive(LoadPlan { endpoint: self.mlp.clone(), bodies, clients, duration, rate_per_s: None, pid: None }).await
    }
}
