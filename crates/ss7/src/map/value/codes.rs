//! Enumerations. What a receiver makes of a value that is not listed is said where TS 29.002 clause 17.7 says it.

use super::super::ber::{ENUMERATED, Element, INTEGER, OCTET_STRING, Place};
use super::octets::put_number;
use bcder::decode::{Content, DecodeError as BerError, Source};
use lcs::{
    FormatIndicator, LcsClientType, LocationType, PlmnClient, Priority, PrivacySetting, ResponseTime, ServiceType,
    TerminationCause,
};

/// Enumerations as elements: what an unknown value becomes, or `refused` where it is unexpected data.
macro_rules! enumerated {
    ($($name:ty: $from:expr, $unknown:expr;)+) => {$(
        impl Element for $name {
            const NATURAL: u32 = ENUMERATED;
            const CONSTRUCTED: bool = false;

            fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
                let from: fn(u32) -> Option<Self> = $from;
                let unknown: Option<Self> = $unknown;
                from(content.to_u32()?).or(unknown).ok_or_else(|| place.unexpected(content))
            }

            fn write(&self, out: &mut Vec<u8>) {
                put_number(out, *self as u32);
            }
        }
    )+};
}

/// An enumeration of TS 29.002 that the vocabulary has no word for.
macro_rules! enumeration {
    ($($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $code:literal,)+ } unknown $unknown:expr;)+) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$note])* $variant = $code,)+
        }

        impl $name {
            /// All of them, by value.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The value on the wire.
            #[must_use]
            pub fn code(self) -> u8 {
                self as u8
            }

            /// From the wire; `None` for a value that is not listed.
            #[must_use]
            pub fn from_code(code: u32) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl $crate::map::ber::Element for $name {
            const NATURAL: u32 = $crate::map::ber::ENUMERATED;
            const CONSTRUCTED: bool = false;

            fn read<S: ::bcder::decode::Source>(
                content: &mut ::bcder::decode::Content<'_, S>,
                place: &mut $crate::map::ber::Place,
            ) -> Result<Self, ::bcder::decode::DecodeError<S::Error>> {
                let unknown: Option<Self> = $unknown;
                Self::from_code(content.to_u32()?).or(unknown).ok_or_else(|| place.unexpected(content))
            }

            fn write(&self, out: &mut Vec<u8>) {
                out.push(self.code());
            }
        }
    )+};
}
pub(in crate::map) use enumeration;

enumerated! {
    // "Shall be rejected ... unexpected data value".
    LocationType: LocationType::from_code, None;
    // May be ignored where the client overrides privacy, which is not done here.
    LcsClientType: LcsClientType::from_code, None;
    PlmnClient: PlmnClient::from_code, None;
    FormatIndicator: FormatIndicator::from_code, None;
    // "Shall be rejected ... unexpected data value": never taken for a looser one.
    PrivacySetting: PrivacySetting::from_code, None;
    ResponseTime: response_time, Some(ResponseTime::DelayTolerant);
    // What is not listed counts as "error undefined".
    TerminationCause: |code| Some(TerminationCause::from_code(code)), None;
    lcs::slpp::NotificationToUser: lcs::slpp::NotificationToUser::from_code, None;
    lcs::slpp::GmlcRestrictionCode: lcs::slpp::GmlcRestrictionCode::from_code, None;
}

fn response_time(code: u32) -> Option<ResponseTime> {
    (code == 0).then_some(ResponseTime::LowDelay)
}

/// LCS-Priority: one octet, 0 the highest, all else normal (TS 29.002 clause 17.7.13).
impl Element for Priority {
    const NATURAL: u32 = OCTET_STRING;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        u8::read(content, place).map(|octet| if octet == 0 { Self::Highest } else { Self::Normal })
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }
}

/// LCSServiceTypeID, 0-127 (TS 29.002 clause 17.7.8).
impl Element for ServiceType {
    const NATURAL: u32 = INTEGER;
    const CONSTRUCTED: bool = false;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        Self::new(content.to_u32()?).ok_or_else(|| place.unexpected(content))
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.code());
    }
}

enumeration! {
    /// Kind of an area: AreaType (TS 29.002 clause 17.7.13).
    AreaType {
        /// Country.
        CountryCode = 0,
        /// Network.
        PlmnId = 1,
        /// Location area.
        LocationAreaId = 2,
        /// Routing area.
        RoutingAreaId = 3,
        /// Cell of GERAN.
        CellGlobalId = 4,
        /// Cell of UTRAN.
        UtranCellId = 5,
    } unknown None;

    /// How often an area event is reported: OccurrenceInfo; absent means once (TS 29.002 clause 17.7.13).
    OccurrenceInfo {
        /// Once.
        OneTimeEvent = 0,
        /// Each time.
        MultipleTimeEvent = 1,
    } unknown None;

    /// Radio access of a network where reports may be made: RAN-Technology (TS 29.002 clause 17.7.13).
    RanTechnology {
        /// GERAN.
        Gsm = 0,
        /// UTRAN.
        Umts = 1,
    } unknown None;

    /// Whether the accuracy asked for was met: AccuracyFulfilmentIndicator (TS 29.002 clause 17.7.13).
    AccuracyFulfilment {
        /// Met.
        Fulfilled = 0,
        /// Not met.
        NotFulfilled = 1,
    } unknown None;

    /// What a report is about: LCS-Event (TS 29.002 clause 17.7.13). SLg numbers its events differently.
    LcsEvent {
        /// An emergency call began.
        EmergencyCallOrigination = 0,
        /// It ended.
        EmergencyCallRelease = 1,
        /// The phone asked for its position.
        MoLr = 2,
        /// The event came that a deferred request waited for, or that request ended.
        DeferredMtLrResponse = 3,
        /// The phone starts deferred reports to a third party.
        DeferredMoLrTttpInitiation = 4,
        /// An emergency call was handed over.
        EmergencyCallHandover = 5,
    } unknown None;
}
