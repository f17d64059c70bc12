//! The table itself.

use super::{Address, Provisioned, PseudoExternalTable, address, identity, pseudo_external};
use crate::pseudo_external::{SlppFault, TableError};
use lcs::{Digits, NatureOfAddress};

fn numbers(change: impl Fn(usize) -> Option<&'static str>) -> [Address; 14] {
    core::array::from_fn(|at| {
        address(&change(at + 1).map_or_else(|| format!("+4990000000{:02}", at + 1), str::to_owned))
    })
}

#[test]
fn fourteen_numbers_that_a_node_cannot_tell_apart_make_no_table() {
    // P-14. An entry matches every number that begins with it (TS 23.271 clause 9.5.3.6).
    let refusal = |change: fn(usize) -> Option<&'static str>| {
        PseudoExternalTable::new(numbers(change), Provisioned::Fourteen).unwrap_err()
    };
    let shorter = refusal(|number| (number == 3).then_some("+49900000"));
    assert_eq!(shorter, TableError::UnequalLength(3, 8, 12));
    assert_eq!(
        shorter.to_string(),
        "pseudo-external identity 3: has 8 digits where the first has 12; all must be of one length, as an entry matches what begins with it (TS 23.271 clause 9.5.3.6)"
    );
    let same = refusal(|number| (number == 9).then_some("+499000000002"));
    assert_eq!(same, TableError::Prefix(2, 9));
    let national = Address { nature: NatureOfAddress::National, ..address("+499000000014") };
    let mut with_national = numbers(|_| None);
    with_national[13] = national;
    assert_eq!(PseudoExternalTable::new(with_national, Provisioned::Fourteen), Err(TableError::NotInternational(14)));
}

#[test]
fn numbers_and_identities_both_ways() {
    for (provisioned, held, lowest_set) in [(Provisioned::Fourteen, 14, 2), (Provisioned::FirstFour, 4, 1)] {
        let table = pseudo_external(provisioned);
        for number in 1..=14 {
            let stands_for_it = address(&format!("+4990000000{number:02}"));
            assert_eq!(table.identity_of(stands_for_it), Some(identity(number)));
            assert_eq!(table.number_of(identity(number)), (number <= held).then_some(stands_for_it));
        }
        assert_eq!(table.lowest_set(), lowest_set);
        // P-13: a fifteenth is an ordinary client, and so is what only begins like an identity.
        assert_eq!(table.identity_of(address("+499000000015")), None);
        assert_eq!(table.identity_of(address("+4990000000141")), None);
    }
    // P-11 and P-12, the inverse by number.
    let table = pseudo_external(Provisioned::Fourteen);
    let inverse = |number| table.identity_of(address(number)).map(|identity| identity.settings());
    use crate::testing::{N, NT, VA};
    assert_eq!(inverse("+499000000013"), Some((Some(N), VA)));
    assert_eq!(inverse("+499000000002"), Some((None, NT)));
}

#[test]
fn a_client_that_could_pass_for_an_identity_is_found_either_way() {
    let table = pseudo_external(Provisioned::FirstFour);
    let found = |client| table.conflicting(Digits::parse(client).unwrap()).map(|identity| identity.number());
    assert_eq!(found("499000000003"), Some(3));
    // Longer: the entry matches it. Shorter: an entry for it would match the identity.
    assert_eq!((found("4990000000037"), found("49900")), (Some(3), Some(1)));
    // Numbers that are not held yet are kept free too.
    assert_eq!((found("499000000014"), found("499000000015"), found("4930")), (Some(14), None, None));
    let clients = [address("+4930"), address("+4990000000037")];
    let faults: Vec<_> = table.client_faults(&clients).collect();
    assert_eq!(faults, [SlppFault::ClientNumber { identity: identity(3), client: clients[1] }]);
}
