//! Notices: what people are told before anybody asks a phone.

use super::words::{Purpose, Purposes};
use lcs::{Duration, Timestamp};
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most texts, recipients and kinds of data of one notice.
pub(super) const LIST_MAX: usize = 64;
/// Longest text of any field, octets.
pub(super) const TEXT_MAX: usize = 256;
/// Longest time to think.
const WAIT_MAX_S: u64 = 365 * 86_400;

/// The notice in one language.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct NoticeText {
    /// Language tag (RFC 5646), as `de` or `pt-BR`.
    #[n(0)]
    pub language: String,
    /// SHA-256 of the text that people get.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub hash: [u8; 32],
    /// Where the text can be read.
    #[n(2)]
    pub uri: Option<String>,
}

/// One version of a notice. Never changed once published: what changes is the next version.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Notice {
    /// Its name: 1 to 64 lower-case letters, digits and hyphens.
    #[n(0)]
    pub name: String,
    /// Counts from 1.
    #[n(1)]
    pub version: u32,
    /// When it was published.
    #[cbor(n(2), with = "super::codec::time")]
    pub published: Timestamp,
    /// Before this nobody is selected under it.
    #[cbor(n(3), with = "super::codec::time")]
    pub not_before: Timestamp,
    /// Time to think: from delivery until a person may be selected, seconds.
    #[n(4)]
    pub wait_s: u64,
    /// The purposes that it tells of.
    #[n(5)]
    pub purposes: Purposes,
    /// Who gets the data.
    #[n(6)]
    pub recipients: Vec<String>,
    /// Kinds of data.
    #[n(7)]
    pub data: Vec<String>,
    /// For how long data is kept, days.
    #[n(8)]
    pub retention_days: u32,
    /// The terms are others than before: earlier deliveries and consents under this name count no longer.
    #[n(9)]
    pub asks_anew: bool,
    /// The text, by language.
    #[n(10)]
    pub texts: Vec<NoticeText>,
}

/// Why a notice is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// A field is not as it must be.
    #[error("notice: {0}")]
    Field(&'static str),
    /// Another version comes next.
    #[error("notice: version {expected} comes next; a published version is never changed")]
    Version {
        /// The next one.
        expected: u32,
    },
}

impl Notice {
    /// Sees that every field is as it must be.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self) -> Result<(), NoticeError> {
        let name = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
        let text = |text: &String| (1..=TEXT_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
        let language =
            |tag: &str| (2..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let wrong = if !(1..=64).contains(&self.name.len()) || !self.name.bytes().all(name) {
            "the name must be 1 to 64 lower-case letters, digits and hyphens"
        } else if self.version == 0 {
            "versions count from 1"
        } else if self.purposes.is_empty() {
            "it must name at least one purpose"
        } else if self.wait_s > WAIT_MAX_S {
            "the time to think is at most 365 days"
        } else if self.recipients.is_empty() || self.recipients.len() > LIST_MAX || !self.recipients.iter().all(text) {
            "it must name 1 to 64 recipients of at most 256 octets each"
        } else if self.data.is_empty() || self.data.len() > LIST_MAX || !self.data.iter().all(text) {
            "it must name 1 to 64 kinds of data of at most 256 octets each"
        } else if self.retention_days == 0 {
            "it must say for how many days data is kept"
        } else if self.texts.is_empty() || self.texts.len() > LIST_MAX {
            "it must have a text in 1 to 64 languages"
        } else if !self.texts.iter().all(|t| language(&t.language) && t.uri.as_ref().is_none_or(text)) {
            "a text needs a language tag as `de` and may have a URI of at most 256 octets"
        } else if self
            .texts
            .iter()
            .enumerate()
            .any(|(at, t)| self.texts.iter().take(at).any(|o| o.language == t.language))
        {
            "a language stands twice"
        } else {
            return Ok(());
        };
        Err(NoticeError::Field(wrong))
    }

    /// From when on a person who got it at `delivered` may be selected under it.
    #[must_use]
    pub fn counts_from(&self, delivered: Timestamp) -> Timestamp {
        delivered.after(Duration::from_secs(self.wait_s)).max(self.not_before)
    }

    /// The text in this language.
    #[must_use]
    pub fn text(&self, language: &str) -> Option<&NoticeText> {
        self.texts.iter().find(|text| text.language == language)
    }
}

/// All notices by name and version.
#[derive(Debug, Clone, Default)]
pub struct NoticeBook {
    notices: BTreeMap<(String, u32), Arc<Notice>>,
}

impl NoticeBook {
    /// A version of a notice.
    #[must_use]
    pub fn get(&self, name: &str, version: u32) -> Option<&Arc<Notice>> {
        self.notices.get(&(name.to_owned(), version))
    }

    /// Every version of every notice, by name and version.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Notice>> {
        self.notices.values()
    }

    /// The first version whose deliveries and consents still count: the newest that asks anew, or 1.
    #[must_use]
    pub fn counts_since(&self, name: &str) -> u32 {
        self.versions(name).filter(|notice| notice.asks_anew).map(|notice| notice.version).max().unwrap_or(1)
    }

    /// Whether the purpose is told of by a notice with these deliveries still counting.
    pub(super) fn tells(&self, name: &str, version: u32, purpose: Purpose) -> Option<bool> {
        self.get(name, version).map(|notice| notice.purposes.contains(purpose) && version >= self.counts_since(name))
    }

    /// Sees that a notice is sound and the next version of its name.
    ///
    /// # Errors
    /// It is not.
    pub fn check_next(&self, notice: &Notice) -> Result<(), NoticeError> {
        notice.check()?;
        let expected = self.versions(&notice.name).map(|known| known.version).max().unwrap_or(0).saturating_add(1);
        if notice.version == expected { Ok(()) } else { Err(NoticeError::Version { expected }) }
    }

    pub(super) fn put(&mut self, notice: Notice) {
        self.notices.insert((notice.name.clone(), notice.version), Arc::new(notice));
    }

    fn versions(&self, name: &str) -> impl Iterator<Item = &Arc<Notice>> {
        self.notices.range((name.to_owned(), 0)..=(name.to_owned(), u32::MAX)).map(|(_, notice)| notice)
    }
}
