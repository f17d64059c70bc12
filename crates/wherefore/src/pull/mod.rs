//! The role `pull`: an HTTP proxy for terminals that tells a client, under a pseudonym, who is there, if the client asks and the
//! subscriber lets (TS 23.271 Annex E, Fig. E.2). The exchange and its threats are in `docs/pull.md`.
//!
//! ```text
//!  terminal ──> server ──> relay ──> upstream ──> client
//!                  │         │ 401 with a challenge
//!                  │      introduce ──> privacy::Ppr, consent ──> pmd ──> disclosure log ──> issuer
//!                front: keys, questions, redirect form
//! ```
//!
//! No line of the log and no metric has a pseudonym, a number or an address of a terminal in it.

mod authorize;
mod body;
mod consent;
mod front;
mod guard;
mod introduce;
mod issuer;
mod keys;
mod origin;
mod pages;
mod relay;
mod server;
mod sites;
mod terminals;
mod upstream;

pub use keys::AssertionKeyError;
pub use origin::Origin;
pub(crate) use server::{bind, serve};
pub use terminals::{Lease, LeaseError, Leases};

use crate::config;
use crate::core::Core;
use crate::identity_headers::IdentityHeaders;
use anyhow::{Context as _, Result};
use consent::Questions;
use guard::Guard;
use issuer::Issuer;
use lcs::{Duration, Msisdn, Timestamp};
use sites::Sites;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use upstream::Upstream;

/// The role.
pub(crate) struct Pull {
    core: Arc<Core>,
    leases: Arc<Leases>,
    sites: Sites,
    issuer: Issuer,
    questions: Questions,
    headers: IdentityHeaders,
    upstream: Upstream,
}

/// Who is at the other end of a connection.
pub(crate) struct Terminal {
    address: SocketAddr,
    /// Whether it is in one of the networks of terminals.
    in_access: bool,
    /// The lease that it was first seen under. A connection is one terminal's: where the address has passed to another meanwhile, it
    /// is nobody's.
    lease: OnceLock<u64>,
    /// Its place among the connections.
    place: Arc<tokio::sync::OwnedSemaphorePermit>,
}

impl Terminal {
    fn place(&self) -> Arc<tokio::sync::OwnedSemaphorePermit> {
        Arc::clone(&self.place)
    }
}

impl Pull {
    /// The role over the running gateway. `own`: where this process listens.
    ///
    /// # Errors
    /// Keys or certificates cannot be had.
    pub(crate) fn new(core: Arc<Core>, leases: Arc<Leases>, own: &[SocketAddr]) -> Result<Self> {
        let pull = &core.config.pull;
        let origin = pull.origin.as_deref().and_then(Origin::parse).context("pull.origin: not an origin")?;
        let guard = Guard::new(own.iter().map(SocketAddr::port).collect());
        let upstream = Upstream::new(guard, pull.ca_file.as_deref(), Duration::from_millis(pull.timeout_ms))?;
        Ok(Self {
            leases,
            sites: Sites::new(&pull.client),
            issuer: Issuer::open(origin, pull, core.now())?,
            questions: Questions::new(Duration::from_secs(pull.ask_s), Duration::from_secs(pull.consent_s)),
            headers: IdentityHeaders::new(&pull.identity_headers).context("pull.identity_headers")?,
            upstream,
            core,
        })
    }

    fn settings(&self) -> &config::Pull {
        &self.core.config.pull
    }

    /// Whose terminal it is.
    fn subscriber(&self, terminal: &Terminal, now: Timestamp) -> Option<Msisdn> {
        let lease = self.leases.of(terminal.address.ip(), now)?;
        let first = *terminal.lease.get_or_init(|| lease.number);
        (terminal.in_access && first == lease.number).then_some(lease.subscriber)
    }

    /// Looks after keys, leases and questions, for ever.
    pub(crate) async fn tend(&self) {
        loop {
            tokio::time::sleep(TENDING).await;
            let now = self.core.now();
            if let Err(error) = self.issuer.tend(now) {
                tracing::error!(%error, "pull: the keys that sign go on to");
            }
            self.leases.prune(now);
            self.silence(now).await;
        }
    }
}

/// How often that is.
const TENDING: Duration = Duration::from_secs(1);

/// Base 64 with padding (RFC 4648 section 4).
fn base64(octets: &[u8]) -> String {
    use base64ct::{Base64, Encoding as _};
    Base64::encode_string(octets)
}
