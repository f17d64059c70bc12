//! Short names of pseudonyms on disk (role `push`; `docs/push.md`).

use super::seal::Place;
use super::{Store, StoreError};
use lcs::{Pseudonym, Timestamp};
use zeroize::Zeroizing;

/// Characters of an alias: a letter and 95 bits.
const CHARACTERS: usize = 20;
/// RFC 4648 section 6.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const UPSERT: &str = "INSERT INTO push_aliases (id, client_id, pseudonym, ends_us, used_us) VALUES ($1, $2, $3, $4, $5) \
                      ON CONFLICT (id) DO UPDATE SET ends_us = excluded.ends_us, used_us = excluded.used_us";
const SELECT: &str = "SELECT pseudonym FROM push_aliases WHERE id = $1";
const DELETE_ENDED: &str = "DELETE FROM push_aliases WHERE ends_us <= $1";
const DELETE_SURPLUS: &str = "DELETE FROM push_aliases WHERE client_id = $1 AND id IN \
                              (SELECT id FROM push_aliases WHERE client_id = $1 ORDER BY used_us DESC LIMIT -1 OFFSET $2)";

/// A short name of a pseudonym: 20 capital letters and digits, the first a letter. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Alias(String);

impl Alias {
    /// The text, for the client that it is made for.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for Alias {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Alias(hidden)")
    }
}

const fn place(row: &[u8]) -> Place<'_> {
    Place { table: "push_aliases", column: "pseudonym", row }
}

impl Store {
    /// The alias of a client's pseudonym: the same wherever the key of the store is the same.
    #[must_use]
    pub fn alias(&self, client: &str, pseudonym: &Pseudonym) -> Alias {
        let name = self.sealing.name("push alias", &two(client, pseudonym.expose()));
        let mut text = String::with_capacity(CHARACTERS);
        text.push('P');
        let (mut bits, mut held) = (0_u32, 0_u32);
        let mut octets = name.into_iter();
        while text.len() < CHARACTERS {
            if held < 5 {
                // 32 octets hold more than 95 bits.
                bits = bits << 8 | u32::from(octets.next().unwrap_or_default());
                held += 8;
            }
            held -= 5;
            let value = usize::try_from(bits >> held & 31).unwrap_or_default();
            text.push(char::from(ALPHABET.get(value).copied().unwrap_or(b'A')));
        }
        Alias(text)
    }

    /// Keeps an alias. Durable when this returns.
    ///
    /// # Errors
    /// It cannot be sealed, or SQL failed.
    pub async fn keep_alias(
        &self,
        client: &str,
        alias: &Alias,
        pseudonym: &Pseudonym,
        ends: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = self.row_of(client, alias.text());
        let sealed = self.sealing.seal(&place(&id), pseudonym.expose().as_bytes())?;
        let mut tx = self.begin().await?;
        sqlx::query(UPSERT)
            .bind(&id)
            .bind(client)
            .bind(sealed)
            .bind(micros(ends))
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// What a client's alias stands for; `None` for one that it was not given.
    ///
    /// # Errors
    /// The row cannot be read, or SQL failed.
    pub async fn pseudonym_of_alias(&self, client: &str, alias: &str) -> Result<Option<Pseudonym>, StoreError> {
        let id = self.row_of(client, alias);
        let sealed: Option<Vec<u8>> = sqlx::query_scalar(SELECT).bind(&id).fetch_optional(&self.readers).await?;
        let Some(sealed) = sealed else { return Ok(None) };
        let text = self.sealing.open(&place(&id), &sealed)?;
        let unreadable = || StoreError::Unreadable { table: "push_aliases", column: "pseudonym" };
        let text = String::from_utf8(text.to_vec()).map_err(|_| unreadable())?;
        Pseudonym::new(text).map(Some).ok_or_else(unreadable)
    }

    /// Forgets aliases that stand for nothing any more, and those of a client beyond `most`, the longest unused first. Says how many.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn prune_aliases(&self, client: &str, most: u64, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let ended = sqlx::query(DELETE_ENDED).bind(micros(now)).execute(&mut *tx).await?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let surplus = sqlx::query(DELETE_SURPLUS).bind(client).bind(most).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(ended.rows_affected() + surplus.rows_affected())
    }

    fn row_of(&self, client: &str, alias: &str) -> Vec<u8> {
        self.sealing.name("push alias row", &two(client, alias))
    }
}

/// Two texts as one. The first has its length before it, so no other two make the same.
fn two(first: &str, second: &str) -> Zeroizing<Vec<u8>> {
    let length = u64::try_from(first.len()).unwrap_or(u64::MAX).to_be_bytes();
    Zeroizing::new([&length[..], first.as_bytes(), second.as_bytes()].concat())
}

fn micros(at: Timestamp) -> i64 {
    i64::try_from(at.micros()).unwrap_or(i64::MAX)
}
