//! The phone library in C as it goes onto a phone: no standard library, built for size, and within its bound.

use crate::run::{cargo, run, target_dir};
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;
use std::process::Command;

/// What the shared library may have, octets.
const BOUND: u64 = 400_000;

/// Without the second and third copy of each cipher, for extensions of x86 that no phone has.
const PORTABLE: &str =
    "--cfg curve25519_dalek_backend=\"serial\" --cfg chacha20_backend=\"soft\" --cfg poly1305_backend=\"soft\"";

/// Builds it, tries it, and says how large it is.
pub(crate) fn check() -> Result<()> {
    let built = target_dir().join("phone");
    let (shared, archive) = (built.join("libmdt_log_ffi.so"), built.join("libmdt_log_ffi.a"));
    for kind in ["cdylib", "staticlib"] {
        let mut build = cargo();
        build.args(["rustc", "--locked", "-q", "-p", "mdt-log-ffi", "--lib", "--profile", "phone"]);
        build.args(["--no-default-features", "--features", "bare", "--crate-type", kind]);
        build.env("RUSTFLAGS", PORTABLE);
        run(&mut build)?;
    }
    // What the library adds to a program in C that uses all of it, and does not need the shared library.
    let empty = built.join("empty.c");
    std::fs::write(&empty, "int main(void) { return 0; }\n")
        .with_context(|| format!("cannot write {}", empty.display()))?;
    let (without, with) = (built.join("without"), built.join("with"));
    link(&without, &empty, None)?;
    link(&with, Path::new("crates/mdt-log-ffi/tests/c/phone.c"), Some(&archive))?;
    let shared_octets = octets(&shared)?;
    let added_octets = octets(&with)?.saturating_sub(octets(&without)?);
    eprintln!("phone library: {shared_octets} octets shared, stripped; {added_octets} octets added to a program in C");
    ensure!(shared_octets < BOUND, "the phone library has {shared_octets} octets, the bound is {BOUND}");
    no_standard_library(&shared)
}

fn link(program: &Path, source: &Path, library: Option<&Path>) -> Result<()> {
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-D_GNU_SOURCE", "-Os", "-s", "-Wl,--gc-sections", "-Icrates/mdt-log-ffi/include", "-o"]);
    run(gcc.arg(program).arg(source).args(library))
}

fn octets(path: &Path) -> Result<u64> {
    Ok(std::fs::metadata(path).with_context(|| format!("cannot see {}", path.display()))?.len())
}

/// Whatever it wants from elsewhere is of the C library.
fn no_standard_library(shared: &Path) -> Result<()> {
    let listed = Command::new("nm").args(["-D", "--undefined-only"]).arg(shared).output().context("cannot run nm")?;
    ensure!(listed.status.success(), "nm cannot read {}", shared.display());
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let wanted: Vec<&str> = names.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let known = ["malloc", "free", "abort", "memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen", "calloc"];
    let weak =
        |name: &str| name.starts_with("_ITM_") || name.starts_with("__gmon") || name.starts_with("__cxa_finalize");
    let strange: Vec<_> =
        wanted.iter().filter(|w| !known.iter().any(|k| w.split('@').next() == Some(k)) && !weak(w)).collect();
    if strange.is_empty() {
        return Ok(());
    }
    bail!("the phone library wants more than a C library's memory: {strange:?}")
}
