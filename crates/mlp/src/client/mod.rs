//! The client's side: builds requests and reads answers and reports. For laboratories and tests.

mod answer;
mod report_answer;
mod request;

pub(crate) use answer::degrees;
pub use answer::{ClientError, ReportedClient, ReportedPosition, SvcResult, parse_svc_result};
pub use report_answer::write_report_answer;
pub use request::{ClientTarget, Request};
