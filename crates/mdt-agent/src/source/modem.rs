//! A modem by ModemManager over D-Bus (interfaces `org.freedesktop.ModemManager1.Modem`, `.Modem3gpp`, `.Signal`, `.Location`).
//!
//! It reads and switches nothing on but the polling of signal values: positioning runs where somebody else wants it
//! (TS 37.320 clause 5.1.1: logged MDT uses a position that is there).

use super::{Sighting, cells, ranked, shape};
use crate::quantity::{Kept, Quality};
use lcs::PlmnId;
use mdt_log::Rat;
use mdt_log::machine::{Camping, CellId};
use std::collections::HashMap;
use std::time::Duration;
use thiserror::Error;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, Proxy};

const SERVICE: &str = "org.freedesktop.ModemManager1";
const ROOT: &str = "/org/freedesktop/ModemManager1";
const MODEM: &str = "org.freedesktop.ModemManager1.Modem";
const MODEM_3GPP: &str = "org.freedesktop.ModemManager1.Modem.Modem3gpp";
const SIGNAL: &str = "org.freedesktop.ModemManager1.Modem.Signal";
const LOCATION: &str = "org.freedesktop.ModemManager1.Modem.Location";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// Longest wait for all that is asked at one look.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest wait for the list of cells, without which all else counts.
const CELLS_PATIENCE: Duration = Duration::from_secs(2);

/// `MMModemAccessTechnology`.
const TECHNOLOGY_LTE: u32 = 1 << 14;
const TECHNOLOGY_NR: u32 = 1 << 15;
/// `MMModemLocationSource`.
const SOURCE_LAC_CI: u32 = 1 << 0;
const SOURCE_GPS_RAW: u32 = 1 << 1;

/// The modem cannot be asked. Never repeats what it said.
#[derive(Debug, Error)]
pub enum ModemError {
    /// The bus.
    #[error("the D-Bus cannot be reached; is its daemon running, and is source.modem.bus its address?")]
    Bus,
    /// Nothing answers, or not as it should.
    #[error("ModemManager does not answer as it should ({0}); is it running, and may this user ask it?")]
    Manager(&'static str),
    /// No modem.
    #[error("ModemManager knows no modem")]
    NoModem,
}

/// Where the bus is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bus {
    /// That of the system.
    System,
    /// At an address.
    At(String),
}

pub(super) type Dictionary = HashMap<String, OwnedValue>;

/// A modem.
pub struct Modem {
    bus: Bus,
    /// The modem that was chosen, or the first.
    device: Option<String>,
    poll_ms: u64,
    connection: Option<(Connection, OwnedObjectPath)>,
    next_ms: u64,
    /// Time of the last fix as the modem tells it, and whether it is the first that was seen.
    fix: Option<String>,
}

impl Modem {
    /// A modem of a bus: the one at the object path `device`, or the first. It is looked at each `poll_ms` at least.
    #[must_use]
    pub fn new(bus: &str, device: Option<&str>, poll_ms: u64) -> Self {
        let bus = if bus == "system" { Bus::System } else { Bus::At(bus.to_owned()) };
        Self { bus, device: device.map(str::to_owned), poll_ms, connection: None, next_ms: 0, fix: None }
    }

    pub(super) fn next_ms(&self) -> u64 {
        self.next_ms
    }

    pub(super) async fn see(&mut self, now_ms: u64) -> Result<Sighting, ModemError> {
        self.next_ms = now_ms.saturating_add(self.poll_ms);
        // A manager that hangs must not keep a user waiting who wants to opt out.
        let look = tokio::time::timeout(PATIENCE, self.look(now_ms));
        let seen = look.await.unwrap_or(Err(ModemError::Manager("no answer in time")));
        if seen.is_err() {
            // A modem that is back may have another path, a manager that is back another name.
            (self.connection, self.fix) = (None, None);
        }
        seen
    }

    async fn connect(&mut self) -> Result<(Connection, OwnedObjectPath), ModemError> {
        if let Some(known) = &self.connection {
            return Ok(known.clone());
        }
        let connection = match &self.bus {
            Bus::System => Connection::system().await,
            Bus::At(address) => match zbus::connection::Builder::address(address.as_str()) {
                Ok(builder) => builder.build().await,
                Err(error) => Err(error),
            },
        };
        let connection = connection.map_err(|_| ModemError::Bus)?;
        let device = match &self.device {
            Some(path) => OwnedObjectPath::try_from(path.as_str()).map_err(|_| ModemError::NoModem)?,
            None => first(&connection).await?,
        };
        // Without polling there are no values. Who may not ask for it reads what somebody else has asked for.
        let rate_s = u32::try_from(self.poll_ms.div_ceil(1000)).unwrap_or(u32::MAX);
        if proxy(&connection, &device, SIGNAL).await?.call::<_, _, ()>("Setup", &(rate_s,)).await.is_err() {
            tracing::warn!("the modem does not let this user ask for signal values: they must be asked for elsewhere");
        }
        self.connection = Some((connection.clone(), device.clone()));
        Ok((connection, device))
    }

    async fn look(&mut self, now_ms: u64) -> Result<Sighting, ModemError> {
        let (connection, device) = self.connect().await?;
        let properties = proxy(&connection, &device, PROPERTIES).await?;
        let all = async |interface: &'static str| {
            properties
                .call::<_, _, Dictionary>("GetAll", &(interface,))
                .await
                .map_err(|_| ModemError::Manager(interface))
        };
        let modem = all(MODEM).await?;
        let registration = all(MODEM_3GPP).await?;
        let signal = all(SIGNAL).await.unwrap_or_default();
        let location = proxy(&connection, &device, LOCATION).await?;
        // A modem that was told to locate nothing says nothing, and one that cannot has no such interface.
        let location: HashMap<u32, OwnedValue> = location.call("GetLocation", &()).await.unwrap_or_default();
        let technologies = number(&modem, "AccessTechnologies");
        let rat = match technologies {
            // With both, the anchor is LTE and the cell is its.
            of if of & TECHNOLOGY_LTE != 0 => Some(Rat::Eutra),
            of if of & TECHNOLOGY_NR != 0 => Some(Rat::Nr),
            _ => None,
        };
        let state = modem.get("State").and_then(|value| i32::try_from(value).ok()).unwrap_or(0);
        let camping = camping(state, number(&registration, "RegistrationState"));
        let values = match rat {
            Some(Rat::Nr) => signal.get("Nr5g"),
            _ => signal.get("Lte"),
        };
        let (arfcn, heard) = match rat {
            Some(rat) => cells::listed(&listed(&connection, &device).await, rat),
            None => (0, Vec::new()),
        };
        let (cell, tracking_area) = location.get(&SOURCE_LAC_CI).and_then(text).and_then(lac_ci).unzip();
        Ok(Sighting {
            camping: if rat.is_some() || camping != Camping::Normally { camping } else { Camping::Connected },
            rat: rat.unwrap_or(Rat::Utra),
            rplmn: registration.get("OperatorCode").and_then(text).and_then(PlmnId::from_digits).map(PlmnId::octets),
            cell,
            tracking_area,
            arfcn,
            quality: Kept(values.map(quality).unwrap_or_default()),
            location: location.get(&SOURCE_GPS_RAW).and_then(|raw| self.fix(raw, now_ms)),
            neighbours: rat.map(|rat| ranked(rat, heard)).unwrap_or_default(),
            failures: Vec::new(),
        })
    }

    /// The place of a fix that is new since the last look. Of the first one that is seen nobody knows how old it is.
    fn fix(&mut self, raw: &OwnedValue, now_ms: u64) -> Option<(Vec<u8>, u64)> {
        let raw = dictionary(raw)?;
        let at = text(raw.get("utc-time")?)?;
        let before = self.fix.replace(at.to_owned());
        if before.is_none_or(|before| before == at) {
            return None;
        }
        let degrees = |key| raw.get(key).and_then(|value: &OwnedValue| f64::try_from(value).ok());
        Some((shape(degrees("latitude")?, degrees("longitude")?, None).ok()?, now_ms))
    }
}

/// The cells that the modem lists; none where it cannot, may not be asked, or takes too long.
async fn listed(connection: &Connection, device: &OwnedObjectPath) -> Vec<Dictionary> {
    let asked = async { proxy(connection, device, MODEM).await.ok()?.call("GetCellInfo", &()).await.ok() };
    tokio::time::timeout(CELLS_PATIENCE, asked).await.ok().flatten().unwrap_or_default()
}

async fn proxy<'a>(
    connection: &Connection,
    path: &'a OwnedObjectPath,
    interface: &'static str,
) -> Result<Proxy<'a>, ModemError> {
    let builder = zbus::proxy::Builder::new(connection).cache_properties(CacheProperties::No);
    let built = async { builder.destination(SERVICE)?.path(path)?.interface(interface)?.build().await };
    built.await.map_err(|_| ModemError::Manager(interface))
}

/// The modem whose path comes first.
async fn first(connection: &Connection) -> Result<OwnedObjectPath, ModemError> {
    let root = OwnedObjectPath::try_from(ROOT).map_err(|_| ModemError::NoModem)?;
    let objects = proxy(connection, &root, "org.freedesktop.DBus.ObjectManager").await?;
    type Managed = HashMap<OwnedObjectPath, HashMap<String, Dictionary>>;
    let managed: Managed =
        objects.call("GetManagedObjects", &()).await.map_err(|_| ModemError::Manager("ObjectManager"))?;
    let modems = managed.into_iter().filter(|(_, interfaces)| interfaces.contains_key(MODEM));
    modems.map(|(path, _)| path).min_by(|a, b| a.as_str().cmp(b.as_str())).ok_or(ModemError::NoModem)
}

fn number(of: &Dictionary, key: &str) -> u32 {
    of.get(key).and_then(|value| u32::try_from(value).ok()).unwrap_or(0)
}

pub(super) fn text(value: &OwnedValue) -> Option<&str> {
    <&str>::try_from(value).ok()
}

fn dictionary(value: &OwnedValue) -> Option<Dictionary> {
    let Value::Dict(entries) = &**value else { return None };
    entries.try_clone().ok()?.try_into().ok()
}

/// `rsrp` in dBm, `rsrq` and `snr` in dB.
fn quality(values: &OwnedValue) -> Quality {
    let values = dictionary(values).unwrap_or_default();
    let of = |key| values.get(key).and_then(|value: &OwnedValue| f64::try_from(value).ok());
    Quality { rsrp_dbm: of("rsrp"), rsrq_db: of("rsrq"), sinr_db: of("snr") }
}

/// From `MMModemState` and `MMModem3gppRegistrationState`. Whether a registered modem is idle nobody outside of it knows: it counts as
/// camped also while it carries data.
fn camping(state: i32, registration: u32) -> Camping {
    match (state, registration) {
        // Denied, or for emergency calls alone.
        (6.., 3 | 8) => Camping::OnAnyCell,
        // Registered and beyond: home, roaming, either for SMS alone, either without fallback to circuits preferred.
        (8.., 1 | 5 | 6 | 7 | 9 | 10) => Camping::Normally,
        // Enabled or searching: idle, searching, unknown.
        (6 | 7, 0 | 2 | 4) => Camping::AnyCellSelection,
        _ => Camping::Connected,
    }
}

/// `MCC,MNC,LAC,CI,TAC`, the last three in hexadecimal digits; older managers leave the last away.
fn lac_ci(text: &str) -> Option<(CellId, u32)> {
    let mut parts = text.split(',');
    let plmn = PlmnId::new(parts.next()?, parts.next()?)?.octets();
    let hex = |text: &str| u64::from_str_radix(text, 16).ok();
    let lac = hex(parts.next()?)?;
    let cell = hex(parts.next()?).filter(|cell| *cell < 1 << 36)?;
    let tracking_area = match parts.next() {
        Some(code) => hex(code)?,
        None => lac,
    };
    Some((CellId { plmn, cell }, u32::try_from(tracking_area).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_read_from_its_string() {
        let read = |text| lac_ci(text).map(|(cell, area)| (cell.plmn, cell.cell, area));
        assert_eq!(read("234,15,0,1234501,6FFE"), Some(([0x32, 0xF4, 0x51], 0x123_4501, 0x6FFE)));
        assert_eq!(read("310,260,8BE3,2BAF"), Some(([0x13, 0x00, 0x62], 0x2BAF, 0x8BE3)));
        assert_eq!(read("234,15,FFFE,123456701,00000A"), Some(([0x32, 0xF4, 0x51], 0x1_2345_6701, 10)));
        for text in ["", "234", "234,15", "234,15,0", "234,15,0,x,1", "23x,15,0,1,1", "234,15,0,1000000000,1"] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    /// Every state of a modem with every state of its registration.
    #[test]
    fn a_modem_camps_where_it_is_registered_and_not_barred() {
        for state in -1..=11 {
            for registration in 0..=11 {
                let wanted = match registration {
                    3 | 8 if state >= 6 => Camping::OnAnyCell,
                    1 | 5 | 6 | 7 | 9 | 10 if state >= 8 => Camping::Normally,
                    0 | 2 | 4 if state == 6 || state == 7 => Camping::AnyCellSelection,
                    _ => Camping::Connected,
                };
                assert_eq!(camping(state, registration), wanted, "{state} {registration}");
            }
        }
    }
}
