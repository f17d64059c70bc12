//! How a command ends that does not succeed.

use crate::admin::Problem;
use crate::config::{ConfigError, SecretError};
use crate::log::LogError;
use crate::pmd::keys::KeyFileError;
use crate::store::StoreError;
use privacy::LppFault;
use privacy::disclosure::{MakeProofError, ProveError};
use std::path::PathBuf;

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The answer is no, and was printed.
    #[error("")]
    No,
    /// The gateway refused, and said why.
    #[error("{}", problem_text(.0))]
    Refused(Problem),
    /// The gateway does not take the token.
    #[error("{}", problem_text(.0))]
    NotAuthorised(Problem),
    /// The gateway failed.
    #[error("{}", problem_text(.0))]
    GatewayFailed(Problem),
    /// The gateway cannot be reached.
    #[error("{url}: cannot be reached ({why}); is the gateway running, and is the address right?")]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        why: String,
    },
    /// The gateway answers something that is not its API.
    #[error("{url}: the answer is not understood (status {status}); is this the right port, and the same version?")]
    Strange {
        /// Where.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// What the user gave cannot be used.
    #[error("{0}")]
    Usage(String),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The log is not good, or cannot be read.
    #[error("{0}")]
    Log(#[from] LogError),
    /// The store cannot be read.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A secret cannot be had.
    #[error("{0}")]
    Secret(#[from] SecretError),
    /// The key file of pseudonyms cannot be read or written.
    #[error("{0}")]
    KeyFile(#[from] KeyFileError),
    /// The register of privacy profiles, which is elsewhere, has not answered.
    #[error("ppr.remote: {0}; try again once it does, or ask where it is")]
    Register(#[from] LppFault),
    /// The store of MDT rows cannot be read or written.
    #[error("{0}")]
    Mdt(#[from] mdt_store::StoreError),
    /// A key of the MDT collector cannot be read, made or destroyed.
    #[error("{0}")]
    CollectorKey(#[from] crate::mdt::KeyFileError),
    /// A GeoPackage cannot be written.
    #[error("{0}")]
    GeoPackage(#[from] crate::mdt::GeoPackageError),
    /// A file cannot be imported.
    #[error("{}: {error}", path.display())]
    Import {
        /// Which.
        path: PathBuf,
        /// Why.
        error: crate::mdt::ImportError,
    },
    /// Nothing can be imported with what was given.
    #[error("{0}")]
    Importer(#[from] crate::mdt::ImporterError),
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The gateway could not start or stop.
    #[error("{0:#}")]
    Serve(anyhow::Error),
    /// Standard output is closed.
    #[error("standard output: {0}")]
    Output(#[from] std::io::Error),
}

impl CliError {
    /// Exit status, as the help of `wherefore` tells.
    pub(super) fn exit_status(&self) -> u8 {
        match self {
            Self::Log(LogError::Audit { .. } | LogError::Proof(_) | LogError::NotPublished { .. }) => 1,
            // No such entry: an answer, and not one that could not be had.
            Self::Log(LogError::MakeProof(MakeProofError::Prove(ProveError::Outside { .. }))) => 1,
            Self::No | Self::Refused(_) | Self::Config(_) => 1,
            Self::Log(_) | Self::Store(_) | Self::KeyFile(_) | Self::Mdt(_) | Self::GeoPackage(_) => 2,
            Self::Import { error: crate::mdt::ImportError::Store(_), .. } => 2,
            Self::Import { .. } => 1,
            Self::CollectorKey(_) | Self::Importer(_) => 2,
            Self::Usage(_) | Self::File { .. } | Self::Secret(_) | Self::Output(_) => 2,
            Self::NotAuthorised(_)
            | Self::GatewayFailed(_)
            | Self::Unreachable { .. }
            | Self::Strange { .. }
            | Self::Register(_)
            | Self::Serve(_) => 3,
        }
    }
}

fn problem_text(problem: &Problem) -> String {
    let members = problem.errors.iter().map(|member| format!("\n  {}: {}; {}", member.at, member.what, member.remedy));
    format!("{}: {}{}", problem.title, problem.detail, members.collect::<String>())
}
