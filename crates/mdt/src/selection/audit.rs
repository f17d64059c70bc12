//! Why people were not chosen, in counts.

use privacy::consent::Denied;
use std::collections::BTreeMap;

/// Counts below this, 0 apart, are told as "fewer than" it: a count of one would tell about somebody to whoever knows who was there.
pub const COUNT_FLOOR: usize = 5;

/// Why somebody was not chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The register denied.
    Denied(Denied),
    /// Named twice among the candidates.
    Twice,
    /// Allowed, and asked often enough lately.
    Duty,
    /// Allowed, and a job of their own logs, which must not be replaced.
    OwnJob,
    /// Allowed, and there were enough.
    Enough,
    /// Allowed, in an area with too few of them.
    TooFew,
}

impl Reason {
    /// Its word. What the register denied is one word whatever the reason, and the reasons stand apart in [`Audit::counts`].
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Denied(Denied::Unavailable) => "unavailable",
            Self::Denied(Denied::OptedOut) => "opted-out",
            Self::Denied(Denied::Excluded) => "excluded",
            Self::Denied(Denied::Paused) => "paused",
            Self::Denied(Denied::NotInformed) => "not-informed",
            Self::Denied(Denied::NoConsent) => "no-consent",
            Self::Denied(Denied::NotIdentified) => "not-identified",
            Self::Twice => "twice",
            Self::Duty => "duty",
            Self::OwnJob => "own-job",
            Self::Enough => "enough",
            Self::TooFew => "too-few",
        }
    }
}

/// A count as it may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Nobody.
    None,
    /// One to [`COUNT_FLOOR`] less one.
    Few,
    /// Exactly so many.
    Exactly(usize),
}

impl Count {
    /// As it may be told.
    #[must_use]
    pub fn of(count: usize) -> Self {
        match count {
            0 => Self::None,
            few if few < COUNT_FLOOR => Self::Few,
            count => Self::Exactly(count),
        }
    }
}

/// What a selection says of itself. Knows no identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    candidates: usize,
    reasons: BTreeMap<Reason, usize>,
    chosen: usize,
    refused_area: bool,
}

impl Audit {
    pub(super) fn new(candidates: usize) -> Self {
        Self { candidates, reasons: BTreeMap::new(), chosen: 0, refused_area: false }
    }

    pub(super) fn count(&mut self, reason: Reason) {
        *self.reasons.entry(reason).or_default() += 1;
    }

    pub(super) fn refuse_area(&mut self, allowed: usize) {
        self.refused_area = true;
        *self.reasons.entry(Reason::TooFew).or_default() += allowed;
    }

    pub(super) fn chose(&mut self, chosen: usize) {
        self.chosen = chosen;
    }

    /// Whether the area was refused because too few are allowed. How few is not told.
    #[must_use]
    pub fn refused_area(&self) -> bool {
        self.refused_area
    }

    /// Number of people chosen.
    #[must_use]
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// Reasons with counts, for the operator. Where the area is refused: none, for every count would help to find out who is not allowed.
    /// If exactly one count is small, the sum would give it away, so the candidates are told as a count only while none is.
    #[must_use]
    pub fn counts(&self) -> Vec<(&'static str, Count)> {
        if self.refused_area {
            return Vec::new();
        }
        self.reasons.iter().map(|(reason, count)| (reason.word(), Count::of(*count))).collect()
    }

    /// Number of candidates; `None` where it would give a small count away.
    #[must_use]
    pub fn candidates(&self) -> Option<usize> {
        let small = self.reasons.values().any(|count| Count::of(*count) == Count::Few);
        (!small && !self.refused_area).then_some(self.candidates)
    }
}
