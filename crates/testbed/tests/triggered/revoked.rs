//! The subscriber takes back the permission while a request waits: it ends, the client is told, and no report follows.

use super::lab::who;
use super::scene::{HOME, SCHOOL, Scene, complete, school, told};
use mlp::AreaChange;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_request_ends_when_the_subscriber_takes_the_permission_back() {
    let (mut scene, gateway) = Scene::new().await;
    let opted_out = json!({"opted_out": true});
    for (number, method, change) in [(1, Method::PATCH, &opted_out), (2, Method::PUT, &json!({}))] {
        let armed = scene.armed(&gateway, number, school(AreaChange::Entering, Some(5))).await;
        scene.go(number, SCHOOL).await;
        scene.reported(&armed, number, SCHOOL).await;

        gateway.done(method, "/v1/subscriber", Some(&who(number)), Some(change)).await;
        let end = scene.next().await;
        assert_eq!((end.element.as_str(), end.request_id.as_ref()), ("tlrsa", Some(&armed.request_id)));
        scene.free(number).await;
        // What happens now, nobody hears of: the next that the client is told is about another.
        scene.go(number, HOME).await;
        scene.advance(10).await;
        scene.go(number, SCHOOL).await;
        let refused = scene.ask(&gateway, number, school(AreaChange::Entering, None)).await;
        assert!(refused.request_id.is_none() && refused.result.is_some(), "{refused:?}");
        let other = scene.armed(&gateway, number + 4, school(AreaChange::Entering, None)).await;
        scene.go(number + 4, SCHOOL).await;
        scene.reported(&other, number + 4, SCHOOL).await;

        let entries = scene.entries(&armed).await;
        let mut wanted = complete(1);
        wanted.push(("cancel deferred", "refused"));
        assert_eq!(told(&entries), wanted);
        assert_eq!(told(&scene.entries(&other).await), complete(1));
    }
    gateway.stop().await;
    assert_eq!(scene.doubles, 0, "told twice");
    scene.lab.verified().await;
}
