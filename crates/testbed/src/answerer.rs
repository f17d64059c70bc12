//! The least Diameter peer that a gateway can be measured against: it decides nothing, and answers each request with octets
//! made beforehand and the request's own Session-Id.

use bytes::BytesMut;
use diameter::{
    codec::{ApplicationId, AvpRef, Builder, CommandCode, EncodeError, Framer, HEADER_LEN, Header, VendorId},
    dictionary as avp,
};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// DIAMETER_SUCCESS.
const SUCCESS: u32 = 2001;
/// NO_STATE_MAINTAINED of Auth-Session-State.
const NO_STATE_MAINTAINED: u32 = 1;

/// What an answerer plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// An HSS that says that everybody is served by this MME.
    Slh {
        /// MME-Name.
        mme_host: String,
        /// MME-Realm.
        mme_realm: String,
        /// User-Name: the IMSI of everybody.
        imsi: lcs::Imsi,
    },
    /// An MME that finds everybody at one place.
    Slg {
        /// The estimate.
        estimate: lcs::gad::Shape,
    },
}

/// Answers made beforehand.
struct Prepared {
    application: ApplicationId,
    capabilities: Vec<u8>,
    watchdog: Vec<u8>,
    answer: Vec<u8>,
}

impl Prepared {
    fn new(part: &Part, host: &str, realm: &str, address: SocketAddr) -> Result<Self, EncodeError> {
        let application = match part {
            Part::Slh { .. } => ApplicationId::SLH,
            Part::Slg { .. } => ApplicationId::SLG,
        };
        let fragment = |fill: &dyn Fn(&mut Builder<'_>)| {
            let mut out = Vec::new();
            let mut builder = Builder::fragment(&mut out);
            builder.u32(&avp::RESULT_CODE, SUCCESS).text(&avp::ORIGIN_HOST, host).text(&avp::ORIGIN_REALM, realm);
            fill(&mut builder);
            builder.finish()?;
            Ok(out)
        };
        let capabilities = fragment(&|builder| {
            builder
                .address(&avp::HOST_IP_ADDRESS, address.ip())
                .u32(&avp::VENDOR_ID, 0)
                .text(&avp::PRODUCT_NAME, "Wherefore testbed")
                .u32(&avp::SUPPORTED_VENDOR_ID, VendorId::TGPP.0)
                .group(&avp::VENDOR_SPECIFIC_APPLICATION_ID, |group| {
                    group.u32(&avp::VENDOR_ID, VendorId::TGPP.0).u32(&avp::AUTH_APPLICATION_ID, application.0);
                });
        })?;
        let watchdog = fragment(&|_| ())?;
        let answer = fragment(&|builder| {
            builder.u32(&avp::AUTH_SESSION_STATE, NO_STATE_MAINTAINED);
            match part {
                Part::Slh { mme_host, mme_realm, imsi } => {
                    let digits: String = imsi.expose_digits().values().map(|v| char::from(b'0' + v)).collect();
                    builder.text(&avp::USER_NAME, &digits).group(&avp::SERVING_NODE, |group| {
                        group.text(&avp::MME_NAME, mme_host).text(&avp::MME_REALM, mme_realm);
                    });
                }
                Part::Slg { estimate } => {
                    builder
                        .avp(&avp::LOCATION_ESTIMATE, &estimate.encode())
                        .u32(&avp::ACCURACY_FULFILMENT_INDICATOR, 0)
                        .u32(&avp::AGE_OF_LOCATION_ESTIMATE, 0);
                }
            }
        })?;
        Ok(Self { application, capabilities, watchdog, answer })
    }

    /// Appends the answer to one frame, if it is a request.
    fn answer(&self, frame: &[u8], out: &mut Vec<u8>) {
        let Some((head, body)) = frame.split_first_chunk::<HEADER_LEN>() else { return };
        let header = Header::decode(head);
        if !header.is_request() {
            return;
        }
        let (session, tail): (&[u8], &[u8]) = match header.command {
            CommandCode::CAPABILITIES_EXCHANGE => (&[], &self.capabilities),
            CommandCode::DEVICE_WATCHDOG | CommandCode::DISCONNECT_PEER => (&[], &self.watchdog),
            _ if header.application == self.application => (session_id(body), &self.answer),
            _ => return,
        };
        let length = HEADER_LEN + session.len() + tail.len();
        out.extend_from_slice(&header.answer().encode(length as u32));
        out.extend_from_slice(session);
        out.extend_from_slice(tail);
    }
}

/// The Session-Id AVP with its padding; it is the first where there is one (RFC 6733 section 8.8).
fn session_id(body: &[u8]) -> &[u8] {
    let mut avps = diameter::codec::Avps::new(body);
    let first: Option<AvpRef<'_>> = avps.next();
    match first {
        Some(first) if first.is(&avp::SESSION_ID) => body.get(..body.len() - avps.rest().len()).unwrap_or_default(),
        _ => &[],
    }
}

/// Answers every connection at `listener` until it fails or the future is dropped.
pub async fn answer(listener: TcpListener, part: Part, host: &str, realm: &str) -> io::Result<()> {
    let prepared = Prepared::new(&part, host, realm, listener.local_addr()?).map_err(io::Error::other)?;
    let prepared = Arc::new(prepared);
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                connections.spawn(serve(stream, Arc::clone(&prepared)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Reads all there is, answers all of it, and writes once per round.
async fn serve(mut stream: TcpStream, prepared: Arc<Prepared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let framer = Framer::default();
    let (mut buffer, mut out) = (BytesMut::with_capacity(64 * 1024), Vec::with_capacity(64 * 1024));
    while stream.read_buf(&mut buffer).await? > 0 {
        out.clear();
        while let Some(frame) = framer.next_frame(&mut buffer).map_err(io::Error::other)? {
            prepared.answer(&frame, &mut out);
        }
        stream.write_all(&out).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use diameter::codec::{Identifiers, Message};

    #[test]
    fn the_answer_is_the_request_s_own() {
        let part = Part::Slh {
            mme_host: "mme1.test".into(),
            mme_realm: "test".into(),
            imsi: lcs::Imsi::parse("001010000000001").unwrap(),
        };
        let prepared = Prepared::new(&part, "hss.test", "test", "127.0.0.1:3868".parse().unwrap()).unwrap();
        let ids = Identifiers { hop_by_hop: 7, end_to_end: 9 };
        for (application, command, session) in [
            (ApplicationId::SLH, CommandCode::LCS_ROUTING_INFO, true),
            (ApplicationId::COMMON, CommandCode::CAPABILITIES_EXCHANGE, false),
            (ApplicationId::COMMON, CommandCode::DEVICE_WATCHDOG, false),
        ] {
            let (mut request, mut out) = (Vec::new(), Vec::new());
            let mut builder = Builder::new(&mut request, Header::request(application, command, ids));
            if session {
                builder.text(&avp::SESSION_ID, "gmlc.test;1;23");
            }
            builder.finish().unwrap();
            prepared.answer(&request, &mut out);
            let answer = Message::decode(Bytes::from(out)).unwrap();
            assert_eq!(answer.header.ids, ids);
            assert!(!answer.is_request());
            assert_eq!(answer.find(&avp::RESULT_CODE).unwrap().u32().unwrap(), SUCCESS);
            assert_eq!(answer.find(&avp::SESSION_ID).map(|avp| avp.data), session.then_some(&b"gmlc.test;1;23"[..]));
            assert_eq!(answer.find(&avp::SERVING_NODE).is_some(), session);
        }
        let mut out = Vec::new();
        prepared.answer(&[0; 20], &mut out);
        prepared.answer(&[1, 2, 3], &mut out);
        assert!(out.is_empty());
    }
}
