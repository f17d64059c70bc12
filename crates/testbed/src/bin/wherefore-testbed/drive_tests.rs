//! The collector of MDT logs of a demonstration: its keys and certificates, the phones' way to it, and what it has in the end.

use crate::{configuration::MDT_TLS, gateway::Gateway, tour::progress};
use anyhow::Context as _;
use serde_json::Value;
use std::path::Path;
use testbed::{
    Laboratory, Network,
    mdt_upload::Uploader,
    tour::{DriveTests, Row, Tour},
};
use tokio::process::Command;

/// Folder of the collector's private keys, as its configuration has it by default.
const KEYS: &str = "mdt-keys";
/// Folder of its rows, and a copy of it: the program that reads has it for itself.
const ROWS: [&str; 2] = ["mdt", "mdt-copy"];
/// Where the rows are written to.
const EXPORT: &str = "mdt-rows.json";

/// Makes what the collector must find when it starts.
pub(crate) async fn prepare(program: &Path, directory: &Path, laboratory: &Laboratory) -> anyhow::Result<()> {
    let certificates = directory.join(MDT_TLS);
    std::fs::create_dir_all(&certificates).with_context(|| format!("cannot make {}", certificates.display()))?;
    laboratory.write(&certificates)?;
    for suite in ["hybrid", "small"] {
        let key = ["mdt", "key", "create", KEYS, "--suite", suite];
        let made = Command::new(program).args(key).current_dir(directory).output().await;
        let made = made.with_context(|| format!("cannot start {}", program.display()))?;
        anyhow::ensure!(made.status.success(), "`wherefore mdt key create`: {}", String::from_utf8_lossy(&made.stderr));
    }
    Ok(())
}

/// Makes the steps of MDT with the phones of the network and the first operator's gateway.
pub(crate) async fn made(
    tour: &Tour<'_>,
    network: &Network,
    gateway: &Gateway,
    laboratory: &Laboratory,
    program: &Path,
) -> anyhow::Result<Vec<Row>> {
    let Some(mdt) = network.mdt() else { return Ok(Vec::new()) };
    let base = format!("https://localhost:{}", gateway.doors.mdt.port());
    let uploader = Uploader::new(&base, &laboratory.client_with_certificate()?, None)?;
    let rows = async |job: &str| rows(gateway, program, job).await.map_err(|error| format!("{error:#}"));
    let rows = tour.drive_tests(&DriveTests { mdt, uploader }, rows).await?;
    rows.iter().for_each(progress);
    Ok(rows)
}

/// The rows of a job, as the program exports them. From a copy: the store belongs to the gateway that runs, and nothing is written to it
/// meanwhile.
async fn rows(gateway: &Gateway, program: &Path, job: &str) -> anyhow::Result<Vec<Value>> {
    let directory = gateway.directory();
    let [from, to] = ROWS.map(|name| directory.join(name));
    if to.exists() {
        std::fs::remove_dir_all(&to)?;
    }
    copy(&from, &to).context("cannot copy the rows")?;
    let export = directory.join(EXPORT);
    if export.exists() {
        std::fs::remove_file(&export)?;
    }
    let arguments = ["mdt", "export", ROWS[1], "--to", EXPORT, "--format", "json", "--job", job];
    gateway.told(program, &arguments).await?;
    let text = std::fs::read_to_string(&export)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let beside = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &beside)?;
        } else {
            std::fs::copy(entry.path(), beside)?;
        }
    }
    Ok(())
}
