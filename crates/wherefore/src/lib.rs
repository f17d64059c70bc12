//! wherefore
