//! The operator's own pages: plain HTML without scripts, that nobody frames, keeps, or reads from elsewhere.

use super::body::{Out, whole};
use super::consent::Shown;
use aws_lc_rs::digest;
use core::fmt::Write as _;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use reqwest::Url;

const STYLE: &str = "body{font:1.1em/1.5 sans-serif;max-width:34em;margin:2em auto;padding:0 1em}\
                     button{font:inherit;padding:.5em 1.5em;margin-right:1em}";
/// Sends the form of the redirect form on; where scripts are off the person presses the button.
const SUBMIT: &str = "document.forms[0].submit()";

/// Text as it stands in HTML, in content and in quoted attributes alike.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A page of the operator. `form_action`: where its form may lead, as CSP has it.
fn page(status: StatusCode, title: &str, content: &str, form_action: &str, script: Option<&str>) -> Response<Out> {
    let script_tag = script.map(|script| format!("<script>{script}</script>")).unwrap_or_default();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head>\
         <body><h1>{title}</h1>{content}{script_tag}</body></html>\n"
    );
    let hash = |text: &str| {
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        format!("'sha256-{}'", crate::pull::base64(digest.as_ref()))
    };
    let mut policy = format!("default-src 'none'; style-src {}; frame-ancestors 'none'; base-uri 'none'", hash(STYLE));
    // Writing to a String cannot fail.
    write!(policy, "; form-action {form_action}").ok();
    if let Some(script) = script {
        write!(policy, "; script-src {}", hash(script)).ok();
    }
    let mut response = Response::new(whole(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    guard(headers);
    response
}

/// What every answer of the operator's own says of itself.
fn guard(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Not `no-referrer`: with it a browser's form would come from the origin "null".
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
}

/// The question.
pub(super) fn question(name: &str, id: &str, shown: &Shown, consent_s: u64) -> Response<Out> {
    let (name, account) = (escaped(name), escaped(&shown.client));
    let hours = consent_s.div_ceil(3600);
    let content = format!(
        "<p><strong>{name}</strong> ({account}) asks to know you again.</p>\
         <p>If you agree, it is told a pseudonym that your operator made for it alone: neither your number nor your name. With it it can \
         ask your operator where you are; your privacy settings decide about that each time.</p>\
         <p>If you do not, it is told nothing, not even that you were asked. Your answer holds for {hours} h or less.</p>\
         <form method=\"post\" action=\"/consent\">\
         <input type=\"hidden\" name=\"question\" value=\"{id}\"><input type=\"hidden\" name=\"token\" value=\"{token}\">\
         <button name=\"answer\" value=\"no\">No</button><button name=\"answer\" value=\"yes\">Yes, tell it the pseudonym</button></form>",
        id = escaped(id),
        token = escaped(&shown.token)
    );
    // The answer leads on to the client, which CSP counts as the form's action.
    page(StatusCode::OK, "May it know you?", &content, &format!("'self' {}", shown.leads_to), None)
}

/// A page that says something.
pub(super) fn says(status: StatusCode, title: &str, text: &str) -> Response<Out> {
    page(status, &escaped(title), &format!("<p>{}</p>", escaped(text)), "'none'", None)
}

/// A form that carries fields on to a client's URL (OAuth 2.0 Form Post Response Mode).
pub(super) fn form_post(to: &Url, fields: &[(&str, &str)]) -> Response<Out> {
    let mut content = format!("<form method=\"post\" action=\"{}\">", escaped(to.as_str()));
    for (name, value) in fields {
        write!(content, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(name), escaped(value)).ok();
    }
    content.push_str("<button>Go on</button></form>");
    page(StatusCode::OK, "Going on", &content, &to.origin().ascii_serialization(), Some(SUBMIT))
}

/// Sends a browser elsewhere.
pub(super) fn see_other(to: &str) -> Response<Out> {
    let Ok(location) = HeaderValue::try_from(to) else {
        return says(StatusCode::BAD_REQUEST, "Address not understood", "Go back and try again.");
    };
    let mut response = Response::new(whole(""));
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, location);
    guard(response.headers_mut());
    response
}

/// A line of plain text from the proxy itself.
pub(super) fn plain(status: StatusCode, text: &str) -> Response<Out> {
    let mut response = Response::new(whole(format!("{text}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    guard(headers);
    response
}

/// A public document in JSON.
pub(super) fn json(text: String) -> Response<Out> {
    let mut response = Response::new(whole(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    #[tokio::test]
    async fn nothing_of_a_client_is_taken_for_html() {
        let shown = Shown { client: "a".into(), token: "t".into(), leads_to: "http://a.example".into() };
        let response = question("<script>\"x'&", "\"><b>", &shown, 3600);
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(
            policy.contains("default-src 'none'")
                && policy.contains("frame-ancestors 'none'")
                && !policy.contains("script-src")
        );
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let html = response.into_body().collect().await.unwrap().to_bytes();
        let html = std::str::from_utf8(&html).unwrap();
        assert!(
            html.contains("&lt;script&gt;&quot;x&#39;&amp;")
                && html.contains("&quot;&gt;&lt;b&gt;")
                && !html.contains("<script")
        );
    }

    #[test]
    fn an_address_with_a_line_end_leads_nowhere() {
        assert_eq!(see_other("http://a.example/\r\nSet-Cookie: x").status(), StatusCode::BAD_REQUEST);
    }
}
