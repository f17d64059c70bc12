//! Descriptions of constructed types, from which both directions follow.

/// A SEQUENCE: a struct, and both directions of its encoding.
///
/// Members are `must name: Type as Encoding`, `may name: …` for OPTIONAL, and `flag name` for ENUMERATED {true} OPTIONAL. A SEQUENCE with
/// an extension mark says `extensible { name: Type as Encoding, … }`, where each is one addition or one addition group and becomes an
/// `Option`; additions after those are passed over.
macro_rules! sequence {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            $( $(#[$fdoc:meta])* $kind:ident $field:ident $(: $t:ty as $c:ty)? ),* $(,)?
        }
        $( extensible {
            $( $(#[$adoc:meta])* $addition:ident : $at:ty as $ac:ty ),* $(,)?
        } )?
    ) => {
        $(#[$doc])*
        pub struct $name {
            $( $(#[$fdoc])* pub $field: $crate::uper::sequence!(@type $kind $($t)?), )*
            $( $( $(#[$adoc])* pub $addition: Option<$at>, )* )?
        }

        impl $crate::uper::Uper for $name {
            fn read(reader: &mut $crate::uper::Reader<'_>) -> Result<Self, $crate::uper::UperError> {
                $crate::uper::sequence!(@extension reader extended $({ $($addition)* })?);
                $( let $field = $crate::uper::sequence!(@present $kind reader); )*
                $( let $field = $crate::uper::sequence!(@read $kind $field reader $($t as $c)?); )*
                $(
                    #[allow(unused_mut, reason = "an extension without known additions")]
                    let mut additions = if extended {
                        let additions = reader.additions();
                        reader.check()?;
                        additions
                    } else {
                        $crate::uper::Additions::NONE
                    };
                    $( let $addition = additions.read(reader, <$ac as $crate::uper::As<$at>>::read)?; )*
                    additions.skip(reader);
                    reader.check()?;
                )?
                Ok(Self { $($field,)* $($($addition,)*)? })
            }

            fn write(&self, writer: &mut $crate::uper::Writer) -> Result<(), $crate::uper::UperError> {
                $crate::uper::sequence!(@mark_extension self writer $({ $($addition)* })?);
                $( $crate::uper::sequence!(@mark $kind (&self.$field) writer); )*
                $( $crate::uper::sequence!(@write $kind (&self.$field) writer $($t as $c)?); )*
                $( $crate::uper::sequence!(@write_additions self writer $($addition $at as $ac),*); )?
                Ok(())
            }
        }
    };

    (@type must $t:ty) => { $t };
    (@type may $t:ty) => { Option<$t> };
    (@type flag) => { bool };

    (@extension $reader:ident $extended:ident) => {};
    (@extension $reader:ident $extended:ident { $($addition:ident)* }) => { let $extended = $reader.take(1)? != 0; };

    (@present must $reader:ident) => { () };
    (@present $kind:ident $reader:ident) => { $reader.take(1)? != 0 };

    (@read must $field:ident $reader:ident $t:ty as $c:ty) => {{
        let () = $field;
        <$c as $crate::uper::As<$t>>::read($reader)?
    }};
    (@read may $field:ident $reader:ident $t:ty as $c:ty) => {
        if $field { Some(<$c as $crate::uper::As<$t>>::read($reader)?) } else { None }
    };
    (@read flag $field:ident $reader:ident) => { $field };

    (@mark_extension $self:ident $writer:ident) => {};
    (@mark_extension $self:ident $writer:ident { }) => { $writer.bit(false); };
    (@mark_extension $self:ident $writer:ident { $($addition:ident)+ }) => {
        $writer.bit($( $self.$addition.is_some() )||+);
    };

    (@mark must ($value:expr) $writer:ident) => {};
    (@mark may ($value:expr) $writer:ident) => { $writer.bit($value.is_some()); };
    (@mark flag ($value:expr) $writer:ident) => { $writer.bit(*$value); };

    (@write must ($value:expr) $writer:ident $t:ty as $c:ty) => {
        <$c as $crate::uper::As<$t>>::write($value, $writer)?;
    };
    (@write may ($value:expr) $writer:ident $t:ty as $c:ty) => {
        if let Some(value) = $value { <$c as $crate::uper::As<$t>>::write(value, $writer)?; }
    };
    (@write flag ($value:expr) $writer:ident) => {};

    (@write_additions $self:ident $writer:ident ) => {};
    (@write_additions $self:ident $writer:ident $($addition:ident $at:ty as $ac:ty),+) => {
        if $( $self.$addition.is_some() )||+ {
            $crate::uper::write_additions($writer, &[$( $self.$addition.is_some() ),+]);
            $(
                if let Some(value) = &$self.$addition {
                    $writer.open(|writer| <$ac as $crate::uper::As<$at>>::write(value, writer))?;
                }
            )+
        }
    };
}

/// A CHOICE: an enum, and both directions of its encoding. Alternatives come in the order of the standard; those of the extension are in
/// `extensible { … }`, and one that is not known is [`UperError::OutOfRange`](super::UperError::OutOfRange).
macro_rules! choice {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $( $(#[$vdoc:meta])* $variant:ident($t:ty as $c:ty) = $index:literal ),+ $(,)?
        }
        $( extensible {
            $( $(#[$edoc:meta])* $later:ident($lt:ty as $lc:ty) = $lindex:literal ),* $(,)?
        } )?
    ) => {
        $(#[$doc])*
        pub enum $name {
            $( $(#[$vdoc])* $variant($t), )+
            $( $( $(#[$edoc])* $later($lt), )* )?
        }

        impl $name {
            const BITS: u32 = {
                let count: u32 = [$($index),+].len() as u32;
                32 - (count - 1).leading_zeros()
            };
            const EXTENSIBLE: bool = $crate::uper::choice!(@extensible $({ $($later)* })?);
        }

        impl $crate::uper::Uper for $name {
            fn read(reader: &mut $crate::uper::Reader<'_>) -> Result<Self, $crate::uper::UperError> {
                $(
                    if reader.take(1)? != 0 {
                        if reader.take(1)? != 0 {
                            return Err(reader.out_of_range());
                        }
                        let index = reader.take(6)?;
                        let length = reader.take_length()?;
                        #[allow(unused_mut, unused_variables, reason = "an extension without known alternatives")]
                        let mut window = reader.window(length);
                        reader.check()?;
                        return match index {
                            $( $lindex => Ok(Self::$later(<$lc as $crate::uper::As<$lt>>::read(&mut window)?)), )*
                            _ => Err(reader.out_of_range()),
                        };
                    }
                )?
                match reader.take(Self::BITS)? {
                    $( $index => Ok(Self::$variant(<$c as $crate::uper::As<$t>>::read(reader)?)), )+
                    _ => Err(reader.out_of_range()),
                }
            }

            fn write(&self, writer: &mut $crate::uper::Writer) -> Result<(), $crate::uper::UperError> {
                match self {
                    $( Self::$variant(value) => {
                        if Self::EXTENSIBLE {
                            writer.bit(false);
                        }
                        writer.bits(Self::BITS, $index);
                        <$c as $crate::uper::As<$t>>::write(value, writer)
                    } )+
                    $( $( Self::$later(value) => {
                        writer.bits(8, 0x80 | $lindex);
                        writer.open(|writer| <$lc as $crate::uper::As<$lt>>::write(value, writer))
                    } )* )?
                }
            }
        }
    };

    (@extensible) => { false };
    (@extensible { $($later:ident)* }) => { true };
}

/// An ENUMERATED without extension mark, of which the values named here are taken; `of N` counts its spares as well.
macro_rules! enumerated {
    (
        $(#[$doc:meta])*
        pub enum $name:ident of $count:literal {
            $( $(#[$vdoc:meta])* $variant:ident = $index:literal ),+ $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $( $(#[$vdoc])* $variant = $index, )+
        }

        impl $name {
            /// Every value, in the order of the standard.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        impl $crate::uper::Uper for $name {
            fn read(reader: &mut $crate::uper::Reader<'_>) -> Result<Self, $crate::uper::UperError> {
                let index: u8 = <$crate::uper::Int<0, { $count - 1 }> as $crate::uper::As<u8>>::read(reader)?;
                match index {
                    $( $index => Ok(Self::$variant), )+
                    _ => Err(reader.out_of_range()),
                }
            }

            fn write(&self, writer: &mut $crate::uper::Writer) -> Result<(), $crate::uper::UperError> {
                <$crate::uper::Int<0, { $count - 1 }> as $crate::uper::As<u8>>::write(&(*self as u8), writer)
            }
        }
    };
}

pub(crate) use {choice, enumerated, sequence};
