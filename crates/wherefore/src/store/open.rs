//! Opening the store: key, pools, schema.

use super::StoreError;
use super::outbox::Room;
use super::seal::{Place, Sealing};
use super::writes::Writes;
use crate::config;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row as _, Sqlite, Transaction};
use std::sync::Arc;
use std::time::Duration;

/// Version and text of each step of the schema, in order; never changed once released.
const MIGRATIONS: [(i64, &str, &str); 11] = [
    (1, "first", include_str!("migrations/0001_first.sql")),
    (2, "revocations", include_str!("migrations/0002_revocations.sql")),
    (3, "push aliases", include_str!("migrations/0003_push_aliases.sql")),
    (4, "deferred requests", include_str!("migrations/0004_deferred.sql")),
    (5, "outbox order", include_str!("migrations/0005_outbox_order.sql")),
    (6, "consents", include_str!("migrations/0006_consents.sql")),
    (7, "referred requests", include_str!("migrations/0007_referred.sql")),
    (8, "mdt", include_str!("migrations/0008_mdt.sql")),
    (9, "cards", include_str!("migrations/0009_cards.sql")),
    (10, "mdt duty", include_str!("migrations/0010_mdt_duty.sql")),
    (11, "mdt retention", include_str!("migrations/0011_mdt_retention.sql")),
];
/// What `meta.key_check` opens to.
const KEY_CHECK: &[u8] = b"wherefore store";
const KEY_CHECK_PLACE: Place<'static> = Place { table: "meta", column: "value", row: b"key_check" };
const KEY_CHECK_QUERY: &str = "SELECT value FROM meta WHERE name = 'key_check'";

/// The store. Cheap to share behind an `Arc`.
pub struct Store {
    /// One connection: SQLite has one writer, and waiting for a place here is orderly.
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    pub(super) sealing: Arc<Sealing>,
    /// What tasks write by the way, together.
    pub(super) writes: Writes,
    pub(super) room: Arc<Room>,
}

impl core::fmt::Debug for Store {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the store, making database and key if neither is there, and brings the schema up to date.
    ///
    /// # Errors
    /// The file cannot be opened, a database has no key or another one, or it was written by a newer version.
    pub async fn open(config: &config::Store) -> Result<Self, StoreError> {
        if config.path.exists() && !config.key().exists() {
            return Err(StoreError::KeyMissing { path: config.path.clone() });
        }
        if config.key().create_if_missing()? {
            tracing::info!(file = %config.key_file.display(), "made the key of the store; keep a copy apart from the database");
        }
        let sealing = Sealing::new(&*config.key().read_key()?)?;
        if !config.path.exists() {
            // Made here, so that its mode is ours and not that of the process.
            let open = |source| StoreError::Open { path: config.path.clone(), source: sqlx::Error::Io(source) };
            config::create_private(&config.path, b"").map_err(open)?;
        }
        let open = |source| StoreError::Open { path: config.path.clone(), source };
        let options = options(config);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options.clone())
            .await
            .map_err(open)?;
        migrator().run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(config.read_connections)
            .connect_with(options.read_only(true))
            .await
            .map_err(open)?;
        let writes = Writes::new(writer.clone());
        let (sealing, room) = (Arc::new(sealing), Arc::default());
        let store = Self { writer, readers, sealing, writes, room };
        store.check_key().await?;
        Ok(store)
    }

    /// Opens a store that is there to read it, and changes nothing; `None` if there is none yet.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_to_read(config: &config::Store) -> Result<Option<Self>, StoreError> {
        if !config.path.exists() {
            return Ok(None);
        }
        if !config.key().exists() {
            return Err(StoreError::KeyMissing { path: config.path.clone() });
        }
        let sealing = Sealing::new(&*config.key().read_key()?)?;
        let open = |source| StoreError::Open { path: config.path.clone(), source };
        let options = options(config).read_only(true);
        let readers = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.map_err(open)?;
        let (sealing, room) = (Arc::new(sealing), Arc::default());
        let store = Self { writer: readers.clone(), readers, sealing, writes: Writes::none(), room };
        let known: Option<Vec<u8>> = sqlx::query_scalar(KEY_CHECK_QUERY).fetch_optional(&store.readers).await?;
        known.map_or(Ok(()), |sealed| store.is_key_of(&sealed))?;
        Ok(Some(store))
    }

    /// A transaction that holds the write lock from its beginning.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Sees that the key is the one of this database; notes it in a new one.
    async fn check_key(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let known: Option<Vec<u8>> = sqlx::query_scalar(KEY_CHECK_QUERY).fetch_optional(&mut *tx).await?;
        match known {
            Some(sealed) => self.is_key_of(&sealed)?,
            None => {
                sqlx::query("INSERT INTO meta (name, value) VALUES ('key_check', $1)")
                    .bind(self.sealing.seal(&KEY_CHECK_PLACE, KEY_CHECK)?)
                    .execute(&mut *tx)
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Whether our key is the one that sealed a database's `meta.key_check`.
    fn is_key_of(&self, sealed: &[u8]) -> Result<(), StoreError> {
        let plain = self.sealing.open(&KEY_CHECK_PLACE, sealed).map_err(|_| StoreError::WrongKey)?;
        if plain.as_slice() == KEY_CHECK { Ok(()) } else { Err(StoreError::WrongKey) }
    }

    /// Waits for what is under way and closes.
    pub async fn close(&self) {
        self.written().await;
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Moves what the write-ahead log holds into the database and empties the log, so that erased rows are gone from both.
    ///
    /// # Errors
    /// [`StoreError::StillRead`], or SQL failed.
    pub(super) async fn checkpoint(&self) -> Result<(), StoreError> {
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.writer).await?;
        // Its first column: 1 if a reader kept it from emptying the log.
        if row.try_get::<i64, _>(0)? == 0 { Ok(()) } else { Err(StoreError::StillRead) }
    }
}

fn options(config: &config::Store) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&config.path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        // Erased octets are overwritten with zeros.
        .pragma("secure_delete", "ON")
}

fn migrator() -> Migrator {
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let mut migrator = Migrator::with_migrations(MIGRATIONS.into_iter().map(migration).collect());
    migrator.set_locking(false);
    migrator
}
