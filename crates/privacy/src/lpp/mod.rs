//! A privacy profile register at the other end of Lpp (TS 23.271 clauses 6.3.11, 7.4 and 9.1.1.1).
//!
//! ```text
//!                  PrivacyCheck                     what a procedure asks
//!        Ppr ────────┘     └──────── RemotePpr
//!                                       │ Lpp       the road: Authorisation, Standing there; Verdict, Stands back
//!                                  Ppr::answer      in the process of the register
//! ```
//!
//! Nothing here knows a wire. A permit out of a verdict is made here as every other, and only for the question that the verdict
//! names.

mod answer;
mod check;
mod checks;
mod question;
mod remote;

pub use check::{Barred, PrivacyCheck};
pub use checks::Checks;
pub use question::{
    Allowed, Authorisation, Lpp, LppFault, LppId, PseudoExternalOffer, Stage, Standing, Stands, Verdict,
};
pub use remote::RemotePpr;
