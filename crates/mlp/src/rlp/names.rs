//! Names of elements that the standards define, to tell them from extensions.

use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    names,
    result::ResultId,
};

/// Elements that RLP 1.0 has and MLP has not, as far as they could be found.
const ELEMENTS: [&str; 19] = [
    "cdma_net_param",
    "clientname",
    "erlir",
    "h_ls",
    "locationserver",
    "neid",
    "net_param",
    "pce",
    "poi",
    "pseudoid",
    "rlp_hdr",
    "rlp_svc_init",
    "serving_node_action",
    "servicetype",
    "srlir",
    "trlrr",
    "trlrsr",
    "v_ls",
    "wcdma_net_param",
];

/// The name as a standard spells it, if RLP or MLP defines an element of this name for requests.
pub(super) fn defined(name: &str) -> Option<&'static str> {
    ELEMENTS.into_iter().find(|known| *known == name).or_else(|| names::defined(name))
}

/// An element at a place where the standard, as far as it is known, has none: passed over if it is in a namespace of
/// somebody's own, else refused: 106 if a standard defines it for another place, 107 if none does.
pub(super) fn stray(cursor: &mut Cursor<'_>, tag: &Tag<'_>, rule: &'static str) -> Result<(), Fault> {
    if tag.is_foreign() {
        return cursor.skip();
    }
    Err(match defined(tag.name()) {
        Some(defined) => Fault::syntax(defined, rule),
        None => Fault::outside(ResultId::PROTOCOL_ELEMENT_NOT_SUPPORTED, tag.name(), "element not known"),
    })
}
