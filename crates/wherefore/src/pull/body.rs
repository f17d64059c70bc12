//! Bodies on their way through: kept as far as they may have to be sent twice, else passed on part by part.

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Body, Frame};
use lcs::Duration;

/// Why a body ends before its end.
pub(super) type BodyError = Box<dyn core::error::Error + Send + Sync>;
/// A body on its way.
pub(super) type Out = UnsyncBoxBody<Bytes, BodyError>;

/// A body of this content.
pub(super) fn whole(content: impl Into<Bytes>) -> Out {
    Full::new(content.into()).map_err(|never| match never {}).boxed_unsync()
}

/// What was read of a request's body.
pub(super) enum Taken {
    /// All of it, so that it can be sent again.
    Whole(Bytes),
    /// More than is kept: it can be sent once.
    Once(Out),
}

/// A body with a longest wait for each of its parts. Trailers are dropped: nobody has looked at them.
pub(super) fn timed<B>(body: B, timeout: Duration) -> Out
where
    B: Body<Data = Bytes, Error = BodyError> + Send + Unpin + 'static,
{
    let parts = stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        loop {
            return match tokio::time::timeout(timeout, body.frame()).await {
                Err(late) => Some((Err(BodyError::from(late)), None)),
                Ok(None) => None,
                Ok(Some(Err(error))) => Some((Err(error), None)),
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => Some((Ok(Frame::data(data)), Some(body))),
                    Err(_) => continue,
                },
            };
        }
    });
    StreamBody::new(parts).boxed_unsync()
}

/// Reads a body as far as it may be kept.
///
/// # Errors
/// It ends before its end, or does not come in time.
pub(super) async fn take<B>(body: B, keep: usize, timeout: Duration) -> Result<Taken, BodyError>
where
    B: Body<Data = Bytes, Error = hyper::Error> + Send + Unpin + 'static,
{
    if body.is_end_stream() {
        return Ok(Taken::Whole(Bytes::new()));
    }
    let long = body.size_hint().lower() > keep as u64;
    let mut body = timed(body.map_err(BodyError::from), timeout);
    if long {
        return Ok(Taken::Once(body));
    }
    let mut kept = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let room = kept.len() + data.len() <= keep;
        kept.extend_from_slice(&data);
        if !room {
            let first = stream::once(std::future::ready(Ok(Frame::data(kept.freeze()))));
            let rest = http_body_util::BodyStream::new(body);
            return Ok(Taken::Once(StreamBody::new(stream::StreamExt::chain(first, rest)).boxed_unsync()));
        }
    }
    Ok(Taken::Whole(kept.freeze()))
}
