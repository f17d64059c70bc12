//! The consent register on disk (`docs/consent.md`).

use super::seal::Place;
use super::{Store, StoreError};
use lcs::Identities;
use privacy::SubjectSalt;
use privacy::consent::{ConsentKey, ConsentRegister, IdentityHash, Notice, Person, RecordedErasure};
use sqlx::{Row as _, Sqlite, Transaction};

const UPSERT: &str = "INSERT INTO consent_persons (person, record) VALUES ($1, $2) \
                      ON CONFLICT (person) DO UPDATE SET record = excluded.record";
const BIND: &str = "INSERT INTO consent_identities (identity_hash, person) VALUES ($1, $2) \
                    ON CONFLICT (identity_hash, person) DO NOTHING";
const PUBLISH: &str = "INSERT INTO consent_notices (notice, record) VALUES ($1, $2)";

const fn place(row: &[u8]) -> Place<'_> {
    Place { table: "consent_persons", column: "record", row }
}

const fn notice_place(row: &[u8]) -> Place<'_> {
    Place { table: "consent_notices", column: "record", row }
}

impl Store {
    /// The key by which the consent register hashes identities. Comes from the key of the store: kept with it, lost with it.
    ///
    /// # Errors
    /// Never in practice: a keyed hash has 32 octets.
    pub fn consent_key(&self) -> Result<ConsentKey, StoreError> {
        let name = self.sealing.name("consent register key", b"");
        let octets: [u8; 32] = name.as_slice().try_into().map_err(|_| StoreError::Seal)?;
        Ok(ConsentKey::from_octets(&octets))
    }

    /// Writes records of persons, all or none. Durable when this returns.
    ///
    /// # Errors
    /// A record cannot be sealed, or SQL failed.
    pub async fn put_consents<'a>(&self, persons: impl IntoIterator<Item = &'a Person>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for person in persons {
            self.put_consent(&mut tx, person).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Takes a person's record out, with everything by which it was found, and puts in what has to stay in its place: both or neither are
    /// durable. Its octets may still be in the write-ahead log: [`Store::forget_octets`].
    ///
    /// # Errors
    /// A record cannot be sealed, or SQL failed.
    pub async fn erase_consent(&self, erasure: &RecordedErasure) -> Result<(), StoreError> {
        let gone = erasure.gone().0;
        let mut tx = self.begin().await?;
        for delete in
            ["DELETE FROM consent_identities WHERE person = $1", "DELETE FROM consent_persons WHERE person = $1"]
        {
            sqlx::query(delete).bind(gone.as_slice()).execute(&mut *tx).await?;
        }
        let duty = self.duty_name(erasure.gone());
        sqlx::query("DELETE FROM mdt_duty WHERE person = $1").bind(duty).execute(&mut *tx).await?;
        if let Some(stays) = erasure.remains() {
            self.put_consent(&mut tx, stays).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Sees that what was erased is gone from the write-ahead log, too.
    ///
    /// # Errors
    /// [`StoreError::StillRead`]: repeat it; or SQL failed.
    pub async fn forget_octets(&self) -> Result<(), StoreError> {
        self.checkpoint().await
    }

    async fn put_consent(&self, tx: &mut Transaction<'static, Sqlite>, person: &Person) -> Result<(), StoreError> {
        let id = person.id().0;
        let record = person.encode().map_err(|_| StoreError::Seal)?;
        let sealed = self.sealing.seal(&place(&id), &record)?;
        sqlx::query(UPSERT).bind(id.as_slice()).bind(sealed).execute(&mut **tx).await?;
        for held in person.identities() {
            sqlx::query(BIND).bind(held.hash.0.as_slice()).bind(id.as_slice()).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Writes a notice. Durable when this returns.
    ///
    /// # Errors
    /// That version is there already, it cannot be sealed, or SQL failed.
    pub async fn put_notice(&self, notice: &Notice) -> Result<(), StoreError> {
        let name = format!("{} {}", notice.name, notice.version);
        let record = notice.encode().map_err(|_| StoreError::Seal)?;
        let sealed = self.sealing.seal(&notice_place(name.as_bytes()), &record)?;
        let mut tx = self.begin().await?;
        sqlx::query(PUBLISH).bind(name).bind(sealed).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Reads everything into a register, which then answers. Of a record that cannot be read, every identity is refused. Gives the number
    /// of such records and notices.
    ///
    /// # Errors
    /// SQL failed: the register goes on refusing all.
    pub async fn load_consents(&self, register: &ConsentRegister) -> Result<u64, StoreError> {
        let mut unreadable = 0;
        for row in sqlx::query("SELECT notice, record FROM consent_notices").fetch_all(&self.readers).await? {
            let (name, sealed): (String, Vec<u8>) = (row.try_get("notice")?, row.try_get("record")?);
            let opened = self.sealing.open(&notice_place(name.as_bytes()), &sealed).ok();
            match opened.and_then(|record| Notice::decode(&record).ok()) {
                Some(notice) => register.load_notice(notice),
                None => unreadable += 1,
            }
        }
        for (id, person) in self.persons().await? {
            if let Some(person) = person {
                register.load_person(person);
                continue;
            }
            unreadable += 1;
            let hashes = "SELECT identity_hash FROM consent_identities WHERE person = $1";
            let hashes: Vec<Vec<u8>> = sqlx::query_scalar(hashes).bind(&id).fetch_all(&self.readers).await?;
            for hash in hashes.iter().filter_map(|hash| <[u8; 32]>::try_from(hash.as_slice()).ok()) {
                register.load_unreadable(IdentityHash(hash));
            }
        }
        register.loaded();
        Ok(unreadable)
    }

    /// Salts of the records, to read the disclosure log with: of whoever has or had one of these identities, or of all.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn consent_salts(&self, who: Option<&Identities>) -> Result<Vec<SubjectSalt>, StoreError> {
        let key = self.consent_key()?;
        let hashes = who.map(|who| key.hashes(who));
        let is_meant = |person: &Person| {
            let holds = |hash: &IdentityHash| person.identities().iter().any(|held| held.hash == *hash);
            hashes.as_ref().is_none_or(|hashes| hashes.iter().any(|(_, hash)| holds(hash)))
        };
        let persons = self.persons().await?.into_iter().filter_map(|(_, person)| person);
        Ok(persons.filter(is_meant).map(|person| person.salt()).collect())
    }

    /// Every record with its name; without content where it does not open.
    async fn persons(&self) -> Result<Vec<(Vec<u8>, Option<Person>)>, StoreError> {
        let mut persons = Vec::new();
        for row in sqlx::query("SELECT person, record FROM consent_persons").fetch_all(&self.readers).await? {
            let (id, sealed): (Vec<u8>, Vec<u8>) = (row.try_get("person")?, row.try_get("record")?);
            let opened = self.sealing.open(&place(&id), &sealed).ok();
            let person = opened.and_then(|record| Person::decode(&record).ok());
            persons.push((id, person));
        }
        Ok(persons)
    }
}
