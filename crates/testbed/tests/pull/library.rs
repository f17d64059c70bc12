//! What the library says to tokens that the operator's own key signed, and that are wrong all the same.

use super::world::{ORIGIN, REALM, World};
use assertion::{Claims, Gate, GateError, KeySet, NonceError, Nonces, SigningKey, VerifyError, random_id};
use std::time::{SystemTime, UNIX_EPOCH};

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_own_signature_does_not_make_a_wrong_token_right() {
    let world = World::new().await;
    let published = reqwest::get(format!("http://{}/.well-known/jwks.json", world.pull)).await.unwrap();
    let keys = KeySet::parse(published.text().await.unwrap().as_bytes()).unwrap();
    let file: toml::Table =
        toml::from_str(&std::fs::read_to_string(world.lab.path().join("assertion.keys")).unwrap()).unwrap();
    let hex = file["key"][0]["pkcs8"].as_str().unwrap();
    let octets: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let key = SigningKey::from_pkcs8(&octets).unwrap();
    let gate = Gate::new("shop", ORIGIN, "shop", keys, Nonces::new().unwrap()).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let judged = |change: &dyn Fn(&mut Claims)| {
        let mut claims = Claims {
            iss: ORIGIN.into(),
            sub: format!("AQ@{REALM}"),
            aud: "shop".into(),
            nonce: gate.challenge(now).unwrap().nonce().to_owned(),
            iat: now,
            exp: now + 120,
            jti: random_id().unwrap(),
        };
        change(&mut claims);
        gate.admit(Some(&format!("Pseudonym {}", key.sign(&claims).unwrap())), now).map(|_| ())
    };
    assert_eq!(judged(&|_| ()), Ok(()));
    assert_eq!(judged(&|claims| claims.aud = "fleet".into()), Err(VerifyError::Audience.into()));
    assert_eq!(judged(&|claims| claims.iss = "http://evil.example".into()), Err(VerifyError::Issuer.into()));
    assert_eq!(judged(&|claims| (claims.iat, claims.exp) = (now - 300, now - 31)), Err(VerifyError::Expired.into()));
    assert_eq!(judged(&|claims| claims.nonce = "0123456789abcdef".into()), Err(GateError::Nonce(NonceError::Foreign)));
    assert_eq!(judged(&|claims| claims.jti = "same".into()), Ok(()));
    assert_eq!(judged(&|claims| claims.jti = "same".into()), Err(GateError::Replayed));
    world.gateway.stop().await;
}
