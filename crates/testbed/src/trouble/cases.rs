//! Nodes that are slow, silent or gone, clients that are many or gone, and a sink that is down.

use super::{HSS, MME, Trouble, ms, row};
use crate::{
    fault::{Fault, FaultRule, Scope},
    tour::{PushListener, Row},
};
use std::{io, time::Duration};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

/// What the slow MME needs.
const SLOW: Duration = Duration::from_secs(1);
/// How long a load goes on.
const LOAD: Duration = Duration::from_secs(4);
/// What "at once" may mean on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(1000);
/// What "soon" may mean where a gateway may wait a moment for a connection to come back.
const SOON: Duration = Duration::from_millis(2500);
/// How long a connection may take to be there again: pauses between attempts, and watchdogs before requests go.
const BACK: Duration = Duration::from_secs(45);

fn micros(us: u64) -> Duration {
    Duration::from_micros(us)
}

impl Trouble<'_> {
    fn fault(&self, node: &str, fault: Fault) -> Scope {
        let scope = Scope::Node(node.to_owned());
        self.network.faults().add(scope.clone(), FaultRule { fault, times: None });
        scope
    }

    /// 64 clients and an MME that needs a second: 64 answers a second, each near a second.
    pub(super) async fn slow_mme(&self) -> io::Result<Row> {
        let scope = self.fault(MME, Fault::Delay { ms: SLOW.as_millis() as u64 });
        let report = self.load("sub-02", 64, LOAD).await?;
        self.network.faults().clear(&scope);
        let (positions, p99) = (report.with_result(0), micros(report.latency.quantile_us(0.99)));
        // The last round begins before the end and comes after it.
        let ok = positions == report.latency.count() && positions >= 64 * 3 && p99 < SLOW * 2;
        let got = format!("{positions} positions in {:.1} s, p99 {}", report.seconds, ms(p99));
        Ok(row("slow MME", "64 clients, each answer needs 1 s", "64 positions a second, each near 1 s", got, ok))
    }

    /// One silent phone beside other traffic: the others do not notice.
    pub(super) async fn silent_phone(&self) -> io::Result<Row> {
        let before = self.load("sub-02", 4, LOAD / 4).await?;
        let silent = Scope::SubscriberAt(MME.to_owned(), "sub-20".to_owned());
        self.network.faults().add(silent.clone(), FaultRule { fault: Fault::Drop, times: None });
        let (beside, told) = tokio::join!(self.load("sub-02", 4, LOAD / 4), self.ask("sub-20"));
        self.network.faults().clear(&silent);
        let beside = beside?;
        let (before, after) = (micros(before.latency.quantile_us(0.99)), micros(beside.latency.quantile_us(0.99)));
        let ok = beside.with_result(0) == beside.latency.count()
            && after < (before * 4).max(AT_ONCE / 4)
            && told.result() == Some(7);
        let got = format!("p99 {} (without: {}); silent one: {}", ms(after), ms(before), told.text());
        Ok(row("silent phone", "4 clients beside one that asks for it", "the others as without; 7 for it", got, ok))
    }

    /// More clients than places: as many positions as places, the excess refused at once.
    pub(super) async fn too_many_clients(&self) -> io::Result<Row> {
        let scope = self.fault(MME, Fault::Delay { ms: SLOW.as_millis() as u64 });
        let report = self.load("sub-02", self.places * 2, LOAD).await?;
        self.network.faults().clear(&scope);
        let (positions, refused) = (report.with_result(0), report.with_result(101));
        let quick = report.results.get(&101).map_or(Duration::MAX, |of| micros(of.quantile_us(0.5)));
        let ok = positions + refused == report.latency.count()
            && positions as f64 >= self.places as f64 * LOAD.as_secs_f64() / SLOW.as_secs_f64() * 0.6
            && refused > 0
            && quick < AT_ONCE;
        let got = format!("{positions} positions in {:.1} s, {refused} refused in {}", report.seconds, ms(quick));
        let asked = format!("{} clients, {} places", self.places * 2, self.places);
        Ok(row("too many clients", &asked, "positions as before, 101 at once for the rest", got, ok))
    }

    /// A client that goes before its answer: the next one is served.
    pub(super) async fn client_gone(&self) -> io::Result<Row> {
        let scope = self.fault(MME, Fault::Delay { ms: 300 });
        let before = self.network.counted().plr;
        let mut stream = TcpStream::connect(&self.mlp.authority).await?;
        stream.write_all(&self.mlp.request(&self.body("sub-02"))).await?;
        let reached = tokio::time::timeout(AT_ONCE, async {
            while self.network.counted().plr == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let reached = reached.await.is_ok();
        drop(stream);
        self.network.faults().clear(&scope);
        let told = self.ask("sub-02").await;
        let ok = reached && told.result() == Some(0);
        Ok(row("client gone", "closes before its answer", "the next one is served", told.text(), ok))
    }

    /// A silent HSS: an answer when its time is over.
    pub(super) async fn hss_silent(&self) -> Row {
        let scope = self.fault(HSS, Fault::Drop);
        let told = self.ask("sub-21").await;
        self.network.faults().clear(&scope);
        let ok = told.result() == Some(7) && told.took < self.slh_timeout * 2 + AT_ONCE;
        row("HSS silent", "one client", "7 when its time is over", told.text(), ok)
    }

    /// An MME that is gone and comes back.
    pub(super) async fn mme_lost(&self) -> Vec<Row> {
        let scope = self.fault(MME, Fault::Gone);
        // The first request may still meet the old connection.
        self.ask("sub-02").await;
        let told = self.ask("sub-02").await;
        let ok = told.result() == Some(1) && told.took < SOON;
        let lost = row("MME lost", "one client, while it is gone", "1 soon", told.text(), ok);
        self.network.faults().clear(&scope);
        let back = self.recovered("sub-02", BACK).await;
        let got = back.map_or("none".to_owned(), |after| format!("position after {}", ms(after)));
        vec![lost, row("MME lost", "one client, once it is back", "position", got, back.is_some())]
    }

    /// An MME that reads and says nothing: found by its watchdog, and served again when it speaks again.
    pub(super) async fn mme_mute(&self) -> Vec<Row> {
        let scope = self.fault(MME, Fault::Mute);
        let told = self.ask("sub-02").await;
        let ok = told.result() == Some(7) && told.took < self.slg_timeout + AT_ONCE;
        let mut rows =
            vec![row("MME mute", "one client, before it is noticed", "7 when its time is over", told.text(), ok)];
        let begin = tokio::time::Instant::now();
        let mut told = self.ask("sub-02").await;
        while told.result() != Some(1) && begin.elapsed() < BACK {
            told = self.ask("sub-02").await;
        }
        let ok = told.result() == Some(1) && told.took < SOON;
        rows.push(row("MME mute", "one client, after the watchdog", "1 soon", told.text(), ok));
        self.network.faults().clear(&scope);
        let back = self.recovered("sub-02", BACK).await;
        let got = back.map_or("none".to_owned(), |after| format!("position after {}", ms(after)));
        rows.push(row("MME mute", "one client, once it speaks again", "position", got, back.is_some()));
        rows
    }

    /// An emergency report whose sink is down: the network has its answer at once, the sink its report when it is up.
    pub(super) async fn sink_down(&self) -> io::Result<Vec<Row>> {
        let begin = tokio::time::Instant::now();
        let answered = self.network.emergency_call("sub-02").await;
        let took = begin.elapsed();
        let ok = matches!(answered, Ok(2001)) && took < AT_ONCE;
        let got = match answered {
            Ok(code) => format!("{code} after {}", ms(took)),
            Err(error) => error.to_string(),
        };
        let first = row("emergency report", "nobody listens at the sink", "the network has 2001 at once", got, ok);
        let mut listener = PushListener::start(self.sink).await?;
        let report = listener.next(BACK).await;
        let ok = report.as_ref().is_some_and(|report| report.contains("<emerep"));
        let got = if report.is_some() { "a report" } else { "nothing" }.to_owned();
        Ok(vec![first, row("emergency report", "the sink is up again", "the report is there", got, ok)])
    }
}
