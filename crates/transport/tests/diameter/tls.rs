//! TLS below Diameter (RFC 6733 sections 2.2 and 13.1).

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use transport::{
    Destination, LinkError, Listen, NoCommands, Node, NodeConfig, PeerConfig, TlsConfig, Transport, UnknownPeers,
};

use crate::common::*;

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue(&self, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        (vec![certificate.der().clone()], key)
    }

    /// Both ways with a certificate of this name.
    fn settings(&self, name: &str) -> TlsConfig {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let roots = Arc::new(roots);
        let (chain, key) = self.issue(name);
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(chain.clone(), key.clone_key())
            .unwrap();
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)
            .unwrap();
        TlsConfig { client: Arc::new(client), server: Some(Arc::new(server)) }
    }
}

async fn server(authority: &Authority) -> Node {
    let mut config = config("mme.lab");
    config.limits.unknown_peers = UnknownPeers::Accept;
    config.listen =
        vec![Listen { address: ANY, transport: Transport::Tls }, Listen { address: ANY, transport: Transport::Tcp }];
    config.tls = Some(authority.settings("mme.lab"));
    config.peers = vec![PeerConfig::accept("guarded.lab", "lab").over(Transport::Tls)];
    Node::start(config, echo("mme.lab")).await.unwrap()
}

fn client(host: &str, tls: TlsConfig, server: &Node) -> NodeConfig {
    let mut config = config(host);
    config.listen.clear();
    config.tls = Some(tls);
    config.peers = vec![PeerConfig::initiate("mme.lab", "lab", server.local_addrs()[0]).over(Transport::Tls)];
    config
}

async fn fails_with(config: NodeConfig) -> LinkError {
    let node = Node::start(config, NoCommands).await.unwrap();
    until(|| node.peers()[0].last_error.is_some()).await;
    node.peers()[0].last_error.unwrap()
}

#[tokio::test]
async fn nodes_that_know_each_others_authority_speak_over_tls() {
    let authority = Authority::new();
    let server = server(&authority).await;
    let client = Node::start(client("gmlc.lab", authority.settings("gmlc.lab"), &server), NoCommands).await.unwrap();
    usable(&client, 1).await;
    let to = Destination::to_host("mme.lab", "lab");
    for number in 0..50 {
        let text = format!("secret {number}");
        assert_eq!(ask(&client, &text, &to).await.as_deref(), Ok(text.as_str()));
    }
}

#[tokio::test]
async fn a_certificate_of_another_authority_or_name_is_refused() {
    let authority = Authority::new();
    let server = server(&authority).await;
    let stranger = Authority::new();
    let unknown = fails_with(client("gmlc.lab", stranger.settings("gmlc.lab"), &server)).await;
    assert_eq!(unknown, LinkError::Tls);
    // The certificate is sound and names another host than the CER.
    let other = fails_with(client("gmlc.lab", authority.settings("other.lab"), &server)).await;
    assert_eq!(other, LinkError::Refused(3010));
    // The server is sound and is not the one that was meant.
    let mut config = client("gmlc.lab", authority.settings("gmlc.lab"), &server);
    config.peers[0].host = "elsewhere.lab".to_owned();
    assert_eq!(fails_with(config).await, LinkError::Tls);
}

#[tokio::test]
async fn a_peer_that_has_to_use_tls_is_refused_without_it() {
    let authority = Authority::new();
    let server = server(&authority).await;
    let mut raw = Raw::connect(server.local_addrs()[1], "guarded.lab").await;
    raw.cer().await;
    let cea = raw.expect(diameter::codec::CommandCode::CAPABILITIES_EXCHANGE).await;
    assert_eq!(result_of(&cea), 5017);
    assert!(raw.next().await.is_none());
}
