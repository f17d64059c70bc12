//! The Rust sources of the workspace, as text.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// One source file.
pub(crate) struct Source {
    /// Path from the root.
    pub(crate) path: PathBuf,
    /// Text.
    pub(crate) text: String,
}

impl Source {
    /// Whether the whole file is test, bench or example code.
    pub(crate) fn is_test(&self) -> bool {
        let parts: Vec<_> = self.path.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        let file = parts.last().map(String::as_str).unwrap_or_default();
        parts.iter().any(|p| matches!(p.as_str(), "tests" | "benches" | "examples" | "bench" | "fuzz"))
            || file == "tests.rs"
            || file.ends_with("_tests.rs")
    }

    /// Numbered lines outside `#[cfg(test)] mod … { … }`, which by convention ends a file.
    pub(crate) fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut inside_tests = false;
        self.text.lines().enumerate().filter_map(move |(at, line)| {
            if line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test") {
                inside_tests = true;
            }
            if inside_tests && line.starts_with("mod ") && line.ends_with(';') {
                inside_tests = false;
                return None;
            }
            (!inside_tests).then_some((at + 1, line))
        })
    }
}

/// Every `.rs` file below `folder`.
pub(crate) fn below(folder: &Path) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(dir) = open.pop() {
        let entries = std::fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))?;
        for entry in entries {
            let path = entry?.path();
            let skip = path.file_name().is_some_and(|n| n == "target" || n.to_string_lossy().starts_with('.'));
            if path.is_dir() && !skip {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
