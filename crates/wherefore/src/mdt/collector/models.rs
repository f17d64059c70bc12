//! How many phones of each model the network has, as the operator counted them.

use anyhow::{Context as _, Result, bail};
use mdt_store::{Model, Models};
use std::collections::HashMap;
use std::path::Path;

/// Counts by model; without a file nobody counted.
pub(in crate::mdt) struct CountedModels(HashMap<Model, u64>);

impl CountedModels {
    /// Reads lines of a type allocation code and a number, divided by a comma.
    pub(in crate::mdt) fn load(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else { return Ok(Self(HashMap::new())) };
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut counts = HashMap::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let parts = line.split_once(',').map(|(model, count)| (Model::parse(model.trim()), count.trim().parse()));
            let Some((Some(model), Ok(count))) = parts else {
                bail!("line {}: write eight digits, a comma and a number", at + 1);
            };
            if counts.insert(model, count).is_some() {
                bail!("line {}: that model is given twice", at + 1);
            }
        }
        Ok(Self(counts))
    }
}

impl Models for CountedModels {
    fn phones(&self, model: Model) -> Option<u64> {
        self.0.get(&model).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_models() {
        let models = CountedModels::parse("35123456,1000\n\n 00123456 , 7\n").unwrap();
        let phones = |text: &str| models.phones(Model::parse(text).unwrap());
        assert_eq!((phones("35123456"), phones("00123456"), phones("99999999")), (Some(1000), Some(7), None));
        for wrong in ["35123456", "3512345,1", "35123456,x", "35123456,1\n35123456,2"] {
            assert!(CountedModels::parse(wrong).is_err(), "{wrong}");
        }
    }
}
