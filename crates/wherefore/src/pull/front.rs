//! The operator's own origin: keys for everybody, questions for people at terminals.

use super::authorize::{one, parameters};
use super::body::{Out, Taken, take};
use super::consent::Back;
use super::{Pull, Terminal, pages};
use http::{Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;

/// Longest form, octets.
const FORM_MAX: usize = 1024;

impl Pull {
    /// Answers a request to the operator's own origin. `named`: it was asked for by that name; under another, as when a name of somebody
    /// else's leads here, a page would be that one's to read, so there are the keys alone.
    pub(super) async fn front(&self, request: Request<Incoming>, terminal: &Terminal, named: bool) -> Response<Out> {
        let get = matches!(*request.method(), Method::GET | Method::HEAD);
        match request.uri().path() {
            "/.well-known/jwks.json" if get => return pages::json(self.issuer.key_set()),
            "/.well-known/openid-configuration" if get => return pages::json(self.issuer.discovery()),
            _ => {}
        }
        if !terminal.in_access {
            return pages::plain(StatusCode::FORBIDDEN, "this proxy serves terminals of its network alone");
        }
        if !named {
            return pages::plain(
                StatusCode::MISDIRECTED_REQUEST,
                "a proxy: send requests in absolute form (RFC 9112 section 3.2.2)",
            );
        }
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/consent") => self.show_question(request.uri().query().unwrap_or_default(), terminal),
            (&Method::POST, "/consent") => self.take_answer(request, terminal).await,
            (&Method::GET, "/authorize") => {
                let query = request.uri().query().unwrap_or_default().to_owned();
                self.authorize(&query, terminal).await
            }
            _ => pages::says(StatusCode::NOT_FOUND, "No such page", "There is nothing here."),
        }
    }

    /// Where a question is answered.
    pub(super) fn to_question(&self, id: &str) -> Response<Out> {
        pages::see_other(&format!("{}/consent?question={id}", self.issuer.origin()))
    }

    fn show_question(&self, query: &str, terminal: &Terminal) -> Response<Out> {
        let now = self.core.now();
        let given = parameters(query);
        let id = one(&given, "question").unwrap_or_default();
        let shown = self.subscriber(terminal, now).and_then(|who| self.questions.show(id, who, now));
        let Some(shown) = shown else { return gone() };
        let Some(client) = self.core.clients.client(&shown.client) else { return gone() };
        let name = client.record().name.as_ref().map_or(&*shown.client, |name| name.text.as_str());
        pages::question(name, id, &shown, self.settings().consent_s)
    }

    async fn take_answer(&self, request: Request<Incoming>, terminal: &Terminal) -> Response<Out> {
        let refused =
            || pages::says(StatusCode::FORBIDDEN, "Not taken", "This answer did not come from the operator's page.");
        let own = self.issuer.origin().to_string();
        let headers = request.headers();
        // Browsers say where a form comes from; who sends no browser has the token of the page, or has not.
        let foreign = headers.get_all(header::ORIGIN).iter().any(|origin| origin.as_bytes() != own.as_bytes());
        let site = headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() != b"same-origin");
        if foreign || site {
            return refused();
        }
        let Ok(Taken::Whole(body)) = take(request.into_body(), FORM_MAX, self.upstream.timeout()).await else {
            return pages::says(StatusCode::PAYLOAD_TOO_LARGE, "Not taken", "The form is too long.");
        };
        let now = self.core.now();
        let given = parameters(&String::from_utf8_lossy(&body));
        let field = |name| one(&given, name).unwrap_or_default();
        let yes = match field("answer") {
            "yes" => true,
            "no" => false,
            _ => return pages::says(StatusCode::BAD_REQUEST, "Not taken", "Answer yes or no."),
        };
        let Some(who) = self.subscriber(terminal, now) else { return gone() };
        let Some(question) = self.questions.take(field("question"), field("token"), who, now) else { return gone() };
        match self.answered(question, yes, now).await {
            Some(Back::Page(url)) => pages::see_other(&url),
            Some(Back::Redirect(ask)) => self.end_redirect(ask, terminal).await,
            None => {
                let text = "Your answer could not be taken down. Nothing was told. Go back and try again.";
                pages::says(StatusCode::SERVICE_UNAVAILABLE, "Not taken", text)
            }
        }
    }
}

/// The one answer to every question that is not there for this person.
fn gone() -> Response<Out> {
    let text = "There is no question for you here, or not any more. Nothing was told. Go back and try again.";
    pages::says(StatusCode::GONE, "Nothing to answer", text)
}
