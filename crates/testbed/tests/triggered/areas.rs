//! Entering, leaving and being inside, once and several times.

use super::scene::{HOME, SCHOOL, Scene, complete, school, told};
use mlp::AreaChange;

#[tokio::test]
async fn entering_leaving_and_being_inside_are_told_once() {
    let (mut scene, gateway) = Scene::new().await;
    let mut all = Vec::new();
    for (change, number, before, after) in [
        (AreaChange::Entering, 1, HOME, SCHOOL),
        (AreaChange::Leaving, 2, SCHOOL, HOME),
        (AreaChange::Within, 3, HOME, SCHOOL),
        // There already.
        (AreaChange::Within, 4, SCHOOL, SCHOOL),
    ] {
        scene.go(number, before).await;
        let armed = scene.armed(&gateway, number, school(change, None)).await;
        scene.go(number, after).await;
        let report = scene.reported(&armed, number, after).await;
        assert_eq!(report.time_remaining_s, None, "{change:?}: the last one");
        scene.free(number).await;
        all.push(armed);
    }
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    for armed in all {
        assert_eq!(told(&scene.entries(&armed).await), complete(1));
    }
    scene.lab.verified().await;
}

#[tokio::test]
async fn each_time_is_told_as_often_as_was_asked() {
    let (mut scene, gateway) = Scene::new().await;
    let mut all = Vec::new();
    for (change, number, before, after) in
        [(AreaChange::Entering, 1, HOME, SCHOOL), (AreaChange::Leaving, 2, SCHOOL, HOME)]
    {
        scene.go(number, before).await;
        let armed = scene.armed(&gateway, number, school(change, Some(3))).await;
        for at in 1..=3 {
            scene.go(number, after).await;
            let report = scene.reported(&armed, number, after).await;
            assert_eq!(report.time_remaining_s.is_some(), at < 3, "{change:?} {at}");
            scene.go(number, before).await;
            scene.advance(10).await;
        }
        scene.free(number).await;
        all.push(armed);
    }
    let armed = scene.armed(&gateway, 3, school(AreaChange::Within, Some(3))).await;
    scene.go(3, SCHOOL).await;
    for _ in 1..=3 {
        scene.reported(&armed, 3, SCHOOL).await;
        scene.advance(10).await;
    }
    scene.free(3).await;
    all.push(armed);
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    for armed in all {
        assert_eq!(told(&scene.entries(&armed).await), complete(3));
    }
    scene.lab.verified().await;
}
