use super::args::Cli;
use clap::{Command, CommandFactory as _, Parser as _};

/// Words of an example as a shell would split it; quotes are the only special characters used.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in line.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Every command with its path, parents first.
fn every_command(command: &Command, path: &str, out: &mut Vec<(String, String)>) {
    let help = command.clone().bin_name(path).render_long_help().to_string();
    out.push((path.to_owned(), help));
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        every_command(sub, &format!("{path} {}", sub.get_name()), out);
    }
}

fn helps() -> Vec<(String, String)> {
    let mut out = Vec::new();
    every_command(&Cli::command(), "wherefore", &mut out);
    out
}

#[test]
fn the_commands_are_these() {
    let paths: Vec<String> = helps().into_iter().map(|(path, _)| path.replace("wherefore ", "")).collect();
    let client = ["client", "client add", "client list", "client show", "client set", "client remove", "client secret"];
    let subscriber = [
        "subscriber",
        "subscriber add",
        "subscriber set",
        "subscriber show",
        "subscriber switch",
        "subscriber pause",
        "subscriber resume",
        "subscriber opt-out",
        "subscriber opt-in",
        "subscriber erase",
        "subscriber slpp",
        "subscriber import",
    ];
    let pseudonym = ["pseudonym", "pseudonym assign", "pseudonym resolve", "pseudonym revoke", "pseudonym rotate-key"];
    let log = ["log", "log verify", "log prove", "log check-proof", "log publish", "log show"];
    for path in client.iter().chain(&subscriber).chain(&log).chain(&pseudonym).chain(&[
        "consent",
        "consent notice",
        "consent inform",
        "consent decide",
        "consent notices",
        "consent import",
        "consent export",
        "consent pause",
        "consent resume",
        "consent opt-out",
        "consent lift",
        "consent exclude",
        "consent link",
        "consent unlink",
        "consent erase",
        "consent show",
        "consent receipt",
        "consent verify",
        "ldr",
        "ldr list",
        "ldr cancel",
        "charging",
        "charging show",
        "mdt",
        "mdt export",
        "mdt bins",
        "mdt import",
        "mdt import rrc",
        "mdt import trace",
        "mdt import survey",
        "mdt select",
        "mdt compact",
        "mdt erase",
        "serve",
        "check-config",
        "init",
        "locate",
        "explain",
        "completions",
        "man",
    ]) {
        assert!(paths.iter().any(|known| known == path), "{path}");
    }
}

#[test]
fn every_help_has_an_example_that_parses() {
    for (path, help) in helps() {
        let lines: Vec<&str> = help.lines().collect();
        let heading =
            lines.iter().position(|line| line.starts_with("Example")).unwrap_or_else(|| panic!("{path}: no example"));
        let examples: Vec<&str> =
            lines[heading + 1..].iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
        assert!(!examples.is_empty(), "{path}");
        for example in examples {
            assert!(example.starts_with(&path), "{path}: {example}");
            let parsed = Cli::try_parse_from(words(example));
            assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
        }
    }
}

#[test]
fn the_arguments_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn wrong_words_are_told_with_the_right_ones() {
    let refused = |line: &str| Cli::try_parse_from(words(line)).unwrap_err().to_string();
    let said = refused("wherefore client add x --type commercial");
    assert!(said.contains("value_added"), "{said}");
    assert!(Cli::try_parse_from(words("wherefore client add x --type value-added")).is_ok());
    let said = refused("wherefore subscriber add msisdn:491701234567 --unrelated +4930123456=loose");
    assert!(said.contains("verify_restrict"), "{said}");
    assert!(refused("wherefore subscriber add msisdn:491701234567 --service 128=notify").contains("0 to 127"));
    assert!(refused("wherefore client add x --type emergency --target 491701234567").contains("msisdn:DIGITS"));
    assert!(refused("wherefore subscriber pause msisdn:491701234567").contains("--for"));
    assert!(refused("wherefore client add x").contains("--type"));
}

#[test]
fn arguments_print_no_identity() {
    for line in [
        "wherefore locate msisdn:491701234567 --client fleet",
        "wherefore explain --client fleet --target msisdn:491701234567 --codeword sesame",
        "wherefore subscriber show msisdn:491701234567",
        "wherefore subscriber add msisdn:491701234567 --universal",
        "wherefore client set fleet --target msisdn:491701234567",
        "wherefore log show msisdn:491701234567",
        "wherefore consent receipt msisdn:491701234567",
        "wherefore consent export msisdn:491701234567",
        "wherefore consent link imsi:262011234567890 --to msisdn:491701234567",
    ] {
        let printed = format!("{:?}", Cli::try_parse_from(words(line)).unwrap());
        assert!(!printed.contains("491701234567") && !printed.contains("sesame"), "{printed}");
    }
}
