use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const PLR: CommandCode = CommandCode(8_388_620);
const SLG: ApplicationId = ApplicationId(16_777_255);

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn table(limit: usize) -> Transactions<u32> {
    Transactions::new(limit, 0x0123_4567_89ab_cdef)
}

#[test]
fn an_answer_is_matched_once() {
    let mut table = table(8);
    let id = table.insert(PLR, SLG, at(5), 77).unwrap();
    assert_eq!(table.answer(id, PLR, SLG), Ok(77));
    assert_eq!(table.answer(id, PLR, SLG), Err(Stray::Unknown), "a repeated answer");
    assert_eq!(table.answer(id ^ 0x8000_0000, PLR, SLG), Err(Stray::Unknown), "an answer to nothing");
    assert!(table.is_empty());
}

#[test]
fn another_command_or_application_leaves_the_request_under_way() {
    let mut table = table(8);
    let id = table.insert(PLR, SLG, at(5), 77).unwrap();
    assert_eq!(table.answer(id, CommandCode(1), SLG), Err(Stray::Mismatch));
    assert_eq!(table.answer(id, PLR, ApplicationId(1)), Err(Stray::Mismatch));
    assert_eq!(table.answer(id, PLR, SLG), Ok(77));
}

#[test]
fn a_late_answer_does_not_meet_the_next_request_in_the_slot() {
    let mut table = table(1);
    let mut old = Vec::new();
    for round in 0..1000 {
        let id = table.insert(PLR, SLG, at(5), round).unwrap();
        assert!(!old.contains(&id));
        for &late in &old {
            assert_eq!(table.answer(late, PLR, SLG), Err(Stray::Unknown));
        }
        assert_eq!(table.cancel(id), Some(round));
        old.push(id);
    }
}

#[test]
fn a_full_table_says_so_and_empties() {
    let mut table = table(3);
    let ids: Vec<_> = (0..3).map(|value| table.insert(PLR, SLG, at(5), value).unwrap()).collect();
    assert!(table.is_full());
    assert_eq!(table.insert(PLR, SLG, at(5), 9), Err(Full));
    table.cancel(ids[1]);
    assert!(table.insert(PLR, SLG, at(5), 9).is_ok());
    let mut rest: Vec<_> = table.drain().collect();
    rest.sort_unstable();
    assert_eq!(rest, [0, 2, 9]);
    assert!(table.is_empty() && table.deadline().is_none());
    assert!(table.insert(PLR, SLG, at(5), 1).is_ok());
}

#[test]
fn requests_expire_in_order_of_their_deadlines() {
    let mut table = table(8);
    for seconds in [5, 3, 9, 4] {
        table.insert(PLR, SLG, at(seconds), seconds as u32).unwrap();
    }
    let three = table.iter_mut().find(|(_, value)| **value == 3).map(|(id, _)| id).unwrap();
    assert_eq!(table.deadline(), Some(at(3)));
    table.cancel(three);
    assert_eq!(table.deadline(), Some(at(4)));
    assert_eq!(table.expire(at(3)), None);
    assert_eq!([table.expire(at(5)), table.expire(at(5)), table.expire(at(5))], [Some(4), Some(5), None]);
    assert_eq!(table.deadline(), Some(at(9)));
}

#[test]
fn the_deadline_queue_does_not_grow_with_answered_requests() {
    let mut table = table(4);
    for round in 0..100_000 {
        let id = table.insert(PLR, SLG, at(3600), round).unwrap();
        table.answer(id, PLR, SLG).unwrap();
    }
    assert!(table.deadlines.len() < 128, "{}", table.deadlines.len());
    assert_eq!(table.slots.len(), 1);
}

#[derive(Debug, Clone)]
enum Op {
    Insert { seconds: u64 },
    Answer { nth: usize },
    Cancel { nth: usize },
    Pass { seconds: u64 },
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (1_u64..20).prop_map(|seconds| Op::Insert { seconds }),
        2 => (0_usize..64).prop_map(|nth| Op::Answer { nth }),
        1 => (0_usize..64).prop_map(|nth| Op::Cancel { nth }),
        1 => (0_u64..10).prop_map(|seconds| Op::Pass { seconds }),
    ]
}

proptest! {
    /// Against a plain map: identifiers are unique, every request ends once, none is lost, none outlives its deadline.
    #[test]
    fn the_table_agrees_with_a_map(limit in 1_usize..20, random: u64, ops in prop::collection::vec(op(), 1..200)) {
        let mut table = Transactions::new(limit, random);
        let mut model: HashMap<u32, (u64, u32)> = HashMap::new();
        let mut every = Vec::new();
        let mut now = 0;
        for (tag, op) in (0_u32..).zip(ops) {
            match op {
                Op::Insert { seconds } => match table.insert(PLR, SLG, at(now + seconds), tag) {
                    Ok(id) => {
                        prop_assert!(model.insert(id, (now + seconds, tag)).is_none());
                        every.push(id);
                    }
                    Err(Full) => prop_assert_eq!(model.len(), limit),
                },
                Op::Answer { nth } if !every.is_empty() => {
                    let id = every[nth % every.len()];
                    let expected = model.remove(&id).map(|(_, tag)| tag).ok_or(Stray::Unknown);
                    prop_assert_eq!(table.answer(id, PLR, SLG), expected);
                }
                Op::Cancel { nth } if !every.is_empty() => {
                    let id = every[nth % every.len()];
                    prop_assert_eq!(table.cancel(id), model.remove(&id).map(|(_, tag)| tag));
                }
                Op::Pass { seconds } => {
                    now += seconds;
                    while let Some(tag) = table.expire(at(now)) {
                        let id = model.iter().find(|(_, value)| value.1 == tag).map(|(&id, _)| id).unwrap();
                        prop_assert!(model.remove(&id).unwrap().0 <= now);
                    }
                    prop_assert!(model.values().all(|value| value.0 > now));
                }
                Op::Answer { .. } | Op::Cancel { .. } => {}
            }
            prop_assert_eq!(table.len(), model.len());
            prop_assert_eq!(table.deadline(), model.values().map(|value| at(value.0)).min());
        }
    }
}
