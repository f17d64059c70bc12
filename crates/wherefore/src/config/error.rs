//! What can be wrong with a configuration file, said with key, line and remedy.

use std::path::PathBuf;

/// Why a configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Cannot be read.
    #[error("{}: cannot be read ({source}). Name an existing file with --config; docs/wherefore.toml is a sample", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Cannot be parsed.
    #[error("{}:{error}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What and where.
        error: SyntaxError,
    },
    /// Parsed, and says something that cannot be served.
    #[error("{}: {} to put right:{}", path.display(), count(problems.len()), lines(problems))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Each thing that is wrong; never empty.
        problems: Vec<Problem>,
    },
}

fn count(n: usize) -> String {
    if n == 1 { "one thing".into() } else { format!("{n} things") }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

/// One thing in a file that parses and cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {what}; {remedy}")]
pub struct Problem {
    /// The key, dotted, as `mlp.tls.key_file`.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// Text that is not a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {}{what}", if key.is_empty() { String::new() } else { format!("{key}: ") })]
pub struct SyntaxError {
    /// Line, from 1; 0 if not known.
    pub line: usize,
    /// Column, from 1; 0 if not known.
    pub column: usize,
    /// The key that the line sets, dotted, or empty.
    pub key: String,
    /// What is wrong and what would be right.
    pub what: String,
}

impl SyntaxError {
    /// Takes place and message out of the parser's error, without the line's content.
    pub(super) fn of(text: &str, error: &toml::de::Error) -> Self {
        let what = error.message().trim().to_owned();
        let Some(span) = error.span() else {
            return Self { line: 0, column: 0, key: String::new(), what };
        };
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Self { line, column, key: key_at(text, line), what }
    }
}

/// The dotted key that line `line` (from 1) sets: the nearest table header above and the name before `=`.
fn key_at(text: &str, line: usize) -> String {
    let mut table = "";
    for (at, content) in text.lines().enumerate().take(line) {
        let content = content.trim();
        if content.starts_with('[') {
            table = content.split(']').next().unwrap_or_default().trim_start_matches('[').trim();
        }
        if at + 1 == line
            && !content.starts_with('[')
            && let Some((name, _)) = content.split_once('=')
        {
            let dot = if table.is_empty() { "" } else { "." };
            return format!("{table}{dot}{}", name.trim());
        }
    }
    table.to_owned()
}
