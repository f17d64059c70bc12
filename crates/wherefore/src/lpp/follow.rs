//! The gateway's ear at the register: whose profile changed (TS 23.271 clause 9.1.1.2).

use super::client::HttpRoad;
use super::server::WAIT;
use super::wire::{RequestId, UpdatesRequest};
use lcs::{Duration, Identities};

/// What a gateway keeps about subscribers.
pub(crate) trait Keeps: Sync {
    /// Drops what is kept about one.
    fn drop_of(&self, whose: &Identities);
    /// Drops everything.
    fn drop_all(&self);
}

/// The first pause after a failure; doubled up to the longest.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Follows the changes for ever. What is told has taken effect before it is acknowledged, by the next question; what was missed is
/// made good by dropping everything.
pub(crate) async fn follow(road: HttpRoad, kept: &impl Keeps) {
    let mut request = UpdatesRequest { feed: None, acknowledged: 0 };
    let mut pause = PAUSE;
    loop {
        match road.updates(&request, WAIT).await {
            Ok(told) => {
                pause = PAUSE;
                if told.resync {
                    kept.drop_all();
                }
                for update in &told.updates {
                    match update.target.identities() {
                        Some(whose) => kept.drop_of(&whose),
                        None => kept.drop_all(),
                    }
                }
                let RequestId(feed) = told.feed;
                request = UpdatesRequest { feed: Some(RequestId(feed)), acknowledged: told.last };
            }
            Err(missed) => {
                tracing::warn!(outcome = missed.word(), "Lpp: changes of profiles are not told; asked again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
