//! What a resolve does, counted: tests compare the work of refusals instead of timing them.

/// One piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// A text was taken apart.
    Read,
    /// A block opened.
    Opened,
    /// A block did not open.
    NotOpened,
    /// Revocations were looked up: of key, client, IMSI, MSISDN, and the last two at the client.
    LookedUp,
}

/// Takes note of work.
pub(super) trait Meter {
    fn done(&mut self, work: Work);
}

/// Takes none: what runs in a gateway.
pub(super) struct Unmetered;

impl Meter for Unmetered {
    #[inline]
    fn done(&mut self, _: Work) {}
}

#[cfg(test)]
impl Meter for Vec<Work> {
    fn done(&mut self, work: Work) {
        self.push(work);
    }
}
