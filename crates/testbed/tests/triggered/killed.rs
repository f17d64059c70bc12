//! `kill -9` between a request and its report: the request is still there, and its report comes.

use super::scene::{HOME, SCHOOL, Scene, complete, school, told};
use mlp::AreaChange;

#[tokio::test]
async fn a_report_comes_although_the_gateway_was_killed_before_it() {
    let (mut scene, gateway) = Scene::new().await;
    scene.go(2, SCHOOL).await;
    let entering = scene.armed(&gateway, 1, school(AreaChange::Entering, None)).await;
    let leaving = scene.armed(&gateway, 2, school(AreaChange::Leaving, Some(2))).await;
    scene.go(2, HOME).await;
    scene.reported(&leaving, 2, HOME).await;
    gateway.kill().await;

    // Before anybody is there to hear of it, and after.
    scene.go(1, SCHOOL).await;
    scene.go(2, SCHOOL).await;
    let gateway = scene.lab.start().await;
    scene.lab.network.connected().await;
    // The node's next try.
    scene.advance(16).await;
    scene.reported(&entering, 1, SCHOOL).await;
    scene.go(2, HOME).await;
    scene.reported(&leaving, 2, HOME).await;
    scene.free(1).await;
    scene.free(2).await;
    gateway.stop().await;
    assert_eq!(told(&scene.entries(&entering).await), complete(1));
    assert_eq!(told(&scene.entries(&leaving).await), complete(2));
    scene.lab.verified().await;
}
