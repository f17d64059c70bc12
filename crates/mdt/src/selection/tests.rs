//! Selection against the real register, and against ports that fail or lie.

use super::*;
use crate::job::TraceJob;
use lcs::{Imei, Imsi};
use privacy::consent::{
    Change, Channel, ConsentKey, Decision, Delivery, Keeps, Mode, Notice, NoticeText, Order, Precision, Purpose, Source,
};
use proptest::prelude::*;
use serde_json::json;

const NOW: Timestamp = Timestamp::from_secs(1_795_600_800);
const DAY: lcs::Duration = lcs::Duration::from_secs(86_400);

fn home() -> PlmnId {
    PlmnId::new("234", "15").unwrap()
}

fn who(number: usize) -> Identities {
    Identities { imsi: Some(Imsi::parse(&format!("23415{number:010}")).unwrap()), ..Identities::default() }
}

fn crowd(count: usize) -> Vec<Candidate> {
    (0..count).map(|number| Candidate { who: who(number), registered: home() }).collect()
}

fn job(anonymization: &str, plmns: &[(&str, &str)]) -> TraceJob {
    let plmns: Vec<_> = plmns.iter().map(|(mcc, mnc)| json!({"mcc": mcc, "mnc": mnc})).collect();
    let job = json!({
        "jobType": "LOGGED_MDT_ONLY",
        "traceCollectionEntityIpAddress": "192.0.2.1",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": "000001"},
        "mdtConfig": {
            "anonymizationOfMdtData": anonymization,
            "areaScope": [["1234501"]],
            "loggedMDTConfig": {
                "traceCollectionEntityId": 1,
                "loggingDuration": "600s",
                "loggingInterval": {"LTE": ["1.28s"]},
                "plmnList": plmns
            }
        }
    });
    TraceJob::from_json(job.to_string().as_bytes()).unwrap()
}

fn area_plan() -> Plan {
    Plan::of(&job("NO_IDENTITY", &[("234", "15")])).unwrap()
}

fn subscriber_plan(number: usize) -> Plan {
    let mut job = job("NO_IDENTITY", &[]);
    job.trace_target = Some(crate::job::TraceTarget::Subscriber(Subscriber::Imsi(who(number).imsi.unwrap())));
    Plan::of(&job).unwrap()
}

fn register() -> ConsentRegister {
    let register = ConsentRegister::new(ConsentKey::from_octets(&[9; 32]), Mode::Consent);
    register.load_notice(Notice {
        name: "drive-tests".to_owned(),
        version: 1,
        published: NOW,
        not_before: NOW,
        wait_s: 0,
        purposes: Purpose::ALL.iter().copied().collect(),
        recipients: vec!["radio planning".to_owned()],
        data: vec!["cells".to_owned()],
        retention_days: 30,
        asks_anew: false,
        texts: vec![NoticeText { language: "en".to_owned(), hash: [1; 32], uri: None }],
    });
    register.loaded();
    register
}

fn make(register: &ConsentRegister, who: &Identities, change: Change) {
    let order = Order { change, source: Source::Person, at: NOW };
    for draft in register.draft(who, &order).unwrap() {
        register.load_person(draft.person().clone());
    }
}

fn inform(register: &ConsentRegister, who: &Identities) {
    make(
        register,
        who,
        Change::Informed(Delivery {
            notice: "drive-tests".to_owned(),
            version: 1,
            language: "en".to_owned(),
            channel: Channel::Letter,
            at: NOW,
            evidence: [0; 32],
        }),
    );
}

fn agree(register: &ConsentRegister, who: &Identities, identified: bool) {
    inform(register, who);
    let decision = Decision {
        given: true,
        plmns: vec![home()],
        precision: Precision::Exact,
        identified,
        notice: "drive-tests".to_owned(),
        version: 1,
        ..Decision::no(NOW)
    };
    make(register, who, Change::Decided { purpose: Purpose::LoggedMdt, decision });
}

/// A small generator, so that every run is the same (splitmix64).
struct Random(u64);

impl Draw for Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

struct Down;

impl ConsentPort for Down {
    fn permit(&self, _: &Identities, _: &Question, _: Timestamp) -> Result<MdtPermit, Denied> {
        Err(Denied::Unavailable)
    }
}

/// Answers every question with the permit of another one: no identity, an hour ago.
struct Stale<'a>(&'a ConsentRegister);

impl ConsentPort for Stale<'_> {
    fn permit(&self, who: &Identities, question: &Question, now: Timestamp) -> Result<MdtPermit, Denied> {
        let question = Question { keeps: Keeps::NoIdentity, ..question.clone() };
        self.0.permit(who, &question, now.before(lcs::Duration::from_secs(3600)))
    }
}

fn select(
    register: &impl ConsentPort,
    candidates: &[Candidate],
    ledger: &mut DutyLedger,
    rules: &AreaRules,
    now: Timestamp,
) -> Selection {
    select_area(&area_plan(), candidates, register, ledger, rules, &mut Random(7), now).unwrap()
}

fn ask_one(
    plan: &Plan,
    candidate: &Candidate,
    consent: &impl ConsentPort,
    now: Timestamp,
) -> Result<Chosen, SubscriberRefusal> {
    select_subscriber(plan, candidate, consent, &mut DutyLedger::default(), now)
}

#[test]
fn of_a_thousand_with_37_percent_allowed_only_those_are_chosen_and_the_audit_knows_numbers_alone() {
    let register = register();
    for number in 0..1000 {
        match number % 100 {
            0..37 => agree(&register, &who(number), false),
            37..60 => inform(&register, &who(number)),
            60..62 => make(&register, &who(number), Change::OptedOut),
            _ => {}
        }
    }
    let (mut ledger, rules) = (DutyLedger::default(), AreaRules::default());
    let first = select(&register, &crowd(1000), &mut ledger, &rules, NOW);
    assert_eq!(first.chosen.len(), 370);
    let allowed = |chosen: &Chosen| (0..1000).any(|number| number % 100 < 37 && who(number) == chosen.who);
    assert!(first.chosen.iter().all(allowed));
    assert!(first.chosen.iter().all(|chosen| chosen.permit.keeps() == Keeps::NoIdentity));
    assert_eq!(
        first.audit.counts(),
        [("opted-out", Count::Exactly(20)), ("not-informed", Count::Exactly(380)), ("no-consent", Count::Exactly(230))]
    );
    let shown = format!("{:?}", first.audit);
    assert!(!shown.contains("23415"), "{shown}");
    // Nobody twice within the cap; the next day again.
    let second =
        select(&register, &crowd(1000), &mut ledger, &rules, NOW.after(DAY).before(lcs::Duration::from_secs(1)));
    assert_eq!(second.chosen.len(), 0);
    assert!(second.audit.counts().contains(&("duty", Count::Exactly(370))));
    assert_eq!(select(&register, &crowd(1000), &mut ledger, &rules, NOW.after(DAY)).chosen.len(), 370);
}

#[test]
fn an_area_with_too_few_allowed_is_refused_and_tells_nothing_more() {
    let register = register();
    (0..9).for_each(|number| agree(&register, &who(number), false));
    let (mut ledger, rules) = (DutyLedger::default(), AreaRules::default());
    let refused = select(&register, &crowd(100), &mut ledger, &rules, NOW);
    assert!(refused.chosen.is_empty() && refused.audit.refused_area());
    assert_eq!((refused.audit.counts(), refused.audit.candidates()), (Vec::new(), None));
    agree(&register, &who(9), false);
    let served = select(&register, &crowd(100), &mut ledger, &rules, NOW);
    assert_eq!((served.chosen.len(), served.audit.refused_area()), (10, false));
    // Nobody of the refused area was charged a duty.
    // One alone is never an area, whatever is configured.
    let lax = AreaRules { least_allowed: 0, ..rules };
    assert!(select(&register, &crowd(1), &mut DutyLedger::default(), &lax, NOW).audit.refused_area());
}

#[test]
fn the_same_person_by_two_identities_makes_no_two_of_an_area() {
    let register = register();
    agree(&register, &who(0), false);
    agree(&register, &who(1), false);
    let twice = [crowd(1), crowd(1), crowd(2)].concat();
    let lax = AreaRules { least_allowed: 3, ..AreaRules::default() };
    assert!(select(&register, &twice, &mut DutyLedger::default(), &lax, NOW).audit.refused_area());
}

#[test]
fn small_counts_are_not_told() {
    assert_eq!((0..7).map(Count::of).collect::<Vec<_>>(), {
        use Count::{Exactly, Few, None};
        [None, Few, Few, Few, Few, Exactly(5), Exactly(6)]
    });
    let register = register();
    (0..20).for_each(|number| agree(&register, &who(number), false));
    make(&register, &who(20), Change::OptedOut);
    let got = select(&register, &crowd(21), &mut DutyLedger::default(), &AreaRules::default(), NOW);
    assert_eq!(got.audit.counts(), [("opted-out", Count::Few)]);
    // The total beside the chosen would give it away.
    assert_eq!((got.audit.chosen(), got.audit.candidates()), (20, None));
}

#[test]
fn no_more_are_asked_than_the_job_wants_and_everybody_has_a_chance() {
    let register = register();
    (0..40).for_each(|number| agree(&register, &who(number), false));
    let rules = AreaRules { most: 4, ..AreaRules::default() };
    let mut times = [0; 40];
    let mut draw = Random(1);
    for _ in 0..400 {
        let mut ledger = DutyLedger::default();
        let got = select_area(&area_plan(), &crowd(40), &register, &mut ledger, &rules, &mut draw, NOW).unwrap();
        assert_eq!(got.chosen.len(), 4);
        for chosen in got.chosen {
            times[(0..40).position(|number| who(number) == chosen.who).unwrap()] += 1;
        }
    }
    // 40 each on average; five standard deviations are 30.
    assert!(times.iter().all(|times| (10..=70).contains(times)), "{times:?}");
}

#[test]
fn with_the_register_down_nobody_is_chosen_at_any_of_the_points() {
    let got = select(&Down, &crowd(1000), &mut DutyLedger::default(), &AreaRules::default(), NOW);
    assert!(got.chosen.is_empty());
    let one = crowd(1)[0];
    assert_eq!(ask_one(&subscriber_plan(0), &one, &Down, NOW), Err(Denied::Unavailable.into()));
    assert_eq!(admit_upload(&area_plan(), &one, &Down, NOW), Err(Denied::Unavailable));
}

#[test]
fn a_permit_for_another_question_or_of_another_time_helps_at_no_point() {
    let register = register();
    (0..20).for_each(|number| agree(&register, &who(number), true));
    let later = NOW.after(lcs::Duration::from_secs(3600));
    let stale = Stale(&register);
    assert!(select(&stale, &crowd(20), &mut DutyLedger::default(), &AreaRules::default(), later).chosen.is_empty());
    let one = crowd(1)[0];
    assert!(ask_one(&subscriber_plan(0), &one, &stale, later).is_err());
    assert_eq!(admit_upload(&area_plan(), &one, &stale, later), Err(Denied::Unavailable));
}

#[test]
fn a_subscriber_is_asked_who_agreed_to_that_and_nobody_else_in_the_place() {
    let register = register();
    agree(&register, &who(0), false);
    agree(&register, &who(1), true);
    let [anonymous, identified, stranger] = [0, 1, 2].map(|number| Candidate { who: who(number), registered: home() });
    let ask = |number, candidate| ask_one(&subscriber_plan(number), candidate, &register, NOW);
    assert_eq!(ask(0, &anonymous), Err(Denied::NotIdentified.into()));
    assert_eq!(ask(2, &stranger), Err(Denied::NotInformed.into()));
    assert_eq!(ask(0, &identified), Err(SubscriberRefusal::OtherSubscriber));
    let chosen = ask(1, &identified).unwrap();
    assert_eq!((chosen.permit.keeps(), chosen.permit.plmns()), (Keeps::Identified, &[home()][..]));
    // An opt-out counts at once, for selection and for what arrives later.
    make(&register, &who(1), Change::OptedOut);
    assert_eq!(ask(1, &identified), Err(Denied::OptedOut.into()));
    assert_eq!(admit_upload(&subscriber_plan(1), &identified, &register, NOW), Err(Denied::OptedOut));
}

/// B23: T330 of a job of 600 s, and ten minutes in which the phone may be told.
#[test]
fn no_job_of_an_area_replaces_one_of_a_subscriber_while_it_may_log() {
    let register = register();
    (0..12).for_each(|number| agree(&register, &who(number), true));
    let rules = AreaRules { duty: DutyCap { jobs: 100, within: DAY }, ..AreaRules::default() };
    let mut ledger = DutyLedger::default();
    let chosen = select_subscriber(&subscriber_plan(3), &crowd(12)[3], &register, &mut ledger, NOW).unwrap();
    assert_eq!(chosen.who, who(3));
    let mut picked = |after_s: u64| {
        let now = NOW.after(lcs::Duration::from_secs(after_s));
        let got = select_area(&area_plan(), &crowd(12), &register, &mut ledger, &rules, &mut Random(3), now).unwrap();
        (got.chosen.iter().any(|chosen| chosen.who == who(3)), got.chosen.len(), got.audit.counts())
    };
    assert_eq!(picked(0), (false, 11, vec![("own-job", Count::Few)]));
    assert_eq!(picked(1199), (false, 11, vec![("own-job", Count::Few)]));
    assert_eq!(picked(1200), (true, 12, vec![]));
    // A second job, and a refused third: the later end counts, and who is refused has no job.
    let at = NOW.after(lcs::Duration::from_secs(300));
    select_subscriber(&subscriber_plan(3), &crowd(12)[3], &register, &mut ledger, NOW).unwrap();
    select_subscriber(&subscriber_plan(3), &crowd(12)[3], &register, &mut ledger, at).unwrap();
    let person = chosen.permit.person();
    assert!(ledger.has_own_job(person, NOW.after(lcs::Duration::from_secs(1499))));
    ledger.prune(rules.duty, NOW.after(lcs::Duration::from_secs(1499)));
    assert!(ledger.has_own_job(person, NOW.after(lcs::Duration::from_secs(1499))));
    assert!(!ledger.has_own_job(person, NOW.after(lcs::Duration::from_secs(1500))));
    make(&register, &who(4), Change::OptedOut);
    assert!(select_subscriber(&subscriber_plan(4), &crowd(12)[4], &register, &mut ledger, at).is_err());
    // What is reported at once replaces no log: who is measured so may be asked.
    let immediate = json!({
        "jobType": "IMMEDIATE_MDT_ONLY",
        "traceReference": {"mcc": "234", "mnc": "15", "traceId": "000002"},
        "mdtConfig": {"immediateMDTConfig": {"listOfMeasurements": {"LTE": ["M2"]}}}
    });
    let immediate = Plan::of(&TraceJob::from_json(immediate.to_string().as_bytes()).unwrap()).unwrap();
    assert_eq!(immediate.logs_for(), None);
}

#[test]
fn networks_of_job_and_consent_are_both_needed() {
    let register = register();
    (0..12).for_each(|number| agree(&register, &who(number), false));
    let plan = Plan::of(&job("NO_IDENTITY", &[("234", "30"), ("234", "15")])).unwrap();
    let abroad = PlmnId::new("234", "30").unwrap();
    let mut candidates = crowd(12);
    let got = |candidates: &[Candidate]| {
        let mut ledger = DutyLedger::default();
        select_area(&plan, candidates, &register, &mut ledger, &AreaRules::default(), &mut Random(3), NOW).unwrap()
    };
    let chosen = got(&candidates).chosen;
    assert_eq!(chosen.len(), 12);
    assert!(chosen.iter().all(|chosen| chosen.permit.plmns() == [home()]));
    candidates.iter_mut().for_each(|candidate| candidate.registered = abroad);
    assert!(got(&candidates).chosen.is_empty());
}

#[test]
fn what_a_job_keeps_is_asked_for() {
    let plan = |anonymization| Plan::of(&job(anonymization, &[])).unwrap().question(home());
    assert_eq!((plan("NO_IDENTITY").keeps, plan("TAC_OF_IMEI").keeps), (Keeps::NoIdentity, Keeps::TacOfImei));
    assert_eq!(subscriber_plan(0).question(home()).keeps, Keeps::Identified);
    let mut trace = job("NO_IDENTITY", &[]);
    trace.job_type = crate::job::JobType::TraceOnly;
    assert_eq!(Plan::of(&trace).unwrap_err(), PlanError::JobType);
    let mut phone = job("NO_IDENTITY", &[]);
    let imei = Imei::parse("49015420323751").unwrap();
    phone.trace_target = Some(crate::job::TraceTarget::Subscriber(Subscriber::Imei(imei)));
    let refused = select_area(
        &Plan::of(&phone).unwrap(),
        &[],
        &Down,
        &mut DutyLedger::default(),
        &AreaRules::default(),
        &mut Random(0),
        NOW,
    );
    assert_eq!(refused.unwrap_err(), PlanError::SignallingBased);
    let management = ask_one(&area_plan(), &crowd(1)[0], &Down, NOW);
    assert_eq!(management, Err(SubscriberRefusal::Plan(PlanError::ManagementBased)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whoever_is_chosen_is_allowed_and_within_the_cap(
        agreed in proptest::collection::vec(any::<bool>(), 1..40),
        least in 0_usize..15,
        most in 0_usize..20,
        jobs in 1_usize..3,
        hours in proptest::collection::vec(0_u64..30, 1..6),
        seed in any::<u64>(),
    ) {
        let register = register();
        agreed.iter().enumerate().filter(|(_, yes)| **yes).for_each(|(number, _)| agree(&register, &who(number), false));
        let rules = AreaRules { least_allowed: least, most, duty: DutyCap { jobs, within: DAY } };
        let (mut ledger, mut draw, mut now) = (DutyLedger::default(), Random(seed), NOW);
        let mut history: Vec<(Identities, Timestamp)> = Vec::new();
        for hour in hours {
            now = now.after(lcs::Duration::from_secs(hour * 3600));
            let got = select_area(&area_plan(), &crowd(agreed.len()), &register, &mut ledger, &rules, &mut draw, now).unwrap();
            prop_assert!(got.chosen.len() <= most);
            let allowed = agreed.iter().filter(|yes| **yes).count();
            prop_assert_eq!(got.audit.refused_area(), allowed < least.max(2));
            for chosen in got.chosen {
                let number = (0..agreed.len()).find(|number| who(*number) == chosen.who).unwrap();
                prop_assert!(agreed[number]);
                history.push((chosen.who, now));
            }
            for (who, _) in &history {
                let recent = history.iter().filter(|(other, at)| other == who && at.after(DAY) > now).count();
                prop_assert!(recent <= jobs);
            }
            ledger.prune(rules.duty, now);
        }
    }
}
