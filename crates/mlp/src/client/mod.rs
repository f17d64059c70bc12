//! The client's side: builds requests and reads answers and reports. For laboratories and tests.

mod answer;
mod request;

pub use answer::{ClientError, ReportedPosition, SvcResult, parse_svc_result};
pub use request::{ClientTarget, Request};
