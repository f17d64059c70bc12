//! Any octets as a table of cells, as named areas and as a shape among a thousand cells: read or refused, and what is named fits the request.
#![no_main]

use areas::{AreaMap, CellSites, NamedAreas, Naming, Network};
use lcs::{PlmnId, TargetArea, gad::Shape};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// Cells of all ranges over the whole Earth, of 40 tracking areas.
static MAP: LazyLock<AreaMap> = LazyLock::new(|| {
    let mut table = String::new();
    for at in 0..1000u32 {
        let (lat, lon) = (f64::from(at * 7919 % 1801) / 10.0 - 90.0, f64::from(at * 104_729 % 3601) / 10.0 - 180.0);
        let radio = ["LTE", "GSM", "UMTS"][at as usize % 3];
        table += &format!("{radio},1,1,{},{at},0,{lon},{lat},{},1,1,0,0,0\n", at % 40, at * at % 130_000);
    }
    let (sites, _) = CellSites::read(table.as_bytes(), 1_000, |_| ()).expect("a table");
    AreaMap { sites, names: NamedAreas::default() }
});

fuzz_target!(|data: &[u8]| {
    if let Ok((sites, import)) = CellSites::read(data, 1_000, |_| ()) {
        assert_eq!(sites.len() as u64, import.taken);
        assert_eq!(sites.networks().map(|network| network.cells).sum::<usize>(), sites.len());
    }
    let network: Network = PlmnId::new("001", "01").expect("five digits").into();
    let fits = |map: &AreaMap, area: TargetArea| {
        for naming in [Naming::Slg, Naming::Map] {
            if let Ok(named) = map.identities(&[area.clone()], network, naming) {
                assert!((1..=naming.most()).contains(&named.identities.len()) && named.identities.len() <= named.cells);
            }
        }
    };
    if let Ok(shape) = Shape::decode(data) {
        fits(&MAP, TargetArea::Shape(shape));
    }
    if let Ok(names) = NamedAreas::parse(data) {
        let all: Vec<String> = names.names().map(str::to_owned).collect();
        let map = AreaMap { sites: CellSites::default(), names };
        for name in all {
            fits(&map, TargetArea::Named(name));
        }
    }
});
