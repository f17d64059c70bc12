//! BER elements and the syntax of TS 29.002, over the reader of `bcder`.
//!
//! Tags, lengths, indefinite lengths and what is skipped are the library's work, which skips without recursion; recursion here is
//! as deep as the types are. Elements of a SEQUENCE are taken in the order of its notation: what is not named is passed over, as
//! extensions are, and what comes twice or too late is refused, so that no indicator can hide behind another one.

use super::DecodeError;
use bcder::{
    Mode, Tag,
    decode::{Constructed, Content, DecodeError as BerError, SliceSource, Source},
    encode::write_header,
};

/// Longest argument, result or parameter that is looked at, octets. SCCP carries less than a quarter of it.
pub const MAX_OCTETS: usize = 16_384;

/// Marks the number of a tag of the universal class; without it a number is one of the context.
const UNIVERSAL: u32 = 1 << 24;
pub(super) const BOOLEAN: u32 = UNIVERSAL | 1;
pub(super) const INTEGER: u32 = UNIVERSAL | 2;
pub(super) const BIT_STRING: u32 = UNIVERSAL | 3;
pub(super) const OCTET_STRING: u32 = UNIVERSAL | 4;
pub(super) const ENUMERATED: u32 = UNIVERSAL | 10;
pub(super) const SEQUENCE: u32 = UNIVERSAL | 16;
/// Stands for every tag of another class; no type here has one.
const FOREIGN: u32 = u32::MAX;

/// A value that is the content of one BER element.
pub(super) trait Element: Sized {
    /// The tag where the notation gives none.
    const NATURAL: u32;
    /// Whether the content is elements again.
    const CONSTRUCTED: bool;
    /// Takes the whole content.
    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>>;
    /// Appends the content.
    fn write(&self, out: &mut Vec<u8>);
}

/// Where the reader is, and what it found wrong.
pub(super) struct Place {
    element: &'static str,
    fault: Option<DecodeError>,
}

impl Place {
    /// Names the element that is read next.
    pub(super) fn enter(&mut self, element: &'static str) {
        self.element = element;
    }

    /// The value is none that the element may have: unexpected data value.
    pub(super) fn unexpected<S: Source>(&mut self, content: &Content<'_, S>) -> BerError<S::Error> {
        self.refuse(content, DecodeError::UnexpectedDataValue(self.element))
    }

    /// An element of the syntax is not there.
    pub(super) fn absent<S: Source>(&mut self, content: &Content<'_, S>, name: &'static str) -> BerError<S::Error> {
        self.refuse(content, DecodeError::Mistyped(name))
    }

    /// Any other fault; the first one found stays.
    pub(super) fn refuse<S: Source>(&mut self, content: &Content<'_, S>, fault: DecodeError) -> BerError<S::Error> {
        self.fault.get_or_insert(fault);
        content.content_err("refused")
    }

    /// Which of `tags`, from `cursor` on, this is; `None` if it is not named there and may be passed over.
    pub(super) fn find<S: Source>(
        &mut self,
        tags: &[u32],
        cursor: usize,
        tag: Tag,
        content: &Content<'_, S>,
    ) -> Result<Option<usize>, BerError<S::Error>> {
        let number = number(tag);
        let later = tags.iter().skip(cursor).position(|known| *known == number);
        match later {
            Some(at) => Ok(Some(cursor + at)),
            None if tags.iter().take(cursor).any(|known| *known == number) => {
                Err(self.refuse(content, DecodeError::Mistyped(self.element)))
            }
            None => Ok(None),
        }
    }
}

fn number(tag: Tag) -> u32 {
    if tag.is_context_specific() {
        tag.number()
    } else if tag.is_universal() {
        UNIVERSAL | tag.number()
    } else {
        FOREIGN
    }
}

fn tag(number: u32) -> Tag {
    if number & UNIVERSAL == 0 { Tag::ctx(number) } else { Tag::universal(number & !UNIVERSAL) }
}

/// Passes over an element.
pub(super) fn skip<S: Source>(content: &mut Content<'_, S>) -> Result<(), BerError<S::Error>> {
    match content {
        Content::Primitive(primitive) => primitive.skip_all(),
        // Not skip_all, which takes the end of an indefinite length for something missing.
        Content::Constructed(constructed) => {
            while constructed.skip_opt(|_, _, _| Ok(()))?.is_some() {}
            Ok(())
        }
    }
}

/// What `read` makes of the content of a primitive element.
pub(super) fn primitive<S: Source, T>(
    content: &mut Content<'_, S>,
    place: &mut Place,
    read: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, BerError<S::Error>> {
    let value = content.as_primitive()?.with_slice_all(|octets| Ok::<_, &'static str>(read(octets)))?;
    value.ok_or_else(|| place.unexpected(content))
}

/// Reads the one element that fills `octets`.
pub(super) fn decode<T: Element>(octets: &[u8], name: &'static str) -> Result<T, DecodeError> {
    if octets.len() > MAX_OCTETS {
        return Err(DecodeError::TooLong(octets.len()));
    }
    let mut place = Place { element: name, fault: None };
    let mut source = SliceSource::new(octets);
    let value = Constructed::decode(&mut source, Mode::Ber, |outer| {
        outer.take_value(|tag, content| match number(tag) {
            natural if natural == T::NATURAL => T::read(content, &mut place),
            _ => Err(content.content_err("another type")),
        })
    });
    match value {
        Ok(value) if source.is_empty() => Ok(value),
        Ok(_) => Err(DecodeError::Mistyped(name)),
        Err(_) => Err(place.fault.unwrap_or(DecodeError::Mistyped(place.element))),
    }
}

/// Appends an element with this tag.
pub(super) fn put<T: Element>(out: &mut Vec<u8>, number: u32, value: &T) {
    element(out, number, T::CONSTRUCTED, |out| value.write(out));
}

/// Appends an element whose content `write` appends. Lengths are definite and as short as they can be.
pub(super) fn element(out: &mut Vec<u8>, number: u32, constructed: bool, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    header(out, number, constructed, 0);
    let content = out.len();
    write(out);
    let length = out.len() - content;
    match (u8::try_from(length), out.get_mut(content - 1)) {
        (Ok(short @ ..0x80), Some(octet)) => *octet = short,
        _ => {
            let mut long = Vec::with_capacity(8);
            header(&mut long, number, constructed, length);
            out.splice(start..content, long);
        }
    }
}

fn header(out: &mut Vec<u8>, number: u32, constructed: bool, length: usize) {
    // Writing into memory does not fail.
    write_header(out, tag(number), constructed, length).unwrap_or_default();
}

/// A SEQUENCE as TS 29.002 notes it: a struct, how it is read and how it is written.
///
/// `req` must be there, `opt` may be, `lax` may be and counts as absent when its value is not known, `flag` is a NULL that is there
/// or not. After `=` the tag: the number of one of the context, or a universal one. `check` is a method that looks at the whole.
macro_rules! sequence {
    (
        $(#[$about:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$note:meta])* $need:ident $field:ident: $type:ty = $tag:expr; )+
        }
        $(check $check:ident)?
    ) => {
        $(#[$about])*
        $vis struct $name {
            $( $(#[$note])* pub $field: $crate::map::ber::sequence!(@type $need $type), )+
        }

        impl $crate::map::ber::Element for $name {
            const NATURAL: u32 = $crate::map::ber::SEQUENCE;
            const CONSTRUCTED: bool = true;

            fn read<S: ::bcder::decode::Source>(
                content: &mut ::bcder::decode::Content<'_, S>,
                place: &mut $crate::map::ber::Place,
            ) -> Result<Self, ::bcder::decode::DecodeError<S::Error>> {
                const TAGS: &[u32] = &[$($tag),+];
                $( let mut $field = None; )+
                let mut cursor = 0;
                let elements = content.as_constructed()?;
                loop {
                    let more = elements.take_opt_value(|tag, content| {
                        let Some(found) = place.find(TAGS, cursor, tag, content)? else {
                            return $crate::map::ber::skip(content);
                        };
                        cursor = found + 1;
                        let mut _at = 0usize;
                        $(
                            if found == _at {
                                place.enter(stringify!($field));
                                $field = Some($crate::map::ber::sequence!(@read $need $type, content, place));
                                return Ok(());
                            }
                            _at += 1;
                        )+
                        Ok(())
                    })?;
                    if more.is_none() {
                        break;
                    }
                }
                let value = Self {
                    $( $field: $crate::map::ber::sequence!(@finish $need $field, content, place), )+
                };
                $( value.$check().map_err(|fault| place.refuse(content, fault))?; )?
                Ok(value)
            }

            fn write(&self, out: &mut Vec<u8>) {
                $( $crate::map::ber::sequence!(@write $need self.$field, $tag, out); )+
            }
        }
    };
    (@type req $type:ty) => { $type };
    (@type opt $type:ty) => { Option<$type> };
    (@type lax $type:ty) => { Option<$type> };
    (@type flag $type:ty) => { bool };
    (@read req $type:ty, $content:ident, $place:ident) => { <$type as $crate::map::ber::Element>::read($content, $place)? };
    (@read opt $type:ty, $content:ident, $place:ident) => { <$type as $crate::map::ber::Element>::read($content, $place)? };
    (@read lax $type:ty, $content:ident, $place:ident) => { <$type>::from_code($content.to_u32()?) };
    (@read flag $type:ty, $content:ident, $place:ident) => { $content.to_null()? };
    (@finish req $field:ident, $content:ident, $place:ident) => {
        match $field {
            Some(value) => value,
            None => return Err($place.absent($content, stringify!($field))),
        }
    };
    (@finish opt $field:ident, $content:ident, $place:ident) => { $field };
    (@finish lax $field:ident, $content:ident, $place:ident) => { $field.flatten() };
    (@finish flag $field:ident, $content:ident, $place:ident) => { $field.is_some() };
    (@write req $value:expr, $tag:expr, $out:ident) => { $crate::map::ber::put($out, $tag, &$value); };
    (@write opt $value:expr, $tag:expr, $out:ident) => {
        if let Some(value) = &$value {
            $crate::map::ber::put($out, $tag, value);
        }
    };
    (@write lax $value:expr, $tag:expr, $out:ident) => { $crate::map::ber::sequence!(@write opt $value, $tag, $out); };
    (@write flag $value:expr, $tag:expr, $out:ident) => {
        if $value {
            $crate::map::ber::element($out, $tag, false, |_| {});
        }
    };
}
pub(super) use sequence;

/// A type that is an argument, a result or the parameter of an error: read from and written to octets.
macro_rules! message {
    ($($name:ident = $notation:literal;)+) => {$(
        impl $name {
            #[doc = concat!("Reads one ", $notation, " that fills `octets`.")]
            ///
            /// # Errors
            /// What is wrong with it; [`DecodeError::reply`](crate::map::DecodeError::reply) says how to answer.
            pub fn decode(octets: &[u8]) -> Result<Self, $crate::map::DecodeError> {
                $crate::map::ber::decode(octets, $notation)
            }

            #[doc = concat!("The ", $notation, " as one BER element.")]
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                let mut out = Vec::with_capacity(192);
                self.encode_into(&mut out);
                out
            }

            #[doc = concat!("Appends the ", $notation, " as one BER element.")]
            pub fn encode_into(&self, out: &mut Vec<u8>) {
                $crate::map::ber::put(out, <Self as $crate::map::ber::Element>::NATURAL, self);
            }
        }
    )+};
}
pub(super) use message;
