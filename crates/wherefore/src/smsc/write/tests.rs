use super::*;
use crate::smpp::wire::Message;
use std::process::{Command, Stdio};

fn account(more: &str) -> Account {
    let text = format!(
        "[gateway]\ngmlc_number = \"+4917099\"\n[smsc]\naddress = \"smsc.example.net:2775\"\nsystem_id = \"wherefore\"\n{more}"
    );
    Account::new(&Config::parse(&text).unwrap()).unwrap()
}

fn message() -> ShortMessage {
    ShortMessage {
        protocol_id: 0x7F,
        data_coding: 0xF6,
        has_header: true,
        user_data: vec![0x02, 0x70, 0x00, 0xAA],
        validity: Some(Duration::from_secs(90_061)),
    }
}

fn hex(annotated: &str) -> Vec<u8> {
    let bare = |line: &str| line.split(';').next().unwrap_or_default().to_owned();
    let digits: String = annotated.lines().map(bare).collect::<String>().split_whitespace().collect();
    crate::forms::from_hex(&digits).unwrap()
}

#[test]
fn a_message_to_a_phone_octet_by_octet() {
    let expected = hex("00 00 00 44             ; length
                        00 00 00 04             ; submit_sm
                        00 00 00 00 00 00 00 00 ; status, number: not yet
                        00                      ; service_type
                        01 01 34 39 31 37 30 39 39 00 ; from +4917099
                        01 01 34 39 31 37 30 31 30 30 00 ; to +49170100
                        40                      ; esm_class: user data header
                        7F                      ; protocol_id: (U)SIM data download
                        00                      ; priority
                        00                      ; at once
                        30 30 30 30 30 31 30 31 30 31 30 31 30 30 30 52 00 ; for 1 day, 1 h, 1 min, 1 s
                        01                      ; a receipt
                        00                      ; replaces none
                        F6                      ; data_coding: class 2, eight bits
                        00                      ; no canned text
                        04 02 70 00 AA          ; user data");
    let pdu = account("").submit(Msisdn::parse("49170100").unwrap(), &message()).unwrap();
    assert_eq!(pdu.octets(), expected);
    let plain = ShortMessage { has_header: false, validity: None, ..message() };
    let pdu = account("").submit(Msisdn::parse("49170100").unwrap(), &plain).unwrap();
    assert_eq!(Message::parse(&pdu).unwrap().unwrap().esm_class(), 0);
    assert_eq!(pdu.octets().len(), expected.len() - 16, "no validity");
}

#[test]
fn user_data_fits_a_short_message_or_is_refused() {
    let to = Msisdn::parse("49170100").unwrap();
    let of = |length| account("").submit(to, &ShortMessage { user_data: vec![7; length], ..message() });
    for length in 0..=USER_DATA_MAX {
        let pdu = of(length).unwrap();
        assert_eq!(Message::parse(&pdu).unwrap().unwrap().user_data(&pdu), vec![7; length]);
    }
    assert_eq!(of(USER_DATA_MAX + 1).unwrap_err(), SubmitFailure::TooLong);
}

#[test]
fn a_bind_octet_by_octet() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    crate::config::create_private(&file, b"secret08\n").unwrap();
    let account = account(&format!("system_type = \"LCS\"\npassword_file = '{}'", file.display()));
    for (role, command) in
        [(Role::Receiver, "00000001"), (Role::Transmitter, "00000002"), (Role::Transceiver, "00000009")]
    {
        let expected = hex(&format!(
            "00 00 00 2B {command} 00 00 00 00 00 00 00 01
             77 68 65 72 65 66 6F 72 65 00 ; system_id
             73 65 63 72 65 74 30 38 00    ; password
             4C 43 53 00                   ; system_type
             34                            ; 3.4
             00 00 00                      ; address_range: as the centre has it"
        ));
        let bind = account.bind(role, 1);
        assert_eq!(bind.octets(), expected, "{role:?}");
        assert_eq!(Message::parse(&bind).unwrap().unwrap().credentials(&bind), [&b"wherefore"[..], b"secret08"]);
    }
    std::fs::remove_file(&file).unwrap();
    crate::config::create_private(&file, b"secret089").unwrap();
    let long = Config {
        smsc: Smsc { password_file: Some(file), system_id: "a".into(), ..Smsc::default() },
        gateway: crate::config::Gateway { gmlc_number: "+4917".parse().ok(), ..Default::default() },
        ..Config::default()
    };
    let said = format!("{:#}", Account::new(&long).err().unwrap());
    assert!(said.contains("at most 8 characters") && !said.contains("secret089"), "{said}");
}

#[test]
fn a_service_has_a_number_of_its_own() {
    for (number, ton, digits) in [
        ("+4917", 1, "4917"),
        ("national:17099", 2, "17099"),
        ("network:118", 3, "118"),
        ("subscriber:4711", 4, "4711"),
        ("abbreviated:70707", 6, "70707"),
    ] {
        let account = account(&format!("number = \"{number}\"\nnumber_plan = 8"));
        let pdu = account.submit(Msisdn::parse("49170100").unwrap(), &message()).unwrap();
        let from = Message::parse(&pdu).unwrap().unwrap().source().cloned().unwrap();
        assert_eq!((from.ton, from.npi, from.text(&pdu)), (ton, 8, digits.as_bytes()), "{number}");
        assert_eq!(account.number().digits, Digits::parse(digits).unwrap());
    }
}

#[test]
fn a_validity_is_a_span_and_never_nothing() {
    for (span, text) in [
        (Duration::ZERO, "000000000001000R"),
        (Duration::from_millis(1500), "000000000001000R"),
        (Duration::from_secs(59), "000000000059000R"),
        (Duration::from_secs(3600), "000000010000000R"),
        (Duration::from_secs(29 * 86_400), "000029000000000R"),
        (Duration::from_secs(30 * 86_400), "000100000000000R"),
        (Duration::from_secs(400 * 86_400), "010105000000000R"),
        (VALIDITY_MAX, "010216000000000R"),
        (Duration::MAX, "010216000000000R"),
    ] {
        assert_eq!(validity(span).as_str(), text, "{span:?}");
    }
}

/// Whether a program is there. In CI no test may be skipped.
fn program(name: &str) -> bool {
    let found = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    let ci = std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty());
    assert!(found || !ci, "{name} (Debian: tshark, wireshark-common) is missing, and no test may be skipped");
    found
}

#[test]
fn a_dissector_reads_what_is_sent() {
    if !program("tshark") || !program("text2pcap") {
        eprintln!("skipped: without tshark and text2pcap");
        return;
    }
    let account = account("system_type = \"LCS\"\nservice_type = \"LCS\"");
    let to = Msisdn::parse("49170100").unwrap();
    let submit = |user_data: Vec<u8>, validity| {
        account.submit(to, &ShortMessage { user_data, validity, ..message() }).unwrap().numbered(2)
    };
    let bare = |command| Pdu::of(command, status::OK, 3, b"");
    let answer = |command, status| crate::smsc::read::delivered(command, 7, status);
    let sent = [
        account.bind(Role::Transceiver, 1),
        account.bind(Role::Transmitter, 1),
        account.bind(Role::Receiver, 1),
        submit(vec![2, 0x70, 0, 0xAA], None),
        submit([&[2, 0x70, 0][..], &[0x5A; 137]].concat(), Some(VALIDITY_MAX)),
        answer(command::DELIVER_SM, status::OK),
        answer(command::DELIVER_SM, status::RX_T_APPN),
        answer(command::DATA_SM, status::RX_P_APPN),
        bare(command::ENQUIRE_LINK),
        bare(command::ENQUIRE_LINK | command::RESPONSE),
        bare(command::UNBIND),
        bare(command::UNBIND | command::RESPONSE),
        Pdu::of(command::GENERIC_NACK, status::RINVCMDID, 9, b""),
    ];
    let dir = tempfile::tempdir().unwrap();
    let (dump, capture) = (dir.path().join("sent.txt"), dir.path().join("sent.pcap"));
    // A dump of each PDU, a packet of its own.
    let hex = |pdu: &Pdu| pdu.octets().iter().map(|octet| format!(" {octet:02x}")).collect::<String>();
    std::fs::write(&dump, sent.iter().map(|pdu| format!("000000{}\n", hex(pdu))).collect::<String>()).unwrap();
    let made = Command::new("text2pcap").args(["-q", "-T", "40000,2775"]).arg(&dump).arg(&capture).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let as_smpp = ["-d", "tcp.port==2775,smpp", "-V", "-O", "smpp"];
    let read = Command::new("tshark").arg("-r").arg(&capture).args(as_smpp).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let text = String::from_utf8(read.stdout).unwrap();
    let doubtful = ["malformed", "[expert info", "unreassembled"];
    let doubts: Vec<_> = text.lines().filter(|line| doubtful.iter().any(|d| line.to_lowercase().contains(d))).collect();
    assert!(doubts.is_empty(), "{doubts:?}");
    let times = |word: &str| text.lines().filter(|line| line.contains(word)).count();
    assert_eq!(times("Operation: "), sent.len());
    assert_eq!(times("Class 2 - (U)SIM specific"), 2);
    assert_eq!(times("GSM features: UDHI indicator"), 2);
    assert_eq!(times("Message length: 140"), 1);
}
