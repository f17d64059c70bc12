//! Dialogues of one operation: from what the peer sent to one outcome.

use core::time::Duration;

use super::super::codec;
use super::super::component::Component;
use super::super::indication::{AbortReason, DialogueId, Indication, Outcome, Output};
use super::Dialogues;

/// The outcome among these components, if it is there.
fn outcome_of(components: &mut Vec<Component>) -> Option<Outcome> {
    components.drain(..).find_map(|component| match component {
        Component::ResultLast { result, .. } => Some(Outcome::Result(result)),
        Component::Error { code, parameter, .. } => Some(Outcome::Error { code, parameter }),
        Component::Rejected { problem, ends_invocation: true, .. }
        | Component::Rejected { problem, invoke_id: None, .. } => Some(Outcome::Rejected(problem)),
        Component::Unacceptable { problem, ends_invocation: true, .. } => Some(Outcome::Unacceptable(problem)),
        Component::Unacceptable { .. } | Component::Rejected { .. } | Component::Invoke { .. } => None,
    })
}

/// The outcome that an End with these components leaves.
pub(super) fn outcome_of_end(mut components: Vec<Component>) -> Outcome {
    let unacceptable = components.iter().find_map(|component| match component {
        Component::Unacceptable { problem, .. } => Some(*problem),
        _ => None,
    });
    let otherwise = unacceptable.map_or(Outcome::NoAnswer, Outcome::Unacceptable);
    outcome_of(&mut components).unwrap_or(otherwise)
}

impl From<AbortReason> for Outcome {
    fn from(reason: AbortReason) -> Self {
        match reason {
            AbortReason::ContextNotSupported { alternative, .. } => Self::ContextNotSupported { alternative },
            AbortReason::Expired => Self::TimedOut,
            other => Self::Aborted(other),
        }
    }
}

impl<A: Clone + Eq> Dialogues<A> {
    /// A peer that goes on instead of ending: with the outcome the dialogue is ended from here; without one it waits.
    /// Whatever else the peer sent is rejected at once, as there is no TC-user to send anything later.
    pub(super) fn take_single(&mut self, identifier: u32, mut components: Vec<Component>, now: Duration) {
        let Some(dialogue) = self.table.get_mut(&identifier) else { return };
        for component in &components {
            if let Component::Invoke { invoke_id, .. } = component {
                dialogue.decline(*invoke_id, &self.limits);
            }
        }
        let outcome = outcome_of(&mut components);
        let Some(peer_id) = dialogue.peer_id else { return };
        let rejects: Vec<_> = dialogue.rejects.drain(..).map(tcap::Component::Reject).collect();
        let octets = match &outcome {
            Some(_) => codec::end(peer_id, None, rejects).ok(),
            None if rejects.is_empty() => None,
            None => codec::proceed(identifier, peer_id, None, rejects).ok(),
        };
        dialogue.stir(&self.limits, now);
        let to = dialogue.peer.clone();
        self.outputs.extend(octets.map(|octets| Output::Send { to, octets }));
        if let Some(outcome) = outcome {
            self.forget(identifier);
            self.outcome(identifier, outcome);
        }
    }

    pub(super) fn outcome(&mut self, identifier: u32, outcome: Outcome) {
        let dialogue = DialogueId(identifier);
        self.outputs.push_back(Output::Indication(Indication::Outcome { dialogue, outcome }));
    }
}
