//! Diameter over TLS, both sides with certificates made for the occasion.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests, outside of test functions")]

mod support;

use diameter::dictionary as avp;
use std::sync::Arc;
use support::{HEAD, HSS, Lab, MME, Plr, Reports, imsi, result, subscriber};
use testbed::{Laboratory, NetworkOptions, fault::Fault};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use transport::TlsConfig;

fn client(laboratory: &Laboratory) -> TlsConfig {
    let certificate = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate(&laboratory.authority_pem)).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(
            vec![certificate(&laboratory.client.certificate_pem)],
            PrivateKeyDer::from_pem_slice(laboratory.client.key_pem.as_bytes()).unwrap(),
        )
        .unwrap();
    TlsConfig { client: Arc::new(client), server: None }
}

#[tokio::test]
async fn nodes_speak_tls_and_faults_work_through_it() {
    let laboratory = Laboratory::new(&[HSS, MME, &MME.replace("mme1", "mme2")], "gmlc.test").unwrap();
    let options = NetworkOptions { tls: Some(laboratory.acceptor(true).unwrap()) };
    let (reports, _) = tokio::sync::mpsc::unbounded_channel();
    let scenario = [HEAD.to_owned(), subscriber(1, "")].concat();
    let lab = Lab::over(&scenario, Reports(reports), options, Some(client(&laboratory))).await;
    let asked = |builder: &mut diameter::codec::Builder<'_>| {
        builder.text(&avp::USER_NAME, &imsi(1));
    };
    assert_eq!(result(&lab.ask_hss(asked).await.unwrap()), 2001);
    lab.fault("mme-1", Fault::LowNibbleGad, Some(1));
    let answer = lab.ask_mme(&Plr::of(1)).await.unwrap();
    assert_eq!((result(&answer), answer.find(&avp::LOCATION_ESTIMATE).unwrap().data[0]), (2001, 0x01));
}
