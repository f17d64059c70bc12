//! Origins (RFC 6454): scheme, host and port, read by one parser wherever they come from, so that no two of them disagree.

use core::fmt;
use reqwest::Url;
use std::net::IpAddr;

/// An http or https origin in its one form: host in lower case, IDNA and IP literals made plain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    https: bool,
    /// With brackets if it is an IPv6 address, as in a URL.
    host: String,
    port: u16,
}

impl Origin {
    /// Reads an origin: a URL that has nothing but scheme, host and port.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        (url.path() == "/" && url.query().is_none() && url.fragment().is_none()).then(|| Self::of_url(&url))?
    }

    /// The origin of a request in absolute form.
    pub(super) fn of_uri(uri: &http::Uri) -> Option<Self> {
        uri.authority()?;
        Self::of_url(&Url::parse(&uri.to_string()).ok()?)
    }

    /// The origin that an authority and a scheme make.
    pub(super) fn of_authority(authority: &str, https: bool) -> Option<Self> {
        let plain = authority.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
        let scheme = if https { "https" } else { "http" };
        plain.then(|| Self::parse(&format!("{scheme}://{authority}")))?
    }

    /// The origin of a URL without user name and password.
    pub(super) fn of_url(url: &Url) -> Option<Self> {
        let https = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let plain = url.username().is_empty() && url.password().is_none();
        let (host, port) = (url.host_str().filter(|host| !host.is_empty())?, url.port_or_known_default()?);
        plain.then(|| Self { https, host: host.to_owned(), port })
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The host without brackets.
    pub(super) fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The host as an address, if it is one.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.host().parse().ok()
    }

    /// What stands in `Host`.
    pub(super) fn authority(&self) -> String {
        let usual = if self.https { 443 } else { 80 };
        if self.port == usual { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// The same over TLS; an http origin's usual port becomes the usual one of https.
    pub(super) fn over_tls(&self) -> Self {
        let port = if !self.https && self.port == 80 { 443 } else { self.port };
        Self { https: true, port, host: self.host.clone() }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_origin_has_one_form() {
        for (text, form) in [
            ("http://App.Example.net", "http://app.example.net"),
            ("http://app.example.net:80/", "http://app.example.net"),
            ("https://app.example.net:443", "https://app.example.net"),
            ("http://app.example.net:8080", "http://app.example.net:8080"),
            ("http://127.1:80", "http://127.0.0.1"),
            ("http://0x7f000001", "http://127.0.0.1"),
            ("http://[::1]:81", "http://[::1]:81"),
        ] {
            assert_eq!(Origin::parse(text).map(|origin| origin.to_string()).as_deref(), Some(form), "{text}");
        }
        let six = Origin::parse("http://[::1]:81").unwrap();
        assert_eq!((six.host(), six.address(), six.port()), ("::1", "::1".parse().ok(), 81));
        assert_eq!(six.over_tls().to_string(), "https://[::1]:81");
        assert_eq!(Origin::parse("http://a.example").unwrap().over_tls().to_string(), "https://a.example");
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_none() {
        for text in [
            "app.example.net",
            "ftp://a.example",
            "http://",
            "http://a.example/path",
            "http://a.example?q",
            "http://u@a.example",
            "http://u:p@a.example",
            "http://a.example/#f",
            "file:///etc",
        ] {
            assert_eq!(Origin::parse(text), None, "{text}");
        }
        let uri = |text: &str| Origin::of_uri(&text.parse().unwrap()).map(|origin| origin.to_string());
        assert_eq!(uri("http://A.example:80/x?y").as_deref(), Some("http://a.example"));
        assert_eq!(uri("/x"), None);
        assert_eq!(uri("http://u@a.example/"), None);
        assert_eq!(Origin::of_authority("a.example/evil", false), None);
        assert_eq!(Origin::of_authority("a.example:443", true).unwrap().to_string(), "https://a.example");
    }
}
