//! What the tests share.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]
#![allow(dead_code, reason = "each test file uses a part")]

use mlp::{Immediate, Limits, MlpError, Service, SvcInit, Triggered, parse_svc_init};

pub(crate) fn parse(body: &str) -> Result<SvcInit, MlpError> {
    parse_svc_init(body.as_bytes(), &Limits::default())
}

/// Whole request: a sound header and the service given.
pub(crate) fn with_service(service: &str) -> String {
    format!(
        "<svc_init ver=\"3.5.0\"><hdr ver=\"3.5.0\"><client><id>fleet</id><pwd>s3cret</pwd></client></hdr>{service}</svc_init>"
    )
}

/// Whole request: `slir` with one target and what is given after it.
pub(crate) fn with_slir(rest: &str) -> String {
    with_service(&format!("<slir ver=\"3.5.0\"><msids><msid>4915110000001</msid></msids>{rest}</slir>"))
}

/// Whole request: `slir` with what is given as its targets.
pub(crate) fn with_targets(targets: &str) -> String {
    with_service(&format!("<slir>{targets}</slir>"))
}

pub(crate) fn immediate(body: &str) -> Immediate {
    match parse(body).unwrap().service {
        Service::Immediate(request) => request,
        other => panic!("{other:?} is not immediate"),
    }
}

pub(crate) fn triggered(body: &str) -> Triggered {
    match parse(body).unwrap().service {
        Service::Triggered(request) => *request,
        other => panic!("{other:?} is not triggered"),
    }
}

pub(crate) fn refused(body: &str) -> u16 {
    parse(body).unwrap_err().result.0
}
