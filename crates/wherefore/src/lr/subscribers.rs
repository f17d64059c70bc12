//! Comparing a subscriber's identities with the beginnings that a gateway is home for.

use lcs::{Digits, Imsi, Msisdn};

/// Whether the IMSI begins with one of these.
pub(super) fn imsi_begins(imsi: Imsi, prefixes: &[Digits]) -> bool {
    begins(imsi.expose_digits(), prefixes)
}

/// Whether the number begins with one of these.
pub(super) fn number_begins(number: Msisdn, prefixes: &[Digits]) -> bool {
    begins(number.expose_digits(), prefixes)
}

fn begins(digits: Digits, prefixes: &[Digits]) -> bool {
    prefixes.iter().any(|prefix| digits.starts_with(*prefix))
}
