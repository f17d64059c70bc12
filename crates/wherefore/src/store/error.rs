//! What can go wrong with the store.

use crate::config::SecretError;
use std::path::PathBuf;

/// Why the store cannot do what was asked. No identity is in any of them.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or made.
    #[error("{}: store cannot be opened ({source}); check the path, its directory's permissions and free space", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
    /// The schema cannot be brought up to date.
    #[error("store: schema cannot be brought up to date ({0}); a newer version of this program may have written it")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The key cannot be had.
    #[error("store: {0}")]
    Key(#[from] SecretError),
    /// There is data and no key.
    #[error("store: {} holds data and its key is missing; put the key back, nothing can be read without it", path.display())]
    KeyMissing {
        /// The database.
        path: PathBuf,
    },
    /// The key is not the one with which the store was made.
    #[error("store: the key does not open this store; give the key with which it was made")]
    WrongKey,
    /// A sealed value does not open: damaged, moved, or sealed with another key.
    #[error("store: a sealed value of {table}.{column} does not open; restore that row from a backup or write it anew")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A value cannot be sealed.
    #[error("store: a value cannot be sealed; the source of randomness failed")]
    Seal,
    /// Changed by somebody else since it was read.
    #[error("store: changed meanwhile, version {found} instead of {expected}; read it again and repeat the change")]
    Conflict {
        /// The version that was expected.
        expected: u64,
        /// The version that is there.
        found: u64,
    },
    /// IMSI and MSISDN belong to two different subscribers: of two rows, or the row of the MSISDN has another IMSI.
    #[error(
        "store: IMSI and MSISDN are registered for two different subscribers; erase the one who had them before, or name only \
         one identity"
    )]
    TwoSubscribers,
    /// Erased, and an older copy is still in the write-ahead log because somebody reads it.
    #[error(
        "store: erased, but somebody reads the store and keeps an older copy in its write-ahead log; repeat the erasure once \
         `wherefore log show` and backups are done"
    )]
    StillRead,
    /// The ICCID is another card's.
    #[error(
        "store: this ICCID is registered for the card of another IMSI; remove that card first, or correct the ICCID"
    )]
    IccidTaken,
    /// A card has no counter left.
    #[error("store: the counters of this card are used up; give it new keys")]
    CountersUsedUp,
    /// There is no such card, or its counter has been taken.
    #[error("store: no such card, or its counter was taken before")]
    NoCounter,
    /// Neither IMSI nor MSISDN.
    #[error("store: a subscriber needs an IMSI or an MSISDN")]
    NoIdentity,
    /// What was to be written together with what others wrote is not written.
    #[error("store: not written; the log of the program says why")]
    NotWritten,
    /// SQL failed.
    #[error("store: {0}; check free space and permissions of the database file and its directory")]
    Sql(#[from] sqlx::Error),
}
