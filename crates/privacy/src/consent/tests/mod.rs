//! Tests of the consent register.

mod histories;
mod register;
mod table;

use super::*;
use crate::testing::NOW;
use lcs::{Duration, Identities, Imei, Imsi, Msisdn, PlmnId, Timestamp};

pub(super) const DAY: Duration = Duration::from_secs(86_400);
pub(super) const WAIT_S: u64 = 14 * 86_400;

pub(super) fn plmn(mnc: &str) -> PlmnId {
    PlmnId::new("262", mnc).unwrap()
}

pub(super) fn imsi(last: u64) -> Identities {
    Identities { imsi: Some(Imsi::parse(&format!("26201{last:010}")).unwrap()), ..Identities::default() }
}

pub(super) fn msisdn(last: u64) -> Identities {
    Identities { msisdn: Some(Msisdn::parse(&format!("4917{last:08}")).unwrap()), ..Identities::default() }
}

pub(super) fn imei(last: u64) -> Identities {
    Identities { imei: Some(Imei::parse(&format!("35{last:012}")).unwrap()), ..Identities::default() }
}

/// Tells of logged and immediate MDT.
pub(super) fn notice(version: u32) -> Notice {
    Notice {
        name: "drive-tests".to_owned(),
        version,
        published: NOW,
        not_before: NOW,
        wait_s: WAIT_S,
        purposes: [Purpose::LoggedMdt, Purpose::ImmediateMdt].into_iter().collect(),
        recipients: vec!["the operator's radio planning".to_owned()],
        data: vec!["cells and signal strengths with time and place".to_owned()],
        retention_days: 30,
        asks_anew: false,
        texts: vec![NoticeText { language: "de".to_owned(), hash: [1; 32], uri: None }],
    }
}

pub(super) fn empty(mode: Mode) -> ConsentRegister {
    let register = ConsentRegister::new(ConsentKey::from_octets(&[9; 32]), mode);
    register.load_notice(notice(1));
    register.loaded();
    register
}

pub(super) fn order(change: Change, source: Source, at: Timestamp) -> Order {
    Order { change, source, at }
}

pub(super) fn informed(version: u32, at: Timestamp) -> Change {
    Change::Informed(Delivery {
        notice: "drive-tests".to_owned(),
        version,
        language: "de".to_owned(),
        channel: Channel::Letter,
        at,
        evidence: [2; 32],
    })
}

pub(super) fn yes(version: u32, plmns: &[PlmnId], source: Source, at: Timestamp) -> Change {
    let decision = Decision {
        given: true,
        plmns: plmns.to_vec(),
        precision: Precision::Exact,
        notice: "drive-tests".to_owned(),
        version,
        source,
        ..Decision::no(at)
    };
    Change::Decided { purpose: Purpose::LoggedMdt, decision }
}

pub(super) fn no(source: Source, at: Timestamp) -> Change {
    Change::Decided { purpose: Purpose::LoggedMdt, decision: Decision { source, ..Decision::no(at) } }
}

/// Makes a change as if it were recorded.
pub(super) fn make(
    register: &ConsentRegister,
    who: &Identities,
    change: Change,
    source: Source,
    at: Timestamp,
) -> Result<(), ChangeError> {
    let drafts = register.draft(who, &order(change, source, at))?;
    drafts.iter().for_each(|draft| register.load_person(draft.person().clone()));
    Ok(())
}

pub(super) fn link(register: &ConsentRegister, who: &Identities, new: &Identities) -> Result<(), ChangeError> {
    let drafts = register.draft_link(who, new, &order(Change::Linked, Source::CustomerCare, NOW))?;
    drafts.iter().for_each(|draft| register.load_person(draft.person().clone()));
    Ok(())
}

pub(super) fn unlink(register: &ConsentRegister, who: &Identities, gone: &Identities) -> Result<(), ChangeError> {
    let draft = register.draft_unlink(who, gone, &order(Change::Unlinked, Source::CustomerCare, NOW))?;
    register.load_person(draft.person().clone());
    Ok(())
}

pub(super) fn question(registered: PlmnId, job: &[PlmnId]) -> Question {
    Question { purpose: Purpose::LoggedMdt, registered, plmns: job.to_vec(), keeps: Keeps::NoIdentity }
}

/// Informed long ago, and agreed for network 01.
pub(super) fn agreeing(who: &Identities) -> ConsentRegister {
    let register = empty(Mode::Consent);
    make(&register, who, informed(1, NOW), Source::CustomerCare, NOW).unwrap();
    make(&register, who, yes(1, &[plmn("01")], Source::Person, NOW), Source::Person, NOW).unwrap();
    register
}

pub(super) fn later() -> Timestamp {
    NOW.after(Duration::from_secs(WAIT_S))
}
