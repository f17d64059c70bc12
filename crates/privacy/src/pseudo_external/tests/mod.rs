//! Provisioning and checking of home registers' data (TS 23.271 Annex C).

mod provision;
mod table;
mod traps;

use super::{HomeRegisterData, PlmnClass, Provisioned, PseudoExternalTable, SlppContext, SlppData, WhyWithheld};
use crate::{
    CompiledProfile, OperatorFloor, Rules,
    testing::{NOW, address, compiled, gmlc, home, pseudo_external},
};
use lcs::{
    Address, PrivacySetting, PseudoExternalIdentity,
    slpp::{LcsInformation, MoLrCode, NotificationToUser},
};

pub(super) fn identity(number: u8) -> PseudoExternalIdentity {
    PseudoExternalIdentity::new(number).unwrap()
}

pub(super) fn data(provisioned: Provisioned) -> HomeRegisterData {
    HomeRegisterData { table: pseudo_external(provisioned), mo_lr: vec![MoLrCode::BasicSelfLocation] }
}

pub(super) fn built(provisioned: Provisioned, profile: &CompiledProfile) -> SlppData {
    data(provisioned).slpp(profile, &OperatorFloor::none(), NOW)
}

/// For a subscriber whose rules name nobody.
pub(super) fn plain(provisioned: Provisioned) -> LcsInformation {
    built(provisioned, &compiled(Rules::default())).information
}
