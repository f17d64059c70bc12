//! Values of AVPs: how each type reads from and writes to the wire. The grammars are built on these.

mod vocabulary;

use crate::{
    codec::{ApplicationId, AvpRef, Builder, DecodeError, ExperimentalResult, FailedAvp, ResultCode, VendorId},
    dictionary::{self, AvpDef, AvpType},
};
use std::net::IpAddr;

/// A value that an AVP carries.
pub(crate) trait Value<'a>: Sized {
    /// Reads the value of an AVP that `def` defines.
    fn read(avp: AvpRef<'a>, def: &AvpDef) -> Result<Self, DecodeError>;
    /// Appends the AVP.
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>);
}

/// An OctetString; `Debug` tells the length only, because most of them are a place or a person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Octets<'a>(pub &'a [u8]);

impl core::fmt::Debug for Octets<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Octets({} hidden)", self.0.len())
    }
}

/// A text that may name a person or a place, or be a secret; `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct HiddenText<'a>(pub &'a str);

impl core::fmt::Debug for HiddenText<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HiddenText(hidden)")
    }
}

/// Octets of a fixed number that tell a place or a person; `Debug` hides them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HiddenOctets<const N: usize>(pub [u8; N]);

impl<const N: usize> core::fmt::Debug for HiddenOctets<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "HiddenOctets({N} hidden)")
    }
}

impl<'a, const N: usize> Value<'a> for HiddenOctets<N> {
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        avp.array().map(Self)
    }
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.avp(def, &self.0);
    }
}

/// A value as the AVP that goes into Failed-AVP.
#[cold]
pub(crate) fn failed<'a, T: Value<'a>>(value: &T, def: &AvpDef) -> FailedAvp {
    let mut octets = Vec::new();
    value.write(def, &mut Builder::fragment(&mut octets));
    FailedAvp::encoded(def, octets)
}

/// An Unsigned32 that must lie between `MIN` and `MAX`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ranged<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Ranged<MIN, MAX> {
    /// The greatest value.
    pub const MAX: Self = Self(MAX);

    /// Takes a value in range; `None` outside.
    #[must_use]
    pub fn new(value: u32) -> Option<Self> {
        (MIN..=MAX).contains(&value).then_some(Self(value))
    }

    /// The value.
    #[must_use]
    pub fn value(self) -> u32 {
        self.0
    }
}

impl<'a, const MIN: u32, const MAX: u32> Value<'a> for Ranged<MIN, MAX> {
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        avp.enumerated(Self::new)
    }
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.u32(def, self.0);
    }
}

impl<'a> Value<'a> for AvpRef<'a> {
    #[inline]
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        Ok(avp)
    }
    #[inline]
    fn write(&self, _: &AvpDef, builder: &mut Builder<'_>) {
        builder.raw(*self);
    }
}

impl<'a> Value<'a> for Octets<'a> {
    #[inline]
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        Ok(Self(avp.data))
    }
    #[inline]
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.avp(def, self.0);
    }
}

impl<'a, const N: usize> Value<'a> for [u8; N] {
    #[inline]
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        avp.array()
    }
    #[inline]
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.avp(def, self);
    }
}

impl<'a> Value<'a> for &'a str {
    #[inline]
    fn read(avp: AvpRef<'a>, def: &AvpDef) -> Result<Self, DecodeError> {
        if def.kind == AvpType::DiameterIdentity { avp.identity() } else { avp.utf8() }
    }
    #[inline]
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.text(def, self);
    }
}

impl<'a> Value<'a> for HiddenText<'a> {
    #[inline]
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        avp.utf8().map(Self)
    }
    #[inline]
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.text(def, self.0);
    }
}

impl<'a> Value<'a> for u32 {
    #[inline]
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        avp.u32()
    }
    #[inline]
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.u32(def, *self);
    }
}

impl<'a> Value<'a> for IpAddr {
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        avp.address()
    }
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.address(def, *self);
    }
}

/// Numbers that are newtypes over `u32`.
macro_rules! number_value {
    ($($name:ident),*) => {$(
        impl<'a> Value<'a> for $name {
            #[inline]
            fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
                avp.u32().map(Self)
            }
            #[inline]
            fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
                builder.u32(def, self.0);
            }
        }
    )*};
}
pub(crate) use number_value;
number_value!(ApplicationId, VendorId, ResultCode);

impl<'a> Value<'a> for ExperimentalResult {
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        let (mut vendor, mut code) = (None, None);
        for member in avp.grouped()? {
            let value = || member.u32().map_err(|error| error.within(avp));
            if member.is(&dictionary::VENDOR_ID) {
                vendor = Some(VendorId(value()?));
            } else if member.is(&dictionary::EXPERIMENTAL_RESULT_CODE) {
                code = Some(value()?);
            }
        }
        let missing = |def| DecodeError::MissingAvp(FailedAvp::example(def)).within(AvpRef { data: &[], ..avp });
        let code = code.ok_or_else(|| missing(&dictionary::EXPERIMENTAL_RESULT_CODE))?;
        Ok(Self { vendor: vendor.ok_or_else(|| missing(&dictionary::VENDOR_ID))?, code })
    }
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.group(def, |group| {
            group.u32(&dictionary::VENDOR_ID, self.vendor.0);
            group.u32(&dictionary::EXPERIMENTAL_RESULT_CODE, self.code);
        });
    }
}
