//! The redirect form: the service sends the browser here, and it comes back with the token. The implicit flow of OpenID Connect Core 1.0
//! section 3.2 with `response_type=id_token` and `response_mode=form_post`, and nothing else of it.
//!
//! ```text
//! GET /authorize?response_type=id_token&response_mode=form_post&scope=openid&client_id=ACCOUNT
//!     &redirect_uri=URL&nonce=NONCE&state=STATE
//! 200 a form that posts id_token and state, or error=access_denied and state, to URL
//! ```

use super::body::Out;
use super::consent::Back;
use super::introduce::{Step, count};
use super::{Pull, Terminal, pages};
use http::{Response, StatusCode};
use reqwest::Url;
use std::sync::Arc;

/// A sound request of a client for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(super) account: Arc<str>,
    /// One of the client's, whole.
    pub(super) return_url: Url,
    state: Option<String>,
    nonce: String,
}

/// Longest state that is brought back, octets.
const STATE_MAX: usize = 512;

/// The one value of a parameter; `None` if it is not there, or twice.
pub(super) fn one<'p>(parameters: &'p [(String, String)], name: &str) -> Option<&'p str> {
    let mut same = parameters.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
    same.next().filter(|_| same.next().is_none())
}

/// The parameters of a query, or of a form's body.
pub(super) fn parameters(query: &str) -> Vec<(String, String)> {
    let Ok(mut url) = Url::parse("http://query.invalid/") else { return Vec::new() };
    url.set_query(Some(query));
    url.query_pairs().take(32).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

impl Pull {
    /// Reads a request.
    ///
    /// # Errors
    /// What to tell the person. The browser is sent nowhere: whether the address is the client's is not known, or is known not to be.
    fn ask(&self, query: &str) -> Result<Ask, &'static str> {
        let given = parameters(query);
        let account = one(&given, "client_id").ok_or("client_id is missing")?;
        let site =
            self.sites.of_account(account).ok_or("client_id is not the account of a client that may ask here")?;
        let return_url = one(&given, "redirect_uri").ok_or("redirect_uri is missing")?;
        // Octet for octet (RFC 9700 section 2.1).
        let known = site.settings.return_urls.iter().any(|url| url == return_url);
        let return_url = Url::parse(return_url).ok().filter(|_| known);
        let return_url = return_url.ok_or("redirect_uri is not among the return_urls of the client")?;
        let sound = one(&given, "response_type") == Some("id_token")
            && one(&given, "response_mode") == Some("form_post")
            && one(&given, "scope").is_some_and(|scopes| scopes.split(' ').any(|scope| scope == "openid"));
        if !sound {
            return Err("response_type must be id_token, response_mode form_post, and scope openid");
        }
        let nonce = one(&given, "nonce").unwrap_or_default();
        assertion::Challenge::new("operator", account, nonce)
            .map_err(|_| "nonce must be 16 to 128 letters, digits and -_.~")?;
        let state = one(&given, "state").filter(|state| state.len() <= STATE_MAX).map(str::to_owned);
        Ok(Ask { account: site.settings.account.as_str().into(), return_url, state, nonce: nonce.to_owned() })
    }

    /// `GET /authorize`.
    pub(super) async fn authorize(&self, query: &str, terminal: &Terminal) -> Response<Out> {
        let refused = |text| pages::says(StatusCode::BAD_REQUEST, "The site asked in a wrong way", text);
        match self.ask(query) {
            Ok(ask) => self.end_redirect(ask, terminal).await,
            Err(text) => refused(text),
        }
    }

    /// Sends the browser back with a token, or without; or asks first.
    pub(super) async fn end_redirect(&self, ask: Ask, terminal: &Terminal) -> Response<Out> {
        let now = self.core.now();
        let client = self.core.clients.client(&ask.account).filter(|client| client.record().enabled);
        let (Some(client), Some(who)) = (client, self.subscriber(terminal, now)) else {
            count("unknown");
            return ask.denied();
        };
        if let Some(question) = self.questions.open_for(who, client.account(), now) {
            return self.to_question(&question);
        }
        match self.introduce(who, &client, &ask.nonce, now).await {
            Step::Token(token) => {
                count("given");
                ask.back("id_token", &token)
            }
            Step::Ask(ticket) => {
                let pair = (who, Arc::clone(client.account()));
                match self.questions.open(pair, Back::Redirect(ask.clone()), *ticket, now) {
                    Ok(question) => {
                        count("asked");
                        self.to_question(&question)
                    }
                    Err(_) => ask.denied(),
                }
            }
            Step::Nothing(why) => {
                count(why);
                ask.denied()
            }
        }
    }
}

impl Ask {
    /// OpenID Connect Core 1.0 section 3.1.2.6: whatever the reason, the same.
    fn denied(&self) -> Response<Out> {
        self.back("error", "access_denied")
    }

    fn back(&self, name: &str, value: &str) -> Response<Out> {
        let mut fields = vec![(name, value)];
        fields.extend(self.state.as_deref().map(|state| ("state", state)));
        pages::form_post(&self.return_url, &fields)
    }
}
