//! Building triggered requests.

use super::request::{ClientTarget, Request};
use crate::{
    geometry::write_corners, shapes::MlpShape, time::write_stamp, triggered::AreaChange,
    triggered::period::write_period, write,
};
use lcs::{Timestamp, gad::Position};

/// A triggered request to build. Figures are written as given, so that wrong ones can be sent too.
#[derive(Clone, PartialEq)]
pub struct TriggeredRequest {
    /// Header, targets, quality, type of location, priority, push address, coverage. Its service and its `res_type` say nothing.
    pub request: Request,
    /// `interval`, seconds.
    pub interval_s: Option<u32>,
    /// `start_time`.
    pub start: Option<Timestamp>,
    /// `stop_time`.
    pub stop: Option<Timestamp>,
    /// `duration`, seconds.
    pub duration_s: Option<u32>,
    /// `tlrr_event`.
    pub event: Option<ClientEvent>,
}

/// An event to wait for.
#[derive(Clone, PartialEq)]
pub enum ClientEvent {
    /// `ms_action` MS_AVAIL.
    Available,
    /// `change_area`.
    ChangeArea {
        /// Which way.
        change: AreaChange,
        /// Against what.
        area: ClientArea,
        /// `loc_estimates`.
        estimates: bool,
        /// `no_of_reports`.
        reports: Option<u32>,
        /// `minimumIntervalTime`, seconds.
        min_interval_s: Option<u32>,
    },
    /// `equidistance_event`.
    Equidistance {
        /// How far, metres.
        distance_m: u32,
        /// `loc_estimates`.
        estimates: bool,
        /// `no_of_reports`.
        reports: Option<u32>,
        /// `minimumIntervalTime`, seconds.
        min_interval_s: Option<u32>,
    },
}

/// An area to name.
#[derive(Clone, PartialEq)]
pub enum ClientArea {
    /// `CircularArea`.
    Circle {
        /// Middle.
        centre: Position,
        /// Radius, metres.
        radius_m: u32,
    },
    /// `Polygon`, its corners in order.
    Polygon(Vec<Position>),
    /// `cc`.
    CountryCode(u16),
    /// `plmn`: country and network code.
    Plmn(String, String),
    /// `name_area`.
    Named(String),
}

impl TriggeredRequest {
    /// A request for a report each time that an interval has passed.
    #[must_use]
    pub fn periodic(request: Request, interval_s: u32, duration_s: u32) -> Self {
        let (interval_s, duration_s) = (Some(interval_s), Some(duration_s));
        Self { request, interval_s, start: None, stop: None, duration_s, event: None }
    }

    /// A request for reports of an event.
    #[must_use]
    pub fn on(request: Request, event: ClientEvent) -> Self {
        Self { request, interval_s: None, start: None, stop: None, duration_s: None, event: Some(event) }
    }

    /// The request as a new text: a whole XML document in UTF-8, elements in the order of the DTD.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let request = &self.request;
        let mut text = String::with_capacity(1024);
        let out = &mut text;
        open(out, request, "tlrr");
        request.write_targets(out);
        if let Some(seconds) = self.interval_s {
            write_period(out, "interval", u64::from(seconds));
        }
        for (element, time) in [("start_time", self.start), ("stop_time", self.stop)] {
            if let Some(time) = time {
                write_stamp(out, element, time);
            }
        }
        if let Some(seconds) = self.duration_s {
            write_period(out, "duration", u64::from(seconds));
        }
        if let Some(event) = &self.event {
            write::open(out, "tlrr_event");
            event.write(out);
            write::close(out, "tlrr_event");
        }
        request.write_quality(out, "qop");
        request.write_push_address(out);
        if let Some(kind) = &request.loc_type {
            write::empty(out, "loc_type", &[("type", kind)]);
        }
        request.write_priority(out);
        request.write_coverage(out);
        close(out, "tlrr");
        text
    }
}

impl ClientEvent {
    fn write(&self, out: &mut String) {
        let word = |estimates: bool| if estimates { "TRUE" } else { "FALSE" };
        let often = |out: &mut String, reports: Option<u32>, min_interval_s: Option<u32>| {
            for (element, value) in [("no_of_reports", reports), ("minimumIntervalTime", min_interval_s)] {
                if let Some(value) = value {
                    write::number(out, element, u64::from(value));
                }
            }
        };
        match self {
            Self::Available => write::empty(out, "ms_action", &[("type", "MS_AVAIL")]),
            Self::ChangeArea { change, area, estimates, reports, min_interval_s } => {
                let attributes = [("type", change.as_str()), ("loc_estimates", word(*estimates))];
                write::start(out, "change_area", &attributes);
                write::open(out, "target_area");
                area.write(out);
                write::close(out, "target_area");
                often(out, *reports, *min_interval_s);
                write::close(out, "change_area");
            }
            Self::Equidistance { distance_m, estimates, reports, min_interval_s } => {
                write::start(out, "equidistance_event", &[("loc_estimates", word(*estimates))]);
                write::number(out, "target_equidistance", u64::from(*distance_m));
                often(out, *reports, *min_interval_s);
                write::close(out, "equidistance_event");
            }
        }
    }
}

impl ClientArea {
    fn write(&self, out: &mut String) {
        match self {
            Self::Circle { centre, radius_m } => {
                write_corners(out, MlpShape::CircularArea, &[*centre], |out| {
                    write::number(out, "radius", u64::from(*radius_m));
                });
            }
            Self::Polygon(corners) => write_corners(out, MlpShape::Polygon, corners, |_| {}),
            Self::CountryCode(code) => write::number(out, "cc", u64::from(*code)),
            Self::Plmn(mcc, mnc) => {
                write::open(out, "plmn");
                write::element(out, "mcc", mcc);
                write::element(out, "mnc", mnc);
                write::close(out, "plmn");
            }
            Self::Named(name) => write::element(out, "name_area", name),
        }
    }
}

/// A request to stop reports.
#[derive(Clone, PartialEq)]
pub struct StopRequest {
    /// Header alone; the rest of it says nothing.
    pub request: Request,
    /// `req_id`.
    pub request_id: String,
    /// Targets to stop for; empty: all.
    pub targets: Vec<ClientTarget>,
}

impl StopRequest {
    /// The request as a new text.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut text = String::with_capacity(512);
        let out = &mut text;
        open(out, &self.request, "tlrsr");
        if !self.targets.is_empty() {
            Request { targets: self.targets.clone(), ..self.request.clone() }.write_targets(out);
        }
        write::element(out, "req_id", &self.request_id);
        close(out, "tlrsr");
        text
    }
}

/// A question for what is armed, as a new text: the header of `request`, and its push address.
#[must_use]
pub fn query(request: &Request) -> String {
    let mut text = String::with_capacity(512);
    open(&mut text, request, "tlrqr");
    request.write_push_address(&mut text);
    close(&mut text, "tlrqr");
    text
}

fn open(out: &mut String, request: &Request, element: &str) {
    let ver = request.version.as_str();
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    write::start(out, "svc_init", &[("ver", ver)]);
    request.write_header(out);
    write::start(out, element, &[("ver", ver)]);
}

fn close(out: &mut String, element: &str) {
    write::close(out, element);
    out.push_str("</svc_init>");
}
