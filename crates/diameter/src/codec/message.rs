//! A received message: header and body, checked once, then read in place.

use super::{
    AvpRef, Avps, CommandCode, CommandFlags, DEFAULT_MAX_MESSAGE, DecodeError, FailedAvp, HEADER_LEN, Header,
    Malformed, VendorId, frame_length,
};
use crate::{
    codec::ApplicationId,
    dictionary::{self, AvpDef, AvpType},
};
use bytes::Bytes;

/// Groups may lie this deep, no deeper.
pub const MAX_GROUP_DEPTH: usize = 8;

/// A message whose every AVP fits, in groups known to the dictionary too. Re-encoding gives the same octets.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The header. May be changed before the message is sent on.
    pub header: Header,
    body: Bytes,
}

impl Message {
    /// Takes one whole frame and checks the structure: every AVP length, the depth of groups, V with vendor 0 and R with
    /// E in requests. Copies nothing.
    ///
    /// Contents of Failed-AVP are not checked, because it carries what another node found broken.
    ///
    /// # Errors
    /// [`Malformed`], with the message up to the fault if it has a header.
    pub fn decode(frame: Bytes) -> Result<Self, Malformed> {
        let Some(head) = frame.first_chunk::<HEADER_LEN>() else {
            let error = DecodeError::InvalidMessageLength(u32::try_from(frame.len()).unwrap_or(u32::MAX));
            return Err(Malformed { message: None, error });
        };
        let message = Self { header: Header::decode(head), body: frame.slice(HEADER_LEN..) };
        let [version, l0, l1, l2, ..] = *head;
        match frame_length([version, l0, l1, l2], usize::MAX) {
            Ok(length) if length == frame.len() => {}
            Ok(length) => {
                let error = DecodeError::InvalidMessageLength(u32::try_from(length).unwrap_or(u32::MAX));
                return Err(Malformed { message: Some(message), error });
            }
            Err(error) => return Err(Malformed { message: Some(message), error }),
        }
        match message.check() {
            Ok(()) => Ok(message),
            Err(error) => Err(Malformed { message: Some(message), error }),
        }
    }

    /// The AVPs in order.
    #[inline]
    #[must_use]
    pub fn avps(&self) -> Avps<'_> {
        Avps::new(&self.body)
    }

    /// The first AVP of this definition.
    #[must_use]
    pub fn find(&self, def: &AvpDef) -> Option<AvpRef<'_>> {
        self.avps().find(def)
    }

    /// All AVPs of this definition, in order: Proxy-Info to echo, Route-Record to look for a loop.
    pub fn all<'a>(&'a self, def: &'a AvpDef) -> impl Iterator<Item = AvpRef<'a>> {
        self.avps().filter(move |avp| avp.is(def))
    }

    /// The encoded AVPs.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether this is a request.
    #[must_use]
    pub fn is_request(&self) -> bool {
        self.header.is_request()
    }

    /// Octets of the encoded message.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        HEADER_LEN + self.body.len()
    }

    /// Appends the message to `out`, byte for byte as received but for changes of the header.
    pub fn encode(&self, out: &mut Vec<u8>) {
        // A body is at most 24 bits long less the header: checked in `decode`.
        out.extend_from_slice(&self.header.encode(u32::try_from(self.encoded_len()).unwrap_or(u32::MAX)));
        out.extend_from_slice(&self.body);
    }

    /// Checks that this is the request (or answer) of a command of an application.
    ///
    /// # Errors
    /// [`DecodeError::ApplicationUnsupported`], [`DecodeError::CommandUnsupported`] or [`DecodeError::InvalidHeaderBits`].
    #[inline]
    pub fn expect(&self, application: ApplicationId, command: CommandCode, request: bool) -> Result<(), DecodeError> {
        if self.header.application != application {
            Err(DecodeError::ApplicationUnsupported(self.header.application))
        } else if self.header.command != command {
            Err(DecodeError::CommandUnsupported(self.header.command))
        } else if self.header.is_request() != request {
            Err(DecodeError::InvalidHeaderBits(self.header.flags))
        } else {
            Ok(())
        }
    }

    fn check(&self) -> Result<(), DecodeError> {
        if self.header.flags.contains(CommandFlags::REQUEST.with(CommandFlags::ERROR)) {
            return Err(DecodeError::InvalidHeaderBits(self.header.flags));
        }
        check_avps(self.avps(), self.header.is_request(), 0)
    }
}

fn check_avps(mut avps: Avps<'_>, request: bool, depth: usize) -> Result<(), DecodeError> {
    for avp in avps.by_ref() {
        if request && avp.vendor == Some(VendorId(0)) {
            return Err(DecodeError::InvalidAvpBits(FailedAvp::copy_of(avp)));
        }
        let known = dictionary::by_key(avp.key());
        if known.is_some_and(|def| def.kind == AvpType::Grouped && *def != dictionary::FAILED_AVP) {
            if depth == MAX_GROUP_DEPTH {
                return Err(DecodeError::TooDeep(FailedAvp::copy_of(AvpRef { data: &[], ..avp })));
            }
            check_avps(Avps::new(avp.data), request, depth + 1).map_err(|error| error.within(avp))?;
        }
    }
    if avps.rest().is_empty() { Ok(()) } else { Err(avps.broken()) }
}

/// Whether the members of a group are sound, all the way down: in a message that is malformed they may not be.
pub(crate) fn is_sound_group(avp: AvpRef<'_>) -> bool {
    check_avps(Avps::new(avp.data), false, 1).is_ok()
}

impl core::fmt::Debug for Message {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Message").field("header", &self.header).field("avps", &self.avps()).finish()
    }
}

/// Cuts whole frames out of a growing buffer; holds nothing but the limit.
#[derive(Debug, Clone, Copy)]
pub struct Framer {
    /// Greatest message taken, octets.
    pub max_message: usize,
}

impl Default for Framer {
    fn default() -> Self {
        Self { max_message: DEFAULT_MAX_MESSAGE }
    }
}

impl Framer {
    /// The next whole frame at the front of `buffer`, taken out without copying; `None` until more octets arrive.
    ///
    /// # Errors
    /// Those of [`frame_length`]: framing is lost and the connection must be closed.
    pub fn next_frame(self, buffer: &mut bytes::BytesMut) -> Result<Option<Bytes>, DecodeError> {
        let Some(prefix) = buffer.first_chunk::<4>() else { return Ok(None) };
        let length = frame_length(*prefix, self.max_message)?;
        Ok((buffer.len() >= length).then(|| buffer.split_to(length).freeze()))
    }
}
