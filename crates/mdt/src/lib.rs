//! MDT, the server side (TS 37.320): what phones and operators write, and the jobs that ask for it. No input or output, no clock.
//!
//! ```text
//!   an operator's TraceJob ──▶ job ──▶ what a phone is told
//!     of LTE ──▶ s1ap ──▶ what a cell is told of it
//!   RRC of a phone ──▶ rrc ──▶ LogColumns ──▶ (the collector anonymises and stores)
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`rrc`] | logged measurements, their configuration, reports of failures: TS 36.331, TS 38.331 |
//! | [`s1ap`] | the job as a core network hands it to a cell of LTE: TraceActivation of TS 36.413, aligned PER |
//! | [`stream`] | streaming trace records of TS 32.423 (GPB), without whom they are of |
//! | [`survey`] | cell measurements of survey programs as CSV, without the device that made them |
//! | [`trace_file`] | trace files of TS 32.423 as XML, without whom they are of |
//! | [`capture`] | RRC messages in lines of hexadecimal digits and in captures of packets |
//! | [`job`] | TraceJob of TS 28.622 and TS 28.623, its rules, and the configurations that follow from it |
//! | [`selection`] | who is asked: consent, cap on duty, least number in an area |

pub mod capture;
pub mod job;
pub mod rrc;
pub mod s1ap;
pub mod selection;
pub mod stream;
pub mod survey;
pub mod trace_file;
mod uper;
