//! Gateways of the test in the place of operators' own: what they answer, the tests say.

use super::operators::World;
use super::rlp::message;
use mlp::rlp::{Immediate, Service, SvcInit, parse_svc_init};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What a gateway of the test does with a request.
pub(crate) enum Reply {
    /// Answers this, says that it closes the connection, and does.
    Body(String),
    /// Answers this and goes on with the connection.
    Kept(String),
    /// Answers this as if it went on, and then closes the connection.
    Left(String),
    /// Never answers.
    Silence,
    /// Closes the connection.
    HangUp,
}

/// A gateway of the test in the place of an operator's own.
pub(crate) struct Impostor {
    asked: Arc<AtomicUsize>,
    /// Connections closed by [`Reply::Left`].
    left: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Impostor {
    /// Listens where the others know the operator's gateway, with the certificate of `name`, and is asked for positions alone.
    pub(crate) async fn start(
        world: &World,
        operator: &str,
        name: &str,
        answer: impl Fn(&SvcInit, &Immediate) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let answer = move |init: &SvcInit| {
            let Service::Immediate(immediate) = &init.service else { panic!("{:?}", init.service) };
            answer(init, immediate)
        };
        Self::serving(world, operator, name, answer).await
    }

    /// The same, where anything may be asked.
    pub(crate) async fn serving(
        world: &World,
        operator: &str,
        name: &str,
        answer: impl Fn(&SvcInit) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(world.doors[operator]).await.unwrap();
        let acceptor = world.exchange.acceptor(name);
        let (asked, left, answer) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default(), Arc::new(answer));
        let (counted, leaving) = (Arc::clone(&asked), Arc::clone(&left));
        let task = tokio::spawn(async move {
            // Ended with this task, so that no connection outlives its gateway.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, counted, answer) = (acceptor.clone(), Arc::clone(&counted), Arc::clone(&answer));
                let leaving = Arc::clone(&leaving);
                connections.spawn(async move { converse(stream, acceptor, &*answer, [&counted, &leaving]).await });
            }
        });
        Self { asked, left, task }
    }

    /// Leaves its place free.
    pub(crate) async fn stop(self) {
        self.task.abort();
        // It ends by being aborted, which is no fault.
        self.task.await.ok();
    }

    /// Connections that it has left so far.
    pub(crate) fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }

    /// Requests so far.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Answers what comes over one connection.
async fn converse(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    answer: &(impl Fn(&SvcInit) -> Reply + Sync),
    [counted, leaving]: [&AtomicUsize; 2],
) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    while let Ok(request) = message(&mut stream).await {
        counted.fetch_add(1, Ordering::SeqCst);
        let init = parse_svc_init(request.as_bytes(), &mlp::Limits::default()).unwrap();
        let (body, says, leaves) = match answer(&init) {
            // One answer a connection: the next gateway at this place finds none that is about to close.
            Reply::Body(body) => (body, "Connection: close\r\n", false),
            Reply::Kept(body) => (body, "", false),
            Reply::Left(body) => (body, "", true),
            Reply::HangUp => return,
            Reply::Silence => return std::future::pending().await,
        };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{says}\r\n", body.len());
        if stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await.is_err() {
            return;
        }
        if leaves {
            // Known to the other side's kernel once this is done.
            stream.shutdown().await.ok();
            leaving.fetch_add(1, Ordering::SeqCst);
            return;
        }
    }
}
