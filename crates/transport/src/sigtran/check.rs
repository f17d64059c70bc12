//! Whether a configuration makes sense, and what the machines are told of it.

use std::collections::{HashMap, HashSet};

use lcs::Address;
use ss7::m3ua::PointCode;
use ss7::sccp::{EndpointConfig, EndpointTimers, GlobalTitle, Route, Routing, TranslationTable};

use crate::sigtran::{SigtranConfig, SigtranStartError};

/// What comes of a sound configuration.
pub(crate) struct Checked {
    pub(crate) title: GlobalTitle,
    pub(crate) endpoint: EndpointConfig,
    pub(crate) leads: HashMap<PointCode, Vec<usize>>,
}

/// Finds contradictions.
pub(crate) fn check(config: &SigtranConfig) -> Result<Checked, SigtranStartError> {
    if config.subsystems.is_empty() || config.subsystems.iter().any(|ssn| !(2..=254).contains(&ssn.0)) {
        return Err(SigtranStartError::Subsystems);
    }
    let mut names = HashSet::new();
    let mut leads: HashMap<PointCode, Vec<usize>> = HashMap::new();
    for (index, association) in config.associations.iter().enumerate() {
        let name = association.name.clone();
        if association.point_codes.is_empty() {
            return Err(SigtranStartError::NoPointCodes { name });
        }
        for point_code in &association.point_codes {
            leads.entry(*point_code).or_default().push(index);
        }
        if !names.insert(name.clone()) {
            return Err(SigtranStartError::DuplicateName { name });
        }
    }
    let title = title("global_title", config.global_title)?;
    let mut titles = vec![config.global_title];
    for (at, other) in config.other_titles.iter().enumerate() {
        self::title(&format!("other_titles, entry {at}"), *other)?;
        titles.push(*other);
    }
    let mut endpoint = EndpointConfig::new(config.point_code, config.network, config.subsystems.clone());
    endpoint.titles = titles;
    endpoint.translation = translation(config, &leads)?;
    endpoint.max_reassemblies = config.limits.max_reassemblies;
    endpoint.max_returns = config.limits.max_returns;
    endpoint.timers = EndpointTimers { reassembly: config.timers.reassembly, ..EndpointTimers::default() };
    Ok(Checked { title, endpoint, leads })
}

fn title(place: &str, address: Address) -> Result<GlobalTitle, SigtranStartError> {
    GlobalTitle::e164(address)
        .map_err(|error| SigtranStartError::Title { place: place.to_owned(), reason: error.to_string() })
}

/// Titles keep their form on the way: whoever gets one translates or owns it.
fn translation(
    config: &SigtranConfig,
    leads: &HashMap<PointCode, Vec<usize>>,
) -> Result<TranslationTable, SigtranStartError> {
    let route = |place: String, point_code: PointCode| {
        if leads.contains_key(&point_code) {
            Ok(Route { point_code, ssn: None, routing: Routing::GlobalTitle })
        } else {
            Err(SigtranStartError::NoAssociation { place, point_code })
        }
    };
    let mut table = TranslationTable::new();
    for (at, one) in config.routes.iter().enumerate() {
        let place = format!("routes, entry {at}");
        let route = route(place.clone(), one.point_code)?;
        table
            .insert(one.prefix, route)
            .map_err(|error| SigtranStartError::Title { place, reason: error.to_string() })?;
    }
    if let Some(point_code) = config.default_route {
        table.set_default(Some(route("default_route".to_owned(), point_code)?));
    }
    Ok(table)
}
