//! A terminal: a browser of few words, at an address of its own, behind the proxy.

use reqwest::{Client, Method, Proxy, RequestBuilder, Response, redirect};
use std::{net::IpAddr, net::SocketAddr, time::Duration};

/// A terminal. Follows no redirect by itself.
#[derive(Debug, Clone)]
pub struct Terminal {
    http: Client,
}

impl Terminal {
    /// A terminal that sends from `address`, which on loopback may be any of 127.0.0.0/8, through the proxy.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(address: IpAddr, proxy: SocketAddr) -> Result<Self, reqwest::Error> {
        let http = Client::builder()
            .proxy(Proxy::http(format!("http://{proxy}"))?)
            .local_address(address)
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(60));
        Ok(Self { http: http.build()? })
    }

    /// A request, to be completed.
    pub fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// Goes to a page, as a person does.
    ///
    /// # Errors
    /// No answer came.
    pub async fn visit(&self, url: &str) -> Result<Response, reqwest::Error> {
        let accept = "text/html,application/xhtml+xml,*/*;q=0.8";
        self.http.get(url).header("Accept", accept).header("Sec-Fetch-Dest", "document").send().await
    }

    /// Sends the form of a page, as a browser does from that page's origin.
    ///
    /// # Errors
    /// No answer came.
    pub async fn submit(&self, url: &str, origin: &str, form: &[(&str, &str)]) -> Result<Response, reqwest::Error> {
        let request = self.http.post(url).header("Origin", origin).header("Sec-Fetch-Site", "same-origin");
        request.header("Content-Type", "application/x-www-form-urlencoded").body(encoded(form)).send().await
    }
}

/// A form's body; everything but letters and digits escaped.
fn encoded(form: &[(&str, &str)]) -> String {
    let escaped = |text: &str| -> String {
        let escape = |b: u8| match b {
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        };
        text.bytes().map(escape).collect()
    };
    form.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}
