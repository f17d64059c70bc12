//! `wherefore mdt import survey`: a GeoPackage that GDAL made, and CSV.

use crate::scene::{Scene, run, there};

/// Lines of one phone: a serving cell with a neighbour, and five seconds later another.
const LTE: &str = "\
deviceSerialNumber,deviceName,Time,Longitude,Latitude,Accuracy,MissionId,MCC,MNC,TAC,ECI,DL_EARFCN,Phys_Cell_ID,RSRP,RSRQ,\"Serving Cell\"
R58M123,field unit,2026-11-21T09:30:00Z,-0.1278,51.5074,12,NS-R58M123,234,15,4660,19088641,1300,10,-100.5,-9.75,1
R58M123,field unit,2026-11-21T09:30:00Z,-0.1278,51.5074,12,NS-R58M123,,,,,1300,11,-110,,0
R58M123,field unit,2026-11-21T09:30:05Z,-0.1280,51.5075,12,NS-R58M123,234,15,4660,19088642,1300,12,-99.5,-9.75,1
";
const NR: &str = "\
deviceSerialNumber,Time,Longitude,Latitude,mcc,mnc,tac,nci,narfcn,pci,ssRsrp,ssRsrq,ssSinr,servingCell
R58M123,1795253410000,-0.1281,51.5076,234,15,74565,4886691841,632448,500,-97,-11,12.5,true
";

fn no_device(scene: &Scene) {
    let mut folders = vec![scene.path("store")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let octets = std::fs::read(&path).unwrap();
            assert!(!octets.windows(7).any(|seven| seven == b"R58M123"), "{}", path.display());
        }
    }
}

/// The geometry alone tells where in the file of GDAL, and the columns of the device stay behind.
#[test]
fn a_geopackage_of_gdal_becomes_rows_once() {
    let scene = Scene::new();
    scene.file("lte.csv", LTE);
    scene.file("nr.csv", NR);
    if !there("ogr2ogr", "gdal-bin") {
        return;
    }
    let place =
        ["-oo", "X_POSSIBLE_NAMES=Longitude", "-oo", "Y_POSSIBLE_NAMES=Latitude", "-oo", "KEEP_GEOM_COLUMNS=NO"];
    let types = ["-oo", "AUTODETECT_TYPE=YES", "-a_srs", "EPSG:4326", "-f", "GPKG"];
    for (csv, table, more) in [("lte.csv", "LTE_MESSAGE", None), ("nr.csv", "NR_MESSAGE", Some("-update"))] {
        let named = ["survey.gpkg", csv, "-nln", table];
        let arguments: Vec<&str> = place.iter().chain(&types).chain(&named).copied().chain(more).collect();
        run("ogr2ogr", &scene.path("."), &arguments);
    }
    let report = scene.import("survey", "survey.gpkg", &[]);
    assert_eq!((&report["outcome"], &report["rows"]), (&"kept".into(), &3.into()));
    assert_eq!(report["counts"]["measurements"], 4);
    assert_eq!(scene.import("survey", "survey.gpkg", &[])["outcome"], "kept_before");
    let rows = scene.rows();
    let first = rows[0];
    assert_eq!((first.position, first.uncertainty), (Some((4_800_837, -5956)), Some(9)));
    assert_eq!((first.rsrp, first.rsrq, first.cell), (Some(40), Some(20), Some(0x123_4501)));
    assert_eq!((rows[1].time_ms - first.time_ms, rows[1].cell), (5000, Some(0x123_4502)));
    let nr = rows[2];
    assert_eq!((nr.rsrp, nr.rsrq, nr.sinr, nr.tracking_area), (Some(60), Some(65), Some(72), Some(74_565)));
    assert_eq!(nr.time_ms, 1_795_253_410_000);
    no_device(&scene);
}

#[test]
fn csv_becomes_rows() {
    let scene = Scene::new();
    scene.file("lte.csv", LTE.replace(",1\n", ",true\n").replace("\"Serving Cell\"", "servingCell"));
    let report = scene.import("survey", "lte.csv", &["--rat", "lte"]);
    assert_eq!((&report["rows"], &report["counts"]["logs"]), (&2.into(), &1.into()));
    no_device(&scene);
    let refused = scene.try_import("survey", "lte.csv", &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("--rat lte"));
}

#[test]
fn a_file_that_is_no_survey_is_refused() {
    let scene = Scene::new();
    let two = "SQLite format 3\0 and nothing else";
    scene.file("torn.gpkg", two);
    scene.file("bad.csv", LTE.replace("51.5075", "91"));
    for (file, more, what) in [
        ("torn.gpkg", &[][..], "torn.gpkg: no sound SQLite file"),
        ("bad.csv", &["--rat", "lte"], "bad.csv: line 4 has no sound latitude"),
    ] {
        let refused = scene.try_import("survey", file, more);
        assert_eq!(refused.status.code(), Some(1), "{file}");
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains(what) && !said.contains("R58M123"), "{said}");
    }
    let report = scene.import("survey", "bad.csv", &["--rat", "lte", "--lenient"]);
    assert_eq!((&report["rows"], &report["faults"][0]), (&1.into(), &"line 4 has no sound latitude".into()));
    // A file of SQLite with other tables, as our own exports are.
    let export = ["export", "store", "--to", "own.gpkg", "--format", "geopackage"];
    assert!(scene.mdt(&export).status.success());
    let refused = scene.try_import("survey", "own.gpkg", &[]);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("no table LTE_MESSAGE or NR_MESSAGE"));
    // Two jobs, and a survey that names neither.
    scene.file("job2.json", std::fs::read_to_string(scene.path("job.json")).unwrap().replace("000001", "000002"));
    let refused = scene.try_import("survey", "bad.csv", &["--rat", "lte", "--job", "job2.json"]);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("a survey names no job"));
}
