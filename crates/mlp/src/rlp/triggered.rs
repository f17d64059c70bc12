//! Triggered requests between gateways: `trlrr`, `trlrsr`, and what answers them (TS 23.271 clauses 9.1.8, 9.1.9, 9.1.12 and 9.1.19).
//!
//! A `trlrr` is an `srlir` with what `tlrr` of MLP has beside: interval, times and event. The request id is the name of the exchange that
//! armed it, so a gateway that crashed before it read the answer can still stop what it asked for.

use super::{
    extension::{RequestExtension, Transaction, is_extension},
    immediate::Immediate,
    init::Sender,
    names,
    outgoing::Outgoing,
    version::Version,
    write_request::write_sender,
};
use crate::{
    cursor::Cursor,
    error::Fault,
    geometry::write_shape,
    header::plain,
    targets::set,
    time::write_stamp,
    triggered::{AreaChange, MlpArea, Trigger, TriggerEvent, Waiting, WaitingPart, period::write_period},
    write,
};
use lcs::{AreaEvent, Timestamp, gad::Shape};

/// A triggered request as received. To send one, see [`Outgoing::waiting`].
#[derive(Debug, Clone, PartialEq)]
pub struct Triggered {
    /// Who asks, about whom, and how good positions are to be. Its service is [`Srlir`](super::ImmediateService::Srlir).
    pub request: Immediate,
    /// What is waited for, and when.
    pub waiting: Waiting,
}

/// A request to stop reports as received. To send one, see [`OutgoingStop`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Which request, as the answer to it told.
    pub request_id: String,
    /// Name of this exchange, told back in the answer.
    pub transaction: Option<Transaction>,
    /// When it was sent, by the clock of the sender.
    pub sent: Option<Timestamp>,
}

/// Longest request id taken, octets.
pub(super) const REQUEST_ID_MAX: usize = 128;

impl Triggered {
    /// One request of what was read; `area`: the exact one, which goes before what its element says.
    pub(super) fn join(mut request: Immediate, part: WaitingPart, area: Option<Shape>) -> Result<Self, Fault> {
        let mut waiting = part.finish("trlrr")?;
        if let Some(exact) = area {
            let Trigger::Event(TriggerEvent::ChangeArea { area: MlpArea::Shape(shape), .. }) = &mut waiting.trigger
            else {
                return Err(Fault::value("target_gad", "beside a target_area with a shape alone"));
            };
            *shape = exact;
        }
        request.push_address = None;
        Ok(Self { request, waiting })
    }
}

/// Reads `trlrsr` after its start tag. It has one target: an identifier beside the request id says nothing more.
pub(super) fn parse_stop(cursor: &mut Cursor<'_>) -> Result<Stop, Fault> {
    let (mut request_id, mut extension) = (None, None);
    while let Some(tag) = cursor.child("trlrsr")? {
        match tag.name() {
            "req_id" => set(&mut request_id, named(plain(cursor, &tag, "req_id")?)?, "req_id")?,
            "msid" | "msids" | "lcs_ref" => cursor.skip()?,
            _ if is_extension(&tag) => {
                set(&mut extension, RequestExtension::parse(cursor, &tag)?, "lr_extension")?;
            }
            name => match names::defined(name) {
                Some(defined) if !tag.is_foreign() => {
                    return Err(Fault::syntax(defined, "not an element of this request, or not here"));
                }
                _ => cursor.skip()?,
            },
        }
    }
    let request_id = request_id.ok_or_else(|| Fault::syntax("trlrsr", "req_id is needed"))?;
    let RequestExtension { transaction, sent, .. } = extension.unwrap_or_default();
    Ok(Stop { request_id, transaction, sent })
}

/// A request id that can be one.
pub(super) fn named(text: String) -> Result<String, Fault> {
    let sound = (1..=REQUEST_ID_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if sound { Ok(text) } else { Err(Fault::value("req_id", "1 to 128 visible ASCII characters")) }
}

/// A request to send that stops reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingStop<'a> {
    /// Who sends it.
    pub sender: &'a Sender,
    /// Which request.
    pub request_id: &'a str,
    /// Name of this exchange.
    pub transaction: &'a Transaction,
    /// When it is sent.
    pub sent: Timestamp,
}

impl OutgoingStop<'_> {
    /// Appends the request to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        let ver = [("ver", Version::default().as_str())];
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        write::start(out, "rlp_svc_init", &ver);
        write::start(out, "rlp_hdr", &ver);
        write_sender(out, self.sender);
        write::close(out, "rlp_hdr");
        write::start(out, "trlrsr", &ver);
        write::element(out, "req_id", self.request_id);
        let (transaction, sent) = (Some(self.transaction.clone()), Some(self.sent));
        RequestExtension { transaction, sent, ..RequestExtension::default() }.write(out);
        write::close(out, "trlrsr");
        out.push_str("</rlp_svc_init>");
    }
}

impl Outgoing<'_> {
    /// Appends what is waited for, in the order of MLP.
    pub(super) fn write_waiting(&self, out: &mut String) {
        let Some(Waiting { trigger, start, stop, duration_s }) = self.waiting else { return };
        if let Trigger::Periodic { interval_s } | Trigger::PeriodicOrAvailable { interval_s } = trigger {
            write_period(out, "interval", u64::from(*interval_s));
        }
        for (element, time) in [("start_time", start), ("stop_time", stop)] {
            if let Some(time) = time {
                write_stamp(out, element, *time);
            }
        }
        if let Some(seconds) = duration_s {
            write_period(out, "duration", u64::from(*seconds));
        }
        match trigger {
            Trigger::Periodic { .. } => {}
            Trigger::PeriodicOrAvailable { .. } => write_event(out, &TriggerEvent::Available),
            Trigger::Event(event) => write_event(out, event),
        }
    }

    /// The area for the extension, if it is a shape.
    pub(super) fn target_area(&self) -> Option<Shape> {
        match &self.waiting?.trigger {
            Trigger::Event(TriggerEvent::ChangeArea { area: MlpArea::Shape(shape), .. }) => Some(shape.clone()),
            _ => None,
        }
    }
}

fn write_event(out: &mut String, event: &TriggerEvent) {
    let word = |estimates: &bool| if *estimates { "TRUE" } else { "FALSE" };
    write::open(out, "tlrr_event");
    match event {
        TriggerEvent::Available => write::empty(out, "ms_action", &[("type", "MS_AVAIL")]),
        TriggerEvent::ChangeArea { change, area, estimates, reports, min_interval_s } => {
            write::start(out, "change_area", &[("type", change.as_str()), ("loc_estimates", word(estimates))]);
            write::open(out, "target_area");
            write_area(out, area);
            write::close(out, "target_area");
            write_often(out, *reports, *min_interval_s);
            write::close(out, "change_area");
        }
        TriggerEvent::Equidistance { distance_m, estimates, reports, min_interval_s } => {
            write::start(out, "equidistance_event", &[("loc_estimates", word(estimates))]);
            write::number(out, "target_equidistance", u64::from(*distance_m));
            write_often(out, *reports, *min_interval_s);
            write::close(out, "equidistance_event");
        }
    }
    write::close(out, "tlrr_event");
}

fn write_often(out: &mut String, reports: u32, min_interval_s: Option<u32>) {
    write::number(out, "no_of_reports", u64::from(reports));
    if let Some(seconds) = min_interval_s {
        write::number(out, "minimumIntervalTime", u64::from(seconds));
    }
}

fn write_area(out: &mut String, area: &MlpArea) {
    match area {
        MlpArea::Shape(shape) => {
            // Every area that is read has a form; one that had none would be an empty element, which is refused.
            let _untellable = write_shape(out, shape, None);
        }
        MlpArea::CountryCode(code) => write::number(out, "cc", u64::from(*code)),
        MlpArea::Plmn(plmn) => {
            let text = plmn.to_string();
            let (mcc, mnc) = text.split_once('-').unwrap_or_default();
            write::open(out, "plmn");
            write::element(out, "mcc", mcc);
            write::element(out, "mnc", mnc);
            write::close(out, "plmn");
        }
        MlpArea::Named(name) => write::element(out, "name_area", name),
    }
}

/// Which way, as the protocol has it.
impl From<AreaEvent> for AreaChange {
    fn from(event: AreaEvent) -> Self {
        match event {
            AreaEvent::Entering => Self::Entering,
            AreaEvent::Leaving => Self::Leaving,
            AreaEvent::Inside => Self::Within,
        }
    }
}
