use super::*;

#[test]
fn the_sample_scenario_is_one() {
    let tour = Scenario::tour().unwrap();
    assert!(!tour.subscribers.is_empty());
    assert_eq!(tour.network.verification_timeout(), Duration::from_millis(400));
}

#[test]
fn the_scenario_for_trouble_has_a_phone_for_each_shape() {
    let trouble = Scenario::parse(TROUBLE).unwrap();
    let shapes = trouble.subscribers.iter().map(|subscriber| subscriber.estimate.shape);
    assert!(shapes.take(11).eq(ShapeKind::ALL));
}

const SMALL: &str = "
[network]
realm = 'r.test'
[hss]
host = 'hss.test'
listen = '127.0.0.1:0'
[[mme]]
name = 'mme-1'
host = 'mme1.test'
listen = '127.0.0.1:0'
[[subscriber]]
label = 'sub-01'
imsi = '001010000000001'
position = { latitude = 1.0, longitude = 2.0 }
";

#[test]
fn defaults_are_as_documented() {
    let scenario = Scenario::parse(SMALL).unwrap();
    assert_eq!(scenario.network.verification_timeout_ms, 3000);
    assert_eq!(scenario.network.policy, MmePolicy::default());
    assert_eq!(scenario.hss.name, "hss");
    let subscriber = &scenario.subscribers[0];
    assert_eq!(subscriber.state, PhoneState::Attached);
    assert!(subscriber.notifications);
    assert_eq!(subscriber.user, UserSpec { answer: UserAnswer::Accepts, after_ms: 0 });
    assert_eq!(subscriber.estimate.shape, ShapeKind::Circle);
}

/// A radio network of one cell.
const RAN: &str = "
[ran]
[[ran.site]]
latitude = 1.0
longitude = 2.0
[[ran.site.cell]]
cell = 1
tac = 1
pci = 1
";

#[test]
fn a_phone_with_mdt_has_the_defaults_that_are_documented() {
    let scenario = Scenario::parse(&format!("{SMALL}mdt = {{}}{RAN}")).unwrap();
    assert_eq!(scenario.subscribers[0].mdt, Some(SubscriberMdtSpec::default()));
    let ran = scenario.ran.unwrap();
    assert_eq!(
        (ran.seed, ran.blocks, ran.least_rsrp_dbm, ran.hysteresis_db, ran.handover_db),
        (1, 50, -120.0, 4.0, 3.0)
    );
    let cell = &ran.sites[0].cells[0];
    assert_eq!((cell.earfcn, cell.azimuth_deg, cell.tilt_deg, cell.power_dbm), (1300, None, 6.0, 46.0));
    assert_eq!((ran.sites[0].height_m, cell.load, cell.admits), (25.0, 0.5, true));
    assert!(ran.holes.is_empty() && ran.collectors.is_empty());
}

#[test]
fn each_mistake_is_told_and_no_identity_with_it() {
    let with = |more: &str| format!("{SMALL}{more}");
    let cases = [
        (with("colour = 'red'"), "unknown field `colour`"),
        (with("mme = 'mme-9'"), "no mme `mme-9`"),
        (
            with("[[subscriber]]\nlabel='sub-01'\nimsi='001010000000002'\nposition={latitude=1.0,longitude=2.0}"),
            "twice",
        ),
        (with("[[subscriber]]\nlabel='sub-02'\nimsi='001010000000001'\nposition={latitude=1.0,longitude=2.0}"), "IMSI"),
        (with("[[subscriber]]\nlabel='sub-02'\nimsi='12345'\nposition={latitude=1.0,longitude=2.0}"), "6-15 digits"),
        (with("[[subscriber]]\nlabel='sub-02'\nimsi='123456'\nposition={latitude=91.0,longitude=2.0}"), "-90 to 90"),
        (with("[[subscriber]]\nlabel='sub-02'\nimsi='123456'"), "either position or route"),
        (with("[[subscriber]]\nlabel='sub-02'\nimsi='123456'\nroute=[{latitude=1.0,longitude=2.0}]"), "two points"),
        (with("[[subscriber.session]]\napn = 'a..b'"), "apn"),
        (with("[[step]]\nname='s'\nclient='c'\ntargets=[]"), "no client `c`"),
        (with("card = true"), "card needs [smsc]"),
        (with("mdt = {}"), "[ran]"),
        (with(&format!("mdt = {{ plmns = ['1'] }}{RAN}")), "001-01"),
        (with(&format!("mdt = {{ fix_every_s = 0 }}{RAN}")), "fix_every_s"),
        (with(&format!("mdt = {{ agrees = true }}{RAN}")), "unknown field `agrees`"),
        (with(&RAN.replace("pci = 1", "pci = 504")), "pci: 0 to 503"),
        (with("[ran]\nsite = []"), "no [[ran.site]]"),
        (SMALL.replace("[hss]", "control = '0.0.0.0:1'\n[hss]"), "loopback"),
        (SMALL.replace("[network]", "[network]\nspeed = 3"), "unknown field `speed`"),
    ];
    for (text, why) in cases {
        let error = Scenario::parse(&text).unwrap_err().to_string();
        assert!(error.contains(why), "{why}: {error}");
    }
    let shared = Scenario::parse(&with("[[client]]\nid='c'\n[[step]]\nname='s'\nclient='c'\ntargets=[]")).unwrap_err();
    assert!(shared.to_string().contains("at least one target"));
    let error = Scenario::parse(&SMALL.replace("001010000000001", "x01010000000001")).unwrap_err().to_string();
    assert!(!error.contains("01010000000001"), "{error}");
}

const OTHER: &str = "
[[operator]]
name = 'other'
realm = 'o.test'
[operator.gateway]
number = '+99800000000'
country_code = 998
plmns = ['00102']
number_prefixes = ['998']
[operator.hss]
name = 'hss-o'
host = 'hss.o.test'
listen = '127.0.0.1:0'
[[operator.mme]]
name = 'mme-o'
host = 'mme.o.test'
listen = '127.0.0.1:0'
";

#[test]
fn a_subscriber_is_at_home_with_one_operator_and_served_by_any() {
    let at = "position = { latitude = 1.0, longitude = 2.0 }";
    let text = format!(
        "{SMALL}mme = 'mme-o'\n{OTHER}[[subscriber]]\nlabel = 'sub-02'\nimsi = '001020000000002'\noperator = 'other'\n{at}\n\
         [[subscriber]]\nlabel = 'sub-03'\nimsi = '001020000000003'\noperator = 'other'\nmme = 'mme-1'\n{at}\n"
    );
    let scenario = Scenario::parse(&text).unwrap();
    let phones = crate::Phones::new(&scenario);
    let of = |label: &str| phones.labelled(label).map(|phone| (phone.operator.clone(), phone.mme().unwrap()));
    assert_eq!(of("sub-01"), Some(("home".to_owned(), "mme-o".to_owned())));
    assert_eq!(of("sub-02"), Some(("other".to_owned(), "mme-o".to_owned())));
    assert_eq!(of("sub-03"), Some(("other".to_owned(), "mme-1".to_owned())));
}

#[test]
fn nodes_of_several_operators_serve_their_own_gateway_unless_told_otherwise() {
    let alone = Scenario::parse(SMALL).unwrap();
    let only = alone.operators().next().unwrap();
    assert!(only.authorised(None).is_empty());
    let several = Scenario::parse(&format!("{SMALL}{OTHER}")).unwrap();
    let realms: Vec<Vec<String>> = several.operators().map(|of| of.authorised(None)).collect();
    assert_eq!(realms, [["r.test"], ["o.test"]]);
    let told = vec!["x.test".to_owned()];
    assert!(several.operators().all(|of| of.authorised(Some(&told)) == told));
}

#[test]
fn each_mistake_about_operators_is_told() {
    let good = format!("{SMALL}{OTHER}");
    let change = |from: &str, to: &str| good.replace(from, to);
    let cases = [
        (change("name = 'other'", "name = 'home'"), "operator `home` occurs twice"),
        (change("realm = 'o.test'", "realm = 'r.test'"), "realm `r.test` occurs twice"),
        (change("name = 'mme-o'", "name = 'mme-1'"), "node `mme-1` occurs twice"),
        (change("name = 'hss-o'", "name = 'hss'"), "node `hss` occurs twice"),
        (change("'+99800000000'", "'+99900000000'"), "begin with country_code"),
        (change("['998']", "['999']"), "begin with country_code"),
        (change("['00102']", "['1']"), "5 or 6 digits"),
        (change("['00102']", "[]"), "at least one"),
        (change("name = 'mme-o'", "name = 'mme-o'\ncolour = 'red'"), "unknown field `colour`"),
        (change("label = 'sub-01'", "label = 'sub-01'\noperator = 'third'"), "no operator `third`"),
        (format!("{good}[[client]]\nid = 'c'\noperator = 'third'\n"), "client `c`: there is no operator `third`"),
    ];
    for (text, why) in cases {
        let error = Scenario::parse(&text).unwrap_err().to_string();
        assert!(error.contains(why), "{why}: {error}");
    }
}

#[test]
fn a_phone_moves_along_its_route_and_starts_over() {
    let text = SMALL.replace(
        "position = { latitude = 1.0, longitude = 2.0 }",
        "route = [{ latitude = 0.0, longitude = 0.0 }, { latitude = 0.0, longitude = 1.0, at_s = 100.0 },
                  { latitude = 1.0, longitude = 1.0, speed_km_h = 4007.52 }]",
    );
    let scenario = Scenario::parse(&text).unwrap();
    let at = |s| scenario.subscribers[0].place_after(Duration::from_secs(s));
    let near = |a: f64, b: f64| (a - b).abs() < 0.01;
    assert!(near(at(0).longitude, 0.0) && near(at(50).longitude, 0.5) && near(at(100).longitude, 1.0));
    assert!(near(at(50).bearing_deg, 90.0) && near(at(50).speed_km_h, 4007.52));
    assert!(near(at(150).latitude, 0.5) && near(at(150).longitude, 1.0) && near(at(150).bearing_deg, 0.0));
    assert!(near(at(250).longitude, 0.5) && near(at(250).latitude, 0.0));
}

#[test]
fn only_own_sessions_to_the_same_access_point_count() {
    let text = format!(
        "{SMALL}[[subscriber.session]]\napn = 'fleet.example'\n\
         [[subscriber.session]]\napn = 'other'\noriginated_by = 'network'"
    );
    let scenario = Scenario::parse(&text).unwrap();
    let has = |apn: &str| scenario.subscribers[0].has_session(&lcs::ApnNi::new(apn).unwrap());
    assert!(has("Fleet.Example"));
    assert!(!has("fleet") && !has("other"));
}
