//! Wherefore, the daemon: the only crate of the house with sockets, HTTP, SQL, files and clocks.
//!
//! ```text
//!   LCS client --MLP--> door --> clients (who is it?) --> gmlc procedure --> network --Diameter--> HSS, MME
//!                                     |                        |
//!   operator --cli--> admin --> store (clients, profiles)   privacy (check, permit, disclosure log)
//! ```
//!
//! One TOML file ([`config::Config`]) says all. The binary of the same name is a thin `main` around [`cli::main`].

pub mod admin;
pub mod charging;
pub mod cli;
pub mod clients;
pub mod clock;
pub mod config;
pub mod consent;
pub mod forms;
pub mod mdt;
pub mod pmd;
pub mod profile;
pub mod pull;
pub mod push;
pub mod slpp;
pub mod smpp;
pub mod smsc;
pub mod store;

mod certified;
mod core;
mod door;
pub mod identity_headers;
mod ldr;
mod listen;
pub mod log;
mod lpp;
mod lr;
mod network;
pub mod serve;
mod tls;
pub mod usim;
