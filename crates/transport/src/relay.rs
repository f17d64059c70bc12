//! Forwarding requests for others (RFC 6733 sections 2.8.1, 6.1.9 and 6.2.2).

use core::time::Duration;
use std::sync::Arc;

use diameter::codec::{ApplicationId, Builder, EncodeError, Identifiers, Message, ResultCode};
use diameter::dictionary;
use diameter::peer::Destination;

use crate::RequestError;
use crate::handler::{Answer, HandlerFuture};
use crate::node::Shared;
use crate::peer::Peer;
use crate::request::{Ask, exchange};

/// How long a relayed request may stay out. Its sender has a timeout of its own, so this only bounds our memory.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends a request on and brings its answer back, whatever it is.
pub(crate) fn forward(shared: Arc<Shared>, request: Message, from: Arc<Peer>) -> HandlerFuture {
    Box::pin(async move {
        let Some(destination) = destination(&request) else {
            return Answer::Refused(ResultCode::UNABLE_TO_DELIVER);
        };
        let ask = Ask {
            application: request.header.application,
            destination: &destination,
            end_to_end: request.header.ids.end_to_end,
            from: Some(from.index),
            timeout: PATIENCE,
        };
        let encode = |ids: Identifiers, out: &mut Vec<u8>| encode(&request, &from.config.host, ids, out);
        match exchange(&shared, &ask, encode).await {
            Ok(answer) => Answer::Message(answer),
            Err(RequestError::Overloaded | RequestError::Shutdown) => Answer::Refused(ResultCode::TOO_BUSY),
            Err(
                RequestError::NoPeer
                | RequestError::TimedOut
                | RequestError::Disconnected
                | RequestError::BadAnswer
                | RequestError::Malformed
                | RequestError::Protocol { .. },
            ) => Answer::Refused(ResultCode::UNABLE_TO_DELIVER),
        }
    })
}

fn destination(request: &Message) -> Option<Destination> {
    let realm = request.find(&dictionary::DESTINATION_REALM)?.identity().ok()?;
    let host = request.find(&dictionary::DESTINATION_HOST).and_then(|avp| avp.identity().ok());
    (request.header.application != ApplicationId::COMMON).then(|| Destination::new(host, realm))
}

/// The request as it came, T bit included, with a Route-Record of the peer that it came from (RFC 6733 section 6.1.9).
fn encode(request: &Message, from: &str, ids: Identifiers, out: &mut Vec<u8>) -> Result<usize, EncodeError> {
    let mut header = request.header;
    header.ids = ids;
    let mut builder = Builder::new(out, header);
    for avp in request.avps() {
        builder.raw(avp);
    }
    builder.text(&dictionary::ROUTE_RECORD, from);
    builder.finish()
}
