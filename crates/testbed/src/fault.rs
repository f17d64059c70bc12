//! Faults on demand: what a node of the testbed can do wrong, and the register of what it is to do wrong now.

use parking_lot::Mutex;
use serde::Deserialize;
use std::collections::HashMap;
use tokio::sync::watch;

/// One way to go wrong. Those marked *wire* are done by the node's [tap](crate::tap), on the octets of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The answer comes late by this much.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// The answer never comes.
    Drop,
    /// The connection closes instead of an answer.
    Disconnect,
    /// Nothing leaves the node any more, watchdog answers included, though it still reads (wire). Nodes only.
    Mute,
    /// Connections are closed and new ones refused (wire). Nodes only.
    Gone,
    /// An error result instead of what the node would have answered.
    Result {
        /// The code.
        code: u32,
        /// Whether it goes into an Experimental-Result of 3GPP; codes from 4201 and 5420 up usually do.
        experimental: bool,
    },
    /// Octets that are no Diameter message instead of the answer (wire).
    Garbage,
    /// The first half of the answer, then the connection closes (wire).
    Truncated,
    /// The answer twice (wire).
    Duplicate,
    /// Before the answer, one that no request asked for (wire).
    AnswerToNothing,
    /// The answer with another hop-by-hop or transaction identifier (wire).
    WrongHopByHop,
    /// The serving cell without an estimate.
    CellOnly,
    /// The shape type in the low half of octet 1 of the estimate (wire).
    LowNibbleGad,
    /// Location-Estimate without vendor identifier (wire).
    WithoutVendorBit,
    /// The estimate's age and the accuracy flag left out.
    NoAgeNorAccuracy,
    /// The dialogue is aborted instead of an answer. Legacy nodes only, as those that follow.
    Abort,
    /// The dialogue is refused: its application context is not supported.
    WrongContext,
    /// A result that ends in the middle of an element.
    TruncatedBer,
    /// A result whose elements have tags that nothing has, and an indefinite length without an end.
    AbsurdTag,
    /// A report of a deferred request does not leave the node, which sends it again later. This and those that follow spoil reports,
    /// not answers.
    LostReport,
    /// A report of a deferred request twice.
    ReportTwice,
    /// Before a report of a deferred request, one with a reference that the gateway did not give.
    ForgedReport,
}

impl Fault {
    /// The faults that need no figure, with the names by which scenarios and the control API call them.
    pub const PLAIN: [(&str, Self); 20] = [
        ("drop", Self::Drop),
        ("disconnect", Self::Disconnect),
        ("mute", Self::Mute),
        ("gone", Self::Gone),
        ("garbage", Self::Garbage),
        ("truncated", Self::Truncated),
        ("duplicate", Self::Duplicate),
        ("answer_to_nothing", Self::AnswerToNothing),
        ("wrong_hop_by_hop", Self::WrongHopByHop),
        ("cell_only", Self::CellOnly),
        ("low_nibble_gad", Self::LowNibbleGad),
        ("without_vendor_bit", Self::WithoutVendorBit),
        ("no_age_nor_accuracy", Self::NoAgeNorAccuracy),
        ("abort", Self::Abort),
        ("wrong_context", Self::WrongContext),
        ("truncated_ber", Self::TruncatedBer),
        ("absurd_tag", Self::AbsurdTag),
        ("lost_report", Self::LostReport),
        ("report_twice", Self::ReportTwice),
        ("forged_report", Self::ForgedReport),
    ];

    /// Whether the tap does it, rather than the node's own logic.
    #[must_use]
    pub fn on_the_wire(self) -> bool {
        match self {
            Self::Delay { .. }
            | Self::Drop
            | Self::Disconnect
            | Self::Result { .. }
            | Self::CellOnly
            | Self::NoAgeNorAccuracy
            | Self::Abort
            | Self::WrongContext
            | Self::TruncatedBer
            | Self::AbsurdTag
            | Self::LostReport
            | Self::ReportTwice
            | Self::ForgedReport => false,
            Self::Mute
            | Self::Gone
            | Self::Garbage
            | Self::Truncated
            | Self::Duplicate
            | Self::AnswerToNothing
            | Self::WrongHopByHop
            | Self::LowNibbleGad
            | Self::WithoutVendorBit => true,
        }
    }

    /// Whether it spoils reports of deferred requests, and no answer.
    #[must_use]
    pub fn of_reports(self) -> bool {
        matches!(self, Self::LostReport | Self::ReportTwice | Self::ForgedReport)
    }

    /// Whether it is a state of the whole node, not something done to one answer.
    #[must_use]
    pub fn whole_node(self) -> bool {
        matches!(self, Self::Mute | Self::Gone)
    }
}

/// A fault, and how often it happens. Written `{ kind = "delay", ms = 100, times = 3 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "WrittenRule")]
pub struct FaultRule {
    /// What goes wrong.
    pub fault: Fault,
    /// How many answers it spoils; until cleared if absent.
    pub times: Option<u32>,
}

/// A rule as it is written: flat, so that a key which the kind does not have is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    kind: String,
    ms: Option<u64>,
    code: Option<u32>,
    experimental: Option<bool>,
    times: Option<u32>,
}

/// Why a written rule is no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No such kind.
    #[error(
        "no fault of this kind: delay, drop, disconnect, mute, gone, result, garbage, truncated, duplicate, \
             answer_to_nothing, wrong_hop_by_hop, cell_only, low_nibble_gad, without_vendor_bit, no_age_nor_accuracy, \
             abort, wrong_context, truncated_ber, absurd_tag, lost_report, report_twice, forged_report"
    )]
    Kind,
    /// A key is missing.
    #[error("a fault of this kind needs `{0}`")]
    Missing(&'static str),
    /// A key does not belong.
    #[error("`{0}` does not belong to a fault of this kind")]
    Stray(&'static str),
}

impl TryFrom<WrittenRule> for FaultRule {
    type Error = FaultError;

    fn try_from(written: WrittenRule) -> Result<Self, FaultError> {
        let (ms, code) = (written.ms, written.code);
        let fault = match written.kind.as_str() {
            "delay" => Fault::Delay { ms: ms.ok_or(FaultError::Missing("ms"))? },
            "result" => Fault::Result {
                code: code.ok_or(FaultError::Missing("code"))?,
                experimental: written.experimental.unwrap_or(false),
            },
            kind => Fault::PLAIN
                .into_iter()
                .find_map(|(name, fault)| (name == kind).then_some(fault))
                .ok_or(FaultError::Kind)?,
        };
        if ms.is_some() && !matches!(fault, Fault::Delay { .. }) {
            return Err(FaultError::Stray("ms"));
        }
        if !matches!(fault, Fault::Result { .. }) {
            if code.is_some() {
                return Err(FaultError::Stray("code"));
            }
            if written.experimental.is_some() {
                return Err(FaultError::Stray("experimental"));
            }
        }
        Ok(Self { fault, times: written.times })
    }
}

/// What a fault holds for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every request at the node of this name.
    Node(String),
    /// Every request about the subscriber with this label, at any node.
    Subscriber(String),
    /// Requests at one node about one subscriber: node and label.
    SubscriberAt(String, String),
}

/// The register of faults that hold now, shared by the nodes of a network.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<HashMap<Scope, Vec<FaultRule>>>,
    changes: watch::Sender<u64>,
}

impl Faults {
    /// Adds a fault.
    pub fn add(&self, scope: Scope, rule: FaultRule) {
        self.rules.lock().entry(scope).or_default().push(rule);
        self.changes.send_modify(|count| *count += 1);
    }

    /// Takes away the faults of one scope.
    pub fn clear(&self, scope: &Scope) {
        self.rules.lock().remove(scope);
        self.changes.send_modify(|count| *count += 1);
    }

    /// Takes away all faults.
    pub fn clear_all(&self) {
        self.rules.lock().clear();
        self.changes.send_modify(|count| *count += 1);
    }

    /// Tells whenever faults were added or taken away.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The faults that spoil the answer to one request at `node` about `subscriber`, counted down by it. Faults of the
    /// node come first.
    #[must_use]
    pub fn strike(&self, node: &str, subscriber: Option<&str>) -> Vec<Fault> {
        self.strike_those(node, subscriber, |fault| !fault.of_reports())
    }

    /// The faults that spoil a report of a deferred request about `subscriber` by `node`, counted down by it.
    #[must_use]
    pub fn strike_reports(&self, node: &str, subscriber: &str) -> Vec<Fault> {
        self.strike_those(node, Some(subscriber), Fault::of_reports)
    }

    fn strike_those(&self, node: &str, subscriber: Option<&str>, which: fn(Fault) -> bool) -> Vec<Fault> {
        let mut rules = self.rules.lock();
        if rules.is_empty() {
            return Vec::new();
        }
        let scopes = [
            Some(Scope::Node(node.to_owned())),
            subscriber.map(|label| Scope::Subscriber(label.to_owned())),
            subscriber.map(|label| Scope::SubscriberAt(node.to_owned(), label.to_owned())),
        ];
        let mut struck = Vec::new();
        for scope in scopes.into_iter().flatten() {
            let Some(of_scope) = rules.get_mut(&scope) else { continue };
            of_scope.retain_mut(|rule| {
                if rule.fault.whole_node() || !which(rule.fault) {
                    return true;
                }
                struck.push(rule.fault);
                match &mut rule.times {
                    None => true,
                    Some(left) => {
                        *left = left.saturating_sub(1);
                        *left > 0
                    }
                }
            });
            if of_scope.is_empty() {
                rules.remove(&scope);
            }
        }
        struck
    }

    /// Whether a state of the whole node holds.
    #[must_use]
    pub fn holds(&self, node: &str, fault: Fault) -> bool {
        let rules = self.rules.lock();
        !rules.is_empty()
            && rules.get(&Scope::Node(node.to_owned())).is_some_and(|of| of.iter().any(|rule| rule.fault == fault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_with_a_count_ends_by_itself() {
        let faults = Faults::default();
        faults.add(Scope::Node("mme-1".into()), FaultRule { fault: Fault::Drop, times: Some(2) });
        assert_eq!(faults.strike("mme-1", None), [Fault::Drop]);
        assert_eq!(faults.strike("mme-2", None), []);
        assert_eq!(faults.strike("mme-1", Some("sub-01")), [Fault::Drop]);
        assert_eq!(faults.strike("mme-1", None), []);
    }

    #[test]
    fn faults_of_node_and_subscriber_add_up_and_states_of_the_node_are_not_struck() {
        let faults = Faults::default();
        faults.add(Scope::Subscriber("sub-01".into()), FaultRule { fault: Fault::CellOnly, times: None });
        faults.add(Scope::Node("mme-1".into()), FaultRule { fault: Fault::Delay { ms: 5 }, times: None });
        faults.add(Scope::Node("mme-1".into()), FaultRule { fault: Fault::Mute, times: None });
        assert_eq!(faults.strike("mme-1", Some("sub-01")), [Fault::Delay { ms: 5 }, Fault::CellOnly]);
        assert!(faults.holds("mme-1", Fault::Mute));
        assert!(!faults.holds("mme-1", Fault::Gone));
        faults.clear(&Scope::Node("mme-1".into()));
        assert!(!faults.holds("mme-1", Fault::Mute));
        faults.clear_all();
        assert_eq!(faults.strike("mme-1", Some("sub-01")), []);
    }

    #[test]
    fn a_fault_at_one_node_about_one_subscriber_holds_for_both_only() {
        let faults = Faults::default();
        let scope = Scope::SubscriberAt("mme-1".into(), "sub-01".into());
        faults.add(scope.clone(), FaultRule { fault: Fault::Drop, times: None });
        assert_eq!(faults.strike("mme-1", Some("sub-01")), [Fault::Drop]);
        assert_eq!(faults.strike("hss", Some("sub-01")), []);
        assert_eq!(faults.strike("mme-1", Some("sub-02")), []);
        faults.clear(&scope);
        assert_eq!(faults.strike("mme-1", Some("sub-01")), []);
    }

    #[test]
    fn rules_are_read_as_scenarios_and_the_control_api_write_them() {
        let rule: FaultRule = serde_json::from_str(r#"{"kind":"delay","ms":100,"times":1}"#).unwrap();
        assert_eq!(rule, FaultRule { fault: Fault::Delay { ms: 100 }, times: Some(1) });
        let rule: FaultRule = toml::from_str("kind = 'low_nibble_gad'").unwrap();
        assert_eq!(rule, FaultRule { fault: Fault::LowNibbleGad, times: None });
        for (wrong, why) in [
            ("kind = 'loud'", "no fault of this kind"),
            ("kind = 'delay'", "needs `ms`"),
            ("kind = 'drop'\nms = 3", "`ms` does not belong"),
            ("kind = 'drop'\ncode = 3", "`code` does not belong"),
            ("kind = 'drop'\nhow = 3", "unknown field"),
        ] {
            let error = toml::from_str::<FaultRule>(wrong).unwrap_err().to_string();
            assert!(error.contains(why), "{wrong}: {error}");
        }
    }
}
