//! Writes `seeds/TARGET`: sound inputs from which fuzzing starts. Run it in `fuzz/` with `cargo run --example seeds`.

use diameter::s6a::{Idr, lcs_info};
use lcs::gad::Velocity;
use lcs::slpp::{
    ExternalClientEntry, LcsInformation, MoLrClass, MoLrCode, NotificationToUser, PrivacyClass, PrivacyClassCode,
    SsStatus,
};
use mlp::client::{ClientTarget, Request};
use std::path::Path;

#[path = "../../crates/testbed/tests/interop/messages.rs"]
#[allow(missing_docs, dead_code)]
mod messages;

/// Messages of MAP; they take what they need from the module beside them.
#[path = "../../crates/ss7/tests/map/common.rs"]
#[allow(missing_docs, dead_code)]
mod common;
#[path = "../../crates/ss7/tests/map/samples.rs"]
#[allow(missing_docs, dead_code)]
mod samples;

fn main() -> std::io::Result<()> {
    for (name, octets) in messages::base() {
        write("diameter_base", name, &octets)?;
    }
    for (name, octets) in messages::slh() {
        write("diameter_slh", name, &octets)?;
        write("diameter_message", name, &octets)?;
    }
    for (name, octets) in messages::positioning().into_iter().chain(messages::reports()) {
        write("diameter_slg", name, &octets)?;
    }
    write("diameter_message", "lrr", &messages::reports()[0].1)?;
    subscriber_data()?;
    for (kind, octets) in messages::SHAPES {
        // Six octets choose radius and areas.
        write("gad", &format!("shape-{kind}"), &[*octets, &[90, 128, 128, 4, 0, 0]].concat())?;
    }
    for (name, vertical, uncertainty) in
        [("0", None, None), ("1", Some(-5), None), ("2", None, Some(9)), ("3", Some(5), Some(9))]
    {
        let velocity = Velocity {
            bearing_deg: 271,
            horizontal_km_h: 90,
            vertical_km_h: vertical,
            horizontal_uncertainty_km_h: uncertainty,
            vertical_uncertainty_km_h: uncertainty,
        };
        write("gad", &format!("velocity-{name}"), &velocity.encode())?;
    }
    for (name, text) in [
        ("merged", "Example Fleet==dispatch desk"),
        ("escapes", "[{€}]~^\\|"),
        ("returns", "1234567\r"),
        ("foreign", "Флот"),
    ] {
        write("gsm7", name, text.as_bytes())?;
    }
    write("gsm7", "packed", &[0xD4, 0xF2, 0x9C, 0x0E])?;
    requests()?;
    answers()?;
    for sample in samples::all() {
        write("map_parameter", &sample.name.replace(' ', "-"), &sample.octets)?;
    }
    for (name, octets) in [
        ("system-failure", &[34, 0x30, 0x06, 0x0A, 0x01, 0x01, 0x80, 0x01, 0x02][..]),
        ("system-failure-of-old", &[34, 0x0A, 0x01, 0x05]),
        ("unauthorised-client", &[53, 0x30, 0x03, 0x80, 0x01, 0x04]),
        ("position-method-failure", &[54, 0x30, 0x03, 0x80, 0x01, 0x06]),
        ("extensions", &[35, 0x30, 0x04, 0x30, 0x02, 0xA0, 0x00]),
    ] {
        write("map_error", name, octets)?;
    }
    roaming()?;
    tcap()?;
    write("log_note", "edit", b"\x20\x04abc")?;
    write("log_note", "key", fuzz::log::keys().verifier().to_text().as_bytes())?;
    // The form alone: a log of another run is signed and sealed by the same keys, and must not be taken for a forgery.
    write("log_note", "note", fuzz::log::genuine().note.replace("disclosure", "elsewhere").as_bytes())?;
    write("log_record", "edit", &[3, 40, 1, 0, 0, 128])?;
    let mut record = fuzz::log::genuine().records[0].clone();
    record.iter_mut().last().into_iter().for_each(|octet| *octet ^= 1);
    write("log_record", "record", &record)?;
    write("log_recovery", "edits", &(0..=255).collect::<Vec<u8>>())?;
    write("tcap_dialogues", "steps", &(0..=255).rev().cycle().take(512).collect::<Vec<u8>>())?;
    write("pseudonym", "text", format!("AQ{}@h.gmlc.example", "A".repeat(54)).as_bytes())?;
    write("pseudonym", "edit", &[20, 1, 0, 128])?;
    smpp()?;
    write("diameter_peer", "steps", &(0..=255).rev().cycle().take(512).collect::<Vec<u8>>())
}

/// Bodies of each kind, after the octets that choose command and dress.
fn smpp() -> std::io::Result<()> {
    let address = b"\x01\x01491701234567\0".as_slice();
    let text = b"\x04\0\0\0\0\0\0\x01\0\x12id:1 491701234567 x".as_slice();
    let tlvs = b"\x02\x02\0\x02\x80\x01\x04\x24\0\x02Hi\x15\x01\0\x01x".as_slice();
    let seeds: [(&str, Vec<u8>); 7] = [
        ("deliver", [b"\0\0\0", address, address, text, tlvs].concat()),
        ("submit", [b"\x01\x02\0", address, address, text, tlvs].concat()),
        ("data", [b"\x02\x04\0", address, address, b"\x40\0\x08", tlvs].concat()),
        ("multi", [b"\x03\0\0", address, b"\x02\x01", address, b"\x02list\0", text].concat()),
        ("alert", [b"\x04\0", address, address].concat()),
        ("cancel", [b"\x06\0\0id\0", address, address].concat()),
        ("multi_resp", [b"\x0a\0id\0\x01", address, b"\0\0\0\x0b"].concat()),
    ];
    seeds.iter().try_for_each(|(name, octets)| write("smpp_rewrite", name, octets))
}

fn write(target: &str, name: &str, octets: &[u8]) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(name), octets)
}

/// Insert-Subscriber-Data, and the LCS-Info alone: that of the message, and one with classes that differ. `idr` and
/// `lcs-info-full` beside them are octets of the crate's tests.
fn subscriber_data() -> std::io::Result<()> {
    for (name, octets) in messages::s6a() {
        write("diameter_s6a", &format!("{name}-to-sgsn"), &octets)?;
        let message = messages::read(&octets);
        let idr = Idr::decode(&message).expect("a sound request");
        if let Some(information) = &idr.subscription_data.lcs_info {
            write("diameter_s6a", &format!("{name}-to-sgsn-lcs-info"), &lcs_info(information).expect("it fits"))?;
        }
    }
    let entry = |client: &str, notification| ExternalClientEntry {
        client: Some(lcs::Address::international(client).expect("digits")),
        gmlc_restriction: None,
        notification,
    };
    let clients = PrivacyClass {
        not_listed: Some(NotificationToUser::LocationNotAllowed),
        external_clients: vec![
            entry("499000000002", Some(NotificationToUser::NotifyLocationAllowed)),
            entry("499000000012", None),
        ],
        ..PrivacyClass::active(PrivacyClassCode::CallSessionRelated)
    };
    let operator = PrivacyClass {
        plmn_clients: vec![lcs::PlmnClient::OmHplmn],
        ..PrivacyClass::active(PrivacyClassCode::PlmnOperator)
    };
    let information = LcsInformation {
        gmlc_list: Vec::new(),
        privacy_classes: vec![clients, operator],
        mo_lr: vec![MoLrClass { code: MoLrCode::BasicSelfLocation, status: SsStatus::ACTIVE }],
    };
    write("diameter_s6a", "lcs-info", &lcs_info(&information).expect("it fits"))
}

/// Requests with little and with all that the client's side can write.
fn requests() -> std::io::Result<()> {
    let mut request = Request::new("fleet", "secret", vec![ClientTarget::msisdn("4915110000001")]);
    write("mlp_svc_init", "least", request.to_xml().as_bytes())?;
    let target = &mut request.targets[0];
    target.codeword = Some("lighthouse".to_owned());
    target.session = Some(lcs::CallSession::Apn(lcs::ApnNi::new("fleet.example").expect("a sound APN")));
    target.trans_id = Some("17".to_owned());
    request.targets.push(ClientTarget::of(mlp::MsidType::Imsi, "001010000000001"));
    request.service_id = Some("7".to_owned());
    request.requestor = Some(("NAME".to_owned(), "dispatch desk".to_owned()));
    request.supported_shapes = Some("Point=\"1\" CircularArea=\"2\" Altitude=\"YES\"".to_owned());
    request.asynchronous = true;
    request.resp_req = Some("LOW_DELAY");
    request.resp_timer_s = Some(20);
    request.hor_acc_m = Some((100, Some(lcs::QosClass::Assured)));
    request.alt_acc_m = Some((50, Some(lcs::QosClass::BestEffort)));
    request.max_loc_age_s = Some(60);
    request.loc_type = Some("CURRENT_OR_LAST".to_owned());
    request.high_priority = true;
    request.push_address =
        Some(("https://client.example/push".to_owned(), Some("id".to_owned()), Some("pw".to_owned())));
    request.service_coverage = vec![49, 33];
    write("mlp_svc_init", "most", request.to_xml().as_bytes())?;
    let range = "<msid_range><start_msid><msid>4915110000001</msid></start_msid><stop_msid><msid>4915110000009</msid></stop_msid></msid_range>";
    let text = request.to_xml().replace("<msids>", &format!("<msids>{range}"));
    write("mlp_svc_init", "range", text.as_bytes())?;
    let hostile = "<?xml version='1.0'?><!DOCTYPE svc_init [<!ENTITY a \"b\">]><svc_init ver=\"3.2.0\"><hdr/>&a;<![CDATA[x]]></svc_init>";
    write("mlp_svc_init", "entity", hostile.as_bytes())
}

fn answers() -> std::io::Result<()> {
    let position = "<pd><time utc_off=\"+0200\">20260102130405</time><shape><CircularArea srsName=\"www.epsg.org/6326.xml\"><coord>\
        <X>52 31 12.000N</X><Y>13 24 18.000E</Y></coord><radius>120</radius></CircularArea></shape><alt>34</alt><speed>25</speed>\
        <direction>271</direction><lev_conf>95</lev_conf></pd>";
    let error = "<poserr><result resid=\"202\">POSITIONING NOT ALLOWED</result><time>20260102130405</time></poserr>";
    let pos = |content: &str| format!("<pos><msid>4915110000001</msid>{content}</pos>");
    let slia = |content: &str| {
        format!("<?xml version=\"1.0\"?><svc_result ver=\"3.5.0\"><slia ver=\"3.5.0\">{content}</slia></svc_result>")
    };
    write("mlp_result", "position", slia(&(pos(position) + &pos(error))).as_bytes())?;
    write("mlp_result", "accepted", slia("<req_id>4711</req_id>").as_bytes())?;
    let gem = "<?xml version=\"1.0\"?><gem ver=\"3.5.0\"><result resid=\"106\">SYNTAX ERROR</result><add_info>x</add_info></gem>";
    write("mlp_result", "gem", gem.as_bytes())
}

/// What gateways say to each other: the golden files of the crate.
fn roaming() -> std::io::Result<()> {
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/mlp/tests/data/rlp"))? {
        let path = file?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let target = if name.ends_with("lir") || name.contains("lir-") { "rlp_svc_init" } else { "rlp_result" };
        write(target, name, &std::fs::read(&path)?)?;
    }
    Ok(())
}

/// Messages of a peer, each after an octet that tells which dialogue of the target it is for.
fn tcap() -> std::io::Result<()> {
    for (name, text) in [
        (
            "begin",
            "0062354804010203046b1e281c060700118605010101a011600f80020780a1090607040000010026036c0da10b0201010201533003800105",
        ),
        (
            "end",
            "0064434904000000006b2a2828060700118605010101a01d611b80020780a109060704000001002603a203020100a305a1030201006c0fa20d02010130080201533003800107",
        ),
        (
            "continue",
            "0165564804010203044904000000006b2a2828060700118605010101a01d611b80020780a109060704000001002603a203020100a305a1030201006c1ca70d02010130080201533003800107a10b0201ff8001010201070500",
        ),
        ("later", "0265164804010203044904000000006c08a306020101020122"),
        (
            "refused",
            "0067324904000000006b2a2828060700118605010101a01d611b80020780a109060704000001002602a203020101a305a103020102",
        ),
        ("aborted", "01671a4904000000006b122810060700118605010101a0056403800100"),
        ("provider", "0167094904000000004a0104"),
        (
            "indefinite",
            "0064804904000000006b802880060700118605010101a080618080020780a1800607040000010026030000a203020100a305a10302010000000000000000000000",
        ),
    ] {
        let octets = text
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("digits"));
        write("tcap_message", name, &octets.collect::<Vec<u8>>())?;
    }
    Ok(())
}
