//! Which applications two peers share (RFC 6733 sections 2.4 and 5.3).

use crate::{
    codec::{ApplicationId, VendorId},
    grammar::grammar,
};

grammar! {
    @group
    /// Vendor-Specific-Application-Id (RFC 6733 section 6.11). The grammar has one vendor and one application; older
    /// peers send several vendors, so any number is taken.
    #[derive(Debug, Clone, PartialEq, Eq, Default)]
    open VendorSpecificApplicationId {
        /// Vendor.
        many vendor_id: VendorId = VENDOR_ID;
        /// Authentication application.
        opt auth_application_id: ApplicationId = AUTH_APPLICATION_ID;
        /// Accounting application.
        opt acct_application_id: ApplicationId = ACCT_APPLICATION_ID;
    }
}

impl VendorSpecificApplicationId<'_> {
    /// An authentication application of 3GPP.
    #[must_use]
    pub fn tgpp(application: ApplicationId) -> Self {
        Self { vendor_id: vec![VendorId::TGPP], auth_application_id: Some(application), ..Self::default() }
    }
}

/// Every application named in a capabilities exchange.
pub(super) fn advertised<'a>(
    auth: &'a [ApplicationId],
    acct: &'a [ApplicationId],
    vendor: &'a [VendorSpecificApplicationId<'a>],
) -> impl Iterator<Item = ApplicationId> {
    let inside = vendor.iter().flat_map(|v| v.auth_application_id.into_iter().chain(v.acct_application_id));
    auth.iter().chain(acct).copied().chain(inside)
}

/// The local applications that a peer shares, in local order. A relay, on either side, shares all of them
/// (RFC 6733 section 5.3); an empty result is DIAMETER_NO_COMMON_APPLICATION.
pub fn common_applications(
    local: &[ApplicationId],
    peer: impl IntoIterator<Item = ApplicationId>,
) -> Vec<ApplicationId> {
    let peer: Vec<_> = peer.into_iter().collect();
    if peer.contains(&ApplicationId::RELAY) {
        return local.to_vec();
    }
    if local.contains(&ApplicationId::RELAY) {
        return peer;
    }
    local.iter().copied().filter(|application| peer.contains(application)).collect()
}
