//! Which phones may upload: by a certificate that TLS checked, or by a token. What the collector keeps of it is a keyed hash, so that
//! nobody takes over another's unfinished upload, and only while it is unfinished.

use super::keys::Keys;
use crate::config::Mdt;
use crate::forms::from_hex;
use anyhow::{Context as _, Result};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use std::collections::HashSet;
use std::path::Path;

/// Whose an unfinished upload is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Owner(pub(super) [u8; 16]);

/// Whoever may upload.
pub(super) struct Phones {
    key: hmac::Key,
    tokens: HashSet<[u8; 32]>,
}

impl Phones {
    pub(super) fn open(config: &Mdt, keys: &Keys) -> Result<Self> {
        let tokens = config.tokens_file.as_deref().map(tokens).transpose().context("mdt.tokens_file")?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, keys.owners()), tokens: tokens.unwrap_or_default() })
    }

    /// Who this is: the certificate counts before the token. Nobody without one of them.
    pub(super) fn owner(&self, certificate: Option<&[u8]>, token: Option<&str>) -> Option<Owner> {
        if let Some(der) = certificate {
            return Some(self.hashed(b"certificate", der));
        }
        known(&self.tokens, token).map(|hash| self.hashed(b"token", &hash))
    }

    fn hashed(&self, kind: &[u8], what: &[u8]) -> Owner {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(kind);
        context.update(b"\0");
        context.update(what);
        let mut owner = [0; 16];
        owner.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
        Owner(owner)
    }
}

/// The hash of a token, if it is one of these.
pub(super) fn known(tokens: &HashSet<[u8; 32]>, token: Option<&str>) -> Option<[u8; 32]> {
    let hash = digest(&SHA256, token?.as_bytes()).as_ref().try_into().ok()?;
    tokens.contains(&hash).then_some(hash)
}

/// The hashes of tokens in a file, a line each.
pub(super) fn tokens(file: &Path) -> Result<HashSet<[u8; 32]>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let hash = |(at, line): (usize, &str)| {
        let octets = from_hex(line).and_then(|octets| octets.try_into().ok());
        octets.with_context(|| format!("line {at}: write the SHA-256 of a token as 64 hexadecimal digits"))
    };
    lines.map(hash).collect()
}
