//! Another implementation of secured packets: structure by pycrate (TS 31.115), AES by cryptography, both of PyPI. It opens what is sealed
//! here, and what it seals is opened here; the program is `interop/peer.py`. And packets that pySim's `pySim/ota.py` has made.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of test functions")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use usat::packet::*;

const COUNTER: u64 = 0x01_0203_0405;
const TAR: Tar = Tar([0xBF, 0xFF, 0x23]);

/// The interpreter: that of `WHEREFORE_TEST_PYTHON`, or the one on the path.
fn interpreter() -> PathBuf {
    std::env::var_os("WHEREFORE_TEST_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

/// Whether it has what the program needs. In CI it must.
fn found() -> bool {
    let imports = "import pycrate_mobile.TS31115, cryptography.hazmat.primitives.cmac";
    let status = Command::new(interpreter()).args(["-c", imports]).stderr(Stdio::null()).status();
    let found = status.is_ok_and(|status| status.success());
    let ci = std::env::var_os("CI").is_some_and(|value| value != "false" && !value.is_empty());
    assert!(found || !ci, "pycrate or cryptography is missing, and no test may be skipped");
    if !found {
        eprintln!("skipped: without pycrate and cryptography (PyPI) in WHEREFORE_TEST_PYTHON");
    }
    found
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// Keys of `length` octets: KIc counts from 0, KID from 100.
fn octets_of_keys(length: u8) -> (Vec<u8>, Vec<u8>) {
    ((0..length).collect(), (100..100 + length).collect())
}

fn keys(length: u8) -> CardKeys {
    let (kic, kid) = octets_of_keys(length);
    CardKeys::new(3, &kic, &kid).unwrap()
}

fn usable() -> Usable {
    Counter::new(COUNTER - 1).unwrap().next().unwrap().store(|_| Ok::<_, ()>(())).unwrap()
}

fn contents() -> Vec<Vec<u8>> {
    (0..70).map(|length| (0..length).collect()).collect()
}

fn ask(lines: &[(&str, u8, Vec<u8>)]) -> Vec<Vec<u8>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/peer.py");
    let mut child =
        Command::new(interpreter()).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut asks = child.stdin.take().unwrap();
    let text = lines.iter().fold(String::new(), |mut text, (what, length, octets)| {
        let (kic, kid) = octets_of_keys(*length);
        writeln!(text, "{what} {} {} bfff23 {COUNTER:x} {}", hex(&kic), hex(&kid), hex(octets)).unwrap();
        text
    });
    // Its answers are shorter than a pipe holds, but not by much.
    let writer = std::thread::spawn(move || asks.write_all(text.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(unhex).collect()
}

fn opened(length: u8, packet: &[u8]) -> Vec<u8> {
    let last = Counter::new(COUNTER - 1).unwrap();
    let received = open_command(&keys(length), Level::TO_CARD, TAR, last, packet).map_err(|rejected| rejected.error);
    received.unwrap().accept(|_| Ok::<_, ()>(())).unwrap()
}

#[test]
fn command_packets_both_ways() {
    if !found() {
        return;
    }
    for length in [16, 24, 32] {
        let sealed: Vec<Vec<u8>> = contents()
            .iter()
            .map(|data| seal_command(&keys(length), Level::TO_CARD, TAR, &usable(), data).unwrap())
            .collect();
        let asks: Vec<_> = sealed.iter().map(|packet| ("open_command", length, packet.clone())).collect();
        assert_eq!(ask(&asks), contents());
        let asks: Vec<_> = contents().into_iter().map(|data| ("seal_command", length, data)).collect();
        let theirs = ask(&asks);
        assert_eq!(theirs, sealed);
        assert_eq!(theirs.iter().map(|packet| opened(length, packet)).collect::<Vec<_>>(), contents());
    }
}

#[test]
fn response_packets_both_ways() {
    if !found() {
        return;
    }
    let proof = Level::TO_CARD.proof.unwrap();
    let counter = Counter::new(COUNTER).unwrap();
    let said: Vec<Vec<u8>> = contents().into_iter().skip(1).collect();
    let responses: Vec<Response> = said
        .iter()
        .map(|said| Response { tar: TAR, counter, status: Status::from_octet(said[0]), data: said[1..].to_vec() })
        .collect();
    let sealed: Vec<Vec<u8>> =
        responses.iter().map(|response| seal_response(&keys(16), proof, response).unwrap()).collect();
    assert_eq!(ask(&sealed.iter().map(|packet| ("open_response", 16, packet.clone())).collect::<Vec<_>>()), said);
    let theirs = ask(&said.iter().map(|said| ("seal_response", 16, said.clone())).collect::<Vec<_>>());
    let read: Vec<Response> =
        theirs.iter().map(|packet| open_response(&keys(16), proof, TAR, packet).unwrap()).collect();
    assert_eq!(read, responses);
}

/// Made with `OtaDialectSms.encode_cmd` of pySim (osmocom/pysim, run by hand, as it is on no package index), the keys and the counter as
/// above. Ours are the same, octet for octet.
#[test]
fn what_pysim_has_sealed() {
    let sixty: Vec<u8> = (0..60).collect();
    let vectors: [(u8, &[u8], &str); 4] = [
        (16, &[], "00181516393232bfff23fbfccac39f6afd22b358d3c53414ff14"),
        (16, b"area event", "00281516393232bfff2331f16192d5cd795e19a49a8781c38d69917c7fe0d93c7c571edd5ae0b173da9e"),
        (32, b"area event", "00281516393232bfff237c78b04200341c50df208592e10b861b28776485007515e5e880a8d740f5680e"),
        (
            32,
            &sixty,
            "00581516393232bfff23e60f8f5a7b848af28968e41287bdeda8f52de37175bd7d009c2597f473d52e1457d054a199a8d0ff8a95c987a252cfff33def31e2e8e2f87f166c74f5484bcaa4e882a134fa96542c905e85e9753147d",
        ),
    ];
    for (length, data, packet) in vectors {
        let packet = unhex(packet);
        assert_eq!(opened(length, &packet), data);
        assert_eq!(seal_command(&keys(length), Level::TO_CARD, TAR, &usable(), data).unwrap(), packet);
    }
}
