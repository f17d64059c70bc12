//! MLP over TLS: clients known by their certificate, by its fingerprint or its subject, or by their secret.

use super::{
    ask::{about, endpoint, results},
    lab::{Lab, client_record},
};
use mlp::client::{Request, SvcResult, parse_svc_result};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::{io, net::SocketAddr, sync::Arc};
use testbed::{Laboratory, Pair};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
    },
};

fn certificate(pair: &Pair) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pair.certificate_pem.as_bytes()).unwrap()
}

/// A client that trusts `of`'s authority, and shows a certificate if it has one.
fn connector(of: &Laboratory, shown: Option<&Pair>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(of.authority_pem.as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let config = match shown {
        Some(pair) => {
            let key = PrivateKeyDer::from_pem_slice(pair.key_pem.as_bytes()).unwrap();
            builder.with_client_auth_cert(vec![certificate(pair)], key).unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    TlsConnector::from(Arc::new(config))
}

async fn ask(tls: SocketAddr, connector: &TlsConnector, request: &Request) -> io::Result<SvcResult> {
    let stream = TcpStream::connect(tls).await?;
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
    stream.write_all(&endpoint(tls).request(&request.to_xml())).await?;
    let (mut got, mut some) = (Vec::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut some).await?;
        got.extend_from_slice(&some[..length]);
        let text = String::from_utf8_lossy(&got);
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && let Ok(answer) = parse_svc_result(body.as_bytes())
        {
            return Ok(answer);
        }
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

const KEYS: &str = "cert_file = 'server.pem'\nkey_file = 'server.key'\nclient_ca_file = 'ca.pem'\n";

#[tokio::test(flavor = "multi_thread")]
async fn certificates_and_secrets_over_tls() {
    let ours = Laboratory::new(&[], "app.example.net").unwrap();
    let theirs = Laboratory::new(&[], "app.example.net").unwrap();
    let lab = Lab::new(&format!("[mlp.tls]\n{KEYS}client_certificates = 'optional'\n")).await;
    ours.write(lab.path()).unwrap();
    let (gateway, secret) = lab.first_start().await;
    let tls = gateway.doors.mlp_tls.unwrap();

    let fingerprint: String =
        Sha256::digest(certificate(&ours.client)).iter().map(|octet| format!("{octet:02x}")).collect();
    let records = [
        ("by-print", "certificate_sha256", json!([fingerprint])),
        ("by-subject", "certificate_subjects", json!(["CN=app.example.net"])),
        ("of-other-print", "certificate_sha256", json!(["00".repeat(32)])),
        ("of-other-subject", "certificate_subjects", json!(["CN=other.example.net"])),
    ];
    for (id, key, value) in records {
        let mut record = client_record(id);
        record[key] = value;
        gateway.done(reqwest::Method::PUT, &format!("/v1/clients/{id}"), None, Some(&record)).await;
    }
    let as_account = |account: &str, secret: Option<&str>| {
        let mut request = about("", &[1]);
        (request.client_id, request.password) = (account.to_owned(), secret.map(str::to_owned));
        request
    };
    let shown = connector(&ours, Some(&ours.client));
    let none = connector(&ours, None);
    for (account, secret, connector, wanted) in [
        ("by-print", None, &shown, 0),
        ("by-subject", None, &shown, 0),
        ("of-other-print", None, &shown, 3),
        ("of-other-subject", None, &shown, 3),
        ("by-print", None, &none, 3),
        ("by-subject", None, &none, 3),
        ("lab", Some(secret.as_str()), &none, 0),
        ("lab", Some("wrong"), &none, 3),
        // A secret that is given must be right, whatever the certificate.
        ("by-print", Some("wrong"), &shown, 3),
        ("lab", None, &shown, 3),
    ] {
        let answer = ask(tls, connector, &as_account(account, secret)).await.unwrap();
        assert_eq!(results(&answer), [wanted], "{account} {}", secret.is_some());
    }
    // A certificate of another authority: no connection, though its subject is the right one.
    let stranger = connector(&ours, Some(&theirs.client));
    assert!(ask(tls, &stranger, &as_account("by-subject", None)).await.is_err());
    // A client that does not trust the gateway.
    assert!(ask(tls, &connector(&theirs, None), &as_account("by-subject", None)).await.is_err());
    // Plain text at the door for TLS, and a client that says nothing: neither is served, and the next one is.
    let mut plain = TcpStream::connect(tls).await.unwrap();
    plain.write_all(b"POST / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut told = Vec::new();
    plain.read_to_end(&mut told).await.ok();
    assert!(!told.starts_with(b"HTTP"));
    let silent = TcpStream::connect(tls).await.unwrap();
    assert_eq!(results(&ask(tls, &shown, &as_account("by-print", None)).await.unwrap()), [0]);
    gateway.stop().await;
    drop(silent);

    // Where certificates are required, nobody without one comes as far as HTTP.
    lab.configure(&format!("[mlp.tls]\n{KEYS}client_certificates = 'required'\n"));
    let gateway = lab.start().await;
    let tls = gateway.doors.mlp_tls.unwrap();
    assert!(ask(tls, &none, &as_account("lab", Some(&secret))).await.is_err());
    assert_eq!(results(&ask(tls, &shown, &as_account("lab", Some(&secret))).await.unwrap()), [0]);
    gateway.stop().await;
    let entries = lab.entries().await;
    assert_eq!(entries.len(), 12, "what never came as far as a request has no entry");
}
