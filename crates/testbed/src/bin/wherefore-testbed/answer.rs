//! `answer`: a Diameter peer that decides nothing.

use anyhow::Context as _;
use clap::ValueEnum;
use lcs::gad::{Latitude, Longitude, Point, Shape, Uncertainty};
use std::{net::SocketAddr, process::ExitCode};
use testbed::answerer::{Part, answer};

#[derive(Clone, Copy, ValueEnum)]
enum App {
    /// HSS.
    Slh,
    /// MME.
    Slg,
}

#[derive(clap::Args)]
#[command(after_help = "\
Example:
  wherefore-testbed answer --app slh --listen 127.0.0.1:3869 --host hss.test --realm test --mme-host mme1.test &
  wherefore-testbed answer --app slg --listen 127.0.0.1:3870 --host mme1.test --realm test")]
pub(crate) struct Arguments {
    /// Which application.
    #[arg(long, value_enum)]
    app: App,
    /// Address to listen at.
    #[arg(long)]
    listen: SocketAddr,
    /// Own Diameter identity.
    #[arg(long)]
    host: String,
    /// Own realm.
    #[arg(long)]
    realm: String,
    /// MME that serves everybody (slh).
    #[arg(long, default_value = "mme1.test")]
    mme_host: String,
    /// IMSI that everybody has (slh).
    #[arg(long, default_value = "001010000000001")]
    imsi: String,
    /// Latitude and longitude where everybody is (slg).
    #[arg(long, num_args = 2, value_names = ["LAT", "LON"], default_values_t = [52.52, 13.405], allow_negative_numbers = true)]
    at: Vec<f64>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let part = match (arguments.app, arguments.at.as_slice()) {
        (App::Slh, _) => Part::Slh {
            mme_host: arguments.mme_host,
            mme_realm: arguments.realm.clone(),
            imsi: lcs::Imsi::parse(&arguments.imsi).context("--imsi")?,
        },
        (App::Slg, [latitude, longitude]) => {
            let point = Point {
                latitude: Latitude::from_degrees(*latitude).context("--at")?,
                longitude: Longitude::from_degrees(*longitude).context("--at")?,
            };
            Part::Slg { estimate: Shape::Circle(point, Uncertainty::for_result(100.0)?) }
        }
        (App::Slg, _) => anyhow::bail!("--at takes a latitude and a longitude"),
    };
    let listener = tokio::net::TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen at {}", arguments.listen))?;
    tokio::select! {
        done = answer(listener, part, &arguments.host, &arguments.realm) => done.context("the answerer ended")?,
        signal = tokio::signal::ctrl_c() => signal?,
    }
    Ok(ExitCode::SUCCESS)
}
