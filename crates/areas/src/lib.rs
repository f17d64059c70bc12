//! Where is an area in a network? A shape, a country, a network or a name becomes the complete list of cells and tracking areas of one
//! network, or is refused (TS 23.271 clauses 9.1.9.1 step 3 and 9.1.19.1 step 3).
//!
//! ```text
//!   table of cells (CSV) --> CellSites --\
//!                                         AreaMap::identities(areas, network, naming) --> AreaIdentity...
//!   names (GeoJSON) -------> NamedAreas -/
//! ```
//!
//! | module | what |
//! |---|---|
//! | `table` | cell sites read from CSV in the columns of OpenCelliD |
//! | `sites` | each cell a disc, sorted so that those round a place are found without a look at the others |
//! | `names` | areas that the operator gave a name to, from GeoJSON |
//! | `region` | a shape as discs and polygons on the sphere of directions |
//! | `cover` | whether cells cover a region as a whole |
//! | `convert` | the conversion |
//!
//! A cell is the disc of its range round its site. A cell whose disc touches the area is named, so that an area is never smaller in the
//! network than the client meant it; how much larger it may be is told by [`AreaMap::identities`].

mod convert;
mod cover;
mod names;
mod region;
mod sites;
mod sphere;
mod table;

pub use convert::{AreaError, AreaMap, Named, Naming, Network};
pub use names::{NameError, NamedAreas};
pub use sites::{CellSites, NetworkCells, Radio};
pub use table::{Import, TableError};
