//! What was asked, as its sealed column keeps it: JSON, the privacy relevant part as it goes over Lpp.

use super::head::Likeness;
use crate::forms::{from_hex, to_hex};
use crate::lpp::AuthorisationRequest;
use gmlc::{LdrRequest, Rounds};
use lcs::{
    AreaEvent, DeferredEvent, Identities, LocationRequest, PlmnId, Priority, Qos, QosClass, Reporting, ResponseTime,
    TargetArea, Timestamp,
    gad::{Shape, ShapeSet},
};
use privacy::disclosure::{RequestId, Via};
use privacy::{Authorisation, LppId, LppStage};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    asked: AuthorisationRequest,
    assured: bool,
    horizontal_m: Option<u32>,
    vertical_m: Option<u32>,
    low_delay: Option<bool>,
    urgent: bool,
    coverage: Vec<u16>,
    shapes: u32,
    event: Event,
    rounds: Option<(u32, u32)>,
    start_us: Option<u64>,
    stop_us: u64,
    via: u8,
    door: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Event {
    Available,
    Area { event: Moved, areas: Vec<Area>, reporting: Reports },
    Periodic { interval_s: u32, amount: u32 },
    Motion { linear_distance_m: u16, reporting: Reports },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Moved {
    Entering,
    Leaving,
    Inside,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Area {
    /// Octets of TS 23.032, hexadecimal.
    Shape(String),
    Country([u8; 3]),
    Plmn([u8; 3]),
    Named(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reports {
    multiple: bool,
    most: Option<u32>,
    min_interval_s: u16,
    max_interval_s: Option<u32>,
    sampling_interval_s: Option<u16>,
    duration_s: Option<u32>,
    estimate_wanted: bool,
}

/// The octets; `None` for a target by equipment, which waits for nothing.
pub(in crate::store) fn octets(ldr: &LdrRequest) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let LdrRequest { id, request, event, rounds, start, stop, via, door } = ldr;
    let identities = Identities::of(&request.target).unwrap_or_default();
    // A number is no part of what is kept: it is that of this gateway.
    let gmlc = lcs::Address::international("0").ok()?;
    let asked = Authorisation {
        id: LppId(id.0),
        identities,
        request,
        gmlc: &gmlc,
        capabilities: None,
        stage: LppStage::BeforePositioning,
    };
    let body = Body {
        asked: AuthorisationRequest::of(&asked),
        assured: request.qos.class == QosClass::Assured,
        horizontal_m: request.qos.horizontal_m,
        vertical_m: request.qos.vertical_m,
        low_delay: request.qos.response_time.map(|time| time == ResponseTime::LowDelay),
        urgent: request.priority == Priority::Highest,
        coverage: request.service_coverage.clone(),
        shapes: request.shapes.0,
        event: event.into(),
        rounds: rounds.map(|rounds| (rounds.interval_s, rounds.amount)),
        start_us: start.map(Timestamp::micros),
        stop_us: stop.micros(),
        via: *via as u8,
        door: to_hex(door),
    };
    serde_json::to_vec(&body).ok().map(Into::into)
}

/// The request; `None` if the octets are none.
pub(in crate::store) fn from_octets(id: RequestId, octets: &[u8]) -> Option<LdrRequest> {
    let body: Body = serde_json::from_slice(octets).ok()?;
    let asked = body.asked.asked().ok()?;
    let qos = Qos {
        class: if body.assured { QosClass::Assured } else { QosClass::BestEffort },
        horizontal_m: body.horizontal_m,
        vertical_m: body.vertical_m,
        response_time: body.low_delay.map(|low| if low { ResponseTime::LowDelay } else { ResponseTime::DelayTolerant }),
    };
    let request = LocationRequest {
        qos,
        priority: if body.urgent { Priority::Highest } else { Priority::Normal },
        service_coverage: body.coverage,
        shapes: ShapeSet(body.shapes),
        ..asked.request
    };
    Some(LdrRequest {
        id,
        request,
        event: body.event.event()?,
        rounds: body.rounds.map(|(interval_s, amount)| Rounds { interval_s, amount }),
        start: body.start_us.map(Timestamp::from_micros),
        stop: Timestamp::from_micros(body.stop_us),
        via: VIAS.into_iter().find(|via| *via as u8 == body.via)?,
        door: from_hex(&body.door)?,
    })
}

/// What must be the same in requests that one request of the network can serve (TS 23.271 clause 4.5): the event, and how a
/// position with it is to be. Not how long, nor how often: this gateway ends each by itself.
#[derive(Serialize)]
struct Alike {
    event: Event,
    client_type: u8,
    assured: bool,
    horizontal_m: Option<u32>,
    vertical_m: Option<u32>,
    low_delay: Option<bool>,
    velocity: bool,
    urgent: bool,
    shapes: u32,
}

/// A hash of that; `None` for a request that is on its own: periodic and motion begin where and when they are armed, rounds are
/// begun by this gateway, and a codeword is for the phone's user to judge.
pub(crate) fn likeness(ldr: &LdrRequest) -> Option<Likeness> {
    let LdrRequest { request, event, rounds, .. } = ldr;
    let event = match event {
        _ if rounds.is_some() || request.codeword.is_some() => return None,
        DeferredEvent::Periodic { .. } | DeferredEvent::Motion { .. } => return None,
        DeferredEvent::UeAvailable => Event::Available,
        DeferredEvent::Area { event, areas, reporting } => {
            let reporting = Reporting { most: None, duration_s: None, ..*reporting };
            (&DeferredEvent::Area { event: *event, areas: areas.clone(), reporting }).into()
        }
    };
    let alike = Alike {
        event,
        client_type: request.client.client_type.code(),
        assured: request.qos.class == QosClass::Assured,
        horizontal_m: request.qos.horizontal_m,
        vertical_m: request.qos.vertical_m,
        low_delay: request.qos.response_time.map(|time| time == ResponseTime::LowDelay),
        velocity: request.velocity,
        urgent: request.priority == Priority::Highest,
        shapes: request.shapes.0,
    };
    let octets = serde_json::to_vec(&alike).ok()?;
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &octets);
    hash.as_ref().first_chunk::<16>().copied()
}

/// Doors that take deferred requests, now or one day.
const VIAS: [Via; 5] = [Via::Mlp, Via::Rlp, Via::Camara, Via::Admin, Via::Portal];

impl From<&DeferredEvent> for Event {
    fn from(event: &DeferredEvent) -> Self {
        match event {
            DeferredEvent::UeAvailable => Self::Available,
            DeferredEvent::Area { event, areas, reporting } => Self::Area {
                event: match event {
                    AreaEvent::Entering => Moved::Entering,
                    AreaEvent::Leaving => Moved::Leaving,
                    AreaEvent::Inside => Moved::Inside,
                },
                areas: areas.iter().map(Into::into).collect(),
                reporting: reporting.into(),
            },
            DeferredEvent::Periodic { interval_s, amount } => {
                Self::Periodic { interval_s: *interval_s, amount: *amount }
            }
            DeferredEvent::Motion { linear_distance_m, reporting } => {
                Self::Motion { linear_distance_m: *linear_distance_m, reporting: reporting.into() }
            }
        }
    }
}

impl Event {
    fn event(self) -> Option<DeferredEvent> {
        Some(match self {
            Self::Available => DeferredEvent::UeAvailable,
            Self::Area { event, areas, reporting } => DeferredEvent::Area {
                event: match event {
                    Moved::Entering => AreaEvent::Entering,
                    Moved::Leaving => AreaEvent::Leaving,
                    Moved::Inside => AreaEvent::Inside,
                },
                areas: areas.into_iter().map(Area::area).collect::<Option<_>>()?,
                reporting: reporting.into(),
            },
            Self::Periodic { interval_s, amount } => DeferredEvent::Periodic { interval_s, amount },
            Self::Motion { linear_distance_m, reporting } => {
                DeferredEvent::Motion { linear_distance_m, reporting: reporting.into() }
            }
        })
    }
}

impl From<&TargetArea> for Area {
    fn from(area: &TargetArea) -> Self {
        match area {
            TargetArea::Shape(shape) => Self::Shape(to_hex(&shape.encode())),
            TargetArea::Country(mcc) => Self::Country(*mcc),
            TargetArea::Plmn(plmn) => Self::Plmn(plmn.octets()),
            TargetArea::Named(name) => Self::Named(name.clone()),
        }
    }
}

impl Area {
    fn area(self) -> Option<TargetArea> {
        Some(match self {
            Self::Shape(octets) => TargetArea::Shape(Shape::decode(&from_hex(&octets)?).ok()?),
            Self::Country(mcc) => TargetArea::Country(mcc),
            Self::Plmn(octets) => TargetArea::Plmn(PlmnId::from_octets(octets)?),
            Self::Named(name) => TargetArea::Named(name),
        })
    }
}

impl From<&Reporting> for Reports {
    fn from(reporting: &Reporting) -> Self {
        let Reporting {
            multiple,
            most,
            min_interval_s,
            max_interval_s,
            sampling_interval_s,
            duration_s,
            estimate_wanted,
        } = *reporting;
        Self { multiple, most, min_interval_s, max_interval_s, sampling_interval_s, duration_s, estimate_wanted }
    }
}

impl From<Reports> for Reporting {
    fn from(reports: Reports) -> Self {
        let Reports {
            multiple,
            most,
            min_interval_s,
            max_interval_s,
            sampling_interval_s,
            duration_s,
            estimate_wanted,
        } = reports;
        Self { multiple, most, min_interval_s, max_interval_s, sampling_interval_s, duration_s, estimate_wanted }
    }
}
