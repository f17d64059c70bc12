//! PyJWT (PyPI) verifies the tokens too: nothing in them is of this project's own invention.

use super::world::{ORIGIN, World};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn interpreter() -> PathBuf {
    std::env::var_os("WHEREFORE_TEST_PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}

fn missing() -> bool {
    let found = Command::new(interpreter()).args(["-c", "import jwt, cryptography"]).stderr(Stdio::null()).status();
    !found.is_ok_and(|status| status.success())
}

/// What the script says of a token.
fn judged(world: &World, token: &str, audience: &str, nonce: &str) -> Value {
    use std::io::Write as _;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pull/verify.py");
    let mut child = Command::new(interpreter())
        .arg(script)
        .args([&format!("http://{}/.well-known/jwks.json", world.pull), ORIGIN, audience, nonce])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pyjwt_verifies_what_the_operator_signs() {
    if missing() {
        let ci = std::env::var_os("CI").is_some_and(|ci| ci != "false" && !ci.is_empty());
        assert!(!ci, "PyJWT is missing in CI, where no test may be skipped");
        eprintln!("skipped without PyJWT (PyPI) in WHEREFORE_TEST_PYTHON");
        return;
    }
    let world = World::new().await;
    let terminal = world.terminal(1).await;
    assert!(terminal.visit(&world.shop.origin()).await.unwrap().status().is_success());
    let seen = world.shop.seen();
    let token = seen[1].token().unwrap();
    // The nonce of the challenge, out of the token's own claims: the library has compared it with the service's.
    let claims = token.split('.').nth(1).unwrap();
    let nonce = {
        let octets = decoded(claims);
        let claims: Value = serde_json::from_slice(&octets).unwrap();
        claims["nonce"].as_str().unwrap().to_owned()
    };
    let sub = world.shop.let_in()[0].clone().unwrap();
    assert_eq!(judged(&world, token, "shop", &nonce)["sub"], sub);
    assert_eq!(judged(&world, token, "fleet", &nonce)["refused"], "InvalidAudienceError");
    assert_eq!(judged(&world, token, "shop", "another")["refused"], "InvalidTokenError");
    // One character of the signature.
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let changed = format!("{signed}.{other}{}", &signature[1..]);
    assert_eq!(judged(&world, &changed, "shop", &nonce)["refused"], "InvalidSignatureError");
    world.gateway.stop().await;
}

/// Base 64 for URLs without padding.
fn decoded(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => panic!("not base 64"),
    };
    let bits = text.bytes().flat_map(|c| (0..6).rev().map(move |at| value(c) >> at & 1)).collect::<Vec<u8>>();
    bits.chunks_exact(8).map(|octet| octet.iter().fold(0, |all, bit| all << 1 | bit)).collect()
}
