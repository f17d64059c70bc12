//! HTTP headers that name a subscriber, or lead to one: taken out of whatever passes between terminals and clients.
//!
//! Networks put numbers into headers of their own making, and every such name in use was once forged by a terminal or read by a site
//! that should not have it. So a gateway that speaks for terminals removes all of them, and everything that looks like one, before it
//! adds what it vouches for itself (TS 23.271 Annex E: what reaches the client is without the MSISDN).
//!
//! Names compare without regard to case, and `_` as `-`: servers that hand headers on as CGI variables (RFC 3875 section 4.1.18) cannot
//! tell `X_MSISDN` from `X-MSISDN`.

use http::HeaderMap;
use http::header::{CONNECTION, HeaderName};
use std::collections::HashSet;

/// Names that carry a number, a subscriber's or device's identity, or an operator's lasting alias of one. All in comparable form.
const NAMES: [&str; 26] = [
    "x-up-calling-line-id",
    "x-up-subno",
    "x-up-subscriber-cos",
    "x-calling-line-id",
    "x-nokia-alias",
    "x-nokia-bearer",
    "x-network-info",
    "x-wap-network-client-ip",
    "x-wap-personalization",
    "x-jphone-uid",
    "x-em-uid",
    "x-dcmguid",
    "x-softbank-uid",
    "x-acr",
    "x-vf-acr",
    "x-uidh",
    "x-piper-id",
    "x-ee-client-id",
    "x-sdp-subno",
    "x-subscriber-id",
    "x-user-id",
    "x-subno",
    "tm-user-id",
    "cosmote-user-id",
    "p-asserted-identity",
    "p-preferred-identity",
];

/// Names that tell where a request came from: a terminal's address leads to its subscriber.
const ADDRESSES: [&str; 16] = [
    "forwarded",
    "x-forwarded",
    "x-forwarded-for",
    "x-original-forwarded-for",
    "forwarded-for",
    "x-real-ip",
    "x-client-ip",
    "client-ip",
    "true-client-ip",
    "x-cluster-client-ip",
    "x-remote-ip",
    "x-remote-addr",
    "x-originating-ip",
    "x-envoy-external-address",
    "cf-connecting-ip",
    "fastly-client-ip",
];

/// Parts that no innocent name has.
const PARTS: [&str; 9] =
    ["msisdn", "imsi", "imei", "supi", "gpsi", "phone-number", "phonenumber", "mobile-number", "subscriber-number"];

/// Headers that concern one connection only (RFC 9110 section 7.6.1), with those of proxies and the obsolete ones still met.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "proxy-authenticate",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What is taken out.
#[derive(Debug, Clone, Default)]
pub struct IdentityHeaders {
    /// The operator's own, in comparable form.
    extra: HashSet<String>,
}

/// A configured name is no name of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "number {at} of the list is not the name of an HTTP header (RFC 9110 section 5.1); letters, digits and hyphens make one"
)]
pub struct BadHeaderName {
    /// Its place in the list, from 1.
    pub at: usize,
}

impl IdentityHeaders {
    /// The names known here, and the operator's own.
    ///
    /// # Errors
    /// One of `extra` is no name of a header.
    pub fn new<S: AsRef<str>>(extra: &[S]) -> Result<Self, BadHeaderName> {
        let name = |(at, text): (usize, &S)| {
            let name = HeaderName::from_bytes(text.as_ref().as_bytes()).map_err(|_| BadHeaderName { at: at + 1 })?;
            Ok(comparable(&name))
        };
        Ok(Self { extra: extra.iter().enumerate().map(name).collect::<Result<_, _>>()? })
    }

    /// Whether a header of this name names a subscriber, or leads to one.
    #[must_use]
    pub fn is_identity(&self, name: &HeaderName) -> bool {
        let name = comparable(name);
        NAMES.contains(&name.as_str())
            || ADDRESSES.contains(&name.as_str())
            || PARTS.iter().any(|part| name.contains(part))
            || self.extra.contains(&name)
    }

    /// Takes out every identity, every hop-by-hop header and every header that `Connection` names, however often each is there.
    /// Says how many values of identities went.
    ///
    /// Call it before adding anything: `Connection: X-Added` would else take out what the gateway itself adds further on
    /// (RFC 9110 section 7.6.1).
    pub fn strip(&self, headers: &mut HeaderMap) -> usize {
        strip_hop_by_hop(headers);
        let identities: Vec<HeaderName> = headers.keys().filter(|name| self.is_identity(name)).cloned().collect();
        let removed = identities.iter().map(|name| headers.get_all(name).iter().count()).sum();
        for name in identities {
            headers.remove(&name);
        }
        removed
    }
}

/// Takes out what concerns one connection only, and what `Connection` names: of an answer, which may tell what it likes.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let nominated = nominated(headers);
    let hops = headers.keys().filter(|name| HOP_BY_HOP.contains(&comparable(name).as_str())).cloned();
    for name in hops.collect::<Vec<_>>().into_iter().chain(nominated) {
        while headers.remove(&name).is_some() {}
    }
}

/// What the values of `Connection` name.
fn nominated(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(CONNECTION).iter();
    let names = values.flat_map(|value| value.as_bytes().split(|octet| *octet == b','));
    names.filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok()).collect()
}

/// Lower case, which `HeaderName` is, and `-` for `_`.
fn comparable(name: &HeaderName) -> String {
    name.as_str().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(list: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in list {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        map
    }

    fn left(list: &[(&str, &str)], extra: &[&str]) -> (usize, Vec<String>) {
        let mut map = headers(list);
        let removed = IdentityHeaders::new(extra).unwrap().strip(&mut map);
        let mut names: Vec<String> = map.keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        (removed, names)
    }

    #[test]
    fn every_known_name_goes_in_every_spelling() {
        let headers = IdentityHeaders::default();
        for name in NAMES.iter().chain(&ADDRESSES) {
            for spelling in
                [(*name).to_owned(), name.to_uppercase(), name.replace('-', "_"), name.to_uppercase().replace('-', "_")]
            {
                assert!(headers.is_identity(&HeaderName::from_bytes(spelling.as_bytes()).unwrap()), "{spelling}");
            }
        }
    }

    #[test]
    fn what_looks_like_an_identity_goes() {
        for name in [
            "x-h3g-msisdn",
            "X_Huawei_IMSI",
            "x-nokia-msisdn",
            "MSISDN",
            "x-3gpp-supi",
            "x-my-Phone_Number",
            "x-imei-sv",
        ] {
            assert_eq!(left(&[(name, "491701234567")], &[]), (1, vec![]), "{name}");
        }
    }

    #[test]
    fn what_serves_the_request_stays() {
        let kept = ["accept", "content-type", "cookie", "host", "range", "user-agent", "x-requested-with"];
        let list: Vec<(&str, &str)> = kept.iter().map(|name| (*name, "v")).collect();
        assert_eq!(left(&list, &[]), (0, kept.iter().map(|name| (*name).to_owned()).collect()));
    }

    #[test]
    fn every_value_of_a_repeated_header_goes_and_is_counted() {
        assert_eq!(
            left(&[("x-msisdn", "1"), ("X-MSISDN", "2"), ("x_msisdn", "3"), ("host", "h")], &[]),
            (3, vec!["host".into()])
        );
    }

    #[test]
    fn the_operators_own_names_go_as_well() {
        assert_eq!(left(&[("X-Home_Alias", "a"), ("x-other", "b")], &["x-home-alias"]), (1, vec!["x-other".into()]));
        assert_eq!(IdentityHeaders::new(&["x-sound", "not a name"]).unwrap_err(), BadHeaderName { at: 2 });
    }

    #[test]
    fn what_connection_names_goes_with_it() {
        let list = [
            ("connection", "close, X-One ,, bad name"),
            ("Connection", "x-two"),
            ("x-one", "1"),
            ("x-two", "2"),
            ("x-two", "3"),
            ("x-three", "3"),
        ];
        assert_eq!(left(&list, &[]), (0, vec!["x-three".into()]));
    }

    #[test]
    fn hop_by_hop_headers_go() {
        let list: Vec<(&str, &str)> = HOP_BY_HOP.iter().map(|name| (*name, "x-nothing")).collect();
        assert_eq!(left(&list, &[]), (0, vec![]));
        assert_eq!(left(&[("Proxy_Authorization", "Basic x")], &[]), (0, vec![]));
    }
}
