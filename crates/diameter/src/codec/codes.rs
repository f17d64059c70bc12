//! Numbers that name things: commands, applications, AVPs, vendors. Open newtypes, so that an unknown one survives.

macro_rules! number {
    ($(#[$doc:meta])* $name:ident { $($(#[$cdoc:meta])* $constant:ident = $value:expr;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            $($(#[$cdoc])* pub const $constant: Self = Self($value);)*
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}
pub(crate) use number;

number! {
    /// Command code, 24 bits (RFC 6733 section 3.1).
    CommandCode {
        /// Capabilities-Exchange (RFC 6733 section 5.3).
        CAPABILITIES_EXCHANGE = 257;
        /// Re-Auth (RFC 6733 section 8.3).
        RE_AUTH = 258;
        /// Abort-Session (RFC 6733 section 8.5).
        ABORT_SESSION = 274;
        /// Session-Termination (RFC 6733 section 8.4).
        SESSION_TERMINATION = 275;
        /// Device-Watchdog (RFC 6733 section 5.5).
        DEVICE_WATCHDOG = 280;
        /// Disconnect-Peer (RFC 6733 section 5.4).
        DISCONNECT_PEER = 282;
        /// Insert-Subscriber-Data of S6a and S6d (TS 29.272 clause 7.2.2).
        INSERT_SUBSCRIBER_DATA = 319;
        /// Provide-Location of SLg (TS 29.172 clause 7.3.1).
        PROVIDE_LOCATION = 8_388_620;
        /// Location-Report of SLg (TS 29.172 clause 7.3.3).
        LOCATION_REPORT = 8_388_621;
        /// LCS-Routing-Info of SLh (TS 29.173 clause 6.2.3).
        LCS_ROUTING_INFO = 8_388_622;
    }
}

number! {
    /// Application identifier (RFC 6733 section 2.4).
    ApplicationId {
        /// Diameter common messages: capabilities exchange, watchdog, disconnection.
        COMMON = 0;
        /// Diameter base accounting.
        BASE_ACCOUNTING = 3;
        /// S6a, and S6d with the same number (TS 29.272 clause 7.1.8).
        S6A = 16_777_251;
        /// SLg, and Lgd with the same number (TS 29.172 clause 7.1).
        SLG = 16_777_255;
        /// SLh (TS 29.173 clause 6.1.8).
        SLH = 16_777_291;
        /// Relay: matches every application (RFC 6733 section 2.4).
        RELAY = 0xFFFF_FFFF;
    }
}

number! {
    /// AVP code (RFC 6733 section 4.1); with a vendor it names an AVP.
    AvpCode {}
}

number! {
    /// Vendor, an IANA enterprise number (RFC 6733 section 4.1).
    VendorId {
        /// 3GPP (TS 29.172 clause 7.1).
        TGPP = 10415;
    }
}
