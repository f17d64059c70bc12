//! A network element that streams trace records (TS 28.532 clause 12.5, TS 32.423 Annex G) to a collector, with everything in them that
//! says whose phone it was: to see that it goes no further.

use futures_util::{SinkExt as _, StreamExt as _};
use prost::Message as _;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Bytes, Message};

/// Where connections are made.
pub const CONNECTIONS: &str = "/StreamingDataReportingMnS/v1/connections";
/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// TraceRecordHeader, whole.
#[derive(Clone, PartialEq, prost::Message)]
struct Header {
    #[prost(int64, tag = "1")]
    time_stamp: i64,
    #[prost(string, tag = "2")]
    nf_instance_id: String,
    #[prost(string, tag = "3")]
    nf_type: String,
    #[prost(bytes = "vec", tag = "4")]
    trace_reference: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    trace_recording_session_ref: Vec<u8>,
    #[prost(int32, tag = "6")]
    trace_rec_type_id: i32,
    #[prost(bytes = "vec", optional, tag = "7")]
    ran_ue_id: Option<Vec<u8>>,
    #[prost(string, optional, tag = "8")]
    payload_schema_uri: Option<String>,
    #[prost(map = "string, string", tag = "9")]
    vendor_extension: HashMap<String, String>,
}

/// TraceRecordPayload.
#[derive(Clone, PartialEq, prost::Message)]
struct Payload {
    #[prost(int64, tag = "1")]
    size: i64,
    #[prost(bytes = "vec", tag = "2")]
    content: Vec<u8>,
}

/// TraceRecordingSessionDroppedEvents.
#[derive(Clone, PartialEq, prost::Message)]
struct Dropped {
    #[prost(int64, tag = "1")]
    number_of_dropped_events: i64,
    #[prost(map = "string, string", tag = "2")]
    vendor_extension: HashMap<String, String>,
}

/// CommonTracePayload.
#[derive(Clone, PartialEq, prost::Message)]
struct Common {
    #[prost(message, optional, tag = "6")]
    dropped: Option<Dropped>,
}

/// TraceRecord.
#[derive(Clone, PartialEq, prost::Message)]
struct TraceRecord {
    #[prost(message, optional, tag = "1")]
    header: Option<Header>,
    #[prost(message, optional, tag = "2")]
    payload: Option<Payload>,
    #[prost(message, optional, tag = "3")]
    common: Option<Common>,
}

/// What a record is about.
#[derive(Debug, Clone)]
pub enum Record {
    /// An RRC message, whose channel the name says, as `nr-rrc.ul.dcch`.
    Message(&'static str, Vec<u8>),
    /// A sign of life.
    Heartbeat,
    /// So many events were dropped.
    Dropped(i64),
}

/// One record behind its length, of a job by its six octets.
#[must_use]
pub fn record(job: [u8; 6], of: &Record) -> Vec<u8> {
    let who = HashMap::from([("imsi".to_owned(), "234150000000001".to_owned())]);
    let (kind, schema, payload, common) = match of {
        Record::Message(channel, content) => {
            let size = i64::try_from(content.len()).unwrap_or_default();
            let payload = Payload { size, content: content.clone() };
            (0, Some(format!("https://example.com/schemas#{channel}")), Some(payload), None)
        }
        Record::Heartbeat => (5, None, None, None),
        Record::Dropped(number) => {
            let dropped = Dropped { number_of_dropped_events: *number, vendor_extension: who.clone() };
            (6, None, None, Some(Common { dropped: Some(dropped) }))
        }
    };
    let header = Header {
        time_stamp: 1_795_867_200_000,
        nf_instance_id: "5a7bd676-ceeb-44bb-95e0-f6a55a328b03".to_owned(),
        nf_type: "gNB".to_owned(),
        trace_reference: job.to_vec(),
        trace_recording_session_ref: vec![0, 1],
        trace_rec_type_id: kind,
        ran_ue_id: Some(b"ran-ue-4711".to_vec()),
        payload_schema_uri: schema,
        vendor_extension: who,
    };
    TraceRecord { header: Some(header), payload, common }.encode_length_delimited_to_vec()
}

/// A stream did not come about.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The connection.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// HTTP.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// The upgrade, or the socket behind it.
    #[error(transparent)]
    Socket(Box<tungstenite::Error>),
    /// The address or token cannot be used.
    #[error("the address or the token cannot be used")]
    Address,
}

impl From<tungstenite::Error> for StreamError {
    fn from(error: tungstenite::Error) -> Self {
        Self::Socket(Box::new(error))
    }
}

/// A network element's way to a collector.
pub struct Producer {
    http: reqwest::Client,
    tls: ClientConfig,
    port: u16,
    token: Option<String>,
}

impl Producer {
    /// To the collector at this port of the machine itself, over `tls`, known by a token.
    ///
    /// # Errors
    /// The client cannot be made.
    pub fn new(port: u16, tls: &ClientConfig, token: Option<&str>) -> Result<Self, StreamError> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .https_only(true)
            .timeout(TIMEOUT)
            .tls_backend_preconfigured(tls.clone())
            .build()?;
        Ok(Self { http, tls: tls.clone(), port, token: token.map(str::to_owned) })
    }

    /// A request below the connections, to be added to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("https://localhost:{}{path}", self.port));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// What is said of streams of these jobs.
    #[must_use]
    pub fn streams(jobs: &[[u8; 6]]) -> Value {
        let hex = |job: &[u8; 6]| job.iter().map(|octet| format!("{octet:02X}")).collect::<String>();
        let stream = |job| {
            json!({"streamType": "TRACE", "serializationFormat": "GPB", "streamId": hex(job),
                "additionalInfo": {"traceTarget": {"TargetIdType": "IMSI", "TargetIdValue": "234150000000001"}}})
        };
        jobs.iter().map(stream).collect()
    }

    /// Asks for a connection: status, where it is, and the body.
    ///
    /// # Errors
    /// No answer came.
    pub async fn establish(&self, streams: &Value) -> Result<(StatusCode, Option<String>, String), StreamError> {
        let body = json!({"producer": "SubNetwork=1,ManagedElement=gNB-1", "streams": streams});
        let response = self.request(Method::POST, CONNECTIONS).json(&body).send().await?;
        let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok((response.status(), location, response.text().await?))
    }

    /// Connects.
    ///
    /// # Errors
    /// It is refused, or the connection.
    pub async fn connect(&self, location: &str) -> Result<Socket, StreamError> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let name = ServerName::try_from("localhost").map_err(|_| StreamError::Address)?;
        let stream = TlsConnector::from(Arc::new(self.tls.clone())).connect(name, stream).await?;
        let mut request = format!("wss://localhost:{}{location}", self.port).into_client_request()?;
        if let Some(token) = &self.token {
            let value = format!("Bearer {token}").parse().map_err(|_| StreamError::Address)?;
            request.headers_mut().insert("authorization", value);
        }
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(Socket(socket))
    }
}

/// An open connection.
pub struct Socket(WebSocketStream<TlsStream<TcpStream>>);

impl Socket {
    /// Sends one binary message.
    ///
    /// # Errors
    /// The connection.
    pub async fn send(&mut self, message: Vec<u8>) -> Result<(), StreamError> {
        Ok(self.0.send(Message::Binary(Bytes::from(message))).await?)
    }

    /// Sends one text, which no stream has.
    ///
    /// # Errors
    /// The connection.
    pub async fn send_text(&mut self, text: &str) -> Result<(), StreamError> {
        Ok(self.0.send(Message::text(text)).await?)
    }

    /// Closes it and waits for the answer: then everything that was sent is kept. The code of the answer.
    ///
    /// # Errors
    /// The connection.
    pub async fn close(mut self) -> Result<Option<u16>, StreamError> {
        self.0.close(None).await?;
        Ok(self.ended().await)
    }

    /// Waits for the other side to close it; its code.
    pub async fn ended(&mut self) -> Option<u16> {
        while let Some(Ok(message)) = self.0.next().await {
            if let Message::Close(frame) = message {
                return frame.map(|frame| frame.code.into());
            }
        }
        None
    }
}
