//! Signalling System No. 7 as far as location services need it, without I/O.
//!
//! ```text
//!   map    location operations and subscriber data, BER        TS 29.002
//!   tcap   dialogues, invocations, their timers                ITU-T Q.771-Q.774
//!   sccp   unit data with global titles, segmentation          ITU-T Q.711-Q.714
//!   m3ua   application server processes and signalling gateways, DATA   RFC 4666
//! ```

pub mod m3ua;
pub mod map;
pub mod sccp;
pub mod tcap;
