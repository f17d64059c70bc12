use super::*;
use serde_json::Value;

const SAMPLE: &str = include_str!("../../../../docs/wherefore.toml");
/// Set in the sample although they have no default.
const REQUIRED: [&str; 3] = ["gateway.gmlc_number", "diameter.origin_host", "diameter.origin_realm"];

/// The sample with its examples switched on: lines of the form `#key = value` and `#[[table]]`.
fn full_sample() -> String {
    let on = |line: &str| {
        let example =
            line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '['));
        example.unwrap_or(line).to_owned() + "\n"
    };
    SAMPLE.lines().map(on).collect()
}

fn json(config: &Config) -> Value {
    serde_json::to_value(config).unwrap()
}

/// Dotted names and values of all leaves; the members of a list of tables under the list's name.
fn leaves(value: &Value, name: &str, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let dotted = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                leaves(member, &dotted, out);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().for_each(|item| leaves(item, name, out));
        }
        leaf => out.push((name.to_owned(), leaf.clone())),
    }
}

fn leaves_of(config: &Config) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    leaves(&json(config), "", &mut out);
    out
}

#[test]
fn the_sample_parses_and_is_sound() {
    let config = Config::parse(SAMPLE).unwrap();
    assert_eq!(config.problems(), []);
    assert!(config.summary().contains("gmlc.example.net"));
}

#[test]
fn every_value_of_the_sample_is_the_default_of_the_code() {
    let mut sample = Config::parse(SAMPLE).unwrap();
    sample.gateway.gmlc_number = None;
    sample.diameter.origin_host.clear();
    sample.diameter.origin_realm.clear();
    assert_eq!(sample, Config::default());
    assert_eq!(Config::parse("").unwrap(), Config::default());
}

#[test]
fn every_default_said_in_words_is_the_one_set() {
    // "Default X" in the comment above an active line names the value on that line.
    let mut comment = String::new();
    let mut table = String::new();
    let mut checked = 0;
    for line in SAMPLE.lines() {
        if let Some(text) = line.strip_prefix("# ") {
            comment.push(' ');
            comment.push_str(text);
        } else if line.starts_with('[') {
            table = line.trim_matches(['[', ']']).to_owned();
            comment.clear();
        } else if let Some((key, value)) = line.strip_prefix('#').unwrap_or(line).split_once(" = ") {
            let name = format!("{table}.{key}");
            assert!(
                comment.contains("Default ") || comment.contains("Required") || comment.contains("no default"),
                "{name}: its comment names no default"
            );
            let active = !line.starts_with('#');
            if active && !REQUIRED.contains(&name.as_str()) {
                let said = if value == "[]" { "none" } else { value.trim_matches('"') };
                let words = comment.replace('"', "");
                assert!(words.contains(&format!("Default {said}")), "{name}: comment does not say Default {said}");
                checked += 1;
            }
            comment.clear();
        } else if line.is_empty() {
            comment.clear();
        }
    }
    assert!(checked > 50, "only {checked} defaults found");
}

#[test]
fn every_key_of_the_code_is_in_the_sample_and_the_other_way_round() {
    let full = Config::parse(&full_sample()).unwrap();
    let names = |config| leaves_of(config).into_iter().map(|(name, _)| name).collect::<std::collections::BTreeSet<_>>();
    // A table says every key by being serialized; a key left out of the sample would be null or absent in the text.
    let text: toml::Table = full_sample().parse().unwrap();
    let mut in_text = Vec::new();
    leaves(&serde_json::to_value(&text).unwrap(), "", &mut in_text);
    let in_text: std::collections::BTreeSet<_> = in_text.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names(&full), in_text);
}

#[test]
fn an_unknown_key_is_refused_in_every_table() {
    let tables: Vec<String> = full_sample().lines().filter(|line| line.starts_with('[')).map(str::to_owned).collect();
    assert!(tables.len() >= 17);
    for table in tables {
        let text = full_sample().replacen(&format!("{table}\n"), &format!("{table}\nno_such_key = 1\n"), 1);
        let error = Config::parse(&text).expect_err(&table);
        assert!(error.what.contains("no_such_key"), "{table}: {error}");
        assert!(error.key.contains("no_such_key"), "{table}: {error}");
        assert!(error.line > 1);
    }
    assert!(Config::parse("no_such_key = 1").is_err());
    assert!(Config::parse("[no_such_table]").is_err());
}

#[test]
fn a_wrong_value_is_told_with_line_and_key() {
    let error = Config::parse("[gateway]\nname = \"x\"\n\n[mlp]\nlisten = \"nowhere\"\n").unwrap_err();
    assert_eq!((error.line, error.key.as_str()), (5, "mlp.listen"));
    let error = Config::parse("[mlp]\nmax_targets = \"many\"").unwrap_err();
    assert_eq!((error.line, error.key.as_str()), (2, "mlp.max_targets"));
    assert!(error.to_string().starts_with("2:15: mlp.max_targets: "), "{error}");
    let error = Config::parse("[privacy]\noperator_floor = \"loose\"").unwrap_err();
    assert!(error.what.contains("verify_restrict"), "{error}");
    let error = Config::parse("[gateway]\ncountry_codes = [0]").unwrap_err();
    assert!(error.what.contains("1 to 999"), "{error}");
}

#[test]
fn paths_count_from_the_directory_of_the_file() {
    let mut config = Config::parse(&full_sample()).unwrap();
    config.place(Path::new("/etc/wherefore"));
    let mut paths = 0;
    for (name, value) in leaves_of(&config) {
        let last = name.rsplit('.').next().unwrap_or_default();
        if last.ends_with("_file") || last == "path" || last == "dir" {
            assert!(value.as_str().unwrap().starts_with("/etc/wherefore/"), "{name}");
            paths += 1;
        }
    }
    assert_eq!(paths, 55);
    config.place(Path::new("/elsewhere"));
    assert!(config.store.path.starts_with("/etc/wherefore"), "absolute paths stay");
}

#[test]
fn what_cannot_be_served_is_told_with_its_key() {
    let cases = [
        ("", "gateway.gmlc_number"),
        ("[gateway]\ngmlc_number = \"national:110\"", "gateway.gmlc_number"),
        ("[gateway]\nname = \"a b\"", "gateway.name"),
        ("[gateway]\nhome_plmns = [\"262\"]", "gateway.home_plmns"),
        ("[roles]\nmdt = true", "mdt.cert_file"),
        ("[roles]\npmd = true", "pmd.realm"),
        ("[pmd]\nrealm = \"Upper.example\"", "pmd.realm"),
        ("[pmd]\nrotation_s = 60", "pmd.rotation_s"),
        ("[pmd]\nrotation_s = 3600", "pmd.overlap_s"),
        ("[pmd.lid]\ncert_file = \"x\"", "pmd.lid"),
        ("[pmd.lid]\ncert_file = \"x\"", "pmd.lid.ca_file"),
        ("[pmd.lid]\ntimeout_ms = 1", "pmd.lid.timeout_ms"),
        ("[[pmd.lid.peer]]\nname = \"a\"\nallow = [\"assign\"]", "pmd.lid.peer[0].certificate_sha256"),
        ("[[pmd.lid.peer]]\nname = \"a\"\nallow = []\ncertificate_subjects = [\"CN=a\"]", "pmd.lid.peer[0].allow"),
        ("[pmd.remote]\nurl = \"http://pmd.example.net\"", "pmd.remote.url"),
        ("[pmd.remote]\nurl = \"https://pmd.example.net\"", "pmd.remote.ca_file"),
        ("[roles]\npmd = true\n[pmd.remote]\nurl = \"https://pmd.example.net\"", "pmd.remote.url"),
        ("[lr]\ncert_file = \"x\"", "lr.ca_file"),
        ("[lr]\nname = \"a b\"", "lr.name"),
        ("[lr]\nreplay_window_s = 0", "lr.replay_window_s"),
        ("[charging]\nrotate_mib = 0", "charging.rotate_mib"),
        ("[deferred]\nmax_per_target = 257", "deferred.max_per_target"),
        ("[deferred]\nreporting_plmns = [\"2620\"]", "deferred.reporting_plmns"),
        ("[areas]\nunknown_range_m = 0", "areas.unknown_range_m"),
        ("[areas]\ncell_table_file = 'nowhere.csv'", "areas.cell_table_file"),
        ("[areas]\nnames_file = '/etc/hostname'", "areas.names_file"),
        ("[deferred]\nmax_per_client = 0", "deferred.max_per_client"),
        ("[deferred]\nmax_duration_s = 0", "deferred.max_duration_s"),
        ("[deferred]\ndefault_duration_s = 8640001", "deferred.default_duration_s"),
        ("[usim]\nenabled = true", "usim.enabled"),
        ("[usim]\ntar = \"BFFF\"", "usim.tar"),
        ("[usim]\nacknowledgement_s = 4", "usim.acknowledgement_s"),
        ("[usim]\nmessage_validity_s = 59", "usim.message_validity_s"),
        ("[roles]\npush = true", "roles.push"),
        ("[push.smpp]\nsmsc = \"a:1\"", "push"),
        ("[roles]\npush = true", "push.country_code"),
        ("[push]\ntrunk_prefix = \"x\"", "push.trunk_prefix"),
        ("[push.smpp]\nsmsc = \"a\"", "push.smpp.smsc"),
        ("[push.smpp]\ncert_file = \"x\"", "push.smpp.cert_file"),
        ("[push.smpp]\nwindow = 0", "push.smpp.window"),
        ("[push.smpp]\npseudonym_tlv = 1", "push.smpp.pseudonym_tlv"),
        ("[push.smpp]\nkeep_vendor_tlvs = [5121]", "push.smpp.keep_vendor_tlvs"),
        ("[[push.smpp.esme]]\nsystem_id = \"a\"\nclient = \"a\"", "push.smpp.esme[0].password_file"),
        ("[[push.smpp.esme]]\nsystem_id = \"\"\nclient = \"a\"", "push.smpp.esme[0].system_id"),
        ("[push.web]\nidentity_header = \"a b\"", "push.web.identity_header"),
        ("[[push.web.client]]\nhosts = []\nclient = \"a\"\nurl = \"http://a\"", "push.web.client[0].hosts"),
        ("[[push.web.client]]\nhosts = [\"a\"]\nclient = \"a\"\nurl = \"ftp://a\"", "push.web.client[0].url"),
        ("[[push.web.client]]\nhosts = [\"a\"]\nclient = \"a\"\nurl = \"https://a\"", "push.web.client[0].ca_file"),
        ("[smsc]\naddress = \"a\"", "smsc.address"),
        ("[smsc]\naddress = \"a:1\"", "smsc.system_id"),
        ("[smsc]\naddress = \"a:1\"", "smsc.number"),
        ("[smsc]\nsystem_id = \"sixteen characte\"", "smsc.system_id"),
        ("[smsc]\nsystem_type = \"thirteen chars\"", "smsc.system_type"),
        ("[smsc]\nservice_type = \"longer\"", "smsc.service_type"),
        ("[smsc]\npassword_file = \"/nonexistent\"", "smsc.password_file"),
        ("[smsc]\nca_file = \"/nonexistent\"", "smsc.ca_file"),
        ("[smsc]\nwindow = 0", "smsc.window"),
        ("[smsc]\nsubmissions_per_s = 0", "smsc.submissions_per_s"),
        ("[smsc]\npatience_s = 0", "smsc.patience_s"),
        ("[roles]\nportal = true", "roles.portal"),
        ("[roles]\ngmlc = false\nppr = false", "roles"),
        ("[mlp]\nmax_targets = 0", "mlp.max_targets"),
        ("[mlp.tls]\ncert_file = \"x\"", "mlp.tls.key_file"),
        ("[mlp.tls]\nkey_file = \"x\"", "mlp.tls.cert_file"),
        ("[mlp.tls]\nclient_certificates = \"required\"", "mlp.tls.client_ca_file"),
        ("[mlp.push]\nemergency_url = \"ftp://x\"", "mlp.push.emergency_url"),
        ("[admin]\nlisten = \"127.0.0.1:9210\"", "admin.listen"),
        ("[diameter]\norigin_host = \"a b\"", "diameter.origin_host"),
        ("", "diameter.origin_realm"),
        ("[diameter]\nhss_realm = \"\"", "diameter.hss_realm"),
        ("[diameter.timers]\nwatchdog_s = 5", "diameter.timers.watchdog_s"),
        ("[store]\nread_connections = 0", "store.read_connections"),
        ("[log]\nsegment_mib = 0", "log.segment_mib"),
        ("[limits]\nemergency_reserve = 4096", "limits.emergency_reserve"),
        ("[limits]\nsecret_checks = 0", "limits.secret_checks"),
        ("[privacy]\ndefault_profile_file = \"/nonexistent\"", "privacy.default_profile_file"),
        ("[cache]\nsecret_s = 0", "cache.secret_s"),
    ];
    for (text, key) in cases {
        let problems = Config::parse(text).unwrap().problems();
        assert!(problems.iter().any(|problem| problem.key == key), "{text}: {problems:?}");
    }
}

#[test]
fn peers_are_checked_one_by_one() {
    let peer = |more: &str| {
        format!(
            "[diameter]\naccept = false\n[[diameter.peer]]\nhost = \"hss.example.net\"\nrealm = \"example.net\"\nrole = \"hss\"\n{more}"
        )
    };
    let keys = |text: &str| Config::parse(text).unwrap().problems().into_iter().map(|p| p.key).collect::<Vec<_>>();
    assert!(keys(&peer("")).contains(&"diameter.peer[0].address".into()));
    assert!(keys(&peer("address = \"no port\"")).contains(&"diameter.peer[0].address".into()));
    assert!(!keys(&peer("address = \"[2001:db8::1]:3868\"")).iter().any(|key| key.starts_with("diameter.peer")));
    assert!(keys(&peer("address = \"h:1\"\ntransport = \"tls\"")).contains(&"diameter.tls.ca_file".into()));
    let twice =
        peer("address = \"h:1\"") + "\n[[diameter.peer]]\nhost = \"HSS.example.net\"\nrealm = \"x\"\nrole = \"mme\"\n";
    assert!(keys(&twice).contains(&"diameter.peer[1].host".into()));
    assert!(Config::parse("[[diameter.peer]]\nhost = \"h\"\nrealm = \"r\"").unwrap_err().what.contains("role"));
}

#[test]
fn other_gateways_are_checked_one_by_one_and_beside_each_other() {
    let peer = |name: &str, more: &str| {
        format!("[[lr.peer]]\nname = \"{name}\"\ncountry_code = 33\ncertificate_subjects = [\"CN={name}\"]\n{more}\n")
    };
    let keys = |text: &str| {
        let problems = Config::parse(text).unwrap().problems();
        problems.into_iter().map(|p| p.key).filter(|key| key.starts_with("lr.peer")).collect::<Vec<_>>()
    };
    let sound = "url = \"https://b.example\"\nroles = [\"home\", \"visited\"]\nplmns = [\"20801\"]\nnumber_prefixes = [\"+336\"]\n\
                 realms = [\"h.b.example\"]\naddresses = [\"192.0.2.1\"]";
    assert_eq!(keys(&peer("b", sound)), Vec::<String>::new());
    assert_eq!(keys(&peer("b", "roles = [\"requesting\"]\ngmlc_number = \"+331\"")), Vec::<String>::new());
    for (from, to, key) in [
        ("url = \"https://b.example\"\n", "", "url"),
        ("https://b", "http://b", "url"),
        ("20801", "208", "plmns"),
        ("+336", "+49", "number_prefixes"),
        ("+336", "national:336", "number_prefixes"),
        ("h.b.example", "H.B", "realms"),
        ("\"home\", \"visited\"", "", "roles"),
        ("addresses", "certificate_sha256 = [\"x\"]\naddresses", "certificate_sha256"),
        ("addresses", "rate_per_s = 0\naddresses", "rate_per_s"),
        ("addresses", "clients = [\"lr/x\"]\naddresses", "clients"),
        ("addresses", "gmlc_number = \"national:1\"\naddresses", "gmlc_number"),
        ("addresses", "gmlc_number = \"+491\"\naddresses", "gmlc_number"),
    ] {
        assert!(sound.contains(from));
        let found = keys(&peer("b", &sound.replacen(from, to, 1)));
        assert_eq!(found, [format!("lr.peer[0].{key}")], "{to}");
    }
    assert_eq!(keys(&peer("b", "roles = [\"requesting\"]")), ["lr.peer[0].gmlc_number"]);
    let nobody = "url = \"https://b.example\"\nroles = [\"home\", \"visited\"]";
    assert_eq!(keys(&peer("b", nobody)), ["lr.peer[0].plmns", "lr.peer[0].plmns"]);
    assert_eq!(keys(&format!("[gateway]\nhome_plmns = [\"208011\"]\n{}", peer("b", sound))), ["lr.peer[0].plmns"]);
    let twice = keys(&(peer("b", sound) + &peer("b", sound)));
    let all = ["name", "certificate_subjects", "plmns", "number_prefixes", "realms", "addresses"];
    assert_eq!(twice, all.map(|key| format!("lr.peer[1].{key}")));
    assert!(Config::parse("[[lr.peer]]\nname = \"b\"\nroles = []").unwrap_err().what.contains("country_code"));
}

#[test]
fn a_file_is_loaded_or_told_why_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wherefore.toml");
    assert!(matches!(Config::load(&path), Err(ConfigError::Read { .. })));
    std::fs::write(&path, "[gateway").unwrap();
    assert!(matches!(Config::load(&path), Err(ConfigError::Syntax { .. })));
    std::fs::write(&path, "[gateway]\nname = \"\"").unwrap();
    let said = Config::load(&path).unwrap_err().to_string();
    assert!(said.contains("gateway.name") && said.contains("give a short name"), "{said}");
    std::fs::write(&path, SAMPLE).unwrap();
    let config = Config::load(&path).unwrap();
    assert_eq!(config.store.path, dir.path().join("wherefore.db"));
}

#[test]
fn a_secret_is_made_private_and_read_back() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deep/key");
    let secret = Secret { file: &file, env: None };
    assert!(matches!(secret.read(), Err(SecretError::Read { .. })));
    assert!(secret.create_if_missing().unwrap());
    assert!(!secret.create_if_missing().unwrap());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_ne!(*secret.read_key().unwrap(), [0; 32]);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(secret.read(), Err(SecretError::Open { mode: 0o640, .. })));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&file, "  \n").unwrap();
    assert!(matches!(secret.read(), Err(SecretError::Empty(_))));
    std::fs::write(&file, "abc").unwrap();
    let said = secret.read_key().unwrap_err().to_string();
    assert!(said.contains("64 hexadecimal digits") && !said.contains("abc"), "{said}");
    let unset = Secret { file: &file, env: Some("WHEREFORE_TEST_VARIABLE_THAT_NOBODY_SETS") };
    assert!(matches!(unset.read(), Err(SecretError::Unset(_))));
}
