//! One invocation: what is asked of whom, and the wait for its outcome.

use core::time::Duration;
use std::sync::Arc;

use ss7::sccp::{GlobalTitle, SccpAddress, Ssn, TitleError};
use ss7::tcap::{ApplicationContext, DialogueId};

use super::node::Shared;
use super::table::Outcome;
use crate::sigtran::{InvokeError, InvokeOutcome};

/// An operation to be asked for in a dialogue of its own. `Debug` hides the argument, which names subscribers.
#[derive(Clone, PartialEq, Eq)]
pub struct Invoke {
    /// SCCP called party address.
    pub to: SccpAddress,
    /// Subsystem of this node that asks; the first one of the configuration when `None`.
    pub from: Option<Ssn>,
    /// Application context, none for MAP version 1.
    pub application_context: Option<ApplicationContext>,
    /// Local operation code.
    pub operation: i64,
    /// Argument: one BER element, tag and length and all; empty for none.
    pub argument: Vec<u8>,
    /// How long to wait for the outcome.
    pub timeout: Duration,
    /// Whether invocations of the peer in this dialogue go to the handler, as a home register's of a location update. They
    /// are rejected otherwise.
    pub serve: bool,
}

impl Invoke {
    /// An operation of the node at `to`.
    #[must_use]
    pub fn new(
        to: SccpAddress,
        application_context: ApplicationContext,
        operation: i64,
        argument: Vec<u8>,
        timeout: Duration,
    ) -> Self {
        let application_context = Some(application_context);
        Self { to, from: None, application_context, operation, argument, timeout, serve: false }
    }

    /// The same from another subsystem of this node.
    #[must_use]
    pub const fn from(mut self, subsystem: Ssn) -> Self {
        self.from = Some(subsystem);
        self
    }

    /// The same with invocations of the peer served.
    #[must_use]
    pub const fn serving(mut self) -> Self {
        self.serve = true;
        self
    }
}

/// The address of a node by its E.164 number, as nodes of other networks are called.
///
/// # Errors
/// The address is no E.164 number of a nature that global titles have.
pub fn by_number(number: lcs::Address, subsystem: Ssn) -> Result<SccpAddress, TitleError> {
    Ok(SccpAddress::by_title(GlobalTitle::e164(number)?, subsystem))
}

impl core::fmt::Debug for Invoke {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Invoke")
            .field("to", &self.to)
            .field("from", &self.from)
            .field("application_context", &self.application_context)
            .field("operation", &self.operation)
            .field("argument_octets", &self.argument.len())
            .field("timeout", &self.timeout)
            .field("serve", &self.serve)
            .finish()
    }
}

/// Sends and waits.
pub(crate) async fn invoke(shared: &Arc<Shared>, call: Invoke) -> Result<InvokeOutcome, InvokeError> {
    if shared.is_stopping() {
        return Err(InvokeError::Stopping);
    }
    let (dialogue, outcome) = shared.with(|table, now| table.begin(shared, &call, now)).inspect_err(|error| {
        if *error == InvokeError::Overloaded {
            shared.counters.overloads.one();
        }
    })?;
    drop(call);
    wait(shared, dialogue, 1, outcome).await
}

/// Sends within a dialogue and waits.
pub(crate) async fn invoke_within(
    shared: &Arc<Shared>,
    dialogue: DialogueId,
    operation: i64,
    argument: &[u8],
    timeout: Duration,
) -> Result<InvokeOutcome, InvokeError> {
    let begun = shared.with(|table, now| table.invoke_within(shared, dialogue, operation, argument, timeout, now));
    let (invoke_id, outcome) = begun?;
    wait(shared, dialogue, invoke_id, outcome).await
}

async fn wait(
    shared: &Arc<Shared>,
    dialogue: DialogueId,
    invoke_id: i8,
    outcome: Outcome,
) -> Result<InvokeOutcome, InvokeError> {
    let mut waiting = Waiting { shared, dialogue, invoke_id, ended: false };
    let result = outcome.await;
    waiting.ended = true;
    // A dialogue always tells its end; without, it is lost.
    result.unwrap_or(Err(InvokeError::Lost))
}

/// Forgets the invocation when its caller stops waiting.
struct Waiting<'a> {
    shared: &'a Arc<Shared>,
    dialogue: DialogueId,
    invoke_id: i8,
    ended: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let Self { shared, dialogue, invoke_id, .. } = *self;
            shared.with(|table, now| table.forget(shared, dialogue, Some(invoke_id), now));
        }
    }
}
