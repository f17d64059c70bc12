//! Counters of 40 bits: one for each direction and card (TS 102 225 clause 5.1.4).
//!
//! A counter that is used twice lets an old packet in again, so both ends write it down first. The types say so: a packet is sealed with a
//! [`Usable`] counter, which exists only after [`Reserved::store`]; what came is seen only after [`super::Received::accept`].

/// Greatest counter; behind it the keys have to change.
const GREATEST: u64 = (1 << 40) - 1;

/// The last counter that was handed out or taken, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Counter(u64);

impl Counter {
    /// From the store; `None` for more than 40 bits.
    #[must_use]
    pub fn new(value: u64) -> Option<Self> {
        (value <= GREATEST).then_some(Self(value))
    }

    /// For the store.
    #[must_use]
    pub fn value(self) -> u64 {
        self.0
    }

    /// The next one; `None` when there is no next: the keys are used up.
    #[must_use]
    pub fn next(self) -> Option<Reserved> {
        Self::new(self.0 + 1).map(Reserved)
    }

    pub(super) fn octets(self) -> [u8; 5] {
        let [_, _, _, rest @ ..] = self.0.to_be_bytes();
        rest
    }

    pub(super) fn from_octets([a, b, c, d, e]: [u8; 5]) -> Self {
        Self(u64::from_be_bytes([0, 0, 0, a, b, c, d, e]))
    }
}

/// A counter that must be stored before a packet may carry it.
#[derive(Debug)]
#[must_use = "stored, it becomes usable"]
pub struct Reserved(Counter);

impl Reserved {
    /// Stores it by `write`, which returns when it is durable.
    pub fn store<E>(self, write: impl FnOnce(Counter) -> Result<(), E>) -> Result<Usable, E> {
        write(self.0)?;
        Ok(Usable(self.0))
    }

    /// The same where a store makes one wait.
    pub async fn store_async<E>(self, write: impl AsyncFnOnce(Counter) -> Result<(), E>) -> Result<Usable, E> {
        write(self.0).await?;
        Ok(Usable(self.0))
    }
}

/// A counter that is durable: for one packet.
#[derive(Debug)]
pub struct Usable(Counter);

impl Usable {
    /// Which one.
    #[must_use]
    pub fn counter(&self) -> Counter {
        self.0
    }
}

/// What a receiver does about counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CounterCheck {
    /// It must exceed the last one taken.
    Greater,
    /// It must be the next after the last one taken.
    PlusOne,
}

impl CounterCheck {
    /// Whether `came` may follow `last`.
    pub(super) fn judge(self, last: Counter, came: Counter) -> Result<(), super::Status> {
        if came <= last {
            Err(super::Status::CounterLow)
        } else if self == Self::PlusOne && came.0 != last.0 + 1 {
            Err(super::Status::CounterHigh)
        } else if came.0 == GREATEST {
            // Taken, it would be the last of these keys: who sends it wants to shut the card off.
            Err(super::Status::CounterBlocked)
        } else {
            Ok(())
        }
    }
}
