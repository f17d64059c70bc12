//! OMA Roaming Location Protocol (RLP), the Lr reference point: requests for a location between gateways.
//!
//! ```text
//!   requesting ── Outgoing::to_home ─────────> home ── Outgoing::to_visited(instruction) ──> visited
//!        └─────── Outgoing::overriding ─────────────────────────────────────────────────────────┘
//!   each: parse_svc_init ─> SvcInit ─> Immediate ── Answer::write ─> parse_svc_result ─> SvcResult
//! ```
//!
//! Immediate requests (`srlir`, `erlir`) and triggered ones (`trlrr`, `trlrsr`, with [`News`] of them); those of SUPL are known by name
//! and answered 108. What the standard has
//! no element for, or none that could be found out, is in an element of a namespace of our own: see [`EXTENSION`]. What of
//! the standard could not be verified is named in `docs/conformance/oma-rlp.md`.
//!
//! One law is in the types: a request to a visited gateway is made from a [`PrivacyInstruction`], because the node there does
//! what the request says, and one that says nothing would be located without a check (TS 23.271 clause 9.1.1 step 8).

mod answer;
mod client;
mod error;
mod extension;
mod immediate;
mod init;
mod instruction;
mod names;
mod news;
mod outgoing;
mod passed_on;
mod peer;
mod place;
mod result;
mod result_extension;
mod routing;
mod subject;
mod triggered;
mod version;
mod write_request;

pub use answer::{Answer, AnswerBody, AnswerElement, PositionMethod, Report, write_failure, write_stopped};
pub use error::{AnswerError, RlpError};
pub use extension::{EXTENSION, Plmn, Transaction};
pub use immediate::{Immediate, ImmediateService};
pub use init::{Sender, Service, SvcInit, UnsupportedService, parse_svc_init};
pub use instruction::{InstructionError, PrivacyInstruction};
pub use news::{News, OutgoingNews, OutgoingTold, PeerNews, PeerReport, PeerReported, is_svc_result, parse_news};
pub use outgoing::{Outgoing, OutgoingError};
pub use passed_on::{OutgoingPassedOn, PassedOn, PassedOnTold};
pub use peer::{PeerFailure, peer_failure};
pub use result::{PeerOutcome, PeerPosition, SvcResult, parse_svc_result};
pub use routing::{Routing, ServerAddress};
pub use subject::Subject;
pub use triggered::{OutgoingStop, Stop, Triggered};
pub use version::Version;

/// Port of RLP, not from a text that was seen: see `docs/conformance/oma-rlp.md`.
pub const PORT: u16 = 7273;
