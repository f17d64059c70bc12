//! Reports, pushed: `tlrep`, `tlrpr`, `tlqrep` (OMA MLP sections 5.2.3.6.3, 5.2.3.6.6, 5.2.3.6.9).

use super::{answer::write_reference, period::write_period};
use crate::{
    answer::{begin, open_versioned, write_push_header},
    immediate::{ImmediateService, PushAddress},
    msid::Msid,
    position::{Manner, write_fix, write_msid, write_poserr},
    result::ResultId,
    shapes::SupportedShapes,
    time::write_time,
    version::Version,
    write,
};
use lcs::{Duration, Fix, LdrReference, QosClass, Timestamp};

/// What made a report come (OMA MLP section 5.3.137.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TriggerWord {
    /// A time passed.
    Periodic,
    /// The phone can be reached.
    Available,
    /// The phone moved against an area.
    ChangeArea,
    /// The phone moved away from where it was.
    Equidistance,
}

impl TriggerWord {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Periodic, Self::Available, Self::ChangeArea, Self::Equidistance];

    /// Value of the attribute `trl_trigger`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Periodic => "PERIODIC",
            Self::Available => "MS_AVAIL",
            Self::ChangeArea => "CHANGE_AREA",
            Self::Equidistance => "EQUIDISTANCE",
        }
    }
}

/// One target of a report.
#[derive(Debug, Clone, Copy)]
pub struct TriggeredPos<'a> {
    /// The target as the client wrote it.
    pub msid: &'a Msid,
    /// What made the report come.
    pub trigger: TriggerWord,
    /// What is told.
    pub outcome: TriggeredOutcome<'a>,
}

/// What a report tells of a target.
#[derive(Debug, Clone, Copy)]
pub enum TriggeredOutcome<'a> {
    /// The event, and where.
    Fixed {
        /// The position.
        fix: &'a Fix,
        /// When the network gave it; the time told is earlier by its age.
        at: Timestamp,
    },
    /// The event alone.
    Event {
        /// When it was.
        at: Timestamp,
    },
    /// No position, or the end.
    Failed {
        /// Why.
        result: ResultId,
        /// More about it; not about anybody else than the client.
        add_info: Option<&'a str>,
        /// When that became clear.
        at: Timestamp,
    },
}

/// A report of a triggered request.
#[derive(Debug, Clone, Copy)]
pub struct TriggeredReport<'a> {
    /// Version of the request.
    pub version: Version,
    /// Shapes that the client takes; `None`: any.
    pub shapes: Option<&'a SupportedShapes>,
    /// Quality class of the request.
    pub qos_class: QosClass,
    /// The request id that the answer gave.
    pub request_id: &'a str,
    /// LDR reference, as in the answer.
    pub lcs_ref: Option<LdrReference>,
    /// Where it goes: its id and password are put into the header.
    pub push_address: Option<&'a PushAddress>,
    /// One part for each target told of, at least one.
    pub positions: &'a [TriggeredPos<'a>],
    /// How long reports can still come; `None`: not told.
    pub remaining: Option<Duration>,
}

impl TriggeredReport<'_> {
    /// Appends the report to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        let Self { version, shapes, qos_class, .. } = *self;
        let manner = Manner { version, service: ImmediateService::Slir, shapes, qos_class };
        begin(out, version);
        write_push_header(out, version, self.push_address, None);
        open_versioned(out, "tlrep", version);
        write::element(out, "req_id", self.request_id);
        write_reference(out, self.lcs_ref);
        self.positions.iter().for_each(|pos| write_trl_pos(out, pos, manner));
        if let Some(remaining) = self.remaining {
            write_period(out, "time_remaining", remaining.as_secs());
        }
        write::close(out, "tlrep");
        out.push_str("</svc_result>");
    }
}

fn write_trl_pos(out: &mut String, pos: &TriggeredPos<'_>, manner: Manner<'_>) {
    write::start(out, "trl_pos", &[("trl_trigger", pos.trigger.as_str())]);
    write_msid(out, pos.msid);
    match pos.outcome {
        TriggeredOutcome::Fixed { fix, at } => {
            // Only an emergency answer has a place for a cell.
            let _cell = write_fix(out, fix, at, manner);
        }
        TriggeredOutcome::Event { at } => write_time(out, at),
        TriggeredOutcome::Failed { result, add_info, at } => write_poserr(out, result, add_info, at),
    }
    write::close(out, "trl_pos");
}

/// Reports about a target pause, or go on (3.4 and later).
#[derive(Debug, Clone, Copy)]
pub struct PauseReport<'a> {
    /// Version of the request.
    pub version: Version,
    /// Where it goes: its id and password are put into the header.
    pub push_address: Option<&'a PushAddress>,
    /// The target as the client wrote it.
    pub msid: &'a Msid,
    /// The request id.
    pub request_id: &'a str,
    /// LDR reference, as in the answer.
    pub lcs_ref: Option<LdrReference>,
    /// RESUME and not PAUSE.
    pub resumed: bool,
}

impl PauseReport<'_> {
    /// Appends the report to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        begin(out, self.version);
        write_push_header(out, self.version, self.push_address, None);
        let cause = if self.resumed { "RESUME" } else { "PAUSE" };
        write::start(out, "tlrpr", &[("ver", self.version.as_str()), ("cause", cause)]);
        write_msid(out, self.msid);
        write::element(out, "req_id", self.request_id);
        write_reference(out, self.lcs_ref);
        write::close(out, "tlrpr");
        out.push_str("</svc_result>");
    }
}

/// What a client has armed: one report, the last of its query.
#[derive(Debug, Clone, Copy)]
pub struct QueryReport<'a> {
    /// Version of the query.
    pub version: Version,
    /// Where it goes: its id and password are put into the header.
    pub push_address: Option<&'a PushAddress>,
    /// The query id that the answer gave.
    pub query_id: &'a str,
    /// Request ids with the targets that are still waited for, at least one each.
    pub triggers: &'a [(String, Vec<Msid>)],
}

impl QueryReport<'_> {
    /// Appends the report to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        begin(out, self.version);
        write_push_header(out, self.version, self.push_address, None);
        write::start(out, "tlqrep", &[("ver", self.version.as_str()), ("last", "YES")]);
        write::element(out, "query_id", self.query_id);
        for (request_id, targets) in self.triggers {
            write::open(out, "trigger_data");
            write::element(out, "req_id", request_id);
            targets.iter().for_each(|msid| write_msid(out, msid));
            write::close(out, "trigger_data");
        }
        write::close(out, "tlqrep");
        out.push_str("</svc_result>");
    }
}
