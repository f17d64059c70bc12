use super::{MergedName, merge_name, split_name};
use crate::{ClientName, ClientNameError, FormatIndicator, Requestor};
use proptest::prelude::*;

fn merged(name: &str, requestor: Option<&str>) -> MergedName {
    let name = ClientName::new(name, FormatIndicator::Url).unwrap();
    let requestor = requestor.map(|text| Requestor { text: text.to_owned(), format: FormatIndicator::EmailAddress });
    merge_name(&name, requestor.as_ref())
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}

#[test]
fn names_and_requestors_that_fit() {
    for (name, requestor, octets) in [
        ("A", "B", "C15E4F08"),                                                                   // D-01
        ("Acme", "+491701234567", "C171BBDCEBAD68B9D80D1693CD6835DB0D"),                          // D-02
        ("WeatherCo", "alice@example.com", "D772988E2ECB87EF5E2FCC4E8FCB80323EDC86B3CBAEF1BB0D"), // D-03
    ] {
        let merged = merged(name, Some(requestor));
        assert_eq!(hex(&merged.octets()), octets);
        assert_eq!(split_name(&merged.expose()), (name, Some(requestor)));
    }
    // D-10
    assert_eq!(MergedName::DATA_CODING_SCHEME, 0x0F);
    assert_eq!(merged("A", Some("B")).format(), FormatIndicator::Url);
}

#[test]
fn what_does_not_fit_is_cut() {
    let (ten, eleven, sixty) = ("n".repeat(10), "n".repeat(11), "r".repeat(60));
    // D-04
    let full = merged(&ten, Some(&sixty));
    assert_eq!((full.septet_count(), full.octets().len()), (72, 63));
    assert_eq!(full.expose(), format!("{ten}=={sixty}"));
    // D-05
    let cut = merged(&eleven, Some(&sixty));
    assert_eq!((cut.septet_count(), cut.octets().len()), (72, 63));
    assert_eq!(cut.expose(), format!("{eleven}=={}", "r".repeat(59)));
    // D-06, D-07
    for (length, kept) in [(69, 69), (70, 70), (71, 71), (72, 72), (80, 72)] {
        let text = merged(&"n".repeat(length), Some("bob")).expose();
        let expected = "n".repeat(kept);
        assert_eq!(text, if length == 69 { format!("{expected}==b") } else { expected });
    }
}

#[test]
fn a_character_of_two_septets_is_never_parted() {
    // D-09: 10 + 2 + 59 leave one septet.
    let requestor = format!("{}€x", "r".repeat(59));
    let merged_text = merged(&"n".repeat(10), Some(&requestor));
    assert_eq!(merged_text.septet_count(), 71);
    assert_eq!(merged_text.expose(), format!("{}=={}", "n".repeat(10), "r".repeat(59)));
    // One septet is left for the requestor, which begins with one of two: no separator.
    assert_eq!(merged(&"n".repeat(69), Some("€uro")).expose(), "n".repeat(69));
    // The name itself is cut before such a one, and then nothing follows.
    assert_eq!(merged(&format!("{}€", "n".repeat(71)), Some("bob")).expose(), "n".repeat(71));
    assert_eq!(merged(&format!("{}€", "n".repeat(68)), Some("bob")).septet_count(), 70);
}

#[test]
fn a_name_alone_and_an_empty_requestor() {
    assert_eq!(merged("Acme", None).expose(), "Acme");
    assert_eq!(merged("Acme", Some("")).expose(), "Acme");
    assert_eq!(hex(&merged("ndmgapp2ndmgapp2", None).octets()), "6E72FB1C86C3656E72FB1C86C365"); // D-14
}

#[test]
fn a_receiver_parts_at_the_first_separator() {
    // D-11
    assert_eq!(split_name("Acme==a==b"), ("Acme", Some("a==b")));
    assert_eq!(split_name("Acme"), ("Acme", None));
    assert_eq!(split_name("Acme="), ("Acme=", None));
    assert_eq!(split_name("==b"), ("", Some("b")));
    assert_eq!(split_name(""), ("", None));
}

#[test]
fn names_that_could_not_be_parted_are_refused() {
    // D-12
    let name = |text: &str| ClientName::new(text, FormatIndicator::LogicalName).map(|name| name.text);
    assert_eq!(name("x==y"), Err(ClientNameError::Separator));
    assert_eq!(name("x="), Err(ClientNameError::EndsWithEquals));
    assert_eq!(name(""), Err(ClientNameError::Empty));
    assert_eq!(name("two\nlines"), Err(ClientNameError::Control(3)));
    assert_eq!(name("x=y"), Ok("x=y".to_owned()));
}

#[test]
fn what_the_phone_shows_is_not_logged() {
    assert_eq!(format!("{:?}", merged("Acme", Some("alice"))), "MergedName(hidden, 11 septets)");
}

proptest! {
    #[test]
    fn always_fits_and_begins_with_the_name(name in "[a-zA-Z €{}=]{1,90}", requestor in ".{0,90}") {
        let Ok(name) = ClientName::new(name, FormatIndicator::LogicalName) else { return Ok(()) };
        let requestor = Requestor { text: requestor, format: FormatIndicator::LogicalName };
        let merged = merge_name(&name, Some(&requestor));
        prop_assert!(merged.septet_count() <= 72 && (1..=63).contains(&merged.octets().len()));
        let text = merged.expose();
        let (own, of_requestor) = split_name(&text);
        prop_assert!(name.text.starts_with(own));
        match of_requestor {
            Some(kept) => {
                prop_assert_eq!(own, &name.text);
                prop_assert!(!kept.is_empty() && kept.chars().count() <= requestor.text.chars().count());
            }
            None => prop_assert!(own == name.text || merged.septet_count() >= 71),
        }
    }
}
