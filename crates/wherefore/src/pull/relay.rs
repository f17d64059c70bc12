//! One request of a terminal: the ten steps of TS 23.271 Fig. E.2, of which 6 to 8 are between the client and the location gateway.
//!
//! ```text
//!  1 terminal asks     2 passed on without identity     3 the client answers with a challenge
//!  4 introduce.rs      5 the request again, with the token     9, 10 the answer, passed back
//! ```

use super::body::{Out, Taken, take, whole};
use super::consent::Back;
use super::guard::{Reach, Unreached};
use super::introduce::{Step, count};
use super::origin::Origin;
use super::sites::Site;
use super::{Pull, Terminal, pages};
use crate::config::{Connect, Others, Upstream};
use crate::identity_headers::strip_hop_by_hop;
use assertion::{Challenge, SCHEME};
use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, Uri};
use hyper::body::{Body as _, Incoming};
use lcs::Duration;
use std::sync::Arc;

/// Longest life of a tunnel.
const TUNNEL: Duration = Duration::from_secs(3600);

/// Where a request goes.
struct Way<'s> {
    to: Origin,
    reach: Reach,
    site: Option<&'s Site>,
}

impl Pull {
    /// Answers a request, whatever it is for.
    pub(super) async fn serve(self: &Arc<Self>, request: Request<Incoming>, terminal: &Terminal) -> Response<Out> {
        if request.method() == Method::CONNECT {
            return self.tunnel(request, terminal).await;
        }
        // Its answer would show the terminal what the proxy has added.
        if request.method() == Method::TRACE {
            return pages::plain(StatusCode::METHOD_NOT_ALLOWED, "this proxy does not trace");
        }
        let own = self.issuer.origin();
        if request.uri().authority().is_none() {
            let hosts: Vec<&HeaderValue> = request.headers().get_all(header::HOST).iter().collect();
            let [host] = hosts[..] else { return pages::plain(StatusCode::BAD_REQUEST, "one Host is needed") };
            let named = host.to_str().ok().and_then(|host| Origin::of_authority(host, own.is_https()));
            let named = named.as_ref() == Some(own);
            return self.front(request, terminal, named).await;
        }
        if !terminal.in_access {
            return pages::plain(StatusCode::FORBIDDEN, "this proxy serves terminals of its network alone");
        }
        let Some(origin) = Origin::of_uri(request.uri()) else {
            return pages::plain(
                StatusCode::BAD_REQUEST,
                "the address is not one of http or https without a user name",
            );
        };
        if origin == *own {
            return self.front(request, terminal, true).await;
        }
        let Some(way) = self.way(&origin) else {
            return pages::plain(StatusCode::FORBIDDEN, "this proxy does not lead there");
        };
        match self.exchange(request, &origin, &way, terminal).await {
            Ok(mut response) => {
                strip_hop_by_hop(response.headers_mut());
                response
            }
            Err(Unreached::Forbidden) => pages::plain(StatusCode::FORBIDDEN, "this proxy does not lead there"),
            Err(Unreached::Unreachable) => pages::plain(StatusCode::BAD_GATEWAY, "the site is not reached"),
            Err(Unreached::TimedOut) => pages::plain(StatusCode::GATEWAY_TIMEOUT, "the site does not answer in time"),
        }
    }

    /// The way to an origin; `None` if there is to be none.
    fn way(&self, origin: &Origin) -> Option<Way<'_>> {
        if let Some(site) = self.sites.of_origin(origin) {
            let to = match site.settings.upstream {
                Upstream::AsOrigin => origin.clone(),
                Upstream::Https => origin.over_tls(),
            };
            let reach = if site.settings.private { Reach::Any } else { Reach::Public };
            return Some(Way { to, reach, site: Some(site) });
        }
        let open = self.settings().others == Others::Public;
        open.then(|| Way { to: origin.clone(), reach: Reach::PublicWeb, site: None })
    }

    async fn exchange(
        &self,
        request: Request<Incoming>,
        origin: &Origin,
        way: &Way<'_>,
        terminal: &Terminal,
    ) -> Result<Response<Out>, Unreached> {
        let (mut parts, body) = request.into_parts();
        self.cleanse(&mut parts);
        // What was counted, whatever the header says.
        parts.headers.remove(header::CONTENT_LENGTH);
        if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
            parts.headers.insert(header::CONTENT_LENGTH, length.into());
        }
        // Only a client's requests are ever sent twice.
        let keep = if way.site.is_some() { self.settings().body_limit_bytes } else { 0 };
        let Ok(taken) = take(body, keep, self.upstream.timeout()).await else {
            return Ok(pages::plain(StatusCode::REQUEST_TIMEOUT, "the body did not arrive"));
        };
        let (body, kept) = match taken {
            Taken::Whole(octets) => (whole(octets.clone()), Some(octets)),
            Taken::Once(body) => (body, None),
        };
        let first = self.upstream.send(&way.to, way.reach, outgoing(&parts, body)).await?;
        let Some(site) = way.site.filter(|_| first.status() == StatusCode::UNAUTHORIZED) else { return Ok(first) };
        let Some(challenge) = challenge_of(&first, site) else { return Ok(first) };
        // What the terminal itself shows to the client is not put aside.
        let (Some(octets), false) = (kept, parts.headers.contains_key(header::AUTHORIZATION)) else {
            count("not_repeatable");
            return Ok(first);
        };
        let token = match self.step_four(&challenge, &parts, origin, terminal).await {
            Fourth::Token(token) => token,
            Fourth::Question(question) => return Ok(question),
            Fourth::Nothing(why) => {
                count(why);
                return Ok(first);
            }
        };
        drop(first);
        let mut again = outgoing(&parts, whole(octets));
        let Ok(mut credentials) = HeaderValue::try_from(format!("{SCHEME} {token}")) else {
            return Err(Unreached::Forbidden);
        };
        credentials.set_sensitive(true);
        again.headers_mut().insert(header::AUTHORIZATION, credentials);
        let mut answer = self.upstream.send(&way.to, way.reach, again).await?;
        count("given");
        // The terminal sent no credentials that a cache on its way could go by.
        answer.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private"));
        Ok(answer)
    }

    /// Takes out of a request what tells who sent it, and makes it one to a site.
    fn cleanse(&self, parts: &mut Parts) {
        let removed = self.headers.strip(&mut parts.headers);
        let forged = drop_credentials(&mut parts.headers);
        if removed + forged > 0 {
            metrics::counter!("wherefore_pull_headers_removed_total").increment((removed + forged) as u64);
        }
        parts.headers.remove(header::EXPECT);
        parts.headers.remove(header::VIA);
        parts.headers.append(header::VIA, HeaderValue::from_static("1.1 operator"));
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        parts.uri = Uri::try_from(target).unwrap_or_default();
        parts.version = http::Version::HTTP_11;
    }

    async fn step_four(&self, challenge: &Challenge, parts: &Parts, page: &Origin, terminal: &Terminal) -> Fourth {
        let now = self.core.now();
        let client = self.core.clients.client(challenge.audience()).filter(|client| client.record().enabled);
        let (Some(client), Some(who)) = (client, self.subscriber(terminal, now)) else {
            return Fourth::Nothing("unknown");
        };
        let shows_pages = shows_pages(parts);
        if let Some(question) = self.questions.open_for(who, client.account(), now) {
            return if shows_pages {
                Fourth::Question(self.to_question(&question))
            } else {
                Fourth::Nothing("unasked")
            };
        }
        match self.introduce(who, &client, challenge.nonce(), now).await {
            Step::Token(token) => Fourth::Token(token),
            Step::Nothing(why) => Fourth::Nothing(why),
            Step::Ask(ticket) if shows_pages => {
                let back = Back::Page(format!("{page}{}", parts.uri));
                match self.questions.open((who, Arc::clone(client.account())), back, *ticket, now) {
                    Ok(question) => {
                        count("asked");
                        Fourth::Question(self.to_question(&question))
                    }
                    Err(_) => Fourth::Nothing("failed"),
                }
            }
            Step::Ask(ticket) => {
                self.unasked(*ticket, who, client.account(), now).await;
                Fourth::Nothing("unasked")
            }
        }
    }

    async fn tunnel(&self, mut request: Request<Incoming>, terminal: &Terminal) -> Response<Out> {
        if !terminal.in_access {
            return pages::plain(StatusCode::FORBIDDEN, "this proxy serves terminals of its network alone");
        }
        if self.settings().connect == Connect::Refuse {
            return pages::plain(StatusCode::METHOD_NOT_ALLOWED, "this proxy makes no tunnels");
        }
        let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
        let origin = authority.and_then(|authority| Origin::of_authority(&authority, true));
        let Some(way) = origin.as_ref().and_then(|origin| self.way(origin)) else {
            return pages::plain(StatusCode::FORBIDDEN, "this proxy does not lead there");
        };
        let mut site = match self.upstream.connect(&way.to, way.reach).await {
            Ok(site) => site,
            Err(Unreached::Forbidden) => return pages::plain(StatusCode::FORBIDDEN, "this proxy does not lead there"),
            Err(_) => return pages::plain(StatusCode::BAD_GATEWAY, "the site is not reached"),
        };
        let upgraded = hyper::upgrade::on(&mut request);
        let place = terminal.place();
        tokio::spawn(async move {
            let copying = async {
                let Ok(upgraded) = upgraded.await else { return };
                let mut terminal = hyper_util::rt::TokioIo::new(upgraded);
                tokio::io::copy_bidirectional(&mut terminal, &mut site).await.ok();
            };
            tokio::time::timeout(TUNNEL, copying).await.ok();
            drop(place);
        });
        Response::new(whole(""))
    }
}

/// What step 4 came to.
enum Fourth {
    Token(String),
    /// Sends the person to the question.
    Question(Response<Out>),
    /// The client gets nothing, and the terminal the client's own answer.
    Nothing(&'static str),
}

/// The challenge in a 401 of a client, if it asks for itself.
fn challenge_of(answer: &Response<Out>, site: &Site) -> Option<Challenge> {
    let values = answer.headers().get_all(header::WWW_AUTHENTICATE);
    let found = match Challenge::find(values.iter().map(HeaderValue::as_bytes)) {
        Ok(found) => found?,
        Err(error) => {
            tracing::info!(client = site.settings.account, %error, "pull: a challenge that is not understood");
            count("malformed");
            return None;
        }
    };
    let own = found.audience() == site.settings.account;
    if !own {
        tracing::warn!(client = site.settings.account, "pull: a challenge for another audience");
        count("other_audience");
    }
    own.then_some(found)
}

fn outgoing(parts: &Parts, body: Out) -> Request<Out> {
    let mut request = Request::new(body);
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = parts.uri.clone();
    *request.headers_mut() = parts.headers.clone();
    request
}

/// Takes out every credential that speaks of the scheme, or that cannot be read: only this proxy speaks for the operator. How many.
fn drop_credentials(headers: &mut HeaderMap) -> usize {
    let (forged, kept): (Vec<HeaderValue>, Vec<HeaderValue>) =
        headers.get_all(header::AUTHORIZATION).iter().cloned().partition(|value| {
            let text = value.to_str().map(str::to_ascii_lowercase);
            text.is_ok_and(|text| text.contains(&SCHEME.to_ascii_lowercase())) || value.to_str().is_err()
        });
    if !forged.is_empty() {
        headers.remove(header::AUTHORIZATION);
        for value in kept {
            headers.append(header::AUTHORIZATION, value);
        }
    }
    forged.len()
}

/// Whether a person sees what is answered: a page that is gone to, not a picture, script or frame in one.
fn shows_pages(parts: &Parts) -> bool {
    let says = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let html = says("accept").is_some_and(|accept| accept.contains("text/html"));
    parts.method == Method::GET && html && says("sec-fetch-dest").is_none_or(|dest| dest == "document")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(list: &[&[u8]]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in list {
            map.append(header::AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        map
    }

    #[test]
    fn no_credentials_of_the_scheme_pass_however_they_are_written() {
        for forged in ["Pseudonym x", "pseudonym x", "PSEUDONYM\tx", "Basic x, Pseudonym y", " Pseudonym"] {
            let mut headers = values(&[forged.as_bytes(), b"Basic dTpw"]);
            assert_eq!(drop_credentials(&mut headers), 1, "{forged}");
            assert_eq!(headers.get_all(header::AUTHORIZATION).iter().collect::<Vec<_>>(), ["Basic dTpw"]);
        }
        let mut headers = values(&[b"Pseudonym \xFF", b"Pseudonym x"]);
        assert_eq!(drop_credentials(&mut headers), 2);
        assert!(headers.is_empty());
        let mut headers = values(&[b"Bearer abc"]);
        assert_eq!((drop_credentials(&mut headers), headers.len()), (0, 1));
    }

    #[test]
    fn a_question_is_put_where_a_person_sees_it() {
        let parts = |method: &str, headers: &[(&str, &str)]| {
            let mut request = Request::builder().method(method).uri("/");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            request.body(()).unwrap().into_parts().0
        };
        let html = ("accept", "text/html,*/*;q=0.8");
        assert!(shows_pages(&parts("GET", &[html])));
        assert!(shows_pages(&parts("GET", &[html, ("sec-fetch-dest", "document")])));
        assert!(!shows_pages(&parts("GET", &[html, ("sec-fetch-dest", "iframe")])));
        assert!(!shows_pages(&parts("POST", &[html])));
        assert!(!shows_pages(&parts("GET", &[("accept", "application/json")])));
        assert!(!shows_pages(&parts("GET", &[])));
    }
}
