//! The arrows of the house, and what is banned where.

use crate::source;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::Path;

/// Crate, and the crates of the house that it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("lcs", &[]),
    ("diameter", &["lcs"]),
    ("ss7", &["lcs"]),
    ("mlp", &["lcs"]),
    ("mdt-log", &[]),
    // Not `mdt`, which is the collector's and brings along what opens a log.
    ("mdt-agent", &["lcs", "mdt-log"]),
    ("mdt-log-ffi", &["mdt-log"]),
    ("privacy", &["lcs"]),
    ("gmlc", &["lcs", "privacy"]),
    ("mdt", &["lcs", "privacy", "mdt-log"]),
    ("mdt-store", &["lcs", "mdt"]),
    ("usat", &["lcs"]),
    ("transport", &["lcs", "diameter", "ss7"]),
    ("assertion", &[]),
    ("areas", &["lcs"]),
    (
        "wherefore",
        &[
            "lcs",
            "diameter",
            "ss7",
            "mlp",
            "privacy",
            "gmlc",
            "transport",
            "assertion",
            "mdt",
            "mdt-log",
            "mdt-store",
            "areas",
            "usat",
        ],
    ),
    ("testbed", &["lcs", "diameter", "ss7", "mlp", "transport", "assertion", "mdt", "mdt-log", "usat"]),
];

/// Crates that may touch sockets, files and clocks.
const WORLDLY: &[&str] = &["wherefore", "testbed", "transport", "mdt-agent"];

/// Words that mean the outer world.
const WORLD: &[&str] = &[
    "tokio::",
    "hyper::",
    "axum::",
    "sqlx::",
    "reqwest::",
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::net::ToSocketAddrs",
    "std::process",
    "std::env",
    "SystemTime",
    "Instant::now",
    "thread::spawn",
    "thread::sleep",
];

/// Who may take digits or text out of an identity: codecs, the privacy crate's lookups, sealed columns, the lab network.
const MAY_EXPOSE: &[&str] = &[
    "crates/lcs/",
    "crates/diameter/",
    "crates/ss7/",
    "crates/mlp/",
    // The target of a signalling based job, written for the network.
    "crates/mdt/src/job/target.rs",
    "crates/privacy/",
    "crates/wherefore/src/store/",
    // Told to the operator and to gateways that may resolve pseudonyms.
    "crates/wherefore/src/pmd/text.rs",
    // A codec: codewords go to the register that checks them.
    "crates/wherefore/src/lpp/wire/",
    // Compared with the ranges that a client may ask about, never printed.
    "crates/wherefore/src/clients/target.rs",
    // Compared with the beginnings that another operator's gateway is home for, never printed.
    "crates/wherefore/src/lr/subscribers.rs",
    // A codec: the phone that a short message goes to.
    "crates/wherefore/src/smsc/write.rs",
    // Sealed with a deferred request of another gateway, which is told by the name that it asked by.
    "crates/wherefore/src/lr/triggered/letter.rs",
    // Secrets and addresses that clients send about themselves.
    "crates/wherefore/src/door/",
    "crates/testbed/",
];

/// Who may open the record of a report by the network: an emergency call, the one position that is cleared without a permit.
const MAY_REPORT: &[&str] = &["crates/privacy/", "crates/wherefore/src/network/reports.rs"];

/// Who may say for whose subscribers another gateway speaks as home gateway: where the operator's records of gateways are read.
const MAY_TRUST: &[&str] = &["crates/privacy/", "crates/wherefore/src/lr/peers.rs"];

/// Who may handle a request of MAP as nodes receive it, which can be made without any word on privacy: its codec, and a lab that plays
/// other people's gateways. The gateway sends `ss7::map::Psl`.
const MAY_RECEIVE: &[&str] = &["crates/ss7/", "crates/testbed/"];

/// Who may have unsafe code: where C hands in pointers (docs/decisions/0020-phone-library.md). Everybody else's lints forbid it as well.
const MAY_BE_UNSAFE: &str = "crates/mdt-log-ffi/src/c/";

/// Checks arrows, bans and the exposure of identities.
pub(crate) fn check() -> Result<()> {
    let mut broken = Vec::new();
    for (name, allowed) in ARROWS {
        arrows_of(name, allowed, &mut broken)?;
    }
    for source in source::below(Path::new("crates"))? {
        if source.is_test() {
            continue;
        }
        let path = source.path.to_string_lossy().into_owned();
        let of = path.split('/').nth(1).unwrap_or_default();
        for (line, text) in source.product_lines() {
            let code = text.split("//").next().unwrap_or_default();
            if !WORLDLY.contains(&of) {
                for word in WORLD.iter().filter(|w| code.contains(**w)) {
                    broken.push(format!(
                        "{path}:{line}: `{word}` belongs into wherefore, testbed, transport or mdt-agent"
                    ));
                }
            }
            let exposes = code.contains(".expose_digits(") || code.contains(".expose()");
            if exposes && !MAY_EXPOSE.iter().any(|p| path.starts_with(p)) {
                broken.push(format!("{path}:{line}: only codecs and sealed columns may expose an identity"));
            }
            if code.contains("Via::Network") && !MAY_REPORT.iter().any(|p| path.starts_with(p)) {
                broken.push(format!("{path}:{line}: only a report of the network itself is recorded as one"));
            }
            if code.contains("HomeAuthority::from_record") && !MAY_TRUST.iter().any(|p| path.starts_with(p)) {
                broken.push(format!("{path}:{line}: whom a gateway speaks for is the operator's record of it alone"));
            }
            if code.contains("ReceivedPsl") && !MAY_RECEIVE.iter().any(|p| path.starts_with(p)) {
                broken.push(format!(
                    "{path}:{line}: a request to a node is made from a privacy instruction, by ss7::map::Psl"
                ));
            }
            let unsafe_code = code.contains("unsafe ") && !code.contains("unsafe_code");
            if unsafe_code && !path.starts_with(MAY_BE_UNSAFE) {
                broken.push(format!("{path}:{line}: unsafe is forbidden"));
            }
        }
    }
    if broken.is_empty() {
        eprintln!("layers: {} crates keep to the arrows", ARROWS.len());
        return Ok(());
    }
    bail!("layers: {} broken\n{}", broken.len(), broken.join("\n"))
}

fn arrows_of(name: &str, allowed: &[&str], broken: &mut Vec<String>) -> Result<()> {
    let path = format!("crates/{name}/Cargo.toml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let manifest: toml::Table = text.parse().with_context(|| format!("cannot parse {path}"))?;
    let house: BTreeSet<&str> = ARROWS.iter().map(|(n, _)| *n).collect();
    let dependencies = manifest.get("dependencies").and_then(|d| d.as_table());
    for dependency in dependencies.into_iter().flat_map(|t| t.keys()) {
        if house.contains(dependency.as_str()) && !allowed.contains(&dependency.as_str()) {
            broken.push(format!("{path}: {name} must not depend on {dependency}"));
        }
        let worldly = matches!(dependency.as_str(), "tokio" | "hyper" | "axum" | "sqlx" | "reqwest" | "socket2");
        if worldly && !WORLDLY.contains(&name) {
            broken.push(format!("{path}: {name} must not depend on {dependency}"));
        }
    }
    Ok(())
}
