//! The consent register of MDT: who was told, who said what, and whether a phone may be asked to log (TS 32.422 clause 4.9.1).
//!
//! ```text
//!  ConsentRegister::draft ──> Draft ── disclosure log ──> RecordedDraft ──> ConsentRegister::take     looser: recorded first
//!                               └ Draft::restriction ──> ConsentRegister::restrict                    stricter: at once, then recorded
//!
//!  ConsentRegister::permit(who, question, now)  ──> settle(facts), one table ──> MdtPermit, or Denied
//! ```
//!
//! Five things hold. Nobody is asked who was not told in advance. An opt-out ends every consent, outlives phone, SIM and number, and only
//! the person lifts it; that brings no consent back. An import never gives what anybody refused. What is unknown refuses. And no change
//! that loosens takes effect before its entry in the disclosure log is durable. The readings are in `docs/consent.md`.

mod change;
mod codec;
mod erasure;
mod notice;
mod permit;
mod person;
mod register;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use change::{Change, ChangeError, ConsentEntry, Order, PlainConsent};
pub use codec::RecordError;
pub use erasure::{ErasureDraft, RecordedErasure};
pub use notice::{Notice, NoticeBook, NoticeError, NoticeText};
pub use permit::{MdtPermit, Question};
pub use person::{Decision, Delivery, Held, IdentityHash, IdentityKind, Pause, Person, PersonId};
pub use register::{ConsentKey, ConsentRegister, Draft, Picture, RecordedDraft, Restriction};
pub use table::{Denied, Exclusion, Facts, Ground, Informed, OptOut, PauseState, Reach, Said, settle};
pub use words::{Channel, Keeps, Mode, Precision, Purpose, Purposes, Source};
