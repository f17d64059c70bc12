//! Coverage-guided fuzzing with the stock toolchain: libFuzzer by the flags that cargo-fuzz would set.

use crate::run::{cargo, run as run_program, target_dir};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address -Ccodegen-units=1 \
    -Cdebug-assertions -Coverflow-checks";
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// Builds every target of `fuzz/` and runs each for `seconds`, from the seeds in `fuzz/seeds/TARGET`.
pub(crate) fn run(seconds: u32, only: Option<&str>) -> Result<()> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        eprintln!("skipped: fuzz targets need x86-64 Linux");
        return Ok(());
    }
    let target_dir = target_dir().join("fuzz");
    let mut build = cargo();
    build.args(["build", "--locked", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", TRIPLE]);
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &target_dir);
    run_program(&mut build)?;
    let targets = targets()?;
    if let Some(unknown) = only.filter(|o| !targets.iter().any(|t| t == o)) {
        bail!("no fuzz target `{unknown}`; there are {}", targets.join(", "));
    }
    let chosen: Vec<&String> = targets.iter().filter(|t| only.is_none_or(|o| o == *t)).collect();
    // As many at a time as there are processors: a target keeps one busy.
    let at_a_time = std::thread::available_parallelism().map_or(1, usize::from);
    for targets in chosen.chunks(at_a_time) {
        let mut running = Vec::new();
        for target in targets {
            let mut fuzz = fuzzer(&target_dir, target, seconds)?;
            running.push((target, fuzz.spawn().with_context(|| format!("cannot start {fuzz:?}"))?));
        }
        let mut failed = Vec::new();
        for (target, mut child) in running {
            if !child.wait()?.success() {
                failed.push(target.as_str());
            }
        }
        if !failed.is_empty() {
            bail!("fuzzing found something in {}; the input is in fuzz/artifacts", failed.join(", "));
        }
    }
    Ok(())
}

/// The run of one target.
fn fuzzer(target_dir: &Path, target: &str, seconds: u32) -> Result<Command> {
    let (corpus, found) = (format!("fuzz/corpus/{target}"), format!("fuzz/artifacts/{target}/"));
    std::fs::create_dir_all(&corpus)?;
    std::fs::create_dir_all(&found)?;
    let mut fuzz = Command::new(target_dir.join(TRIPLE).join("release").join(target));
    fuzz.arg(&corpus);
    let seeds = format!("fuzz/seeds/{target}");
    if Path::new(&seeds).is_dir() {
        fuzz.arg(seeds);
    }
    // One seed, so that a run can be repeated; `-seed` with another number goes elsewhere.
    fuzz.arg("-seed=1").arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={found}"));
    fuzz.args(["-max_len=70000", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    // Neither each new input nor each function reached is worth a line.
    fuzz.args(["-verbosity=0", "-print_funcs=0"]);
    Ok(fuzz)
}

fn targets() -> Result<Vec<String>> {
    let entries = std::fs::read_dir("fuzz/fuzz_targets").context("cannot list fuzz/fuzz_targets")?;
    let mut names: Vec<String> = entries
        .filter_map(|e| e.ok()?.file_name().into_string().ok()?.strip_suffix(".rs").map(str::to_owned))
        .collect();
    names.sort();
    Ok(names)
}
