//! What is in memory of a deferred request, in octets.
//!
//! ```text
//! version 3 | agreed | reference | road | IMSI 8 | MSISDN 8 | likeness 16 | account: length, text | node: length, text | state
//! ```
//! Identities as words of digits, 0 for none; a likeness of zeros for none.

use gmlc::{Ldr, LdrRoad};
use lcs::{Digits, Identities, Imsi, LdrReference, Msisdn, PrivacySetting};
use privacy::disclosure::RequestId;
use std::sync::Arc;

/// A hash of what must be the same in requests that one request of the network can serve.
pub(crate) type Likeness = [u8; 16];

const VERSION: u8 = 3;
const ROADS: [LdrRoad; 4] = [LdrRoad::Node, LdrRoad::Card, LdrRoad::Nobody, LdrRoad::Visited];

/// Between whom a deferred request is, and its names: what never changes of it.
#[derive(Clone, PartialEq)]
pub(crate) struct LdrParties {
    /// Its name.
    pub(crate) id: RequestId,
    /// Account of the client.
    pub(crate) account: Arc<str>,
    /// Whom it is about, as the network knew them when it was armed. Without equipment.
    pub(crate) target: Identities,
    /// Its reference.
    pub(crate) reference: LdrReference,
}

/// A deferred request as it is kept and as it is in memory, save what was asked and between whom.
#[derive(Clone, PartialEq)]
pub(crate) struct KeptLdr {
    /// What the node was told to do about its user.
    pub(crate) agreed: PrivacySetting,
    /// The same for requests that one request of the network can serve; `None`: it can serve no other.
    pub(crate) likeness: Option<Likeness>,
    /// By which road it went.
    pub(crate) road: LdrRoad,
    /// The node that acknowledged last: its host, or its number with a plus sign; or the visited gateway that was asked, and under what
    /// name; empty for none.
    pub(crate) node: Arc<str>,
    /// How far it came.
    pub(crate) ldr: Ldr,
}

impl core::fmt::Debug for KeptLdr {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "KeptLdr({:?})", self.ldr.phase())
    }
}

impl KeptLdr {
    pub(super) fn octets(&self, parties: &LdrParties) -> Vec<u8> {
        let word = |digits: Option<Digits>| digits.map_or(0, Digits::to_word).to_be_bytes();
        let road = ROADS.iter().zip(0..).find_map(|(road, code)| (*road == self.road).then_some(code)).unwrap_or(0);
        let mut out = vec![VERSION, self.agreed.code(), parties.reference.0, road];
        out.extend(word(parties.target.imsi.map(|imsi| imsi.expose_digits())));
        out.extend(word(parties.target.msisdn.map(|msisdn| msisdn.expose_digits())));
        out.extend(self.likeness.unwrap_or_default());
        for text in [&parties.account, &self.node] {
            // Neither an account nor the name of a host is longer.
            let text = text.as_bytes().get(..255).unwrap_or(text.as_bytes());
            out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
            out.extend(text);
        }
        out.extend(self.ldr.octets());
        out
    }

    pub(super) fn from_octets(id: RequestId, octets: &[u8]) -> Option<(LdrParties, Self)> {
        let ([version, agreed, reference], rest) = octets.split_first_chunk::<3>()?;
        let (road, rest) = rest.split_first()?;
        let road = *ROADS.get(usize::from(*road))?;
        let (imsi, rest) = rest.split_first_chunk::<8>()?;
        let (msisdn, rest) = rest.split_first_chunk::<8>()?;
        let (likeness, rest) = rest.split_first_chunk::<16>()?;
        let (account, rest) = text(rest)?;
        let (node, state) = text(rest)?;
        let digits = |word: &[u8; 8]| match u64::from_be_bytes(*word) {
            0 => Some(None),
            word => Digits::from_word(word).map(Some),
        };
        let imsi = digits(imsi)?.map(Imsi::new).transpose().ok()?;
        let msisdn = digits(msisdn)?.map(Msisdn::new).transpose().ok()?;
        let agreed = PrivacySetting::ALL.into_iter().find(|setting| setting.code() == *agreed)?;
        let (target, reference) = (Identities { imsi, msisdn, imei: None }, LdrReference(*reference));
        let ldr = Ldr::from_octets(state).ok()?;
        let likeness = Some(*likeness).filter(|likeness| *likeness != Likeness::default());
        let known = *version == VERSION && target != Identities::default();
        let (account, node) = (account.into(), node.into());
        let parties = LdrParties { id, account, target, reference };
        known.then_some((parties, Self { agreed, likeness, road, node, ldr }))
    }
}

fn text(octets: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = octets.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((core::str::from_utf8(text).ok()?, rest))
}
