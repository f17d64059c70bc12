//! A load driver for MLP: closed loop (each client asks again when it has its answer) and open loop (requests leave at a
//! fixed rate, and a late one counts from when it should have left).

mod histogram;
mod http;

pub use histogram::Histogram;
pub use http::{Connection, Endpoint, EndpointError};

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// Clock ticks per second in `/proc`: Linux tells user space 100, whatever the kernel's own rate.
const TICKS_PER_S: f64 = 100.0;

/// What to drive, and how hard.
#[derive(Debug, Clone)]
pub struct LoadPlan {
    /// Where to post.
    pub endpoint: Endpoint,
    /// Whole request bodies, used in turn.
    pub bodies: Vec<String>,
    /// Connections.
    pub clients: usize,
    /// How long.
    pub duration: Duration,
    /// Requests per second in all, for an open loop; a closed loop if absent.
    pub rate_per_s: Option<f64>,
    /// Process whose CPU time is told.
    pub pid: Option<u32>,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct LoadReport {
    /// Latencies of all answers.
    pub latency: Histogram,
    /// Latencies by MLP result id; 0 is a position.
    pub results: BTreeMap<u16, Histogram>,
    /// Answers that were no MLP result.
    pub other: u64,
    /// Connections lost.
    pub lost: u64,
    /// How long it took.
    pub seconds: f64,
    /// CPU seconds of the process meanwhile.
    pub cpu_seconds: Option<f64>,
}

impl LoadReport {
    fn merge(&mut self, other: &Self) {
        self.latency.merge(&other.latency);
        for (result, latency) in &other.results {
            self.results.entry(*result).or_default().merge(latency);
        }
        self.other += other.other;
        self.lost += other.lost;
    }

    /// Answers with this result.
    #[must_use]
    pub fn with_result(&self, result: u16) -> u64 {
        self.results.get(&result).map_or(0, Histogram::count)
    }

    /// Answers per second.
    #[must_use]
    pub fn rate_per_s(&self) -> f64 {
        if self.seconds > 0.0 { self.latency.count() as f64 / self.seconds } else { 0.0 }
    }

    /// Answers per CPU second of the process.
    #[must_use]
    pub fn per_cpu_second(&self) -> Option<f64> {
        self.cpu_seconds.filter(|cpu| *cpu > 0.0).map(|cpu| self.latency.count() as f64 / cpu)
    }
}

/// Drives the load to its end.
pub async fn drive(plan: LoadPlan) -> io::Result<LoadReport> {
    let requests: Arc<Vec<Vec<u8>>> = Arc::new(plan.bodies.iter().map(|body| plan.endpoint.request(body)).collect());
    if requests.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no request to send"));
    }
    let cpu_before = plan.pid.map(cpu_seconds).transpose()?;
    let begin = Instant::now();
    let pace =
        Arc::new(Pace { begin, end: begin + plan.duration, rate_per_s: plan.rate_per_s, next: AtomicU64::new(0) });
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..plan.clients.max(1) {
        clients.spawn(client(plan.endpoint.clone(), Arc::clone(&requests), Arc::clone(&pace)));
    }
    let mut report = LoadReport::default();
    while let Some(joined) = clients.join_next().await {
        report.merge(&joined.map_err(io::Error::other)??);
    }
    report.seconds = begin.elapsed().as_secs_f64();
    report.cpu_seconds = match (plan.pid, cpu_before) {
        (Some(pid), Some(before)) => Some(cpu_seconds(pid)? - before),
        _ => None,
    };
    Ok(report)
}

struct Pace {
    begin: Instant,
    end: Instant,
    rate_per_s: Option<f64>,
    next: AtomicU64,
}

impl Pace {
    /// Waits for the turn of the next request: its number, and the time it counts from. `None` at the end.
    async fn turn(&self) -> Option<(u64, Instant)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let Some(rate) = self.rate_per_s else {
            let now = Instant::now();
            return (now < self.end).then_some((number, now));
        };
        let due = self.begin + Duration::from_secs_f64(number as f64 / rate);
        if due >= self.end {
            return None;
        }
        tokio::time::sleep_until(due).await;
        Some((number, due))
    }
}

async fn client(endpoint: Endpoint, requests: Arc<Vec<Vec<u8>>>, pace: Arc<Pace>) -> io::Result<LoadReport> {
    let mut report = LoadReport::default();
    let mut connection = Connection::open(&endpoint).await?;
    while let Some((number, from)) = pace.turn().await {
        let Some(request) = requests.get((number % requests.len() as u64) as usize) else { break };
        let latency = match connection.exchange(request, result_of).await {
            Ok((200, Some(result))) => {
                let latency = from.elapsed();
                report.results.entry(result).or_default().add(latency);
                latency
            }
            Ok(_) => {
                report.other += 1;
                from.elapsed()
            }
            Err(_) => {
                report.lost += 1;
                connection = Connection::open(&endpoint).await?;
                continue;
            }
        };
        report.latency.add(latency);
    }
    Ok(report)
}

/// Result id of an MLP answer, found without parsing: 0 where there is position data.
fn result_of(body: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(body).ok()?;
    if text.contains("<pd>") || text.contains("<pd ") {
        return Some(0);
    }
    let (_, rest) = text.split_once("resid=\"")?;
    rest.split('"').next()?.parse().ok()
}

/// CPU seconds that a process has used.
pub fn cpu_seconds(pid: u32) -> io::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    parse_stat(&stat).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "cannot read the process's stat"))
}

fn parse_stat(stat: &str) -> Option<f64> {
    // The second field is a name in parentheses that may hold anything; user and system time are fields 14 and 15.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / TICKS_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_found_in_answers() {
        assert_eq!(result_of(b"<slia ver=\"3.5.0\"><pos><msid>1</msid><pd><time>"), Some(0));
        assert_eq!(result_of(b"<slia><pos><poserr><result resid=\"202\">POSITIONING NOT ALLOWED"), Some(202));
        assert_eq!(result_of(b"<html>"), None);
        assert_eq!(result_of(&[0xFF]), None);
    }

    #[test]
    fn cpu_time_is_the_fourteenth_and_fifteenth_field() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 100 1 1";
        assert_eq!(parse_stat(stat), Some(3.0));
        assert_eq!(parse_stat("7 (a"), None);
    }

    #[tokio::test]
    async fn a_closed_loop_counts_what_it_gets() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint: Endpoint = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let server = tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let mut buffer = [0; 4096];
                    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<x resid=\"101\">";
                        if stream.write_all(answer).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        let plan = LoadPlan {
            endpoint,
            bodies: vec!["<svc_init/>".into()],
            clients: 2,
            duration: Duration::from_millis(50),
            rate_per_s: None,
            pid: Some(std::process::id()),
        };
        let closed = drive(plan.clone()).await.unwrap();
        assert!(closed.with_result(101) > 0);
        assert_eq!(closed.with_result(101), closed.latency.count());
        let open = drive(LoadPlan { rate_per_s: Some(200.0), ..plan }).await.unwrap();
        assert_eq!(open.with_result(101), 10);
        server.abort();
    }
}
