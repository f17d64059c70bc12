//! The vocabulary of location services as AVP values.

use super::Value;
use crate::{
    codec::{AvpRef, Builder, DecodeError},
    dictionary::AvpDef,
};
use lcs::{
    Address, Digits, FormatIndicator, Imei, Imsi, LcsCapabilitySets, LcsClientType, LocationType, Msisdn,
    NatureOfAddress, NumberingPlan, Priority, PrivacySetting, QosClass, ResponseTime, ServiceType, gad::ShapeSet,
};

/// An identity of a subscriber as UTF8String of digits: IMSI in User-Name, IMEI.
macro_rules! digits_text {
    ($($name:ident),*) => {$(
        impl<'a> Value<'a> for $name {
            fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
                Self::parse(avp.utf8()?).map_err(|_| avp.bad_value())
            }
            fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
                let mut text = [0; Digits::MAX];
                let mut used = 0;
                for (place, digit) in text.iter_mut().zip(self.expose_digits().values()) {
                    *place = b'0' + digit;
                    used += 1;
                }
                builder.avp(def, text.get(..used).unwrap_or_default());
            }
        }
    )*};
}
digits_text!(Imsi, Imei);

fn write_tbcd(digits: Digits, def: &AvpDef, builder: &mut Builder<'_>) {
    let (octets, used) = digits.to_tbcd();
    builder.avp(def, octets.get(..used).unwrap_or_default());
}

/// MSISDN: TBCD digits of the international number, no octet for nature and plan (TS 29.329 clause 6.3.2).
impl<'a> Value<'a> for Msisdn {
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        Digits::from_tbcd(avp.data).and_then(Self::new).map_err(|_| avp.bad_value())
    }
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        write_tbcd(self.expose_digits(), def, builder);
    }
}

/// Number of a network node: TBCD digits of the international number, no octet for nature and plan
/// (TS 29.173 clause 6.4.5).
impl<'a> Value<'a> for Address {
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        let digits = Digits::from_tbcd(avp.data).map_err(|_| avp.bad_value())?;
        Ok(Self { nature: NatureOfAddress::International, plan: NumberingPlan::Isdn, digits })
    }
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        write_tbcd(self.digits, def, builder);
    }
}

/// Closed enumerations: an unknown value is DIAMETER_INVALID_AVP_VALUE, never a guess.
macro_rules! enumerated {
    ($($name:ident: $from:expr;)*) => {$(
        impl<'a> Value<'a> for $name {
            #[inline]
            fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
                avp.enumerated($from)
            }
            #[inline]
            fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
                builder.u32(def, *self as u32);
            }
        }
    )*};
}
enumerated! {
    LocationType: LocationType::from_code;
    LcsClientType: LcsClientType::from_code;
    FormatIndicator: FormatIndicator::from_code;
    PrivacySetting: PrivacySetting::from_code;
    QosClass: |code| [QosClass::Assured, QosClass::BestEffort].get(code as usize).copied();
    ResponseTime: |code| [ResponseTime::LowDelay, ResponseTime::DelayTolerant].get(code as usize).copied();
    bool: |code| [false, true].get(code as usize).copied();
}

/// LCS-Priority: 0 is the highest, everything else normal (TS 29.172 clause 7.4.5).
impl<'a> Value<'a> for Priority {
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        avp.u32().map(|code| if code == 0 { Self::Highest } else { Self::Normal })
    }
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.u32(def, *self as u32);
    }
}

/// LCS-Service-Type-ID, 0-127 (TS 29.172 clause 7.4.22).
impl<'a> Value<'a> for ServiceType {
    fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
        avp.enumerated(Self::new)
    }
    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.u32(def, u32::from(self.code()));
    }
}

/// Bit masks; bits without meaning are cleared on sending by whoever builds them, and ignored on receipt.
macro_rules! mask {
    ($($name:ident),*) => {$(
        impl<'a> Value<'a> for $name {
            fn read(avp: AvpRef<'a>, _: &AvpDef) -> Result<Self, DecodeError> {
                avp.u32().map(Self)
            }
            fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
                builder.u32(def, self.0);
            }
        }
    )*};
}
mask!(ShapeSet, LcsCapabilitySets);
