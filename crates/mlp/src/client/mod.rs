//! The client's side: builds requests and reads answers and reports. For laboratories and tests.

mod answer;
mod report_answer;
mod request;
mod triggered;

pub(crate) use answer::degrees;
pub use answer::{ClientError, ReportedClient, ReportedPosition, ReportedTrigger, SvcResult, parse_svc_result};
pub use report_answer::write_report_answer;
pub use request::{ClientTarget, Request};
pub use triggered::{ClientArea, ClientEvent, StopRequest, TriggeredRequest, query};
