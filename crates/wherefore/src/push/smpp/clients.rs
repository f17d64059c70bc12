//! The clients that get pseudonyms, and whether one is who it says.

use crate::config::{DefaultAlphabet, PushEsme, PushSmpp};
use crate::smpp::wire::Alphabet;
use anyhow::{Context as _, Result};
use std::sync::Arc;
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

/// A password field: 8 characters and a zero octet (SMPP 5.0 section 4.7.18).
const PASSWORD: usize = 9;

/// A client that gets pseudonyms.
pub(super) struct Client {
    system_id: String,
    password: Zeroizing<[u8; PASSWORD]>,
    /// Account for which pseudonyms are assigned.
    pub(super) account: String,
    smsc_system_id: Option<String>,
    smsc_password: Option<Zeroizing<String>>,
    /// The alphabet of texts that begin with the pseudonym, where they do.
    pub(super) head: Option<Alphabet>,
}

impl Client {
    fn new(esme: &PushEsme) -> Result<Self> {
        let at = || format!("push.smpp.esme {}", esme.system_id);
        let password = esme.password().context("no password_file").with_context(at)?.read().with_context(at)?;
        let smsc_password = esme.smsc_password().map(|secret| secret.read().with_context(at)).transpose()?;
        let fits = |password: &str| password.len() < PASSWORD && password.is_ascii();
        anyhow::ensure!(
            fits(&password) && smsc_password.as_deref().is_none_or(|password| fits(password)),
            "{}: a password of SMPP has at most 8 characters; give a shorter one",
            at()
        );
        Ok(Self {
            system_id: esme.system_id.clone(),
            password: padded(password.as_bytes()),
            account: esme.client.clone(),
            smsc_system_id: esme.smsc_system_id.clone(),
            smsc_password,
            head: esme.pseudonym_in_text.then_some(match esme.default_alphabet {
                DefaultAlphabet::Gsm => Alphabet::Gsm,
                DefaultAlphabet::Ascii => Alphabet::Ascii,
            }),
        })
    }

    /// With what the proxy binds for it, given with what it bound here.
    pub(super) fn credentials<'a>(&'a self, [id, password]: [&'a [u8]; 2]) -> [&'a [u8]; 2] {
        let own_id = self.smsc_system_id.as_deref().map_or(id, str::as_bytes);
        [own_id, self.smsc_password.as_deref().map_or(password, |password| password.as_bytes())]
    }
}

/// All of them.
pub(super) struct Clients(Vec<Arc<Client>>);

/// Who binds.
pub(super) enum Who {
    /// A client that gets pseudonyms.
    Listed(Arc<Client>),
    /// Its system_id is not listed.
    Unlisted,
    /// Its system_id is listed, and the password is not its.
    Impostor,
}

impl Clients {
    /// Reads their passwords.
    ///
    /// # Errors
    /// One cannot be read or is too long.
    pub(super) fn new(smpp: &PushSmpp) -> Result<Self> {
        Ok(Self(smpp.esme.iter().map(|esme| Client::new(esme).map(Arc::new)).collect::<Result<_>>()?))
    }

    /// Who binds with these. Takes the same time whatever is wrong with a password.
    pub(super) fn who(&self, [system_id, password]: [&[u8]; 2]) -> Who {
        let known = self.0.iter().find(|client| client.system_id.as_bytes() == system_id);
        let given = padded(password);
        let nobodys = padded(b"");
        let expected = known.map_or(&nobodys, |client| &client.password);
        let right: Choice = expected[..].ct_eq(&given[..]);
        match known {
            Some(client) if bool::from(right) => Who::Listed(Arc::clone(client)),
            Some(_) => Who::Impostor,
            None => Who::Unlisted,
        }
    }
}

fn padded(password: &[u8]) -> Zeroizing<[u8; PASSWORD]> {
    let mut field = Zeroizing::new([0; PASSWORD]);
    // A password is shorter than its field: on the wire by its zero octet, in a file as was checked.
    field.iter_mut().zip(password).for_each(|(to, from)| *to = *from);
    field
}
