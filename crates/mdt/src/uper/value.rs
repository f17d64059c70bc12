//! How values are coded: each ASN.1 type that occurs is a type here which reads and writes Rust values.

use super::{Reader, UperError, Writer};
use core::marker::PhantomData;

/// A value that has one encoding.
pub(crate) trait Uper: Sized {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError>;
    fn write(&self, writer: &mut Writer) -> Result<(), UperError>;
}

/// An encoding of values of type `T`.
pub(crate) trait As<T> {
    fn read(reader: &mut Reader<'_>) -> Result<T, UperError>;
    fn write(value: &T, writer: &mut Writer) -> Result<(), UperError>;
}

/// The one encoding that the value has.
pub(crate) struct Same;

impl<T: Uper> As<T> for Same {
    fn read(reader: &mut Reader<'_>) -> Result<T, UperError> {
        T::read(reader)
    }

    fn write(value: &T, writer: &mut Writer) -> Result<(), UperError> {
        value.write(writer)
    }
}

/// INTEGER (MIN..MAX), and BIT STRING of fixed size as a number.
pub(crate) struct Int<const MIN: i64, const MAX: i64>;

impl<const MIN: i64, const MAX: i64> Int<MIN, MAX> {
    const SPAN: u64 = MAX.abs_diff(MIN);
    const BITS: u32 = 64 - Self::SPAN.leading_zeros();
}

macro_rules! int {
    ($($t:ty)*) => {$(
        impl<const MIN: i64, const MAX: i64> As<$t> for Int<MIN, MAX> {
            fn read(reader: &mut Reader<'_>) -> Result<$t, UperError> {
                let offset = reader.take(Self::BITS)?;
                if offset > Self::SPAN {
                    return Err(reader.out_of_range());
                }
                MIN.checked_add_unsigned(offset).and_then(|v| <$t>::try_from(v).ok()).ok_or(reader.out_of_range())
            }

            fn write(value: &$t, writer: &mut Writer) -> Result<(), UperError> {
                // Lossless where it fits at all: no type here holds 2^63.
                let value = i64::try_from(*value).unwrap_or(i64::MAX);
                if !(MIN..=MAX).contains(&value) {
                    return Err(UperError::Unencodable("number outside its range"));
                }
                writer.bits(Self::BITS, value.abs_diff(MIN));
                Ok(())
            }
        }
    )*};
}
int!(u8 u16 u32 u64 i8 i16 i32);

impl Uper for bool {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        Ok(reader.take(1)? != 0)
    }

    fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        writer.bit(*self);
        Ok(())
    }
}

impl<T: Uper> Uper for Box<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        T::read(reader).map(Self::new)
    }

    fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        T::write(self, writer)
    }
}

/// OCTET STRING (SIZE (N)).
impl<const N: usize> Uper for [u8; N] {
    fn read(reader: &mut Reader<'_>) -> Result<Self, UperError> {
        let mut octets = [0; N];
        for octet in &mut octets {
            *octet = reader.take(8)? as u8;
        }
        Ok(octets)
    }

    fn write(&self, writer: &mut Writer) -> Result<(), UperError> {
        writer.octets(self);
        Ok(())
    }
}

fn read_octets(reader: &mut Reader<'_>, count: usize) -> Result<Vec<u8>, UperError> {
    if reader.octets_left() < count {
        reader.skip(count);
        reader.check()?;
    }
    (0..count).map(|_| Ok(reader.take(8)? as u8)).collect()
}

/// OCTET STRING (SIZE (MIN..MAX)) with MAX below 65 536.
pub(crate) struct Octets<const MIN: i64, const MAX: i64>;

impl<const MIN: i64, const MAX: i64> As<Vec<u8>> for Octets<MIN, MAX> {
    fn read(reader: &mut Reader<'_>) -> Result<Vec<u8>, UperError> {
        let count: u32 = Int::<MIN, MAX>::read(reader)?;
        read_octets(reader, count as usize)
    }

    fn write(value: &Vec<u8>, writer: &mut Writer) -> Result<(), UperError> {
        let count = u32::try_from(value.len()).map_err(|_| UperError::Unencodable("octet string too long"))?;
        Int::<MIN, MAX>::write(&count, writer)?;
        writer.octets(value);
        Ok(())
    }
}

/// OCTET STRING without a size.
pub(crate) struct OctetString;

impl As<Vec<u8>> for OctetString {
    fn read(reader: &mut Reader<'_>) -> Result<Vec<u8>, UperError> {
        let count = reader.take_length()?;
        read_octets(reader, count)
    }

    fn write(value: &Vec<u8>, writer: &mut Writer) -> Result<(), UperError> {
        writer.length(value.len())?;
        writer.octets(value);
        Ok(())
    }
}

/// All octets of an open type, kept as they are. It has one at least (X.691 clause 11.2): an empty one, as some write it, is read as
/// the octet that a value without bits has.
pub(crate) struct Raw;

impl As<Vec<u8>> for Raw {
    fn read(reader: &mut Reader<'_>) -> Result<Vec<u8>, UperError> {
        let octets = read_octets(reader, reader.octets_left())?;
        Ok(if octets.is_empty() { vec![0] } else { octets })
    }

    fn write(value: &Vec<u8>, writer: &mut Writer) -> Result<(), UperError> {
        writer.octets(value);
        Ok(())
    }
}

/// SEQUENCE (SIZE (MIN..MAX)) OF. Each element takes a bit at least, so memory is bounded by the message.
pub(crate) struct List<C, const MIN: i64, const MAX: i64>(PhantomData<C>);

impl<T, C: As<T>, const MIN: i64, const MAX: i64> As<Vec<T>> for List<C, MIN, MAX> {
    fn read(reader: &mut Reader<'_>) -> Result<Vec<T>, UperError> {
        let count: u32 = Int::<MIN, MAX>::read(reader)?;
        let mut list = Vec::with_capacity((count as usize).min(reader.octets_left()));
        for _ in 0..count {
            list.push(C::read(reader)?);
        }
        Ok(list)
    }

    fn write(value: &Vec<T>, writer: &mut Writer) -> Result<(), UperError> {
        let count = u32::try_from(value.len()).map_err(|_| UperError::Unencodable("list too long"))?;
        Int::<MIN, MAX>::write(&count, writer)?;
        value.iter().try_for_each(|element| C::write(element, writer))
    }
}
