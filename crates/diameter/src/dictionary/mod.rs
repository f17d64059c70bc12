//! Every AVP that this crate knows: name, type, flags. Typed in from the standards.

mod base;
mod reused;
mod s6a;
mod slg;
mod slh;

pub use base::*;
pub use reused::*;
pub use s6a::*;
pub use slg::*;
pub use slh::*;

use crate::codec::{AvpCode, AvpFlags, VendorId};

/// Data type of an AVP (RFC 6733 sections 4.2-4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AvpType {
    /// OctetString.
    OctetString,
    /// Integer32.
    Integer32,
    /// Unsigned32.
    Unsigned32,
    /// Unsigned64.
    Unsigned64,
    /// Enumerated.
    Enumerated,
    /// UTF8String.
    Utf8String,
    /// DiameterIdentity.
    DiameterIdentity,
    /// DiameterURI.
    DiameterUri,
    /// Address.
    Address,
    /// Time.
    Time,
    /// Grouped.
    Grouped,
}

impl AvpType {
    /// Octets of the shortest sound value: for examples in Failed-AVP (RFC 6733 section 7.1.5).
    #[must_use]
    pub const fn least_len(self) -> usize {
        match self {
            Self::OctetString | Self::Utf8String | Self::Grouped => 0,
            Self::DiameterIdentity | Self::DiameterUri => 1,
            Self::Integer32 | Self::Unsigned32 | Self::Enumerated | Self::Time => 4,
            Self::Address => 6,
            Self::Unsigned64 => 8,
        }
    }
}

/// Definition of an AVP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvpDef {
    /// Code.
    pub code: AvpCode,
    /// Vendor, if V is set.
    pub vendor: Option<VendorId>,
    /// Name in the standard.
    pub name: &'static str,
    /// Data type.
    pub kind: AvpType,
    /// Whether M is set when we send it. On receipt either is taken.
    pub mandatory: bool,
    /// Whether the value can tell who or where somebody is: then it is never printed.
    pub hidden: bool,
}

impl AvpDef {
    /// Vendor and code as one number.
    #[must_use]
    pub const fn key(&self) -> u64 {
        let vendor = match self.vendor {
            Some(vendor) => vendor.0 as u64,
            None => 0,
        };
        vendor << 32 | self.code.0 as u64
    }

    /// Flags as sent.
    #[must_use]
    pub const fn flags(&self) -> AvpFlags {
        let vendor = if self.vendor.is_some() { AvpFlags::VENDOR.0 } else { 0 };
        AvpFlags(vendor | if self.mandatory { AvpFlags::MANDATORY.0 } else { 0 })
    }
}

/// Defines AVPs: `NAME = code, "Name", Type, M or -, shown or hidden, "clause";` for one vendor, with the table of
/// them, their keys for `match`, and the lookup.
macro_rules! avps {
    ($vendor:expr; $($name:ident = $code:literal, $text:literal, $kind:ident, $m:tt, $shown:ident, $clause:literal;)*) => {
        $(
            #[doc = concat!($text, " (", $clause, ").")]
            pub const $name: super::AvpDef = super::AvpDef {
                code: crate::codec::AvpCode($code),
                vendor: $vendor,
                name: $text,
                kind: super::AvpType::$kind,
                mandatory: super::avps!(@mandatory $m),
                hidden: super::avps!(@hidden $shown),
            };
        )*

        /// The AVPs of this table, by code.
        pub(super) const TABLE: &[super::AvpDef] = &[$($name),*];

        /// Keys of the AVPs of this table.
        pub(super) mod keys {
            $(pub(crate) const $name: u64 = super::$name.key();)*
        }

        #[inline]
        pub(super) fn lookup(key: u64) -> Option<&'static super::AvpDef> {
            match key {
                $(keys::$name => Some(const { &$name }),)*
                _ => None,
            }
        }
    };
    (@mandatory M) => { true };
    (@mandatory -) => { false };
    (@hidden shown) => { false };
    (@hidden hidden) => { true };
}
use avps;

/// Keys of all AVPs, for `match` in the grammars.
pub(crate) mod key {
    #[allow(unused_imports)]
    pub(crate) use super::{base::keys::*, reused::keys::*, s6a::keys::*, slg::keys::*, slh::keys::*};
}

/// All AVPs known, table by table.
pub fn all() -> impl Iterator<Item = &'static AvpDef> {
    [base::TABLE, slh::TABLE, slg::TABLE, reused::TABLE, s6a::TABLE].into_iter().flatten()
}

/// Definition of an AVP, if it is known.
#[must_use]
pub fn lookup(code: AvpCode, vendor: Option<VendorId>) -> Option<&'static AvpDef> {
    by_key(u64::from(vendor.map_or(0, |v| v.0)) << 32 | u64::from(code.0))
}

/// Definition of an AVP by its key.
#[inline]
pub(crate) fn by_key(key: u64) -> Option<&'static AvpDef> {
    let key = with_vendor(key);
    if key >> 32 == 0 {
        return base::lookup(key);
    }
    slg::lookup(key).or_else(|| slh::lookup(key)).or_else(|| reused::lookup(key)).or_else(|| s6a::lookup(key))
}

/// Gives Location-Estimate and LCS-Client-Type their vendor when a peer left it out; the codes are not assigned otherwise.
#[inline]
pub(crate) const fn with_vendor(key: u64) -> u64 {
    const VENDOR: u64 = (VendorId::TGPP.0 as u64) << 32;
    match key {
        1241 | 1242 => VENDOR | key,
        _ => key,
    }
}

/// Writes the name of an AVP, or its numbers if it is unknown.
pub(crate) fn write_name(
    f: &mut core::fmt::Formatter<'_>,
    code: AvpCode,
    vendor: Option<VendorId>,
) -> core::fmt::Result {
    match (lookup(code, vendor), vendor) {
        (Some(def), _) => write!(f, "{} ({code})", def.name),
        (None, Some(vendor)) => write!(f, "{code} of vendor {vendor}"),
        (None, None) => write!(f, "{code}"),
    }
}
