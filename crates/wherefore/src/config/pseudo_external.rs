//! `[pseudo_external]`: how serving nodes below capability set 4 are told.

use super::check::Findings;
use crate::forms::Number;
use lcs::slpp::MoLrCode;
use lcs::{Address, NatureOfAddress};
use privacy::{HomeRegisterData, Provisioned, PseudoExternalTable, TableError};
use serde::{Deserialize, Serialize};

/// `[pseudo_external]`: fourteen numbers that stand for privacy settings towards old nodes (TS 23.271 Annex C), and what else home
/// registers hold of a subscriber.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PseudoExternal {
    /// The numbers of identities 1 to 14, in this order: international, of one length, and nobody's. Default none: nodes below
    /// capability set 4 are not asked. An attacker who learns them and can ask nodes past this gateway gets what identity 1 stands for.
    pub numbers: Vec<Number>,
    /// How many of them home registers hold. Default `fourteen`.
    pub provisioned: ProvisionedWord,
    /// Self location services that home registers hold for every subscriber. Default none.
    pub mo_lr: Vec<MoLrWord>,
    /// E.164 numbers of visited gateways through which nodes are asked; no restriction in a home register may shut them out.
    /// Default none.
    pub v_gmlc_numbers: Vec<Number>,
}

/// How many of the fourteen home registers hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProvisionedWord {
    /// All: for nodes of capability sets 2 and 3.
    #[default]
    Fourteen,
    /// The first four, without the call/session related class: for nodes of set 1 too.
    FirstFour,
}

impl From<ProvisionedWord> for Provisioned {
    fn from(word: ProvisionedWord) -> Self {
        match word {
            ProvisionedWord::Fourteen => Self::Fourteen,
            ProvisionedWord::FirstFour => Self::FirstFour,
        }
    }
}

/// A way to locate oneself (TS 23.271 Table 10.4, Table 10.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MoLrWord {
    /// Basic self location.
    BasicSelfLocation,
    /// Autonomous self location.
    AutonomousSelfLocation,
    /// Transfer to a third party.
    TransferToThirdParty,
}

impl From<MoLrWord> for MoLrCode {
    fn from(word: MoLrWord) -> Self {
        match word {
            MoLrWord::BasicSelfLocation => Self::BasicSelfLocation,
            MoLrWord::AutonomousSelfLocation => Self::AutonomousSelfLocation,
            MoLrWord::TransferToThirdParty => Self::TransferToThirdParty,
        }
    }
}

impl From<MoLrCode> for MoLrWord {
    fn from(code: MoLrCode) -> Self {
        match code {
            MoLrCode::BasicSelfLocation => Self::BasicSelfLocation,
            MoLrCode::AutonomousSelfLocation => Self::AutonomousSelfLocation,
            MoLrCode::TransferToThirdParty => Self::TransferToThirdParty,
        }
    }
}

impl PseudoExternal {
    /// The table; `None` if no numbers are given, or they make none, which [`super::Config::problems`] tells.
    #[must_use]
    pub fn table(&self) -> Option<PseudoExternalTable> {
        self.numbers().and_then(|numbers| PseudoExternalTable::new(numbers, self.provisioned.into()).ok())
    }

    /// What home registers hold for every subscriber, if there is a table.
    #[must_use]
    pub fn home_register(&self) -> Option<HomeRegisterData> {
        let mo_lr = self.mo_lr.iter().map(|word| MoLrCode::from(*word)).collect();
        self.table().map(|table| HomeRegisterData { table, mo_lr })
    }

    fn numbers(&self) -> Option<[Address; 14]> {
        let numbers: Vec<Address> = self.numbers.iter().map(|number| number.0).collect();
        numbers.try_into().ok()
    }

    pub(super) fn problems(&self, found: &mut Findings) {
        let count = self.numbers.len();
        found.unless(
            matches!(count, 0 | 14),
            "pseudo_external.numbers",
            format!("{count} numbers, and the standard defines fourteen (TS 23.271 Annex C)"),
            "give fourteen, or none",
        );
        if let Some(error) =
            self.numbers().and_then(|numbers| PseudoExternalTable::new(numbers, self.provisioned.into()).err())
        {
            let remedy = match error {
                TableError::NotInternational(_) => "write it with a leading +",
                TableError::UnequalLength(..) | TableError::Prefix(..) => {
                    "allocate fourteen numbers of one length that are nobody's"
                }
            };
            found.unless(false, "pseudo_external.numbers", error.to_string(), remedy);
        }
        let twice =
            (1..self.mo_lr.len()).any(|at| self.mo_lr.iter().take(at).any(|word| Some(word) == self.mo_lr.get(at)));
        found.unless(!twice, "pseudo_external.mo_lr", "names a service twice", "name each once");
        for number in &self.v_gmlc_numbers {
            found.unless(
                number.0.nature == NatureOfAddress::International,
                "pseudo_external.v_gmlc_numbers",
                format!("{number} is not an international number"),
                "write it with a leading +",
            );
        }
    }
}
