//! AVPs as views into a message: nothing is copied or allocated (RFC 6733 section 4).

use super::{AvpCode, DecodeError, FailedAvp, VendorId};
use crate::dictionary::{self, AvpDef};
use lcs::Timestamp;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// AVP flags, all eight bits as on the wire (RFC 6733 section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AvpFlags(pub u8);

impl AvpFlags {
    /// V: a vendor follows the length.
    pub const VENDOR: Self = Self(0x80);
    /// M: the receiver must understand this AVP or reject the message.
    pub const MANDATORY: Self = Self(0x40);

    /// Whether V is set.
    #[must_use]
    pub const fn vendor(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// Whether M is set.
    #[must_use]
    pub const fn mandatory(self) -> bool {
        self.0 & 0x40 != 0
    }
}

/// One AVP: a view into a received message, or into what is to be sent. `Debug` hides the data, which may be an identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AvpRef<'a> {
    /// Code.
    pub code: AvpCode,
    /// Vendor, if V is set.
    pub vendor: Option<VendorId>,
    /// Flags as received, reserved bits included.
    pub flags: AvpFlags,
    /// The data without padding.
    pub data: &'a [u8],
}

/// Seconds from 1900 to 1970, and from 1900 to the roll-over of the 32-bit count in 2036.
const NTP_TO_UNIX_S: u64 = 2_208_988_800;
const NTP_ERA_S: u64 = 1 << 32;

impl<'a> AvpRef<'a> {
    /// Vendor and code as one number, the key of the dictionary.
    #[inline]
    #[must_use]
    pub const fn key(self) -> u64 {
        let vendor = match self.vendor {
            Some(vendor) => vendor.0 as u64,
            None => 0,
        };
        vendor << 32 | self.code.0 as u64
    }

    /// Whether this is the AVP that `def` defines. Some peers send Location-Estimate and LCS-Client-Type without
    /// their vendor: they count as theirs.
    #[inline]
    #[must_use]
    pub fn is(self, def: &AvpDef) -> bool {
        dictionary::with_vendor(self.key()) == def.key()
    }

    /// The data as octets of an exact number.
    ///
    /// # Errors
    /// [`DecodeError::InvalidAvpLength`] for another number.
    #[inline]
    pub fn array<const N: usize>(self) -> Result<[u8; N], DecodeError> {
        self.data.try_into().map_err(|_| self.bad_length())
    }

    /// Unsigned32 (RFC 6733 section 4.2).
    ///
    /// # Errors
    /// [`DecodeError::InvalidAvpLength`] unless there are 4 octets.
    #[inline]
    pub fn u32(self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Unsigned64 (RFC 6733 section 4.2).
    ///
    /// # Errors
    /// [`DecodeError::InvalidAvpLength`] unless there are 8 octets.
    #[inline]
    pub fn u64(self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    /// Integer32 (RFC 6733 section 4.2).
    ///
    /// # Errors
    /// [`DecodeError::InvalidAvpLength`] unless there are 4 octets.
    #[inline]
    pub fn i32(self) -> Result<i32, DecodeError> {
        self.array().map(i32::from_be_bytes)
    }

    /// Enumerated (RFC 6733 section 4.3.1) through a function that knows the values.
    ///
    /// # Errors
    /// [`DecodeError::InvalidAvpLength`] unless there are 4 octets, [`DecodeError::InvalidAvpValue`] for an unknown value.
    #[inline]
    pub fn enumerated<T>(self, from_code: impl FnOnce(u32) -> Option<T>) -> Result<T, DecodeError> {
        from_code(self.u32()?).ok_or_else(|| self.bad_value())
    }

    /// UTF8String (RFC 6733 section 4.3.1).
    ///
    /// # Errors
    /// [`DecodeError::InvalidAvpValue`] if it is not UTF-8.
    #[inline]
    pub fn utf8(self) -> Result<&'a str, DecodeError> {
        core::str::from_utf8(self.data).map_err(|_| self.bad_value())
    }

    /// DiameterIdentity: a host or realm name (RFC 6733 section 4.3.1). Visible ASCII, 1-255 octets.
    ///
    /// # Errors
    /// [`DecodeError::InvalidAvpValue`] otherwise.
    #[inline]
    pub fn identity(self) -> Result<&'a str, DecodeError> {
        let sound = (1..=255).contains(&self.data.len()) && self.data.iter().all(u8::is_ascii_graphic);
        if sound { self.utf8() } else { Err(self.bad_value()) }
    }

    /// Address, IPv4 or IPv6 (RFC 6733 section 4.3.1).
    ///
    /// # Errors
    /// [`DecodeError::InvalidAvpLength`] if the octets are not those of the family, [`DecodeError::InvalidAvpValue`]
    /// for another family.
    pub fn address(self) -> Result<IpAddr, DecodeError> {
        match self.data {
            [0, 1, rest @ ..] => {
                rest.try_into().map(|octets: [u8; 4]| Ipv4Addr::from(octets).into()).map_err(|_| self.bad_length())
            }
            [0, 2, rest @ ..] => {
                rest.try_into().map(|octets: [u8; 16]| Ipv6Addr::from(octets).into()).map_err(|_| self.bad_length())
            }
            [_, _, ..] => Err(self.bad_value()),
            _ => Err(self.bad_length()),
        }
    }

    /// Time, seconds of NTP; a value with the highest bit clear lies after the roll-over of 2036 (RFC 6733 section 4.3.1).
    ///
    /// # Errors
    /// [`DecodeError::InvalidAvpLength`] unless there are 4 octets, [`DecodeError::InvalidAvpValue`] for a time before 1970.
    pub fn time(self) -> Result<Timestamp, DecodeError> {
        let seconds = u64::from(self.u32()?);
        let since_1900 = if seconds & 0x8000_0000 == 0 { seconds + NTP_ERA_S } else { seconds };
        let unix = since_1900.checked_sub(NTP_TO_UNIX_S).ok_or_else(|| self.bad_value())?;
        Ok(Timestamp::from_secs(unix))
    }

    /// The members of a Grouped AVP (RFC 6733 section 4.4), each checked to fit.
    ///
    /// The padding of the last member may be missing, as some peers leave it out inside groups.
    ///
    /// # Errors
    /// [`DecodeError::InvalidAvpLength`] with the first member that does not fit, shown inside this group.
    #[inline]
    pub fn grouped(self) -> Result<Avps<'a>, DecodeError> {
        let mut avps = Avps::new(self.data);
        while avps.next().is_some() {}
        if avps.rest.is_empty() { Ok(Avps::new(self.data)) } else { Err(avps.broken().within(self)) }
    }

    /// The error for a length that is not that of the type.
    #[cold]
    #[must_use]
    pub fn bad_length(self) -> DecodeError {
        DecodeError::InvalidAvpLength(FailedAvp::copy_of(self))
    }

    /// The error for a value out of range or unknown.
    #[cold]
    #[must_use]
    pub fn bad_value(self) -> DecodeError {
        DecodeError::InvalidAvpValue(FailedAvp::copy_of(self))
    }
}

impl core::fmt::Debug for AvpRef<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("AvpRef(")?;
        dictionary::write_name(f, self.code, self.vendor)?;
        write!(f, ", {:02x}, {} octets hidden)", self.flags.0, self.data.len())
    }
}

/// Seconds of NTP for a Time AVP, modulo the 32-bit count.
#[must_use]
pub(super) fn ntp_seconds(time: Timestamp) -> u32 {
    ((time.secs() + NTP_TO_UNIX_S) % NTP_ERA_S) as u32
}

/// Iterator over AVPs in octets. Ends at the end or at the first AVP that does not fit.
#[derive(Clone, Copy)]
pub struct Avps<'a> {
    rest: &'a [u8],
}

impl<'a> Avps<'a> {
    /// Iterates over encoded AVPs.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    /// What was not consumed: not empty after the end if an AVP does not fit.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The first AVP that `def` defines.
    #[must_use]
    pub fn find(mut self, def: &AvpDef) -> Option<AvpRef<'a>> {
        Iterator::find(&mut self, |avp| avp.is(def))
    }

    /// The error for the AVP at which iteration stopped.
    #[cold]
    pub(super) fn broken(&self) -> DecodeError {
        DecodeError::InvalidAvpLength(FailedAvp::broken(self.rest))
    }
}

impl core::fmt::Debug for Avps<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

impl<'a> Iterator for Avps<'a> {
    type Item = AvpRef<'a>;

    #[inline]
    fn next(&mut self) -> Option<AvpRef<'a>> {
        let ([c0, c1, c2, c3, flags, l0, l1, l2], body) = self.rest.split_first_chunk::<8>()?;
        let flags = AvpFlags(*flags);
        let length = u32::from_be_bytes([0, *l0, *l1, *l2]) as usize;
        let (vendor, header) = if flags.vendor() {
            (Some(VendorId(u32::from_be_bytes(*body.first_chunk::<4>()?))), 12)
        } else {
            (None, 8)
        };
        let data = self.rest.get(header..length)?;
        self.rest = self.rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(AvpRef { code: AvpCode(u32::from_be_bytes([*c0, *c1, *c2, *c3])), vendor, flags, data })
    }
}
