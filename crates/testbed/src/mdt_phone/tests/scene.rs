//! A street with two masts and a tunnel, a collector with its keys, and a phone that goes along it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests, outside of test functions")]

use crate::mdt_phone::*;
use crate::ran::RanSpec;
use lcs::gad::Shape;
use mdt::rrc::{AbsoluteTime, Plmn, TraceHead, TraceReference, lte};
use mdt_log::open::{CollectorPrivateKey, ReceiptSigner, UnlockedEpoch, open_report, open_segment, unlock};
use mdt_log::{CollectorKey, KeyId, ReceiptKey, Received, SegmentHead, Suite};
use sha2::{Digest as _, Sha256};

pub(super) const SECOND: u64 = 1000;
pub(super) const NOW_S: u64 = 1_795_600_800;
pub(super) const TCE: u8 = 1;

/// Masts at 0 and 800 m; a tunnel from 1400 to 1800 m; a third mast of another network at 2600 m. The second cell lets in whom `admits` says.
pub(super) fn street(admits: bool) -> Ran {
    let site = |metres: f64, cell: u32, plmn: &str, admits: bool| {
        let Position { lat_deg, lon_deg } = east(metres);
        format!(
            "[[site]]\nlatitude = {lat_deg}\nlongitude = {lon_deg}\nheight_m = 10\nplmn = '{plmn}'\n[[site.cell]]\n\
             cell = {cell}\ntac = {}\npci = {}\nadmits = {admits}\n",
            cell >> 8,
            cell >> 8
        )
    };
    let Position { lat_deg, lon_deg } = east(1600.0);
    let text = format!(
        "seed = 11\nsurroundings = 'urban_micro'\n{}{}{}[[hole]]\nlatitude = {lat_deg}\nlongitude = {lon_deg}\nradius_m = 200\nloss_db = 90\n",
        site(0.0, 0x101, "001-01", true),
        site(800.0, 0x201, "001-01", admits),
        site(2600.0, 0x301, "262-02", true),
    );
    let spec: RanSpec = toml::from_str(&text).unwrap();
    Ran::new(&spec, home()).unwrap()
}

pub(super) fn home() -> Plmn {
    Plmn::new("001", "01").unwrap()
}

/// A place so many metres east of the first mast.
pub(super) fn east(metres: f64) -> Position {
    Position { lat_deg: 52.5, lon_deg: 13.4 + metres / (111_320.0 * 52.5f64.to_radians().cos()) }
}

/// A path that begins at a place of the street and goes east at a speed.
pub(super) fn going(from_m: f64, metres_a_second: f64) -> impl Fn(u64) -> Position {
    move |at_ms| east(from_m + metres_a_second * at_ms as f64 / 1000.0)
}

/// Everywhere, periodical, 1.28 s, 10 minutes; changed by `how`. The octets of the message.
pub(super) fn job(how: impl FnOnce(&mut lte::LoggedMeasurementConfiguration)) -> Vec<u8> {
    let trace_reference = TraceReference { plmn: home(), trace_id: [0, 0, 1] };
    let mut told = lte::LoggedMeasurementConfiguration {
        trace: TraceHead { trace_reference, recording_session: [0, 1], tce_id: TCE },
        absolute_time: AbsoluteTime([0x26, 0x11, 0x29, 0x06, 0, 0]),
        area: None,
        duration: lte::LoggingDuration::Min10,
        interval: lte::LoggingInterval::Ms1280,
        plmns: None,
        tracking_area_plmns: None,
        mbsfn: None,
        bluetooth: None,
        wlan: None,
        event: None,
        barometer: false,
        signalling_based: false,
    };
    how(&mut told);
    lte::DlDcch::LoggedMeasurementConfiguration(Box::new(told)).encode().unwrap()
}

pub(super) struct Collector {
    private: Vec<CollectorPrivateKey>,
    pub(super) list: KeyList,
    signer: ReceiptSigner,
}

impl Collector {
    pub(super) fn new() -> Self {
        let mut list = KeyList {
            version: 1,
            issued_s: NOW_S - 60,
            expires_s: NOW_S + 86_400 * 9,
            keys: Vec::new(),
            receipts: Vec::new(),
        };
        let mut private = Vec::new();
        for (at, suite) in [(1, Suite::Small), (2, Suite::Hybrid)] {
            let id = KeyId([at; 8]);
            let (key, public) = CollectorPrivateKey::generate(id, suite, &mut Entropy::new([at; 32]));
            list.keys.push(CollectorKey::new(id, TCE, suite, NOW_S - 60, NOW_S + 86_400 * 9, public).unwrap());
            private.push(key);
        }
        let id = KeyId([9; 8]);
        let signer = ReceiptSigner::from_seed(id, &[9; 32]);
        list.receipts.push(ReceiptKey { id, from_s: NOW_S - 60, until_s: NOW_S + 86_400 * 9, public: signer.public() });
        Self { private, list, signer }
    }

    pub(super) fn phone(&self, settings: Settings) -> MdtPhone {
        let entropy = Entropy::new([77; 32]);
        let keys = self.list.clone();
        MdtPhone::switch_on(&Flash::default(), entropy, BootId([1; 16]), keys, settings, NOW_S).unwrap()
    }

    /// Takes all that the phone offers and opens it; answers with receipts, which the phone takes. None where it offers nothing.
    pub(super) fn fetch(&self, phone: &mut MdtPhone) -> Option<Fetched> {
        let offered = phone.offer().unwrap();
        let mut fetched = Fetched::default();
        for of in &offered {
            let unlocked = unlock(&of.unlock, &self.private).unwrap();
            fetched.open(&of.octets, &self.private, &unlocked);
            let receipt = self.signer.sign(unlocked.id(), NOW_S, vec![received(of)]).unwrap();
            phone.receipt(&receipt).unwrap();
        }
        (!offered.is_empty()).then_some(fetched)
    }

    /// Contents of the entries that the phone offers, oldest first.
    pub(super) fn records(&self, phone: &mut MdtPhone) -> Vec<Vec<u8>> {
        let mut records = Vec::new();
        for of in phone.offer().unwrap() {
            let unlocked = unlock(&of.unlock, &self.private).unwrap();
            open_segment(&of.octets, &self.private, &unlocked, |record| {
                if record.kind == Kind::Entry {
                    records.push(record.content.to_vec());
                }
            })
            .unwrap();
        }
        records
    }

    /// Receipts for a segment that must not count: by another's key under the same name, and with a bit turned.
    pub(super) fn receipts_of_others(&self, of: &Offered) -> [Vec<u8>; 2] {
        let epoch = unlock(&of.unlock, &self.private).unwrap().id();
        let other = ReceiptSigner::from_seed(KeyId([9; 8]), &[8; 32]).sign(epoch, NOW_S, vec![received(of)]).unwrap();
        let mut turned = self.signer.sign(epoch, NOW_S, vec![received(of)]).unwrap();
        turned[20] ^= 1;
        [other, turned]
    }

    /// How many records of these octets open with every key that the collector has, the phone not asked.
    pub(super) fn opens(&self, image: &[Vec<u8>], unlocked: &UnlockedEpoch) -> usize {
        let mut records = 0;
        for octets in image {
            // An error is a segment of which nothing opens.
            if let Err(_none) = open_segment(octets, &self.private, unlocked, |_| records += 1) {}
        }
        records
    }

    /// The second lock of what the phone holds now.
    pub(super) fn unlocked(&self, phone: &mut MdtPhone) -> UnlockedEpoch {
        unlock(&phone.offer().unwrap()[0].unlock, &self.private).unwrap()
    }
}

/// What a collector has of a phone.
#[derive(Default)]
pub(super) struct Fetched {
    pub(super) entries: Vec<lte::LogMeasInfo>,
    pub(super) failures: Vec<lte::RlfReport>,
    pub(super) heads: Vec<SegmentHead>,
}

impl Fetched {
    fn open(&mut self, octets: &[u8], private: &[CollectorPrivateKey], unlocked: &UnlockedEpoch) {
        let Ok(parsed) = SegmentHead::parse(octets) else {
            open_report(octets, private, unlocked, |_, record| {
                self.failures.push(lte::RlfReport::decode(record.content).unwrap());
            })
            .unwrap();
            return;
        };
        self.heads.push(parsed.head);
        let verdict = open_segment(octets, private, unlocked, |record| {
            if record.kind == Kind::Entry {
                self.entries.push(lte::LogMeasInfo::decode(record.content).unwrap());
            }
        });
        assert!(verdict.unwrap().findings.is_empty());
    }
}

/// An entry against the truth, value by value.
pub(super) fn assert_true(entry: &lte::LogMeasInfo, truth: &Truth, ran: &Ran) {
    assert_eq!(entry.relative_time_s, truth.relative_s);
    assert_eq!(entry.any_cell.is_some(), truth.any_cell_selection);
    let serving = truth.serving.unwrap();
    let cell = ran.cells()[serving];
    assert_eq!(entry.serving_cell, lte::Ecgi { plmn: cell.plmn, cell: cell.cell as u32 });
    let heard = truth.survey.of(serving).unwrap();
    assert_eq!((entry.serving.rsrp, entry.serving.rsrq), heard.lte());
    // An index is the interval that holds the value (TS 36.133 clauses 9.1.4, 9.1.7); its ends are open.
    let within = |index: i8, value: f64, from: f64, step: f64, top: i8| {
        let low = from + step * f64::from(index);
        (index == 0 || value >= low - 1e-4) && (index == top || value < low + step + 1e-4)
    };
    assert!(within(entry.serving.rsrp, heard.rsrp_dbm, -141.0, 1.0, 97), "{entry:?} {heard:?}");
    assert!(within(entry.serving.rsrq, heard.rsrq_db, -20.0, 0.5, 34), "{entry:?} {heard:?}");
    let neighbours = entry.neighbours.as_ref().and_then(|n| n.eutra.as_deref()).unwrap_or_default();
    let told: Vec<_> = neighbours
        .iter()
        .flat_map(|carrier| carrier.cells.iter().map(move |c| (carrier.earfcn, c.pci, c.result.rsrp, c.result.rsrq)))
        .collect();
    let wanted: Vec<_> = truth
        .survey
        .neighbours(Some(serving))
        .map(|heard| {
            let ((rsrp, rsrq), cell) = (heard.lte(), ran.cells()[heard.at]);
            (cell.arfcn, cell.pci, Some(rsrp), Some(rsrq))
        })
        .collect();
    assert_eq!(told, wanted);
}

/// The place that an entry tells.
pub(super) fn told(entry: &lte::LogMeasInfo) -> Option<Shape> {
    entry.location.as_ref().map(|location| location.coordinates.shape().unwrap())
}

/// What a receipt says of a segment of which a record was kept.
fn received(of: &Offered) -> Received {
    let (octets, digest) = (of.octets.len() as u32, Sha256::digest(&of.octets).into());
    Received { segment: of.segment, octets, digest, kept: 1, not_wanted: 0, unreadable: 0 }
}
