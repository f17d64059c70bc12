//! The person at the terminal is asked where the profile says so; no, silence, an opt-out or no profile end in nothing.

use super::process::until;
use super::world::{ORIGIN, World, field, location};
use reqwest::{Method, StatusCode};
use serde_json::json;
use testbed::pull::Terminal;

/// Goes to the shop, which must end at the question: its address and its page.
async fn asked(world: &World, terminal: &Terminal) -> (String, String) {
    let answer = terminal.visit(&format!("{}/cart?id=7", world.shop.origin())).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let question = location(&answer);
    assert!(question.starts_with(&format!("{ORIGIN}/consent?question=")), "{question}");
    let page = terminal.visit(&question).await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    for (name, value) in
        [("cache-control", "no-store"), ("x-frame-options", "DENY"), ("referrer-policy", "same-origin")]
    {
        assert_eq!(page.headers()[name], value);
    }
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    (question, page.text().await.unwrap())
}

async fn answer(terminal: &Terminal, page: &str, word: &str) -> reqwest::Response {
    let (question, token) = (field(page, "question"), field(page, "token"));
    let form = [("question", question.as_str()), ("token", token.as_str()), ("answer", word)];
    terminal.submit(&format!("{ORIGIN}/consent"), ORIGIN, &form).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_says_yes_goes_on_and_is_not_asked_again_for_a_while() {
    let world = World::new().await;
    for (number, setting) in [(1, "notify"), (2, "verify_allow"), (3, "verify_restrict")] {
        world.setting(number, setting).await;
        let terminal = world.terminal(number).await;
        let before = world.shop.let_in().len();
        let (_, page) = asked(&world, &terminal).await;
        assert!(page.contains("Laboratory") && page.contains("shop"));
        assert_eq!(world.shop.let_in().len(), before);
        let back = answer(&terminal, &page, "yes").await;
        assert_eq!(back.status(), StatusCode::SEE_OTHER);
        let to = location(&back);
        assert_eq!(to, format!("{}/cart?id=7", world.shop.origin()));
        for _ in 0..2 {
            assert_eq!(terminal.visit(&to).await.unwrap().status(), StatusCode::OK);
        }
        assert_eq!(world.shop.let_in().len(), before + 2);
        // The other client is another question.
        assert_eq!(terminal.visit(&world.fleet.origin()).await.unwrap().status(), StatusCode::SEE_OTHER);
        // A form is good for once.
        assert_eq!(answer(&terminal, &page, "yes").await.status(), StatusCode::GONE);
        // A profile that is shut meanwhile counts at once.
        world.setting(number, "denied").await;
        assert_eq!(terminal.visit(&to).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    let entries = world.stopped().await;
    let of = |outcome: &str, notification: &str| {
        entries.iter().filter(|e| e["outcome"] == outcome && e["notification"] == notification).count()
    };
    // For each person: the answer, two introductions, the one that came too late, the question of the other client that the stop ended.
    assert_eq!((entries.len(), of("allowed", "accepted")), (15, 9), "{entries:?}");
    assert_eq!((of("refused", "no answer"), of("refused", "accepted")), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_says_no_is_told_of_to_nobody() {
    let world = World::new().await;
    world.setting(1, "verify_allow").await;
    let terminal = world.terminal(1).await;
    let (_, page) = asked(&world, &terminal).await;
    let to = location(&answer(&terminal, &page, "no").await);
    let again = terminal.visit(&to).await.unwrap();
    // The client's own answer, as if there were no proxy.
    assert_eq!((again.status(), again.text().await.unwrap().as_str()), (StatusCode::UNAUTHORIZED, "who are you?\n"));
    assert!(world.shop.let_in().is_empty() && world.shop.seen().iter().all(|seen| seen.token().is_none()));
    assert_eq!((world.counted("asked").await, world.counted("said_no").await), (1, 2));
    let entries = world.stopped().await;
    let told: Vec<_> = entries.iter().map(|entry| (&entry["outcome"], &entry["notification"])).collect();
    assert_eq!(told, [(&json!("refused"), &json!("denied")), (&json!("refused"), &json!("denied"))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_no_and_the_next_visit_asks_again() {
    let world = World::with("ask_s = 1", "[pmd]\nrealm = 'h.gmlc.example'\n[roles]\npmd = true\n").await;
    world.setting(1, "verify_allow").await;
    let terminal = world.terminal(1).await;
    let answer_1 = terminal.visit(&world.shop.origin()).await.unwrap();
    let question = location(&answer_1);
    until("the question ends", async || (world.counted("no_answer").await == 1).then_some(())).await;
    assert_eq!(terminal.visit(&question).await.unwrap().status(), StatusCode::GONE);
    assert_ne!(location(&terminal.visit(&world.shop.origin()).await.unwrap()), question);
    assert!(world.shop.let_in().is_empty());
    let entries = world.stopped().await;
    assert_eq!((&entries[0]["outcome"], &entries[0]["notification"]), (&json!("refused"), &json!("no answer")));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shut_the_profile_opted_out_or_has_none_is_not_even_asked() {
    let world = World::new().await;
    world.setting(1, "denied").await;
    world.gateway.done(Method::POST, "/v1/subscriber/opt-out", Some(&super::lab::who(2)), None).await;
    world
        .gateway
        .done(Method::PATCH, "/v1/subscriber", Some(&super::lab::who(3)), Some(&json!({"switched_off": true})))
        .await;
    world.gateway.done(Method::DELETE, "/v1/subscriber", Some(&super::lab::who(4)), None).await;
    for number in [1, 2, 3, 4] {
        let terminal = world.terminal(number).await;
        let answer = terminal.visit(&world.shop.origin()).await.unwrap();
        assert_eq!(
            (answer.status(), answer.text().await.unwrap().as_str()),
            (StatusCode::UNAUTHORIZED, "who are you?\n")
        );
    }
    // A terminal that the network did not tell of.
    assert_eq!(world.terminal_at(9).visit(&world.shop.origin()).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!((world.counted("refused").await, world.counted("unknown").await), (4, 1));
    assert!(world.shop.let_in().is_empty());
    let entries = world.stopped().await;
    assert!(entries.len() == 4 && entries.iter().all(|entry| entry["outcome"] == "refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answers_for_another() {
    let world = World::new().await;
    for number in [1, 2] {
        world.setting(number, "verify_restrict").await;
    }
    let (one, two) = (world.terminal(1).await, world.terminal(2).await);
    let (question, page) = asked(&world, &one).await;
    // Another terminal, one that is nobody's, and one outside the network.
    assert_eq!(two.visit(&question).await.unwrap().status(), StatusCode::GONE);
    assert_eq!(world.terminal_at(9).visit(&question).await.unwrap().status(), StatusCode::GONE);
    assert_eq!(answer(&two, &page, "yes").await.status(), StatusCode::GONE);
    let outside = Terminal::new("127.0.0.1".parse().unwrap(), world.pull).unwrap();
    assert_eq!(outside.visit(&question).await.unwrap().status(), StatusCode::FORBIDDEN);
    // A form of another site, one of another origin by its own word, a guessed token, no answer.
    let (id, token) = (field(&page, "question"), field(&page, "token"));
    let form = [("question", id.as_str()), ("token", token.as_str()), ("answer", "yes")];
    let to = format!("{ORIGIN}/consent");
    for origin in [world.shop.origin().as_str(), "null", "http://pseudonym.example.net:81"] {
        assert_eq!(one.submit(&to, origin, &form).await.unwrap().status(), StatusCode::FORBIDDEN, "{origin}");
    }
    let cross = one.request(Method::POST, &to).header("Sec-Fetch-Site", "cross-site").body("answer=yes").send();
    assert_eq!(cross.await.unwrap().status(), StatusCode::FORBIDDEN);
    let guessed = [form[0], ("token", &id), form[2]];
    assert_eq!(one.submit(&to, ORIGIN, &guessed).await.unwrap().status(), StatusCode::GONE);
    for wrong in [&form[..2], &[form[0], form[1], ("answer", "maybe")], &[form[0], form[1], form[2], form[2]]] {
        assert_eq!(one.submit(&to, ORIGIN, wrong).await.unwrap().status(), StatusCode::BAD_REQUEST);
    }
    let long = "x".repeat(2000);
    let long = one.submit(&to, ORIGIN, &[("answer", &long)]).await.unwrap();
    assert_eq!(long.status(), StatusCode::PAYLOAD_TOO_LARGE);
    // A name of somebody else's that leads here gets no page.
    let rebound = one.request(Method::GET, &format!("http://{}/consent?question={id}", world.pull));
    assert!(!rebound.send().await.unwrap().status().is_success());
    assert!(world.shop.let_in().is_empty());
    // None of it used the question up.
    assert_eq!(answer(&one, &page, "yes").await.status(), StatusCode::SEE_OTHER);
    world.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_put_to_people_and_not_to_pictures() {
    let world = World::new().await;
    world.setting(1, "notify").await;
    let terminal = world.terminal(1).await;
    let fetched = terminal.request(Method::GET, &world.shop.origin()).header("Accept", "image/*").send().await.unwrap();
    assert_eq!(fetched.status(), StatusCode::UNAUTHORIZED);
    let posted =
        terminal.request(Method::POST, &world.shop.origin()).header("Accept", "text/html").send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((world.counted("unasked").await, world.counted("asked").await), (2, 0));
    // One question at a time, whatever else is fetched meanwhile.
    let first = location(&terminal.visit(&world.shop.origin()).await.unwrap());
    assert_eq!(location(&terminal.visit(&format!("{}/b", world.shop.origin())).await.unwrap()), first);
    assert_eq!(world.counted("asked").await, 1);
    world.gateway.stop().await;
}
