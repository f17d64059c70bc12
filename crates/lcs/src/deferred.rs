//! Deferred requests: the events that a network or a phone waits for, and the areas that they are about (TS 23.271 clause 4.4.2).

mod area;

pub use area::{AreaIdentity, PlmnId};

use crate::gad::Shape;

/// LDR reference number: names a deferred request among those about one target at one gateway. One octet (TS 29.172 clause 7.4.37).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LdrReference(pub u8);

/// What a phone did about an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AreaEvent {
    /// Came in from outside.
    Entering,
    /// Went out from inside.
    Leaving,
    /// Is in it, now or later.
    Inside,
}

impl AreaEvent {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Entering, Self::Leaving, Self::Inside];
}

/// How often an event of area or motion is reported, and how close after each other (TS 29.172 clauses 7.4.43, 7.4.44 and
/// 7.4.66-7.4.68). The intervals say nothing for a single report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reporting {
    /// Many reports, not one alone.
    pub multiple: bool,
    /// Most reports, 1 or more, of many; `None`: as many as there are. No network counts them: the gateway ends the request.
    pub most: Option<u32>,
    /// Least time between reports, seconds, 1-32,767.
    pub min_interval_s: u16,
    /// Greatest time between reports, seconds, 1-86,400; then a report comes without an event. EPC only.
    pub max_interval_s: Option<u32>,
    /// Greatest time between two looks of the phone, seconds, 1-3,600. EPC only.
    pub sampling_interval_s: Option<u16>,
    /// How long reports are wanted, seconds, 1-8,640,000. EPC only.
    pub duration_s: Option<u32>,
    /// The phone's position is wanted with each report.
    pub estimate_wanted: bool,
}

impl Reporting {
    /// One report without a position.
    pub const ONCE: Self = Self {
        multiple: false,
        most: None,
        min_interval_s: 1,
        max_interval_s: None,
        sampling_interval_s: None,
        duration_s: None,
        estimate_wanted: false,
    };
}

/// The area that a client means, before it is put into the identities of a network (TS 23.271 clause 9.1.9 step 1).
#[derive(Clone, PartialEq)]
pub enum TargetArea {
    /// A shape of TS 23.032. The size and the place of it may tell of somebody: `Debug` hides it.
    Shape(Shape),
    /// A country, by its mobile country code.
    Country([u8; 3]),
    /// A network.
    Plmn(PlmnId),
    /// A name that the operator gave to an area.
    Named(String),
}

impl core::fmt::Debug for TargetArea {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Shape(_) => "Shape(hidden)",
            Self::Country(_) => "Country(hidden)",
            Self::Plmn(_) => "Plmn(hidden)",
            Self::Named(_) => "Named(hidden)",
        })
    }
}

/// What a deferred request waits for: one kind each (TS 23.271 clauses 4.4.2.1 and 9.1.19).
#[derive(Debug, Clone, PartialEq)]
pub enum DeferredEvent {
    /// The phone can be reached: one report.
    UeAvailable,
    /// The phone moves against an area.
    Area {
        /// Which way.
        event: AreaEvent,
        /// Against what: any of these.
        areas: Vec<TargetArea>,
        /// How often.
        reporting: Reporting,
    },
    /// A time has passed.
    Periodic {
        /// Time between reports, seconds; interval times amount is at most 8,639,999.
        interval_s: u32,
        /// Number of reports.
        amount: u32,
    },
    /// The phone moved away from where the last report was, in a straight line. EPC only.
    Motion {
        /// How far, metres, 1-10,000.
        linear_distance_m: u16,
        /// How often.
        reporting: Reporting,
    },
}

/// Why a deferred request ended before its time (TS 29.172 clause 7.4.55).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TerminationCause {
    /// As it should.
    Normal = 0,
    /// Not told.
    Undefined = 1,
    /// A timer of a node or of the phone.
    InternalTimeout = 2,
    /// Congestion.
    Congestion = 3,
    /// It is to begin anew at another node.
    MtLrRestart = 4,
    /// The user or the settings stand against it.
    PrivacyViolation = 5,
    /// The shape of the estimate is not supported.
    ShapeNotSupported = 6,
    /// The subscription ended.
    SubscriberTermination = 7,
    /// The phone.
    UeTermination = 8,
    /// The network.
    NetworkTermination = 9,
}

impl TerminationCause {
    /// All ten, in wire order.
    pub const ALL: [Self; 10] = [
        Self::Normal,
        Self::Undefined,
        Self::InternalTimeout,
        Self::Congestion,
        Self::MtLrRestart,
        Self::PrivacyViolation,
        Self::ShapeNotSupported,
        Self::SubscriberTermination,
        Self::UeTermination,
        Self::NetworkTermination,
    ];

    /// From the wire; a value that is not known says nothing: [`TerminationCause::Undefined`].
    #[must_use]
    pub fn from_code(code: u32) -> Self {
        usize::try_from(code).ok().and_then(|index| Self::ALL.get(index)).copied().unwrap_or(Self::Undefined)
    }
}
