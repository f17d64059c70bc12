//! Triggered requests (OMA MLP section 5.2.3.6): armed, stopped, asked for; what becomes of them is pushed.
//!
//! A request id is 14 octets drawn by lot. Each target of the request is a deferred request of its own, whose name is the request id and two
//! octets more: the target's place in the request. So nothing has to be kept to find them, and a client that did not get the request id
//! cannot name them; one that guessed it is told what somebody is told who made it up.

mod arm;
mod context;
mod news;
mod stop;
mod wish;

pub(crate) use news::ClientNews;
pub(crate) use wish::Wish;

use super::http::Reply;
use super::mlp::{Door, Shown, failed};
use crate::forms::{from_hex, to_hex};
use mlp::{ResultId, Service, SvcInit};
use privacy::disclosure::RequestId;
use std::sync::Arc;

/// Octets of a request id.
const SHARED: usize = 14;
/// Most targets of one triggered request.
const MOST_TARGETS: u16 = 1_000;

/// The name of the deferred request about the target at this place.
fn member(RequestId(group): RequestId, place: u16) -> RequestId {
    let mut name = group;
    for (octet, of_place) in name.iter_mut().skip(SHARED).zip(place.to_be_bytes()) {
        *octet = of_place;
    }
    RequestId(name)
}

/// What the client knows a request by.
fn request_id(RequestId(name): RequestId) -> String {
    to_hex(name.get(..SHARED).unwrap_or_default())
}

/// The request that a client names; `None` for what is no request id of ours.
fn named(text: &str) -> Option<RequestId> {
    let octets: [u8; SHARED] = from_hex(text)?.try_into().ok()?;
    let mut name = [0; 16];
    name.iter_mut().zip(octets).for_each(|(slot, octet)| *slot = octet);
    Some(RequestId(name))
}

impl Door {
    /// Answers a request of these services.
    pub(super) async fn triggered(self: Arc<Self>, init: SvcInit, id: RequestId, shown: &Shown) -> Reply {
        let (version, element) = (init.version, init.service.answer());
        let unsupported = || failed(version, element, ResultId::SERVICE_NOT_SUPPORTED, Some(init.service.element()));
        let Some(deferred) = self.core.deferred.clone() else { return unsupported() };
        let client = match self.authenticate(&init.header, shown).await {
            Ok(client) => client,
            Err(failure) => return self.refuse_all(&init, id, None, failure).await,
        };
        match &init.service {
            Service::Triggered(request) => self.arm(&deferred, &init, request, id, client).await,
            Service::Stop(stop) => self.stop(&deferred, version, stop, &client).await,
            Service::Query(query) => self.query(&deferred, version, query, id, &client).await,
            Service::Immediate(_) | Service::Unsupported(_) => unsupported(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_names_its_members_and_nothing_else_does() {
        let group = RequestId([0xAB; 16]);
        let text = request_id(group);
        assert_eq!(text, "ab".repeat(SHARED));
        for place in [0, 1, 999, u16::MAX] {
            assert_eq!(request_id(member(group, place)), text);
            assert_eq!(member(named(&text).unwrap(), place), member(group, place));
        }
        assert_ne!(member(group, 1), member(group, 2));
        for other in ["", "25267", &"ab".repeat(13), &"ab".repeat(15), &"zz".repeat(SHARED)] {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
