//! Commands and groups written as the standards write them: one line an AVP, each with its cardinality.
//!
//! `req` is `{ AVP }`, `opt` is `[ AVP ]`, `many` is `*[ AVP ]`, `some` is `1*{ AVP }`. A group is `open` if its grammar
//! ends in `*[ AVP ]`, otherwise `closed`.

use crate::{
    codec::{AvpRef, DecodeError, FailedAvp},
    dictionary,
};

/// What to do with an AVP that the grammar does not name: kept, unless it must be understood and is unknown
/// (RFC 6733 section 4.1), or must be understood and lies in a group that does not admit it (section 7.1.5, 5008).
pub(crate) fn unnamed<'a>(avp: AvpRef<'a>, open: bool, extra: &mut Vec<AvpRef<'a>>) -> Result<(), DecodeError> {
    if avp.flags.mandatory() {
        match dictionary::by_key(avp.key()) {
            None => return Err(DecodeError::AvpUnsupported(FailedAvp::copy_of(avp))),
            Some(_) if !open => return Err(DecodeError::AvpNotAllowed(FailedAvp::copy_of(avp))),
            Some(_) => {}
        }
    }
    extra.push(avp);
    Ok(())
}

/// The error for an AVP beyond its greatest number.
#[cold]
pub(crate) fn too_many(avp: AvpRef<'_>) -> DecodeError {
    DecodeError::AvpOccursTooManyTimes(FailedAvp::copy_of(avp))
}

/// The error for a missing AVP.
#[cold]
pub(crate) fn missing(def: &dictionary::AvpDef) -> DecodeError {
    DecodeError::MissingAvp(FailedAvp::example(def))
}

/// Builds the structure of a command or group with its reading and writing.
macro_rules! grammar {
    (
        $(#[$doc:meta])*
        $openness:ident $name:ident { $($(#[$fdoc:meta])* $kind:ident $field:ident: $ty:ty = $def:ident;)* }
    ) => {
        $(#[$doc])*
        pub struct $name<'a> {
            $($(#[$fdoc])* pub $field: $crate::grammar::grammar!(@type $kind $ty),)*
            /// AVPs that the grammar does not name, as received; written last.
            pub extra: Vec<$crate::codec::AvpRef<'a>>,
        }

        impl<'a> $name<'a> {
            pub(crate) fn read_avps(avps: $crate::codec::Avps<'a>) -> Result<Self, $crate::codec::DecodeError> {
                $(let mut $field: $crate::grammar::grammar!(@slot $kind $ty) = Default::default();)*
                let mut extra = Vec::new();
                for avp in avps {
                    match $crate::dictionary::with_vendor(avp.key()) {
                        $($crate::dictionary::key::$def => {
                            let value = <$ty as $crate::value::Value<'a>>::read(avp, &$crate::dictionary::$def)?;
                            $crate::grammar::grammar!(@take $kind $field value avp);
                        })*
                        _ => $crate::grammar::unnamed(avp, $crate::grammar::grammar!(@open $openness), &mut extra)?,
                    }
                }
                Ok(Self { $($field: $crate::grammar::grammar!(@done $kind $field $def),)* extra })
            }

            pub(crate) fn write_avps(&self, builder: &mut $crate::codec::Builder<'_>) {
                $($crate::grammar::grammar!(@put $kind self $field $def builder);)*
                for avp in &self.extra {
                    builder.raw(*avp);
                }
            }
        }
    };

    // A group: read and written as the value of a Grouped AVP. A `@checked` one has a method `check` for what the grammar
    // cannot say.
    (
        @group $(#[$doc:meta])*
        $openness:ident $name:ident { $($body:tt)* }
    ) => {
        $crate::grammar::grammar! {
            @checked
            $(#[$doc])*
            $openness $name { $($body)* }
        }

        impl $name<'_> {
            #[inline]
            fn check(&self) -> Result<(), $crate::codec::DecodeError> {
                Ok(())
            }
        }
    };
    (
        @checked $(#[$doc:meta])*
        $openness:ident $name:ident { $($body:tt)* }
    ) => {
        $crate::grammar::grammar! {
            $(#[$doc])*
            $openness $name { $($body)* }
        }

        impl<'a> $crate::value::Value<'a> for $name<'a> {
            fn read(
                avp: $crate::codec::AvpRef<'a>,
                _: &$crate::dictionary::AvpDef,
            ) -> Result<Self, $crate::codec::DecodeError> {
                Self::read_avps(avp.grouped()?)
                    .and_then(|group| group.check().map(|()| group))
                    .map_err(|error| error.within($crate::codec::AvpRef { data: &[], ..avp }))
            }
            fn write(&self, def: &$crate::dictionary::AvpDef, builder: &mut $crate::codec::Builder<'_>) {
                builder.group(def, |group| self.write_avps(group));
            }
        }
    };

    (@type req $ty:ty) => { $ty };
    (@type opt $ty:ty) => { Option<$ty> };
    (@type many $ty:ty) => { Vec<$ty> };
    (@type some $ty:ty) => { Vec<$ty> };

    (@slot req $ty:ty) => { Option<$ty> };
    (@slot opt $ty:ty) => { Option<$ty> };
    (@slot many $ty:ty) => { Vec<$ty> };
    (@slot some $ty:ty) => { Vec<$ty> };

    (@take req $field:ident $value:ident $avp:ident) => { $crate::grammar::grammar!(@take opt $field $value $avp) };
    (@take opt $field:ident $value:ident $avp:ident) => {
        if $field.replace($value).is_some() {
            return Err($crate::grammar::too_many($avp));
        }
    };
    (@take many $field:ident $value:ident $avp:ident) => { $field.push($value) };
    (@take some $field:ident $value:ident $avp:ident) => { $field.push($value) };

    (@done req $field:ident $def:ident) => {
        $field.ok_or_else(|| $crate::grammar::missing(&$crate::dictionary::$def))?
    };
    (@done opt $field:ident $def:ident) => { $field };
    (@done many $field:ident $def:ident) => { $field };
    (@done some $field:ident $def:ident) => {
        if $field.is_empty() { return Err($crate::grammar::missing(&$crate::dictionary::$def)) } else { $field }
    };

    (@put req $self:ident $field:ident $def:ident $builder:ident) => {
        $crate::value::Value::write(&$self.$field, &$crate::dictionary::$def, $builder)
    };
    (@put opt $self:ident $field:ident $def:ident $builder:ident) => {
        if let Some(value) = &$self.$field {
            $crate::value::Value::write(value, &$crate::dictionary::$def, $builder);
        }
    };
    (@put many $self:ident $field:ident $def:ident $builder:ident) => {
        for value in &$self.$field {
            $crate::value::Value::write(value, &$crate::dictionary::$def, $builder);
        }
    };
    (@put some $self:ident $field:ident $def:ident $builder:ident) => {
        $crate::grammar::grammar!(@put many $self $field $def $builder)
    };

    (@open open) => { true };
    (@open closed) => { false };
}
pub(crate) use grammar;

/// Gives a grammar its command: `decode` for the receiver and `encode` for the sender.
///
/// A command is `checked` if it has a method `check` for what the grammar cannot say.
macro_rules! command {
    ($name:ident, checked $direction:ident, $application:ident, $command:ident) => {
        $crate::grammar::command!(@$direction $name, $application, $command);
    };
    ($name:ident, $direction:ident, $application:ident, $command:ident) => {
        $crate::grammar::command!(@$direction $name, $application, $command);

        impl $name<'_> {
            #[inline]
            fn check(&self) -> Result<(), $crate::codec::DecodeError> {
                Ok(())
            }
        }
    };
    (@request $name:ident, $application:ident, $command:ident) => {
        $crate::grammar::command!(@decode $name, true, $application, $command);
        $crate::grammar::command!(@encode_request $name, $application, $command);
    };
    (@answer $name:ident, $application:ident, $command:ident) => {
        $crate::grammar::command!(@decode $name, false, $application, $command);

        impl $name<'_> {
            /// Appends the message to `out` and tells its length; `request` is the header that it answers. The E bit is set
            /// for a Result-Code of 3xxx (RFC 6733 section 7.2).
            ///
            /// # Errors
            /// [`EncodeError::TooLong`](crate::codec::EncodeError::TooLong); `out` is then as before.
            pub fn encode(
                &self,
                request: $crate::codec::Header,
                out: &mut Vec<u8>,
            ) -> Result<usize, $crate::codec::EncodeError> {
                let mut header = request.answer();
                if self.result_code.is_some_and($crate::codec::ResultCode::is_protocol_error) {
                    header.flags = header.flags.with($crate::codec::CommandFlags::ERROR);
                }
                let mut builder = $crate::codec::Builder::new(out, header);
                self.write_avps(&mut builder);
                builder.finish()
            }

            /// What the answer says of its request.
            ///
            /// # Errors
            /// [`DecodeError::MissingAvp`](crate::codec::DecodeError::MissingAvp) if it has no result at all.
            pub fn outcome(&self) -> Result<$crate::codec::Outcome, $crate::codec::DecodeError> {
                $crate::codec::Outcome::of(self.result_code, self.experimental_result)
                    .ok_or_else(|| $crate::grammar::missing(&$crate::dictionary::RESULT_CODE))
            }
        }
    };
    // A request that another type sends.
    (@decode_request $name:ident, $application:ident, $command:ident) => {
        $crate::grammar::command!(@decode $name, true, $application, $command);
    };
    (@decode $name:ident, $request:literal, $application:ident, $command:ident) => {
        impl<'a> $name<'a> {
            /// Reads the message, whose structure was checked when it was received.
            ///
            /// # Errors
            /// [`DecodeError`](crate::codec::DecodeError) for another command, a missing, repeated, unknown mandatory or
            /// unsound AVP.
            pub fn decode(message: &'a $crate::codec::Message) -> Result<Self, $crate::codec::DecodeError> {
                message.expect(
                    $crate::codec::ApplicationId::$application,
                    $crate::codec::CommandCode::$command,
                    $request,
                )?;
                let read = Self::read_avps(message.avps())?;
                read.check()?;
                Ok(read)
            }
        }
    };
    (@encode_request $name:ident, $application:ident, $command:ident) => {
        impl $name<'_> {
            /// Appends the message to `out` and tells its length.
            ///
            /// # Errors
            /// [`EncodeError::TooLong`](crate::codec::EncodeError::TooLong); `out` is then as before.
            pub fn encode(
                &self,
                ids: $crate::codec::Identifiers,
                out: &mut Vec<u8>,
            ) -> Result<usize, $crate::codec::EncodeError> {
                let header = $crate::codec::Header::request(
                    $crate::codec::ApplicationId::$application,
                    $crate::codec::CommandCode::$command,
                    ids,
                );
                let mut builder = $crate::codec::Builder::new(out, header);
                self.write_avps(&mut builder);
                builder.finish()
            }
        }
    };
}
pub(crate) use command;
