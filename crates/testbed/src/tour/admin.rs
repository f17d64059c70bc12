//! The admin API of a gateway, as far as a tour needs it. Bodies go through as the scenario has them.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::{net::IpAddr, time::Duration};

/// How long an HTTP exchange may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why the admin API did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// No HTTP client.
    #[error("cannot set up an HTTP client: {0}")]
    Client(reqwest::Error),
    /// No answer.
    #[error("admin API, {what}: {error}")]
    Exchange {
        /// What was asked.
        what: String,
        /// What went wrong.
        error: reqwest::Error,
    },
    /// Refused.
    #[error("admin API, {what}: {status} {told}")]
    Refused {
        /// What was asked.
        what: String,
        /// HTTP status.
        status: StatusCode,
        /// What the gateway says.
        told: String,
    },
    /// A table of the scenario is no JSON.
    #[error("{0}: cannot be said in JSON")]
    Unsayable(String),
}

/// An HTTP client for lab use: no proxy, and a limit on time.
pub(crate) fn http_client() -> Result<reqwest::Client, AdminError> {
    // Fails only if a provider is installed already, which is as good.
    tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().map_err(AdminError::Client)
}

/// The admin API of one gateway.
pub struct Admin {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Admin {
    /// At a base address such as `http://127.0.0.1:9280`.
    pub fn new(base: &str, token: &str) -> Result<Self, AdminError> {
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { http: http_client()?, base, token: token.trim().to_owned() })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    /// The rule that decides about a request, as the gateway's dry run names it.
    pub async fn deciding_rule(&self, request: &Value) -> Result<String, AdminError> {
        let what = "dry run of the privacy check".to_owned();
        let (status, told) = send(self.request(Method::POST, "/v1/explain").json(request), &what).await?;
        let explained = expect_success(&what, status, told)?;
        match explained.get("decided_by").and_then(Value::as_str) {
            Some(rule) => Ok(rule.to_owned()),
            None => Err(AdminError::Refused { what, status, told: "no decided_by in the answer".to_owned() }),
        }
    }

    /// Registers a client and has a secret made for it.
    pub async fn provision_client(&self, id: &str, record: Value) -> Result<String, AdminError> {
        let what = format!("client `{id}`");
        let mut record = record;
        if let Value::Object(members) = &mut record {
            members.insert("id".into(), json!(id));
        }
        let path = format!("/v1/clients/{id}");
        let (status, told) = send(self.request(Method::PUT, &path).json(&record), &what).await?;
        expect_success(&what, status, told)?;
        let path = format!("/v1/clients/{id}/secret");
        let (status, told) = send(self.request(Method::POST, &path).json(&json!({})), &what).await?;
        let made = expect_success(&what, status, told)?;
        match made.get("secret").and_then(Value::as_str) {
            Some(secret) => Ok(secret.to_owned()),
            None => Err(AdminError::Refused { what, status, told: "no secret in the answer".to_owned() }),
        }
    }

    /// Writes a subscriber's profile. One who opted out earlier is erased first, for a profile may not undo that.
    pub async fn provision_subscriber(&self, label: &str, identity: &str, profile: &Value) -> Result<(), AdminError> {
        let what = format!("subscriber `{label}`");
        let put = || self.request(Method::PUT, "/v1/subscriber").header("Subscriber", identity).json(profile);
        let (mut status, mut told) = send(put(), &what).await?;
        if status == StatusCode::CONFLICT {
            self.erase(label, identity).await?;
            (status, told) = send(put(), &what).await?;
        }
        expect_success(&what, status, told).map(|_| ())
    }

    /// What the home register must hold of a subscriber, by the gateway's pseudo-external identities: hexadecimal digits of a MAP
    /// argument.
    pub async fn home_register_data(&self, label: &str, identity: &str) -> Result<String, AdminError> {
        let what = format!("home register data of subscriber `{label}`");
        let asked = self.request(Method::GET, "/v1/subscriber/slpp").header("Subscriber", identity);
        let (status, told) = send(asked, &what).await?;
        let told = expect_success(&what, status, told)?;
        match told.get("map").and_then(Value::as_str) {
            Some(map) => Ok(map.to_owned()),
            None => Err(AdminError::Refused { what, status, told: "no map in the answer".to_owned() }),
        }
    }

    /// A client's pseudonym of a subscriber.
    pub async fn pseudonym(&self, client: &str, identity: &str) -> Result<String, AdminError> {
        let what = format!("pseudonym for client `{client}`");
        let body = json!({ "client": client, "subscriber": identity });
        let (status, told) = send(self.request(Method::POST, "/v1/pseudonyms/assign").json(&body), &what).await?;
        let told = expect_success(&what, status, told)?;
        match told.get("pseudonym").and_then(Value::as_str) {
            Some(pseudonym) => Ok(pseudonym.to_owned()),
            None => Err(AdminError::Refused { what, status, told: "no pseudonym in the answer".to_owned() }),
        }
    }

    /// Tells that a terminal's address is a subscriber's, for so many seconds.
    pub async fn lease(&self, label: &str, identity: &str, address: IpAddr, lasts_s: u32) -> Result<(), AdminError> {
        let what = format!("terminal of subscriber `{label}`");
        let body = json!({ "address": address, "subscriber": identity, "lasts_s": lasts_s });
        let (status, told) = send(self.request(Method::PUT, "/v1/pull/terminals").json(&body), &what).await?;
        expect_success(&what, status, told).map(|_| ())
    }

    /// Gives the gateway the keys of a subscriber's card.
    pub async fn import_card(&self, label: &str, imsi: &str, keys: [&str; 2]) -> Result<(), AdminError> {
        let what = format!("card of subscriber `{label}`");
        let [kic, kid] = keys;
        let body = json!({ "cards": [{ "imsi": imsi, "kic": kic, "kid": kid }] });
        let (status, told) = send(self.request(Method::POST, "/v1/usim/cards").json(&body), &what).await?;
        expect_success(&what, status, told).map(|_| ())
    }

    /// Whether area events go to cards wherever a card can watch. A gateway that does not say so does not.
    pub async fn prefers_cards(&self) -> Result<bool, AdminError> {
        let told = self.ask(Method::GET, "/v1/usim/cards?limit=1", None, None).await?;
        Ok(told.get("road").and_then(Value::as_str) == Some("preferred"))
    }

    /// Anything else, about a subscriber or nobody.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        subscriber: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value, AdminError> {
        let mut request = self.request(method, path);
        if let Some(subscriber) = subscriber {
            request = request.header("Subscriber", subscriber);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let (status, told) = send(request, path).await?;
        expect_success(path, status, told)
    }

    /// Opts a subscriber out.
    pub async fn opt_out(&self, label: &str, identity: &str) -> Result<(), AdminError> {
        let what = format!("subscriber `{label}`");
        let change = self.request(Method::PATCH, "/v1/subscriber").header("Subscriber", identity);
        let (status, told) = send(change.json(&json!({ "opted_out": true })), &what).await?;
        expect_success(&what, status, told).map(|_| ())
    }

    /// Erases a subscriber.
    pub async fn erase(&self, label: &str, identity: &str) -> Result<(), AdminError> {
        let what = format!("subscriber `{label}`");
        let erase = self.request(Method::DELETE, "/v1/subscriber").header("Subscriber", identity);
        let (status, told) = send(erase, &what).await?;
        expect_success(&what, status, told).map(|_| ())
    }
}

async fn send(request: RequestBuilder, what: &str) -> Result<(StatusCode, String), AdminError> {
    let failed = |error| AdminError::Exchange { what: what.to_owned(), error };
    let answer = request.send().await.map_err(failed)?;
    let status = answer.status();
    Ok((status, answer.text().await.map_err(failed)?))
}

fn expect_success(what: &str, status: StatusCode, told: String) -> Result<Value, AdminError> {
    if !status.is_success() {
        return Err(AdminError::Refused { what: what.to_owned(), status, told });
    }
    Ok(serde_json::from_str(&told).unwrap_or(Value::Null))
}

/// A table of the scenario as JSON.
pub(super) fn to_json(what: &str, table: &toml::Table) -> Result<Value, AdminError> {
    serde_json::to_value(table).map_err(|_| AdminError::Unsayable(what.to_owned()))
}
