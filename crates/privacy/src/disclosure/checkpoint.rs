//! Checkpoints: the signed statement of a log's size and root (C2SP tlog-checkpoint, C2SP signed-note).

use super::base64;
use super::merkle::{Hash, sha256};
use super::seal::MasterKey;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use zeroize::Zeroizing;

/// Signature type of Ed25519 in key ids and encoded keys.
const ED25519_TYPE: u8 = 1;
/// Longest note read.
const NOTE_MAX: usize = 256 * 1024;
/// Most signatures read: the log's own and those of witnesses.
const SIGNATURES_MAX: usize = 64;
const MASTER_PREFIX: &str = "wherefore-disclosure-master-v1+";

/// Name of a log, first line of its checkpoints: a URL without scheme, such as `gmlc1.example.net/disclosure`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// What is wrong with a key, a checkpoint or the name of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// A name is empty, longer than 255 octets, or has a blank, a plus sign or a control character.
    #[error("name of a log or key: 1-255 octets without blanks, plus signs and control characters")]
    Name,
    /// The text of a key is not in its form.
    #[error("not a key in the form NAME+ID+BASE64, or of another kind than expected")]
    KeyForm,
    /// The key id does not belong to the key.
    #[error("the key id does not belong to the key: the text was changed")]
    KeyId,
    /// The note is not in the form of a signed checkpoint.
    #[error("not a signed checkpoint (C2SP tlog-checkpoint)")]
    Form,
    /// The checkpoint is of another log.
    #[error("the checkpoint is of another log than the key")]
    OtherLog,
    /// No signature of the log's key.
    #[error("the checkpoint has no signature by the log's key")]
    Unsigned,
    /// The signature of the log's key is wrong.
    #[error("the signature on the checkpoint is wrong: it is not genuine")]
    BadSignature,
    /// The random source or the signing failed.
    #[error("the cryptographic library failed")]
    Crypto,
}

impl Origin {
    /// Takes a name that is fit for a key too (C2SP signed-note).
    pub fn new(name: &str) -> Result<Self, NoteError> {
        let fit = (1..=255).contains(&name.len())
            && !name.chars().any(|letter| letter == '+' || letter.is_whitespace() || letter.is_control());
        if fit { Ok(Self(name.to_owned())) } else { Err(NoteError::Name) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Size and root of a log at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed: origin, size and root, one a line.
    #[must_use]
    pub fn text(&self, origin: &Origin) -> String {
        format!("{}\n{}\n{}\n", origin.0, self.size, base64::encode(&self.root))
    }
}

/// What stands before a consent receipt when it is signed.
const RECEIPT_CONTEXT: &[u8] = b"wherefore consent receipt v1\n";

/// First four octets of SHA-256 over name, newline, type and public key.
fn key_id(name: &str, public: &[u8]) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), b"\n", &[ED25519_TYPE], public]);
    [hash[0], hash[1], hash[2], hash[3]]
}

fn hex4(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

/// Public key of a log: checks its checkpoints.
#[derive(Clone)]
pub struct VerifierKey {
    origin: Origin,
    id: [u8; 4],
    public: [u8; 32],
    parsed: ParsedPublicKey,
}

impl core::fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "VerifierKey({})", self.to_text())
    }
}

impl VerifierKey {
    /// From an origin and the octets of an Ed25519 public key.
    pub fn new(origin: Origin, public: [u8; 32]) -> Result<Self, NoteError> {
        let parsed = ParsedPublicKey::new(&ED25519, public).map_err(|_| NoteError::KeyForm)?;
        Ok(Self { id: key_id(&origin.0, &public), origin, public, parsed })
    }

    /// Reads `NAME+ID+BASE64`, the form of a verifier key of C2SP tools and of Go's package note.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim_end_matches(['\r', '\n']).splitn(3, '+');
        let (name, id, key) = (parts.next(), parts.next(), parts.next());
        let origin = Origin::new(name.ok_or(NoteError::KeyForm)?)?;
        let key = base64::decode(key.ok_or(NoteError::KeyForm)?).ok_or(NoteError::KeyForm)?;
        let public = match key.split_first() {
            Some((&ED25519_TYPE, public)) => public.try_into().map_err(|_| NoteError::KeyForm)?,
            _ => return Err(NoteError::KeyForm),
        };
        let key = Self::new(origin, public)?;
        if id == Some(&hex4(key.id)) { Ok(key) } else { Err(NoteError::KeyId) }
    }

    /// The form that [`parse`](Self::parse) reads.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut key = vec![ED25519_TYPE];
        key.extend_from_slice(&self.public);
        format!("{}+{}+{}", self.origin.0, hex4(self.id), base64::encode(&key))
    }

    /// The log whose key this is.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(super) fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Checks the bare signature of a checkpoint.
    pub fn verify(&self, checkpoint: &Checkpoint, signature: &[u8]) -> Result<(), NoteError> {
        let text = checkpoint.text(&self.origin);
        self.parsed.verify_sig(text.as_bytes(), signature).map_err(|_| NoteError::BadSignature)
    }

    /// Checks the signature of a consent receipt, made by [`SigningKey::sign_receipt`].
    ///
    /// # Errors
    /// [`NoteError::BadSignature`].
    pub fn verify_receipt(&self, receipt: &[u8], signature: &[u8]) -> Result<(), NoteError> {
        let text = [RECEIPT_CONTEXT, receipt].concat();
        self.parsed.verify_sig(&text, signature).map_err(|_| NoteError::BadSignature)
    }

    /// The signed note of a checkpoint and its signature.
    #[must_use]
    pub fn note(&self, checkpoint: &Checkpoint, signature: &[u8; 64]) -> String {
        let mut line = self.id.to_vec();
        line.extend_from_slice(signature);
        format!("{}\n\u{2014} {} {}\n", checkpoint.text(&self.origin), self.origin.0, base64::encode(&line))
    }

    /// Reads a signed checkpoint of this log. Extension lines and signatures by others, such as witnesses, are allowed.
    pub fn read_note(&self, note: &str) -> Result<Checkpoint, NoteError> {
        if note.len() > NOTE_MAX || note.chars().any(|letter| letter < ' ' && letter != '\n') {
            return Err(NoteError::Form);
        }
        // The last empty line divides text and signatures; the text keeps its own last newline.
        let at = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, signatures) = note.split_at_checked(at + 1).ok_or(NoteError::Form)?;
        let checkpoint = self.read_text(text)?;
        let signatures = signatures.strip_prefix('\n').and_then(|s| s.strip_suffix('\n')).ok_or(NoteError::Form)?;
        let mut signed = false;
        for (number, line) in signatures.split('\n').enumerate() {
            let mut parts = line.strip_prefix("\u{2014} ").ok_or(NoteError::Form)?.splitn(2, ' ');
            let (name, signature) = (parts.next().unwrap_or_default(), parts.next().ok_or(NoteError::Form)?);
            let signature = base64::decode(signature).ok_or(NoteError::Form)?;
            let (id, signature) = signature.split_at_checked(4).ok_or(NoteError::Form)?;
            Origin::new(name).map_err(|_| NoteError::Form)?;
            if number >= SIGNATURES_MAX {
                return Err(NoteError::Form);
            }
            if name == self.origin.0 && id == self.id {
                self.parsed.verify_sig(text.as_bytes(), signature).map_err(|_| NoteError::BadSignature)?;
                signed = true;
            }
        }
        if signed { Ok(checkpoint) } else { Err(NoteError::Unsigned) }
    }

    fn read_text(&self, text: &str) -> Result<Checkpoint, NoteError> {
        let mut lines = text.strip_suffix('\n').ok_or(NoteError::Form)?.split('\n');
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        if origin != Some(self.origin.as_str()) {
            return Err(NoteError::OtherLog);
        }
        let digits = size.ok_or(NoteError::Form)?;
        let size: u64 = digits.parse().map_err(|_| NoteError::Form)?;
        let root = base64::decode(root.ok_or(NoteError::Form)?).ok_or(NoteError::Form)?;
        let root = root.try_into().map_err(|_| NoteError::Form)?;
        // One spelling of a number: no sign, no leading zero.
        if size.to_string() != digits || lines.any(str::is_empty) {
            return Err(NoteError::Form);
        }
        Ok(Checkpoint { size, root })
    }
}

/// Private key of a log: signs its checkpoints.
pub struct SigningKey {
    seed: Zeroizing<[u8; 32]>,
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl core::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SigningKey(hidden, of {})", self.verifier.origin.0)
    }
}

impl SigningKey {
    /// A fresh key for the log of this origin.
    pub fn random(origin: Origin) -> Result<Self, NoteError> {
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).map_err(|_| NoteError::Crypto)?;
        Self::from_seed(origin, seed)
    }

    /// From the seed of RFC 8032 section 5.1.5.
    pub fn from_seed(origin: Origin, seed: [u8; 32]) -> Result<Self, NoteError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| NoteError::Crypto)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| NoteError::Crypto)?;
        Ok(Self { seed: Zeroizing::new(seed), pair, verifier: VerifierKey::new(origin, public)? })
    }

    /// Reads `PRIVATE+KEY+NAME+ID+BASE64`, the form of a signer key of Go's package note.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let rest = text.trim_end_matches(['\r', '\n']).strip_prefix("PRIVATE+KEY+").ok_or(NoteError::KeyForm)?;
        let mut parts = rest.splitn(3, '+');
        let (name, id, key) = (parts.next(), parts.next(), parts.next());
        let origin = Origin::new(name.ok_or(NoteError::KeyForm)?)?;
        let key = Zeroizing::new(base64::decode(key.ok_or(NoteError::KeyForm)?).ok_or(NoteError::KeyForm)?);
        let seed = match key.split_first() {
            Some((&ED25519_TYPE, seed)) => seed.try_into().map_err(|_| NoteError::KeyForm)?,
            _ => return Err(NoteError::KeyForm),
        };
        let key = Self::from_seed(origin, seed)?;
        if id == Some(&hex4(key.verifier.id)) { Ok(key) } else { Err(NoteError::KeyId) }
    }

    /// The form that [`parse`](Self::parse) reads, for the key file.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut key = Zeroizing::new(vec![ED25519_TYPE]);
        key.extend_from_slice(&*self.seed);
        let (name, id) = (&self.verifier.origin.0, hex4(self.verifier.id));
        Zeroizing::new(format!("PRIVATE+KEY+{name}+{id}+{}", *Zeroizing::new(base64::encode(&key))))
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a checkpoint of this log.
    pub fn sign(&self, checkpoint: &Checkpoint) -> Result<[u8; 64], NoteError> {
        let text = checkpoint.text(&self.verifier.origin);
        self.sign_octets(text.as_bytes())
    }

    /// Signs a consent receipt (`docs/consent.md`). No checkpoint reads as one: its first line is a name without spaces.
    ///
    /// # Errors
    /// [`NoteError::Crypto`].
    pub fn sign_receipt(&self, receipt: &[u8]) -> Result<[u8; 64], NoteError> {
        self.sign_octets(&[RECEIPT_CONTEXT, receipt].concat())
    }

    fn sign_octets(&self, text: &[u8]) -> Result<[u8; 64], NoteError> {
        let signature = self.pair.try_sign(text).map_err(|_| NoteError::Crypto)?;
        signature.as_ref().try_into().map_err(|_| NoteError::Crypto)
    }
}

impl MasterKey {
    /// Reads the text of the master key file.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let key = text.trim_end_matches(['\r', '\n']).strip_prefix(MASTER_PREFIX).ok_or(NoteError::KeyForm)?;
        let octets = Zeroizing::new(base64::decode(key).ok_or(NoteError::KeyForm)?);
        Ok(Self::from_octets(octets.as_slice().try_into().map_err(|_| NoteError::KeyForm)?))
    }

    /// The form that [`parse`](Self::parse) reads, for the key file.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{MASTER_PREFIX}{}", *Zeroizing::new(base64::encode(self.octets()))))
    }
}
