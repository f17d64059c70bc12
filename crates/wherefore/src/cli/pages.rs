//! Completions and manual pages.

use super::args::Cli;
use super::error::CliError;
use clap::CommandFactory as _;
use std::io::Write as _;
use std::path::Path;

/// Prints the completions of a shell.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "wherefore", &mut script);
    Ok(std::io::stdout().lock().write_all(&script)?)
}

/// Prints the manual page, or writes the pages of all commands into a directory.
pub(super) fn man(dir: Option<&Path>) -> Result<(), CliError> {
    match dir {
        None => Ok(clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout().lock())?),
        Some(dir) => {
            let failed = |source| CliError::File { path: dir.to_owned(), source };
            std::fs::create_dir_all(dir).map_err(failed)?;
            clap_mangen::generate_to(Cli::command(), dir).map_err(failed)
        }
    }
}
