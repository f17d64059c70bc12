//! OMA Mobile Location Protocol (MLP), the Le reference point: XML in and out, without I/O.
//!
//! ```text
//!   HTTP body ── parse_svc_init ──> SvcInit { version, header, service }
//!                       │                                │
//!                   MlpError ── write ──┐         the daemon asks, records, releases
//!                                       v                │
//!                                  HTTP answer <── Answer::write, Report::write (pushed)
//! ```
//!
//! Requests of versions 3.2 to 3.5 are taken and answered in their own version. The immediate services `slir` and
//! `eme_lir` and the triggered ones `tlrr`, `tlrsr` and `tlrqr` are served; `hlir` is known by name and answered 108. A fault of
//! one target is kept apart from a fault of the request: see [`TargetEntry`]. Text that may be an identity or a secret has no printable
//! form: see [`Hidden`] and [`Msid`].
//!
//! The module [`client`] is the other side, for laboratories and tests.

mod answer;
pub mod client;
mod cursor;
mod document;
mod emergency;
mod error;
mod geometry;
mod header;
mod hidden;
mod immediate;
mod init;
mod msid;
mod names;
mod position;
mod quality;
mod result;
pub mod rlp;
mod shapes;
mod standard_report;
mod targets;
mod time;
mod triggered;
mod version;
mod write;

pub use answer::{Answer, AnswerBody, AnswerElement, Report, write_failure};
pub use emergency::{EmergencyReport, EmergencyTrigger};
pub use error::MlpError;
pub use header::{Application, ClientCredentials, Header, HeaderRequestor, PrivacyAction, Subclient};
pub use hidden::Hidden;
pub use immediate::{Immediate, ImmediateService, PushAddress};
pub use init::{Limits, Service, SvcInit, UnsupportedService, parse_svc_init};
pub use msid::{Msid, MsidEncoding, MsidType};
pub use position::{Outcome, Pos};
pub use quality::Quality;
pub use result::{ResultId, result_of};
pub use shapes::{MlpShape, SupportedShapes};
pub use standard_report::{StandardReport, parse_report_answer};
pub use targets::{Alternative, EmergencyKey, TargetEntry};
pub use triggered::{
    AreaChange, Misfit, MlpArea, PauseReport, Query, QueryReport, Schedule, Stop, StopNotice, Trigger, TriggerEvent,
    TriggerWord, Triggered, TriggeredAnswer, TriggeredOutcome, TriggeredPos, TriggeredReport, Waiting,
};
pub use version::Version;

/// Media type of every MLP body (OMA MLP section 5.6.1 leaves it open; this is what clients send).
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";
