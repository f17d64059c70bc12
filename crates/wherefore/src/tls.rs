//! TLS settings from files: rustls with aws-lc-rs, nothing else.

use anyhow::{Context, Result};
use aws_lc_rs::digest::{Digest, SHA256, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};
use std::path::Path;
use std::sync::Arc;

/// Files of a certificate chain and its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub(crate) cert_file: Option<&'a Path>,
    pub(crate) key_file: Option<&'a Path>,
}

type Loaded = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Identity<'_> {
    fn load(&self) -> Result<Option<Loaded>> {
        let (Some(cert), Some(key)) = (self.cert_file, self.key_file) else { return Ok(None) };
        let chain = CertificateDer::pem_file_iter(cert)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .with_context(|| format!("cannot read certificates from {}", cert.display()))?;
        let key = PrivateKeyDer::from_pem_file(key)
            .with_context(|| format!("cannot read a private key from {}", key.display()))?;
        Ok(Some((chain, key)))
    }
}

/// The certificates of a PEM file as trust anchors.
pub(crate) fn roots(ca_file: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(ca_file)
        .with_context(|| format!("cannot read certificates from {}", ca_file.display()))?;
    for certificate in certificates {
        let certificate = certificate.with_context(|| format!("a certificate of {} is broken", ca_file.display()))?;
        roots.add(certificate).with_context(|| format!("a certificate of {} is unusable", ca_file.display()))?;
    }
    Ok(roots)
}

/// A client that shows `identity` if there is one and trusts the authorities of `ca_file`.
pub(crate) fn client(identity: &Identity<'_>, ca_file: Option<&Path>) -> Result<Arc<ClientConfig>> {
    let roots = ca_file.map(roots).transpose()?.unwrap_or_else(RootCertStore::empty);
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let config = match identity.load()? {
        Some((chain, key)) => builder.with_client_auth_cert(chain, key).context("certificate and key do not fit")?,
        None => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

/// A server that lets in only who shows a certificate of an authority of `ca_file`; none without a certificate of its own.
pub(crate) fn mutual_server(identity: &Identity<'_>, ca_file: Option<&Path>) -> Result<Option<Arc<ServerConfig>>> {
    let Some((chain, key)) = identity.load()? else { return Ok(None) };
    let ca_file = ca_file.context("ca_file is needed to accept peers over TLS")?;
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots(ca_file)?)).build()?;
    let config = ServerConfig::builder().with_client_cert_verifier(verifier).with_single_cert(chain, key)?;
    Ok(Some(Arc::new(config)))
}

/// A server that asks for no certificate; none without one of its own.
pub(crate) fn server(identity: &Identity<'_>) -> Result<Option<Arc<ServerConfig>>> {
    let Some((chain, key)) = identity.load()? else { return Ok(None) };
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    Ok(Some(Arc::new(config.context("certificate and key do not fit")?)))
}

/// A server that speaks TLS 1.3 alone. With `ca_file` it asks for a certificate and takes none but of those authorities; who shows none
/// comes in all the same.
pub(crate) fn server_of_13(identity: &Identity<'_>, ca_file: Option<&Path>) -> Result<Arc<ServerConfig>> {
    let (chain, key) = identity.load()?.context("cert_file and key_file are needed")?;
    let builder = ServerConfig::builder_with_protocol_versions(&[&rustls::version::TLS13]);
    let builder = match ca_file {
        Some(file) => {
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots(file)?)).allow_unauthenticated().build()?;
            builder.with_client_cert_verifier(verifier)
        }
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key).context("certificate and key do not fit")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A server for LCS clients: certificates of theirs are asked for as the configuration says.
pub(crate) fn door_server(config: &crate::config::MlpTls) -> Result<Option<Arc<ServerConfig>>> {
    use crate::config::ClientCertificates;
    let identity = Identity { cert_file: config.cert_file.as_deref(), key_file: config.key_file.as_deref() };
    let Some((chain, key)) = identity.load()? else { return Ok(None) };
    let builder = ServerConfig::builder();
    let authorities = || -> Result<Arc<RootCertStore>> {
        let file =
            config.client_ca_file.as_deref().context("mlp.tls.client_ca_file is needed to ask for certificates")?;
        Ok(Arc::new(roots(file)?))
    };
    let builder = match config.client_certificates {
        ClientCertificates::Off => builder.with_no_client_auth(),
        ClientCertificates::Optional => {
            let verifier = WebPkiClientVerifier::builder(authorities()?).allow_unauthenticated().build()?;
            builder.with_client_cert_verifier(verifier)
        }
        ClientCertificates::Required => {
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(authorities()?).build()?)
        }
    };
    let mut server = builder.with_single_cert(chain, key).context("mlp.tls: certificate and key do not fit")?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Arc::new(server)))
}

/// Certificates by which a peer is known.
#[derive(Debug, Clone)]
pub(crate) struct KnownCertificates {
    fingerprints: Vec<Vec<u8>>,
    subjects: Vec<String>,
}

impl KnownCertificates {
    /// By SHA-256 fingerprints in hexadecimal, and by subjects.
    pub(crate) fn new(fingerprints: &[String], subjects: &[String]) -> Self {
        let fingerprints = fingerprints.iter().filter_map(|text| crate::forms::from_hex(text)).collect();
        Self { fingerprints, subjects: subjects.to_vec() }
    }

    /// Whether a certificate is one of them, its chain checked.
    fn hold(&self, der: &[u8]) -> bool {
        self.holds_print(fingerprint(der).as_ref()) || subject(der).is_some_and(|subject| self.holds_subject(&subject))
    }

    fn holds_print(&self, print: &[u8]) -> bool {
        self.fingerprints.iter().any(|known| known == print)
    }

    fn holds_subject(&self, subject: &str) -> bool {
        self.subjects.iter().any(|known| known == subject)
    }
}

/// The peer of a certificate whose chain TLS has checked; a fingerprint counts before a subject.
pub(crate) fn shown_by<'p, T>(
    peers: &'p [T],
    certificates: impl Fn(&T) -> &KnownCertificates,
    der: &[u8],
) -> Option<&'p T> {
    let print = fingerprint(der);
    let by_print = peers.iter().find(|peer| certificates(peer).holds_print(print.as_ref()));
    by_print.or_else(|| {
        let subject = subject(der)?;
        peers.iter().find(|peer| certificates(peer).holds_subject(&subject))
    })
}

fn fingerprint(der: &[u8]) -> Digest {
    digest(&SHA256, der)
}

fn subject(der: &[u8]) -> Option<String> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    Some(certificate.subject().to_string())
}

/// A client that shows `identity`, trusts the authorities of `ca_file` for the name that it calls, and speaks to nobody whose
/// certificate is not one of `known`: another whom the same authority signed gets to see nothing.
pub(crate) fn client_of(
    identity: &Identity<'_>,
    ca_file: Option<&Path>,
    known: KnownCertificates,
) -> Result<ClientConfig> {
    let ca_file = ca_file.context("ca_file is needed to call peers over TLS")?;
    let by_chain = WebPkiServerVerifier::builder(Arc::new(roots(ca_file)?)).build()?;
    let verifier = Arc::new(OnlyKnown { by_chain, known });
    let builder = ClientConfig::builder().dangerous().with_custom_certificate_verifier(verifier);
    let (chain, key) = identity.load()?.context("cert_file and key_file are needed to call peers over TLS")?;
    builder.with_client_auth_cert(chain, key).context("certificate and key do not fit")
}

/// Chain and name as ever, and beside that the certificate itself.
#[derive(Debug)]
struct OnlyKnown {
    by_chain: Arc<WebPkiServerVerifier>,
    known: KnownCertificates,
}

impl ServerCertVerifier for OnlyKnown {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.by_chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        if self.known.hold(end_entity) {
            Ok(verified)
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.by_chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.by_chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_chain.supported_verify_schemes()
    }
}
