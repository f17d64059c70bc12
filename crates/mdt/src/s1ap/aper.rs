//! What aligned PER does otherwise than unaligned (ITU-T X.691): longer strings, counts without a small bound and open types begin at
//! an octet. Everything else is as in [`crate::uper`].

use crate::uper::{As, Reader, UperError, Writer};
use core::marker::PhantomData;

fn out_of_range<T>(reader: &Reader<'_>) -> Result<T, UperError> {
    Err(reader.out_of_range())
}

/// OCTET STRING of a fixed size above two.
pub(super) struct Aligned;

impl<const N: usize> As<[u8; N]> for Aligned {
    fn read(reader: &mut Reader<'_>) -> Result<[u8; N], UperError> {
        reader.align();
        <[u8; N] as crate::uper::Uper>::read(reader)
    }

    fn write(value: &[u8; N], writer: &mut Writer) -> Result<(), UperError> {
        writer.align();
        writer.octets(value);
        Ok(())
    }
}

/// INTEGER (0..65535), and BIT STRING of a fixed size above 16 as a number.
pub(super) struct Wide<const BITS: u32>;

impl<const BITS: u32> As<u32> for Wide<BITS> {
    fn read(reader: &mut Reader<'_>) -> Result<u32, UperError> {
        reader.align();
        Ok(reader.take(BITS)? as u32)
    }

    fn write(value: &u32, writer: &mut Writer) -> Result<(), UperError> {
        if *value >> BITS != 0 {
            return Err(UperError::Unencodable("number outside its range"));
        }
        writer.align();
        writer.bits(BITS, u64::from(*value));
        Ok(())
    }
}

/// ENUMERATED with an extension mark: so many values before it and behind it, as their place.
pub(super) struct Enumerated<const ROOT: u8, const LATER: u8>;

impl<const ROOT: u8, const LATER: u8> Enumerated<ROOT, LATER> {
    const BITS: u32 = 8 - (ROOT - 1).leading_zeros();
}

impl<const ROOT: u8, const LATER: u8> As<u8> for Enumerated<ROOT, LATER> {
    fn read(reader: &mut Reader<'_>) -> Result<u8, UperError> {
        let is_later = reader.take(1)? != 0;
        // Behind the mark a small number: a bit that says so, and six.
        let place = if is_later { reader.take(7)? + u64::from(ROOT) } else { reader.take(Self::BITS)? };
        let most = u64::from(if is_later { ROOT + LATER } else { ROOT });
        if place < most { Ok(place as u8) } else { out_of_range(reader) }
    }

    fn write(value: &u8, writer: &mut Writer) -> Result<(), UperError> {
        match value.checked_sub(ROOT) {
            None => writer.bits(1 + Self::BITS, u64::from(*value)),
            Some(later) if later < LATER => writer.bits(8, 0x80 | u64::from(later)),
            Some(_) => return Err(UperError::Unencodable("no value of its type")),
        }
        Ok(())
    }
}

fn read_length(reader: &mut Reader<'_>) -> Result<usize, UperError> {
    reader.align();
    reader.take_length()
}

fn read_octets(reader: &mut Reader<'_>, count: usize) -> Result<Vec<u8>, UperError> {
    if reader.octets_left() < count {
        reader.skip(count);
        reader.check()?;
    }
    (0..count).map(|_| Ok(reader.take(8)? as u8)).collect()
}

/// An open type, and VisibleString without a size: octets behind their length.
pub(super) struct Open;

impl As<Vec<u8>> for Open {
    fn read(reader: &mut Reader<'_>) -> Result<Vec<u8>, UperError> {
        let count = read_length(reader)?;
        read_octets(reader, count)
    }

    fn write(value: &Vec<u8>, writer: &mut Writer) -> Result<(), UperError> {
        writer.align();
        writer.length(value.len())?;
        writer.octets(value);
        Ok(())
    }
}

/// SEQUENCE (SIZE (1..65535)) OF.
pub(super) struct Many<C>(PhantomData<C>);

impl<T, C: As<T>> As<Vec<T>> for Many<C> {
    fn read(reader: &mut Reader<'_>) -> Result<Vec<T>, UperError> {
        let count = <Wide<16> as As<u32>>::read(reader)? + 1;
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(C::read(reader)?);
        }
        Ok(list)
    }

    fn write(value: &Vec<T>, writer: &mut Writer) -> Result<(), UperError> {
        let count = value.len().checked_sub(1).and_then(|count| u32::try_from(count).ok());
        <Wide<16> as As<u32>>::write(&count.ok_or(UperError::Unencodable("empty list"))?, writer)?;
        value.iter().try_for_each(|element| C::write(element, writer))
    }
}

/// TransportLayerAddress, BIT STRING (SIZE (1..160, ...)), of whole octets.
pub(super) struct Address;

impl As<Vec<u8>> for Address {
    fn read(reader: &mut Reader<'_>) -> Result<Vec<u8>, UperError> {
        let bits = reader.take(9)? + 1;
        // The mark of the extension is the highest of them.
        let (octets, rest) = (bits / 8, bits % 8);
        if bits > 160 || rest != 0 {
            return out_of_range(reader);
        }
        reader.align();
        read_octets(reader, octets as usize)
    }

    fn write(value: &Vec<u8>, writer: &mut Writer) -> Result<(), UperError> {
        if !(1..=20).contains(&value.len()) {
            return Err(UperError::Unencodable("address of no such length"));
        }
        writer.bits(9, value.len() as u64 * 8 - 1);
        writer.align();
        writer.octets(value);
        Ok(())
    }
}

/// OCTET STRING (SIZE (1..MAX)), MAX below 257.
pub(super) struct Name<const MAX: i64>;

impl<const MAX: i64> As<Vec<u8>> for Name<MAX> {
    fn read(reader: &mut Reader<'_>) -> Result<Vec<u8>, UperError> {
        let count: u32 = crate::uper::Int::<1, MAX>::read(reader)?;
        reader.align();
        read_octets(reader, count as usize)
    }

    fn write(value: &Vec<u8>, writer: &mut Writer) -> Result<(), UperError> {
        let count = u32::try_from(value.len()).unwrap_or(u32::MAX);
        crate::uper::Int::<1, MAX>::write(&count, writer)?;
        writer.align();
        writer.octets(value);
        Ok(())
    }
}
