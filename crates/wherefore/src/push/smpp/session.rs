//! A bound session: sockets and time around [`Relay`].

use super::bind::Bound;
use super::job::{Done, Job, Side, Terms};
use super::relay::{Action, Limits, Relay};
use crate::config::PushSmpp;
use crate::push::Swap;
use crate::smpp::wire::{Dress, Pdu, command, status};
use crate::smpp::{Ended, Link, Writer};
use futures_util::stream::{FuturesOrdered, StreamExt as _};
use lcs::Duration;
use std::pin::Pin;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A job that runs.
type Running<'a> = Pin<Box<dyn Future<Output = Done> + Send + 'a>>;

/// Relays until either side ends, or `stop`.
pub(super) async fn relay(bound: Bound, swap: &Swap, smpp: &PushSmpp, stop: &CancellationToken) {
    let Bound { client, centre, listed, tlvs } = bound;
    let dress = listed.as_ref().map(|listed| Dress {
        tlv: smpp.pseudonym_tlv,
        keep: &smpp.keep_vendor_tlvs,
        tlvs,
        head: listed.head,
    });
    let terms = listed.as_ref().zip(dress).map(|(client, dress)| Terms { swap, client, dress });
    let limits = Limits {
        window: smpp.window,
        response: Duration::from_millis(smpp.response_timeout_ms),
        enquire: Duration::from_secs(smpp.enquire_link_s),
    };
    let mut relay = Relay::new(dress, limits, Instant::now());
    let (Link { reader: mut from_client, writer }, Link { reader: mut from_centre, writer: to_centre }) =
        (client, centre);
    let to_client = Writer::start(writer, limits.response);
    let to_centre = Writer::start(to_centre, limits.response);
    // Messages of a side go on in the order in which they came.
    let mut of_client: FuturesOrdered<Running<'_>> = FuturesOrdered::new();
    let mut of_centre: FuturesOrdered<Running<'_>> = FuturesOrdered::new();
    loop {
        let deadline = relay.deadline();
        let actions = tokio::select! {
            read = from_client.next() => taken(&mut relay, Side::Client, read),
            read = from_centre.next() => taken(&mut relay, Side::Centre, read),
            Some(done) = of_client.next() => relay.done(done, Instant::now()),
            Some(done) = of_centre.next() => relay.done(done, Instant::now()),
            () = tokio::time::sleep_until(deadline) => relay.tick(Instant::now()),
            () = stop.cancelled() => vec![relay.unbind(Side::Client), relay.unbind(Side::Centre), Action::End],
        };
        let mut over = false;
        for action in actions {
            match action {
                Action::Send(side, pdu) => {
                    let writer = if side == Side::Client { &to_client } else { &to_centre };
                    over |= !writer.send(pdu).await;
                }
                Action::Run(job) => {
                    let jobs = if job.from == Side::Client { &mut of_client } else { &mut of_centre };
                    if let Some(terms) = &terms {
                        jobs.push_back(run(*job, terms));
                    }
                }
                Action::End => over = true,
            }
        }
        if over {
            break;
        }
    }
    tokio::join!(to_client.end(), to_centre.end());
}

fn run<'a>(job: Job, terms: &'a Terms<'a>) -> Running<'a> {
    Box::pin(job.run(terms))
}

/// What comes of reading from a side.
fn taken(relay: &mut Relay<'_>, from: Side, read: Result<Pdu, Ended>) -> Vec<Action> {
    match read {
        Ok(pdu) => relay.take(from, pdu, Instant::now()),
        Err(Ended::Closed) => vec![relay.unbind(from.other()), Action::End],
        Err(Ended::Length) => {
            let nack = Pdu::of(command::GENERIC_NACK, status::RINVCMDLEN, 0, b"");
            vec![Action::Send(from, nack), relay.unbind(from.other()), Action::End]
        }
    }
}
