//! Tables of cells: columns, what is passed over, what ends the reading.

use areas::{CellSites, Radio, TableError};

fn read(text: &str) -> Result<(CellSites, areas::Import), TableError> {
    CellSites::read(text.as_bytes(), 500, |_| ())
}

/// Three lines as OpenCelliD has them, one kind each.
const OPEN_CELL_ID: &str = "\
radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal
GSM,262,2,801,86355,0,13.285512,52.522202,1000,7,1,1282569574,1300155341,0
GSM,262,2,801,6355,0,13.285512,52.522202,1000,7,1,1282569574,1300155341,0
LTE,262,2,45040,26484737,0,13.3,52.5,0,7,1,1282569574,1300155341,0
UMTS,262,2,801,1795462,0,13.28,52.52,250000,9,1,1282569574,1300155341,-78
CDMA,262,2,801,1,0,13.28,52.52,10,9,1,1282569574,1300155341,0
NR,262,1,70000,1,0,13.28,52.52,10,9,1,1282569574,1300155341,0
";

#[test]
fn the_columns_of_opencellid_with_and_without_their_names() {
    let (_, body) = OPEN_CELL_ID.split_once('\n').expect("two lines");
    for text in [OPEN_CELL_ID, body] {
        let (sites, import) = read(text).expect("a table");
        assert_eq!((sites.len(), import.taken, import.impossible), (3, 3, 1));
        assert_eq!((import.without_range, import.range_cut), (1, 1));
        let other: Vec<_> = import.other_radio.iter().map(|(radio, count)| (radio.as_str(), *count)).collect();
        assert_eq!(other, [("CDMA", 1), ("NR", 1)]);
        let networks: Vec<_> = sites.networks().map(|of| (of.mcc, of.mnc, of.radio, of.cells, of.areas)).collect();
        assert_eq!(networks, Radio::ALL.map(|radio| (262, 2, radio, 1, 1)));
    }
}

#[test]
fn columns_stand_in_any_order_and_others_say_nothing() {
    let text = "lat,lon,note,range,cell,area,net,mcc,radio\n52.5,13.3,hall,30,1,2,01,001,lte\n";
    let (sites, _) = read(text).expect("a table");
    assert_eq!(sites.networks().map(|of| (of.mcc, of.mnc)).collect::<Vec<_>>(), [(1, 1)]);
}

#[test]
fn the_first_line_that_says_nothing_ends_the_reading() {
    for (line, column) in [
        ("LTE,1000,1,1,1,0,13.3,52.5,10,1,1,0,0,0", "mcc"),
        ("LTE,1,x,1,1,0,13.3,52.5,10,1,1,0,0,0", "net"),
        ("LTE,1,1,,1,0,13.3,52.5,10,1,1,0,0,0", "area"),
        ("LTE,1,1,1,-1,0,13.3,52.5,10,1,1,0,0,0", "cell"),
        ("LTE,1,1,1,1,0,181,52.5,10,1,1,0,0,0", "lon"),
        ("LTE,1,1,1,1,0,13.3,NaN,10,1,1,0,0,0", "lat"),
        ("LTE,1,1,1,1,0,13.3,52.5,-10,1,1,0,0,0", "range"),
        ("LTE,1,1,1,1,0,13.3", "lat"),
    ] {
        let text = format!("LTE,1,1,1,1,0,13.3,52.5,10,1,1,0,0,0\n{line}\n");
        match read(&text).expect_err(line) {
            TableError::Value { line, column: wrong, .. } => assert_eq!((line, wrong), (2, column)),
            other => panic!("{other}"),
        }
    }
    let error = read("radio,mcc,net,area,cell,lon,lat\n").expect_err("no range");
    assert!(error.to_string().contains("no column `range`"), "{error}");
    assert!(read("").expect("an empty table").0.is_empty());
}
