//! A single thread that polls what is ready, in order, and nothing else: every run of a seed is the same.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
};

struct Ready(AtomicBool);

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    ready: Arc<Ready>,
}

/// The tasks that have not ended, by number.
#[derive(Default)]
pub(crate) struct Executor {
    tasks: BTreeMap<usize, Task>,
    spawned: usize,
}

impl Executor {
    /// Number that the next task gets.
    pub(crate) fn next(&self) -> usize {
        self.spawned
    }

    pub(crate) fn spawn(&mut self, future: impl Future<Output = ()> + 'static) -> usize {
        let number = self.spawned;
        self.spawned += 1;
        let ready = Arc::new(Ready(AtomicBool::new(true)));
        self.tasks.insert(number, Task { future: Box::pin(future), ready });
        number
    }

    /// Polls until no task is ready; tells `before` which task is polled next.
    pub(crate) fn run(&mut self, mut before: impl FnMut(usize)) {
        loop {
            let ready = |task: &Task| task.ready.0.swap(false, Ordering::SeqCst);
            let Some(number) = self.tasks.iter().find(|(_, task)| ready(task)).map(|(number, _)| *number) else {
                return;
            };
            before(number);
            let task = self.tasks.get_mut(&number).unwrap();
            let waker = Waker::from(Arc::clone(&task.ready));
            if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                self.tasks.remove(&number);
            }
        }
    }

    /// Drops a task where it stands, as a server does with the work of a client that went away.
    pub(crate) fn drop_task(&mut self, number: usize) {
        self.tasks.remove(&number);
    }

    pub(crate) fn live(&self) -> Vec<usize> {
        self.tasks.keys().copied().collect()
    }
}
