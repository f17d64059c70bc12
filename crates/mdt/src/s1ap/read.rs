//! From octets.

use super::aper::Open;
use super::{
    Area, CollectorAddress, DelayThreshold, Event, Immediate, Logged, MAX_ACTIVATION, MdtConfiguration, Mode, Periodic,
    S1apError, Threshold, TraceActivation, asn, at_place, ids, sets, turn_plmn,
};
use crate::job::{Duration, M6PeriodLte, MeasurementPeriodLte, ReportAmount, TimeToTriggerL1};
use crate::rrc::{Plmn, TraceReference, lte};
use crate::uper::{As, Reader, Same};
use core::net::{Ipv4Addr, Ipv6Addr};

const fn unsound(element: &'static str) -> S1apError {
    S1apError::Unsound { element }
}

const fn unknown(element: &'static str) -> S1apError {
    S1apError::Unknown { element }
}

/// A value that takes up all of these octets, whatever bits fill up the last one.
fn decoded<T, C: As<T>>(octets: &[u8], element: &'static str) -> Result<T, S1apError> {
    let mut reader = Reader::new(octets).map_err(|_| unsound(element))?;
    let value = C::read(&mut reader).map_err(|_| unsound(element))?;
    if reader.is_sound() && reader.is_at_end() { Ok(value) } else { Err(unsound(element)) }
}

fn plmn(octets: [u8; 3]) -> Result<Plmn, S1apError> {
    Plmn::from_octets(turn_plmn(octets, true)).ok_or(unsound("PLMNidentity"))
}

/// What extensions hold, each under its identity. What is not known may be passed over where its criticality says so; the same
/// twice may not.
struct Held<'a>(&'a [asn::Extension]);

impl<'a> Held<'a> {
    fn of(extensions: Option<&'a asn::Extensions>, known: &[u16], element: &'static str) -> Result<Self, S1apError> {
        let all = extensions.map_or(&[][..], Vec::as_slice);
        for (at, extension) in all.iter().enumerate() {
            let is_known = known.iter().any(|id| u32::from(*id) == extension.id);
            if !is_known && extension.criticality == asn::REJECT {
                return Err(unknown(element));
            }
            if all.iter().take(at).any(|before| before.id == extension.id) {
                return Err(unsound(element));
            }
        }
        Ok(Self(all))
    }

    fn get<T, C: As<T>>(&self, id: u16, element: &'static str) -> Result<Option<T>, S1apError> {
        let held = self.0.iter().find(|extension| extension.id == u32::from(id));
        held.map(|extension| decoded::<T, C>(&extension.value, element)).transpose()
    }
}

/// That an element whose extensions say nothing here has none that may not be passed over.
fn nothing_in(extensions: Option<&asn::Extensions>, element: &'static str) -> Result<(), S1apError> {
    Held::of(extensions, &[], element).map(drop)
}

impl TraceActivation {
    /// From aligned PER.
    ///
    /// # Errors
    /// The octets are not of this type, or ask for what is not known here.
    pub fn from_octets(octets: &[u8]) -> Result<Self, S1apError> {
        if octets.len() > MAX_ACTIVATION {
            return Err(S1apError::TooLong { octets: octets.len() });
        }
        let read: asn::TraceActivation = decoded::<_, Same>(octets, "TraceActivation")?;
        let [a, b, c, d, e, f, g, h] = read.trace_id;
        let known = [ids::MDT_CONFIGURATION, ids::COLLECTOR_URI];
        let held = Held::of(read.extensions.as_ref(), &known, "TraceActivation")?;
        let mdt: Option<asn::MdtConfiguration> = held.get::<_, Same>(ids::MDT_CONFIGURATION, "MDT-Configuration")?;
        let uri: Option<Vec<u8>> = held.get::<_, Open>(ids::COLLECTOR_URI, "TraceCollectionEntityURI")?;
        Ok(Self {
            trace_reference: TraceReference { plmn: plmn([a, b, c])?, trace_id: [d, e, f] },
            recording_session: [g, h],
            interfaces: read.interfaces,
            depth: at_place(read.depth, &sets::DEPTHS).ok_or(unsound("TraceDepth"))?,
            collector: address(&read.collector)?,
            collector_uri: uri.map(text).transpose()?,
            mdt: mdt.as_ref().map(configuration).transpose()?,
        })
    }
}

/// VisibleString.
fn text(octets: Vec<u8>) -> Result<String, S1apError> {
    const ELEMENT: &str = "TraceCollectionEntityURI";
    if !octets.iter().all(|octet| matches!(octet, b' '..=b'~')) {
        return Err(unsound(ELEMENT));
    }
    String::from_utf8(octets).map_err(|_| unsound(ELEMENT))
}

fn address(octets: &[u8]) -> Result<CollectorAddress, S1apError> {
    const ELEMENT: &str = "TransportLayerAddress";
    let v6 = |octets: &[u8]| <[u8; 16]>::try_from(octets).map(Ipv6Addr::from).map_err(|_| unsound(ELEMENT));
    match octets.split_first_chunk::<4>() {
        Some((v4, [])) => Ok(CollectorAddress::V4(Ipv4Addr::from(*v4))),
        Some((v4, rest)) if rest.len() == 16 => Ok(CollectorAddress::Both(Ipv4Addr::from(*v4), v6(rest)?)),
        _ => v6(octets).map(CollectorAddress::V6),
    }
}

fn configuration(read: &asn::MdtConfiguration) -> Result<MdtConfiguration, S1apError> {
    let held = Held::of(read.extensions.as_ref(), &[ids::PLMNS], "MDT-Configuration")?;
    let plmns: Option<Vec<[u8; 3]>> = held.get::<_, asn::Plmns>(ids::PLMNS, "SignallingBasedMDTPLMNList")?;
    let plmns = plmns.into_iter().flatten().map(plmn);
    Ok(MdtConfiguration {
        activation: at_place(read.activation, &sets::ACTIVATIONS).ok_or(unknown("MDT-Activation"))?,
        area: area(&read.area)?,
        mode: match &read.mode {
            asn::Mode::Immediate(immediate) => Mode::Immediate(Box::new(self::immediate(immediate)?)),
            asn::Mode::Logged(logged) => Mode::Logged(self::logged(logged)?),
        },
        plmns: plmns.collect::<Result<_, _>>()?,
    })
}

fn area(read: &asn::Area) -> Result<Area, S1apError> {
    const ELEMENT: &str = "AreaScopeOfMDT";
    Ok(match read {
        asn::Area::Everywhere => Area::Everywhere,
        asn::Area::Cells(based) => {
            nothing_in(based.extensions.as_ref(), ELEMENT)?;
            let cell = |cell: &asn::Cgi| {
                nothing_in(cell.extensions.as_ref(), ELEMENT)?;
                Ok(lte::Ecgi { plmn: plmn(cell.plmn)?, cell: cell.cell })
            };
            Area::Cells(based.cells.iter().map(cell).collect::<Result<_, S1apError>>()?)
        }
        asn::Area::TrackingAreaCodes(based) => {
            nothing_in(based.extensions.as_ref(), ELEMENT)?;
            Area::TrackingAreaCodes(based.codes.iter().map(|code| u16::from_be_bytes(*code)).collect())
        }
        asn::Area::TrackingAreas(based) => {
            nothing_in(based.extensions.as_ref(), ELEMENT)?;
            let tai = |tai: &asn::Tai| {
                nothing_in(tai.extensions.as_ref(), ELEMENT)?;
                Ok((plmn(tai.plmn)?, u16::from_be_bytes(tai.code)))
            };
            Area::TrackingAreas(based.areas.iter().map(tai).collect::<Result<_, S1apError>>()?)
        }
    })
}

fn logged(read: &asn::Logged) -> Result<Logged, S1apError> {
    const ELEMENT: &str = "LoggedMDT";
    let known = [ids::BLUETOOTH, ids::WLAN, ids::LOGGED_TRIGGER, ids::SENSORS];
    let held = Held::of(read.extensions.as_ref(), &known, ELEMENT)?;
    let event = match held.get::<_, Same>(ids::LOGGED_TRIGGER, "LoggedMDTTrigger")? {
        None | Some(asn::LoggedTrigger::Periodical(())) => None,
        Some(asn::LoggedTrigger::Event(event)) => Some(self::event(&event)?),
    };
    let sensors: Option<asn::Sensors> = held.get::<_, Same>(ids::SENSORS, "SensorMeasurementConfiguration")?;
    let names = sensors.iter().flat_map(|sensors| sensors.names.iter().flatten());
    let is_barometer = |item: &asn::SensorItem| matches!(item.name, asn::SensorName::Barometer(_));
    Ok(Logged {
        interval: at_place(read.interval, &sets::INTERVALS).ok_or(unsound(ELEMENT))?,
        duration: at_place(read.duration, Duration::ALL).ok_or(unsound(ELEMENT))?,
        event,
        barometer: names.into_iter().any(is_barometer),
    })
}

fn event(read: &asn::Event) -> Result<Event, S1apError> {
    const ELEMENT: &str = "LoggedMDTTrigger";
    let l1 = match read {
        asn::Event::OutOfCoverage(_) => return Ok(Event::OutOfCoverage),
        asn::Event::Later(_) => return Err(unknown(ELEMENT)),
        asn::Event::L1(l1) => l1,
    };
    nothing_in(l1.extensions.as_ref(), ELEMENT)?;
    let threshold = match l1.threshold {
        asn::L1Threshold::Rsrp(index) => Threshold::Rsrp(index),
        asn::L1Threshold::Rsrq(index) => Threshold::Rsrq(index),
        asn::L1Threshold::Later(_) => return Err(unknown(ELEMENT)),
    };
    let time = at_place(l1.time_to_trigger, TimeToTriggerL1::ALL);
    Ok(Event::L1 { threshold, hysteresis: l1.hysteresis, time_to_trigger: time.ok_or(unsound(ELEMENT))? })
}

fn amount(
    extensions: Option<&asn::Extensions>,
    id: u16,
    element: &'static str,
) -> Result<Option<ReportAmount>, S1apError> {
    let amount: Option<u8> = Held::of(extensions, &[id], element)?.get::<_, asn::Amount>(id, "ReportAmountMDT")?;
    Ok(amount.and_then(|amount| at_place(amount, &sets::AMOUNTS)))
}

fn m4(
    read: Option<asn::M4>,
    id: u16,
    element: &'static str,
) -> Result<Option<Periodic<MeasurementPeriodLte>>, S1apError> {
    let Some(read) = read else { return Ok(None) };
    let period = at_place(read.period, MeasurementPeriodLte::ALL).ok_or(unsound(element))?;
    Ok(Some(Periodic {
        period,
        links: at_place(read.links, &sets::LINKS).ok_or(unsound("Links-to-log"))?,
        amount: amount(read.extensions.as_ref(), id, element)?,
    }))
}

const IMMEDIATE: [u16; 9] =
    [ids::M3, ids::M4, ids::M5, ids::LOCATION, ids::M6, ids::M7, ids::BLUETOOTH, ids::WLAN, ids::SENSORS];

fn immediate(read: &asn::Immediate) -> Result<Immediate, S1apError> {
    let held = Held::of(read.extensions.as_ref(), &IMMEDIATE, "ImmediateMDT")?;
    let m3: Option<asn::M3> = held.get::<_, Same>(ids::M3, "M3Configuration")?;
    let m6: Option<asn::M6> = held.get::<_, Same>(ids::M6, "M6Configuration")?;
    let m7: Option<asn::M7> = held.get::<_, Same>(ids::M7, "M7Configuration")?;
    let location: Option<u8> = held.get::<_, asn::Location>(ids::LOCATION, "MDT-Location-Info")?;
    let bluetooth: Option<asn::Bluetooth> = held.get::<_, Same>(ids::BLUETOOTH, "BluetoothMeasurementConfiguration")?;
    let wlan: Option<asn::Wlan> = held.get::<_, Same>(ids::WLAN, "WLANMeasurementConfiguration")?;
    let m1_threshold = read.m1_threshold.as_ref().map(|m1| {
        nothing_in(m1.extensions.as_ref(), "M1ThresholdEventA2").map(|()| match m1.threshold {
            asn::A2Threshold::Rsrp(index) => Threshold::Rsrp(index),
            asn::A2Threshold::Rsrq(index) => Threshold::Rsrq(index),
        })
    });
    let m1_periodic = read.m1_periodic.as_ref().map(|m1| {
        nothing_in(m1.extensions.as_ref(), "M1PeriodicReporting")?;
        let interval = at_place(m1.interval, &sets::M1_INTERVALS);
        let amount = at_place(m1.amount, &sets::AMOUNTS);
        interval.zip(amount).ok_or(unsound("M1PeriodicReporting"))
    });
    let m6_periodic = m6.as_ref().map(|m6| {
        let period = at_place(m6.interval, M6PeriodLte::ALL).ok_or(unsound("M6Configuration"))?;
        let amount = amount(m6.extensions.as_ref(), ids::M6_AMOUNT, "M6Configuration")?;
        Ok(Periodic { period, links: at_place(m6.links, &sets::LINKS).ok_or(unsound("Links-to-log"))?, amount })
    });
    let m7 = m7.map(|m7| {
        let amount = amount(m7.extensions.as_ref(), ids::M7_AMOUNT, "M7Configuration")?;
        let period = if m7.beyond { return Err(unknown("M7period")) } else { m7.period };
        Ok(Periodic { period, links: at_place(m7.links, &sets::LINKS).ok_or(unsound("Links-to-log"))?, amount })
    });
    let delay = m6.as_ref().and_then(|m6| m6.delay);
    let delay = delay.and_then(|delay| at_place(delay, &DelayThreshold::ALL_MS));
    Ok(Immediate {
        measurements: read.measurements,
        m1_trigger: at_place(read.m1_trigger, &sets::M1_TRIGGERS).ok_or(unsound("M1ReportingTrigger"))?,
        m1_threshold: m1_threshold.transpose()?,
        m1_periodic: m1_periodic.transpose()?,
        m3: m3.and_then(|m3| at_place(m3.period, &sets::M3_PERIODS)),
        m4: m4(held.get::<_, Same>(ids::M4, "M4Configuration")?, ids::M4_AMOUNT, "M4Configuration")?,
        m5: m4(held.get::<_, Same>(ids::M5, "M5Configuration")?, ids::M5_AMOUNT, "M5Configuration")?,
        m6: m6_periodic.transpose()?,
        m6_threshold: delay.map(DelayThreshold),
        m7: m7.transpose()?,
        location: location.unwrap_or_default(),
        bluetooth_rssi: bluetooth.is_some_and(|bluetooth| bluetooth.rssi.is_some()),
        wlan_rssi: wlan.as_ref().is_some_and(|wlan| wlan.rssi.is_some()),
        wlan_rtt: wlan.is_some_and(|wlan| wlan.rtt.is_some()),
    })
}
