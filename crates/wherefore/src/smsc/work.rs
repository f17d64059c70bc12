//! Sessions with the centre, one after the other: sockets, time and tasks around [`Session`].

use super::client::{Order, Shared};
use super::port::{FinalState, FromPhones, Receipts, Refused, SubmitFailure};
use super::read::Arrived;
use super::session::{Action, Request, Session};
use super::submissions::{Outcome, Submissions};
use super::write::Role;
use crate::config::{Smsc, SmscBind};
use crate::smpp::wire::{command, status};
use crate::smpp::{Link, Writer};
use lcs::Duration;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// PDUs before the answer to a bind that are looked at.
const BEFORE_BOUND_MAX: usize = 8;

/// Who takes what the centre delivers.
#[derive(Clone)]
pub struct Takers {
    /// Messages of phones.
    pub from_phones: Arc<dyn FromPhones>,
    /// What became of messages; `None`: nobody waits for that, and it is counted alone.
    pub receipts: Option<Arc<dyn Receipts>>,
}

/// How long to wait between tries to bind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    wait: Duration,
}

impl Backoff {
    pub(super) fn new(smsc: &Smsc) -> Self {
        let first = Duration::from_millis(smsc.reconnect_first_ms);
        Self { first, longest: Duration::from_secs(smsc.reconnect_longest_s).max(first), wait: first }
    }

    /// A session has lasted this long. One that ends at once changes nothing: a centre may bind and drop for ever.
    fn lasted(&mut self, span: Duration) {
        if span >= self.wait {
            self.wait = self.first;
        }
    }

    /// The next wait.
    fn next(&mut self) -> Duration {
        let wait = self.wait;
        self.wait = (wait * 2).min(self.longest);
        wait
    }
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
enum Unbound {
    #[error("cannot be reached ({0})")]
    Unreachable(#[from] std::io::Error),
    #[error("does not answer the bind within smsc.bind_timeout_ms")]
    Silent,
    #[error("refuses the bind with status {0:#x}; see smsc.system_id and the password")]
    Refused(u32),
    #[error("closes the connection, or says what is no SMPP")]
    Closed,
}

/// Who waits for what becomes of a message.
type Who = oneshot::Sender<Outcome>;

/// The work with the centre: to be run once.
pub struct Work {
    shared: Arc<Shared>,
    orders: mpsc::Receiver<Order>,
}

impl Work {
    pub(super) fn new(shared: Arc<Shared>, orders: mpsc::Receiver<Order>) -> Self {
        Self { shared, orders }
    }

    /// Keeps sessions until `stop`; returns once they are ended in order, and what was taken is kept.
    pub async fn run(self, takers: Takers, stop: CancellationToken) {
        let Self { shared, orders } = self;
        let taking = TaskTracker::new();
        let keep = |role, orders| {
            let (takers, taking, stop) = (&takers, &taking, &stop);
            Keeper { shared: &shared, role, takers, taking, stop }.run(Orders(orders))
        };
        match shared.bind {
            SmscBind::Transceiver => keep(Role::Transceiver, Some(orders)).await,
            SmscBind::TransmitterAndReceiver => {
                tokio::join!(keep(Role::Transmitter, Some(orders)), keep(Role::Receiver, None));
            }
        }
        taking.close();
        taking.wait().await;
    }
}

/// Where orders come from; nowhere, for a session that only receives.
struct Orders(Option<mpsc::Receiver<Order>>);

impl Orders {
    async fn next(&mut self) -> Order {
        let order = match &mut self.0 {
            Some(orders) => orders.recv().await,
            None => None,
        };
        match order {
            Some(order) => order,
            // Nobody submits any more.
            None => std::future::pending().await,
        }
    }

    /// Those that nobody took.
    fn close(&mut self) -> Vec<Order> {
        let Some(orders) = &mut self.0 else { return Vec::new() };
        orders.close();
        std::iter::from_fn(|| orders.try_recv().ok()).collect()
    }
}

/// Keeps one session after the other.
struct Keeper<'a> {
    shared: &'a Arc<Shared>,
    role: Role,
    takers: &'a Takers,
    taking: &'a TaskTracker,
    stop: &'a CancellationToken,
}

impl Keeper<'_> {
    async fn run(self, mut orders: Orders) {
        let mut backoff = self.shared.backoff;
        let mut submissions = Submissions::new(self.shared.terms, Instant::now());
        while let Some(bound) = self.meanwhile(&mut submissions, &mut orders, self.bind()).await {
            match bound {
                Ok(link) => {
                    count("bound");
                    tracing::info!(role = ?self.role, "smsc: bound");
                    let since = Instant::now();
                    submissions = self.converse(link, submissions, &mut orders).await;
                    backoff.lasted(since.elapsed());
                }
                Err(why) => {
                    count("failed");
                    tracing::warn!(role = ?self.role, "smsc: the SMS centre {why}; it is tried again");
                }
            }
            let wait = tokio::time::sleep(backoff.next());
            if self.meanwhile(&mut submissions, &mut orders, wait).await.is_none() {
                break;
            }
        }
        submissions.close().into_iter().for_each(tell);
        let untaken = orders.close().into_iter();
        untaken.for_each(|order| tell((order.who, Err(SubmitFailure::NotBound))));
    }

    /// Does something without a session, while submissions wait; `None` once it is to stop.
    async fn meanwhile<R>(
        &self,
        submissions: &mut Submissions<Who>,
        orders: &mut Orders,
        doing: impl Future<Output = R>,
    ) -> Option<R> {
        let mut doing = pin!(doing);
        loop {
            let end = submissions.deadline(false);
            let ends = async {
                match end {
                    Some(end) => tokio::time::sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                done = &mut doing => return Some(done),
                order = orders.next() => {
                    submissions.take(order.pdu, order.who, Instant::now()).into_iter().for_each(tell);
                }
                () = ends => submissions.expire(false, Instant::now()).into_iter().for_each(tell),
            }
        }
    }

    async fn bind(&self) -> Result<Link, Unbound> {
        let binding = async {
            let mut link = self.shared.dial.connect().await?;
            link.send(&self.shared.account.bind(self.role, 1)).await?;
            for _ in 0..BEFORE_BOUND_MAX {
                let pdu = link.reader.next().await.map_err(|_| Unbound::Closed)?;
                match pdu.command() {
                    answer if answer == self.role.command() | command::RESPONSE => {
                        let refused = pdu.status() != status::OK;
                        return if refused { Err(Unbound::Refused(pdu.status())) } else { Ok(link) };
                    }
                    command::GENERIC_NACK => return Err(Unbound::Refused(pdu.status())),
                    command::ENQUIRE_LINK => link.send(&pdu.refusal(status::OK)).await?,
                    _ if pdu.is_response() => {}
                    _ => link.send(&pdu.refusal(status::RINVBNDSTS)).await?,
                }
            }
            Err(Unbound::Closed)
        };
        tokio::time::timeout(self.shared.bind_timeout, binding).await.unwrap_or(Err(Unbound::Silent))
    }

    /// A session, until it ends; gives back what waits for another.
    async fn converse(&self, link: Link, waiting: Submissions<Who>, orders: &mut Orders) -> Submissions<Who> {
        let Shared { reading, limits, .. } = &**self.shared;
        let Link { mut reader, writer } = link;
        let writer = Writer::start(writer, limits.response);
        let (answers, mut taken) = mpsc::channel(limits.window);
        let mut session = Session::new(reading, *limits, waiting, Instant::now());
        metrics::gauge!("wherefore_smsc_bound").increment(1);
        let mut over = false;
        let mut actions = session.tick(Instant::now());
        while !over {
            for action in actions {
                match action {
                    Action::Send(pdu) => over |= !writer.send(pdu).await,
                    Action::Done(who, outcome) => tell((who, outcome)),
                    Action::Take(request, arrived) => self.have_taken(request, arrived, answers.clone()),
                    Action::End => over = true,
                }
            }
            if over {
                break;
            }
            actions = tokio::select! {
                read = reader.next() => match read {
                    Ok(pdu) => session.take(pdu, Instant::now()),
                    Err(ended) => session.ended(ended),
                },
                order = orders.next(), if session.is_open() => session.submit(order.pdu, order.who, Instant::now()),
                Some((request, status)) = taken.recv() => session.taken(request, status, Instant::now()),
                () = tokio::time::sleep_until(session.deadline()) => session.tick(Instant::now()),
                () = self.stop.cancelled(), if session.is_open() => session.stop(Instant::now()),
            };
        }
        metrics::gauge!("wherefore_smsc_bound").decrement(1);
        tracing::info!(role = ?self.role, "smsc: no longer bound");
        writer.end().await;
        let mut waiting = session.into_submissions();
        waiting.lost().into_iter().for_each(tell);
        waiting
    }

    /// Has something taken beside the session: it is kept even if the session ends meanwhile, and then delivered again.
    fn have_taken(&self, request: Request, arrived: Arrived, answers: mpsc::Sender<(Request, u32)>) {
        let takers = self.takers.clone();
        let taking = self.taking.spawn(take(takers, arrived));
        self.taking.spawn(async move {
            // A taker that fails has not kept it.
            let status = taking.await.unwrap_or(status::RX_T_APPN);
            // The session may be over.
            answers.send((request, status)).await.ok();
        });
    }
}

/// Has something taken; the status of its answer.
async fn take(takers: Takers, arrived: Arrived) -> u32 {
    let taken = match arrived {
        Arrived::Message(from, message) => {
            let taken = takers.from_phones.take(from, message).await;
            let outcome = match taken {
                Ok(()) => "taken",
                Err(Refused::ForNow) => "refused_for_now",
                Err(Refused::ForGood) => "refused",
            };
            metrics::counter!("wherefore_smsc_from_phones_total", "outcome" => outcome).increment(1);
            taken
        }
        Arrived::Receipt(receipt) => {
            metrics::counter!("wherefore_smsc_receipts_total", "state" => state(receipt.state)).increment(1);
            match &takers.receipts {
                Some(receipts) => receipts.settle(receipt).await,
                None => Ok(()),
            }
        }
        Arrived::Idle => Ok(()),
    };
    match taken {
        Ok(()) => status::OK,
        Err(Refused::ForNow) => status::RX_T_APPN,
        Err(Refused::ForGood) => status::RX_P_APPN,
    }
}

fn state(state: FinalState) -> &'static str {
    match state {
        FinalState::Delivered => "delivered",
        FinalState::Expired => "expired",
        FinalState::Deleted => "deleted",
        FinalState::Undeliverable => "undeliverable",
        FinalState::MemoryFull => "memory_full",
        FinalState::Rejected => "rejected",
        FinalState::Unknown => "unknown",
    }
}

/// Tells who waits; they may have gone.
fn tell((who, outcome): (Who, Outcome)) {
    who.send(outcome).ok();
}

fn count(outcome: &'static str) {
    metrics::counter!("wherefore_smsc_binds_total", "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests;
