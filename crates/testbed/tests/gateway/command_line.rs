//! The command line as an operator, a client and an auditor use it, with its exit statuses.

use super::{
    lab::{CLIENT, CLOSED, Lab, STRANGER, who},
    process,
};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;

/// Runs the program, which must end with this status; what it said on both outputs.
async fn ends(lab: &Lab, status: i32, arguments: &[&str]) -> String {
    let output = process::run(lab.path(), arguments).await;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
    said
}

fn secret_file(lab: &Lab, name: &str, secret: &str) {
    let path = lab.path().join(name);
    std::fs::write(&path, format!("{secret}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_explaining_and_administering() {
    let lab = Lab::new("").await;
    let (gateway, secret) = lab.first_start().await;
    secret_file(&lab, "lab.secret", &secret);
    secret_file(&lab, "wrong.secret", "not the secret of anybody");
    let (mlp, admin) = (format!("http://{}/", gateway.doors.mlp), format!("http://{}", gateway.doors.admin));
    let api = ["--admin", admin.as_str(), "--token-file", "admin.token"];

    // A client's view.
    let (open, closed, stranger) = (who(1), who(CLOSED), who(STRANGER));
    let locate = |targets: &[&str], secret: &str| {
        let mut line: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
        line.insert(0, "locate".to_owned());
        line.extend(["--client", CLIENT, "--secret-file", secret, "--mlp", &mlp].map(str::to_owned));
        line
    };
    let run = async |status: i32, line: Vec<String>| {
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        ends(&lab, status, &line).await
    };
    let said = run(0, locate(&[&open], "lab.secret")).await;
    assert!(said.contains("52.5") && said.contains("13.4"), "{said}");
    assert!(run(1, locate(&[&closed], "lab.secret")).await.contains("202"));
    assert!(run(1, locate(&[&stranger], "lab.secret")).await.contains("4 "));
    assert!(run(1, locate(&[&open, &closed], "lab.secret")).await.contains("52.5"));
    assert!(run(1, locate(&[&open], "wrong.secret")).await.contains("3 UNAUTHORIZED APPLICATION"));
    run(2, locate(&["9990000"], "lab.secret")).await;
    run(2, locate(&[&open], "missing.secret")).await;
    let mut unreachable = locate(&[&open], "lab.secret");
    *unreachable.last_mut().unwrap() = "http://127.0.0.1:1/".to_owned();
    run(3, unreachable).await;
    let mut as_json = locate(&[&open], "lab.secret");
    as_json.push("--json".to_owned());
    let told: Value = serde_json::from_str(&run(0, as_json).await).unwrap();
    assert_eq!(told["positions"][0]["result"], 0);

    // The operator's.
    let with = |line: &[&str]| line.iter().copied().chain(api).map(str::to_owned).collect::<Vec<_>>();
    assert!(run(0, with(&["status"])).await.contains("ready"));
    let said = run(0, with(&["explain", "--client", CLIENT, "--target", &open])).await;
    assert!(said.contains("universal") && said.contains("TS 23.271"), "{said}");
    run(1, with(&["explain", "--client", CLIENT, "--target", &closed])).await;
    run(1, with(&["explain", "--client", "nobody", "--target", &open])).await;
    let added = ["client", "add", "second", "--type", "value_added", "--name", "Second", "--number", "+99912345002"];
    assert!(run(0, with(&added)).await.contains("secret"));
    run(1, with(&added)).await;
    assert!(run(0, with(&["client", "list"])).await.contains("second"));
    run(0, with(&["client", "remove", "second"])).await;
    run(1, with(&["client", "show", "second"])).await;
    run(0, with(&["subscriber", "opt-out", &open])).await;
    assert!(run(1, locate(&[&open], "lab.secret")).await.contains("202"));
    run(1, with(&["subscriber", "show", &stranger])).await;
    run(2, with(&["subscriber", "erase", &open])).await;
    run(3, vec!["status".into(), "--admin".into(), admin.clone(), "--token-file".into(), "wrong.secret".into()]).await;
    gateway.stop().await;
    run(3, with(&["status"])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_checks_the_log_and_finds_what_was_changed() {
    let lab = Lab::new("").await;
    let (gateway, secret) = lab.first_start().await;
    for number in [1, 2, CLOSED] {
        super::ask::ask(gateway.doors.mlp, &super::ask::about(&secret, &[number])).await;
    }
    gateway.stop().await;
    std::fs::copy(lab.path().join("log/log.vkey"), lab.path().join("kept.vkey")).unwrap();
    let kept = ["--vkey", "kept.vkey"];
    let with_key = |line: &[&'static str]| line.iter().copied().chain(kept).collect::<Vec<_>>();
    ends(&lab, 0, &with_key(&["log", "verify", "log"])).await;
    ends(&lab, 0, &with_key(&["log", "verify", "log", "--fast"])).await;
    for (name, what) in [("one", ["--entry", "1"]), ("all", ["--range", "0-2"]), ("grown", ["--grown-from", "2"])] {
        let mut line = with_key(&["log", "prove", "log"]);
        line.extend(what);
        let proof = ends(&lab, 0, &line).await;
        std::fs::write(lab.path().join(name), &proof).unwrap();
        assert!(ends(&lab, 0, &["log", "check-proof", name, "--vkey", "kept.vkey"]).await.contains("good"));
        // One letter of it changed.
        let at = proof.find('\n').unwrap() + 2;
        let other = if proof.as_bytes()[at] == b'7' { "8" } else { "7" };
        let forged = format!("{}{other}{}", &proof[..at], &proof[at + 1..]);
        std::fs::write(lab.path().join("forged"), forged).unwrap();
        let said = ends(&lab, 1, &["log", "check-proof", "forged", "--vkey", "kept.vkey"]).await;
        assert!(!said.contains("good"), "{said}");
    }
    ends(&lab, 1, &with_key(&["log", "prove", "log", "--entry", "99"])).await;
    ends(&lab, 2, &["log", "verify", "elsewhere"]).await;
    ends(&lab, 2, &["log", "verify", "log", "--vkey", "missing.vkey"]).await;

    // One bit of one entry changed.
    let segment = lab.path().join("log/segment/00000000000000000000.seg");
    let whole = std::fs::read(&segment).unwrap();
    let last = whole.iter().rposition(|octet| *octet != 0).unwrap();
    let mut changed = whole.clone();
    changed[last / 2] ^= 1;
    std::fs::write(&segment, &changed).unwrap();
    let said = ends(&lab, 1, &with_key(&["log", "verify", "log", "--json"])).await;
    assert!(said.contains("\"good\": false") && said.contains("segment 0"), "{said}");
    // The end cut off: less than the checkpoint says. Neither the auditor nor the gateway itself goes on with it.
    let mut cut = whole.clone();
    cut[SEGMENT_HEAD..].fill(0);
    std::fs::write(&segment, &cut).unwrap();
    ends(&lab, 1, &with_key(&["log", "verify", "log"])).await;
    let said = ends(&lab, 3, &["serve", "--config", "wherefore.toml"]).await;
    assert!(said.contains("it was cut") && !said.contains("ready"), "{said}");
    std::fs::write(&segment, &whole).unwrap();
    ends(&lab, 0, &with_key(&["log", "verify", "log"])).await;
}

/// Enough of a segment for its header.
const SEGMENT_HEAD: usize = 4096;
