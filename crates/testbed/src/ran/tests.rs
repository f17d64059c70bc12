use super::*;
use mdt::rrc::lte::ConnectionFailureType;

/// Three masts along a street that runs east, 800 m apart, all around; a tunnel behind the first; the third lets nobody in.
const STREET: &str = r#"
    seed = 7
    surroundings = "urban_micro"
    [[site]]
    latitude = 52.5
    longitude = 13.4
    height_m = 10
    [[site.cell]]
    cell = 257
    tac = 7
    pci = 1
    [[site]]
    latitude = 52.5
    longitude = 13.4118
    height_m = 10
    [[site.cell]]
    cell = 513
    tac = 8
    pci = 2
    [[site]]
    latitude = 52.5
    longitude = 13.4236
    height_m = 10
    plmn = "262-02"
    [[site.cell]]
    cell = 769
    tac = 9
    pci = 3
    admits = false
    [[hole]]
    latitude = 52.5
    longitude = 13.39
    radius_m = 200
    loss_db = 80
"#;

fn home() -> Plmn {
    Plmn::new("001", "01").unwrap()
}

fn street() -> Ran {
    Ran::new(&toml::from_str(STREET).unwrap(), home()).unwrap()
}

fn changed(how: impl FnOnce(&mut RanSpec)) -> Result<Ran, RanError> {
    let mut spec = toml::from_str(STREET).unwrap();
    how(&mut spec);
    Ran::new(&spec, home())
}

/// A place so many metres east of the first mast.
fn east(metres: f64) -> Position {
    let degree_m = METRES_PER_DEGREE * 52.5f64.to_radians().cos();
    Position { lat_deg: 52.5, lon_deg: 13.4 + metres / degree_m }
}

#[test]
fn the_truth_is_a_function_of_place_and_seed() {
    let (one, same) = (street(), street());
    let other = changed(|spec| spec.seed = 8).unwrap();
    for metres in (0..2000).step_by(37) {
        let place = east(f64::from(metres));
        assert_eq!(one.survey(place), same.survey(place));
        assert_ne!(one.survey(place), other.survey(place));
    }
}

/// RSRP is power of a resource element, antenna gain, path loss and shadow, each known by itself.
#[test]
fn the_power_is_the_sum_of_its_parts() {
    let ran = street();
    let place = east(100.0);
    let survey = ran.survey(place);
    let heard = survey.of(0).unwrap();
    // 46 dBm over 600 subcarriers: 46 - 27.78.
    let element_dbm = 46.0 - 10.0 * 600f64.log10();
    // The antenna looks 6 degrees down, the phone is 8.5 m below at 100 m: 4.86 degrees; 12*(1.14/65)^2 dB less than 8.
    let gain_db = 8.0 - 12.0 * ((8.5f64.atan2(100.0).to_degrees() - 6.0) / 65.0).powi(2);
    let link = Link { ground_m: 100.0, site_m: 10.0, phone_m: 1.5, carrier_ghz: 1.815 };
    let loss_db = Surroundings::UrbanMicro.path_loss_db(link, heard.sight);
    let [hidden, seen] = &ran.sites[0].shadows;
    let (field, deviation) = if heard.sight { (seen, 4.0) } else { (hidden, 7.82) };
    let wanted = element_dbm + gain_db - loss_db - deviation * field.at(100.0, 0.0);
    assert!((heard.rsrp_dbm - wanted).abs() < 1e-6, "{} {wanted}", heard.rsrp_dbm);
    // Far from others, RSRQ of a cell half used is 1 in 2 + 10/2 resource elements: -8.45 dB at best.
    assert!(heard.rsrq_db < -10.0 * 7f64.log10() + 1e-9 && heard.rsrq_db > -12.0, "{}", heard.rsrq_db);
}

#[test]
fn what_is_reported_is_the_index_of_the_truth() {
    let heard = |rsrp_dbm, rsrq_db, sinr_db| Heard { at: 0, rsrp_dbm, rsrq_db, sinr_db, sight: true };
    // TS 36.133 clauses 9.1.4 and 9.1.7, TS 38.133 clauses 10.1.6, 10.1.11 and 10.1.16.
    for (of, lte, nr) in [
        (heard(-100.5, -9.75, 10.2), (40, 20), (56, 67, 67)),
        (heard(-140.5, -20.0, -30.0), (0, 0), (16, 47, 0)),
        (heard(-40.0, 0.0, 50.0), (97, 34), (117, 87, 127)),
        (heard(-101.0, -10.0, 0.0), (40, 20), (56, 67, 47)),
    ] {
        assert_eq!((of.lte(), of.nr()), (lte, nr), "{of:?}");
    }
}

#[test]
fn in_a_hole_nothing_is_to_be_had() {
    let ran = street();
    let inside = Position { lat_deg: 52.5, lon_deg: 13.39 };
    assert_eq!(ran.survey(inside).best(&ran), None);
    let mut idle = Idle::default();
    assert_eq!(idle.step(&ran, &ran.survey(inside), 0), Camping::AnyCellSelection);
    assert_eq!(idle.step(&ran, &ran.survey(east(20.0)), 200), Camping::Normally(0));
    assert_eq!(idle.step(&ran, &ran.survey(inside), 400), Camping::AnyCellSelection);
}

#[test]
fn an_idle_phone_changes_when_another_cell_is_better_for_a_second() {
    let ran = street();
    let mut idle = Idle::default();
    assert_eq!(idle.step(&ran, &ran.survey(east(20.0)), 0), Camping::Normally(0));
    let by_the_second = ran.survey(east(780.0));
    assert!(by_the_second.of(1).unwrap().rsrp_dbm > by_the_second.of(0).map_or(-200.0, |h| h.rsrp_dbm) + 4.0);
    let still = by_the_second.of(0).is_some_and(|heard| heard.suitable(&ran));
    assert_eq!(idle.step(&ran, &by_the_second, 1000), Camping::Normally(usize::from(!still)));
    idle.step(&ran, &by_the_second, 1500);
    assert_eq!(idle.step(&ran, &by_the_second, 2000), Camping::Normally(1));
    // Not for less than the hysteresis.
    let strict = changed(|spec| spec.hysteresis_db = 24.0).unwrap();
    let middle = (0..400).map(|m| strict.survey(east(200.0 + f64::from(m)))).find(|survey| {
        let pair = |a: usize| survey.of(a).filter(|h| h.suitable(&strict)).map(|h| h.rsrp_dbm);
        pair(0).zip(pair(1)).is_some_and(|(a, b)| b > a && b < a + 24.0)
    });
    let (middle, mut idle) = (middle.unwrap(), Idle::on(Some(0)));
    for now_ms in (0..10_000).step_by(500) {
        assert_eq!(idle.step(&strict, &middle, now_ms), Camping::Normally(0));
    }
}

/// Goes along the street at 20 m/s, a look each 100 ms; what happened, with the metres.
fn drive(ran: &Ran, from: f64, to: f64, connection: &mut Connection) -> Vec<(f64, LinkEvent)> {
    let steps = ((to - from).abs() / 2.0) as u64;
    let place = |step: u64| from + (to - from).signum() * 2.0 * step as f64;
    let at = |step: u64| (place(step), ran.survey(east(place(step))), step * 100);
    (0..steps)
        .map(at)
        .filter_map(|(metres, survey, now_ms)| Some((metres, connection.step(ran, &survey, now_ms)?)))
        .collect()
}

#[test]
fn a_connected_phone_is_handed_over() {
    let ran = street();
    let mut connection = Connection::on(0);
    let events = drive(&ran, 20.0, 780.0, &mut connection);
    assert!(events.iter().all(|(_, event)| matches!(event, LinkEvent::Handover { .. })), "{events:?}");
    assert_eq!(connection.serving(), 1);
    assert!(events.iter().all(|(metres, _)| *metres > 100.0), "{events:?}");
}

#[test]
fn a_handover_into_a_cell_that_lets_nobody_in_fails() {
    let ran = street();
    let mut connection = Connection::on(1);
    let events = drive(&ran, 820.0, 1560.0, &mut connection);
    // The last: the nearer to the mast, the surer it is heard.
    let failure = events.iter().rev().find_map(|(_, event)| match event {
        LinkEvent::Failed(failure) if failure.kind == ConnectionFailureType::Hof => Some(failure),
        _ => None,
    });
    let failure = failure.unwrap();
    assert_eq!((failure.failed, failure.previous, failure.last.at), (2, Some(1), 1));
    // T304 is 500 ms: counted from the command.
    assert_eq!(failure.since_handover_100ms, Some(5));
    assert!(failure.neighbours.iter().any(|heard| heard.at == 2));
    assert_eq!(failure.reestablished, Some(1));
}

#[test]
fn a_link_that_goes_into_a_tunnel_fails_after_a_second() {
    let ran = street();
    let mut connection = Connection::on(0);
    let events = drive(&ran, -300.0, -900.0, &mut connection);
    let Some((metres, LinkEvent::Failed(failure))) = events.first() else { panic!("{events:?}") };
    assert_eq!((failure.kind, failure.failed, failure.previous), (ConnectionFailureType::Rlf, 0, None));
    assert_eq!((failure.since_handover_100ms, failure.reestablished), (None, None));
    // The tunnel begins 200 m before its middle, 677 m west; a second at 20 m/s is 20 m.
    assert!((-500.0..-495.0).contains(metres), "{metres}");
}

#[test]
fn values_out_of_their_range_are_told() {
    type Change = fn(&mut RanSpec);
    let wrong: [(&str, Change); 7] = [
        ("[ran] has no [[ran.site]] with a [[ran.site.cell]]", |spec| spec.sites.clear()),
        ("[ran]: blocks: 6 to 100", |spec| spec.blocks = 3),
        ("cell 257 of [ran]: pci: 0 to 503", |spec| spec.sites[0].cells[0].pci = 504),
        ("cell 257 of [ran]: earfcn: of bands 1, 3, 7, 8, 20 or 28", |spec| spec.sites[0].cells[0].earfcn = 40_000),
        ("cell 513 of [ran]: plmn of its site: as 001-01", |spec| spec.sites[1].plmn = Some("1".into())),
        ("cell 257 of [ran]: height_m of its site: 10 to 150", |spec| spec.sites[0].height_m = f64::NAN),
        ("[ran]: hole: radius_m and loss_db from 0", |spec| spec.holes[0].radius_m = -1.0),
    ];
    for (text, how) in wrong {
        assert_eq!(changed(how).unwrap_err().to_string(), text);
    }
    assert!(toml::from_str::<RanSpec>(&format!("colour = 1\n{STREET}")).is_err());
}
