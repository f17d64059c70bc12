//! Keys of a PMD: what the operator gives, and the cipher under each (RFC 5297, RFC 5869).
//!
//! ```text
//! master key ─HKDF-SHA256("wherefore pseudonym v1", id, rotation, overlap, realm)─> AES-256-SIV key, 64 octets
//! synthetic IV 16 | ciphertext 24 = AES-SIV(key, associated data: client; IMSI 8 | MSISDN 8 | period 4 | generation 4)
//! ```
//!
//! Whatever decides how a plaintext is read is bound into the key. So a change of it makes former pseudonyms forged, and never
//! something else that is valid.

use super::fault::PmdError;
use super::format::{BLOCK, IV, Realm};
use super::meter::{Meter, Work};
use aes_siv::{KeyInit, Tag, siv::Aes256Siv};
use aws_lc_rs::hkdf;
use lcs::{Digits, Duration, Identities, Imsi, Msisdn, Timestamp};
use subtle::ConstantTimeEq;
use zeroize::{ZeroizeOnDrop, Zeroizing};

const PURPOSE: &[u8] = b"wherefore pseudonym v1";
const ROTATION_S: core::ops::RangeInclusive<u64> = 3600..=315_360_000;
/// By how much the clocks of two gateways may differ.
pub(super) const SKEW_S: u64 = 600;

/// The secret from which the key of pseudonyms derives. Whoever holds it turns pseudonyms into subscribers.
#[derive(Clone, ZeroizeOnDrop)]
pub struct PseudonymMaster([u8; 32]);

impl PseudonymMaster {
    /// A fresh one from the system's random source; `None` if that source fails.
    #[must_use]
    pub fn random() -> Option<Self> {
        let mut master = Self([0; 32]);
        aws_lc_rs::rand::fill(&mut master.0).ok()?;
        Some(master)
    }

    /// From 32 octets.
    #[must_use]
    pub fn from_octets(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    pub(super) fn same(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl core::fmt::Debug for PseudonymMaster {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PseudonymMaster(hidden)")
    }
}

/// A key of pseudonyms as the operator gives it. All but `from` and `until` is bound into every pseudonym: to change it, give
/// a new key under a new id, and let this one end.
#[derive(Debug, Clone)]
pub struct PseudonymKey {
    /// Stands in every pseudonym. Never used again for another key.
    pub id: u8,
    /// The secret.
    pub master: PseudonymMaster,
    /// From when it assigns. Of several that could, the one that began last does.
    pub from: Timestamp,
    /// Until when it resolves.
    pub until: Timestamp,
    /// After how long a client sees another pseudonym of the same subscriber, for all at the same moments: multiples of this
    /// since 1970. Whole seconds, 1 hour to 10 years.
    pub rotation: Duration,
    /// For how long a pseudonym resolves after its successor came. Whole seconds, at most `rotation`.
    pub overlap: Duration,
}

/// What is inside a pseudonym. An identity that is not known is 0.
#[derive(Clone, Copy)]
pub(super) struct Inside {
    pub(super) imsi: u64,
    pub(super) msisdn: u64,
    /// Number of rotations since 1970.
    pub(super) period: u32,
    /// How often it was revoked before.
    pub(super) generation: u32,
}

impl Inside {
    fn octets(self) -> Zeroizing<[u8; BLOCK]> {
        let mut out = Zeroizing::new([0; BLOCK]);
        let (imsi, msisdn) = (self.imsi.to_be_bytes(), self.msisdn.to_be_bytes());
        let (period, generation) = (self.period.to_be_bytes(), self.generation.to_be_bytes());
        let all = imsi.iter().chain(&msisdn).chain(&period).chain(&generation);
        out.iter_mut().zip(all).for_each(|(to, from)| *to = *from);
        out
    }

    fn from_octets(octets: &[u8; BLOCK]) -> Self {
        let word = |at: usize| octets.iter().skip(at).take(8).fold(0, |word, octet| word << 8 | u64::from(*octet));
        let rest = word(16);
        Self { imsi: word(0), msisdn: word(8), period: (rest >> 32) as u32, generation: rest as u32 }
    }

    /// The identities; `None` if a word is none, which no PMD has sealed.
    pub(super) fn identities(self) -> Option<Identities> {
        let digits = |word: u64| if word == 0 { Some(None) } else { Digits::from_word(word).map(Some) };
        let imsi = digits(self.imsi)?.map(Imsi::new).transpose().ok()?;
        let msisdn = digits(self.msisdn)?.map(Msisdn::new).transpose().ok()?;
        (imsi.is_some() || msisdn.is_some()).then_some(Identities { imsi, msisdn, imei: None })
    }
}

/// A key ready for use.
pub(super) struct Keyed {
    pub(super) id: u8,
    from: Timestamp,
    until: Timestamp,
    rotation_s: u64,
    overlap_s: u64,
    siv: Zeroizing<[u8; 64]>,
    /// A pseudonym of nobody for no client, which a refusal opens: see [`Keyed::open_decoy`].
    decoy: (Tag, [u8; BLOCK]),
}

/// Length of derived keys for `hkdf`.
struct SivLength;

impl hkdf::KeyType for SivLength {
    fn len(&self) -> usize {
        64
    }
}

impl Keyed {
    pub(super) fn new(key: &PseudonymKey, realm: &Realm) -> Result<Self, PmdError> {
        if key.until <= key.from {
            return Err(PmdError::Ended(key.id));
        }
        let whole = |span: Duration| (span.subsec_nanos() == 0).then_some(span.as_secs());
        let rotation_s = whole(key.rotation).filter(|s| ROTATION_S.contains(s)).ok_or(PmdError::Rotation(key.id))?;
        let overlap_s = whole(key.overlap).filter(|s| *s <= rotation_s).ok_or(PmdError::Overlap(key.id))?;
        let mut siv = Zeroizing::new([0; 64]);
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(&key.master.0);
        // Each part but the last has one length.
        let (rotation, overlap) = (rotation_s.to_be_bytes(), overlap_s.to_be_bytes());
        let info = [PURPOSE, &[key.id], &rotation, &overlap, realm.as_str().as_bytes()];
        let okm = prk.expand(&info, SivLength).map_err(|_| PmdError::Crypto)?;
        okm.fill(&mut *siv).map_err(|_| PmdError::Crypto)?;
        let (from, until) = (key.from, key.until);
        let mut keyed = Self { id: key.id, from, until, rotation_s, overlap_s, siv, decoy: Default::default() };
        let nobody = Inside { imsi: 0, msisdn: 0, period: 0, generation: 0 };
        keyed.decoy = keyed.seal(nobody, DECOY_CLIENT).ok_or(PmdError::Crypto)?;
        Ok(keyed)
    }

    pub(super) fn began(&self) -> (Timestamp, u8) {
        (self.from, self.id)
    }

    pub(super) fn assigns(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }

    pub(super) fn resolves(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Longest time between the start of a period and the end of its pseudonyms, seconds.
    pub(super) fn lifetime_s(&self) -> u64 {
        self.rotation_s + self.overlap_s
    }

    /// Number of the period that is now; `None` some hundred thousand years from now.
    pub(super) fn period(&self, now: Timestamp) -> Option<u32> {
        u32::try_from(now.secs() / self.rotation_s).ok()
    }

    /// Start of a period, seconds since 1970.
    pub(super) fn start_s(&self, period: u32) -> u64 {
        u64::from(period) * self.rotation_s
    }

    /// When a period's pseudonyms give way to others, and when they end.
    pub(super) fn ends(&self, period: u32) -> (Timestamp, Timestamp) {
        let rotates_s = self.start_s(period) + self.rotation_s;
        let ends = Timestamp::from_secs(rotates_s + self.overlap_s);
        (Timestamp::from_secs(rotates_s).min(self.until), ends.min(self.until))
    }

    /// Whether a period's pseudonyms hold now. One that begins later than clocks differ comes of a wrong clock.
    pub(super) fn holds(&self, period: u32, now: Timestamp) -> bool {
        let (start_s, now_s) = (self.start_s(period), now.secs());
        start_s <= now_s + SKEW_S && now_s < start_s + self.lifetime_s()
    }

    pub(super) fn seal(&self, inside: Inside, client: &[u8]) -> Option<(Tag, [u8; BLOCK])> {
        let mut block = inside.octets();
        let tag = self.cipher().encrypt_inout_detached([client], block.as_mut_slice().into()).ok()?;
        Some((tag, *block))
    }

    /// Opens, or gives nobody and `false`.
    pub(super) fn open(
        &self,
        iv: [u8; IV],
        block: [u8; BLOCK],
        client: &[u8],
        meter: &mut impl Meter,
    ) -> (Inside, bool) {
        let mut block = Zeroizing::new(block);
        let opened = self.cipher().decrypt_inout_detached([client], block.as_mut_slice().into(), &iv.into()).is_ok();
        meter.done(if opened { Work::Opened } else { Work::NotOpened });
        // The cipher gave the ciphertext back if it did not open: nothing in it may be taken for an identity.
        let mask = u8::from(opened).wrapping_neg();
        block.iter_mut().for_each(|octet| *octet &= mask);
        (Inside::from_octets(&block), opened)
    }

    /// Opens the decoy, or fails to: the opposite of what the presented pseudonym did. The cipher takes another pass over what
    /// does not open; after this every refusal has opened one block and failed on one.
    pub(super) fn open_decoy(&self, opened: bool, meter: &mut impl Meter) {
        let (tag, block) = self.decoy;
        let mut iv: [u8; IV] = tag.into();
        iv.iter_mut().for_each(|octet| *octet ^= u8::from(opened));
        core::hint::black_box(self.open(iv, block, DECOY_CLIENT, meter).1);
    }

    fn cipher(&self) -> Aes256Siv {
        Aes256Siv::new((&*self.siv).into())
    }
}

/// Associated data of the decoy. Should a client bear this name, the decoy would still open to nobody.
const DECOY_CLIENT: &[u8] = b"decoy";

/// The words of identities; 0 for one that is not known.
pub(super) fn words(identities: &Identities) -> (u64, u64) {
    let imsi = identities.imsi.map_or(0, |imsi| imsi.expose_digits().to_word());
    let msisdn = identities.msisdn.map_or(0, |msisdn| msisdn.expose_digits().to_word());
    (imsi, msisdn)
}
