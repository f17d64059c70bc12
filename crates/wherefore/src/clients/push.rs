//! Where a client's reports may be pushed.

use reqwest::Url;

/// Whether `url` lies under one of the allowed beginnings: same scheme, host and port, and a path that begins with the
/// allowed path at a segment border. User names, passwords and fragments are refused, so that
/// `https://app.example.net@evil.example/` is not taken for the first host.
pub(super) fn allowed(beginnings: &[String], url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    plain && beginnings.iter().filter_map(|text| Url::parse(text).ok()).any(|base| under(&base, &url))
}

fn under(base: &Url, url: &Url) -> bool {
    let origin = base.scheme() == url.scheme()
        && base.host_str() == url.host_str()
        && base.port_or_known_default() == url.port_or_known_default();
    let rest = url.path().strip_prefix(base.path());
    let at_border = |rest: &str| base.path().ends_with('/') || rest.is_empty() || rest.starts_with('/');
    origin && rest.is_some_and(at_border)
}
