//! A dialogue as a handler sees it.

use core::time::Duration;
use std::sync::Arc;

use ss7::tcap::DialogueId;

use super::invoke;
use super::node::Shared;
use crate::sigtran::{InvokeError, InvokeOutcome};

/// The dialogue that an invocation of a peer belongs to. It is over with the handler's answer at the latest.
#[derive(Clone)]
pub struct Dialogue {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: DialogueId,
}

impl Dialogue {
    /// Asks the peer for an operation within the dialogue and waits, at most `timeout`. `argument` is one BER element, empty
    /// for none. Dropping the future forgets the invocation.
    ///
    /// # Errors
    /// [`InvokeError`]; [`InvokeError::Ended`] when the dialogue is gone.
    pub async fn invoke(
        &self,
        operation: i64,
        argument: &[u8],
        timeout: Duration,
    ) -> Result<InvokeOutcome, InvokeError> {
        invoke::invoke_within(&self.shared, self.id, operation, argument, timeout).await
    }

    /// Name of the dialogue in this node, for the log.
    #[must_use]
    pub const fn id(&self) -> DialogueId {
        self.id
    }
}

impl core::fmt::Debug for Dialogue {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Dialogue").field(&self.id).finish()
    }
}
