//! The interface for Kotlin, Swift and Python, by UniFFI. Names follow the log's; each language spells them its own way.

use crate::phone::{Phone, Settings, World, fits};
use crate::refusal::Refusal;
use mdt_log::entry::{MAX_LOCATION, Measurement, Neighbour, Results};
use mdt_log::log::{Delivery, Profile};
use mdt_log::machine::{Area, Camping, CellId, Configuration, Event, Phase, Radio, Trigger};
use mdt_log::{BootId, Content, JobReference, Kind, Rat, ReportFacts, Request};
use std::boxed::Box;
use std::sync::{Arc, Mutex, MutexGuard};
use zeroize::{Zeroize as _, Zeroizing};

mod ports;
mod values;

use ports::Ports;
pub use ports::{PhoneClock, PhoneRandom, PhoneStorage, PhoneVault, PortError};
pub use values::*;

/// A profile of the log.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum LogProfile {
    /// 64 KiB of entries and more.
    Standard,
    /// 16 KiB of entries and more, for devices of reduced capability.
    Reduced,
}

/// What a phone is told when its program starts.
#[derive(uniffi::Record)]
pub struct Start {
    /// How much may be logged.
    pub profile: LogProfile,
    /// 16 octets drawn at each boot of the phone, the same until the next.
    pub boot: Vec<u8>,
    /// Ed25519 public keys that may sign the key list, 32 octets each.
    pub roots: Vec<Vec<u8>>,
    /// The signed key list.
    pub key_list: Vec<u8>,
    /// Version of the key list that was taken last, 0 at first.
    pub key_list_version: u64,
}

/// The phone's side. Calls from several threads wait for each other; a callback must not call it.
#[derive(uniffi::Object)]
pub struct MdtLog {
    inside: Mutex<Phone<Ports, Ports, Ports>>,
}

#[uniffi::export]
impl MdtLog {
    /// Starts, after a boot, a crash or an update.
    #[uniffi::constructor]
    pub fn start(
        storage: Arc<dyn PhoneStorage>,
        vault: Arc<dyn PhoneVault>,
        clock: Arc<dyn PhoneClock>,
        random: Arc<dyn PhoneRandom>,
        start: Start,
    ) -> Result<Arc<Self>, Refusal> {
        let ports = Ports { storage, vault, clock, random };
        let root = |root: &Vec<u8>| <[u8; 32]>::try_from(root.as_slice()).map_err(|_| Refusal::Argument);
        let settings = Settings {
            profile: match start.profile {
                LogProfile::Standard => Profile::STANDARD,
                LogProfile::Reduced => Profile::REDUCED,
            },
            boot: BootId(start.boot.as_slice().try_into().map_err(|_| Refusal::Argument)?),
            roots: start.roots.iter().map(root).collect::<Result<_, _>>()?,
            key_list: start.key_list,
            key_list_version: start.key_list_version,
        };
        let inside = Phone::start((ports.clone(), ports.clone()), ports, &settings)?;
        Ok(Arc::new(Self { inside: Mutex::new(inside) }))
    }

    /// Takes a newer key list; gives its version, to be kept and shown at the next start.
    pub fn renew(&self, key_list: Vec<u8>) -> Result<u64, Refusal> {
        self.inside()?.renew(&key_list)
    }

    /// A configuration arrived. What becomes of it is among the requests.
    pub fn configure(&self, configuration: LoggedConfiguration) -> Result<(), Refusal> {
        self.event(Event::Configure(Box::new(configuration.try_into()?)))
    }

    /// The modem says where the phone is.
    pub fn radio(&self, radio: RadioState) -> Result<(), Refusal> {
        self.event(Event::Radio(radio.try_into()?))
    }

    /// Something happened. When the refusal is `Storage`, say it again, or clear, until there is none.
    pub fn happened(&self, what: PhoneEvent) -> Result<(), Refusal> {
        self.event(what.into())
    }

    /// The user wants a pause of so many milliseconds.
    pub fn pause(&self, duration_ms: u64) -> Result<(), Refusal> {
        self.event(Event::Pause(duration_ms))
    }

    /// What the driver must do next; ask after every call until there is nothing.
    pub fn next_request(&self) -> Result<Option<DriverRequest>, Refusal> {
        Ok(self.inside()?.next_request().map(Into::into))
    }

    /// Seals the entry that was asked for; durable at once, or by `flush`. False if nobody asked for one or the memory is full. Wipe
    /// the octets in your own memory: these are a copy, which is wiped.
    pub fn entry(&self, content: Vec<u8>, durable: bool) -> Result<bool, Refusal> {
        let mut content = Zeroizing::new(content);
        self.inside()?.entry(&mut content, durable)
    }

    /// Makes the entry that was asked for out of a measurement, for configurations with content `Cbor`, and seals it as `entry` does.
    pub fn measured(&self, measurement: PhoneMeasurement, durable: bool) -> Result<bool, Refusal> {
        self.inside()?.measured(measurement.try_into()?, durable)
    }

    /// Seals a report of a failure. False if the user opted out or paused, or the entity has no key.
    pub fn report(
        &self,
        kind: ReportKind,
        content_kind: EntryContent,
        content: Vec<u8>,
        consent: Vec<u8>,
        tce_id: u8,
    ) -> Result<bool, Refusal> {
        let mut content = Zeroizing::new(content);
        let kind = match kind {
            ReportKind::RadioLinkFailure => Kind::RadioLinkFailure,
            ReportKind::ConnectionFailure => Kind::ConnectionFailure,
        };
        self.inside()?.report(kind, &mut content, &ReportFacts { content: content_kind.into(), consent }, tce_id)
    }

    /// Makes durable what was logged.
    pub fn flush(&self) -> Result<(), Refusal> {
        self.inside()?.flush()
    }

    /// What may be shown to the user.
    pub fn overview(&self) -> Result<LogOverview, Refusal> {
        let inside = self.inside()?;
        let seen = inside.overview();
        let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(LogOverview {
            phase: seen.phase.into(),
            available: seen.available,
            undecided: inside.undecided(),
            paused_until_ms: seen.paused_until_ms,
            deadline_ms: inside.deadline_ms(),
            records: seen.status.records,
            octets: seen.status.octets,
            segments: count(seen.status.segments),
            reports: count(seen.status.reports),
        })
    }

    /// What the register is told an opt-out by, in a request to the collector; empty where no job ever brought one.
    pub fn consent_reference(&self) -> Result<Vec<u8>, Refusal> {
        Ok(self.inside()?.consent_reference().to_vec())
    }

    /// Begins an upload, or begins it again. What is logged from now on belongs to the next.
    pub fn upload(&self) -> Result<(), Refusal> {
        self.inside()?.upload()
    }

    /// The next piece of so many octets at most, oldest first; nothing after the last. It stays on the phone until a receipt.
    pub fn next_piece(&self, limit: u32) -> Result<Option<SealedPiece>, Refusal> {
        let limit = usize::try_from(limit).map_err(|_| Refusal::Argument)?;
        let mut inside = self.inside()?;
        Ok(inside.piece(limit)?.map(|part| SealedPiece {
            epoch: part.epoch.0.to_vec(),
            segment: part.segment.0.to_vec(),
            offset: part.offset,
            of: part.of,
            octets: part.octets.clone(),
        }))
    }

    /// The unlock message for the segment or report of the last piece. For the connection to the collector only, never for storage.
    pub fn unlock(&self) -> Result<Vec<u8>, Refusal> {
        self.inside()?.unlock()
    }

    /// Takes a receipt: what is delivered is erased. The same receipt again does nothing.
    pub fn received(&self, receipt: Vec<u8>) -> Result<LogDelivery, Refusal> {
        let (named, cleared_meanwhile) = match self.inside()?.received(&receipt)? {
            Delivery::Delivered(named) => (named, false),
            Delivery::ClearedMeanwhile(named) => (named, true),
        };
        let submission = |named: &mdt_log::log::Submission| LogSubmission {
            segment: named.segment.0.to_vec(),
            token: named.token.0.to_vec(),
        };
        Ok(LogDelivery { submissions: named.iter().map(submission).collect(), cleared_meanwhile })
    }
}

impl MdtLog {
    /// After a panic in an earlier call nothing works any more: what is inside may be half changed. Start again.
    fn inside(&self) -> Result<MutexGuard<'_, Phone<Ports, Ports, Ports>>, Refusal> {
        self.inside.lock().map_err(|_| Refusal::Internal)
    }

    fn event(&self, event: Event) -> Result<(), Refusal> {
        self.inside()?.event(event)
    }
}
