//! Deferred requests: one that waits for an event, from its arming to its end (TS 23.271 clauses 4.4.2, 9.1.8, 9.1.9, 9.1.12 and
//! 9.1.19).
//!
//! ```text
//!   LdrRequest ── activate ──> node acknowledges ──> Ldr (armed) ── report of the node ──> ldr_report ──> Cleared, recorded
//!                                                      │
//!                                                      └── end: by client, subscriber, time, node, privacy check
//! ```
//!
//! [`Ldr`] is the state of one request: a machine that takes events and the time, and gives actions and a deadline. What is done with the
//! network, the privacy check and the disclosure log is two straight-line procedures, [`activate`] and [`ldr_report`]; where another gateway
//! is the home one, [`refer_ldr`] and [`relay_ldr_report`]; where this one is the visited one, [`activate_instructed`] and
//! [`report_instructed`].

mod activate;
mod by_card;
mod instructed;
mod keep;
mod machine;
mod octets;
mod order;
mod plan;
mod refer;
mod reference;
mod report;
mod words;

pub use activate::{Activated, Waiter, activate, activate_for, foresee};
pub use instructed::{Instruction, activate_instructed, report_instructed};
pub use keep::{Keep, Kept};
pub use machine::{Dropped, Ldr, LdrAction, LdrEvent, Mark, NodeReport, Pauser, Phase};
pub use octets::UnreadableLdr;
pub use order::{AreaRefusal, CardRoad, LdrCancel, LdrOrder, LdrRoad};
pub use plan::{Plan, PlanError};
pub use refer::{AtHome, Referred, refer_ldr, relay_ldr_report};
pub use reference::References;
pub use report::{LdrAsk, ldr_report};
pub use words::{EndReason, LdrEnd, LdrPause, LdrReport, LdrRequest, ReportedEvent, Rounds};
