//! `[pmd]`: pseudonyms.

use super::check::Findings;
use super::lid::{Lid, PmdRemote};
use super::service::Called;
use privacy::Realm;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[pmd]`: how the role `pmd` makes pseudonyms and turns them back (TS 23.271 clauses 6.3.12 and 6.4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pmd {
    /// Domain name that leads other gateways to this network's home gateway; ends every pseudonym, and everybody reads it. Lower
    /// case, at most 39 characters. Needed by the role `pmd`; no default. Another realm ends every pseudonym assigned before.
    pub realm: Option<String>,
    /// File with the keys, made on first start with mode 0600. Whoever has it turns every pseudonym into a subscriber.
    /// Default `pseudonym.keys`.
    pub key_file: PathBuf,
    /// After how long a client sees another pseudonym of the same subscriber, s, 3600-315360000, for all at once. Holds for keys
    /// that are made from now on. Default 2592000 (30 days).
    pub rotation_s: u64,
    /// For how long the former one still resolves, s, at most `rotation_s`. Holds for keys that are made from now on.
    /// Default 604800 (7 days).
    pub overlap_s: u64,
    /// The service for gateways that have no key.
    pub lid: Lid,
    /// The device to ask where this process has none.
    pub remote: PmdRemote,
}

impl Default for Pmd {
    fn default() -> Self {
        Self {
            realm: None,
            key_file: "pseudonym.keys".into(),
            rotation_s: 30 * 86_400,
            overlap_s: 7 * 86_400,
            lid: Lid::default(),
            remote: PmdRemote::default(),
        }
    }
}

impl Pmd {
    pub(super) fn problems(&self, role: bool, found: &mut Findings) {
        let wrong = match &self.realm {
            Some(realm) => Realm::new(realm).err().map(|error| error.to_string()),
            None => role.then(|| "missing, and the role pmd needs it".to_owned()),
        };
        found.unless(wrong.is_none(), "pmd.realm", wrong.unwrap_or_default(), "give a name such as \"h.gmlc.example\"");
        found.range("pmd.rotation_s", self.rotation_s, 3600, 315_360_000);
        found.range("pmd.overlap_s", self.overlap_s, 0, self.rotation_s);
        let rights = "say \"assign\", \"resolve\" or both";
        self.lid.problems(role, &Called { section: "pmd.lid", role: "pmd", rights }, found);
        self.remote.problems(role, found);
    }
}
