//! Clients that may ask who is there, by their origin and by their account.

use super::origin::Origin;
use crate::config::PullClient;
use std::collections::HashMap;

/// A client's place on the web.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) settings: PullClient,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Sites {
    by_origin: HashMap<Origin, Site>,
}

impl Sites {
    pub(super) fn new(clients: &[PullClient]) -> Self {
        let site = |client: &PullClient| Some((Origin::parse(&client.origin)?, Site { settings: client.clone() }));
        Self { by_origin: clients.iter().filter_map(site).collect() }
    }

    pub(super) fn of_origin(&self, origin: &Origin) -> Option<&Site> {
        self.by_origin.get(origin)
    }

    /// The site of an account that has the redirect form, if any.
    pub(super) fn of_account(&self, account: &str) -> Option<&Site> {
        let mut sites = self.by_origin.values().filter(|site| site.settings.account == account);
        sites.find(|site| !site.settings.return_urls.is_empty())
    }
}
