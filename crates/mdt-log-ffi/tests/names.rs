//! Kotlin and Swift, generated from the library: the public names, as they were last agreed. And a phone in Python.

#![allow(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use support::{Scene, library, whole_life};
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

fn generated(language: TargetLanguage, into: &Path) -> String {
    generate(GenerateOptions {
        languages: vec![language],
        source: library("so").try_into().unwrap(),
        out_dir: into.to_path_buf().try_into().unwrap(),
        ..GenerateOptions::default()
    })
    .unwrap();
    let mut text = String::new();
    let mut open = vec![into.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "kt" || e == "swift") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

/// What UniFFI's own runtime declares in a binding.
const RUNTIME: &[&str] = &[
    "ByReference",
    "ByValue",
    "Cleanable",
    "Disposable",
    "InternalException",
    "NoHandle",
    "allocationSize",
    "asByteBuffer",
    "callback",
    "clean",
    "clone",
    "close",
    "create",
    "deallocate",
    "destroy",
    "empty",
    "from",
    "get",
    "insert",
    "isError",
    "isPanic",
    "isSuccess",
    "lift",
    "lower",
    "register",
    "remove",
    "run",
    "toUtf8",
    "value",
    "withLock",
    "write",
];

/// Types and functions that a program may use: declared, and not of the runtime.
fn names(text: &str, words: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.lines().map(str::trim_start).filter(|line| !line.starts_with("//") && !line.starts_with('*')) {
        let Some((word, rest)) = words.iter().find_map(|w| line.split_once(w).map(|(_, rest)| (*w, rest))) else {
            continue;
        };
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || "_`".contains(*c)).collect();
        let lower = name.to_lowercase();
        let own = !name.is_empty() && !lower.contains("ffi") && !lower.contains("rust") && !RUNTIME.contains(&&*name);
        if own && !["private ", "internal ", "fileprivate "].iter().any(|hidden| line.starts_with(hidden)) {
            found.insert(format!("{} {name}", word.trim()));
        }
    }
    found
}

#[test]
fn kotlin_and_swift_have_the_names_that_were_agreed() {
    let scene = Scene::new();
    let mut seen = String::new();
    let kotlin = generated(TargetLanguage::Kotlin, &scene.folder().join("kotlin"));
    let swift = generated(TargetLanguage::Swift, &scene.folder().join("swift"));
    for (language, text, words) in [
        ("Kotlin", kotlin, ["class ", "interface ", "fun "].as_slice()),
        ("Swift", swift, ["class ", "struct ", "enum ", "protocol ", "func "].as_slice()),
    ] {
        writeln!(seen, "# {language}").unwrap();
        names(&text, words).iter().for_each(|name| writeln!(seen, "{name}").unwrap());
    }
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/names.txt");
    if seen != std::fs::read_to_string(&kept).unwrap_or_default() {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("names.txt");
        std::fs::write(&new, &seen).unwrap();
        panic!(
            "programs of others would notice: look at the difference, then copy {} over {}",
            new.display(),
            kept.display()
        );
    }
}

#[test]
fn a_phone_in_python_logs_uploads_and_clears() {
    let scene = Scene::new();
    let package = scene.folder().join("package");
    generated(TargetLanguage::Python, &package);
    std::fs::copy(library("so"), package.join("libmdt_log_ffi.so")).unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/phone.py");
    whole_life(&scene, |words| {
        let mut phone = Command::new("python3");
        phone.arg("-B").arg(&program).arg(scene.folder()).args(words).env("PYTHONPATH", &package);
        phone
    });
}
