//! The common messages of the base protocol (RFC 6733 section 5) and answers that report an error (section 7.2).

mod answer;
mod applications;
mod capabilities;
mod disconnect;
mod session;
mod watchdog;

pub use answer::{Origin, error_answer, failure_answer};
pub use applications::{VendorSpecificApplicationId, common_applications};
pub use capabilities::{CapabilitiesExchangeAnswer, CapabilitiesExchangeRequest, InbandSecurity};
pub use disconnect::{DisconnectCause, DisconnectPeerAnswer, DisconnectPeerRequest};
pub use session::{AuthSessionState, SessionIds};
pub use watchdog::{DeviceWatchdogAnswer, DeviceWatchdogRequest};
