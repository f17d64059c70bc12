//! Areas of clients in the identities of a network, by the operator's table of cells.

use super::{CoreNetwork, deferred};
use crate::admin::AreasLoaded;
use crate::{config, lr::plmn_of_node};
use ::areas::{AreaError, AreaMap, CellSites, NamedAreas, Naming};
use anyhow::{Context as _, Result};
use gmlc::AreaRefusal;
use lcs::{AreaIdentity, DeferredEvent, NodeKind, PlmnId, ServingNode, TargetArea};
use std::sync::{Arc, PoisonError, RwLock};

/// Reads the table and the names that the configuration tells of; `None` without a table.
pub(crate) fn load(config: &config::Areas) -> Result<Option<AreaMap>> {
    let Some(path) = &config.cell_table_file else { return Ok(None) };
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("the table of cells {shown} cannot be read"))?;
    let read = CellSites::read(file, config.unknown_range_m, |_| ());
    let (sites, import) = read.with_context(|| format!("the table of cells {shown}"))?;
    let names = match &config.names_file {
        None => NamedAreas::default(),
        Some(path) => {
            let shown = path.display();
            let text = std::fs::read(path).with_context(|| format!("the named areas {shown} cannot be read"))?;
            NamedAreas::parse(&text).with_context(|| format!("the named areas {shown}"))?
        }
    };
    let (cells, passed_over) = (import.taken, import.impossible + import.other_radio.values().sum::<u64>());
    let (octets, named) = (sites.memory_octets(), names.names().count());
    tracing::info!(cells, passed_over, octets, named, "cells of networks in memory");
    Ok(Some(AreaMap { sites, names }))
}

impl CoreNetwork {
    /// This network, with a table of cells.
    pub(crate) fn with_areas(self, areas: Option<AreaMap>) -> Self {
        Self { areas: RwLock::new(areas.map(Arc::new)), ..self }
    }

    /// Reads the files again, and takes what is in them if they can be used; `None`: none is configured.
    pub(crate) fn reload_areas(&self, config: &config::Areas) -> Option<Result<AreasLoaded>> {
        let map = match load(config) {
            Ok(map) => Arc::new(map?),
            Err(error) => return Some(Err(error)),
        };
        let loaded = AreasLoaded { cells: map.sites.len(), names: map.names.names().count() };
        *self.areas.write().unwrap_or_else(PoisonError::into_inner) = Some(map);
        Some(Ok(loaded))
    }

    pub(super) fn identities_at(
        &self,
        areas: &[TargetArea],
        node: &ServingNode,
    ) -> Result<Vec<AreaIdentity>, AreaRefusal> {
        let as_they_are = areas.iter().map(deferred::as_it_is).collect();
        let map = self.areas.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(map) = map.filter(|_| Result::is_err(&as_they_are)) else { return as_they_are };
        // A node whose name tells no network has no cells that could be found.
        let network = self.network_of(node).ok_or(AreaRefusal::NotCovered)?.into();
        let naming = if matches!(node.kind, NodeKind::Mme { .. }) { Naming::Slg } else { Naming::Map };
        let named = map.identities(areas, network, naming);
        named.map(|named| named.identities).map_err(refusal)
    }
}

impl CoreNetwork {
    /// The event for a gateway of another operator, which does not know the names of this one's areas: a shape in the place of a name (TS
    /// 23.271 clause 9.1.19.1 step 1). A name that no one shape stands for stays, and a request with it is not sent.
    pub(crate) fn without_names(&self, event: &DeferredEvent) -> DeferredEvent {
        let mut event = event.clone();
        let map = self.areas.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let (DeferredEvent::Area { areas, .. }, Some(map)) = (&mut event, map) {
            for area in areas {
                let TargetArea::Named(name) = &*area else { continue };
                if let Some(shape) = map.names.shape(name) {
                    *area = TargetArea::Shape(shape.clone());
                }
            }
        }
        event
    }

    /// The network of a node, by its Diameter realm, or its number if that is one of the operator's.
    pub(super) fn network_of(&self, node: &ServingNode) -> Option<PlmnId> {
        PlmnId::from_digits(&plmn_of_node(node).or_else(|| self.home_plmn_of(node))?)
    }

    fn home_plmn_of(&self, node: &ServingNode) -> Option<String> {
        let (NodeKind::Msc { number } | NodeKind::Sgsn { number: Some(number), .. }) = &node.kind else { return None };
        let own = self.home_node_numbers.iter().any(|beginning| number.digits.starts_with(*beginning));
        self.home_plmn.clone().filter(|_| own)
    }
}

pub(super) fn refusal(error: AreaError) -> AreaRefusal {
    match error {
        AreaError::UnknownName => AreaRefusal::UnknownName,
        AreaError::Nothing | AreaError::NoExtent | AreaError::Crossing => AreaRefusal::NoArea,
        AreaError::NoNetwork | AreaError::NoCell | AreaError::NotCovered => AreaRefusal::NotCovered,
        AreaError::TooWide | AreaError::TooMany { .. } => AreaRefusal::TooLarge,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_name_and_line() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).expect("a file");
            Some(path)
        };
        let good = file("cells.csv", "LTE,1,1,7,1,0,13.4,52.5,0,1,1,0,0,0\n");
        let bad = file("bad.csv", "LTE,1,1,7,1,0,13.4,52.5,0,1,1,0,0,0\nLTE,1,1,7,1,0,13.4,95,0,1,1,0,0,0\n");
        let names = file("names.json", r#"{"type":"FeatureCollection","features":[]}"#);
        let no_names = file("no.json", "[]");
        let of = |cell_table_file: &Option<_>, names_file: &Option<_>| config::Areas {
            cell_table_file: cell_table_file.clone(),
            names_file: names_file.clone(),
            ..config::Areas::default()
        };
        assert!(load(&config::Areas::default()).expect("nothing to read").is_none());
        let map = load(&of(&good, &names)).expect("two good files").expect("a table");
        assert_eq!(map.sites.len(), 1);
        for (wrong, what) in
            [(of(&bad, &None), ["bad.csv", "line 2"]), (of(&good, &no_names), ["no.json", "FeatureCollection"])]
        {
            let error = format!("{:#}", load(&wrong).expect_err("a bad file"));
            assert!(what.iter().all(|word| error.contains(word)), "{error}");
        }
    }
}
