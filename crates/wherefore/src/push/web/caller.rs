//! For whom a web gateway vouches, and for which client a request is.

use crate::push::number::Numbering;
use http::{HeaderMap, HeaderName, Uri, header};
use ipnet::IpNet;
use lcs::Msisdn;
use std::net::IpAddr;

/// What a header says that does not say one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ambiguous;

/// Who may tell numbers, and where.
#[derive(Debug)]
pub(super) struct Vouchers {
    trusted: Vec<IpNet>,
    header: HeaderName,
}

impl Vouchers {
    pub(super) fn new(trusted: &[IpNet], header: HeaderName) -> Self {
        Self { trusted: trusted.to_vec(), header }
    }

    /// Whom the sender vouches for; nobody, from one who is not trusted or says nothing.
    ///
    /// # Errors
    /// The header is there more than once, under whichever spelling, or is no subscriber's number: a terminal may have sent one of
    /// its own, and which is the gateway's is not known.
    pub(super) fn caller(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
        numbering: &Numbering,
    ) -> Result<Option<Msisdn>, Ambiguous> {
        let peer = peer.to_canonical();
        if !self.trusted.iter().any(|network| network.contains(&peer)) {
            return Ok(None);
        }
        let same = |name: &HeaderName| name.as_str().replace('_', "-") == self.header.as_str().replace('_', "-");
        let mut values = headers.iter().filter(|(name, _)| same(name)).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(Ambiguous),
            (Some(value), None) => {
                let text = value.to_str().map_err(|_| Ambiguous)?;
                if text.trim().is_empty() {
                    return Ok(None);
                }
                numbering.subscriber(text).map(Some).map_err(|_| Ambiguous)
            }
        }
    }
}

/// The host that a request is for, in lower case and without port; `None` unless it names exactly one (RFC 9112 section 3.2).
pub(super) fn host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut named = headers.get_all(header::HOST).iter();
    let (host, second) = (named.next()?.to_str().ok()?, named.next());
    let authority: http::uri::Authority = host.parse().ok()?;
    let agrees = uri.authority().is_none_or(|target| target.as_str().eq_ignore_ascii_case(host));
    if second.is_some() || !agrees || host.contains('@') {
        return None;
    }
    Some(authority.host().trim_end_matches('.').to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn headers(list: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in list {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        map
    }

    #[test]
    fn a_number_is_taken_from_trusted_addresses_alone_and_only_one() {
        let vouchers = Vouchers::new(&["192.0.2.0/24".parse().unwrap()], HeaderName::from_static("x-msisdn"));
        let numbering = Numbering::new(&Config::parse("[push]\ncountry_code = 49").unwrap().push);
        let msisdn = Msisdn::parse("491701234567").ok();
        let from =
            |peer: &str, list: &[(&str, &str)]| vouchers.caller(peer.parse().unwrap(), &headers(list), &numbering);
        for peer in ["192.0.2.9", "::ffff:192.0.2.9"] {
            for value in ["491701234567", "+491701234567", "01701234567", "tel:+49-170-1234567"] {
                assert_eq!(from(peer, &[("X-MSISDN", value)]), Ok(msisdn), "{value}");
                assert_eq!(from(peer, &[("X_msisdn", value)]), Ok(msisdn), "{value}");
            }
            assert_eq!(from(peer, &[]), Ok(None));
            assert_eq!(from(peer, &[("X-MSISDN", " ")]), Ok(None));
            assert_eq!(from(peer, &[("X-Nokia-MSISDN", "491701234567")]), Ok(None));
            let twice = [("X-MSISDN", "491701234567"), ("X-MSISDN", "491701234567")];
            let variants = [("X-MSISDN", "491701234567"), ("X_MSISDN", "491701234568")];
            for wrong in [&twice[..], &variants, &[("X-MSISDN", "49170, 49171")], &[("X-MSISDN", "nobody")]] {
                assert_eq!(from(peer, wrong), Err(Ambiguous), "{wrong:?}");
            }
        }
        for peer in ["192.0.3.1", "127.0.0.1", "::1"] {
            assert_eq!(from(peer, &[("X-MSISDN", "491701234567")]), Ok(None));
        }
    }

    #[test]
    fn a_request_is_for_one_host() {
        let of = |uri: &str, list: &[(&str, &str)]| host(&uri.parse().unwrap(), &headers(list));
        let service = Some("service.example".to_owned());
        assert_eq!(of("/", &[("host", "Service.Example:8080")]), service);
        assert_eq!(of("/", &[("host", "service.example.")]), service);
        assert_eq!(of("http://service.example/", &[("host", "service.example")]), service);
        assert_eq!(of("http://other.example/", &[("host", "service.example")]), None);
        assert_eq!(of("/", &[]), None);
        assert_eq!(of("/", &[("host", "a.example"), ("host", "b.example")]), None);
        assert_eq!(of("/", &[("host", "a@service.example")]), None);
    }
}
