//! What a phone hears at a place: the truth that logs are compared with, and what of it a phone may report.

use super::Ran;
use mdt::rrc::Quantity;

/// Es/Iot from which a phone must find a cell, dB (TS 36.133 clause 8.1.2.2.1).
const FOUND_DB: f64 = -6.0;
/// RSRP from which it must, dBm (TS 36.133 Table 8.1.2.2.1-1 is by band; this is that of most).
const FOUND_DBM: f64 = -127.0;

/// One cell at one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// Its place in [`Ran::cells`].
    pub at: usize,
    /// Reference signal received power, dBm (TS 36.214 clause 5.1.1).
    pub rsrp_dbm: f64,
    /// Reference signal received quality, dB (TS 36.214 clause 5.1.3).
    pub rsrq_db: f64,
    /// Signal over interference and noise, dB (TS 36.214 clause 5.1.13).
    pub sinr_db: f64,
    /// Whether its antenna is seen.
    pub sight: bool,
}

impl Heard {
    /// What LTE reports, RSRP 0 to 97 and RSRQ 0 to 34 (TS 36.133 clauses 9.1.4 and 9.1.7).
    #[must_use]
    pub fn lte(&self) -> (i8, i8) {
        let index = |quantity: Quantity, value: f64| quantity.index(value as f32).unwrap_or_default();
        (index(Quantity::LteRsrp, self.rsrp_dbm), index(Quantity::LteRsrq, self.rsrq_db))
    }

    /// What NR reports of the same values, SS-RSRP 0 to 126, SS-RSRQ and SS-SINR 0 to 127 (TS 38.133 clauses 10.1.6, 10.1.11, 10.1.16).
    #[must_use]
    pub fn nr(&self) -> (i8, i8, i8) {
        let index = |quantity: Quantity, value: f64| quantity.index(value as f32).unwrap_or_default();
        let sinr = index(Quantity::NrSinr, self.sinr_db);
        (index(Quantity::NrRsrp, self.rsrp_dbm), index(Quantity::NrRsrq, self.rsrq_db), sinr)
    }

    /// Whether a phone finds it.
    #[must_use]
    pub fn found(&self) -> bool {
        self.rsrp_dbm >= FOUND_DBM && self.sinr_db >= FOUND_DB
    }
}

/// Every cell that is on the air within reach, the strongest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Survey {
    /// The cells.
    pub heard: Vec<Heard>,
}

impl Survey {
    /// A cell, by its place in [`Ran::cells`].
    #[must_use]
    pub fn of(&self, at: usize) -> Option<&Heard> {
        self.heard.iter().find(|heard| heard.at == at)
    }

    /// The strongest suitable cell: one that is found, above the least RSRP of the network, and that lets phones in.
    #[must_use]
    pub fn best(&self, ran: &Ran) -> Option<&Heard> {
        self.heard.iter().find(|heard| heard.suitable(ran))
    }

    /// The cells that a phone finds beside the one that serves it, the strongest first.
    pub fn neighbours(&self, serving: Option<usize>) -> impl Iterator<Item = &Heard> {
        self.heard.iter().filter(move |heard| heard.found() && Some(heard.at) != serving)
    }
}

impl Heard {
    /// Whether a phone may camp on it (TS 36.304 clause 4.3): not where it is not let in, which stands for a barred cell.
    #[must_use]
    pub fn suitable(&self, ran: &Ran) -> bool {
        let admits = ran.cells().get(self.at).is_some_and(|cell| cell.admits);
        admits && self.found() && self.rsrp_dbm > ran.least_rsrp_dbm()
    }
}
