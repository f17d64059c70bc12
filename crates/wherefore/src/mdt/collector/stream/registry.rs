//! Who may stream, and what they said they would.

use super::super::{Collector, phones};
use crate::config::{Mdt, MdtConsent};
use anyhow::{Context as _, Result};
use mdt::job::TraceJob;
use mdt::rrc::TraceReference;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most connections at once; one that has no socket yet gives way to a new one.
const MAX_CONNECTIONS: usize = 64;
/// Most streams of one.
pub(super) const MAX_STREAMS: usize = 64;
/// Longest name of a producer.
pub(super) const MAX_NAME: usize = 400;

/// A producer, by the hash of its token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Producer([u8; 32]);

/// Name of a connection: random, so that nobody guesses another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ConnectionId(pub(super) [u8; 16]);

/// One connection.
pub(super) struct Connection {
    owner: Producer,
    /// DN of the producer, as it says.
    pub(super) name: String,
    /// Jobs whose records may come.
    pub(super) jobs: Vec<TraceReference>,
    /// Whether a socket is there.
    connected: bool,
    /// The order in which connections were made.
    number: u64,
}

/// All connections.
pub(in super::super) struct Streams {
    tokens: HashSet<[u8; 32]>,
    connections: Mutex<(u64, BTreeMap<ConnectionId, Connection>)>,
}

/// There is no place for another connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

impl Streams {
    pub(in super::super) fn open(config: &Mdt) -> Result<Self> {
        let tokens = config.producer_tokens_file.as_deref().map(phones::tokens).transpose();
        let tokens = tokens.context("mdt.producer_tokens_file")?.unwrap_or_default();
        Ok(Self { tokens, connections: Mutex::new((0, BTreeMap::new())) })
    }

    /// Who this is.
    pub(super) fn producer(&self, token: Option<&str>) -> Option<Producer> {
        phones::known(&self.tokens, token).map(Producer)
    }

    fn lock(&self) -> MutexGuard<'_, (u64, BTreeMap<ConnectionId, Connection>)> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a connection that is about to come.
    pub(super) fn add(
        &self,
        id: ConnectionId,
        owner: Producer,
        name: String,
        jobs: Vec<TraceReference>,
    ) -> Result<(), Full> {
        let mut locked = self.lock();
        let (number, connections) = &mut *locked;
        if connections.len() >= MAX_CONNECTIONS {
            let idle = connections.iter().filter(|(_, known)| !known.connected);
            let oldest = idle.min_by_key(|(_, known)| known.number).map(|(id, _)| *id).ok_or(Full)?;
            connections.remove(&oldest);
        }
        *number += 1;
        connections.insert(id, Connection { owner, name, jobs, connected: false, number: *number });
        Ok(())
    }

    /// Looks at a producer's own connection; nothing for another's.
    pub(super) fn with<T>(
        &self,
        id: ConnectionId,
        owner: Producer,
        work: impl FnOnce(&mut Connection) -> T,
    ) -> Option<T> {
        self.lock().1.get_mut(&id).filter(|known| known.owner == owner).map(work)
    }

    /// A producer's own connections.
    pub(super) fn of(&self, owner: Producer) -> Vec<ConnectionId> {
        let locked = self.lock();
        locked.1.iter().filter(|(_, known)| known.owner == owner).map(|(id, _)| *id).collect()
    }

    /// Takes the one socket of a connection; nothing where it has one, or is another's.
    pub(super) fn connect(&self, id: ConnectionId, owner: Producer) -> bool {
        let taken = |known: &mut Connection| !std::mem::replace(&mut known.connected, true);
        self.with(id, owner, taken).unwrap_or(false)
    }

    /// Whether records of a job may come.
    pub(super) fn streams(&self, id: ConnectionId, job: TraceReference) -> bool {
        self.lock().1.get(&id).is_some_and(|known| known.jobs.contains(&job))
    }

    /// Forgets a connection whose socket is gone.
    pub(super) fn remove(&self, id: ConnectionId) {
        self.lock().1.remove(&id);
    }
}

impl Collector {
    /// The job whose records may come by a stream.
    ///
    /// # Errors
    /// Why not, in words for the operator of the network.
    pub(super) fn admit_stream(&self, job: TraceReference) -> Result<Arc<TraceJob>, &'static str> {
        let Some(kept) = self.jobs.running(job) else { return Err("no such job runs here") };
        if kept.anonymization().is_none() {
            return Err("the job is of one subscriber, and a stream brings nobody's consent");
        }
        if !self.is_ours(&kept) {
            return Err("the job is of another collector");
        }
        match self.config.consent {
            MdtConsent::Network => Ok(kept),
            MdtConsent::Reference => Err("consent is looked up by reference here, and a stream brings none"),
        }
    }
}
