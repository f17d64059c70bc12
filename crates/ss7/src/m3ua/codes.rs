//! Values of the parameters that carry a code (RFC 4666 sections 3.7.1, 3.8.1 and 3.8.2).

/// How the ASPs of an Application Server share its traffic (RFC 4666 section 3.7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrafficMode {
    /// One takes all of it.
    Override,
    /// Active ones share it.
    Loadshare,
    /// Every active one gets all of it; not offered here.
    Broadcast,
}

impl TrafficMode {
    /// From the number on the wire.
    #[must_use]
    pub const fn from_code(code: u32) -> Option<Self> {
        match code {
            1 => Some(Self::Override),
            2 => Some(Self::Loadshare),
            3 => Some(Self::Broadcast),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::Override => 1,
            Self::Loadshare => 2,
            Self::Broadcast => 3,
        }
    }
}

/// State of an Application Server (RFC 4666 section 4.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AsState {
    /// No ASP is up.
    Down,
    /// An ASP is up, none is active.
    Inactive,
    /// An ASP is active.
    Active,
    /// The last active ASP went; another has T(r) to come.
    Pending,
}

/// Status of a Notify message (RFC 4666 section 3.8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotifyStatus {
    /// AS-INACTIVE.
    AsInactive,
    /// AS-ACTIVE.
    AsActive,
    /// AS-PENDING.
    AsPending,
    /// Insufficient ASP resources active in the Application Server.
    InsufficientAspResources,
    /// Another ASP took over the traffic.
    AlternateAspActive,
    /// An ASP failed.
    AspFailure,
    /// Type and information that RFC 4666 does not name.
    Other(u16, u16),
}

impl NotifyStatus {
    /// From status type (upper half) and status information.
    #[must_use]
    pub const fn from_code(code: u32) -> Self {
        match ((code >> 16) as u16, code as u16) {
            (1, 2) => Self::AsInactive,
            (1, 3) => Self::AsActive,
            (1, 4) => Self::AsPending,
            (2, 1) => Self::InsufficientAspResources,
            (2, 2) => Self::AlternateAspActive,
            (2, 3) => Self::AspFailure,
            (kind, information) => Self::Other(kind, information),
        }
    }

    /// Status type (upper half) and status information.
    #[must_use]
    pub const fn code(self) -> u32 {
        let (kind, information) = match self {
            Self::AsInactive => (1, 2),
            Self::AsActive => (1, 3),
            Self::AsPending => (1, 4),
            Self::InsufficientAspResources => (2, 1),
            Self::AlternateAspActive => (2, 2),
            Self::AspFailure => (2, 3),
            Self::Other(kind, information) => (kind, information),
        };
        (kind as u32) << 16 | information as u32
    }
}

/// Declares the codes once; both directions come from the list.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// Error code of an Error message (RFC 4666 section 3.8.1).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
            /// A code that RFC 4666 does not name.
            Other(u32),
        }

        impl ErrorCode {
            /// Every code that RFC 4666 names.
            pub const NAMED: &[Self] = &[$(Self::$name,)*];

            /// From the number on the wire.
            #[must_use]
            pub const fn from_code(code: u32) -> Self {
                match code {
                    $($code => Self::$name,)*
                    other => Self::Other(other),
                }
            }

            /// The number on the wire.
            #[must_use]
            pub const fn code(self) -> u32 {
                match self {
                    $(Self::$name => $code,)*
                    Self::Other(code) => code,
                }
            }
        }
    };
}

error_codes! {
    /// The version is not 1.
    InvalidVersion = 0x01,
    /// The message class is unknown or not supported.
    UnsupportedMessageClass = 0x03,
    /// The message type is unknown or not supported.
    UnsupportedMessageType = 0x04,
    /// The traffic mode is not supported or not that of the Application Server.
    UnsupportedTrafficModeType = 0x05,
    /// The message means nothing in the present state.
    UnexpectedMessage = 0x06,
    /// Any other breach of the protocol.
    ProtocolError = 0x07,
    /// The stream is wrong.
    InvalidStreamIdentifier = 0x09,
    /// Refused by the management.
    RefusedManagementBlocking = 0x0D,
    /// An ASP identifier is needed.
    AspIdentifierRequired = 0x0E,
    /// The ASP identifier is in use by another.
    InvalidAspIdentifier = 0x0F,
    /// A parameter has a value that it cannot have.
    InvalidParameterValue = 0x11,
    /// A parameter has a length that it cannot have.
    ParameterFieldError = 0x12,
    /// A parameter does not belong into the message.
    UnexpectedParameter = 0x13,
    /// The state of the destination is not told.
    DestinationStatusUnknown = 0x14,
    /// The network appearance is not configured.
    InvalidNetworkAppearance = 0x15,
    /// A parameter is missing.
    MissingParameter = 0x16,
    /// The routing context is not configured.
    InvalidRoutingContext = 0x19,
    /// No Application Server is configured for this ASP, or which is meant is not clear.
    NoConfiguredAsForAsp = 0x1A,
}
