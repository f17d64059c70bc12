//! From a connection to a bound session: the client's bind, and ours at the SMS centre.

use super::clients::{Client, Clients, Who};
use crate::config::UnlistedEsme;
use crate::smpp::wire::{Message, Pdu, command, status};
use crate::smpp::{Dial, Ended, Link};
use lcs::Duration;
use std::sync::Arc;

/// Interface version from which parameters by tag are known (SMPP 3.4 section 5.2.4).
const WITH_TLVS: u8 = 0x34;
/// PDUs before a bind that are answered, before the connection is closed.
const BEFORE_BIND_MAX: usize = 8;

/// A session bound on both sides.
pub(super) struct Bound {
    pub(super) client: Link,
    pub(super) centre: Link,
    /// The listed client; `None` for one that is not.
    pub(super) listed: Option<Arc<Client>>,
    /// Whether the client knows parameters by tag.
    pub(super) tlvs: bool,
}

/// Binds both sides; `None` where it does not come to that, of which the client is told.
pub(super) async fn session(
    mut client: Link,
    centre: &Dial,
    clients: &Clients,
    unlisted: UnlistedEsme,
    timeout: Duration,
) -> Option<Bound> {
    let (bind, message) = tokio::time::timeout(timeout, asked(&mut client)).await.ok()??;
    let credentials = message.credentials(&bind);
    let listed = match (clients.who(credentials), unlisted) {
        (Who::Listed(client), _) => Some(client),
        (Who::Unlisted, UnlistedEsme::Pass) => None,
        (Who::Unlisted, UnlistedEsme::Refuse) | (Who::Impostor, _) => {
            // One answer to both, so that names cannot be tried.
            count("refused");
            client.send(&bind.refusal(status::RBINDFAIL)).await.ok();
            return None;
        }
    };
    let [id, password] = listed.as_ref().map_or(credentials, |listed| listed.credentials(credentials));
    // Numbers of PDUs at the SMS centre are ours from the first.
    let onwards = message.bind_as(&bind, id, password).numbered(1);
    let answered = tokio::time::timeout(timeout, answer(centre, &onwards)).await;
    let Ok(Ok((centre, answer))) = answered else {
        count("unreachable");
        tracing::warn!("push: the SMS centre cannot be reached, or does not answer a bind");
        client.send(&bind.refusal(status::RSYSERR)).await.ok();
        return None;
    };
    let told = client.send(&answer.clone().numbered(bind.sequence())).await;
    if answer.status() != status::OK {
        count("rejected");
        return None;
    }
    told.ok()?;
    count("bound");
    Some(Bound { client, centre, listed, tlvs: message.version() >= WITH_TLVS })
}

/// The bind of a client. Whatever else comes first is refused, a few times.
async fn asked(client: &mut Link) -> Option<(Pdu, Message)> {
    for _ in 0..BEFORE_BIND_MAX {
        let pdu = match client.reader.next().await {
            Ok(pdu) => pdu,
            Err(Ended::Length) => {
                client.send(&Pdu::of(command::GENERIC_NACK, status::RINVCMDLEN, 0, b"")).await.ok();
                return None;
            }
            Err(Ended::Closed) => return None,
        };
        let refusal = match pdu.command() {
            command::BIND_RECEIVER | command::BIND_TRANSMITTER | command::BIND_TRANSCEIVER => {
                match Message::parse(&pdu) {
                    Ok(Some(message)) => return Some((pdu, message)),
                    Ok(None) | Err(_) => pdu.refusal(status::RINVCMDLEN),
                }
            }
            // SMPP 5.0 section 2.4: allowed in every state.
            command::ENQUIRE_LINK => pdu.refusal(status::OK),
            _ if pdu.is_response() => continue,
            _ => pdu.refusal(status::RINVBNDSTS),
        };
        client.send(&refusal).await.ok()?;
    }
    None
}

/// The answer of the SMS centre to a bind.
async fn answer(centre: &Dial, bind: &Pdu) -> std::io::Result<(Link, Pdu)> {
    let mut link = centre.connect().await?;
    link.send(bind).await?;
    let answer = link.reader.next().await.map_err(|_| std::io::ErrorKind::InvalidData)?;
    let fits = answer.command() == bind.command() | command::RESPONSE && answer.sequence() == bind.sequence();
    if fits { Ok((link, answer)) } else { Err(std::io::ErrorKind::InvalidData.into()) }
}

fn count(outcome: &'static str) {
    metrics::counter!("wherefore_push_smpp_binds_total", "outcome" => outcome).increment(1);
}
