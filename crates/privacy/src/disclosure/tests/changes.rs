//! Changes in the consent register: recorded before they loosen anything, at once where they restrict.

use super::*;
use crate::consent::{
    Change, Channel, ConsentKey, ConsentRegister, Decision, Delivery, Mode, Notice, NoticeText, Order, PlainConsent,
    Precision, Purpose, Source,
};
use lcs::PlmnId;

fn register() -> ConsentRegister {
    let register = ConsentRegister::new(ConsentKey::from_octets(&[3; 32]), Mode::Consent);
    register.load_notice(Notice {
        name: "drive-tests".to_owned(),
        version: 1,
        published: facts(0).time,
        not_before: facts(0).time,
        wait_s: 0,
        purposes: Purpose::ALL.iter().copied().collect(),
        recipients: vec!["radio planning".to_owned()],
        data: vec!["cells".to_owned()],
        retention_days: 30,
        asks_anew: false,
        texts: vec![NoticeText { language: "de".to_owned(), hash: [1; 32], uri: None }],
    });
    register.loaded();
    register
}

fn who() -> Identities {
    Identities { imsi: Some(Imsi::parse("262011234567890").unwrap()), ..Identities::default() }
}

fn order(change: Change) -> Order {
    Order { change, source: Source::Person, at: facts(1).time }
}

fn told() -> Change {
    Change::Informed(Delivery {
        notice: "drive-tests".to_owned(),
        version: 1,
        language: "de".to_owned(),
        channel: Channel::App,
        at: facts(1).time,
        evidence: [2; 32],
    })
}

fn agreed() -> Change {
    let decision = Decision {
        given: true,
        plmns: vec![PlmnId::new("262", "01").unwrap(), PlmnId::new("310", "260").unwrap()],
        precision: Precision::Exact,
        notice: "drive-tests".to_owned(),
        version: 1,
        expires: Some(facts(9).time),
        ..Decision::no(facts(1).time)
    };
    Change::Decided { purpose: Purpose::LoggedMdt, decision }
}

#[test]
fn every_kind_of_change_reads_back_from_the_log_under_the_persons_own_key() {
    let register = register();
    let changes = [
        told(),
        agreed(),
        Change::Paused { until: None },
        Change::Paused { until: Some(facts(5).time) },
        Change::Resumed,
        Change::OptedOut,
        Change::OptOutLifted { evidence: [5; 32] },
    ];
    let mut storage = Memory::new(64 << 10);
    let (mut writer, log) = Writer::open(storage.clone(), keys(), Bounds::default()).unwrap();
    let mut salt = None;
    for change in &changes {
        let draft = register.draft(&who(), &order(change.clone())).unwrap().pop().unwrap();
        salt = Some(draft.person().salt());
        let recording = draft.record(&log, facts(3).request, Via::Admin, "care".into());
        assert_eq!(writer.step(), Step::Committed(1));
        register.take(now(recording).unwrap().unwrap().release());
    }
    let sealer = Sealer::new(&keys().master, &origin()).unwrap();
    let subject = sealer.subject(&Subject::Subscriber(salt.unwrap()));
    let mut read = Vec::new();
    walk(&mut storage, 0, |_, record| {
        assert!(sealer.open(record, &sealer.subject(&Subject::Operator)).is_err());
        let Ok(Content::Consent(entry)) = sealer.open(record, &subject) else { panic!() };
        assert_eq!((entry.identities, &*entry.account, entry.via), (who(), "care", Via::Admin));
        assert_eq!(PlainConsent::from(&*entry).imsi.as_deref(), Some("262011234567890"));
        read.push(entry.change);
        true
    })
    .unwrap();
    assert_eq!(read, changes);
}

#[test]
fn what_loosens_waits_for_its_entry_and_what_restricts_does_not() {
    let register = register();
    let is_restriction = |change: Change| {
        let draft = register.draft(&who(), &order(change)).unwrap().pop().unwrap();
        let restriction = draft.restriction();
        let is = restriction.is_some();
        restriction.into_iter().for_each(|restriction| register.restrict(restriction));
        (is, draft)
    };
    let (restricts, draft) = is_restriction(told());
    assert!(!restricts);
    register.load_person(draft.person().clone());
    assert!(!is_restriction(agreed()).0);
    assert!(!is_restriction(Change::Resumed).0);
    assert!(is_restriction(Change::Paused { until: None }).0);
    assert!(is_restriction(Change::OptedOut).0);
    assert!(register.picture(&who()).unwrap().person.opted_out().is_some());
    assert!(!is_restriction(Change::OptOutLifted { evidence: [0; 32] }).0);
    // A log that is closed lets nothing loose.
    let (_writer, log) = Writer::open(Memory::new(64 << 10), keys(), Bounds::default()).unwrap();
    log.close();
    let (_, draft) = is_restriction(Change::OptOutLifted { evidence: [0; 32] });
    assert!(now(draft.record(&log, facts(3).request, Via::Admin, "care".into())).unwrap().is_err());
    assert!(register.picture(&who()).unwrap().person.opted_out().is_some());
}

#[test]
fn a_signed_receipt_is_no_checkpoint_and_no_other_receipt() {
    let keys = keys();
    let signature = keys.signing.sign_receipt(b"{}").unwrap();
    assert_eq!(key().verify_receipt(b"{}", &signature), Ok(()));
    assert_eq!(key().verify_receipt(b"{ }", &signature), Err(NoteError::BadSignature));
    let checkpoint = Checkpoint { size: 1, root: [4; 32] };
    let of_checkpoint = keys.signing.sign(&checkpoint).unwrap();
    assert!(key().verify_receipt(checkpoint.text(&origin()).as_bytes(), &of_checkpoint).is_err());
    assert!(key().verify(&checkpoint, &signature).is_err());
}
