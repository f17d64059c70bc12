//! diameter
