//! Whether a client may be told, under a pseudonym, who is at a terminal: the PULL model of TS 23.271 Annex E.
//!
//! A pseudonym is no location, and yet it lets the client ask for one, and know the person again. So it is handed out on the verdict
//! that a location request of the same client would get, and no further:
//!
//! ```text
//!  what the client would get          consent:  not asked   given      refused    silent
//!  allowed without notification                 introduced  introduced refused    refused
//!  notified, or asked in any way                ask         introduced refused    refused
//!  not allowed, opted out, no profile           refused     refused    refused    refused
//! ```
//!
//! Where the standard has the user notified, the user is asked here: there is a page to do it on, and nothing is in a hurry.

use crate::{
    decide::{Refusal, RuleId},
    disclosure::Ending,
    permit::{Basis, Releasable, ReleaseKey, sealed},
    ppr::Ppr,
};
use lcs::{Address, Identities, LcsClientType, LocationRequest, PrivacySetting, RefusalReason, Timestamp};
use std::sync::Arc;

/// What the person at the terminal said of this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Consent {
    /// Was not asked.
    NotAsked,
    /// Agreed.
    Given,
    /// Said no.
    Refused,
    /// Was asked and did not answer.
    Silent,
}

impl Consent {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::NotAsked, Self::Given, Self::Refused, Self::Silent];
}

/// What the check came to, if it does not refuse.
#[derive(Debug)]
pub enum Introduction {
    /// The client may be given the pseudonym.
    Introduced(Introduced),
    /// The person must be asked first.
    Ask,
}

/// That a client may be given the pseudonym of a subscriber. Made by [`Ppr::introduce`] alone; lets nothing go before it is recorded.
#[derive(Debug, PartialEq, Eq)]
pub struct Introduced {
    account: Arc<str>,
    identities: Identities,
    setting: PrivacySetting,
    rule: RuleId,
}

/// An introduction whose entry in the disclosure log is durable: what an assertion is made from. Comes out of
/// [`crate::disclosure::Recorded::release`] alone.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordedIntroduction {
    account: Arc<str>,
}

impl Introduced {
    /// The client's account.
    #[must_use]
    pub fn account(&self) -> &Arc<str> {
        &self.account
    }

    /// Whose pseudonym it is: all that the register knows.
    #[must_use]
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// How the entry of the disclosure log ends: allowed, on the profile, and no position given.
    #[must_use]
    pub fn ending(&self) -> Ending {
        let ending = Ending::allowed(crate::disclosure::Given::default(), Basis::Profile).by(self.rule);
        Ending { settings: Some((self.setting, None)), ..ending }
    }
}

impl RecordedIntroduction {
    /// The client's account: the one audience of the assertion.
    #[must_use]
    pub fn account(&self) -> &Arc<str> {
        &self.account
    }
}

impl sealed::Sealed for Introduced {
    fn position(&self) -> Option<&crate::Cleared> {
        None
    }
}

impl Releasable for Introduced {
    type Released = RecordedIntroduction;

    fn release(self, _: &ReleaseKey) -> RecordedIntroduction {
        RecordedIntroduction { account: self.account }
    }
}

impl Ppr {
    /// Whether the client of `request` may be given the pseudonym of the subscriber at a terminal. `request` is the location request
    /// that the client could make then: without call or session, codeword and requestor, for none of them is known here.
    ///
    /// A profile of the operator's for strangers does not count: who never chose is not introduced.
    ///
    /// # Errors
    /// The client may not, by the subscriber's profile or the subscriber's word; or it is no value added client.
    pub fn introduce(
        &self,
        request: &LocationRequest,
        identities: &Identities,
        consent: Consent,
        now: Timestamp,
        gmlc: &Address,
    ) -> Result<Introduction, Refusal> {
        if request.client.client_type != LcsClientType::ValueAdded {
            return Err(Refusal::new(RuleId::ClientType, RefusalReason::OverrideNotApplicable));
        }
        let verdict = self.verdict(request, identities, now, gmlc)?;
        let identities =
            verdict.own.ok_or(Refusal::new(RuleId::ProfileKnown, RefusalReason::NoProfile))?.or(*identities);
        let introduced = || {
            let (account, setting, rule) = (Arc::clone(&request.account), verdict.setting, verdict.rule);
            Introduction::Introduced(Introduced { account, identities, setting, rule })
        };
        match settle(verdict.setting, consent) {
            Settled::Introduce => Ok(introduced()),
            Settled::Ask => Ok(Introduction::Ask),
            Settled::Refuse => Err(Refusal::new(verdict.rule, RefusalReason::ClassBars)),
        }
    }
}

/// What the check of a location request without call or session would come to.
pub(crate) struct Verdict {
    pub(crate) setting: PrivacySetting,
    pub(crate) rule: RuleId,
    /// The identities of the subscriber's own profile; `None` if the operator's for strangers decided.
    pub(crate) own: Option<Identities>,
}

/// A cell of the table above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    Introduce,
    Ask,
    Refuse,
}

fn settle(setting: PrivacySetting, consent: Consent) -> Settled {
    match (setting, consent) {
        (PrivacySetting::NotAllowed, _) | (_, Consent::Refused | Consent::Silent) => Settled::Refuse,
        (PrivacySetting::AllowedWithoutNotification, Consent::NotAsked) | (_, Consent::Given) => Settled::Introduce,
        (
            PrivacySetting::AllowedWithNotification
            | PrivacySetting::AllowedIfNoResponse
            | PrivacySetting::RestrictedIfNoResponse,
            Consent::NotAsked,
        ) => Settled::Ask,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CompiledProfile, Policy, Profile, Register, Rules, Standing, testing::*};
    use Consent::{Given, NotAsked, Refused, Silent};
    use Settled::{Ask, Introduce, Refuse};

    const TABLE: [(PrivacySetting, [Settled; 4]); 5] = [
        // not asked, given, refused, silent
        (N, [Introduce, Introduce, Refuse, Refuse]),
        (NT, [Ask, Introduce, Refuse, Refuse]),
        (VA, [Ask, Introduce, Refuse, Refuse]),
        (VR, [Ask, Introduce, Refuse, Refuse]),
        (X, [Refuse, Refuse, Refuse, Refuse]),
    ];

    /// Whose profile there is.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Known {
        Own,
        Unreadable,
        DefaultAlone,
        Nobody,
    }

    fn outcome(ppr: &Ppr, request: &LocationRequest, consent: Consent) -> Settled {
        match ppr.introduce(request, &by_msisdn(), consent, NOW, &gmlc()) {
            Ok(Introduction::Introduced(introduced)) => {
                assert_eq!((&**introduced.account(), introduced.identities()), ("fleet", &both()));
                Introduce
            }
            Ok(Introduction::Ask) => Ask,
            Err(_) => Refuse,
        }
    }

    fn ppr_of(known: Known, profile: &CompiledProfile) -> Ppr {
        let register = Register::new();
        let mut policy = policy();
        match known {
            Known::Own => register.put(&subscriber(), profile).unwrap(),
            Known::Unreadable => register.put_unreadable(&subscriber()).unwrap(),
            Known::DefaultAlone => policy = Policy { default_profile: Some(profile.clone()), ..policy },
            Known::Nobody => {}
        }
        Ppr::new(Arc::new(register), policy)
    }

    #[test]
    fn the_table_over_the_whole_domain() {
        let standings = [
            Standing::default(),
            Standing { opted_out: true, ..Standing::default() },
            Standing { switched_off: true, ..Standing::default() },
            Standing { paused_until: Some(Timestamp::from_secs(NOW.secs() + 1)), ..Standing::default() },
            Standing { paused_until: Some(NOW), ..Standing::default() },
        ];
        let mut cases = 0;
        for (setting, row) in TABLE {
            for (at, standing) in standings.into_iter().enumerate() {
                let rules = listed(None, Some(setting));
                let profile = Profile { rules, standing }.compile().unwrap();
                for known in [Known::Own, Known::Unreadable, Known::DefaultAlone, Known::Nobody] {
                    let ppr = ppr_of(known, &profile);
                    for client_type in LcsClientType::ALL {
                        let request = request_of(client_type);
                        for (consent, expected) in Consent::ALL.into_iter().zip(row) {
                            let open = [0, 4].contains(&at) && known == Known::Own;
                            let open = open && client_type == LcsClientType::ValueAdded;
                            let expected = if open { expected } else { Refuse };
                            let case = (setting, standing, known, client_type, consent);
                            assert_eq!(outcome(&ppr, &request, consent), expected, "{case:?}");
                            cases += 1;
                        }
                    }
                }
            }
        }
        assert_eq!(cases, 5 * 5 * 4 * 4 * 4);
        assert_eq!(Consent::ALL, [NotAsked, Given, Refused, Silent]);
    }

    #[test]
    fn what_the_profile_and_the_operator_say_besides_counts() {
        let anybody = Rules { universal: true, ..Rules::default() };
        assert_eq!(outcome(&ppr(anybody.clone()), &request(), NotAsked), Introduce);
        // A client that is not listed.
        let unlisted = Rules { unrelated: Some(crate::ClassRules::unrelated(vec![])), ..Rules::default() };
        assert_eq!(outcome(&ppr(unlisted), &request(), Given), Refuse);
        // The class of calls and sessions says nothing of a terminal that browses.
        assert_eq!(outcome(&ppr(listed(Some(N), None)), &request(), Given), Refuse);
        // The floor, and what the client's record wants at least.
        let floored = Policy { floor: floor_for_all(VR), ..policy() };
        assert_eq!(outcome(&ppr_under(anybody.clone(), floored), &request(), NotAsked), Ask);
        let mut careful = request();
        careful.least_privacy.unrelated = X;
        assert_eq!(outcome(&ppr(anybody), &careful, Given), Refuse);
    }

    #[test]
    fn the_entry_says_on_what_it_rests_and_that_nothing_was_given() {
        let ppr = ppr(listed(None, Some(NT)));
        let got = ppr.introduce(&request(), &by_msisdn(), Given, NOW, &gmlc()).unwrap();
        let Introduction::Introduced(introduced) = got else { panic!("{got:?}") };
        let ending = introduced.ending();
        assert_eq!((ending.basis, ending.rule), (Some(Basis::Profile), Some(RuleId::UnrelatedListed)));
        assert_eq!(ending.settings, Some((NT, None)));
        assert_eq!(ending.outcome, crate::disclosure::Outcome::Allowed(crate::disclosure::Given::default()));
    }
}
