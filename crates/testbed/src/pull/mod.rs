//! Both sides of the PULL model (TS 23.271 Annex E, Fig. E.2) around a gateway's proxy: web services that ask who is there, and terminals
//! that browse through it.

mod service;
mod terminal;

pub use service::{Operator, SeenRequest, ServiceError, WebService};
pub use terminal::Terminal;
