//! The same procedures by a register elsewhere: every end is what it is by one in the same process, and nothing is answered where
//! the register cannot be asked, or answers what is no answer.

use crate::{
    changes, directed, mo_lr,
    network::{Simulated, User},
    people::{self, Asked, N, NT, Plain, VA, VR, Who, X, Zone},
    random,
    world::World,
};
use gmlc::Network as _;
use lcs::{Failure, Identities, LocationType, PrivacySetting, RefusalReason, Target};
use privacy::{
    Authorisation, Checks, Lpp, LppFault, LppId, LppStage, LppStanding, Policy, Ppr, RemotePpr, RuleId, Stands,
    Verdict, disclosure::Subject,
};
use std::{
    cell::{Cell, RefCell},
    sync::{Arc, Mutex},
};

thread_local! {
    /// Whether worlds made on this thread have their register elsewhere.
    static ELSEWHERE: Cell<bool> = const { Cell::new(false) };
    /// The road of the world made last.
    static ROAD: RefCell<Option<InProcess>> = const { RefCell::new(None) };
}

/// What is wrong with the road, or with who answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Trouble {
    Fault(LppFault),
    OtherId,
    OtherSubscriber,
    NoSubscriber,
    ContradictingImsi,
    Verinym,
    NothingAllowed,
    RelatedMissing,
    RelatedUnasked,
    CoarsenedBefore,
}

const TROUBLES: [Trouble; 12] = [
    Trouble::Fault(LppFault::Unreachable),
    Trouble::Fault(LppFault::Forbidden),
    Trouble::Fault(LppFault::Strange),
    Trouble::OtherId,
    Trouble::OtherSubscriber,
    Trouble::NoSubscriber,
    Trouble::ContradictingImsi,
    Trouble::Verinym,
    Trouble::NothingAllowed,
    Trouble::RelatedMissing,
    Trouble::RelatedUnasked,
    Trouble::CoarsenedBefore,
];

#[derive(Default)]
struct Line {
    /// Questions so far.
    asked: Vec<&'static str>,
    /// From this question on, that.
    trouble: Option<(usize, Trouble)>,
    /// Estimates that were shown.
    estimates: usize,
}

/// A road without a wire.
#[derive(Clone)]
pub(crate) struct InProcess {
    ppr: Arc<Ppr>,
    network: Arc<Simulated>,
    line: Arc<Mutex<Line>>,
}

impl InProcess {
    /// Takes note of a question; the trouble that it meets.
    fn note(&self, what: &'static str) -> Option<Trouble> {
        let mut line = self.line.lock().unwrap();
        line.asked.push(what);
        let at = line.asked.len();
        line.trouble.filter(|(from, _)| at >= *from).map(|(_, trouble)| trouble)
    }

    fn asked(&self) -> Vec<&'static str> {
        self.line.lock().unwrap().asked.clone()
    }
}

fn other() -> Identities {
    Identities { imsi: Some(people::imsi(77)), msisdn: Some(people::msisdn(77)), imei: None }
}

impl Lpp for InProcess {
    async fn authorise(&self, asked: &Authorisation<'_>) -> Result<Verdict, LppFault> {
        let after = matches!(asked.stage, LppStage::AfterPositioning(_));
        if let LppStage::AfterPositioning(Some(_)) = asked.stage {
            self.line.lock().unwrap().estimates += 1;
        }
        let trouble = self.note(if after { "after" } else { "before" });
        let mut verdict = self.ppr.answer(asked, lcs_now(&self.network));
        let both = |verdict: &mut Verdict, change: &dyn Fn(&mut privacy::Allowed)| {
            if let Ok(allowed) = &mut verdict.outcome {
                change(allowed);
            }
        };
        match trouble {
            None => {}
            Some(Trouble::Fault(fault)) => return Err(fault),
            Some(Trouble::OtherId) => verdict.id = LppId([9; 16]),
            Some(Trouble::OtherSubscriber) => verdict.identities = other(),
            Some(Trouble::NoSubscriber) => verdict.identities = Identities::default(),
            Some(Trouble::ContradictingImsi) => {
                verdict.identities = Identities { imsi: other().imsi, ..asked.identities.or(verdict.identities) };
                // To one that was asked about by its number alone, another IMSI is no contradiction yet.
                if asked.identities.imsi.is_none() {
                    verdict.identities.msisdn = other().msisdn;
                }
            }
            Some(Trouble::Verinym) => verdict.verinym = Some(asked.identities),
            Some(Trouble::NothingAllowed) => both(&mut verdict, &|allowed| {
                allowed.unrelated = X;
                allowed.related = allowed.related.map(|_| X);
            }),
            Some(Trouble::RelatedMissing) if asked.asks_related() => {
                both(&mut verdict, &|allowed| allowed.related = None)
            }
            Some(Trouble::RelatedMissing | Trouble::RelatedUnasked) => {
                both(&mut verdict, &|allowed| allowed.related = if asked.asks_related() { None } else { Some(N) });
            }
            Some(Trouble::CoarsenedBefore) if !after => both(&mut verdict, &|allowed| allowed.coarsen_m = Some(5)),
            Some(Trouble::CoarsenedBefore) => return Err(LppFault::Strange),
        }
        Ok(verdict)
    }

    async fn standing(&self, asked: &LppStanding) -> Result<Stands, LppFault> {
        let trouble = self.note("standing");
        let mut stands = self.ppr.answer_standing(asked, lcs_now(&self.network));
        match trouble {
            None => {}
            Some(Trouble::Fault(fault)) => return Err(fault),
            // Of the others this answer can have another name alone.
            Some(_) => stands.id = LppId([9; 16]),
        }
        Ok(stands)
    }

    fn resolves_pseudonyms(&self) -> bool {
        false
    }

    fn misbelongs(&self) {}
}

fn lcs_now(network: &Simulated) -> lcs::Timestamp {
    network.now()
}

/// Whom the gateway of a world asks.
pub(crate) fn checks(network: &Arc<Simulated>, ppr: &Arc<Ppr>, policy: Policy) -> Checks<InProcess> {
    if !ELSEWHERE.get() {
        return Checks::Here(Ppr::clone(ppr));
    }
    let road = InProcess { ppr: Arc::clone(ppr), network: Arc::clone(network), line: Arc::default() };
    ROAD.set(Some(road.clone()));
    // The register alone has a default profile.
    Checks::Elsewhere(RemotePpr::new(road, Policy { default_profile: None, ..policy }))
}

fn elsewhere<T>(what: impl FnOnce() -> T) -> T {
    ELSEWHERE.set(true);
    let got = what();
    ELSEWHERE.set(false);
    got
}

fn with(plain: Plain) -> (World, InProcess) {
    let world = elsewhere(|| World::with(plain));
    (world, ROAD.take().unwrap())
}

#[test]
fn nothing_that_must_not_happen_happens_by_a_register_elsewhere() {
    elsewhere(|| random::every_seed(0..64));
}

/// All ends over the random profiles and requests are the same by both, and so are their records but for what says where the
/// register is.
#[test]
fn a_register_elsewhere_comes_to_the_same_end() {
    for seed in 0..4000 {
        let (plain, asked, user, session) = random::case(seed);
        let end = |mut world: World| {
            world.network.phone(0, |phone| phone.kept = None);
            world.network.phone(0, |phone| (phone.user, phone.session) = (user, session));
            let answered = world.answer(&asked);
            let entry = answered.entry().clone();
            let told: Vec<_> = answered.sent.clone();
            (answered.failure(), entry.ending.rule, entry.ending.basis, entry.ending.notification, format!("{told:?}"))
        };
        let here = end(World::with(plain));
        let there = end(with(plain).0);
        assert_eq!(here, there, "seed {seed}: {plain:?} {asked:?}");
    }
}

/// What the procedures do by one register they do by another.
#[test]
fn procedures_by_a_register_elsewhere() {
    elsewhere(|| {
        directed::allowed_without_notification_is_one_question_to_the_hss_and_one_to_the_node();
        directed::every_setting_with_every_user();
        directed::refusals_before_positioning_cost_no_signalling();
        directed::a_codeword_goes_to_the_node_only_if_the_user_is_to_see_it();
        directed::the_related_indicator_counts_while_the_session_is_up();
        directed::service_coverage_is_the_country_of_the_node();
        directed::a_position_kept_from_earlier_serves_only_where_nobody_need_be_told();
        directed::assured_takes_no_estimate_that_misses_its_accuracy();
        directed::area_rules_refuse_or_coarsen_by_where_the_subscriber_is();
        directed::a_profile_under_the_other_key_is_found_by_the_hss();
        directed::without_a_profile_the_hss_decides_between_unknown_and_refused();
        directed::an_hss_that_contradicts_the_register_is_refused();
        directed::a_pseudonym_that_does_not_resolve_costs_no_signalling();
        directed::behind_a_pseudonym_the_subscriber_decides_as_ever_and_the_entry_does_not_tell_it();
        directed::a_pseudonym_whose_number_has_another_owner_leads_to_nobody();
        directed::a_node_that_cannot_keep_to_the_settings_is_not_asked();
        directed::other_nodes_are_asked_while_none_serves_and_four_at_most();
        directed::another_node_is_asked_only_where_the_first_did_nothing();
        directed::a_node_that_cannot_be_told_is_no_second_one();
        directed::every_failure_of_the_node_is_its_own_end();
        directed::an_answer_is_as_late_as_the_deadline_at_most();
        changes::who_withdraws_on_the_way_is_not_located();
        changes::a_network_that_fails_in_the_second_round_is_not_the_users_refusal();
        changes::a_route_that_no_longer_holds_is_asked_for_anew();
        changes::a_refusal_by_what_a_kept_route_says_is_made_sure_of();
        changes::a_client_that_goes_away_leaves_an_entry();
        changes::nothing_leaves_before_its_entry_is_durable();
        changes::a_full_disk_releases_nothing_and_the_gap_is_told();
        changes::a_log_that_is_closed_ends_requests();
        changes::coordinates_are_recorded_only_if_the_operator_keeps_them();
        mo_lr::what_a_subscriber_sends_is_given_and_recorded_as_the_own_request();
        mo_lr::who_withdrew_or_is_unknown_sends_nothing();
        mo_lr::without_a_position_that_can_be_told_there_is_nothing_to_send();
        mo_lr::under_any_other_ticket_nothing_is_cleared();
        mo_lr::what_cannot_be_recorded_goes_nowhere();
    });
}

/// The register cannot be asked, or answers what is no answer, at each question: nobody is located, and what was not asked yet is not.
#[test]
fn without_a_sound_answer_there_is_no_position() {
    let zone = Plain { zone: Some(Zone::Allow), ..Plain::listed(N) };
    let twice = Plain { notify_after: true, ..Plain::listed(NT) };
    // With which questions, in order.
    let cases: [(Plain, &[&str]); 3] = [
        (Plain::listed(N), &["before", "standing"]),
        (zone, &["before", "after"]),
        (twice, &["before", "standing", "standing"]),
    ];
    for (plain, questions) in cases {
        let (mut world, road) = with(plain);
        assert!(world.answer(&Asked::by(Who::Listed, 0)).end.unwrap().fix().is_some());
        assert_eq!(road.asked(), questions);
        assert_eq!(road.line.lock().unwrap().estimates, usize::from(plain.zone.is_some()));
        for at in 1..=questions.len() {
            for trouble in TROUBLES {
                let (mut world, road) = with(plain);
                road.line.lock().unwrap().trouble = Some((at, trouble));
                let answered = world.answer(&Asked::by(Who::Listed, 0));
                assert_eq!(
                    answered.failure(),
                    Some(Failure::Refused(RefusalReason::ProfileUnreadable)),
                    "{plain:?} {at} {trouble:?}"
                );
                let entry = answered.entry();
                assert_eq!(entry.ending.rule, Some(RuleId::PprAnswer));
                // Nothing is asked twice, nor the network without a first answer.
                assert_eq!(road.asked(), questions[..at]);
                assert_eq!(answered.sent.is_empty(), at == 1, "{plain:?} {at} {trouble:?}");
            }
        }
    }
}

/// Profiles that change between the checks: what became stricter refuses, what became looser changes nothing.
#[test]
fn a_profile_that_changes_under_a_request_with_an_area() {
    const ALL: [PrivacySetting; 4] = [N, NT, VA, VR];
    for before in ALL {
        for after in ALL {
            let zoned = |setting| Plain { zone: Some(Zone::Allow), ..Plain::listed(setting) };
            let (mut world, _) = with(zoned(before));
            world.network.phone(0, |phone| phone.user = User::Accepts);
            let task = world.ask(&Asked::by(Who::Listed, 0));
            changes::until_asked(&mut world, task, 1);
            world.subscribe(0, zoned(after));
            world.settle();
            let answered = world.answered(task);
            let located = answered.end.as_ref().unwrap().fix().is_some();
            assert_eq!(located, after <= before, "{before:?} {after:?}");
        }
    }
}

/// The record of the end is sealed for the subscriber whom the register told, also of a refusal.
#[test]
fn records_are_the_subscribers() {
    for (plain, located) in [(Plain::listed(N), true), (Plain { opted_out: true, ..Plain::listed(N) }, false)] {
        let (mut world, _) = with(plain);
        let answered = world.answer(&Asked::by(Who::Listed, 0));
        assert_eq!(answered.end.as_ref().unwrap().fix().is_some(), located);
        assert!(matches!(answered.entries.last().unwrap().1, Subject::Subscriber(_)));
    }
    let (mut world, _) = with(Plain::listed(N));
    let stranger = Asked { target: Target::Msisdn(people::msisdn(5)), ..Asked::by(Who::Listed, 0) };
    let answered = world.answer(&Asked { location_type: LocationType::Current, ..stranger });
    assert!(matches!(answered.entries.last().unwrap().1, Subject::Operator));
}
