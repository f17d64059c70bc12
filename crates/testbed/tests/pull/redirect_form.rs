//! The redirect form: the service sends the browser to the operator, which sends it back with a form that has the token.

use super::world::{ORIGIN, World, field, location};
use reqwest::{Method, Response, StatusCode};
use testbed::pull::Terminal;

/// The address to which the shop sends a browser; `change` replaces or takes out parameters.
async fn address(world: &World, change: &[(&str, Option<&str>)]) -> String {
    // The service's own nonce, out of its challenge.
    let challenge = reqwest::get(world.shop.origin()).await.unwrap();
    let challenge = assertion::Challenge::find([challenge.headers()["www-authenticate"].as_bytes()]).unwrap().unwrap();
    let back = format!("{}/back", world.shop.origin()).replace(':', "%3A").replace('/', "%2F");
    let mut parameters = vec![
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("scope", "openid"),
        ("client_id", "shop"),
        ("redirect_uri", &back),
        ("nonce", challenge.nonce()),
        ("state", "a%22%3Cb"),
    ];
    for (name, value) in change {
        parameters.retain(|(known, _)| known != name || value.is_some_and(|value| value.starts_with("twice")));
        parameters.extend(value.map(|value| (*name, value)));
    }
    let query: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{ORIGIN}/authorize?{}", query.join("&"))
}

/// Sends the form on, as the page's script does: what the shop says, and the state that it gets back.
async fn sent_on(world: &World, terminal: &Terminal, page: Response) -> (StatusCode, String) {
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains(&format!("form-action {}", world.shop.origin())) && policy.contains("script-src 'sha256-"));
    let page = page.text().await.unwrap();
    assert!(page.contains(&format!("action=\"{}/back\"", world.shop.origin())));
    assert_eq!(field(&page, "state"), "a&quot;&lt;b");
    let name = if page.contains("id_token") { "id_token" } else { "error" };
    let value = field(&page, name);
    let to = format!("{}/back", world.shop.origin());
    let answer = terminal.submit(&to, ORIGIN, &[("state", "x")]).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    // Nothing in a token needs escaping.
    let body = format!("{name}={value}&state=x");
    let answer = terminal.request(Method::POST, &to).body(body).send().await.unwrap();
    (answer.status(), value)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_sent_back_with_a_token_for_the_client_that_sent_it() {
    let world = World::new().await;
    let terminal = world.terminal(1).await;
    let page = terminal.visit(&address(&world, &[]).await).await.unwrap();
    let (status, token) = sent_on(&world, &terminal, page).await;
    assert_eq!((status, token.split('.').count()), (StatusCode::OK, 3));
    // The same name as in line.
    assert_eq!(terminal.visit(&world.shop.origin()).await.unwrap().status(), StatusCode::OK);
    let names: Vec<String> = world.shop.let_in().into_iter().map(Result::unwrap).collect();
    assert!(names.len() == 2 && names[0] == names[1]);
    world.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_first_and_a_no_is_told_as_any_failure() {
    let world = World::new().await;
    for (number, word, status) in [(1, "yes", StatusCode::OK), (2, "no", StatusCode::FORBIDDEN)] {
        world.setting(number, "verify_allow").await;
        let terminal = world.terminal(number).await;
        let asked = terminal.visit(&address(&world, &[]).await).await.unwrap();
        assert_eq!(asked.status(), StatusCode::SEE_OTHER);
        let page = terminal.visit(&location(&asked)).await.unwrap().text().await.unwrap();
        let (question, token) = (field(&page, "question"), field(&page, "token"));
        let form = [("question", question.as_str()), ("token", token.as_str()), ("answer", word)];
        let page = terminal.submit(&format!("{ORIGIN}/consent"), ORIGIN, &form).await.unwrap();
        let (told, value) = sent_on(&world, &terminal, page).await;
        assert_eq!(told, status);
        assert_eq!(value == "access_denied", word == "no");
    }
    // Who is nobody's, and who shut the profile, look the same.
    world.setting(3, "denied").await;
    for terminal in [world.terminal(3).await, world.terminal_at(9)] {
        let page = terminal.visit(&address(&world, &[]).await).await.unwrap();
        assert_eq!(sent_on(&world, &terminal, page).await, (StatusCode::FORBIDDEN, "access_denied".into()));
    }
    assert_eq!(world.shop.let_in().iter().filter(|it| it.is_ok()).count(), 1);
    world.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_sent_nowhere_that_the_operator_did_not_write_down() {
    let world = World::new().await;
    let terminal = world.terminal(1).await;
    let shop = world.shop.origin();
    let (longer, other) = (format!("{shop}/back/"), format!("{}/back", world.fleet.origin()));
    for change in [
        ("redirect_uri", Some("http://evil.example/back")),
        ("redirect_uri", Some(longer.as_str())),
        ("redirect_uri", Some(other.as_str())),
        ("redirect_uri", None),
        ("client_id", Some("lab")),
        ("client_id", Some("twice")),
        ("client_id", None),
        ("response_type", Some("code")),
        ("response_mode", Some("fragment")),
        ("scope", Some("profile")),
        ("nonce", Some("short")),
        ("nonce", None),
    ] {
        let answer = terminal.visit(&address(&world, &[change]).await).await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{change:?}");
        let text = answer.text().await.unwrap();
        assert!(!text.contains("<form") && !text.contains("evil") && !text.contains("eyJ"), "{text}");
    }
    assert!(world.shop.let_in().is_empty());
    assert_eq!(world.stopped().await.len(), 0);
}
