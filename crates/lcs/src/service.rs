//! LCS service types.

/// LCS service type, 0-127: 0-20 named, 21-63 reserved, 64-127 the operator's own (TS 29.002 clause 17.7.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceType(u8);

impl ServiceType {
    /// Takes 0-127.
    #[must_use]
    pub fn new(code: u32) -> Option<Self> {
        u8::try_from(code).ok().filter(|c| *c < 128).map(Self)
    }

    /// The code, 0-127.
    #[must_use]
    pub fn code(self) -> u8 {
        self.0
    }

    /// Name of a standard service type, 0-20; `None` for reserved and operator specific ones.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMES.get(usize::from(self.0)).copied()
    }

    /// Whether the operator gives the type its meaning: 64-127.
    #[must_use]
    pub fn is_operator_specific(self) -> bool {
        self.0 >= 64
    }
}

const NAMES: [&str; 21] = [
    "emergency services",
    "emergency alert services",
    "person tracking",
    "fleet management",
    "asset management",
    "traffic congestion reporting",
    "roadside assistance",
    "routing to nearest commercial enterprise",
    "navigation",
    "city sightseeing",
    "localized advertising",
    "mobile yellow pages",
    "traffic and public transportation information",
    "weather",
    "asset and service finding",
    "gaming",
    "find your friend",
    "dating",
    "chatting",
    "route finding",
    "where am I",
];
