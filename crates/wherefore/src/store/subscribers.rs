//! Subscribers and their profiles on disk.

use super::clients::{check_version, micros};
use super::seal::{Place, fresh_row};
use super::{Store, StoreError};
use crate::clock;
use crate::profile::{ProfileBody, StandingBody};
use futures_util::StreamExt as _;
use lcs::{Identities, Imsi, Msisdn};
use privacy::{SubjectSalt, Subscriber};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use sqlx::{Sqlite, Transaction};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A subscriber with the profile.
#[derive(Clone)]
pub struct StoredProfile {
    /// Who.
    pub subscriber: Subscriber,
    /// What they chose.
    pub profile: ProfileBody,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl core::fmt::Debug for StoredProfile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "StoredProfile(hidden, version {})", self.version)
    }
}

/// What loading came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoadSummary {
    /// Profiles loaded.
    pub loaded: u64,
    /// Subscribers who are known and whose profile cannot be read: refused.
    pub unreadable: u64,
    /// Rows of which not even the identities can be read, or that find no place. Their subscribers are unknown and so refused,
    /// unless a default profile would allow: none is used then, see [`crate::profile::default_profile`].
    pub lost: u64,
}

/// What became of one subscriber when loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loaded {
    /// In place, with the profile.
    Sound,
    /// In place, and refused.
    Unreadable,
    /// Not in place.
    Lost,
}

/// Identities as the sealed column keeps them.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct SealedIdentities {
    #[serde(skip_serializing_if = "Option::is_none")]
    imsi: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msisdn: Option<String>,
}

impl SealedIdentities {
    fn of(subscriber: &Subscriber) -> Self {
        let text = |digits: lcs::Digits| digits.values().map(|value| char::from(b'0' + value)).collect();
        Self {
            imsi: subscriber.imsi.map(|imsi| text(imsi.expose_digits())),
            msisdn: subscriber.msisdn.map(|msisdn| text(msisdn.expose_digits())),
        }
    }

    fn identities(&self) -> Option<Identities> {
        let imsi = self.imsi.as_deref().map(Imsi::parse).transpose().ok()?;
        let msisdn = self.msisdn.as_deref().map(Msisdn::parse).transpose().ok()?;
        (imsi.is_some() || msisdn.is_some()).then_some(Identities { imsi, msisdn, imei: None })
    }
}

const SELECT_ALL: &str = "SELECT subscriber, identities, salt, profile, version FROM profiles";
const SELECT_ONE: &str = "SELECT subscriber, imsi_hash, identities, salt, profile, version FROM profiles \
                          WHERE imsi_hash = $1 OR msisdn_hash = $2";
const UPSERT: &str = "INSERT INTO profiles (subscriber, imsi_hash, msisdn_hash, identities, salt, profile, version, \
                      created_us, updated_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
                      ON CONFLICT (subscriber) DO UPDATE SET imsi_hash = excluded.imsi_hash, \
                      msisdn_hash = excluded.msisdn_hash, identities = excluded.identities, salt = excluded.salt, \
                      profile = excluded.profile, version = excluded.version, updated_us = excluded.updated_us";

const fn place<'a>(column: &'static str, row: &'a [u8]) -> Place<'a> {
    Place { table: "profiles", column, row }
}

fn subscriber(identities: &Identities, salt: SubjectSalt) -> Subscriber {
    Subscriber { imsi: identities.imsi, msisdn: identities.msisdn, salt }
}

/// The identities of a subscriber.
pub(super) fn identities(subscriber: &Subscriber) -> Identities {
    Identities { imsi: subscriber.imsi, msisdn: subscriber.msisdn, imei: None }
}

/// A row read: whether its identities, salt and profile open.
enum Row {
    Sound(Box<StoredProfile>),
    /// The profile does not open or is not one.
    Unreadable(Subscriber),
    /// Identities or salt do not open.
    Lost,
}

impl Store {
    fn read_row(&self, row: &SqliteRow) -> Result<Row, StoreError> {
        let id: Vec<u8> = row.try_get("subscriber")?;
        let identities: Vec<u8> = row.try_get("identities")?;
        let identities = self.sealing.open_json::<SealedIdentities>(&place("identities", &id), &identities);
        let salt = self.sealing.open(&place("salt", &id), &row.try_get::<Vec<u8>, _>("salt")?);
        let salt = salt.ok().and_then(|octets| <[u8; 16]>::try_from(octets.as_slice()).ok());
        let (Some(identities), Some(salt)) = (identities.ok().and_then(|sealed| sealed.identities()), salt) else {
            return Ok(Row::Lost);
        };
        let subscriber = subscriber(&identities, SubjectSalt::from_octets(salt));
        let profile: Vec<u8> = row.try_get("profile")?;
        let version: i64 = row.try_get("version")?;
        Ok(match self.sealing.open_json(&place("profile", &id), &profile) {
            Ok(profile) => Row::Sound(Box::new(StoredProfile { subscriber, profile, version: version.unsigned_abs() })),
            Err(_) => Row::Unreadable(subscriber),
        })
    }

    /// Number of subscribers, readable or not.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn subscriber_count(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM profiles").fetch_one(&self.readers).await?;
        Ok(count.unsigned_abs())
    }

    /// Hands every subscriber to `each`: with the profile, or without where it cannot be read, so that nobody's settings are
    /// forgotten because they do not open. Rows are streamed; memory does not grow with their number.
    ///
    /// # Errors
    /// SQL failed.
    pub(super) async fn each_subscriber(
        &self,
        mut each: impl FnMut(Subscriber, Option<&ProfileBody>) -> Loaded,
    ) -> Result<LoadSummary, StoreError> {
        let mut summary = LoadSummary::default();
        let mut rows = sqlx::query(SELECT_ALL).fetch(&self.readers);
        while let Some(row) = rows.next().await {
            let outcome = match self.read_row(&row?)? {
                Row::Sound(stored) => each(stored.subscriber, Some(&stored.profile)),
                Row::Unreadable(subscriber) => each(subscriber, None),
                Row::Lost => Loaded::Lost,
            };
            *match outcome {
                Loaded::Sound => &mut summary.loaded,
                Loaded::Unreadable => &mut summary.unreadable,
                Loaded::Lost => &mut summary.lost,
            } += 1;
        }
        Ok(summary)
    }

    /// Salts of all subscribers, to read the disclosure log with. Those that cannot be opened are left out.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn salts(&self) -> Result<Vec<SubjectSalt>, StoreError> {
        let mut salts = Vec::new();
        let gather = |subscriber: Subscriber, _: Option<&ProfileBody>| {
            salts.push(subscriber.salt);
            Loaded::Sound
        };
        self.each_subscriber(gather).await.map(|_| salts)
    }

    /// Salt of a subscriber, whether or not the profile can be read; `None` for one who is unknown or erased.
    ///
    /// # Errors
    /// It cannot be opened, IMSI and MSISDN belong to two subscribers, or SQL failed.
    pub async fn salt(&self, identities: &Identities) -> Result<Option<SubjectSalt>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        let Some(row) = self.find(&mut connection, identities).await? else { return Ok(None) };
        match self.read_row(&row)? {
            Row::Sound(stored) => Ok(Some(stored.subscriber.salt)),
            Row::Unreadable(subscriber) => Ok(Some(subscriber.salt)),
            Row::Lost => Err(StoreError::Unreadable { table: "profiles", column: "salt" }),
        }
    }

    /// All identities that are registered of a subscriber, whether or not the profile can be read; `None` for a stranger.
    ///
    /// # Errors
    /// They cannot be opened, IMSI and MSISDN belong to two subscribers, or SQL failed.
    pub async fn identities_of(&self, who: &Identities) -> Result<Option<Identities>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        let Some(row) = self.find(&mut connection, who).await? else { return Ok(None) };
        match self.read_row(&row)? {
            Row::Sound(stored) => Ok(Some(identities(&stored.subscriber))),
            Row::Unreadable(subscriber) => Ok(Some(identities(&subscriber))),
            Row::Lost => Err(StoreError::Unreadable { table: "profiles", column: "identities" }),
        }
    }

    /// The profile of a subscriber; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be read, IMSI and MSISDN belong to two subscribers, or SQL failed.
    pub async fn profile(&self, identities: &Identities) -> Result<Option<StoredProfile>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        let rows = self.find(&mut connection, identities).await?;
        rows.map(|row| self.sound(&row)).transpose()
    }

    fn sound(&self, row: &SqliteRow) -> Result<StoredProfile, StoreError> {
        match self.read_row(row)? {
            Row::Sound(stored) => Ok(*stored),
            Row::Unreadable(_) => Err(StoreError::Unreadable { table: "profiles", column: "profile" }),
            Row::Lost => Err(StoreError::Unreadable { table: "profiles", column: "identities" }),
        }
    }

    /// The one row of these identities. A row of the MSISDN that has another IMSI is another subscriber's.
    async fn find(
        &self,
        connection: &mut sqlx::SqliteConnection,
        identities: &Identities,
    ) -> Result<Option<SqliteRow>, StoreError> {
        let hashes = self.sealing.hashes(identities);
        if hashes.imsi.is_none() && hashes.msisdn.is_none() {
            return Err(StoreError::NoIdentity);
        }
        let mut rows =
            sqlx::query(SELECT_ONE).bind(&hashes.imsi).bind(hashes.msisdn).fetch_all(&mut *connection).await?;
        let Some(row) = rows.pop() else { return Ok(None) };
        let of_row: Option<Vec<u8>> = row.try_get("imsi_hash")?;
        let is_same = hashes.imsi.is_none() || of_row.is_none() || hashes.imsi == of_row;
        if rows.is_empty() && is_same { Ok(Some(row)) } else { Err(StoreError::TwoSubscribers) }
    }

    /// Writes a subscriber's profile, new or changed. Identities that the row has and the call does not name stay.
    /// `expected` is the version that is to be replaced, if the caller read one; 0 for a subscriber who must be new. A profile
    /// that cannot be read is replaced like any other.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], identities of two subscribers, or SQL failed.
    pub async fn put_profile(
        &self,
        identities: &Identities,
        profile: &ProfileBody,
        expected: Option<u64>,
    ) -> Result<StoredProfile, StoreError> {
        let mut tx = self.begin().await?;
        let (id, subscriber, found): (Vec<u8>, Subscriber, i64) = match self.find(&mut tx, identities).await? {
            None => {
                let salt = SubjectSalt::from_octets(fresh_row()?);
                (fresh_row()?.to_vec(), subscriber(identities, salt), 0)
            }
            Some(row) => {
                let before = match self.read_row(&row)? {
                    Row::Sound(stored) => stored.subscriber,
                    Row::Unreadable(subscriber) => subscriber,
                    Row::Lost => return Err(StoreError::Unreadable { table: "profiles", column: "identities" }),
                };
                let identities = identities.or(self::identities(&before));
                (row.try_get("subscriber")?, subscriber(&identities, before.salt), row.try_get("version")?)
            }
        };
        check_version(expected, found)?;
        self.write(&mut tx, &id, &subscriber, profile, found + 1).await?;
        tx.commit().await?;
        Ok(StoredProfile { subscriber, profile: profile.clone(), version: (found + 1).unsigned_abs() })
    }

    async fn write(
        &self,
        tx: &mut Transaction<'static, Sqlite>,
        id: &[u8],
        subscriber: &Subscriber,
        profile: &ProfileBody,
        version: i64,
    ) -> Result<(), StoreError> {
        let hashes = self.sealing.hashes(&identities(subscriber));
        let sealed = SealedIdentities::of(subscriber);
        sqlx::query(UPSERT)
            .bind(id)
            .bind(hashes.imsi)
            .bind(hashes.msisdn)
            .bind(self.sealing.seal_json(&place("identities", id), &sealed)?)
            .bind(self.sealing.seal(&place("salt", id), &subscriber.salt.octets())?)
            .bind(self.sealing.seal_json(&place("profile", id), profile)?)
            .bind(version)
            .bind(micros(clock::now()))
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Erases a subscriber: profile, identities and salt, from the database and its write-ahead log. With the salt the
    /// subscriber's entries of the disclosure log become unreadable. Says whether there was one; doing it twice is no error.
    ///
    /// # Errors
    /// IMSI and MSISDN belong to two subscribers, [`StoreError::StillRead`], or SQL failed.
    pub async fn erase_subscriber(&self, identities: &Identities) -> Result<bool, StoreError> {
        let (known, _) = self.erase_row(identities, false).await?;
        // Also when nothing was found: an earlier call may have been cut off before its checkpoint.
        self.checkpoint().await?;
        Ok(known)
    }

    /// Takes a subscriber's row out; its octets may still be in the write-ahead log. Says whether there was one, and what is
    /// left: with `keep_opt_out`, of a subscriber who opted out or of whom that cannot be read, a row that says no more than
    /// that, under the same identities and a new salt. Both or neither are durable.
    ///
    /// # Errors
    /// IMSI and MSISDN belong to two subscribers, or SQL failed.
    pub(super) async fn erase_row(
        &self,
        identities: &Identities,
        keep_opt_out: bool,
    ) -> Result<(bool, Option<StoredProfile>), StoreError> {
        let mut tx = self.begin().await?;
        let Some(row) = self.find(&mut tx, identities).await? else { return Ok((false, None)) };
        let id: Vec<u8> = row.try_get("subscriber")?;
        sqlx::query("DELETE FROM profiles WHERE subscriber = $1").bind(id).execute(&mut *tx).await?;
        let (opted_out, known) = match self.read_row(&row)? {
            Row::Sound(stored) => (stored.profile.standing.opted_out, self::identities(&stored.subscriber)),
            Row::Unreadable(subscriber) => (true, self::identities(&subscriber)),
            Row::Lost => (true, Identities::default()),
        };
        let mut left = None;
        if opted_out && keep_opt_out {
            let subscriber = subscriber(&known.or(*identities), SubjectSalt::from_octets(fresh_row()?));
            let standing = StandingBody { opted_out: true, ..StandingBody::default() };
            let profile = ProfileBody { standing, ..ProfileBody::default() };
            self.write(&mut tx, &fresh_row()?, &subscriber, &profile, 1).await?;
            left = Some(StoredProfile { subscriber, profile, version: 1 });
        }
        tx.commit().await?;
        Ok((true, left))
    }
}
