//! What SLg says of deferred requests, as a node reads and writes it (TS 29.172 clauses 6.2.2, 6.2.3, 7.4.36 to 7.4.55).

use super::{NO_STATE_MAINTAINED, Origin, put_imsi, put_located, put_msisdn};
use crate::{
    mme::{Event, Order},
    wire::Located,
};
use diameter::{
    codec::{
        ApplicationId, AvpRef, Avps, Builder, CommandCode, DecodeError, EncodeError, FailedAvp, Header, Identifiers,
        Message,
    },
    dictionary::{self as avp, AvpDef},
};
use lcs::{AreaEvent, AreaIdentity, Identities};
use std::{net::IpAddr, time::Duration};

/// Bits of Deferred-Location-Type.
pub(crate) mod bits {
    pub(crate) const UE_AVAILABLE: u32 = 1;
    pub(crate) const ENTERING: u32 = 2;
    pub(crate) const LEAVING: u32 = 4;
    pub(crate) const INSIDE: u32 = 8;
    pub(crate) const PERIODIC: u32 = 16;
    pub(crate) const MOTION: u32 = 32;
    pub(crate) const ACTIVATED: u32 = 64;
    pub(crate) const MAX_INTERVAL_OVER: u32 = 128;
}

/// Values of Termination-Cause that a node here tells.
pub(crate) mod causes {
    pub(crate) const NORMAL: u32 = 0;
    pub(crate) const MT_LR_RESTART: u32 = 4;
    pub(crate) const PRIVACY_VIOLATION: u32 = 5;
    pub(crate) const UE_TERMINATION: u32 = 8;
}

/// A deferred request.
#[derive(Debug, Clone)]
pub(crate) struct Deferral {
    /// Deferred-Location-Type.
    pub(crate) kind: u32,
    pub(crate) reference: u8,
    pub(crate) h_gmlc: Option<IpAddr>,
    /// The gateway that asked.
    pub(crate) gateway: (String, String),
    /// What the phone is to do; `None` if only its being reachable is waited for.
    pub(crate) order: Option<Order>,
    /// A position is wanted with each report.
    pub(crate) estimate: bool,
    /// Networks in which the phone reports (Reporting-PLMN-List).
    pub(crate) networks: Vec<[u8; 3]>,
}

fn missing(def: &AvpDef) -> DecodeError {
    DecodeError::MissingAvp(FailedAvp::example(def))
}

impl Deferral {
    /// Reads which request one that cancels is about.
    pub(crate) fn read_which(message: &Message) -> Result<Self, DecodeError> {
        let kind = message.find(&avp::DEFERRED_LOCATION_TYPE).ok_or_else(|| missing(&avp::DEFERRED_LOCATION_TYPE))?;
        let reference = message.find(&avp::LCS_REFERENCE_NUMBER).ok_or_else(|| missing(&avp::LCS_REFERENCE_NUMBER))?;
        let [reference] = reference.array::<1>()?;
        let text =
            |def: &AvpDef| message.find(def).ok_or_else(|| missing(def)).and_then(AvpRef::identity).map(str::to_owned);
        Ok(Self {
            kind: kind.u32()?,
            reference,
            h_gmlc: message.find(&avp::GMLC_ADDRESS).map(AvpRef::address).transpose()?,
            gateway: (text(&avp::ORIGIN_HOST)?, text(&avp::ORIGIN_REALM)?),
            order: None,
            estimate: true,
            networks: Vec::new(),
        })
    }

    /// Reads what a request that activates says.
    pub(crate) fn read(message: &Message) -> Result<Self, DecodeError> {
        let mut deferral = Self::read_which(message)?;
        deferral.networks = networks(message)?;
        let group = |def: &AvpDef| message.find(def).ok_or_else(|| missing(def)).and_then(AvpRef::grouped);
        let area = |event| {
            let info = group(&avp::AREA_EVENT_INFO)?;
            Ok((info, Event::Area { event, areas: areas(info)? }))
        };
        let told: Result<(Avps<'_>, Event), DecodeError> = match deferral.kind {
            bits::ENTERING => area(AreaEvent::Entering),
            bits::LEAVING => area(AreaEvent::Leaving),
            bits::INSIDE => area(AreaEvent::Inside),
            bits::MOTION => group(&avp::MOTION_EVENT_INFO).and_then(|info| {
                let metres = number(info, &avp::LINEAR_DISTANCE)?.ok_or_else(|| missing(&avp::LINEAR_DISTANCE))?;
                Ok((info, Event::Motion { metres: f64::from(metres) }))
            }),
            bits::PERIODIC => {
                let info = group(&avp::PERIODIC_LDR_INFORMATION)?;
                let needed = |def: &AvpDef| number(info, def)?.ok_or_else(|| missing(def));
                let interval = Duration::from_secs(u64::from(needed(&avp::REPORTING_INTERVAL)?));
                deferral.order = Some(Order {
                    multiple: true,
                    ..once(Event::Periodic { interval, amount: needed(&avp::REPORTING_AMOUNT)? })
                });
                return Ok(deferral);
            }
            bits::UE_AVAILABLE => return Ok(deferral),
            _ => {
                let kind = message.find(&avp::DEFERRED_LOCATION_TYPE);
                return Err(kind.map_or_else(|| missing(&avp::DEFERRED_LOCATION_TYPE), AvpRef::bad_value));
            }
        };
        let (info, event) = told?;
        let seconds = |def: &AvpDef| Ok(number(info, def)?.map(|seconds| Duration::from_secs(u64::from(seconds))));
        let defaults = once(event);
        deferral.order = Some(Order {
            multiple: number(info, &avp::OCCURRENCE_INFO)? == Some(1),
            min_interval: seconds(&avp::INTERVAL_TIME)?.unwrap_or(defaults.min_interval),
            max_interval: seconds(&avp::MAXIMUM_INTERVAL)?,
            sampling: seconds(&avp::SAMPLING_INTERVAL)?.unwrap_or(defaults.sampling),
            duration: seconds(&avp::REPORTING_DURATION)?,
            ..defaults
        });
        deferral.estimate = number(info, &avp::REPORTING_LOCATION_REQUIREMENTS)?.is_some_and(|bits| bits & 1 != 0);
        Ok(deferral)
    }
}

impl Deferral {
    /// Without a list the phone reports in the network that took the request, and in no other (TS 23.271 clause 9.1.19.1 step 12).
    pub(crate) fn taken_in(mut self, network: [u8; 3]) -> Self {
        if self.networks.is_empty() && self.order.is_some() {
            self.networks.push(network);
        }
        self
    }
}

/// Reporting-PLMN-List (TS 29.172 clause 7.4.48). A network that nobody can read makes an error: the phone would report where it must not.
fn networks(message: &Message) -> Result<Vec<[u8; 3]>, DecodeError> {
    let Some(list) = message.find(&avp::REPORTING_PLMN_LIST) else { return Ok(Vec::new()) };
    let listed = list.grouped()?.filter(|of| of.is(&avp::PLMN_ID_LIST));
    let read = |of: AvpRef<'_>| {
        let network = of.grouped()?.find(&avp::VISITED_PLMN_ID).ok_or_else(|| missing(&avp::VISITED_PLMN_ID))?;
        network.array::<3>()
    };
    let networks = listed.map(read).collect::<Result<Vec<_>, _>>()?;
    if networks.is_empty() { Err(missing(&avp::PLMN_ID_LIST)) } else { Ok(networks) }
}

/// One report, a look each second.
fn once(event: Event) -> Order {
    let second = Duration::from_secs(1);
    Order { event, multiple: false, min_interval: second, max_interval: None, sampling: second, duration: None }
}

fn number(group: Avps<'_>, def: &AvpDef) -> Result<Option<u32>, DecodeError> {
    group.find(def).map(AvpRef::u32).transpose()
}

/// Area and Additional-Area of a definition. One that nobody can read makes an error: the event would be about less than was meant.
fn areas(info: Avps<'_>) -> Result<Vec<AreaIdentity>, DecodeError> {
    let definition = info.find(&avp::AREA_DEFINITION).ok_or_else(|| missing(&avp::AREA_DEFINITION))?.grouped()?;
    let listed = definition.filter(|of| of.is(&avp::AREA) || of.is(&avp::ADDITIONAL_AREA));
    let read = |of: AvpRef<'_>| {
        let of = of.grouped()?;
        let kind = number(of, &avp::AREA_TYPE)?.ok_or_else(|| missing(&avp::AREA_TYPE))?;
        let name = of.find(&avp::AREA_IDENTIFICATION).ok_or_else(|| missing(&avp::AREA_IDENTIFICATION))?;
        AreaIdentity::from_octets(kind, name.data).ok_or_else(|| name.bad_value())
    };
    listed.map(read).collect()
}

/// A report of a deferred request (Location-Event 4).
pub(crate) struct DeferredReport<'a> {
    pub(crate) session_id: &'a str,
    pub(crate) origin: &'a Origin,
    pub(crate) gateway: (&'a str, &'a str),
    pub(crate) identities: Identities,
    pub(crate) reference: u8,
    pub(crate) h_gmlc: Option<IpAddr>,
    /// Deferred-Location-Type: what happened.
    pub(crate) kind: u32,
    pub(crate) cause: Option<u32>,
    /// Where the phone has gone.
    pub(crate) serving: Option<&'a Origin>,
    pub(crate) sequence: Option<u32>,
    pub(crate) located: Option<&'a Located>,
    /// The cell that it came from, where no position is told.
    pub(crate) ecgi: Option<[u8; 7]>,
}

impl DeferredReport<'_> {
    pub(crate) fn encode(&self, ids: Identifiers, out: &mut Vec<u8>) -> Result<usize, EncodeError> {
        let header = Header::request(ApplicationId::SLG, CommandCode::LOCATION_REPORT, ids);
        let mut builder = Builder::new(out, header);
        builder
            .text(&avp::SESSION_ID, self.session_id)
            .u32(&avp::AUTH_SESSION_STATE, NO_STATE_MAINTAINED)
            .text(&avp::ORIGIN_HOST, &self.origin.host)
            .text(&avp::ORIGIN_REALM, &self.origin.realm)
            .text(&avp::DESTINATION_HOST, self.gateway.0)
            .text(&avp::DESTINATION_REALM, self.gateway.1)
            .u32(&avp::LOCATION_EVENT, 4);
        if let Some(imsi) = self.identities.imsi {
            put_imsi(&mut builder, imsi);
        }
        if let Some(msisdn) = self.identities.msisdn {
            put_msisdn(&mut builder, msisdn);
        }
        if let Some(located) = self.located {
            put_located(&mut builder, located);
        }
        if let Some(ecgi) = self.ecgi {
            builder.avp(&avp::ECGI, &ecgi);
        }
        builder.avp(&avp::LCS_REFERENCE_NUMBER, &[self.reference]).group(&avp::DEFERRED_MT_LR_DATA, |data| {
            data.u32(&avp::DEFERRED_LOCATION_TYPE, self.kind);
            if let Some(cause) = self.cause {
                data.u32(&avp::LCS_TERMINATION_CAUSE, cause);
            }
            if let Some(node) = self.serving {
                data.group(&avp::SERVING_NODE, |serving| {
                    serving.text(&avp::MME_NAME, &node.host).text(&avp::MME_REALM, &node.realm);
                });
            }
        });
        if let Some(address) = self.h_gmlc {
            builder.address(&avp::GMLC_ADDRESS, address);
        }
        if let Some(sequence) = self.sequence {
            builder.u32(&avp::REPORTING_AMOUNT, sequence);
        }
        builder.finish()
    }
}
