//! Cells that ModemManager lists: `GetCellInfo` of `org.freedesktop.ModemManager1.Modem`, since 1.20.

use super::Heard;
use super::modem::{Dictionary, text};
use crate::quantity::Quality;
use mdt_log::Rat;

/// `MMCellType`.
const TYPE_LTE: u32 = 5;
const TYPE_5GNR: u32 = 6;
/// `MMServingCellType`: not told, and the primary one. Others are further carriers of the same connection.
const SERVING: [u32; 2] = [0, 1];

/// The carrier of the cell of this technology that serves, 0 where it is not told, and what else was heard.
pub(super) fn listed(cells: &[Dictionary], rat: Rat) -> (u32, Vec<Heard>) {
    let mut serving_arfcn = None;
    let mut heard = Vec::new();
    for cell in cells {
        let Some(of) = cell_of(cell) else { continue };
        if !flag(cell, "serving") {
            heard.push(of);
        } else if of.rat == rat && SERVING.contains(&number(cell, "serving-cell-type").unwrap_or(0)) {
            serving_arfcn.get_or_insert(of.arfcn);
        }
    }
    (serving_arfcn.unwrap_or(0), heard)
}

/// One cell, of LTE or NR, if carrier and physical identity are told.
fn cell_of(cell: &Dictionary) -> Option<Heard> {
    let (rat, carrier) = match number(cell, "cell-type")? {
        TYPE_LTE => (Rat::Eutra, "earfcn"),
        TYPE_5GNR => (Rat::Nr, "nrarfcn"),
        _ => return None,
    };
    let real = |key| cell.get(key).and_then(|value| f64::try_from(value).ok());
    let quality = Quality { rsrp_dbm: real("rsrp"), rsrq_db: real("rsrq"), sinr_db: real("sinr") };
    // In hexadecimal digits (TS 27.007).
    let pci = u16::from_str_radix(cell.get("physical-ci").and_then(text)?, 16).ok()?;
    Some(Heard { rat, arfcn: number(cell, carrier)?, pci, quality }).filter(Heard::is_sound)
}

fn number(cell: &Dictionary, key: &str) -> Option<u32> {
    cell.get(key).and_then(|value| u32::try_from(value).ok())
}

fn flag(cell: &Dictionary, key: &str) -> bool {
    cell.get(key).and_then(|value| bool::try_from(value).ok()).unwrap_or(false)
}
