use super::*;

const SAMPLE: &str = include_str!("../../../../docs/mdt-agent.toml");

/// Every key, whether the sample leaves it away, and its default as the sample writes it; none for one that must be there.
const KEYS: &[(&str, bool, Option<&str>)] = &[
    ("dir", false, None),
    ("keys_dir", false, None),
    ("size", false, Some("\"standard\"")),
    ("flush_s", false, Some("10")),
    ("bus", false, Some("\"system\"")),
    ("device", true, Some("the first one")),
    ("poll_s", false, Some("10")),
    ("file", true, None),
    ("pace", true, Some("\"times\"")),
    ("file", false, None),
    ("consent_file", true, Some("none")),
    ("tce_id", true, None),
    ("consent_file", true, Some("none")),
    ("list_file", false, None),
    ("roots", false, None),
    ("url", false, None),
    ("ca_file", false, None),
    ("token_file", false, Some("none")),
    ("cert_file", true, Some("none")),
    ("key_file", true, None),
    ("every_s", false, Some("900")),
    ("piece_octets", false, Some("32768")),
    ("retry_first_s", false, Some("5")),
    ("retry_longest_s", false, Some("3600")),
    ("socket", false, Some("\"/run/mdt-agent/control.sock\"")),
];

fn read(text: &str) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("agent.toml"), text).unwrap();
    Config::read(&dir.path().join("agent.toml"))
}

#[test]
fn the_sample_has_every_key_with_its_meaning_and_default_and_can_be_used() {
    let mut keys = KEYS.iter();
    let mut comment = "";
    for line in SAMPLE.lines() {
        let (left_away, key) = match line.strip_prefix("#: ") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        match key.split_once(" = ") {
            Some((key, value)) if !line.starts_with("# ") => {
                let (name, away, default) = keys.next().unwrap_or_else(|| panic!("{key} is not in the table"));
                assert_eq!((key, left_away), (*name, *away));
                match default {
                    None => assert!(comment.contains("Required"), "{key}: {comment}"),
                    Some(default) => {
                        assert!(
                            comment.contains(&format!("Default {default}"))
                                || comment.contains(&format!("Default: {default}")),
                            "{key}: {comment}"
                        );
                        assert!(left_away || *default == "none" || value == *default, "{key}: {value}");
                    }
                }
            }
            _ if line.starts_with("# ") => comment = line,
            _ => {}
        }
    }
    assert_eq!(keys.next(), None, "the sample lacks a key");
    let config = read(SAMPLE).unwrap();
    assert_eq!(config.keys.roots().unwrap().len(), 1);
    // The same with everything left away that has a default.
    let needed = |line: &&str| {
        let key = line.split(" = ").next().unwrap_or_default();
        KEYS.iter().all(|(name, _, default)| *name != key || default.is_none() || *name == "token_file")
    };
    let short: Vec<&str> = SAMPLE.lines().filter(needed).collect();
    let defaults = read(&short.join("\n")).unwrap();
    assert_eq!(format!("{defaults:?}"), format!("{config:?}"));
    assert!(short.len() + 8 < SAMPLE.lines().count());
}

#[test]
fn a_file_is_played_instead_of_a_modem() {
    let replay = SAMPLE.replace("#: [source.replay]", "[source.replay]");
    let replay = replay.replace("#: file", "file").replace("#: pace", "pace");
    assert!(read(&replay).is_err(), "not both");
    let (before, rest) = replay.split_once("[source.modem]").unwrap();
    let (_, after) = rest.split_once("[source.replay]").unwrap();
    let config = read(&format!("{before}[source.replay]{after}")).unwrap();
    let SourceConfig::Replay(of) = &config.source else { panic!("no replay") };
    assert!(of.file.is_absolute() && of.pace == Pace::Times);
}

#[test]
fn unknown_keys_and_values_that_cannot_be_used_are_named() {
    for (from, to, named) in [
        ("flush_s = 10", "flush = 10", "flush"),
        ("[control]", "[kontrol]", "kontrol"),
        ("flush_s = 10", "flush_s = 61", "state.flush_s"),
        ("poll_s = 10", "poll_s = 0", "source.modem.poll_s"),
        ("https://", "http://", "collector.url"),
        ("d75a98", "d75a", "keys.roots"),
        ("token_file = ", "#", "collector.token_file"),
        ("#: cert_file", "cert_file", "collector.key_file"),
        ("every_s = 900", "every_s = 0", "collector.every_s"),
        ("piece_octets = 32768", "piece_octets = 1", "collector.piece_octets"),
        ("retry_first_s = 5", "retry_first_s = 7200", "collector.retry_first_s"),
        ("/var/lib/mdt-agent/keys", "/var/lib/mdt-agent/state", "state.keys_dir"),
    ] {
        let text = SAMPLE.replacen(from, to, 1);
        assert_ne!(text, SAMPLE, "{from}");
        let error = read(&text).err().unwrap_or_else(|| panic!("{to}")).to_string();
        assert!(error.contains(named), "{named}: {error}");
    }
    let both = SAMPLE.replace("#: cert_file", "cert_file").replace("#: key_file", "key_file");
    assert!(read(&both).unwrap_err().to_string().contains("collector.token_file"));
    assert!(Config::read(Path::new("/nowhere.toml")).is_err());
}
