//! The phone's side as both interfaces see it: an agent, its key list, the requests that wait, and an upload under way. No unsafe code.

use crate::refusal::Refusal;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use chacha20::ChaCha20Rng;
use mdt_log::entry::{EntryMaker, Measurement};
use mdt_log::log::{Delivery, Part, Profile};
use mdt_log::machine::Event;
use mdt_log::rand_core::{Rng as _, SeedableRng};
use mdt_log::{
    Agent, BootId, EpochId, KeyList, Kind, MAX_CONSENT_REFERENCE, Overview, Receipt, ReportFacts, Request, Storage,
    Vault,
};
use zeroize::Zeroizing;

/// Octets of the longest trace reference.
const LONGEST_TRACE_REFERENCE: usize = 8;
/// Octets of the longest head with its encapsulated key.
const LONGEST_HEAD: usize = 2048;

/// What a phone brings besides its two stores.
pub(crate) trait World {
    /// Milliseconds since the phone started, sleep included.
    fn now_ms(&mut self) -> u64;

    /// Seconds since 1970.
    fn now_s(&mut self) -> u64;

    /// 32 octets that nobody can guess; nothing when the source failed.
    fn seed(&mut self) -> Option<Zeroizing<[u8; 32]>>;
}

/// What a phone is told when its program starts.
pub(crate) struct Settings {
    pub(crate) profile: Profile,
    pub(crate) boot: BootId,
    /// Ed25519 public keys that may sign the key list.
    pub(crate) roots: Vec<[u8; 32]>,
    /// The signed key list.
    pub(crate) key_list: Vec<u8>,
    /// Version of the key list that was taken last.
    pub(crate) key_list_version: u64,
}

/// Whether trace reference and evidence of consent of a configuration fit into a head.
pub(crate) fn fits(trace_reference: &[u8], consent: &[u8]) -> Result<(), Refusal> {
    let fits = trace_reference.len() <= LONGEST_TRACE_REFERENCE && consent.len() <= MAX_CONSENT_REFERENCE;
    fits.then_some(()).ok_or(Refusal::Argument)
}

/// An upload under way.
#[derive(Default)]
struct Upload {
    epochs: VecDeque<EpochId>,
    /// The piece that was given last.
    last: Option<Part>,
    /// The last piece of the segment before that of `last`, in the same epoch.
    before: Option<Part>,
}

/// The phone's side.
pub(crate) struct Phone<S, V, W> {
    agent: Agent<S, V, ChaCha20Rng>,
    world: W,
    keys: KeyList,
    roots: Vec<[u8; 32]>,
    requests: VecDeque<Request>,
    entries: EntryMaker,
    /// The entry that was asked for: seconds since the configuration, any cell selection.
    asked: Option<(u16, bool)>,
    upload: Upload,
    /// Whether the vault could not be read when the program started.
    undecided: bool,
}

impl<S: Storage, V: Vault, W: World> Phone<S, V, W> {
    pub(crate) fn start(stores: (S, V), mut world: W, settings: &Settings) -> Result<Self, Refusal> {
        let now_s = world.now_s();
        let keys = KeyList::verify(&settings.key_list, &settings.roots, settings.key_list_version, now_s)?;
        let generator = ChaCha20Rng::from_seed(*world.seed().ok_or(Refusal::Random)?);
        let ports = (stores.0, stores.1, generator);
        let now_ms = world.now_ms();
        let (agent, recovery, requests) =
            Agent::start(ports, settings.profile, settings.boot, keys.clone(), now_ms, now_s)?;
        let mut phone = Self {
            agent,
            world,
            keys,
            roots: settings.roots.clone(),
            requests: VecDeque::new(),
            entries: EntryMaker::default(),
            asked: None,
            upload: Upload::default(),
            undecided: recovery.unreadable,
        };
        phone.take(requests);
        phone.forget_randomness();
        Ok(phone)
    }

    /// Takes a newer key list; gives its version, to be kept and shown at the next start.
    pub(crate) fn renew(&mut self, key_list: &[u8]) -> Result<u64, Refusal> {
        let now_s = self.world.now_s();
        let keys = KeyList::verify(key_list, &self.roots, self.keys.version, now_s)?;
        self.keys = keys.clone();
        self.agent.renew(keys, now_s);
        Ok(self.keys.version)
    }

    pub(crate) fn event(&mut self, event: Event) -> Result<(), Refusal> {
        if matches!(event, Event::Configure(_)) {
            self.entries = EntryMaker::default();
        }
        // What the user decides is done also when the random source fails: the generator goes on from what it drew last.
        if let Some(seed) = self.world.seed() {
            *self.agent.generator() = ChaCha20Rng::from_seed(*seed);
        }
        self.asked = None;
        let now_ms = self.world.now_ms();
        let requests = self.agent.event(event, now_ms);
        self.forget_randomness();
        self.take(requests?);
        Ok(())
    }

    /// What the driver must do next; each is given once.
    pub(crate) fn next_request(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }

    /// Seals the entry that was asked for. The content is zero afterwards.
    pub(crate) fn entry(&mut self, content: &mut [u8], durable: bool) -> Result<bool, Refusal> {
        let sealed = self.drawing(|phone| {
            phone.asked = None;
            Ok(phone.agent.entry(content, durable)?)
        });
        zeroize::Zeroize::zeroize(content);
        sealed
    }

    /// Makes the entry that was asked for out of a measurement, in CBOR, and seals it. Says whether it did: not when nobody asked, or the
    /// job's entries are not in CBOR.
    pub(crate) fn measured(&mut self, measurement: Measurement, durable: bool) -> Result<bool, Refusal> {
        let job = self.agent.configuration().map(|c| (c.content, c.job.interval_ms));
        let (Some((relative_s, any_cell)), Some((mdt_log::Content::Cbor, interval_ms))) = (self.asked, job) else {
            return Ok(false);
        };
        let now_ms = self.world.now_ms();
        let entry = self.entries.entry(measurement, relative_s, any_cell, interval_ms, now_ms);
        self.entry(&mut entry.encode(), durable)
    }

    /// Seals a report of a failure; says whether it did: not when the user opted out or paused, nor without a key of the entity.
    pub(crate) fn report(
        &mut self,
        kind: Kind,
        content: &mut [u8],
        facts: &ReportFacts,
        tce_id: u8,
    ) -> Result<bool, Refusal> {
        let sealed = self.drawing(|phone| Ok(phone.agent.report(kind, content, facts, tce_id)?));
        zeroize::Zeroize::zeroize(content);
        sealed
    }

    pub(crate) fn flush(&mut self) -> Result<(), Refusal> {
        Ok(self.agent.flush()?)
    }

    pub(crate) fn overview(&self) -> Overview {
        self.agent.overview()
    }

    pub(crate) fn undecided(&self) -> bool {
        self.undecided
    }

    /// What the register is told an opt-out by; empty where no job ever brought one.
    pub(crate) fn consent_reference(&self) -> &[u8] {
        self.agent.consent_reference().unwrap_or_default()
    }

    pub(crate) fn deadline_ms(&self) -> Option<u64> {
        self.agent.deadline_ms()
    }

    /// Begins an upload anew, also one that failed.
    pub(crate) fn upload(&mut self) -> Result<(), Refusal> {
        self.upload = Upload::default();
        self.drawing(|phone| {
            let log = phone.agent.upload().ok_or(Refusal::NothingToUpload)?;
            phone.upload.epochs = log.freeze()?.into();
            Ok(())
        })
    }

    /// The next piece, oldest first; nothing after the last.
    pub(crate) fn piece(&mut self, limit: usize) -> Result<Option<&Part>, Refusal> {
        let log = self.agent.upload().ok_or(Refusal::NothingToUpload)?;
        while let Some(epoch) = self.upload.epochs.front().copied() {
            if let Some(part) = log.part(epoch, self.upload.last.as_ref(), limit)? {
                if self.upload.last.as_ref().is_some_and(|last| last.segment != part.segment) {
                    self.upload.before = self.upload.last.take();
                }
                return Ok(Some(self.upload.last.insert(part)));
            }
            self.upload.epochs.pop_front();
            (self.upload.last, self.upload.before) = (None, None);
        }
        Ok(None)
    }

    /// The unlock message for the segment or report of the piece that was given last.
    pub(crate) fn unlock(&mut self) -> Result<Vec<u8>, Refusal> {
        let epoch = self.upload.last.as_ref().map(|last| last.epoch).ok_or(Refusal::NothingToUpload)?;
        self.drawing(|phone| {
            let log = phone.agent.upload().ok_or(Refusal::NothingToUpload)?;
            let head = log.part(epoch, phone.upload.before.as_ref(), LONGEST_HEAD)?.ok_or(Refusal::NothingToUpload)?;
            let now_s = phone.world.now_s();
            let to = phone.keys.unlocking(&head.octets, now_s).ok_or(Refusal::Collector)?;
            let log = phone.agent.upload().ok_or(Refusal::NothingToUpload)?;
            Ok(log.unlock(epoch, to)?)
        })
    }

    /// Takes a receipt: what is delivered is erased.
    pub(crate) fn received(&mut self, receipt: &[u8]) -> Result<Delivery, Refusal> {
        let receipt = Receipt::verify(receipt, &self.keys, self.world.now_s())?;
        self.drawing(|phone| Ok(phone.agent.received(&receipt)?))
    }

    fn take(&mut self, requests: Vec<Request>) {
        for request in requests {
            if let Request::Measure { relative_s, any_cell_selection } = request {
                self.asked = Some((relative_s, any_cell_selection));
            }
            self.requests.push_back(request);
        }
    }

    /// Does what may need random numbers: with new ones from the phone, and none left over.
    fn drawing<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let seed = self.world.seed().ok_or(Refusal::Random)?;
        *self.agent.generator() = ChaCha20Rng::from_seed(*seed);
        let done = work(self);
        self.forget_randomness();
        done
    }

    /// From the state that made the keys of a segment those keys could be made again: it is replaced by what it draws next.
    fn forget_randomness(&mut self) {
        let mut next = Zeroizing::new([0; 32]);
        self.agent.generator().fill_bytes(next.as_mut_slice());
        *self.agent.generator() = ChaCha20Rng::from_seed(*next);
    }
}
