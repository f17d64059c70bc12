//! Certificates of gateways, all signed by one authority, as on an exchange between operators.

use std::{path::Path, sync::Arc};
use testbed::{Authority, Pair};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// The authority with a certificate for each gateway, with which it serves and calls.
pub(crate) struct Exchange {
    authority: Authority,
    gateways: Vec<(String, Pair)>,
}

impl Exchange {
    pub(crate) fn new(names: &[&str]) -> Self {
        let authority = Authority::new().unwrap();
        let sign = |name: &&str| ((*name).to_owned(), authority.for_both_ends(name).unwrap());
        let gateways = names.iter().map(sign).collect();
        Self { authority, gateways }
    }

    fn pair(&self, name: &str) -> &Pair {
        self.gateways.iter().find(|(own, _)| own == name).map(|(_, pair)| pair).unwrap()
    }

    /// The certificate of a gateway.
    pub(crate) fn certificate(&self, name: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.pair(name).certificate_pem.as_bytes()).unwrap()
    }

    fn key(&self, name: &str) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.pair(name).key_pem.as_bytes()).unwrap()
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.pem.as_bytes()).unwrap()).unwrap();
        roots
    }

    /// Writes `lr-ca.pem`, and `lr.pem` and `lr.key` of one gateway.
    pub(crate) fn write(&self, name: &str, directory: &Path) {
        std::fs::write(directory.join("lr-ca.pem"), &self.authority.pem).unwrap();
        self.pair(name).write(directory, "lr").unwrap();
    }

    /// Server side of TLS as this gateway; others must show a certificate of the authority.
    pub(crate) fn acceptor(&self, name: &str) -> TlsAcceptor {
        let verifier = WebPkiClientVerifier::builder(Arc::new(self.roots())).build().unwrap();
        let builder = ServerConfig::builder().with_client_cert_verifier(verifier);
        let config = builder.with_single_cert(vec![self.certificate(name)], self.key(name)).unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    /// Client side of TLS as this gateway.
    pub(crate) fn connector(&self, name: &str) -> TlsConnector {
        let builder = ClientConfig::builder().with_root_certificates(self.roots());
        let config = builder.with_client_auth_cert(vec![self.certificate(name)], self.key(name)).unwrap();
        TlsConnector::from(Arc::new(config))
    }
}
