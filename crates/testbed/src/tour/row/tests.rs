use super::*;
use mlp::client::parse_svc_result;

fn step(text: &str) -> Step {
    toml::from_str(&format!("name = 's'\nclient = 'fleet'\n{text}")).unwrap()
}

fn sight(shown: &str, after_positioning: bool, codeword: Option<&str>) -> SeenSight {
    SeenSight { shown: shown.to_owned(), after_positioning, codeword: codeword.map(str::to_owned), shown_name: None }
}

fn answer(body: &str) -> SvcResult {
    let text = format!("<svc_result ver=\"3.5.0\"><slia ver=\"3.5.0\">{body}</slia></svc_result>");
    parse_svc_result(text.as_bytes()).unwrap()
}

fn observed(result: u16, seen: Vec<SeenSight>) -> Observed {
    let result = Ok(Got { result, radius_m: Some(500), name: Some("p1".into()) });
    Observed { result, seen, rule: Some("codeword".into()), pseudonym: None, way: None }
}

#[test]
fn answers_are_read_target_by_target() {
    let mixed = answer(
        "<pos><msid>1</msid><pd><time>20260101000000</time><shape><CircularArea><coord><X>52 31 12.000N</X>\
         <Y>13 24 18.000E</Y></coord><radius>40</radius></CircularArea></shape></pd></pos>\
         <pos><msid>2</msid><poserr><result resid=\"202\">POSITIONING NOT ALLOWED</result>\
         <time>20260101000000</time></poserr></pos>",
    );
    let found = |at| super::found(&mixed, at).map(|got| (got.result, got.radius_m));
    assert_eq!(found(0), Ok((0, Some(40))));
    assert_eq!(found(1), Ok((202, None)));
    assert!(found(2).is_err());
    let whole = answer("<result resid=\"3\">UNAUTHORIZED APPLICATION</result>");
    assert_eq!(super::found(&whole, 1).map(|got| got.result), Ok(3));
}

#[test]
fn a_row_is_right_only_if_all_of_it_is() {
    let step = step("targets = [{ subscriber = 'sub-01', expect = 0, sees = 'notified' }]");
    let ok = |observed: &Observed| row(&step, &step.targets[0], observed).ok;
    assert!(ok(&observed(0, vec![sight("notification", false, None)])));
    assert!(!ok(&observed(202, vec![sight("notification", false, None)])));
    assert!(!ok(&observed(0, vec![])));
    assert!(!ok(&observed(0, vec![sight("notification", true, None)])));
    assert!(!ok(&observed(0, vec![sight("question_allow", false, None)])));
    assert!(!ok(&observed(0, vec![sight("notification", false, None), sight("notification", false, None)])));
    assert!(!ok(&Observed {
        result: Err("no answer".into()),
        ..observed(0, vec![sight("notification", false, None)])
    }));
}

#[test]
fn codeword_radius_and_rule_count_where_the_step_names_them() {
    let wanting = |more: &str| step(&format!("targets = [{{ subscriber = 'sub-01', expect = 0, {more} }}]"));
    let ok = |step: &Step, observed: &Observed| row(step, &step.targets[0], observed).ok;
    let codeword = wanting("sees = 'asked', codeword = 'lighthouse', sees_codeword = true");
    assert!(ok(&codeword, &observed(0, vec![sight("question_restrict", false, Some("lighthouse"))])));
    assert!(!ok(&codeword, &observed(0, vec![sight("question_restrict", false, Some("harbour"))])));
    assert!(!ok(&codeword, &observed(0, vec![sight("question_restrict", false, None)])));
    assert!(ok(&wanting("radius_at_least_m = 500.0"), &observed(0, vec![])));
    assert!(!ok(&wanting("radius_at_least_m = 501.0"), &observed(0, vec![])));
    assert!(ok(&wanting("rule = 'codeword'"), &observed(0, vec![])));
    assert!(!ok(&wanting("rule = 'pause'"), &observed(0, vec![])));
    assert!(!ok(&wanting("rule = 'codeword'"), &Observed { rule: None, ..observed(0, vec![]) }));
}

#[test]
fn the_name_on_the_screen_counts_where_the_step_names_it() {
    let step = step("targets = [{ subscriber = 'sub-01', expect = 0, sees = 'notified', sees_name = 'Acme==Bob' }]");
    let ok = |shown: Option<&str>| {
        let sight = SeenSight { shown_name: shown.map(str::to_owned), ..sight("notification", false, None) };
        row(&step, &step.targets[0], &observed(0, vec![sight])).ok
    };
    assert!(ok(Some("Acme==Bob")));
    assert!(!ok(Some("Acme")) && !ok(None));
}

#[test]
fn the_result_of_a_whole_request_outweighs_that_of_a_target() {
    let step = step("wrong_secret = true\nresult = 3\ntargets = [{ subscriber = 'sub-01', expect = 0 }]");
    let refused = row(&step, &step.targets[0], &observed(3, vec![]));
    assert!(refused.ok && refused.expected.contains("3 unauthorized application"), "{refused:?}");
    assert_eq!(refused.asked, "fleet for sub-01, wrong secret");
}

#[test]
fn an_answer_about_a_pseudonym_must_be_under_it() {
    let step = step("targets = [{ subscriber = 'sub-01', expect = 0, by = 'pseudonym' }]");
    let under = |pseudonym: &str| {
        let named = Observed { pseudonym: Some(pseudonym.into()), way: Some("R a, H b".into()), ..observed(0, vec![]) };
        row(&step, &step.targets[0], &named)
    };
    assert!(under("p1").ok && !under("p2").ok);
    assert_eq!(under("p1").asked, "fleet for p1 (sub-01), R a, H b");
}

#[test]
fn a_pseudonym_is_of_one_client_and_stays() {
    let step = step("service = 'pseudonyms'\ntargets = [{ subscriber = 'sub-01', expect = 0 }]");
    let row = |one: &str, two: &str, before: &[String]| {
        pseudonym_row(&step, &step.targets[0], "fleet", &Ok([one.to_owned(), two.to_owned()]), before)
    };
    assert!(row("p1", "p1", &[]).ok && row("p2", "p2", &["p1".into()]).ok);
    assert!(!row("p1", "p2", &[]).ok && !row("p1", "p1", &["p1".into()]).ok);
    assert!(!pseudonym_row(&step, &step.targets[0], "fleet", &Err("no role pmd".into()), &[]).ok);
    assert_eq!(row("p1", "p1", &[]).got, "p1");
}
