//! What a network did so far, in numbers.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Counters of a running network.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($(#[$doc])* pub $name: AtomicU64,)*
        }

        /// The counters at one moment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        pub struct Counted {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// The counters now.
            #[must_use]
            pub fn now(&self) -> Counted {
                Counted { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }
    };
}

counters! {
    /// Routing information requests received.
    rir,
    /// Routing information requests answered with an error.
    rir_refused,
    /// Provide location requests received.
    plr,
    /// Provide location requests answered with an estimate or a cell.
    plr_located,
    /// Provide location requests answered with an error.
    plr_refused,
    /// Provide location requests that carried no LCS-Privacy-Check-Non-Session.
    plr_without_indicator,
    /// Notifications and questions shown to users.
    shown,
    /// Location reports sent.
    lrr,
    /// Location reports whose answer was a success.
    lrr_accepted,
    /// Requests for routing information received over MAP.
    sri,
    /// Those answered with an error.
    sri_refused,
    /// Location updates that an MSC or SGSN made.
    location_updates,
    /// Subscriber data that an MSC or SGSN took.
    subscriber_data,
    /// Requests for a location received over MAP.
    psl,
    /// Those with privacy indicators.
    psl_with_indicators,
    /// Those answered with an estimate, a cell, or the word that the user was told.
    psl_located,
    /// Those answered with an error.
    psl_refused,
    /// Location reports sent over MAP.
    slr,
    /// Those whose answer was a success.
    slr_accepted,
    /// Answers spoiled by a fault of a node's own logic; the taps count theirs.
    spoiled,
}

/// Adds one.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
