//! Reading: every connection of a thread shares one buffer, so that an idle one holds none.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::cell::RefCell;
use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncRead, ReadBuf};

/// Octets that one read takes at most.
const READ: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into_boxed_slice());
}

/// Takes what came behind `carry`. Ready when something did; `count` is called for each read that the system made.
pub(crate) fn poll_read<I: AsyncRead + Unpin + ?Sized>(
    io: &mut I,
    cx: &mut Context<'_>,
    carry: &mut BytesMut,
    count: impl FnOnce(),
) -> Poll<io::Result<()>> {
    SCRATCH.with_borrow_mut(|scratch| {
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(io).poll_read(cx, &mut buffer))?;
        count();
        if buffer.filled().is_empty() {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        carry.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(()))
    })
}
