//! Headers that tell who somebody is never pass, from whomever, however they are written.

use super::lab::msisdn;
use super::process::PATIENCE;
use super::scene::{FLEET_HOST, Scene, local};

/// Headers of networks, of proxies, of this gateway, and one of the operator's own.
const TELLING: [&str; 40] = [
    "X-MSISDN",
    "X-Nokia-MSISDN",
    "X-UP-CALLING-LINE-ID",
    "X-H3G-MSISDN",
    "X-WAP-MSISDN",
    "X-Network-Info",
    "X-WAP-Network-Client-MSISDN",
    "X-WAP-Network-Client-IP",
    "X-MSP-MSISDN",
    "MSISDN",
    "X-IMSI",
    "X-IMEI",
    "X-UP-SUBNO",
    "X-Nokia-Alias",
    "X-UIDH",
    "X-ACR",
    "X-VF-ACR",
    "X-Subscriber-Id",
    "P-Asserted-Identity",
    "X-Phone-Number",
    "X-GPSI",
    "X-SUPI",
    "Forwarded",
    "X-Forwarded-For",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "X-Cluster-Client-IP",
    "X-Originating-IP",
    "CF-Connecting-IP",
    "Via",
    "X-Pseudonym",
    "X-Other-Pseudonym",
    "X-Acme-Line",
    "Proxy-Authorization",
    "Keep-Alive",
    "TE",
    "Upgrade",
    "Proxy-Connection",
    "Trailer",
];

fn spellings(name: &str) -> [String; 6] {
    let odd = |(at, letter): (usize, char)| {
        if at % 2 == 0 { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
    };
    [
        name.to_owned(),
        name.to_lowercase(),
        name.to_uppercase(),
        name.chars().enumerate().map(odd).collect(),
        name.replace('-', "_"),
        name.replacen('-', "_", 1),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_forged_header_passes() {
    // Nobody is trusted: all of it is forged, the gateway's own header too.
    let mut scene = Scene::start(&local(), "[push.web]\ntrusted = ['192.0.2.0/24']").await;
    let web = scene.web(FLEET_HOST);
    let number = msisdn(1);
    for name in TELLING {
        for spelling in spellings(name) {
            let twice = [(spelling.as_str(), number.as_str()), (spelling.as_str(), "second"), ("X-Kept", "yes")];
            let answer = web.ask("GET /", None, &twice, b"").await.unwrap();
            assert_eq!((answer.status, answer.body.as_slice()), (200, &b"hello stranger"[..]), "{spelling}");
            let seen = scene.service.next(PATIENCE).await.unwrap();
            assert_eq!(seen.all("x-kept"), ["yes"], "{spelling}");
            let told: Vec<_> = seen.headers.iter().filter(|(_, value)| *value == number || value == "second").collect();
            assert!(told.is_empty(), "{spelling}: {told:?}");
        }
    }
    // By its length a request is still one, whoever names the header that says it.
    let answer = web.ask("POST /", None, &[("Connection", "close, content-length")], b"body").await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(scene.service.next(PATIENCE).await.unwrap().body, b"body");
    scene.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_takes_out_what_it_names_and_not_the_pseudonym() {
    let mut scene = Scene::usual().await;
    let web = scene.web(FLEET_HOST);
    let number = msisdn(1);
    for nominated in ["X-Pseudonym", "x-pseudonym, X-MSISDN", "close, X-PSEUDONYM,,", "Host, X_Pseudonym"] {
        let headers =
            [("Connection", nominated), ("Connection", "close"), ("X-Pseudonym", "forged"), ("X_Pseudonym", "forged")];
        let answer = web.ask("GET /", Some(&number), &headers, b"").await.unwrap();
        assert_eq!(answer.status, 200, "{nominated}");
        let seen = scene.service.next(PATIENCE).await.unwrap();
        let [pseudonym] = seen.all("x-pseudonym")[..] else { panic!("{nominated}: {seen:?}") };
        assert_ne!(pseudonym, "forged");
        assert!(seen.all("x_pseudonym").is_empty() && seen.all("x-msisdn").is_empty());
        assert_eq!(seen.all("host"), [FLEET_HOST]);
    }
    let headers = [("Connection", "close, X-Once"), ("X-Once", "of this connection"), ("X-Kept", "yes")];
    web.ask("GET /", Some(&number), &headers, b"").await.unwrap();
    let seen = scene.service.next(PATIENCE).await.unwrap();
    assert_eq!((seen.all("x-once").len(), seen.all("x-kept")), (0, vec!["yes"]));
    scene.gateway.stop().await;
}
