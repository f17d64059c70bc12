//! Values inside the parameters: each element by itself.

mod bits;
mod codes;
mod digits;
mod octets;
mod text;

pub use bits::DeferredEvents;
pub(super) use codes::enumeration;
pub use codes::{AccuracyFulfilment, AreaType, LcsEvent, OccurrenceInfo, RanTechnology};
pub use digits::{Lmsi, SubscriberIdentity};
pub use octets::{List, Number, Octets};
pub use text::{ApnLabels, DiameterIdentity};
pub(super) use text::{pack, pack_whole, unpack};
