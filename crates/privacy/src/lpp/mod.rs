//! A privacy profile register at the other end of Lpp (TS 23.271 clauses 6.3.11, 7.4 and 9.1.1.1).

mod check;

pub use check::{Barred, PrivacyCheck};
