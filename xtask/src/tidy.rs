//! Sizes of files and functions, and words that must not land.

use crate::source::{self, Source};
use anyhow::{Result, bail};
use std::path::Path;

const FILE_LIMIT: usize = 800;
const FILE_ASK: usize = 500;
const FUNCTION_LIMIT: usize = 80;

/// Words that mean unfinished work or a place on somebody's machine. Split so that this file does not match itself.
const WORDS: &[(&str, &str)] = &[
    (concat!("todo", "!("), "finish it or leave it out"),
    (concat!("unimpl", "emented!("), "finish it or leave it out"),
    (concat!("FIX", "ME"), "finish it or leave it out"),
    (concat!("#[ig", "nore]"), "an ignored test needs a reason: #[ignore = \"…\"]"),
    (concat!("/wo", "rk/"), "no machine paths"),
    (concat!("/ro", "ot/"), "no machine paths"),
];

/// Checks every source file and prints the shape of the whole.
pub(crate) fn check() -> Result<()> {
    let mut broken = Vec::new();
    let (mut lengths, mut functions) = (Vec::new(), Vec::new());
    for folder in ["crates", "xtask", "bench", "fuzz"] {
        if !Path::new(folder).is_dir() {
            continue;
        }
        for source in source::below(Path::new(folder))? {
            let path = source.path.display();
            for (at, line) in source.text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let paths = |word: &str| word.starts_with('/') && line.contains(word);
                for (word, why) in WORDS.iter().filter(|(w, _)| code.contains(w) || paths(w)) {
                    broken.push(format!("{path}:{}: `{word}`: {why}", at + 1));
                }
            }
            if source.is_test() {
                continue;
            }
            let length = source.product_lines().count();
            lengths.push(length);
            if length > FILE_LIMIT {
                broken.push(format!("{path}: {length} lines, the limit is {FILE_LIMIT}"));
            } else if length > FILE_ASK {
                eprintln!("tidy: {path} has {length} lines; could it be two files?");
            }
            for (name, line, length) in functions_of(&source) {
                functions.push(length);
                if length > FUNCTION_LIMIT {
                    broken.push(format!("{path}:{line}: fn {name} has {length} lines, the limit is {FUNCTION_LIMIT}"));
                }
            }
        }
    }
    let (files, fns) = (spread(&mut lengths), spread(&mut functions));
    eprintln!("tidy: lines a file, median · p90 · max: {files}; lines a function: {fns}");
    if broken.is_empty() { Ok(()) } else { bail!("tidy: {} broken\n{}", broken.len(), broken.join("\n")) }
}

/// Name, first line and number of lines of each function with a body. Counts by indentation, which rustfmt fixes.
fn functions_of(source: &Source) -> Vec<(String, usize, usize)> {
    let lines: Vec<(usize, &str)> = source.product_lines().collect();
    let mut found = Vec::new();
    for (at, (number, line)) in lines.iter().enumerate() {
        let code = line.trim_start();
        let Some(name) = function_name(code) else { continue };
        let indent = &line[..line.len() - code.len()];
        let close = format!("{indent}}}");
        let end = lines[at..].iter().position(|(_, l)| *l == close);
        let next =
            lines[at + 1..].iter().position(|(_, l)| function_name(l.trim_start()).is_some() && l.starts_with(indent));
        if let Some(end) = end.filter(|e| code.ends_with('{') || next.is_none_or(|n| n + 1 > *e)) {
            found.push((name, *number, end + 1));
        }
    }
    found
}

fn function_name(code: &str) -> Option<String> {
    let starts = [
        "fn ",
        "pub fn ",
        "pub(crate) fn ",
        "pub(super) fn ",
        "async fn ",
        "pub async fn ",
        "pub(crate) async fn ",
        "const fn ",
        "pub const fn ",
        "pub(crate) const fn ",
    ];
    let rest = starts.iter().find_map(|s| code.strip_prefix(s))?;
    if code.ends_with(';') {
        return None;
    }
    Some(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

fn spread(values: &mut [usize]) -> String {
    values.sort_unstable();
    let at = |share: usize| values.get((values.len().max(1) - 1) * share / 100).copied().unwrap_or_default();
    format!("{} · {} · {}", at(50), at(90), at(100))
}
