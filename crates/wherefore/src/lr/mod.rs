//! Lr (TS 23.271 clause 5.6): requests from and to the gateways of other operators.

mod nodes;

pub(crate) use nodes::{name_of_node, plmn_of_node};
