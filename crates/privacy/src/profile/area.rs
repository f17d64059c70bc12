//! Rules that depend on where the subscriber is (TS 23.271 clause 9.1.1 step 11, clause 10.3.2).

use lcs::gad::{
    Shape,
    geometry::{Area, Relation},
};

/// Where, seen from an area, a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the area.
    Inside,
    /// Out of the area.
    Outside,
}

/// What a rule does where it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AreaEffect {
    /// The position may be given. As soon as one rule of a list allows, one that allows must hold.
    Allow,
    /// The position may not be given.
    Refuse,
    /// The position may be given as a circle of this radius, and nothing else that tells more.
    Coarsen {
        /// Radius in metres, 1 to 1000000.
        radius_m: u32,
    },
}

/// One rule: at this place, this effect. `Debug` hides the area, which may be where somebody lives.
#[derive(Clone, PartialEq)]
pub struct AreaRule {
    /// The area.
    pub area: Area,
    /// Inside or outside of it.
    pub when: Place,
    /// What then.
    pub effect: AreaEffect,
}

impl core::fmt::Debug for AreaRule {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "AreaRule({:?} a hidden area, {:?})", self.when, self.effect)
    }
}

/// What the rules of one list come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The position may be given as it is.
    AsItIs,
    /// The position may be given no finer than this, metres.
    Coarsened(u32),
    /// The position may not be given.
    Refused,
}

impl AreaRule {
    /// Whether the rule holds for a subscriber in `shape`. An estimate that straddles the border may be on either side: rules
    /// that protect hold then, rules that allow do not.
    fn holds(&self, shape: &Shape) -> bool {
        match (shape.relation_to(&self.area), self.when) {
            (Relation::Inside, Place::Inside) | (Relation::Outside, Place::Outside) => true,
            (Relation::Inside, Place::Outside) | (Relation::Outside, Place::Inside) => false,
            (Relation::Straddles, _) => self.effect != AreaEffect::Allow,
        }
    }
}

/// Judges a list of rules whatever their order: one that refuses wins; if some allow, one must hold; the widest coarsening
/// applies. Without a shape a list that is not empty refuses.
pub(crate) fn judge(rules: &[AreaRule], shape: Option<&Shape>) -> Verdict {
    let Some(shape) = shape else {
        return if rules.is_empty() { Verdict::AsItIs } else { Verdict::Refused };
    };
    let (mut some_allow, mut allowed, mut radius_m) = (false, false, None);
    for rule in rules {
        let holds = rule.holds(shape);
        match rule.effect {
            AreaEffect::Refuse if holds => return Verdict::Refused,
            AreaEffect::Coarsen { radius_m: wanted } if holds => radius_m = radius_m.max(Some(wanted)),
            AreaEffect::Allow => (some_allow, allowed) = (true, allowed || holds),
            AreaEffect::Refuse | AreaEffect::Coarsen { .. } => {}
        }
    }
    match (some_allow && !allowed, radius_m) {
        (true, _) => Verdict::Refused,
        (false, Some(radius_m)) => Verdict::Coarsened(radius_m),
        (false, None) => Verdict::AsItIs,
    }
}
