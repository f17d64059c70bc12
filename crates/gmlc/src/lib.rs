//! gmlc
