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
}
