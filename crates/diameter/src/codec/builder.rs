//! Writing messages into a buffer of the caller.

use super::{AvpFlags, AvpRef, EncodeError, Header, avp::ntp_seconds};
use crate::dictionary::AvpDef;
use lcs::Timestamp;
use std::net::IpAddr;

/// Greatest length that 24 bits can say.
const MAX_LENGTH: usize = 0x00FF_FFFF;

/// Appends a message, or AVPs alone, to a buffer that may be used again and again. M and V follow the dictionary.
pub struct Builder<'b> {
    out: &'b mut Vec<u8>,
    start: usize,
    message: bool,
    too_long: bool,
}

impl<'b> Builder<'b> {
    /// Begins a message at the end of `out`.
    #[must_use]
    pub fn new(out: &'b mut Vec<u8>, header: Header) -> Self {
        let start = out.len();
        out.extend_from_slice(&header.encode(0));
        Self { out, start, message: true, too_long: false }
    }

    /// Begins a run of AVPs without a message around them.
    #[must_use]
    pub fn fragment(out: &'b mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start, message: false, too_long: false }
    }

    /// Appends an AVP of any type whose data is already encoded.
    #[inline]
    pub fn avp(&mut self, def: &AvpDef, data: &[u8]) -> &mut Self {
        self.raw(AvpRef { code: def.code, vendor: def.vendor, flags: def.flags(), data })
    }

    /// Appends an AVP with exactly these flags; V follows the presence of the vendor.
    #[inline]
    pub fn raw(&mut self, avp: AvpRef<'_>) -> &mut Self {
        let header = if avp.vendor.is_some() { 12 } else { 8 };
        let length = header + avp.data.len();
        if length > MAX_LENGTH {
            self.too_long = true;
            return self;
        }
        let at = self.out.len();
        self.out.reserve(length + 3);
        self.head(avp, length);
        self.out.extend_from_slice(avp.data);
        self.pad(at);
        self
    }

    /// Appends an Unsigned32 or Enumerated.
    #[inline]
    pub fn u32(&mut self, def: &AvpDef, value: u32) -> &mut Self {
        self.avp(def, &value.to_be_bytes())
    }

    /// Appends an Unsigned64.
    #[inline]
    pub fn u64(&mut self, def: &AvpDef, value: u64) -> &mut Self {
        self.avp(def, &value.to_be_bytes())
    }

    /// Appends an Integer32.
    #[inline]
    pub fn i32(&mut self, def: &AvpDef, value: i32) -> &mut Self {
        self.avp(def, &value.to_be_bytes())
    }

    /// Appends a UTF8String or DiameterIdentity.
    #[inline]
    pub fn text(&mut self, def: &AvpDef, value: &str) -> &mut Self {
        self.avp(def, value.as_bytes())
    }

    /// Appends an Address (RFC 6733 section 4.3.1).
    pub fn address(&mut self, def: &AvpDef, value: IpAddr) -> &mut Self {
        let mut data = [0u8; 18];
        let used = match value {
            IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                data[..6].copy_from_slice(&[0, 1, a, b, c, d]);
                6
            }
            IpAddr::V6(v6) => {
                data[1] = 2;
                data[2..].copy_from_slice(&v6.octets());
                18
            }
        };
        self.avp(def, data.get(..used).unwrap_or_default())
    }

    /// Appends a Time (RFC 6733 section 4.3.1).
    pub fn time(&mut self, def: &AvpDef, value: Timestamp) -> &mut Self {
        self.u32(def, ntp_seconds(value))
    }

    /// Appends a Grouped AVP whose members `fill` appends.
    #[inline]
    pub fn group(&mut self, def: &AvpDef, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let at = self.out.len();
        self.head(AvpRef { code: def.code, vendor: def.vendor, flags: def.flags(), data: &[] }, 0);
        fill(self);
        self.patch_length(at + 5, at);
        self
    }

    /// Ends the message, writes its length, and tells the number of octets appended.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`]; the buffer is then as before.
    pub fn finish(mut self) -> Result<usize, EncodeError> {
        let start = self.start;
        if self.message {
            self.patch_length(start + 1, start);
        }
        if self.too_long {
            self.out.truncate(start);
            return Err(EncodeError::TooLong);
        }
        Ok(self.out.len() - start)
    }

    fn head(&mut self, avp: AvpRef<'_>, length: usize) {
        let [_, l0, l1, l2] = (length as u32).to_be_bytes();
        let [c0, c1, c2, c3] = avp.code.0.to_be_bytes();
        let flags = avp.flags.0 & !AvpFlags::VENDOR.0;
        match avp.vendor {
            Some(vendor) => {
                let [v0, v1, v2, v3] = vendor.0.to_be_bytes();
                self.out.extend_from_slice(&[c0, c1, c2, c3, flags | 0x80, l0, l1, l2, v0, v1, v2, v3]);
            }
            None => self.out.extend_from_slice(&[c0, c1, c2, c3, flags, l0, l1, l2]),
        }
    }

    fn pad(&mut self, at: usize) {
        let used = self.out.len() - at;
        self.out.resize(at + used.next_multiple_of(4), 0);
    }

    fn patch_length(&mut self, field: usize, from: usize) {
        let length = self.out.len() - from;
        if length > MAX_LENGTH {
            self.too_long = true;
            return;
        }
        let [_, octets @ ..] = (length as u32).to_be_bytes();
        if let Some(place) = self.out.get_mut(field..field + 3) {
            place.copy_from_slice(&octets);
        }
    }
}

impl core::fmt::Debug for Builder<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Builder({} octets)", self.out.len() - self.start)
    }
}
