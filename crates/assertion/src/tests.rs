use crate::*;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: u64 = 1_795_600_800;
const ISSUER: &str = "https://pseudonym.example.net";
const NONCE: &str = "0123456789abcdef";

fn key() -> SigningKey {
    SigningKey::from_pkcs8(&SigningKey::generate().unwrap()).unwrap()
}

fn keys(of: &[&SigningKey]) -> KeySet {
    KeySet::parse(key_set_json(of.iter().map(|key| key.published())).as_bytes()).unwrap()
}

fn claims() -> Claims {
    Claims {
        iss: ISSUER.into(),
        sub: "AQei@h.gmlc.example".into(),
        aud: "shop".into(),
        nonce: NONCE.into(),
        iat: NOW,
        exp: NOW + 120,
        jti: "one".into(),
    }
}

/// A token with this header and these claims, signed by ES256 whatever its header says.
fn forged(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let token = key.sign(&self::claims()).unwrap();
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    format!("{}.{}.{}", part(header), part(claims), token.rsplit('.').next().unwrap())
}

fn challenge(values: &[&str]) -> Result<Option<Challenge>, ChallengeError> {
    Challenge::find(values.iter().map(|value| value.as_bytes()))
}

#[test]
fn a_challenge_is_read_back_as_it_was_written() {
    for realm in ["shop", "a \"quoted\\ shop\", or = two"] {
        let made = Challenge::new(realm, "shop", NONCE).unwrap();
        assert_eq!(challenge(&[&made.to_string()]), Ok(Some(made.clone())));
        let beside = format!("Basic realm=\"x, Pseudonym y\", {made}, Bearer, Negotiate YWJj==");
        assert_eq!(challenge(&["Digest qop=auth , , nonce=\"Pseudonym\"", &beside]), Ok(Some(made)), "{beside}");
    }
    let made = Challenge::new("shop", "fleet", NONCE).unwrap();
    assert_eq!(made.to_string(), format!("Pseudonym realm=\"shop\", audience=\"fleet\", nonce=\"{NONCE}\""));
    let loose = format!("pSEUDONYM Nonce = {NONCE} ,AUDIENCE=fleet,\trealm=\"sh\\op\", more=\"\"");
    assert_eq!(challenge(&[&loose]), Ok(Some(made)));
}

#[test]
fn what_is_no_challenge_or_not_one_is_refused() {
    let good = Challenge::new("shop", "shop", NONCE).unwrap().to_string();
    for none in [&[][..], &[""], &[" , ,"], &["Basic realm=x"], &["Bearer"], &["Negotiate YWJj="]] {
        assert_eq!(challenge(none), Ok(None), "{none:?}");
    }
    assert_eq!(challenge(&[&good, &good]), Err(ChallengeError::Several));
    assert_eq!(challenge(&[&format!("{good}, {good}")]), Err(ChallengeError::Several));
    for (text, parameter) in [
        ("Pseudonym", "realm"),
        ("Pseudonym YWJj", "realm"),
        ("Pseudonym realm=a, realm=a, audience=a, nonce=0123456789abcdef", "realm"),
        ("Pseudonym realm=a, nonce=0123456789abcdef", "audience"),
        ("Pseudonym realm=a, audience=\"\", nonce=0123456789abcdef", "audience"),
        ("Pseudonym realm=a, audience=a", "nonce"),
        ("Pseudonym realm=a, audience=a, nonce=short", "nonce"),
        ("Pseudonym realm=a, audience=a, nonce=\"0123456789abcdef \"", "nonce"),
    ] {
        assert_eq!(challenge(&[text]), Err(ChallengeError::Parameter(parameter)), "{text}");
    }
    let long = format!("Basic realm=\"{}\"", "x".repeat(5000));
    let broken =
        ["Pseudonym realm=\"open", "=", "realm=x", "Basic realm=x y", "Pseudonym realm=\"a\\", "Basic \u{1}", &long];
    for text in broken {
        assert_eq!(challenge(&[text]), Err(ChallengeError::Malformed), "{text}");
    }
    assert_eq!(Challenge::find([&b"Basic realm=\"\xFF\""[..]]), Err(ChallengeError::Malformed));
}

#[test]
fn a_sound_token_is_verified_and_hides_the_pseudonym() {
    let (old, new) = (key(), key());
    let verifier = Verifier::new(ISSUER, "shop", keys(&[&old, &new]));
    for key in [&old, &new] {
        let token = key.sign(&claims()).unwrap();
        for now in [NOW - 30, NOW, NOW + 119, NOW + 149] {
            let assertion = verifier.verify(&token, now).unwrap();
            assert_eq!(
                (assertion.pseudonym(), assertion.nonce(), assertion.id()),
                ("AQei@h.gmlc.example", NONCE, "one")
            );
            assert!(!format!("{assertion:?} {:?}", claims()).contains("AQei"));
        }
    }
}

#[test]
fn every_claim_is_looked_at() {
    let key = key();
    let verifier = Verifier::new(ISSUER, "shop", keys(&[&key]));
    let with = |change: &dyn Fn(&mut Claims), now: u64| {
        let mut changed = claims();
        change(&mut changed);
        verifier.verify(&key.sign(&changed).unwrap(), now).unwrap_err()
    };
    assert_eq!(with(&|c| c.aud = "fleet".into(), NOW), VerifyError::Audience);
    assert_eq!(with(&|c| c.iss.push('/'), NOW), VerifyError::Issuer);
    assert_eq!(with(&|_| (), NOW + 150), VerifyError::Expired);
    assert_eq!(with(&|_| (), NOW - 31), VerifyError::Future);
    assert_eq!(with(&|c| c.exp = NOW + 601, NOW), VerifyError::Life);
    assert_eq!(with(&|c| c.exp = NOW, NOW), VerifyError::Life);
    assert_eq!(with(&|c| c.exp = 0, NOW), VerifyError::Life);
    assert_eq!(with(&|c| c.sub.clear(), NOW), VerifyError::Malformed);
    assert_eq!(with(&|c| c.sub = "x".repeat(97), NOW), VerifyError::Malformed);
    assert_eq!(with(&|c| c.sub = "a b".into(), NOW), VerifyError::Malformed);
    assert_eq!(with(&|c| c.jti.clear(), NOW), VerifyError::Malformed);
    assert_eq!(with(&|c| c.nonce = "x".repeat(5000), NOW), VerifyError::TooLong);
}

#[test]
fn the_token_chooses_neither_algorithm_nor_key_nor_kind() {
    let (key, stranger) = (key(), key());
    let set = key_set_json([key.published()]);
    let verifier = Verifier::new(ISSUER, "shop", KeySet::parse(set.as_bytes()).unwrap());
    let id = key.published().id();
    let body = serde_json::to_value(claims()).unwrap();
    let told = |header: Value| verifier.verify(&forged(&key, &header, &body), NOW).unwrap_err();
    let typ = TOKEN_TYPE;
    for alg in ["none", "None", "HS256", "HS512", "RS256", "ES384", "EdDSA", "", "es256"] {
        assert_eq!(told(json!({"alg": alg, "typ": typ, "kid": id})), VerifyError::Algorithm, "{alg}");
    }
    assert_eq!(told(json!({"alg": "ES256", "typ": "JWT", "kid": id})), VerifyError::Kind);
    assert_eq!(told(json!({"alg": "ES256", "kid": id})), VerifyError::Kind);
    assert_eq!(told(json!({"alg": "ES256", "typ": typ, "kid": id, "crit": ["b64"]})), VerifyError::Kind);
    assert_eq!(told(json!({"alg": "ES256", "typ": typ})), VerifyError::UnknownKey);
    assert_eq!(told(json!({"alg": "ES256", "typ": typ, "kid": "other"})), VerifyError::UnknownKey);
    assert_eq!(told(json!({"alg": "ES256", "typ": typ, "kid": id, "x": 1})), VerifyError::Signature);

    // HS256 with the public key as the secret, in each form in which it is published.
    let header =
        Base64UrlUnpadded::encode_string(json!({"alg": "HS256", "typ": typ, "kid": id}).to_string().as_bytes());
    let signed = format!("{header}.{}", Base64UrlUnpadded::encode_string(body.to_string().as_bytes()));
    for secret in [set.as_str(), id] {
        let mac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
        let tag = Base64UrlUnpadded::encode_string(aws_lc_rs::hmac::sign(&mac, signed.as_bytes()).as_ref());
        assert_eq!(verifier.verify(&format!("{signed}.{tag}"), NOW), Err(VerifyError::Algorithm));
    }
    // A stranger's key that is named by the right id, or brought along.
    let jwk: Value = serde_json::from_str(&key_set_json([stranger.published()])).unwrap();
    let token = stranger.sign(&claims()).unwrap();
    assert_eq!(verifier.verify(&token, NOW), Err(VerifyError::UnknownKey));
    let brought = forged(&stranger, &json!({"alg": "ES256", "typ": typ, "kid": id, "jwk": jwk["keys"][0]}), &body);
    assert_eq!(verifier.verify(&brought, NOW), Err(VerifyError::Signature));
    let at_url = json!({"alg": "ES256", "typ": typ, "kid": "there", "jku": "https://evil.example/jwks.json"});
    assert_eq!(told(at_url), VerifyError::UnknownKey);
}

#[test]
fn claims_of_another_form_are_no_token() {
    let key = key();
    let verifier = Verifier::new(ISSUER, "shop", keys(&[&key]));
    let real = key.sign(&claims()).unwrap();
    let [header, body, signature] = real.split('.').collect::<Vec<_>>()[..] else { panic!() };
    for broken in ["", ".", "..", "a.b.c", &format!("{header}.{body}"), &format!("{real}.x")] {
        assert!(
            matches!(verifier.verify(broken, NOW), Err(VerifyError::Malformed | VerifyError::Algorithm)),
            "{broken}"
        );
    }
    assert_eq!(verifier.verify(&format!("{header}..{signature}"), NOW), Err(VerifyError::Signature));
    let mut cut = real.clone();
    cut.pop();
    assert!(verifier.verify(&cut, NOW).is_err());
    assert_eq!(verifier.verify(&format!("{header}.{body}."), NOW), Err(VerifyError::Signature));
    assert_eq!(verifier.verify(&real, NOW).map(|assertion| assertion.id().to_owned()), Ok("one".into()));
}

#[test]
fn a_key_set_is_of_keys_for_es256() {
    let (one, two) = (key(), key());
    let set: Value = serde_json::from_str(&key_set_json([one.published(), two.published()])).unwrap();
    let shown = &set["keys"][0];
    assert_eq!(
        (&shown["kty"], &shown["crv"], &shown["alg"], &shown["use"]),
        (&json!("EC"), &json!("P-256"), &json!("ES256"), &json!("sig"))
    );
    assert!(shown.get("d").is_none() && shown["kid"] == one.published().id());
    assert_eq!(format!("{:?}", KeySet::parse(set.to_string().as_bytes()).unwrap()).matches('"').count(), 4);
    let error = |json: Value| KeySet::parse(json.to_string().as_bytes()).unwrap_err();
    assert_eq!(error(json!([])), KeySetError::Malformed);
    assert_eq!(error(json!({"keys": [shown, shown]})), KeySetError::Twice);
    assert_eq!(error(json!({"keys": []})), KeySetError::None);
    let changed = |name: &str, value: Value| {
        let mut other = shown.clone();
        other[name] = value;
        other
    };
    let useless = json!({"keys": [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "a"}, {"kty": "unheard-of"}, 7, changed("use", json!("enc")),
        changed("alg", json!("ES384")), changed("crv", json!("P-384")), changed("kid", Value::Null), changed("kid", json!("")), changed("x", json!("!"))
    ]});
    assert_eq!(error(useless), KeySetError::None);
    let many: Vec<Value> = (0..17).map(|n| changed("kid", json!(n.to_string()))).collect();
    assert_eq!(error(json!({"keys": many})), KeySetError::TooLong);
    assert_eq!(error(json!({"pad": "x".repeat(70_000), "keys": []})), KeySetError::TooLong);
    assert!(matches!(SigningKey::from_pkcs8(b"no key"), Err(SignError::Key)));
    assert!(!format!("{one:?}").contains("EncodingKey"));
}

#[test]
fn nonces_are_known_again_by_their_maker_in_their_time() {
    let (ours, theirs) = (Nonces::with_key(&[1; 32]), Nonces::with_key(&[2; 32]));
    let nonce = ours.issue(NOW).unwrap();
    assert_ne!(nonce, ours.issue(NOW).unwrap());
    assert_eq!((ours.judge(&nonce, NOW), ours.judge(&nonce, NOW + 600)), (Ok(()), Ok(())));
    assert_eq!(
        (ours.judge(&nonce, NOW - 1), ours.judge(&nonce, NOW + 601)),
        (Err(NonceError::Time), Err(NonceError::Time))
    );
    assert_eq!(theirs.judge(&nonce, NOW), Err(NonceError::Foreign));
    for at in 0..nonce.len() {
        let mut changed = nonce.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        assert!(ours.judge(std::str::from_utf8(&changed).unwrap(), NOW).is_err(), "{at}");
    }
    for wrong in ["", "AAAA", &nonce[..50], &format!("{nonce}AA"), "ümlaut"] {
        assert_eq!(ours.judge(wrong, NOW), Err(NonceError::Foreign));
    }
}

#[test]
fn the_gate_lets_each_token_in_once() {
    let key = key();
    let gate = Gate::new("shop", ISSUER, "shop", keys(&[&key]), Nonces::with_key(&[1; 32])).unwrap();
    let asked = gate.challenge(NOW).unwrap();
    assert_eq!((asked.realm(), asked.audience()), ("shop", "shop"));
    let token = |nonce: &str, jti: &str| {
        format!("Pseudonym {}", key.sign(&Claims { nonce: nonce.into(), jti: jti.into(), ..claims() }).unwrap())
    };
    let sound = token(asked.nonce(), "a");
    assert_eq!(gate.admit(None, NOW), Err(GateError::NotPresented));
    assert_eq!(gate.admit(Some(&sound.replace("Pseudonym", "Bearer")), NOW), Err(GateError::NotPresented));
    assert_eq!(gate.admit(Some("Pseudonym"), NOW), Err(GateError::NotPresented));
    assert_eq!(gate.admit(Some(&token(NONCE, "b")), NOW), Err(NonceError::Foreign.into()));
    assert_eq!(gate.admit(Some(&sound.replace("Pseudonym ", "pseudonym  ")), NOW).unwrap().nonce(), asked.nonce());
    assert_eq!(gate.admit(Some(&sound), NOW), Err(GateError::Replayed));
    assert_eq!(gate.admit(Some(&sound), NOW + 149), Err(GateError::Replayed));
    assert_eq!(gate.admit(Some(&sound), NOW + 150), Err(VerifyError::Expired.into()));
    let next = self::key();
    let later = format!("Pseudonym {}", next.sign(&Claims { nonce: asked.nonce().into(), ..claims() }).unwrap());
    assert_eq!(gate.admit(Some(&later), NOW), Err(VerifyError::UnknownKey.into()));
    gate.replace_keys(keys(&[&key, &next]));
    assert!(gate.admit(Some(&later), NOW).is_ok());
    assert!(Gate::new("", ISSUER, "shop", KeySet::default(), Nonces::with_key(&[1; 32])).is_err());
}

proptest! {
    #[test]
    fn any_header_is_taken_apart_or_refused(text in ".{0,200}", octets in prop::collection::vec(any::<u8>(), 0..200)) {
        for value in [text.as_bytes(), &octets] {
            if let Ok(Some(found)) = Challenge::find([value]) {
                prop_assert_eq!(challenge(&[&found.to_string()]), Ok(Some(found)));
            }
        }
    }

    #[test]
    fn any_sound_challenge_survives_its_text(realm in "[ -~]{1,64}", audience in "[ -~]{1,64}", nonce in "[A-Za-z0-9._~-]{16,128}") {
        let made = Challenge::new(&realm, &audience, &nonce).unwrap();
        prop_assert_eq!(challenge(&["Basic", &made.to_string()]), Ok(Some(made)));
    }

    #[test]
    fn no_changed_token_is_believed(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let key = key();
        let verifier = Verifier::new(ISSUER, "shop", keys(&[&key]));
        let mut token = key.sign(&claims()).unwrap().into_bytes();
        let at = at.index(token.len());
        prop_assume!(token[at] != to);
        token[at] = to;
        if let Ok(token) = std::str::from_utf8(&token) {
            prop_assert!(verifier.verify(token, NOW).is_err());
        }
    }
}
