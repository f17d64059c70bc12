//! What people say, and what follows from it.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn asked(register: &ConsentRegister, who: &Identities, at: Timestamp) -> Result<MdtPermit, Denied> {
    register.permit(who, &question(plmn("01"), &[]), at)
}

#[test]
fn nobody_is_asked_before_the_notice_its_date_and_the_time_to_think() {
    let who = imsi(1);
    let register = agreeing(&who);
    assert_eq!(asked(&register, &imsi(2), later()), Err(Denied::NotInformed));
    assert_eq!(asked(&register, &who, NOW), Err(Denied::NotInformed));
    assert_eq!(asked(&register, &who, later().before(SECOND)), Err(Denied::NotInformed));
    let permit = asked(&register, &who, later()).unwrap();
    assert_eq!(
        (permit.purpose(), permit.keeps(), permit.plmns()),
        (Purpose::LoggedMdt, Keeps::NoIdentity, &[plmn("01")][..])
    );
    assert_eq!(
        (permit.precision(), permit.ground(), permit.allows_identified()),
        (Precision::Exact, Ground::Consent, false)
    );
    // The date of the notice counts where it is the later of the two.
    let dated = empty(Mode::OptOut);
    dated.load_notice(Notice { not_before: later().after(DAY), ..notice(2) });
    make(&dated, &who, informed(2, NOW), Source::CustomerCare, NOW).unwrap();
    assert_eq!(asked(&dated, &who, later()), Err(Denied::NotInformed));
    assert!(asked(&dated, &who, later().after(DAY)).is_ok());
}

#[test]
fn a_register_that_was_not_read_to_the_end_refuses_all() {
    let register = ConsentRegister::new(ConsentKey::from_octets(&[9; 32]), Mode::Consent);
    let who = imsi(1);
    agreeing(&who).picture(&who).into_iter().for_each(|picture| register.load_person(Person::clone(&picture.person)));
    register.load_notice(notice(1));
    assert_eq!(asked(&register, &who, later()), Err(Denied::Unavailable));
    register.loaded();
    assert!(asked(&register, &who, later()).is_ok());
    // What cannot be read may have been an opt-out.
    let hash = ConsentKey::from_octets(&[9; 32]).hashes(&who)[0].1;
    register.load_unreadable(hash);
    assert_eq!(asked(&register, &who, later()), Err(Denied::OptedOut));
    assert_eq!(make(&register, &who, informed(1, NOW), Source::Person, NOW), Err(ChangeError::Unreadable));
    make(&register, &who, Change::OptedOut, Source::Person, NOW).unwrap();
}

#[test]
fn networks_are_those_of_job_and_consent_together() {
    let who = imsi(1);
    let register = empty(Mode::Consent);
    make(&register, &who, informed(1, NOW), Source::CustomerCare, NOW).unwrap();
    make(&register, &who, yes(1, &[plmn("02"), plmn("03")], Source::Person, NOW), Source::Person, NOW).unwrap();
    let job = [plmn("01"), plmn("02")];
    assert_eq!(register.permit(&who, &question(plmn("01"), &job), later()), Err(Denied::NoConsent));
    let permit = register.permit(&who, &question(plmn("02"), &job), later()).unwrap();
    assert_eq!(permit.plmns(), [plmn("02")]);
    // Agreed, and not in the job's list.
    assert_eq!(register.permit(&who, &question(plmn("03"), &job), later()), Err(Denied::NoConsent));
    assert_eq!(register.permit(&who, &question(plmn("03"), &[]), later()).unwrap().plmns(), [plmn("03")]);
}

#[test]
fn a_permit_answers_its_own_question_and_not_for_long() {
    let who = imsi(1);
    let asked_for = question(plmn("01"), &[plmn("01"), plmn("02")]);
    let permit = agreeing(&who).permit(&who, &asked_for, later()).unwrap();
    assert!(permit.answers(&asked_for, later()));
    assert!(!permit.answers(&asked_for, later().after(Duration::from_secs(600))));
    let others = [
        Question { purpose: Purpose::ImmediateMdt, ..asked_for.clone() },
        Question { registered: plmn("02"), ..asked_for.clone() },
        Question { keeps: Keeps::TacOfImei, ..asked_for.clone() },
        Question { plmns: vec![plmn("02")], ..asked_for.clone() },
    ];
    for other in others {
        assert!(!permit.answers(&other, later()), "{other:?}");
    }
}

#[test]
fn a_new_purpose_is_not_covered_by_an_old_consent_and_new_terms_need_a_new_one() {
    let who = imsi(1);
    let register = agreeing(&who);
    register.load_notice(Notice { purposes: Purpose::ALL.iter().copied().collect(), ..notice(2) });
    let failures = Question { purpose: Purpose::FailureReports, ..question(plmn("01"), &[]) };
    assert_eq!(register.permit(&who, &failures, later()), Err(Denied::NotInformed));
    make(&register, &who, informed(2, NOW), Source::CustomerCare, NOW).unwrap();
    assert_eq!(register.permit(&who, &failures, later()), Err(Denied::NoConsent));
    // The old one stands for what it named.
    assert!(asked(&register, &who, later()).is_ok());
    register.load_notice(Notice { asks_anew: true, ..notice(3) });
    assert_eq!(asked(&register, &who, later()), Err(Denied::NotInformed));
    make(&register, &who, informed(3, NOW), Source::CustomerCare, NOW).unwrap();
    assert_eq!(asked(&register, &who, later()), Err(Denied::NoConsent));
    let old = make(&register, &who, yes(2, &[plmn("01")], Source::Person, NOW), Source::Person, NOW);
    assert_eq!(old, Err(ChangeError::NotInNotice));
    make(&register, &who, yes(3, &[plmn("01")], Source::Person, NOW), Source::Person, NOW).unwrap();
    assert!(asked(&register, &who, later()).is_ok());
}

#[test]
fn a_yes_ends_when_it_says() {
    let who = imsi(1);
    let register = agreeing(&who);
    let Change::Decided { purpose, decision } = yes(1, &[plmn("01")], Source::Person, NOW) else { panic!() };
    let decision = Decision { expires: Some(later().after(SECOND)), ..decision };
    make(&register, &who, Change::Decided { purpose, decision }, Source::Person, NOW).unwrap();
    let permit = asked(&register, &who, later()).unwrap();
    assert!(!permit.answers(&question(plmn("01"), &[]), later().after(SECOND)));
    assert_eq!(asked(&register, &who, later().after(SECOND)), Err(Denied::NoConsent));
}

#[test]
fn identified_collection_needs_a_word_of_its_own() {
    let who = imsi(1);
    let register = agreeing(&who);
    let identified = Question { keeps: Keeps::Identified, ..question(plmn("01"), &[]) };
    assert_eq!(register.permit(&who, &identified, later()), Err(Denied::NotIdentified));
    let Change::Decided { purpose, decision } = yes(1, &[plmn("01")], Source::Person, NOW) else { panic!() };
    let decision = Decision { identified: true, ..decision };
    make(&register, &who, Change::Decided { purpose, decision }, Source::Person, NOW).unwrap();
    let permit = register.permit(&who, &identified, later()).unwrap();
    assert!(permit.allows_identified());
}

#[test]
fn a_pause_ends_alone_and_leaves_consent_as_it_was() {
    let who = imsi(1);
    let register = agreeing(&who);
    let until = later().after(DAY);
    make(&register, &who, Change::Paused { until: Some(until) }, Source::Person, later()).unwrap();
    assert_eq!(asked(&register, &who, until.before(SECOND)), Err(Denied::Paused));
    assert!(asked(&register, &who, until).is_ok());
    assert_eq!(register.picture(&who).unwrap().person.opted_out(), None);
    make(&register, &who, Change::Paused { until: None }, Source::Person, until).unwrap();
    assert_eq!(asked(&register, &who, until.after(DAY * 365)), Err(Denied::Paused));
    make(&register, &who, Change::Resumed, Source::Person, until).unwrap();
    assert!(asked(&register, &who, until).is_ok());
}

#[test]
fn an_opt_out_outlives_import_sim_number_and_phone() {
    let (who, phone) = (imsi(1), imei(1));
    let register = agreeing(&who);
    link(&register, &who, &msisdn(1)).unwrap();
    link(&register, &who, &phone).unwrap();
    make(&register, &msisdn(1), Change::OptedOut, Source::Person, later()).unwrap();
    let import = yes(1, &[plmn("01")], Source::Import, later());
    assert_eq!(make(&register, &who, import, Source::Import, later()), Err(ChangeError::OptedOut));
    // Another SIM, another number, another phone: told to the register.
    for (known, new) in [(msisdn(1), imsi(2)), (imsi(2), msisdn(2)), (imsi(2), imei(2))] {
        link(&register, &known, &new).unwrap();
        assert_eq!(asked(&register, &new, later()), Err(Denied::OptedOut));
    }
    // The old ones stay bound to it, also for whoever has them now.
    for old in [imsi(1), msisdn(1), imei(1)] {
        assert_eq!(asked(&register, &old, later()), Err(Denied::OptedOut));
    }
    let heir = Identities { imsi: imsi(7).imsi, ..msisdn(1) };
    assert_eq!(asked(&register, &heir, later()), Err(Denied::OptedOut));
    // A SIM that nobody told of is found by the number that stayed.
    let untold = Identities { imsi: imsi(9).imsi, ..msisdn(2) };
    assert_eq!(asked(&register, &untold, later()), Err(Denied::OptedOut));
}

#[test]
fn only_the_person_lifts_an_opt_out_and_that_brings_no_consent_back() {
    let who = imsi(1);
    let register = agreeing(&who);
    make(&register, &who, Change::OptedOut, Source::CustomerCare, later()).unwrap();
    let lift = Change::OptOutLifted { evidence: [3; 32] };
    for source in [Source::CustomerCare, Source::Import, Source::Law] {
        assert_eq!(make(&register, &who, lift.clone(), source, later()), Err(ChangeError::Source));
    }
    make(&register, &who, lift, Source::Person, later()).unwrap();
    assert_eq!(asked(&register, &who, later()), Err(Denied::NoConsent));
    let import = yes(1, &[plmn("01")], Source::Import, later());
    assert_eq!(make(&register, &who, import, Source::Import, later()), Err(ChangeError::OwnWord));
    make(&register, &who, yes(1, &[plmn("01")], Source::Person, later()), Source::Person, later()).unwrap();
    assert!(asked(&register, &who, later()).is_ok());
}

#[test]
fn an_import_decides_where_nobody_did_and_changes_nothing_else() {
    let who = imsi(1);
    let register = empty(Mode::Consent);
    let import = || yes(1, &[plmn("01")], Source::Import, NOW);
    assert_eq!(make(&register, &who, import(), Source::Import, NOW), Err(ChangeError::Nobody));
    assert_eq!(make(&register, &who, informed(1, NOW), Source::Import, NOW), Err(ChangeError::Source));
    make(&register, &who, informed(1, NOW), Source::CustomerCare, NOW).unwrap();
    make(&register, &who, import(), Source::Import, NOW).unwrap();
    assert!(asked(&register, &who, later()).is_ok());
    make(&register, &who, no(Source::Import, NOW), Source::Import, NOW).unwrap();
    assert_eq!(make(&register, &who, import(), Source::Import, NOW), Err(ChangeError::OwnWord));
    for change in [
        Change::Paused { until: None },
        Change::Resumed,
        Change::OptedOut,
        Change::OptOutLifted { evidence: [0; 32] },
        Change::Excluded(false),
    ] {
        assert_eq!(make(&register, &who, change, Source::Import, NOW), Err(ChangeError::Source));
    }
}

#[test]
fn identities_of_two_are_nobody_until_they_are_linked() {
    let register = agreeing(&imsi(1));
    make(&register, &msisdn(2), informed(1, NOW), Source::CustomerCare, NOW).unwrap();
    let both = Identities { imsi: imsi(1).imsi, ..msisdn(2) };
    assert_eq!(asked(&register, &both, later()), Err(Denied::NotInformed));
    assert_eq!(make(&register, &both, Change::Resumed, Source::Person, NOW), Err(ChangeError::TwoPersons));
    link(&register, &imsi(1), &msisdn(2)).unwrap();
    assert!(asked(&register, &both, later()).is_ok());
    // A second SIM does not slip in beside the first.
    assert_eq!(
        make(&register, &Identities { imsi: imsi(3).imsi, ..msisdn(2) }, Change::Resumed, Source::Person, NOW),
        Err(ChangeError::TwoPersons)
    );
    // An opt-out of both at once is one of each.
    let other = Identities { imsi: imsi(5).imsi, ..Identities::default() };
    make(&register, &other, informed(1, NOW), Source::CustomerCare, NOW).unwrap();
    make(&register, &Identities { imsi: imsi(5).imsi, ..msisdn(2) }, Change::OptedOut, Source::Person, NOW).unwrap();
    for who in [imsi(1), msisdn(2), imsi(5)] {
        assert_eq!(asked(&register, &who, later()), Err(Denied::OptedOut));
    }
}

#[test]
fn in_mode_opt_out_a_refusal_and_an_identity_still_count() {
    let who = imsi(1);
    let register = empty(Mode::OptOut);
    make(&register, &who, informed(1, NOW), Source::CustomerCare, NOW).unwrap();
    let permit = asked(&register, &who, later()).unwrap();
    assert_eq!((permit.ground(), permit.precision()), (Ground::Notice, Precision::Coarse));
    for keeps in [Keeps::TacOfImei, Keeps::Identified] {
        let asked = Question { keeps, ..question(plmn("01"), &[]) };
        assert_eq!(register.permit(&who, &asked, later()), Err(Denied::NoConsent));
    }
    make(&register, &who, no(Source::Person, NOW), Source::Person, NOW).unwrap();
    assert_eq!(asked(&register, &who, later()), Err(Denied::NoConsent));
}

#[test]
fn a_check_digit_makes_no_other_phone() {
    let key = ConsentKey::from_octets(&[9; 32]);
    let hash = |text: &str| key.hashes(&Identities { imei: Some(Imei::parse(text).unwrap()), ..Identities::default() });
    assert_eq!(hash("490154203237518"), hash("49015420323751"));
    assert_ne!(hash("490154203237518"), hash("49015420323752"));
}

#[test]
fn records_read_back_and_half_ones_do_not() {
    let who = imsi(1);
    let register = agreeing(&who);
    make(&register, &who, Change::Paused { until: Some(later()) }, Source::Person, NOW).unwrap();
    make(&register, &who, Change::OptedOut, Source::Person, NOW).unwrap();
    let person = Person::clone(&register.picture(&who).unwrap().person);
    let octets = person.encode().unwrap();
    assert_eq!(Person::decode(&octets), Ok(person));
    assert_eq!(Notice::decode(&notice(1).encode().unwrap()), Ok(notice(1)));
    for end in 0..octets.len() {
        assert_eq!(Person::decode(&octets[..end]), Err(RecordError), "{end}");
    }
    assert_eq!(Person::decode(&[&octets[..], &[0]].concat()), Err(RecordError));
}

#[test]
fn a_notice_says_all_that_it_must_and_versions_follow_each_other() {
    let register = empty(Mode::Consent);
    let wrong = [
        Notice { name: "Two Words".to_owned(), ..notice(2) },
        Notice { purposes: Purposes::default(), ..notice(2) },
        Notice { recipients: vec![], ..notice(2) },
        Notice { data: vec![String::new()], ..notice(2) },
        Notice { retention_days: 0, ..notice(2) },
        Notice { texts: vec![], ..notice(2) },
        Notice { texts: [notice(1).texts, notice(1).texts].concat(), ..notice(2) },
        Notice { wait_s: 366 * 86_400, ..notice(2) },
    ];
    for notice in wrong {
        assert!(matches!(register.check_notice(&notice), Err(NoticeError::Field(_))), "{notice:?}");
    }
    assert_eq!(register.check_notice(&notice(1)), Err(NoticeError::Version { expected: 2 }));
    assert_eq!(register.check_notice(&notice(3)), Err(NoticeError::Version { expected: 2 }));
    assert_eq!(register.check_notice(&notice(2)), Ok(()));
}

/// A phone brings the name of a record, and no identity.
#[test]
fn an_opt_out_by_the_name_of_a_record_is_that_of_its_person() {
    let who = imsi(1);
    let register = agreeing(&who);
    let person = register.picture(&who).unwrap().person.id();
    assert!(!register.is_opted_out(person));
    let draft = register.draft_opt_out_of_record(person, later()).unwrap().unwrap();
    assert!(draft.restriction().is_some(), "it restricts, so that nothing need be waited for");
    register.load_person(draft.person().clone());
    assert!(register.is_opted_out(person));
    assert_eq!(asked(&register, &who, later()), Err(Denied::OptedOut));
    // Again it stays since when it was.
    let again = register.draft_opt_out_of_record(person, later().after(DAY)).unwrap().unwrap();
    assert_eq!(again.person().opted_out(), Some(later()));
    // B16: an import does not beat it.
    let import = make(&register, &who, yes(1, &[plmn("01")], Source::Import, NOW), Source::Import, NOW);
    assert_eq!(import, Err(ChangeError::OptedOut));
    // Nobody's record changes nothing; unless something could not be read, which may be this one.
    assert!(register.draft_opt_out_of_record(PersonId([7; 16]), later()).unwrap().is_none());
    register.load_unreadable(ConsentKey::from_octets(&[9; 32]).hashes(&imsi(5))[0].1);
    assert_eq!(register.draft_opt_out_of_record(PersonId([7; 16]), later()).err(), Some(ChangeError::Unavailable));
    let unread = ConsentRegister::new(ConsentKey::from_octets(&[9; 32]), Mode::Consent);
    assert_eq!(unread.draft_opt_out_of_record(person, later()).err(), Some(ChangeError::Unavailable));
}

#[test]
fn what_is_theirs_no_longer_is_nobodys_and_an_opt_out_stays_bound_to_it() {
    let register = agreeing(&imsi(1));
    link(&register, &imsi(1), &imei(7)).unwrap();
    let asked = |who: &Identities| register.permit(who, &question(plmn("01"), &[]), later()).map(|_| ());
    assert_eq!(asked(&imei(7)), Ok(()));
    assert_eq!(unlink(&register, &imsi(1), &Identities::default()), Err(ChangeError::NoIdentity));
    assert_eq!(unlink(&register, &imsi(1), &imei(8)), Err(ChangeError::NotTheirs));
    assert_eq!(unlink(&register, &imsi(2), &imei(7)), Err(ChangeError::Nobody));
    assert_eq!(unlink(&register, &imsi(1), &imei(7).or(imsi(1))), Err(ChangeError::LastIdentity));
    assert_eq!(asked(&imei(7)), Ok(()), "nothing was unlinked");
    unlink(&register, &imsi(1), &imei(7)).unwrap();
    assert_eq!(asked(&imei(7)), Err(Denied::NotInformed));
    assert_eq!(asked(&imei(7).or(imsi(1))), Ok(()), "a phone that is nobody's is no other person");
    // By no import, by no duty of law.
    for source in [Source::Import, Source::Law] {
        let drafted = register.draft_unlink(&imsi(1), &imsi(1), &order(Change::Unlinked, source, NOW));
        assert!(drafted.is_err());
    }
    make(&register, &imsi(1), Change::OptedOut, Source::Person, NOW).unwrap();
    for who in [imsi(1), imei(7)] {
        assert_eq!(asked(&who), Err(Denied::OptedOut));
    }
    // Whoever buys the phone takes the stricter.
    make(&register, &imsi(3).or(imei(7)), informed(1, NOW), Source::CustomerCare, NOW).unwrap();
    assert_eq!(asked(&imsi(3).or(imei(7))), Err(Denied::OptedOut));
}

fn forget(register: &ConsentRegister, who: &Identities) -> Result<(), ChangeError> {
    let draft = register.draft_erasure(who, &order(Change::Erased, Source::Person, NOW))?;
    register.erase(crate::Releasable::release(draft, &crate::ReleaseKey::after_record()));
    Ok(())
}

#[test]
fn who_is_forgotten_is_a_stranger_and_an_opt_out_stays() {
    let register = agreeing(&imsi(1));
    link(&register, &imsi(1), &imei(7).or(msisdn(5))).unwrap();
    let asked = |who: &Identities| register.permit(who, &question(plmn("01"), &[]), later()).map(|_| ());
    assert_eq!(asked(&imsi(1)), Ok(()));
    for source in [Source::Import, Source::Law] {
        let drafted = register.draft_erasure(&imsi(1), &order(Change::Erased, source, NOW));
        assert_eq!(drafted.map(drop), Err(ChangeError::Source));
    }
    forget(&register, &imei(7)).unwrap();
    for who in [imsi(1), imei(7), msisdn(5)] {
        assert_eq!(asked(&who), Err(Denied::NotInformed));
        assert_eq!(register.picture(&who).map(drop), Err(ChangeError::Nobody));
    }
    assert_eq!(register.len(), 0);
    assert_eq!(forget(&register, &imsi(1)), Err(ChangeError::Nobody));
    // Told anew and agreeing anew, they are asked as anybody.
    make(&register, &imsi(1), informed(1, NOW), Source::CustomerCare, NOW).unwrap();
    make(&register, &imsi(1), yes(1, &[plmn("01")], Source::Person, NOW), Source::Person, NOW).unwrap();
    link(&register, &imsi(1), &imsi(2)).unwrap();
    let before = register.picture(&imsi(2)).unwrap().person;

    make(&register, &imsi(2), Change::OptedOut, Source::Person, NOW).unwrap();
    make(&register, &imsi(2), Change::Excluded(true), Source::Law, NOW).unwrap();
    forget(&register, &imsi(2)).unwrap();
    // By the SIM before, too; under another name and key; and nothing else is there.
    for who in [imsi(1), imsi(2)] {
        assert_eq!(asked(&who), Err(Denied::OptedOut));
    }
    let stays = register.picture(&imsi(2)).unwrap().person;
    assert!(stays.id() != before.id() && stays.salt() != before.salt());
    assert!(stays.deliveries().is_empty() && stays.pause().is_none());
    assert!(stays.decisions().iter().all(|(_, no)| !no.given && no.evidence == [0; 32] && no.notice.is_empty()));
    assert_eq!((stays.opted_out(), stays.is_excluded(), stays.identities().len()), (Some(NOW), true, 2));
    let import = |register: &ConsentRegister| {
        let yes = yes(1, &[plmn("01")], Source::Import, NOW);
        make(register, &imsi(2), yes, Source::Import, NOW)
    };
    make(&register, &imsi(2), informed(1, NOW), Source::CustomerCare, NOW).unwrap();
    assert_eq!(import(&register), Err(ChangeError::OptedOut));
    // Forgotten twice, and through its octets: the same.
    forget(&register, &imsi(2)).unwrap();
    let octets = register.picture(&imsi(2)).unwrap().person.encode().unwrap();
    assert_eq!(Person::decode(&octets).unwrap().opted_out(), Some(NOW));
    // Lifted by the person, no import gives what was refused.
    make(&register, &imsi(2), Change::OptOutLifted { evidence: [4; 32] }, Source::Person, NOW).unwrap();
    make(&register, &imsi(2), informed(1, NOW), Source::CustomerCare, NOW).unwrap();
    assert_eq!(import(&register), Err(ChangeError::OwnWord));
    // An exclusion alone stays by what they have now.
    assert_eq!(asked(&imsi(2)), Err(Denied::Excluded));
    forget(&register, &imsi(2)).unwrap();
    assert_eq!(asked(&imsi(2)), Err(Denied::Excluded));
    assert_eq!(asked(&imsi(1)), Err(Denied::NotInformed));
}
