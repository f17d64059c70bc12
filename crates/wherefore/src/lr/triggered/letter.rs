//! What is kept with a deferred request of another gateway to tell it news by. Sealed where the request is kept.

use lcs::{Identities, Imsi, Msisdn, Pseudonym};
use mlp::rlp::{Subject, Version};
use privacy::disclosure::RequestId;
use serde::{Deserialize, Serialize};

/// Whom a gateway is told of, and by what name. Has no printable form.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    /// The gateway.
    pub(super) peer: String,
    /// What it knows the request by.
    pub(super) request_id: String,
    version: u8,
    imsi: Option<u64>,
    msisdn: Option<u64>,
    pseudonym: Option<String>,
}

impl Letter {
    /// Of a request about `subject`; `None`: about nobody whose phone is known.
    pub(super) fn new(peer: &str, request_id: &str, version: Version, subject: &Subject) -> Option<Self> {
        let known = match subject {
            Subject::Known(identities) => *identities,
            Subject::Pseudonym(_) => Identities::default(),
        };
        let pseudonym = match subject {
            Subject::Known(_) => None,
            Subject::Pseudonym(pseudonym) => Some(pseudonym.expose().to_owned()),
        };
        let imsi = known.imsi.map(|imsi| imsi.expose_digits().to_word());
        let msisdn = known.msisdn.map(|number| number.expose_digits().to_word());
        if imsi.is_none() && msisdn.is_none() && pseudonym.is_none() {
            return None;
        }
        let version = u8::from(version == Version::V1_1);
        Some(Self { peer: peer.to_owned(), request_id: request_id.to_owned(), version, imsi, msisdn, pseudonym })
    }

    pub(super) fn octets(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok()
    }

    /// `None`: not written by [`Letter::octets`].
    pub(super) fn from_octets(octets: &[u8]) -> Option<Self> {
        serde_json::from_slice(octets).ok()
    }

    pub(super) fn version(&self) -> Version {
        if self.version == 0 { Version::V1_0 } else { Version::V1_1 }
    }

    /// Whom it is about, by the name that they were asked by.
    pub(super) fn subject(&self) -> Option<Subject> {
        if let Some(text) = &self.pseudonym {
            return Pseudonym::new(text.clone()).map(Subject::Pseudonym);
        }
        let digits = |word: Option<u64>| word.and_then(lcs::Digits::from_word);
        let imsi = digits(self.imsi).and_then(|digits| Imsi::new(digits).ok());
        let msisdn = digits(self.msisdn).and_then(|digits| Msisdn::new(digits).ok());
        Some(Subject::Known(Identities { imsi, msisdn, imei: None }))
    }
}

/// The name here of the request that a gateway knows by `request_id`: of this gateway alone, and the same whenever it is asked for.
pub(super) fn name_of(peer: &str, request_id: &str) -> RequestId {
    let text = [b"triggered\0", peer.as_bytes(), b"\0", request_id.as_bytes()].concat();
    let whole = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text);
    RequestId(whole.as_ref().first_chunk().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_back_from_the_octets() {
        let (imsi, msisdn) = (Imsi::parse("001010000000001").ok(), Msisdn::parse("99900000001").ok());
        for subject in [
            Subject::Known(Identities { imsi, msisdn, imei: None }),
            Subject::Known(Identities { imsi: None, msisdn, imei: None }),
            Subject::Pseudonym(Pseudonym::new("p@h.example".to_owned()).unwrap()),
        ] {
            for version in [Version::V1_0, Version::V1_1] {
                let letter = Letter::new("gmlc.a.example", "r-1", version, &subject).unwrap();
                let back = Letter::from_octets(&letter.octets().unwrap()).unwrap();
                assert_eq!((back.peer.as_str(), back.request_id.as_str()), ("gmlc.a.example", "r-1"));
                assert_eq!((back.version(), back.subject()), (version, Some(subject.clone())));
            }
        }
        assert!(Letter::from_octets(b"{}").is_none());
        assert!(Letter::new("a", "r", Version::V1_1, &Subject::Known(Identities::default())).is_none());
    }

    #[test]
    fn a_request_has_one_name_and_no_other_gateway_has_it() {
        assert_eq!(name_of("a", "r-1"), name_of("a", "r-1"));
        assert_ne!(name_of("a", "r-1"), name_of("b", "r-1"));
        assert_ne!(name_of("a", "r-1"), name_of("a", "r-2"));
    }
}
