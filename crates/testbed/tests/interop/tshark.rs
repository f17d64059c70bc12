//! tshark (Debian package `tshark`) as an independent reader of captures.

use super::pcap::Capture;
use super::program;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What is missing to run it.
pub fn missing() -> Option<&'static str> {
    program("tshark").is_none().then_some("tshark (Debian package tshark)")
}

/// One Diameter message as the dissector reads it: values by the name of the field, in order.
#[derive(Debug)]
pub struct Dissected(BTreeMap<String, Vec<String>>);

impl Dissected {
    /// The values of a field, named without `diameter.`: an AVP by its own name.
    pub fn all(&self, field: &str) -> Vec<&str> {
        let of_others = ["e164.", "gsm_a."].iter().any(|protocol| field.starts_with(protocol));
        let name = if of_others { field.to_owned() } else { format!("diameter.{field}") };
        self.0.get(&name).into_iter().flatten().map(String::as_str).collect()
    }
}

/// A capture dissected twice: by field, and as text, in which everything doubtful is named.
pub struct Dissection {
    pub messages: Vec<Dissected>,
    pub doubts: Vec<String>,
}

/// What tshark makes of a capture.
pub fn dissect(capture: &Capture) -> Dissection {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("capture.pcap");
    capture.write(&file);
    let packets: Value = serde_json::from_str(&run(&file, &["-T", "json", "--no-duplicate-keys"])).unwrap();
    let mut messages = Vec::new();
    for packet in packets.as_array().unwrap() {
        let layers = &packet["_source"]["layers"];
        // Several messages in one segment are a list.
        match &layers["diameter"] {
            Value::Array(all) => all.iter().for_each(|one| messages.push(dissected(one))),
            // The rest of a message that came in pieces has its layer in the last packet alone.
            Value::Null => assert!(!layers["tcp"].is_null(), "no TCP: {layers}"),
            one => messages.push(dissected(one)),
        }
    }
    Dissection { messages, doubts: doubts(&run(&file, &["-V", "-O", "diameter"])) }
}

/// What tshark prints of a file, under its own preferences and not those of whoever runs the test.
pub fn run(file: &Path, options: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(program("tshark").unwrap());
    command.env("HOME", folder.path()).env("WIRESHARK_CONFIG_DIR", folder.path()).arg("-r").arg(file);
    let output = command.args(options).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn dissected(layer: &Value) -> Dissected {
    let mut fields = BTreeMap::new();
    gather(layer, &mut fields);
    Dissected(fields)
}

/// The texts inside a value, by the name of their field, in order.
pub fn gather(value: &Value, fields: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) => fields.entry(name.clone()).or_default().push(text.clone()),
                    Value::Array(all) => {
                        let texts = all.iter().filter_map(Value::as_str).map(str::to_owned);
                        fields.entry(name.clone()).or_default().extend(texts);
                        all.iter().for_each(|one| gather(one, fields));
                    }
                    other => gather(other, fields),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|one| gather(one, fields)),
        _ => {}
    }
}

/// Lines of the text in which the dissector says that something is wrong or not known, each after the AVP that it is about.
/// That it does not know the test network of mobile country code 001 is no doubt.
fn doubts(text: &str) -> Vec<String> {
    let (mut found, mut avp) = (Vec::new(), "");
    for line in text.lines().map(str::trim) {
        if line.starts_with("AVP: ") {
            avp = line;
        }
        let lower = line.to_lowercase();
        let suspicious = ["malformed", "unknown", "[expert info", "invalid", "unexpected", "reassembl"];
        let country = line.starts_with("Mobile Country Code") || line.starts_with("Mobile Network Code");
        // Names of results and of AVPs have capitals and underscores.
        let named = line.contains("DIAMETER_ERROR_USER_UNKNOWN") || line.contains("DIAMETER_UNKNOWN");
        if suspicious.iter().any(|word| lower.contains(word)) && !country && !named {
            found.push(format!("{avp} / {line}"));
        }
    }
    found
}
