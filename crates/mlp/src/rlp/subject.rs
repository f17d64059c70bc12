//! Whom a request or an answer is about: one UE (TS 23.271 clause 5.6.1).

use crate::{
    error::Fault,
    hidden::Hidden,
    msid::{Msid, MsidType},
    position::write_msid,
    result::ResultId,
    targets::TargetEntry,
};
use lcs::{Identities, Imsi, Pseudonym, Target};

/// The target of a request: by one or more true identities, or by a pseudonym that the home network resolves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// By true identities, at least one.
    Known(Identities),
    /// By a pseudonym.
    Pseudonym(Pseudonym),
}

impl From<Identities> for Subject {
    fn from(identities: Identities) -> Self {
        Self::Known(identities)
    }
}

impl From<Target> for Subject {
    fn from(target: Target) -> Self {
        let none = Identities::default();
        match target {
            Target::Imsi(imsi) => Self::Known(Identities { imsi: Some(imsi), ..none }),
            Target::Msisdn(msisdn) => Self::Known(Identities { msisdn: Some(msisdn), ..none }),
            Target::Imei(imei) => Self::Known(Identities { imei: Some(imei), ..none }),
            Target::Pseudonym(pseudonym) => Self::Pseudonym(pseudonym),
        }
    }
}

impl Subject {
    /// As a target: the MSISDN goes before the IMSI, that before the IMEI. `None` without any identity.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        match self {
            Self::Pseudonym(pseudonym) => Some(Target::Pseudonym(pseudonym.clone())),
            Self::Known(Identities { imsi, msisdn, imei }) => {
                msisdn.map(Target::Msisdn).or(imsi.map(Target::Imsi)).or(imei.map(Target::Imei))
            }
        }
    }

    /// Whether `told`, of an answer, is the one who was asked about: at least one identity is the same, and none differs. A
    /// gateway that tells of somebody else gets nothing taken from it.
    #[must_use]
    pub fn is(&self, told: &Self) -> bool {
        let (asked, told) = match (self, told) {
            (Self::Known(asked), Self::Known(told)) => (asked, told),
            (Self::Pseudonym(asked), Self::Pseudonym(told)) => return asked == told,
            (Self::Known(_), Self::Pseudonym(_)) | (Self::Pseudonym(_), Self::Known(_)) => return false,
        };
        let same = [
            asked.imsi.zip(told.imsi).map(|(a, b)| a == b),
            asked.msisdn.zip(told.msisdn).map(|(a, b)| a == b),
            asked.imei.zip(told.imei).map(|(a, b)| a == b),
        ];
        same.contains(&Some(true)) && !same.contains(&Some(false))
    }

    /// The identities that go into `msid`: one, for an emergency all.
    fn msids(&self, emergency: bool) -> Vec<Msid> {
        let of = |kind, digits| Msid { kind: Some(kind), encoding: None, text: Hidden::of_digits(digits) };
        let known = match self {
            Self::Pseudonym(pseudonym) => {
                let text = Hidden::new(pseudonym.expose());
                return vec![Msid { kind: Some(MsidType::Asid), encoding: None, text }];
            }
            Self::Known(identities) => identities,
        };
        let msisdn = known.msisdn.map(|number| of(MsidType::Msisdn, number.expose_digits()));
        let imsi = known.imsi.map(|imsi| of(MsidType::Imsi, imsi.expose_digits()));
        let imei = known.imei.map(|imei| of(MsidType::Imei, imei.expose_digits()));
        let all = [msisdn, imsi, imei].into_iter().flatten();
        if emergency { all.collect() } else { all.take(1).collect() }
    }

    /// Appends `msid`, more than one in an emergency alone.
    pub(super) fn write(&self, out: &mut String, emergency: bool) {
        self.msids(emergency).iter().for_each(|msid| write_msid(out, msid));
    }

    /// The IMSI for its own place in `net_param`, when `msid` has the MSISDN.
    pub(super) fn imsi_beside(&self) -> Option<Imsi> {
        match self {
            Self::Known(Identities { imsi, msisdn: Some(_), .. }) => *imsi,
            Self::Known(_) | Self::Pseudonym(_) => None,
        }
    }

    /// From the identifiers of one target, and the IMSI told beside them.
    pub(super) fn read(entry: TargetEntry, beside: Option<Imsi>) -> Result<Self, Fault> {
        let others = entry.alternatives.into_iter().map(|other| other.target);
        let named = core::iter::once(entry.target).chain(others).chain(beside.map(|imsi| Ok(Target::Imsi(imsi))));
        Self::merge(named)
    }

    /// One subject of several identifiers. Two different ones of a type name two people, and so do a pseudonym and anything
    /// beside it.
    pub(super) fn merge(named: impl Iterator<Item = Result<Target, ResultId>>) -> Result<Self, Fault> {
        let mut subject: Option<Self> = None;
        for target in named {
            let target =
                target.map_err(|result| Fault::element(result, "msid", "names nobody that can be asked about"))?;
            subject = Some(match (subject, Self::from(target)) {
                (None, first) => first,
                (Some(Self::Known(known)), Self::Known(further)) => Self::Known(joined(known, further)?),
                (Some(_), _) => return Err(Fault::value("msid", "a pseudonym with another identity beside it")),
            });
        }
        subject.ok_or_else(|| Fault::syntax("msid", "no target"))
    }
}

fn joined(known: Identities, further: Identities) -> Result<Identities, Fault> {
    let both = known.or(further);
    if both == further.or(known) { Ok(both) } else { Err(Fault::value("msid", "two identities of one type differ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::{Imei, Msisdn};

    fn known(msisdn: Option<&str>, imsi: Option<&str>, imei: Option<&str>) -> Subject {
        Subject::Known(Identities {
            msisdn: msisdn.map(|text| Msisdn::parse(text).unwrap()),
            imsi: imsi.map(|text| Imsi::parse(text).unwrap()),
            imei: imei.map(|text| Imei::parse(text).unwrap()),
        })
    }

    #[test]
    fn an_answer_is_about_the_one_asked_if_an_identity_is_the_same_and_none_differs() {
        let (number, other) = (Some("4915110000001"), Some("4915110000002"));
        let (imsi, other_imsi) = (Some("262011234567890"), Some("262011234567891"));
        let asked = known(number, imsi, None);
        for (told, same) in [
            (known(number, None, None), true),
            (known(None, imsi, None), true),
            (known(number, imsi, Some("35850604062684")), true),
            (known(other, None, None), false),
            (known(number, other_imsi, None), false),
            (known(other, imsi, None), false),
            (known(None, None, Some("35850604062684")), false),
            (Subject::Pseudonym(Pseudonym::new("p".to_owned()).unwrap()), false),
        ] {
            assert_eq!((asked.is(&told), told.is(&asked)), (same, same));
        }
        let pseudonym = |text: &str| Subject::Pseudonym(Pseudonym::new(text.to_owned()).unwrap());
        assert!(pseudonym("p").is(&pseudonym("p")) && !pseudonym("p").is(&pseudonym("q")));
    }
}
