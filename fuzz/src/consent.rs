//! What is kept of consent, and decisions of another system. The reader of the latter is part of the daemon, which is too large to be built
//! for this; so its files are compiled here, and nothing else.

#[path = "../../crates/wherefore/src/consent/body.rs"]
mod body;
#[path = "../../crates/wherefore/src/consent/import.rs"]
mod import;

use lcs::{Duration, Identities, Imsi, PlmnId, Timestamp};
use privacy::consent::{
    Change, ConsentKey, ConsentRegister, Keeps, Mode, Notice, Order, Person, Purpose, Question, Source,
};

/// Why a body is not taken, as far as these files know.
#[derive(Debug)]
pub enum ConsentError {
    /// A member is not as it must be.
    Body(&'static str),
    /// Never made.
    Other,
}

/// Whatever octets as a record of a person or a notice: read or refused; what was read is written the same, and a register that has it decides
/// and forgets without harm, and permits nothing to who opted out.
pub fn record(data: &[u8]) {
    if let Ok(notice) = Notice::decode(data) {
        let octets = notice.encode().expect("writing to memory");
        assert!(Notice::decode(&octets).expect("what was written") == notice);
    }
    let Ok(person) = Person::decode(data) else { return };
    let octets = person.encode().expect("writing to memory");
    assert!(Person::decode(&octets).expect("what was written") == person);
    let key = ConsentKey::from_octets(&[7; 32]);
    let register = ConsentRegister::new(key, Mode::OptOut);
    let opted_out = person.opted_out().is_some();
    let id = person.id();
    register.load_person(person);
    register.loaded();
    let now = Timestamp::from_secs(1_795_600_800);
    let registered = PlmnId::new("262", "01").expect("digits");
    for purpose in Purpose::ALL {
        for keeps in Keeps::ALL {
            let question = Question { purpose: *purpose, registered, plmns: Vec::new(), keeps: *keeps };
            let told = register.permit_record(id, &question, now);
            if opted_out {
                // What else speaks against it may be said first.
                assert!(told.is_err());
            }
            if let Ok(permit) = told {
                assert!(permit.answers(&question, now));
                assert!(!permit.answers(&question, now.after(Duration::from_secs(601))));
            }
        }
    }
    let who = Identities { imsi: Imsi::parse("262011234567890").ok(), ..Identities::default() };
    let order = Order { change: Change::OptedOut, source: Source::Person, at: now };
    for draft in register.draft(&who, &order).into_iter().flatten() {
        register.restrict(draft.restriction().expect("an opt-out restricts"));
    }
}

/// Whatever octets as CSV of decisions: read or refused; what was read is a decision that the register understands, and what is told of the
/// rest repeats nothing.
pub fn import(data: &[u8]) {
    match import::read_csv(data) {
        Ok(rows) => {
            for (line, row) in rows {
                assert!(line > 1 && !row.subscriber.is_empty());
                let text = serde_json::to_string(&row).expect("no map has keys that are not text");
                assert!(serde_json::from_str::<import::ImportRow>(&text).expect("what was written") == row);
                let change = row.decision.import(Timestamp::default()).expect("seen while it was read");
                assert!(matches!(change, Change::Decided { decision, .. } if decision.source == Source::Import));
            }
        }
        Err(wrong) => assert!(!wrong.is_empty()),
    }
}

/// Sound inputs: a person who was told and agreed, one who opted out, a notice, and a file.
#[must_use]
pub fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    use privacy::consent::{Channel, Decision, Delivery, NoticeText, Precision};
    let now = Timestamp::from_secs(1_795_600_800);
    let notice = Notice {
        name: "drive-tests".to_owned(),
        version: 1,
        published: now,
        not_before: now,
        wait_s: 0,
        purposes: Purpose::ALL.iter().copied().collect(),
        recipients: vec!["radio planning".to_owned()],
        data: vec!["cells".to_owned()],
        retention_days: 30,
        asks_anew: false,
        texts: vec![NoticeText { language: "de".to_owned(), hash: [1; 32], uri: None }],
    };
    let register = ConsentRegister::new(ConsentKey::from_octets(&[7; 32]), Mode::Consent);
    register.load_notice(notice.clone());
    register.loaded();
    let who = Identities { imsi: Imsi::parse("262011234567890").ok(), ..Identities::default() };
    let told = Change::Informed(Delivery {
        notice: "drive-tests".to_owned(),
        version: 1,
        language: "de".to_owned(),
        channel: Channel::Letter,
        at: now,
        evidence: [2; 32],
    });
    let decision = Decision {
        given: true,
        plmns: PlmnId::new("262", "01").into_iter().collect(),
        precision: Precision::Exact,
        notice: "drive-tests".to_owned(),
        version: 1,
        expires: Some(now.after(Duration::from_secs(86_400))),
        ..Decision::no(now)
    };
    let agreed = Change::Decided { purpose: Purpose::LoggedMdt, decision };
    let mut seeds = vec![("consent_record", "notice", notice.encode().expect("writing to memory"))];
    let changes =
        [("told", told), ("agreed", agreed), ("paused", Change::Paused { until: None }), ("out", Change::OptedOut)];
    for (name, change) in changes {
        let order = Order { change, source: Source::Person, at: now };
        for draft in register.draft(&who, &order).expect("a change that can be made") {
            seeds.push(("consent_record", name, draft.person().encode().expect("writing to memory").to_vec()));
            register.load_person(draft.person().clone());
        }
    }
    let proof = "00".repeat(32);
    let file = format!(
        "imsi,msisdn,imei,purpose,given,plmns,precision,identified,notice,version,expires,evidence_sha256\n\
         262011234567890,,,logged-mdt,yes,262-01 262-02,coarse,no,drive-tests,1,2030-01-31T18:00:00Z,{proof}\n\
         ,491701234567,35000000000001,immediate-mdt,no,,,,,,,{proof}\n"
    );
    seeds.push(("consent_import", "file", file.into_bytes()));
    seeds
}
