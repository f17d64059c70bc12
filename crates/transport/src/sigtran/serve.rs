//! Invocations of a peer: their way to the handler and back.

use core::task::{Context, Poll, Waker};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ss7::tcap::InvokeProblem;

use super::association::Pipe;
use super::connect::over;
use super::dialogue::Dialogue;
use super::handler::HandlerFuture;
use super::node::Shared;
use super::table::Job;
use crate::sigtran::Answer;

impl Shared {
    /// Runs the handler up to its first wait; one that is done by then needs no task.
    pub(crate) fn serve(self: &Arc<Self>, pipe: &Arc<Pipe>, job: Job) {
        let Job { dialogue, invoke_id, incoming } = job;
        let Some(handling) = pipe.begin_handling(self.config.limits.max_handling) else {
            self.counters.resource_limited.one();
            let answer = Answer::Reject(InvokeProblem::ResourceLimitation);
            return self.with(|table, now| table.answer(self, dialogue, invoke_id, &answer, now));
        };
        self.counters.invokes_received.one();
        let handle = Dialogue { shared: Arc::clone(self), id: dialogue };
        let mut future = Arc::clone(&self.handler).serve(incoming, handle);
        match step(&mut future, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => self.answered(&Done { dialogue, invoke_id, answer }),
            Poll::Pending => {
                let shared = Arc::clone(self);
                let mut stopping = self.stopping.subscribe();
                self.spawn(async move {
                    tokio::select! {
                        answer = core::future::poll_fn(|cx| step(&mut future, cx)) => {
                            shared.answered(&Done { dialogue, invoke_id, answer });
                        }
                        // Its dialogue was ended.
                        () = over(&mut stopping) => {}
                    }
                    drop(handling);
                });
            }
        }
    }

    fn answered(&self, done: &Done) {
        self.counters.invokes_handled.one();
        self.with(|table, now| table.answer(self, done.dialogue, done.invoke_id, &done.answer, now));
    }
}

struct Done {
    dialogue: ss7::tcap::DialogueId,
    invoke_id: i8,
    answer: Answer,
}

/// A handler that panics has failed, and its peer is told all the same.
fn step(future: &mut HandlerFuture, cx: &mut Context<'_>) -> Poll<Answer> {
    catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)))
        .unwrap_or_else(|_| Poll::Ready(Answer::Abort(Vec::new())))
}
