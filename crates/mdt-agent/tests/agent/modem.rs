//! A modem: ModemManager played on a D-Bus of its own, a real `dbus-daemon` between it and the agent.

use super::scene::{Bench, job};
use lcs::gad::Shape;
use mdt_agent::source::{Modem, Source};
use mdt_agent::station::NotTaken;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use zbus::zvariant::{OwnedValue, Value};

const PATH: &str = "/org/freedesktop/ModemManager1/Modem/3";

/// A bus. Killed when dropped.
struct Bus {
    child: Child,
    address: String,
}

impl Drop for Bus {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Bus {
    /// None where the program is missing, which in CI it must not.
    fn start() -> Option<Self> {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--nosyslog", "--print-address=1"]);
        match command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn() {
            Ok(mut child) => {
                let mut address = String::new();
                BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
                Some(Self { child, address: address.trim().to_owned() })
            }
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "dbus-daemon: {error}");
                eprintln!("skipped without dbus-daemon: apt-get install dbus");
                None
            }
        }
    }
}

/// What the modem says.
#[derive(Clone)]
struct Told {
    technologies: u32,
    state: i32,
    registration: u32,
    operator: &'static str,
    lte: [Option<f64>; 3],
    nr: [Option<f64>; 3],
    cell: Option<&'static str>,
    fix: Option<(&'static str, f64, f64)>,
    /// Cells of `GetCellInfo`; none: the modem cannot list them.
    cells: Option<Vec<Listed>>,
    rate_s: u32,
}

/// A cell that the modem lists: type, whether it serves, physical identity, carrier, RSRP.
type Listed = (u32, bool, &'static str, u32, Option<f64>);

fn listed((cell_type, serving, physical, carrier, rsrp): Listed) -> Dictionary {
    let key = if cell_type == 6 { "nrarfcn" } else { "earfcn" };
    let mut cell = Dictionary::new();
    let mut put = |key: &str, of: Value<'_>| cell.insert(key.to_owned(), value(of));
    put("cell-type", Value::from(cell_type));
    put("serving", Value::from(serving));
    put("physical-ci", Value::from(physical));
    put(key, Value::from(carrier));
    put("operator-id", Value::from("23415"));
    rsrp.map(|rsrp| put("rsrp", Value::from(rsrp)));
    cell
}

type Shared = Arc<Mutex<Told>>;
type Dictionary = HashMap<String, OwnedValue>;

fn value(value: Value<'_>) -> OwnedValue {
    value.try_to_owned().unwrap()
}

fn signal(of: [Option<f64>; 3]) -> Dictionary {
    let named = ["rsrp", "rsrq", "snr"].into_iter().zip(of);
    named.filter_map(|(key, of)| Some((key.to_owned(), value(Value::from(of?))))).collect()
}

struct PlayedModem(Shared);
struct Played3gpp(Shared);
struct PlayedSignal(Shared);
struct PlayedLocation(Shared);

#[zbus::interface(name = "org.freedesktop.ModemManager1.Modem")]
impl PlayedModem {
    #[zbus(property)]
    fn access_technologies(&self) -> u32 {
        self.0.lock().unwrap().technologies
    }

    fn get_cell_info(&self) -> zbus::fdo::Result<Vec<Dictionary>> {
        let cells = self.0.lock().unwrap().cells.clone();
        let cells = cells.ok_or(zbus::fdo::Error::NotSupported("cell info".to_owned()))?;
        Ok(cells.into_iter().map(listed).collect())
    }

    #[zbus(property)]
    fn state(&self) -> i32 {
        self.0.lock().unwrap().state
    }
}

#[zbus::interface(name = "org.freedesktop.ModemManager1.Modem.Modem3gpp")]
impl Played3gpp {
    #[zbus(property)]
    fn registration_state(&self) -> u32 {
        self.0.lock().unwrap().registration
    }

    #[zbus(property)]
    fn operator_code(&self) -> String {
        self.0.lock().unwrap().operator.to_owned()
    }
}

#[zbus::interface(name = "org.freedesktop.ModemManager1.Modem.Signal")]
impl PlayedSignal {
    fn setup(&self, rate: u32) {
        self.0.lock().unwrap().rate_s = rate;
    }

    #[zbus(property)]
    fn lte(&self) -> Dictionary {
        signal(self.0.lock().unwrap().lte)
    }

    #[zbus(property, name = "Nr5g")]
    fn nr5g(&self) -> Dictionary {
        signal(self.0.lock().unwrap().nr)
    }
}

#[zbus::interface(name = "org.freedesktop.ModemManager1.Modem.Location")]
impl PlayedLocation {
    fn get_location(&self) -> HashMap<u32, OwnedValue> {
        let told = self.0.lock().unwrap().clone();
        let mut location = HashMap::new();
        if let Some(cell) = told.cell {
            location.insert(1, value(Value::from(cell)));
        }
        if let Some((at, latitude, longitude)) = told.fix {
            let mut raw = Dictionary::new();
            raw.insert("utc-time".to_owned(), value(Value::from(at)));
            raw.insert("latitude".to_owned(), value(Value::from(latitude)));
            raw.insert("longitude".to_owned(), value(Value::from(longitude)));
            location.insert(2, value(Value::from(raw)));
        }
        location
    }
}

async fn play(bus: &Bus, told: &Shared) -> zbus::Connection {
    let builder = zbus::connection::Builder::address(bus.address.as_str()).unwrap();
    let builder = builder.serve_at("/org/freedesktop/ModemManager1", zbus::fdo::ObjectManager).unwrap();
    let builder = builder.serve_at(PATH, PlayedModem(told.clone())).unwrap();
    let builder = builder.serve_at(PATH, Played3gpp(told.clone())).unwrap();
    let builder = builder.serve_at(PATH, PlayedSignal(told.clone())).unwrap();
    let builder = builder.serve_at(PATH, PlayedLocation(told.clone())).unwrap();
    builder.name("org.freedesktop.ModemManager1").unwrap().build().await.unwrap()
}

fn registered() -> Told {
    Told {
        technologies: 1 << 14,
        state: 11,
        registration: 1,
        operator: "23415",
        lte: [Some(-100.5), Some(-10.5), Some(9.5)],
        nr: [None; 3],
        cell: Some("234,15,0,1234501,7"),
        fix: None,
        cells: None,
        rate_s: 0,
    }
}

#[tokio::test]
async fn what_a_modem_says_is_in_the_log() {
    let Some(bus) = Bus::start() else { return };
    let told = Arc::new(Mutex::new(registered()));
    let manager = play(&bus, &told).await;
    let bench = Bench::new();
    let mut phone = bench.start(1);
    let mut source = Source::Modem(Box::new(Modem::new(&bus.address, None, 1000)));
    let mut at_ms = bench.clock.now_ms();
    let change = |change: fn(&mut Told)| change(&mut told.lock().unwrap());
    // Not registered: the job waits.
    change(|told| (told.state, told.registration, told.operator) = (7, 2, ""));
    let sighting = source.see(at_ms).await.unwrap();
    phone.see(&sighting).unwrap();
    assert!(matches!(phone.take(&job("000001"), &sighting), Err(NotTaken::NotYet)));
    assert_eq!(told.lock().unwrap().rate_s, 1, "signal values were asked for");
    change(|told| *told = registered());
    let sighting = source.see(at_ms).await.unwrap();
    phone.see(&sighting).unwrap();
    phone.take(&job("000001"), &sighting).unwrap();
    let mut steps: Vec<fn(&mut Told)> = vec![
        |_| (),
        // The first fix may be old; the next is new; the same again is not.
        |told| told.fix = Some(("120000.00", 51.5074, -0.1278)),
        |told| told.fix = Some(("120001.00", 51.5074, -0.1278)),
        |_| (),
        // Values that the modem does not have.
        |told| told.lte = [Some(-80.2), None, None],
        // Searching: the last cell again; barred and off: nothing.
        |told| (told.state, told.registration, told.operator) = (7, 2, ""),
        |told| (told.state, told.registration) = (8, 3),
        |told| (told.state, told.registration) = (3, 0),
        // Elsewhere, and in another technology: nothing.
        |told| (told.state, told.registration, told.operator) = (8, 5, "26201"),
        |told| {
            *told = registered();
            (told.technologies, told.nr) = (1 << 15, [Some(-90.0), None, None]);
        },
        // With both the anchor counts.
        |told| {
            *told = registered();
            told.technologies = (1 << 15) | (1 << 14);
        },
    ];
    for step in steps.drain(..) {
        step(&mut told.lock().unwrap());
        at_ms += 1280;
        bench.clock.hold(at_ms);
        phone.see(&source.see(at_ms).await.unwrap()).unwrap();
    }
    let entries = bench.fetch(&mut phone);
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| {
            let serving = entry.serving.unwrap();
            let results = serving.results;
            let indices = (results.rsrp, results.rsrq, results.sinr);
            assert!(serving.cell.cell == 0x123_4501 && serving.cell.plmn == [0x32, 0xF4, 0x51]);
            (indices, entry.any_cell_selection, entry.location.is_some())
        })
        .collect();
    let usual = (Some(40), Some(19), Some(66));
    let wanted = [
        (usual, false, false),
        (usual, false, false),
        (usual, false, true),
        (usual, false, false),
        ((Some(60), None, None), false, false),
        ((Some(60), None, None), true, false),
        (usual, false, false),
    ];
    assert_eq!(rows, wanted);
    let place = entries[2].location.as_deref().map(Shape::decode).unwrap().unwrap();
    let Shape::Point(point) = place else { panic!("no point") };
    assert!((point.latitude.degrees() - 51.5074).abs() < 1e-4 && (point.longitude.degrees() + 0.1278).abs() < 1e-4);
    drop(manager);
}

/// B12: six of the serving carrier, three of another, of both technologies, the strongest first.
#[tokio::test]
async fn b12_neighbours_that_the_modem_lists_are_in_the_log() {
    let Some(bus) = Bus::start() else { return };
    let told = Arc::new(Mutex::new(registered()));
    let manager = play(&bus, &told).await;
    let bench = Bench::new();
    let mut phone = bench.start(1);
    let mut source = Source::Modem(Box::new(Modem::new(&bus.address, None, 1000)));
    let sighting = source.see(bench.clock.now_ms()).await.unwrap();
    phone.take(&job("000001"), &sighting).unwrap();
    let physical = ["0", "1", "2", "3", "4", "5", "6", "1F7"];
    let of = |carrier: u32, from: f64| {
        let cell = move |(at, physical): (usize, &&'static str)| (5, false, *physical, carrier, Some(from + at as f64));
        physical.iter().enumerate().map(cell).collect::<Vec<Listed>>()
    };
    let mut cells = [of(1300, -120.0), of(2850, -110.0)].concat();
    cells.push((5, true, "2A", 1300, Some(-80.0)));
    // Another technology; a cell of UMTS; identities and carriers that none can have; no RSRP.
    cells.extend([(6, false, "3EF", 640_000, Some(-115.5)), (3, false, "1", 1300, Some(-70.0))]);
    cells.extend([(5, false, "x", 1300, Some(-70.0)), (5, false, "1F8", 1300, Some(-70.0))]);
    cells.extend([(6, false, "1", u32::MAX, Some(-70.0)), (6, false, "2", 650_000, None)]);
    for cells in [Some(cells), None] {
        told.lock().unwrap().cells = cells;
        bench.advance(1280);
        phone.see(&source.see(bench.clock.now_ms()).await.unwrap()).unwrap();
    }
    let entries = bench.fetch(&mut phone);
    assert_eq!(entries.len(), 2);
    let rows: Vec<_> =
        entries[0].neighbours.iter().map(|of| (of.arfcn, of.pci, of.same_rat, of.results.rsrp)).collect();
    let mut wanted = vec![(2850, 503, true, Some(38)), (2850, 6, true, Some(37)), (2850, 5, true, Some(36))];
    wanted.extend([(1300, 503, true, Some(28)), (1300, 6, true, Some(27)), (1300, 5, true, Some(26))]);
    wanted.push((640_000, 1007, false, Some(41)));
    wanted.extend([(1300, 4, true, Some(25)), (1300, 3, true, Some(24)), (1300, 2, true, Some(23))]);
    wanted.push((650_000, 2, false, None));
    assert_eq!(rows, wanted);
    assert!(entries[1].neighbours.is_empty() && entries[1].serving.is_some(), "no list costs nothing else");
    drop(manager);
}

/// Nobody there, then a manager, then none, then one again: each time the agent finds what there is.
#[tokio::test]
async fn a_manager_may_come_and_go() {
    let Some(bus) = Bus::start() else { return };
    let told = Arc::new(Mutex::new(registered()));
    let mut source = Source::Modem(Box::new(Modem::new(&bus.address, Some(PATH), 1000)));
    assert!(source.see(0).await.is_err());
    for _ in 0..2 {
        let manager = play(&bus, &told).await;
        assert!(source.see(0).await.is_ok());
        manager.close().await.unwrap();
        assert!(source.see(0).await.is_err());
    }
    drop(bus);
    let error = source.see(0).await.err().unwrap().to_string();
    assert!(!error.contains("1234501"), "{error}");
    let mut nowhere = Source::Modem(Box::new(Modem::new("unix:path=/nowhere", None, 1000)));
    assert!(nowhere.see(0).await.is_err());
}
