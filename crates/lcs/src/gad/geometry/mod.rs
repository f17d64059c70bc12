//! Where shapes lie: positions, the circle that holds a shape, its relation to an area, and a coarser shape.
//!
//! Every answer errs on the containing side. A shape is replaced by a circle that holds it; distances over the WGS84
//! ellipsoid (TS 23.032 clause 4) are not computed but enclosed between a lower and an upper bound.

mod area;
mod coarsen;
mod earth;
mod region;

pub use area::{Area, AreaError, Relation};
pub use earth::Position;
