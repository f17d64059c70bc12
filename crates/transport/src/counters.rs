//! Counts of what happened, readable at any time.

use core::sync::atomic::{AtomicU64, Ordering};

/// Live counters of a node, and what they stand at.
macro_rules! counters {
    ($live:ident, $snapshot:ident: $($(#[$doc:meta])* $name:ident,)*) => {
        /// Live counters of a node.
        #[derive(Debug, Default)]
        pub(crate) struct $live {
            $(pub(crate) $name: $crate::counters::Counter,)*
        }

        /// What the counters stood at when asked.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $snapshot {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl $live {
            pub(crate) fn snapshot(&self) -> $snapshot {
                $snapshot { $($name: self.$name.get(),)* }
            }
        }
    };
}
pub(crate) use counters;

counters! { Counters, CounterSnapshot:
    /// Connections that reached the open state.
    connections_opened,
    /// Connections that ended, for whatever reason, after having been open.
    connections_closed,
    /// Incoming connections turned away: no CER in time, garbage, unknown peer, too many.
    connections_refused,
    /// Attempts to connect that failed.
    connect_failures,
    /// Requests of ours put on a connection, repetitions included.
    requests_sent,
    /// Requests put on another connection after a failover, with the T bit.
    retransmissions,
    /// Requests tried again at another peer because the first answered that it cannot deliver.
    alternates,
    /// Answers matched to a request.
    answers_received,
    /// Requests that had no answer in time.
    timeouts,
    /// Requests refused at once because too many are under way.
    overloads,
    /// Requests of peers handed to the handler.
    requests_received,
    /// Answers of the handler sent.
    answers_sent,
    /// Requests answered by the node itself with an error.
    requests_refused,
    /// Answers to nothing under way: late, repeated, unasked for.
    stray_answers,
    /// Answers whose command or application is not the request's.
    mismatched_answers,
    /// Messages that do not decode.
    malformed_messages,
    /// Watchdogs sent.
    watchdogs_sent,
    /// Connections given up as suspect, their requests moved.
    failovers,
    /// Elections decided (both sides connected at once).
    elections,
    /// Connections that an election ended, on either side.
    election_closes,
    /// System calls that wrote messages.
    writes,
    /// System calls that read messages.
    reads,
}

/// One counter.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn one(&self) {
        self.add(1);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
