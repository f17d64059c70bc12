//! Persons and notices as CBOR (RFC 8949), for the sealed columns where they are kept.

use super::notice::Notice;
use super::person::Person;

/// Why octets are no record: written by a newer version, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a record of the consent register that this program knows; a newer version may have written it")]
pub struct RecordError;

/// Points in time as microseconds.
pub(crate) mod time {
    use lcs::Timestamp;
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write>(
        at: &Timestamp,
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.u64(at.micros()).map(|_| ())
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Timestamp, DecodeError> {
        decoder.u64().map(Timestamp::from_micros)
    }
}

/// The same where there may be none.
pub(crate) mod maybe_time {
    use lcs::Timestamp;
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write>(
        at: &Option<Timestamp>,
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.encode_with(at.map(Timestamp::micros), context).map(|_| ())
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, context: &mut C) -> Result<Option<Timestamp>, DecodeError> {
        Ok(decoder.decode_with::<C, Option<u64>>(context)?.map(Timestamp::from_micros))
    }
}

/// Networks as on the wire.
pub(crate) mod plmns {
    use lcs::PlmnId;
    use minicbor::decode::Error as DecodeError;
    use minicbor::encode::{Error as EncodeError, Write};
    use minicbor::{Decoder, Encoder};

    pub(crate) fn encode<C, W: Write>(
        plmns: &[PlmnId],
        encoder: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        let octets: Vec<u8> = plmns.iter().flat_map(|plmn| plmn.octets()).collect();
        encoder.bytes(&octets).map(|_| ())
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _: &mut C) -> Result<Vec<PlmnId>, DecodeError> {
        let (plmns, rest) = decoder.bytes()?.as_chunks::<3>();
        let plmns: Option<Vec<_>> = plmns.iter().map(|octets| PlmnId::from_octets(*octets)).collect();
        plmns.filter(|_| rest.is_empty()).ok_or_else(|| DecodeError::message("no networks"))
    }
}

fn decoded<'b, T: minicbor::Decode<'b, ()>>(octets: &'b [u8]) -> Result<T, RecordError> {
    let mut decoder = minicbor::Decoder::new(octets);
    let value = decoder.decode().map_err(|_| RecordError)?;
    if decoder.position() == octets.len() { Ok(value) } else { Err(RecordError) }
}

impl Notice {
    /// As octets.
    ///
    /// # Errors
    /// Never in practice: writing to memory does not fail.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        minicbor::to_vec(self).map_err(|_| RecordError)
    }

    /// Reads and checks.
    ///
    /// # Errors
    /// They are no notice.
    pub fn decode(octets: &[u8]) -> Result<Self, RecordError> {
        decoded(octets).and_then(|notice: Self| notice.check().map(|()| notice).map_err(|_| RecordError))
    }
}

impl Person {
    /// As octets. They hold keyed hashes and the salt: seal them.
    ///
    /// # Errors
    /// Never in practice: writing to memory does not fail.
    pub fn encode(&self) -> Result<zeroize::Zeroizing<Vec<u8>>, RecordError> {
        minicbor::to_vec(self).map(zeroize::Zeroizing::new).map_err(|_| RecordError)
    }

    /// Reads and checks.
    ///
    /// # Errors
    /// They are no person.
    pub fn decode(octets: &[u8]) -> Result<Self, RecordError> {
        decoded(octets).and_then(|person: Self| if person.is_sound() { Ok(person) } else { Err(RecordError) })
    }
}
