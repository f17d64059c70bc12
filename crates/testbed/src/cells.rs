//! The cells of the first operator's network: which one a phone is in, and the table that its gateway gets.

use crate::scenario::{CellSpec, Place};
use lcs::gad::Position;

/// A cell that a phone is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Camped {
    /// E-UTRAN cell identity, 28 bits.
    pub(crate) cell: u32,
    /// Tracking area code.
    pub(crate) tac: u16,
}

/// The best cell at a place: of those that reach it the one whose reach is used least, as its signal would be the strongest. None where
/// none reaches.
pub(crate) fn best(cells: &[CellSpec], place: &Place) -> Option<Camped> {
    let at = Position { lat_deg: place.latitude, lon_deg: place.longitude };
    let share = |cell: &CellSpec| {
        let site = Position { lat_deg: cell.latitude, lon_deg: cell.longitude };
        site.distance_bounds_m(at).0 / f64::from(cell.range_m)
    };
    let reaching = cells.iter().map(|cell| (share(cell), cell)).filter(|(share, _)| *share <= 1.0);
    let best = reaching.min_by(|(a, _), (b, _)| a.total_cmp(b));
    best.map(|(_, cell)| Camped { cell: cell.cell, tac: cell.tac })
}

/// The cell of GERAN at the same place: the low half of the identity.
pub(crate) fn of_geran(cell: u32) -> u16 {
    u16::try_from(cell & 0xFFFF).unwrap_or_default()
}

/// The cells as a table in the columns of OpenCelliD, for the network of this realm; `legacy`: each is one of GERAN too.
pub(crate) fn table(cells: &[CellSpec], plmn: [u8; 3], legacy: bool) -> String {
    let [a, b, c] = plmn;
    let mcc = u32::from(a & 0xF) * 100 + u32::from(a >> 4) * 10 + u32::from(b & 0xF);
    let two = u32::from(c & 0xF) * 10 + u32::from(c >> 4);
    let mnc = if b >> 4 == 0xF { two } else { two * 10 + u32::from(b >> 4) };
    let mut table =
        "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n".to_owned();
    for CellSpec { cell, tac, latitude, longitude, range_m } in cells {
        table += &format!("LTE,{mcc},{mnc},{tac},{cell},0,{longitude},{latitude},{range_m},1,0,0,0,0\n");
        if legacy {
            let cell = of_geran(*cell);
            table += &format!("GSM,{mcc},{mnc},{tac},{cell},0,{longitude},{latitude},{range_m},1,0,0,0,0\n");
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: [CellSpec; 2] = [
        CellSpec { cell: 1, tac: 7, latitude: 52.5, longitude: 13.4, range_m: 1000 },
        CellSpec { cell: 2, tac: 8, latitude: 52.5, longitude: 13.41, range_m: 500 },
    ];

    #[test]
    fn a_phone_camps_on_the_cell_that_reaches_it_best() {
        let place = |longitude| Place { latitude: 52.5, longitude, altitude_m: 0.0, speed_km_h: 0.0, bearing_deg: 0.0 };
        let cell = |longitude| best(&CELLS, &place(longitude)).map(|camped| (camped.cell, camped.tac));
        assert_eq!(cell(13.4), Some((1, 7)));
        assert_eq!(cell(13.409), Some((2, 8)));
        assert_eq!(cell(13.5), None);
    }

    #[test]
    fn the_table_has_the_columns_of_opencellid() {
        let table = table(&CELLS, [0x62, 0xF2, 0x10], true);
        assert_eq!(table.lines().nth(1), Some("LTE,262,1,7,1,0,13.4,52.5,1000,1,0,0,0,0"));
        assert_eq!(table.lines().nth(2), Some("GSM,262,1,7,1,0,13.4,52.5,1000,1,0,0,0,0"));
        assert_eq!(
            self::table(&CELLS, [0x13, 0x00, 0x14], false).lines().nth(2),
            Some("LTE,310,410,8,2,0,13.41,52.5,500,1,0,0,0,0")
        );
    }
}
