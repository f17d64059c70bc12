//! Certificates for a laboratory: an authority, a server and a client, made when they are needed and valid for nothing else.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use std::{io, path::Path, path::PathBuf, sync::Arc};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
    version,
};

/// Why test certificates could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Making a key or certificate failed.
    #[error("cannot make a test certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS configuration is refused.
    #[error("cannot set up TLS: {0}")]
    Configuration(#[from] tokio_rustls::rustls::Error),
    /// The client verifier is refused.
    #[error("cannot set up the check of client certificates: {0}")]
    Verifier(#[from] tokio_rustls::rustls::server::VerifierBuilderError),
    /// A file cannot be written.
    #[error("cannot write {0}: {1}")]
    File(PathBuf, io::Error),
}

/// One certificate with its key.
pub struct Pair {
    /// Certificate, PEM.
    pub certificate_pem: String,
    /// Key, PEM, PKCS #8.
    pub key_pem: String,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// A laboratory's authority, which signs what it is asked to.
pub struct Authority {
    /// Its certificate, PEM.
    pub pem: String,
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Makes one.
    pub fn new() -> Result<Self, TlsError> {
        let mut params = CertificateParams::new(Vec::<String>::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "Wherefore testbed authority");
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        Ok(Self { pem: certificate.pem(), certificate: certificate.der().clone(), issuer: Issuer::new(params, key) })
    }

    /// A certificate for both ends of a connection, as a gateway has it; good on loopback.
    pub fn for_both_ends(&self, common_name: &str) -> Result<Pair, TlsError> {
        let purposes = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        pair(&self.issuer, &LOOPBACK, common_name, purposes)
    }
}

/// Names of servers on this machine.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// An authority with a server and a client certificate of its making.
pub struct Laboratory {
    /// Certificate of the authority, PEM.
    pub authority_pem: String,
    /// For servers on loopback and for the names given.
    pub server: Pair,
    /// For clients; its common name is `client`.
    pub client: Pair,
    authority: CertificateDer<'static>,
}

impl Laboratory {
    /// Makes all three. `names` are DNS names or addresses of servers beside `localhost` and the loopback addresses.
    pub fn new(names: &[&str], client: &str) -> Result<Self, TlsError> {
        let Authority { pem: authority_pem, certificate: authority, issuer } = Authority::new()?;
        let of_server = [&LOOPBACK, names].concat();
        let server = pair(&issuer, &of_server, "testbed server", vec![ExtendedKeyUsagePurpose::ServerAuth])?;
        let client = pair(&issuer, &[], client, vec![ExtendedKeyUsagePurpose::ClientAuth])?;
        Ok(Self { authority_pem, server, client, authority })
    }

    /// Server side of TLS with the server certificate; with `mutual`, peers must show a certificate of the authority.
    pub fn acceptor(&self, mutual: bool) -> Result<tokio_rustls::TlsAcceptor, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let builder = if mutual {
            let mut roots = RootCertStore::empty();
            roots.add(self.authority.clone())?;
            builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?,
            )
        } else {
            builder.with_no_client_auth()
        };
        let config = builder.with_single_cert(vec![self.server.certificate.clone()], self.server.key.clone_key())?;
        Ok(tokio_rustls::TlsAcceptor::from(Arc::new(config)))
    }

    /// Client side of TLS that trusts the authority and shows no certificate.
    pub fn connector(&self) -> Result<tokio_rustls::TlsConnector, TlsError> {
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone())?;
        let config = builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth();
        Ok(tokio_rustls::TlsConnector::from(Arc::new(config)))
    }

    /// The same for TLS 1.3 alone, with the client certificate.
    pub fn client_with_certificate(&self) -> Result<ClientConfig, TlsError> {
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone())?;
        let builder = builder.with_protocol_versions(&[&version::TLS13])?.with_root_certificates(roots);
        Ok(builder.with_client_auth_cert(vec![self.client.certificate.clone()], self.client.key.clone_key())?)
    }

    /// Writes `ca.pem`, `server.pem`, `server.key`, `client.pem` and `client.key` into a directory; keys for the owner alone.
    pub fn write(&self, directory: &Path) -> Result<(), TlsError> {
        let path = directory.join("ca.pem");
        write(&path, &self.authority_pem, false).map_err(|error| TlsError::File(path, error))?;
        self.server.write(directory, "server")?;
        self.client.write(directory, "client")?;
        Ok(())
    }
}

impl Pair {
    /// Writes `NAME.pem` and `NAME.key` into a directory; the key for the owner alone.
    pub fn write(&self, directory: &Path, name: &str) -> Result<(), TlsError> {
        let files = [("pem", &self.certificate_pem, false), ("key", &self.key_pem, true)];
        files.into_iter().try_for_each(|(ending, text, secret)| {
            let path = directory.join(format!("{name}.{ending}"));
            write(&path, text, secret).map_err(|error| TlsError::File(path, error))
        })
    }
}

fn pair(
    issuer: &Issuer<'_, KeyPair>,
    names: &[&str],
    common_name: &str,
    purposes: Vec<ExtendedKeyUsagePurpose>,
) -> Result<Pair, TlsError> {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.extended_key_usages = purposes;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    Ok(Pair {
        certificate_pem: certificate.pem(),
        key_pem: key.serialize_pem(),
        certificate: certificate.der().clone(),
        key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
    })
}

/// Writes a file that its owner alone may read.
pub fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    write(path, text, true)
}

/// Writes a file; a secret one is readable by its owner alone from the start.
pub(crate) fn write(path: &Path, text: &str, secret: bool) -> io::Result<()> {
    use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt};
    let mode = if secret { 0o600 } else { 0o644 };
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn keys_are_written_for_the_owner_alone_and_tls_takes_them() {
        let laboratory = Laboratory::new(&["hss.test"], "gmlc.test").unwrap();
        let directory = tempfile::tempdir().unwrap();
        laboratory.write(directory.path()).unwrap();
        for (name, mode) in [("ca.pem", 0o644), ("server.key", 0o600), ("client.key", 0o600)] {
            let metadata = std::fs::metadata(directory.path().join(name)).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name}");
        }
        assert!(laboratory.acceptor(false).is_ok());
        assert!(laboratory.acceptor(true).is_ok());
    }
}
