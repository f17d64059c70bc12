//! `wherefore areas`: tables of cells and named areas, read as the gateway reads them.

use super::api::{AdminApi, Guard};
use super::args::{AreasCheck, AreasCommand, AreasReload, AreasShow};
use super::error::CliError;
use super::output;
use crate::admin::AreasLoaded;
use areas::{AreaMap, CellSites, Import, NamedAreas, Naming, Radio};
use lcs::{AreaIdentity, PlmnId, TargetArea};
use reqwest::Method;
use serde::Serialize;
use std::path::Path;

pub(super) async fn run(command: AreasCommand) -> Result<(), CliError> {
    match command {
        AreasCommand::Check(args) => check(&args),
        AreasCommand::Show(args) => show(&args),
        AreasCommand::Reload(args) => reload(args).await,
    }
}

/// The cells of one network.
#[derive(Serialize)]
struct NetworkView {
    mcc: u16,
    mnc: u16,
    radio: &'static str,
    cells: usize,
    areas: usize,
}

/// What a table came to.
#[derive(Serialize)]
struct Checked {
    taken: u64,
    passed_over: u64,
    without_range: u64,
    range_cut: u64,
    memory_octets: usize,
    networks: Vec<NetworkView>,
    names: Vec<String>,
}

fn checked(args: &AreasCheck) -> Result<Checked, CliError> {
    let (sites, import) = cells(&args.file, args.unknown_range_m)?;
    let names = args.names.as_deref().map(named).transpose()?.unwrap_or_default();
    let networks = sites.networks().map(|network| {
        let radio = radio(network.radio);
        NetworkView { mcc: network.mcc, mnc: network.mnc, radio, cells: network.cells, areas: network.areas }
    });
    Ok(Checked {
        taken: import.taken,
        passed_over: import.impossible + import.other_radio.values().sum::<u64>(),
        without_range: import.without_range,
        range_cut: import.range_cut,
        memory_octets: sites.memory_octets(),
        networks: networks.collect(),
        names: names.names().map(str::to_owned).collect(),
    })
}

fn check(args: &AreasCheck) -> Result<(), CliError> {
    let checked = checked(args)?;
    if args.json {
        return output::json(&checked);
    }
    let mut table = output::table(&["MCC", "MNC", "radio", "cells", "areas"]);
    for NetworkView { mcc, mnc, radio, cells, areas } in &checked.networks {
        table.add_row([mcc.to_string(), mnc.to_string(), (*radio).to_owned(), cells.to_string(), areas.to_string()]);
    }
    output::print(&table)?;
    let Checked { taken, passed_over, without_range, range_cut, .. } = checked;
    output::line(&format!(
        "{taken} cells; {passed_over} passed over; {without_range} without a range, {range_cut} with one above 120 km"
    ))?;
    if args.names.is_some() {
        output::line(&format!("{} named areas", checked.names.len()))?;
    }
    Ok(())
}

/// One identity of an area.
#[derive(Serialize)]
struct IdentityView {
    kind: &'static str,
    network: String,
    code: String,
}

/// What an area became.
#[derive(Serialize)]
struct Shown {
    cells: usize,
    identities: Vec<IdentityView>,
}

fn shown(args: &AreasShow) -> Result<Shown, CliError> {
    let plmn = PlmnId::from_digits(&args.plmn)
        .ok_or_else(|| CliError::Usage(format!("--plmn {}: write MCC and MNC as 5 or 6 digits", args.plmn)))?;
    let names = named(&args.names)?;
    let (sites, _) = cells(&args.cells, args.unknown_range_m)?;
    let naming = if args.map { Naming::Map } else { Naming::Slg };
    let area = TargetArea::Named(args.name.clone());
    let named = AreaMap { sites, names }.identities(&[area], plmn.into(), naming);
    let named = named.map_err(|error| CliError::Usage(format!("{}: {error}", args.name)))?;
    Ok(Shown { cells: named.cells, identities: named.identities.into_iter().map(view).collect() })
}

fn show(args: &AreasShow) -> Result<(), CliError> {
    let shown = shown(args)?;
    if args.json {
        return output::json(&shown);
    }
    let mut table = output::table(&["kind", "network", "code"]);
    for IdentityView { kind, network, code } in &shown.identities {
        table.add_row([*kind, network.as_str(), code.as_str()]);
    }
    output::print(&table)?;
    output::line(&format!("{} identities for {} cells", shown.identities.len(), shown.cells))
}

fn view(identity: AreaIdentity) -> IdentityView {
    let of = |kind, network: PlmnId, code: String| IdentityView { kind, network: network.to_string(), code };
    match identity {
        AreaIdentity::Country(mcc) => {
            let digits = mcc.map(|digit| digit.to_string()).concat();
            IdentityView { kind: "country", network: digits, code: String::new() }
        }
        AreaIdentity::Plmn(plmn) => of("network", plmn, String::new()),
        AreaIdentity::LocationArea(plmn, lac) => of("location area", plmn, lac.to_string()),
        AreaIdentity::RoutingArea(plmn, lac, rac) => of("routing area", plmn, format!("{lac}/{rac}")),
        AreaIdentity::Cell(plmn, lac, cell) => of("GSM cell", plmn, format!("{lac}/{cell}")),
        AreaIdentity::UtranCell(plmn, cell) => of("UMTS cell", plmn, cell.to_string()),
        AreaIdentity::TrackingArea(plmn, tac) => of("tracking area", plmn, tac.to_string()),
        AreaIdentity::EutranCell(plmn, cell) => of("LTE cell", plmn, cell.to_string()),
    }
}

async fn reload(args: AreasReload) -> Result<(), CliError> {
    let api = AdminApi::new(&args.api)?;
    let body = serde_json::json!({});
    let loaded: AreasLoaded = api.send(Method::POST, "/v1/areas/reload", None, &body, Guard::None).await?;
    if args.api.json {
        return output::json(&loaded);
    }
    output::line(&format!("{} cells, {} named areas", loaded.cells, loaded.names))
}

/// The cells of a table, with a bar while a long one is read.
fn cells(path: &Path, unknown_range_m: u32) -> Result<(CellSites, Import), CliError> {
    let failed = |source| CliError::File { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(failed)?;
    let bar = output::bar(path);
    let read = CellSites::read(bar.wrap_read(file), unknown_range_m, |_| ());
    bar.finish_and_clear();
    read.map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))
}

fn named(path: &Path) -> Result<NamedAreas, CliError> {
    let octets = std::fs::read(path).map_err(|source| CliError::File { path: path.to_owned(), source })?;
    NamedAreas::parse(&octets).map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))
}

fn radio(radio: Radio) -> &'static str {
    match radio {
        Radio::Gsm => "GSM",
        Radio::Umts => "UMTS",
        Radio::Lte => "LTE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"school","radius_m":100},
        "geometry":{"type":"Point","coordinates":[13.4,52.5]}}]}"#;

    #[test]
    fn a_table_is_told_of_and_a_name_looked_into() {
        let dir = tempfile::tempdir().unwrap();
        let (cells, names) = (dir.path().join("cells.csv"), dir.path().join("names.json"));
        let table = "LTE,262,1,7,1,0,13.4,52.5,1000,1,1,0,0,0\nLTE,262,1,8,2,0,11,48,0,1,1,0,0,0\nNR,262,1,8,2,0,11,48,0,1,1,0,0,0\n";
        std::fs::write(&cells, table).unwrap();
        std::fs::write(&names, NAMES).unwrap();
        let check = AreasCheck { file: cells.clone(), names: Some(names.clone()), unknown_range_m: 500, json: false };
        let told = checked(&check).unwrap();
        assert_eq!((told.taken, told.passed_over, told.without_range), (2, 1, 1));
        assert_eq!(
            (told.networks[0].cells, told.networks[0].areas, told.names.as_slice()),
            (2, 2, &["school".to_owned()][..])
        );

        let show = |name: &str, plmn: &str| {
            let (name, plmn, cells, names) = (name.to_owned(), plmn.to_owned(), cells.clone(), names.clone());
            shown(&AreasShow { name, cells, names, plmn, map: false, unknown_range_m: 500, json: false })
        };
        let school = show("school", "26201").unwrap();
        assert_eq!(school.cells, 1);
        let identity = &school.identities[0];
        assert_eq!((identity.kind, identity.network.as_str(), identity.code.as_str()), ("LTE cell", "262-01", "1"));
        for (name, plmn) in [("home", "26201"), ("school", "26202"), ("school", "2620")] {
            assert!(matches!(show(name, plmn), Err(CliError::Usage(_))), "{name} {plmn}");
        }
        std::fs::write(&cells, "LTE,262,1,7,1,0,13.4,95,0,1,1,0,0,0\n").unwrap();
        let Err(CliError::Usage(why)) = checked(&check) else { panic!("a wrong table") };
        assert!(why.contains("cells.csv") && why.contains("line 1"), "{why}");
    }
}
