//! The coded quantities of TS 23.032 clause 6.

macro_rules! code {
    ($($(#[$doc:meta])* $name:ident($repr:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) $repr);
    )*};
}
code! {
    /// Latitude: sign bit and 23 bits, 24 in all.
    Latitude(u32);
    /// Longitude: 24-bit two's complement.
    Longitude(i32);
    /// High accuracy latitude, 32-bit two's complement.
    HaLatitude(i32);
    /// High accuracy longitude, 32-bit two's complement.
    HaLongitude(i32);
    /// Horizontal uncertainty code, 0-127.
    Uncertainty(u8);
    /// Altitude uncertainty code, 0-127.
    AltitudeUncertainty(u8);
    /// High accuracy uncertainty code, 0-255.
    HaUncertainty(u8);
    /// Altitude: direction bit and 15 bits of metres.
    Altitude(u16);
    /// High accuracy altitude, 22-bit two's complement of 1/128 m.
    HaAltitude(i32);
    /// Confidence in percent, 0-127; 0 and 101-127 say nothing.
    Confidence(u8);
    /// Inner radius in steps of 5 m.
    InnerRadius(u16);
    /// Angle code, steps of 2 degrees, 0-179.
    Angle(u8);
    /// Orientation, degrees, 0-179.
    Orientation(u8);
}
