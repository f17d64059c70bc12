//! To octets.

use super::aper::Open;
use super::{
    Area, CollectorAddress, DelayThreshold, Event, Immediate, Links, Logged, MdtConfiguration, Mode, Periodic,
    S1apError, Threshold, TraceActivation, asn, ids, place, sets, turn_plmn,
};
use crate::job::{Duration, M6PeriodLte, MeasurementPeriodLte, ReportAmount, TimeToTriggerL1};
use crate::rrc::{Plmn, lte};
use crate::uper::{As, Same, Writer};

const fn unencodable(element: &'static str) -> S1apError {
    S1apError::Unencodable { element }
}

fn encoded<T, C: As<T>>(value: &T, element: &'static str) -> Result<Vec<u8>, S1apError> {
    let mut writer = Writer::new();
    C::write(value, &mut writer).map_err(|_| unencodable(element))?;
    Ok(writer.finish())
}

fn plmn(plmn: Plmn) -> [u8; 3] {
    turn_plmn(plmn.to_octets(), false)
}

/// Extensions in the order in which they are added.
#[derive(Default)]
struct Adding(asn::Extensions);

impl Adding {
    fn add<T, C: As<T>>(&mut self, id: u16, value: &T, element: &'static str) -> Result<(), S1apError> {
        let value = encoded::<T, C>(value, element)?;
        self.0.push(asn::Extension { id: id.into(), criticality: asn::IGNORE, value });
        Ok(())
    }

    fn done(self) -> Option<asn::Extensions> {
        (!self.0.is_empty()).then_some(self.0)
    }
}

impl TraceActivation {
    /// In aligned PER, as it stands in the messages of S1AP.
    ///
    /// # Errors
    /// [`S1apError::Unencodable`]: which element is outside its type.
    pub fn to_octets(&self) -> Result<Vec<u8>, S1apError> {
        let mut trace_id = [0; 8];
        let (plmn, id) = (plmn(self.trace_reference.plmn), self.trace_reference.trace_id);
        let octets = plmn.into_iter().chain(id).chain(self.recording_session);
        trace_id.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
        let mut extensions = Adding::default();
        if let Some(mdt) = &self.mdt {
            extensions.add::<_, Same>(ids::MDT_CONFIGURATION, &mdt.asn()?, "MDT-Configuration")?;
        }
        if let Some(uri) = &self.collector_uri {
            if !uri.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
                return Err(unencodable("TraceCollectionEntityURI"));
            }
            let uri = uri.as_bytes().to_vec();
            extensions.add::<_, Open>(ids::COLLECTOR_URI, &uri, "TraceCollectionEntityURI")?;
        }
        let activation = asn::TraceActivation {
            trace_id,
            interfaces: self.interfaces,
            depth: place(self.depth, &sets::DEPTHS).ok_or(unencodable("TraceDepth"))?,
            collector: self.collector.asn(),
            extensions: extensions.done(),
        };
        encoded::<_, Same>(&activation, "TraceActivation")
    }
}

impl CollectorAddress {
    fn asn(self) -> Vec<u8> {
        match self {
            Self::V4(v4) => v4.octets().to_vec(),
            Self::V6(v6) => v6.octets().to_vec(),
            Self::Both(v4, v6) => v4.octets().into_iter().chain(v6.octets()).collect(),
        }
    }
}

impl MdtConfiguration {
    fn asn(&self) -> Result<asn::MdtConfiguration, S1apError> {
        let mut extensions = Adding::default();
        if !self.plmns.is_empty() {
            let plmns: Vec<[u8; 3]> = self.plmns.iter().map(|network| plmn(*network)).collect();
            extensions.add::<_, asn::Plmns>(ids::PLMNS, &plmns, "SignallingBasedMDTPLMNList")?;
        }
        let activation = place(self.activation, &sets::ACTIVATIONS).ok_or(unencodable("MDT-Activation"))?;
        let mode = match &self.mode {
            Mode::Immediate(immediate) => asn::Mode::Immediate(immediate.asn()?),
            Mode::Logged(logged) => asn::Mode::Logged(logged.asn()?),
        };
        Ok(asn::MdtConfiguration { activation, area: self.area.asn(), mode, extensions: extensions.done() })
    }
}

impl Area {
    fn asn(&self) -> asn::Area {
        match self {
            Self::Everywhere => asn::Area::Everywhere,
            Self::Cells(cells) => {
                let cell = |of: &lte::Ecgi| asn::Cgi { plmn: plmn(of.plmn), cell: of.cell, extensions: None };
                asn::Area::Cells(asn::CellBased { cells: cells.iter().map(cell).collect(), extensions: None })
            }
            Self::TrackingAreaCodes(codes) => {
                let codes = codes.iter().map(|code| code.to_be_bytes()).collect();
                asn::Area::TrackingAreaCodes(asn::CodeBased { codes, extensions: None })
            }
            Self::TrackingAreas(areas) => {
                let tai = |(network, code): &(Plmn, u16)| asn::Tai {
                    plmn: plmn(*network),
                    code: code.to_be_bytes(),
                    extensions: None,
                };
                asn::Area::TrackingAreas(asn::AreaBased { areas: areas.iter().map(tai).collect(), extensions: None })
            }
        }
    }
}

impl Logged {
    fn asn(&self) -> Result<asn::Logged, S1apError> {
        let mut extensions = Adding::default();
        if let Some(event) = &self.event {
            let trigger = asn::LoggedTrigger::Event(event.asn()?);
            extensions.add::<_, Same>(ids::LOGGED_TRIGGER, &trigger, "LoggedMDTTrigger")?;
        }
        if self.barometer {
            let item = asn::SensorItem { name: asn::SensorName::Barometer(0), extensions: None };
            let sensors = asn::Sensors { config: 0, names: Some(vec![item]), extensions: None };
            extensions.add::<_, Same>(ids::SENSORS, &sensors, "SensorMeasurementConfiguration")?;
        }
        let interval = place(self.interval, &sets::INTERVALS);
        let duration = place(self.duration, Duration::ALL);
        Ok(asn::Logged {
            interval: interval.ok_or(unencodable("LoggingInterval"))?,
            duration: duration.ok_or(unencodable("LoggingDuration"))?,
            extensions: extensions.done(),
        })
    }
}

impl Event {
    fn asn(&self) -> Result<asn::Event, S1apError> {
        let Self::L1 { threshold, hysteresis, time_to_trigger } = self else {
            return Ok(asn::Event::OutOfCoverage(0));
        };
        let threshold = match threshold {
            Threshold::Rsrp(index) => asn::L1Threshold::Rsrp(*index),
            Threshold::Rsrq(index) => asn::L1Threshold::Rsrq(*index),
        };
        let time = place(*time_to_trigger, TimeToTriggerL1::ALL);
        Ok(asn::Event::L1(asn::L1 {
            threshold,
            hysteresis: *hysteresis,
            time_to_trigger: time.ok_or(unencodable("TimeToTrigger"))?,
            extensions: None,
        }))
    }
}

fn links(links: Links) -> u8 {
    place(links, &sets::LINKS).unwrap_or_default()
}

/// The amount of M4 to M7 as their extension.
fn amount(amount: Option<ReportAmount>, id: u16) -> Result<Option<asn::Extensions>, S1apError> {
    let mut extensions = Adding::default();
    if let Some(amount) = amount {
        let amount = place(amount, &sets::AMOUNTS).ok_or(unencodable("ReportAmountMDT"))?;
        extensions.add::<_, asn::Amount>(id, &amount, "ReportAmountMDT")?;
    }
    Ok(extensions.done())
}

fn m4(of: &Periodic<MeasurementPeriodLte>, id: u16) -> Result<asn::M4, S1apError> {
    let period = place(of.period, MeasurementPeriodLte::ALL).ok_or(unencodable("M4period"))?;
    Ok(asn::M4 { period, links: links(of.links), extensions: amount(of.amount, id)? })
}

impl Immediate {
    fn asn(&self) -> Result<asn::Immediate, S1apError> {
        let m1_threshold = self.m1_threshold.map(|threshold| match threshold {
            Threshold::Rsrp(index) => asn::A2Threshold::Rsrp(index),
            Threshold::Rsrq(index) => asn::A2Threshold::Rsrq(index),
        });
        let m1_periodic = match self.m1_periodic {
            None => None,
            Some((interval, amount)) => {
                let places = place(interval, &sets::M1_INTERVALS).zip(place(amount, &sets::AMOUNTS));
                let (interval, amount) = places.ok_or(unencodable("M1PeriodicReporting"))?;
                Some(asn::M1Periodic { interval, amount, extensions: None })
            }
        };
        Ok(asn::Immediate {
            measurements: self.measurements,
            m1_trigger: place(self.m1_trigger, &sets::M1_TRIGGERS).ok_or(unencodable("M1ReportingTrigger"))?,
            m1_threshold: m1_threshold.map(|threshold| asn::M1Threshold { threshold, extensions: None }),
            m1_periodic,
            extensions: self.extensions()?,
        })
    }

    fn extensions(&self) -> Result<Option<asn::Extensions>, S1apError> {
        let mut all = Adding::default();
        if let Some(period) = self.m3 {
            let period = place(period, &sets::M3_PERIODS).ok_or(unencodable("M3period"))?;
            all.add::<_, Same>(ids::M3, &asn::M3 { period, extensions: None }, "M3Configuration")?;
        }
        if let Some(of) = &self.m4 {
            all.add::<_, Same>(ids::M4, &m4(of, ids::M4_AMOUNT)?, "M4Configuration")?;
        }
        if let Some(of) = &self.m5 {
            all.add::<_, Same>(ids::M5, &m4(of, ids::M5_AMOUNT)?, "M5Configuration")?;
        }
        if self.location != 0 {
            all.add::<_, asn::Location>(ids::LOCATION, &self.location, "MDT-Location-Info")?;
        }
        if let Some(of) = &self.m6 {
            let interval = place(of.period, M6PeriodLte::ALL);
            let delay = |DelayThreshold(ms)| place(ms, &DelayThreshold::ALL_MS);
            let m6 = asn::M6 {
                interval: interval.ok_or(unencodable("M6report-Interval"))?,
                delay: self.m6_threshold.and_then(delay),
                links: links(of.links),
                extensions: amount(of.amount, ids::M6_AMOUNT)?,
            };
            all.add::<_, Same>(ids::M6, &m6, "M6Configuration")?;
        }
        if let Some(of) = &self.m7 {
            let extensions = amount(of.amount, ids::M7_AMOUNT)?;
            let m7 = asn::M7 { beyond: false, period: of.period, links: links(of.links), extensions };
            all.add::<_, Same>(ids::M7, &m7, "M7Configuration")?;
        }
        let flag = |is: bool| is.then_some(0);
        if self.bluetooth_rssi {
            let rssi = flag(true);
            let bluetooth = asn::Bluetooth { config: 0, names: None, rssi, extensions: None };
            all.add::<_, Same>(ids::BLUETOOTH, &bluetooth, "BluetoothMeasurementConfiguration")?;
        }
        if self.wlan_rssi || self.wlan_rtt {
            let (rssi, rtt) = (flag(self.wlan_rssi), flag(self.wlan_rtt));
            let wlan = asn::Wlan { config: 0, names: None, rssi, rtt, extensions: None };
            all.add::<_, Same>(ids::WLAN, &wlan, "WLANMeasurementConfiguration")?;
        }
        Ok(all.done())
    }
}
