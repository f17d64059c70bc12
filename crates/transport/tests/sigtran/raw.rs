//! A peer under the test's hand: it speaks M3UA and SCCP by the codecs and does what the test says.

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use ss7::m3ua::{Data, Framer, Message, NetworkIndicator, PointCode, SERVICE_SCCP, Transfer};
use ss7::sccp::{Class, Form, Message as Sccp, ReturnCause, SccpAddress, UnitdataMessage, UnitdataService};
use ss7::tcap::{Dialogues, Output, TcapLimits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::common::PATIENCE;

/// An M3UA peer.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    buffer: BytesMut,
    pub(crate) own: PointCode,
    pub(crate) other: PointCode,
}

impl Raw {
    pub(crate) fn new(stream: TcpStream, own: PointCode, other: PointCode) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: BytesMut::new(), own, other }
    }

    /// An application server process that is active.
    pub(crate) async fn active(address: SocketAddr, own: PointCode, other: PointCode) -> Self {
        let mut raw = Self::new(TcpStream::connect(address).await.unwrap(), own, other);
        raw.send(&Message::AspUp { asp_identifier: None }).await;
        raw.expect(|message| matches!(message, Message::AspUpAck { .. })).await;
        raw.send(&Message::AspActive { traffic_mode: None, routing_contexts: Vec::new() }).await;
        raw.expect(|message| matches!(message, Message::AspActiveAck { .. })).await;
        raw
    }

    /// A gateway that takes the process at its other end up and makes it active.
    pub(crate) async fn gateway(listener: &TcpListener, own: PointCode, other: PointCode) -> Self {
        let mut raw = Self::new(listener.accept().await.unwrap().0, own, other);
        raw.expect(|message| matches!(message, Message::AspUp { .. })).await;
        raw.send(&Message::AspUpAck { asp_identifier: None }).await;
        raw.expect(|message| matches!(message, Message::AspActive { .. })).await;
        raw.send(&Message::AspActiveAck { traffic_mode: None, routing_contexts: Vec::new() }).await;
        raw
    }

    pub(crate) async fn write(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).await.unwrap();
    }

    pub(crate) async fn send(&mut self, message: &Message) {
        self.write(&message.encode()).await;
    }

    /// The next message, or nothing when the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(frame) = Framer::default().next_frame(&mut self.buffer).unwrap() {
                return Some(Message::decode(&frame).unwrap());
            }
            let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.buffer));
            match read.await.expect("the node went silent") {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next message of a kind; heartbeats are answered on the way, what else comes is read over.
    pub(crate) async fn expect(&mut self, mut is: impl FnMut(&Message) -> bool) -> Message {
        loop {
            let message = self.next().await.expect("the node closed");
            if is(&message) {
                return message;
            }
            if let Message::Beat(data) = message {
                self.send(&Message::BeatAck(data)).await;
            }
        }
    }

    /// Reads to the end of the connection.
    pub(crate) async fn ended(&mut self) {
        while self.next().await.is_some() {}
    }

    /// The next DATA, as far as SCCP.
    pub(crate) async fn data(&mut self) -> (Transfer, Sccp) {
        let message = self.expect(|message| matches!(message, Message::Data(_))).await;
        let Message::Data(data) = message else { panic!("DATA") };
        let sccp = Sccp::decode(&data.transfer.data).unwrap();
        (data.transfer, sccp)
    }

    /// The next unitdata.
    pub(crate) async fn unitdata(&mut self) -> UnitdataMessage {
        match self.data().await.1 {
            Sccp::Unitdata(unitdata) => unitdata,
            Sccp::Service(service) => panic!("unitdata: {service:?}"),
        }
    }

    pub(crate) async fn transfer(&mut self, opc: PointCode, data: Bytes) {
        let octets = self.transfer_octets(opc, data);
        self.write(&octets).await;
    }

    fn transfer_octets(&self, opc: PointCode, data: Bytes) -> Bytes {
        let transfer = Transfer {
            opc,
            dpc: self.other,
            service: SERVICE_SCCP,
            network: NetworkIndicator::National,
            priority: 0,
            sls: 5,
            data,
        };
        let data = Data { network_appearance: None, routing_context: None, transfer, correlation: None };
        Message::Data(data).encode()
    }

    /// The octets of a whole message.
    pub(crate) fn data_octets(&self, called: SccpAddress, calling: SccpAddress, tcap: &[u8]) -> Bytes {
        self.transfer_octets(self.own, unitdata(called, calling, tcap))
    }

    pub(crate) async fn give(&mut self, called: SccpAddress, calling: SccpAddress, tcap: &[u8]) {
        let own = self.own;
        self.transfer(own, unitdata(called, calling, tcap)).await;
    }

    /// Gives a message back to whoever sent it.
    pub(crate) async fn give_back(&mut self, unitdata: UnitdataMessage, cause: ReturnCause) {
        let service = UnitdataService {
            form: Form::Short,
            cause,
            called: unitdata.calling,
            calling: unitdata.called,
            data: unitdata.data,
        };
        let own = self.own;
        self.transfer(own, Sccp::Service(service).encode().unwrap().into()).await;
    }
}

fn unitdata(called: SccpAddress, calling: SccpAddress, tcap: &[u8]) -> Bytes {
    let unitdata = UnitdataMessage {
        form: Form::Short,
        class: Class::Basic,
        return_on_error: false,
        called,
        calling,
        data: Bytes::copy_from_slice(tcap),
    };
    Sccp::Unitdata(unitdata).encode().unwrap().into()
}

/// A table of dialogues for a raw peer, and what it wants sent.
pub(crate) fn dialogues() -> Dialogues<SccpAddress> {
    Dialogues::new(TcapLimits::default(), 0x1357_9bdf_0246_8ace)
}

/// The message that the machine wants sent.
pub(crate) fn sent(dialogues: &mut Dialogues<SccpAddress>) -> Vec<u8> {
    match dialogues.poll() {
        Some(Output::Send { octets, .. }) => octets,
        other => panic!("a message: {other:?}"),
    }
}
