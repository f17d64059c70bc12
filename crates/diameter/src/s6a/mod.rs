//! S6a and S6d, as far as location services go: the LCS privacy profile that an HSS downloads to an MME or SGSN (TS 29.272).
//!
//! ```text
//!   Insert-Subscriber-Data-Request { Subscription-Data { LCS-Info { LCS-PrivacyException { External-Client } , MO-LR } } }
//! ```

#[allow(unreachable_pub, reason = "the grammar writes public types, and these are for lcs_info alone")]
mod groups;
mod lcs_info;
mod mdt;
mod messages;
mod trace;

pub use lcs_info::{for_mme, lcs_info, read_lcs_info};
pub use mdt::MdtUserConsent;
pub use messages::{Ida, Idr, SubscriptionData};
pub use trace::{AreaScope, MAX_ALLOWED_PLMNS, MdtConfiguration, TraceData};
