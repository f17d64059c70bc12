//! When people were given jobs of MDT, so that the cap on duty outlives the process (`docs/mdt-jobs.md`).

use super::mdt::seconds;
use super::seal::Place;
use super::{Store, StoreError};
use lcs::Timestamp;
use mdt::selection::{Duty, DutyCap};
use privacy::consent::PersonId;
use sqlx::Row as _;
use std::collections::HashSet;

const PUT: &str = "INSERT INTO mdt_duty (person, record, ends_s) VALUES ($1, $2, $3) \
                   ON CONFLICT (person) DO UPDATE SET record = excluded.record, ends_s = excluded.ends_s";

/// All that is kept.
#[derive(Debug, Default)]
pub(crate) struct KeptDuty {
    pub(crate) known: Vec<(PersonId, Duty)>,
    /// Hashed names of those whose record does not open: who they are shows when they are asked.
    pub(crate) unreadable: HashSet<Vec<u8>>,
}

const fn place(row: &[u8]) -> Place<'_> {
    Place { table: "mdt_duty", column: "record", row }
}

/// Name of the record 16, until when a job of their own may log 8, when they were given jobs 8 each; microseconds, 0 for never.
fn encode(person: PersonId, duty: &Duty) -> Vec<u8> {
    let own = duty.own_until.map_or(0, Timestamp::micros);
    let times = core::iter::once(own).chain(duty.given.iter().map(|at| at.micros()));
    person.0.into_iter().chain(times.flat_map(u64::to_be_bytes)).collect()
}

fn decode(record: &[u8]) -> Option<(PersonId, Duty)> {
    let (person, times) = record.split_first_chunk::<16>()?;
    let (times, rest) = times.as_chunks::<8>();
    let mut times = times.iter().map(|octets| Timestamp::from_micros(u64::from_be_bytes(*octets)));
    let own_until = Some(times.next()?).filter(|until| until.micros() > 0);
    rest.is_empty().then(|| (PersonId(*person), Duty { given: times.collect(), own_until }))
}

impl Store {
    /// The name of a person's row.
    pub(crate) fn duty_name(&self, person: PersonId) -> Vec<u8> {
        self.sealing.name("mdt duty", &person.0)
    }

    /// Writes what people were given, all or none. Durable when this returns.
    ///
    /// # Errors
    /// It cannot be sealed, or SQL failed.
    pub(crate) async fn put_duty(&self, duties: &[(PersonId, Duty)], cap: DutyCap) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for (person, duty) in duties {
            let name = self.duty_name(*person);
            let sealed = self.sealing.seal(&place(&name), &encode(*person, duty))?;
            let ends = seconds(duty.ends(cap).unwrap_or_default()).saturating_add(1);
            sqlx::query(PUT).bind(name).bind(sealed).bind(ends).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn duty(&self) -> Result<KeptDuty, StoreError> {
        let mut kept = KeptDuty::default();
        for row in sqlx::query("SELECT person, record FROM mdt_duty").fetch_all(&self.readers).await? {
            let (name, sealed): (Vec<u8>, Vec<u8>) = (row.try_get("person")?, row.try_get("record")?);
            let opened = self.sealing.open(&place(&name), &sealed).ok();
            match opened.and_then(|record| decode(&record)) {
                Some(known) => kept.known.push(known),
                None => drop(kept.unreadable.insert(name)),
            }
        }
        Ok(kept)
    }

    /// Forgets what counts no more. Says how many rows went.
    ///
    /// # Errors
    /// SQL failed.
    pub(crate) async fn forget_duty(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query("DELETE FROM mdt_duty WHERE ends_s <= $1").bind(seconds(now)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(gone.rows_affected())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_no_record_is_none() {
        let at = Timestamp::from_micros;
        for own_until in [None, Some(at(9))] {
            let duty = Duty { given: vec![at(5), at(7)], own_until };
            let record = encode(PersonId([1; 16]), &duty);
            assert_eq!(decode(&record), Some((PersonId([1; 16]), duty)));
            for length in 0..record.len() {
                assert_eq!(decode(&record[..length]).is_some(), [24, 32].contains(&length), "{length}");
            }
        }
    }
}
