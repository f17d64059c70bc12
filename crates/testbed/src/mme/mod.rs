//! A mobility management entity with its phones.

mod decide;
mod deferred;
mod estimate;
mod serve;

pub(crate) use decide::showing;
pub use decide::{Asked, Denial, Showing, UserResponse, Verdict, action, decide, may_go_on, respond};
pub(crate) use deferred::{
    ANSWERED, Deferrals, Delivered, Event, ForgedReport, Occurrence, Order, TRIES, Waiting, Watch, reports_in,
};
pub(crate) use estimate::{estimate, meets, velocity};
pub(crate) use serve::Mme;
