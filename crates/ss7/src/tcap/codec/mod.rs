//! Messages of Q.773 to and from octets. The encoding itself is the crate `tcap`'s; nothing outside of `ss7::tcap` sees it.

mod read;
mod write;

pub(super) use read::{Decoded, Faulty, Kind, Message, Portion, decode};
pub(super) use write::{Control, abort, begin, end, proceed, provider_abort};

/// A transaction identifier of a peer: one to four octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PeerTransactionId {
    octets: [u8; 4],
    length: u8,
}

impl PeerTransactionId {
    fn new(octets: &[u8]) -> Option<Self> {
        let mut fixed = [0; 4];
        fixed.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(Self { octets: fixed, length: u8::try_from(octets.len()).ok()? })
    }

    /// The same octets as an identifier of ours, in a message that we sent.
    pub(super) fn as_local(self) -> Option<u32> {
        local(self.octets())
    }

    fn octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or_default()
    }
}

/// A transaction identifier as one of ours: four octets. Others are not ours.
fn local(octets: &[u8]) -> Option<u32> {
    octets.try_into().ok().map(u32::from_be_bytes)
}
