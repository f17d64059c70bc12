//! What breaks the rules of SMPP, octet by octet, and what the proxy makes of it.

use super::lab::msisdn;
use super::process::{PATIENCE, free_address};
use super::scene::{FLEET, Scene, local};
use std::net::SocketAddr;
use testbed::smsc::{CommandStatus, SmppError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const BIND: u32 = 9;
const SUBMIT: u32 = 4;
const DELIVER: u32 = 5;
const UNBIND: u32 = 6;
const ENQUIRE: u32 = 0x15;
const ANSWER: u32 = 0x8000_0000;

/// A connection on which anything can be said.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn connect(at: SocketAddr) -> Self {
        Self(TcpStream::connect(at).await.unwrap())
    }

    /// Bound as the first client.
    pub(crate) async fn bound(at: SocketAddr) -> Self {
        let mut raw = Self::connect(at).await;
        raw.send(BIND, 1, b"fleet\0fleet-pw\0\0\x34\0\0\0").await;
        assert_eq!(raw.next().await, Some((BIND | ANSWER, 0, 1)));
        raw
    }

    pub(crate) async fn octets(&mut self, octets: &[u8]) {
        self.0.write_all(octets).await.unwrap();
    }

    pub(crate) async fn send(&mut self, command: u32, sequence: u32, body: &[u8]) {
        self.octets(&pdu(command, sequence, body)).await;
    }

    /// Command, status and number of the next PDU; `None` once the other side has closed.
    pub(crate) async fn next(&mut self) -> Option<(u32, u32, u32)> {
        let read = async {
            let mut head = [0; 16];
            self.0.read_exact(&mut head).await.ok()?;
            let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().unwrap());
            let mut body = vec![0; word(0) as usize - 16];
            self.0.read_exact(&mut body).await.ok()?;
            Some((word(4), word(8), word(12)))
        };
        tokio::time::timeout(PATIENCE, read).await.expect("an answer or an end")
    }
}

fn pdu(command: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + body.len()).unwrap();
    [&[length, command, 0, sequence].map(u32::to_be_bytes).concat()[..], body].concat()
}

/// A message to nobody in particular.
fn submit() -> Vec<u8> {
    b"\0\x03\0\x38\0\x05\0PAAAAAAAAAAAAAAAAAAA\0\0\0\0\0\0\0\0\0\0\x02Hi".to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_bind_only_a_bind() {
    let scene = Scene::usual().await;
    let door = scene.door("push smpp");
    let mut raw = Raw::connect(door).await;
    for (command, status) in [(SUBMIT, 4), (ENQUIRE, 0), (UNBIND, 4), (0x7777, 4)] {
        raw.send(command, 7, b"").await;
        assert_eq!(raw.next().await, Some((command | ANSWER, status, 7)));
    }
    // A bind that is none, then one.
    raw.send(BIND, 8, b"fleet\0too long a password\0").await;
    assert_eq!(raw.next().await, Some((BIND | ANSWER, 2, 8)));
    raw.send(BIND, 9, b"fleet\0fleet-pw\0\0\x34\0\0\0").await;
    assert_eq!(raw.next().await, Some((BIND | ANSWER, 0, 9)));
    for command in [1, 2, BIND] {
        raw.send(command, 10, b"fleet\0fleet-pw\0\0\x34\0\0\0").await;
        assert_eq!(raw.next().await, Some((command | ANSWER, 5, 10)), "bound already");
    }
    raw.send(UNBIND, 11, b"").await;
    assert_eq!(raw.next().await, Some((UNBIND | ANSWER, 0, 11)));
    assert_eq!(raw.next().await, None);
    // Whoever goes on is left.
    let mut raw = Raw::connect(door).await;
    for number in 1..=8 {
        raw.send(SUBMIT, number, b"").await;
        assert_eq!(raw.next().await, Some((SUBMIT | ANSWER, 4, number)));
    }
    assert_eq!(raw.next().await, None);
    scene.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_none_is_refused_and_the_session_goes_on() {
    let scene = Scene::usual().await;
    let mut raw = Raw::bound(scene.door("push smpp")).await;
    let whole = submit();
    for end in 0..whole.len() {
        raw.send(SUBMIT, 20, &whole[..end]).await;
        assert_eq!(raw.next().await, Some((SUBMIT | ANSWER, 2, 20)), "{end}");
    }
    raw.send(SUBMIT, 21, &whole).await;
    assert_eq!(raw.next().await, Some((SUBMIT | ANSWER, 0x0B, 21)));
    for command in [0x7777, DELIVER, 0x0102, 0x0B] {
        raw.send(command, 22, &whole).await;
        assert_eq!(raw.next().await, Some((ANSWER, 3, 22)), "{command:#x}: not for a client to send");
    }
    // Answers to nothing.
    for command in [ANSWER, DELIVER | ANSWER, SUBMIT | ANSWER, 0xFFFF_FFFF] {
        raw.send(command, 99, b"\0").await;
    }
    // In pieces, and two at once.
    for octet in pdu(ENQUIRE, 23, b"") {
        raw.octets(&[octet]).await;
    }
    assert_eq!(raw.next().await, Some((ENQUIRE | ANSWER, 0, 23)));
    raw.octets(&[pdu(ENQUIRE, 24, b""), pdu(ENQUIRE, 25, b"")].concat()).await;
    assert_eq!(raw.next().await, Some((ENQUIRE | ANSWER, 0, 24)));
    assert_eq!(raw.next().await, Some((ENQUIRE | ANSWER, 0, 25)));
    assert_eq!(scene.smsc.submitted(), 0);
    scene.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_that_no_pdu_has_ends_the_session() {
    let mut scene = Scene::usual().await;
    let door = scene.door("push smpp");
    for length in [0_u32, 15, 4097, u32::MAX] {
        for bound in [false, true] {
            let mut raw = if bound { Raw::bound(door).await } else { Raw::connect(door).await };
            raw.octets(&[&length.to_be_bytes()[..], &[0; 12]].concat()).await;
            assert_eq!(raw.next().await, Some((ANSWER, 2, 0)), "{length}");
            assert_eq!(raw.next().await, None);
        }
    }
    scene.smsc.wait_bound("fleet", 0, PATIENCE).await.unwrap();
    // One that ends within a PDU takes its session at the centre with it.
    let mut raw = Raw::bound(door).await;
    scene.smsc.wait_bound("fleet", 1, PATIENCE).await.unwrap();
    raw.octets(&pdu(SUBMIT, 2, &submit())[..20]).await;
    drop(raw);
    scene.smsc.wait_bound("fleet", 0, PATIENCE).await.unwrap();
    assert!(scene.gateway.is_up());
    scene.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_answers_nothing_and_the_centre_is_told_in_time() {
    let scene = Scene::start(&local(), "[push.smpp]\nresponse_timeout_ms = 300").await;
    let mut raw = Raw::bound(scene.door("push smpp")).await;
    scene.smsc.wait_bound("fleet", 1, PATIENCE).await.unwrap();
    let (one, two) = (msisdn(1), msisdn(2));
    let sending = scene.smsc.send_from_terminal(&one, FLEET, "Hi");
    let answering = async {
        let (command, _, number) = raw.next().await.unwrap();
        assert_eq!(command, DELIVER);
        raw.send(DELIVER | ANSWER, number + 1, b"\0").await;
        raw.send(SUBMIT | ANSWER, number, b"\0").await;
    };
    let (sent, ()) = tokio::join!(sending, answering);
    assert_eq!(sent.unwrap(), CommandStatus::EsmeRxTAppn);
    // The right one still answers what comes next.
    let sending = scene.smsc.send_from_terminal(&two, FLEET, "Hi");
    let answering = async {
        let (_, _, number) = raw.next().await.unwrap();
        raw.send(DELIVER | ANSWER, number, b"\0").await;
    };
    assert_eq!(tokio::join!(sending, answering).0.unwrap(), CommandStatus::EsmeRok);
    scene.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_full_throttles_and_silence_ends_the_session() {
    let more = "[push.smpp]\nwindow = 2\nenquire_link_s = 1\nresponse_timeout_ms = 3000";
    let scene = Scene::start(&local(), more).await;
    let mut raw = Raw::bound(scene.door("push smpp")).await;
    scene.smsc.wait_bound("fleet", 1, PATIENCE).await.unwrap();
    let number = msisdn(1);
    let send = || scene.smsc.send_from_terminal(&number, FLEET, "Hi");
    // The client answers none of them, nor whether it is there.
    let mut statuses: Vec<_> =
        [tokio::join!(send(), send(), send())].into_iter().flat_map(|(a, b, c)| [a, b, c]).collect();
    statuses.retain(|status| !matches!(status, Ok(CommandStatus::EsmeRxTAppn)));
    // Refused at once, refused when no answer came, or cut off with the session.
    assert!(statuses.iter().all(|status| matches!(status, Err(SmppError::Silent))), "{statuses:?}");
    let mut asked = 0;
    while let Some((command, ..)) = raw.next().await {
        asked += usize::from(command == ENQUIRE);
    }
    assert_eq!(asked, 1);
    scene.smsc.wait_bound("fleet", 0, PATIENCE).await.unwrap();
    let throttled = scene.gateway.metric("wherefore_push_smpp_total{from=\"centre\",outcome=\"throttled\"}").await;
    assert!((throttled - 1.0).abs() < 0.1, "{throttled}");
    scene.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_sms_centre_a_bind_fails_for_now() {
    let nobody = free_address().await;
    let scene = Scene::start(&local(), &format!("[push.smpp]\nsmsc = '{nobody}'")).await;
    let outcome = scene.bind("fleet", "fleet-pw").await;
    assert!(matches!(outcome, Err(SmppError::Refused(CommandStatus::EsmeRsyserr))));
    scene.gateway.stop().await;
}
