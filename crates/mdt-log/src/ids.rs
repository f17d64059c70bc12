//! Names that are drawn at random and say nothing about anybody.

use core::fmt;
use minicbor::{Decode, Encode};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; $len]);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
            }
        }
    };
}

id!(
    /// Name of a collector's key in the key list.
    KeyId, 8
);
id!(
    /// Name of an epoch: what one epoch key can open.
    EpochId, 16
);
id!(
    /// Name of a segment or of a single report.
    SegmentId, 16
);
id!(
    /// Which boot of the phone the clock counts from.
    BootId, 16
);
