//! Asking over MLP, as a client that is in order.

use super::lab::{CLIENT, msisdn};
use mlp::client::{ClientTarget, Request, SvcResult, parse_svc_result};
use std::net::SocketAddr;
use testbed::load::{Connection, Endpoint};

/// A request of the usual client about these subscribers.
pub(crate) fn about(secret: &str, numbers: &[u32]) -> Request {
    Request::new(CLIENT, secret, numbers.iter().map(|number| ClientTarget::msisdn(msisdn(*number))).collect())
}

/// The door as an endpoint.
pub(crate) fn endpoint(mlp: SocketAddr) -> Endpoint {
    format!("http://{mlp}/").parse().unwrap()
}

/// Sends a request over a connection of its own.
pub(crate) async fn ask(mlp: SocketAddr, request: &Request) -> SvcResult {
    let endpoint = endpoint(mlp);
    let mut connection = Connection::open(&endpoint).await.unwrap();
    let sent = connection.exchange(&endpoint.request(&request.to_xml()), parse_svc_result).await;
    let (status, answer) = sent.unwrap();
    assert_eq!(status, 200);
    answer.unwrap()
}

/// The result of an answer about one target: of the request as a whole, or of the target; 0 is a position.
pub(crate) fn result(answer: &SvcResult) -> u16 {
    results(answer)[0]
}

/// The results of an answer, one for each target or one for the whole.
pub(crate) fn results(answer: &SvcResult) -> Vec<u16> {
    match &answer.result {
        Some((result, _)) => vec![result.0],
        None => answer.positions.iter().map(|position| position.result.0).collect(),
    }
}
