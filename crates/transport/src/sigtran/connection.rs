//! The task of a connection: reads all there is, hands every message on, and writes all that is to go in one system call.

use core::future::Future;
use core::net::SocketAddr;
use core::task::Poll;
use std::sync::Arc;

use ss7::m3ua::{Framer, Message};
use tokio::net::TcpStream;

use super::association::{Association, Effects, Event, Pipe};
use super::conn::Conn;
use super::node::Shared;
use crate::sigtran::{LinkDown, SigtranTransport};

/// What woke the task.
enum Wake {
    Read,
    Closed,
    Out,
}

/// A connection in service.
pub(crate) struct Connection {
    shared: Arc<Shared>,
    association: Arc<Association>,
    pipe: Arc<Pipe>,
    conn: Conn,
    framer: Framer,
    /// Messages were left in what was read.
    held: bool,
}

/// A peer that does not take its answers gets no more of its messages read. The other half of the buffer is for answers that
/// come later, and for requests.
fn has_room(shared: &Shared, pipe: &Pipe, conn: &Conn) -> bool {
    conn.unsent() + pipe.unsent() <= shared.config.limits.max_unsent / 2
}

impl Connection {
    pub(crate) fn new(
        shared: Arc<Shared>,
        association: Arc<Association>,
        stream: TcpStream,
        remote: SocketAddr,
    ) -> Self {
        let conn = Conn::new(stream, remote, association.config.transport == SigtranTransport::Sctp);
        let framer = Framer { max_message: shared.config.limits.max_message };
        let (pipe, effects) = association.up(conn.remote, shared.now());
        shared.counters.connections_opened.one();
        tracing::info!(association = %association.config.name, remote = %conn.remote, "connected");
        let mut connection = Self { shared, association, pipe, conn, framer, held: false };
        connection.follow(effects);
        connection
    }

    /// Runs until the connection ends, and tells whether it ever was active.
    pub(crate) async fn run(mut self) -> bool {
        let reason = loop {
            match self.wake().await {
                Wake::Read => {
                    if let Err(reason) = self.receive() {
                        break reason;
                    }
                    // Callers that got an answer run first, so that what they send next goes out in one write.
                    tokio::task::yield_now().await;
                }
                Wake::Out => {
                    if let Some(reason) = self.association.is_to_close(self.pipe.at.link) {
                        break reason;
                    }
                    tokio::task::yield_now().await;
                }
                Wake::Closed => break LinkDown::Closed,
            }
        };
        self.end(reason)
    }

    async fn wake(&mut self) -> Wake {
        let Self { shared, association, pipe, conn, held, .. } = self;
        let mut out = core::pin::pin!(pipe.wake.notified());
        core::future::poll_fn(|cx| {
            let take_out = |writing: &mut Vec<u8>| association.take_out(pipe.at.link, writing);
            if let Poll::Ready(Err(_)) = conn.poll_write(cx, take_out, &shared.counters) {
                return Poll::Ready(Wake::Closed);
            }
            if has_room(shared, pipe, conn) {
                if core::mem::take(held) {
                    return Poll::Ready(Wake::Read);
                }
                if let Poll::Ready(result) = conn.poll_read(cx, &shared.counters) {
                    return Poll::Ready(if result.is_ok() { Wake::Read } else { Wake::Closed });
                }
            }
            out.as_mut().poll(cx).map(|()| Wake::Out)
        })
        .await
    }

    /// Takes every whole message, as long as there is room for what answers it.
    fn receive(&mut self) -> Result<(), LinkDown> {
        let mut carry = core::mem::take(&mut self.conn.carry);
        loop {
            if !has_room(&self.shared, &self.pipe, &self.conn) {
                self.held = true;
                break;
            }
            match self.framer.next_frame(&mut carry) {
                Ok(Some(frame)) => {
                    let event = Event::Received(self.pipe.at.link, Message::decode(&frame));
                    let now = self.shared.now();
                    let effects = self.association.handle(event, self.shared.config.point_code, now);
                    self.follow(effects);
                }
                Ok(None) => break,
                Err(_) => {
                    self.shared.counters.malformed_m3ua.one();
                    return Err(LinkDown::Garbage);
                }
            }
        }
        self.conn.carry = carry;
        Ok(())
    }

    fn follow(&mut self, effects: Effects) {
        self.shared.follow(&self.association, Some(&self.pipe), effects);
    }

    fn end(self, reason: LinkDown) -> bool {
        let Self { shared, association, pipe, conn, .. } = self;
        let link = pipe.at.link;
        // What the machine still said goes out before the end, unless nobody reads it.
        let mut last = Vec::new();
        association.take_out(link, &mut last);
        let (effects, was_active) = association.lost(link, reason, shared.config.point_code, shared.now());
        shared.follow(&association, None, effects);
        shared.counters.connections_closed.one();
        tracing::info!(association = %association.config.name, remote = %conn.remote, %reason, "disconnected");
        if reason != LinkDown::Closed {
            shared.spawn(conn.finish(last, shared.config.timers.closing));
        }
        was_active
    }
}

impl Shared {
    /// Does what is left to do after an event of an association.
    pub(crate) fn follow(self: &Arc<Self>, association: &Association, pipe: Option<&Arc<Pipe>>, effects: Effects) {
        let Effects { delivered, inactive, changed, malformed, discarded } = effects;
        self.counters.malformed_m3ua.add(malformed);
        self.counters.foreign_data.add(discarded);
        if let Some(pipe) = pipe {
            for transfer in delivered {
                if !association.config.point_codes.contains(&transfer.opc) {
                    self.counters.foreign_data.one();
                    continue;
                }
                self.counters.data_received.one();
                let jobs = self.with(|table, now| {
                    table.receive(self, &transfer, pipe.at, now);
                    core::mem::take(&mut table.jobs)
                });
                for job in jobs {
                    self.serve(pipe, job);
                }
            }
        }
        for link in inactive {
            let at = super::association::At { association: association.index, link };
            self.with(|table, now| table.lost(self, at, now));
        }
        if changed {
            self.changed.notify_waiters();
        }
    }
}
