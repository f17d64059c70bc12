//! What the dissector reads in a capture: layers and fields of each message, and whatever it finds doubtful.

use crate::capture::Capture;
use crate::interop::tshark;
use serde_json::Value;
use std::collections::BTreeMap;

/// One message of M3UA, with what is in it.
pub struct Read {
    pub layers: Vec<String>,
    tree: Value,
}

impl Read {
    pub fn has(&self, layer: &str) -> bool {
        self.layers.iter().any(|has| has == layer)
    }

    /// All values of a field; "outer>inner" is the field `inner` within each `outer`.
    pub fn all(&self, path: &str) -> Vec<String> {
        let (mut within, mut name) = (vec![&self.tree], path);
        while let Some((outer, inner)) = name.split_once('>') {
            let mut found = Vec::new();
            within.iter().for_each(|value| named(value, outer, &mut found));
            (within, name) = (found, inner);
        }
        let mut fields = BTreeMap::new();
        within.iter().for_each(|value| tshark::gather(value, &mut fields));
        fields.remove(name).unwrap_or_default()
    }

    /// The only value of a field.
    pub fn one(&self, path: &str) -> String {
        let all = self.all(path);
        assert_eq!(all.len(), 1, "{path}: {all:?}");
        all[0].clone()
    }
}

fn named<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(name));
            members.values().for_each(|member| named(member, name, found));
        }
        Value::Array(all) => all.iter().for_each(|one| named(one, name, found)),
        _ => {}
    }
}

/// Every message of a capture, and every line of its text in which something is doubtful.
pub fn read(capture: &Capture) -> (Vec<Read>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("capture.pcap");
    capture.write(&file);
    let checked = ["-o", "sctp.checksum:CRC 32c"];
    let json = tshark::run(&file, &[&checked[..], &["-T", "json", "--no-duplicate-keys"]].concat());
    let packets: Value = serde_json::from_str(&json).unwrap();
    let messages = packets.as_array().unwrap().iter().map(|packet| {
        let tree = packet["_source"]["layers"].clone();
        let layers = tree["frame"]["frame.protocols"].as_str().unwrap().split(':').map(str::to_owned).collect();
        Read { layers, tree }
    });
    (messages.collect(), doubts(&tshark::run(&file, &[&checked[..], &["-V"]].concat())))
}

/// Lines in which the dissector says that something is wrong or not known.
fn doubts(text: &str) -> Vec<String> {
    let doubtful = |line: &&str| {
        let lower = line.to_lowercase();
        let words = ["malformed", "unknown", "[expert info", "invalid", "unexpected", "not decoded", "ber error"];
        // Names of errors and their diagnostics, which are looked at one by one.
        let named =
            ["localValue: unknown", "localValue: unexpected", "unknownSubscriberDiagnostic: ", "unexpectedSubscriber"];
        words.iter().any(|word| lower.contains(word)) && !named.iter().any(|name| line.starts_with(name))
    };
    text.lines().map(str::trim).filter(doubtful).map(str::to_owned).collect()
}
