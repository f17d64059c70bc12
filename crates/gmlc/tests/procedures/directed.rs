//! The procedure vectors of TS 23.271 clause 9.1.1, one by one.

use crate::{
    people::{Asked, N, Plain, Who},
    world::World,
};

#[test]
fn allowed_without_notification() {
    let mut world = World::with(Plain::listed(N));
    let answered = world.answer(&Asked::by(Who::Listed, 0));
    assert!(answered.fix().is_some(), "{answered:?}");
    assert_eq!(answered.counts(), (1, 1, 0));
}
