//! Who listens to the privacy check: nobody on the hot path, an explanation in a dry run.

use super::rule::{Refusal, RuleId};
use lcs::{PrivacySetting, RefusalReason};

/// Listens to the check. Without effect on it: the check reads nothing back.
pub(crate) trait Trace {
    /// Hears that a rule was looked at.
    fn note(&mut self, rule: RuleId, result: RuleResult);
}

/// Nobody listens; costs nothing.
pub(crate) struct NoTrace;

impl Trace for NoTrace {
    #[inline]
    fn note(&mut self, _: RuleId, _: RuleResult) {}
}

/// What looking at a rule gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleResult {
    /// The profile or the request has nothing that the rule is about.
    NotApplicable,
    /// Its condition holds.
    Passed,
    /// Its condition does not hold, for this reason; refuses the request, or shuts the class it stands in.
    Failed(RefusalReason),
    /// The rule gives this setting.
    Setting(PrivacySetting),
    /// The rule is to be looked at again after positioning.
    Later,
}

/// One rule looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The rule.
    pub rule: RuleId,
    /// What it gave.
    pub result: RuleResult,
}

/// What a check would come to, without a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conclusion {
    /// Call/session unrelated result.
    pub unrelated: PrivacySetting,
    /// Call/session related result, if the request names a call or session and the class is subscribed.
    pub related: Option<PrivacySetting>,
    /// The rule that decided.
    pub rule: RuleId,
    /// Whether the codeword goes to the serving node.
    pub forwards_codeword: bool,
    /// Whether rules on where the subscriber is are to be looked at after positioning.
    pub checks_area: bool,
    /// Whether the user is told or asked after positioning.
    pub notifies_after: bool,
}

/// A dry run of the privacy check: every rule looked at, in order, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The rules looked at.
    pub steps: Vec<Step>,
    /// What it came to; either names the rule that decided.
    pub outcome: Result<Conclusion, Refusal>,
}

impl Explanation {
    /// The rule that decided.
    #[must_use]
    pub fn decided_by(&self) -> RuleId {
        match &self.outcome {
            Ok(conclusion) => conclusion.rule,
            Err(refusal) => refusal.rule,
        }
    }
}

impl Trace for Vec<Step> {
    fn note(&mut self, rule: RuleId, result: RuleResult) {
        self.push(Step { rule, result });
    }
}
