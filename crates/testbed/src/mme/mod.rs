//! A mobility management entity with its phones.

mod decide;
mod estimate;

pub use decide::{Asked, Denial, Showing, UserResponse, Verdict, action, decide, may_go_on, respond};
