//! A network on loopback, and a node that asks it as a gateway would. Requests are built AVP by AVP.

#![allow(dead_code, unreachable_pub, reason = "each test program uses a part")]

use diameter::{
    codec::{ApplicationId, Builder, CommandCode, Header, Identifiers, Message, VendorId},
    dictionary as avp,
};
use std::{sync::Arc, time::Duration};
use testbed::{
    Network, NetworkOptions, NodeRole,
    fault::{Fault, FaultRule, Scope},
    scenario::Scenario,
};
use transport::{
    Answer, Application, Destination, Handler, Node, NodeConfig, PeerConfig, PeerInfo, RequestError, Timers, TlsConfig,
    Transport,
};

pub const REALM: &str = "epc.mnc001.mcc001.3gppnetwork.org";
pub const HSS: &str = "hss.epc.mnc001.mcc001.3gppnetwork.org";
pub const MME: &str = "mme1.epc.mnc001.mcc001.3gppnetwork.org";
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// Head of a scenario: an HSS, two MMEs, everything on free ports.
pub const HEAD: &str = "
[network]
realm = 'epc.mnc001.mcc001.3gppnetwork.org'
control = '127.0.0.1:0'
verification_timeout_ms = 60
[hss]
host = 'hss.epc.mnc001.mcc001.3gppnetwork.org'
listen = '127.0.0.1:0'
unauthorised = ['foreign.test', '99900000666']
[[mme]]
name = 'mme-1'
host = 'mme1.epc.mnc001.mcc001.3gppnetwork.org'
listen = '127.0.0.1:0'
[[mme]]
name = 'mme-2'
host = 'mme2.epc.mnc001.mcc001.3gppnetwork.org'
realm = 'visited.test'
listen = '127.0.0.1:0'
";

/// A subscriber whose number ends in `n`, with more keys.
pub fn subscriber(n: u8, more: &str) -> String {
    format!(
        "[[subscriber]]\nlabel = 'sub-{n:02}'\nimsi = '0010100000000{n:02}'\nmsisdn = '999000000{n:02}'\n\
         position = {{ latitude = 52.52, longitude = 13.405 }}\n{more}\n"
    )
}

pub fn imsi(n: u8) -> String {
    format!("0010100000000{n:02}")
}

pub fn msisdn(n: u8) -> String {
    format!("999000000{n:02}")
}

pub struct Lab {
    pub network: Network,
    pub gateway: Node,
}

/// The gateway's side of SLg: takes every report.
pub struct Reports(pub tokio::sync::mpsc::UnboundedSender<Message>);

impl Handler for Reports {
    async fn handle(&self, request: Message, _from: PeerInfo) -> Answer {
        let header = request.header.answer();
        let session = request.find(&avp::SESSION_ID).map(|avp| avp.data.to_vec());
        let answer = Answer::encode(|out| {
            let mut builder = Builder::new(out, header);
            builder.avp(&avp::SESSION_ID, &session.unwrap_or_default());
            builder.u32(&avp::RESULT_CODE, 2001).text(&avp::ORIGIN_HOST, "gmlc.test").text(&avp::ORIGIN_REALM, "test");
            builder.finish()
        });
        self.0.send(request).unwrap();
        answer
    }
}

impl Lab {
    pub async fn start(scenario: &str) -> Self {
        let (reports, _) = tokio::sync::mpsc::unbounded_channel();
        Self::with(scenario, Reports(reports)).await
    }

    pub async fn with(scenario: &str, handler: impl Handler) -> Self {
        Self::over(scenario, handler, NetworkOptions::default(), None).await
    }

    pub async fn over(scenario: &str, handler: impl Handler, options: NetworkOptions, tls: Option<TlsConfig>) -> Self {
        let scenario = Scenario::parse(scenario).unwrap();
        let network = Network::start(&scenario, options).await.unwrap();
        let transport = if tls.is_some() { Transport::Tls } else { Transport::Tcp };
        let mut config = NodeConfig::new("gmlc.test", "test");
        let application = |id| Application { id, vendor: Some(VendorId::TGPP.0) };
        config.applications = vec![application(ApplicationId::SLH), application(ApplicationId::SLG)];
        config.timers = Timers { reconnect_min: Duration::from_millis(10), ..Timers::default() };
        config.peers = network
            .diameter_addresses()
            .iter()
            .map(|node| PeerConfig::initiate(&node.host, &node.realm, node.listen))
            .map(|peer| peer.over(transport))
            .collect();
        config.tls = tls;
        let peers = config.peers.len();
        let gateway = Node::start(config, handler).await.unwrap();
        tokio::time::timeout(TIMEOUT, gateway.wait_usable(peers)).await.expect("all nodes connect");
        Self { network, gateway }
    }

    pub fn fault(&self, node: &str, fault: Fault, times: Option<u32>) {
        self.network.faults().add(Scope::Node(node.to_owned()), FaultRule { fault, times });
    }

    pub async fn ask_hss(&self, fill: impl Fn(&mut Builder<'_>) + Send + Sync) -> Result<Message, RequestError> {
        self.ask_hss_from("test", fill).await
    }

    pub async fn ask_hss_from(
        &self,
        origin_realm: &str,
        fill: impl Fn(&mut Builder<'_>) + Send + Sync,
    ) -> Result<Message, RequestError> {
        let session = self.gateway.session_id();
        let encode = |ids: Identifiers, out: &mut Vec<u8>| {
            let header = Header::request(ApplicationId::SLH, CommandCode::LCS_ROUTING_INFO, ids);
            let mut builder = Builder::new(out, header);
            builder
                .text(&avp::SESSION_ID, &session)
                .u32(&avp::AUTH_SESSION_STATE, 1)
                .text(&avp::ORIGIN_HOST, "gmlc.test")
                .text(&avp::ORIGIN_REALM, origin_realm)
                .text(&avp::DESTINATION_REALM, REALM);
            fill(&mut builder);
            builder.finish()
        };
        self.gateway.request(ApplicationId::SLH, Destination::to_host(HSS, REALM), encode, TIMEOUT).await
    }

    /// Asks the node of this name for a gateway of this realm.
    pub async fn ask_for(
        &self,
        origin_realm: &str,
        node: &str,
        fill: impl Fn(&mut Builder<'_>) + Send + Sync,
    ) -> Result<Message, RequestError> {
        let node = self.network.diameter_addresses().into_iter().find(|of| of.name == node).unwrap();
        let (application, command) = match node.role {
            NodeRole::Hss => (ApplicationId::SLH, CommandCode::LCS_ROUTING_INFO),
            NodeRole::Mme => (ApplicationId::SLG, CommandCode::PROVIDE_LOCATION),
        };
        let session = self.gateway.session_id();
        let encode = |ids: Identifiers, out: &mut Vec<u8>| {
            let mut builder = Builder::new(out, Header::request(application, command, ids));
            builder.text(&avp::SESSION_ID, &session).u32(&avp::AUTH_SESSION_STATE, 1);
            builder.text(&avp::ORIGIN_HOST, "gmlc.test").text(&avp::ORIGIN_REALM, origin_realm);
            builder.text(&avp::DESTINATION_HOST, &node.host).text(&avp::DESTINATION_REALM, &node.realm);
            fill(&mut builder);
            builder.finish()
        };
        self.gateway.request(application, Destination::to_host(&node.host, &node.realm), encode, TIMEOUT).await
    }

    pub async fn ask_mme(&self, plr: &Plr) -> Result<Message, RequestError> {
        self.ask_mme_within(plr, TIMEOUT).await
    }

    pub async fn ask_mme_within(&self, plr: &Plr, timeout: Duration) -> Result<Message, RequestError> {
        let session = self.gateway.session_id();
        let encode = |ids: Identifiers, out: &mut Vec<u8>| plr.encode(&session, ids, out);
        self.gateway.request(ApplicationId::SLG, Destination::to_host(MME, REALM), encode, timeout).await
    }
}

/// A Provide-Location-Request in the making; the defaults are a plain one of a value added client.
#[derive(Clone)]
pub struct Plr {
    pub location_type: u32,
    pub client_type: u32,
    pub related: Option<u32>,
    pub unrelated: Option<u32>,
    pub apn: Option<&'static str>,
    pub imsi: Option<String>,
    pub msisdn: Option<String>,
    pub more: Arc<dyn Fn(&mut Builder<'_>) + Send + Sync>,
    /// AVP left out.
    pub without: Option<u32>,
}

impl Plr {
    pub fn of(n: u8) -> Self {
        Self {
            location_type: 0,
            client_type: 1,
            related: None,
            unrelated: Some(0),
            apn: None,
            imsi: Some(imsi(n)),
            msisdn: None,
            more: Arc::new(|_| ()),
            without: None,
        }
    }

    pub fn unrelated(n: u8, setting: u32) -> Self {
        Self { unrelated: Some(setting), ..Self::of(n) }
    }

    fn encode(
        &self,
        session: &str,
        ids: Identifiers,
        out: &mut Vec<u8>,
    ) -> Result<usize, diameter::codec::EncodeError> {
        let header = Header::request(ApplicationId::SLG, CommandCode::PROVIDE_LOCATION, ids);
        let mut builder = Builder::new(out, header);
        builder.text(&avp::SESSION_ID, session).u32(&avp::AUTH_SESSION_STATE, 1);
        builder.text(&avp::ORIGIN_HOST, "gmlc.test").text(&avp::ORIGIN_REALM, "test");
        builder.text(&avp::DESTINATION_HOST, MME).text(&avp::DESTINATION_REALM, REALM);
        let keep = |def: &avp::AvpDef| self.without != Some(def.code.0);
        if keep(&avp::SLG_LOCATION_TYPE) {
            builder.u32(&avp::SLG_LOCATION_TYPE, self.location_type);
        }
        if let Some(imsi) = &self.imsi {
            builder.text(&avp::USER_NAME, imsi);
        }
        if let Some(msisdn) = &self.msisdn {
            put_msisdn(&mut builder, msisdn);
        }
        if keep(&avp::LCS_EPS_CLIENT_NAME) {
            builder.group(&avp::LCS_EPS_CLIENT_NAME, |group| {
                group.text(&avp::LCS_NAME_STRING, "Example Fleet").u32(&avp::LCS_FORMAT_INDICATOR, 0);
            });
        }
        if keep(&avp::LCS_CLIENT_TYPE) {
            builder.u32(&avp::LCS_CLIENT_TYPE, self.client_type);
        }
        for (def, setting) in
            [(&avp::LCS_PRIVACY_CHECK_NON_SESSION, self.unrelated), (&avp::LCS_PRIVACY_CHECK_SESSION, self.related)]
        {
            if let Some(setting) = setting {
                builder.group(def, |group| {
                    group.u32(&avp::LCS_PRIVACY_CHECK, setting);
                });
            }
        }
        if let Some(apn) = self.apn {
            builder.text(&avp::SERVICE_SELECTION, apn);
        }
        (self.more)(&mut builder);
        builder.finish()
    }
}

pub fn put_msisdn(builder: &mut Builder<'_>, digits: &str) {
    let (octets, used) = lcs::Digits::parse(digits).unwrap().to_tbcd();
    builder.avp(&avp::MSISDN, &octets[..used]);
}

/// What an answer says: Result-Code, or Experimental-Result-Code as a negative number.
pub fn result(answer: &Message) -> i64 {
    let base = answer.find(&avp::RESULT_CODE).map(|avp| i64::from(avp.u32().unwrap()));
    let experimental = answer.find(&avp::EXPERIMENTAL_RESULT).map(|avp| {
        let group = avp.grouped().unwrap();
        assert_eq!(group.find(&avp::VENDOR_ID).unwrap().u32().unwrap(), VendorId::TGPP.0);
        -i64::from(group.find(&avp::EXPERIMENTAL_RESULT_CODE).unwrap().u32().unwrap())
    });
    assert!(base.is_some() != experimental.is_some(), "one of the two results, never both (TS 29.172 clause 7.5)");
    base.or(experimental).unwrap()
}

pub fn u32_of(answer: &Message, def: &avp::AvpDef) -> Option<u32> {
    answer.find(def).map(|avp| avp.u32().unwrap())
}
