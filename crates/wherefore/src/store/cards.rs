//! Keys and counters of cards (TS 23.271 Annex F, `docs/annex-f.md`).
//!
//! ```text
//! record = version 1 | key set | IMSI 8 | TAR: 0, or 1 and 3 octets | KIc, KID, ICCID: length, octets
//! sent, taken = counter 8
//! ```
//!
//! A counter is durable before a packet with it goes out, and before a packet that came with it is read: the types of
//! [`usat::packet::Counter`] ask for that. A packet that came is kept beside its counter until it has come to its end, so that a crash in
//! between does not make a replay of what was never read.

use super::seal::{Place, RowId, fresh_row};
use super::{Store, StoreError};
use lcs::{Digits, Identities, Imsi, Msisdn};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, Transaction};
use usat::packet::{CardKeys, Counter, Tar, Usable};
use zeroize::Zeroizing;

const VERSION: u8 = 1;

/// Selects whole rows of cards.
macro_rules! select {
    ($($rest:literal)*) => {
        concat!("SELECT card, record, sent, taken, msisdn_hash FROM cards ", $($rest),*)
    };
}

const BY_IMSI: &str = select!("WHERE imsi_hash = $1");
const BY_ICCID: &str = select!("WHERE iccid_hash = $1");
const BY_MSISDN: &str = select!("WHERE msisdn_hash = $1");
const PAGE: &str = select!("WHERE card > $1 ORDER BY card LIMIT $2");
const WITH_WORDS: &str = select!("WHERE card IN (SELECT card FROM card_words)");
const INSERT: &str =
    "INSERT INTO cards (card, imsi_hash, iccid_hash, record, sent, taken) VALUES ($1, $2, $3, $4, $5, $6)";
const RENEW: &str = "UPDATE cards SET iccid_hash = $2, record = $3, sent = $4, taken = $5 WHERE card = $1";
const ICCID_TAKEN: &str = "SELECT 1 FROM cards WHERE iccid_hash = $1 AND imsi_hash <> $2";
const UNBIND: &str = "UPDATE cards SET msisdn_hash = NULL WHERE msisdn_hash = $1 AND card <> $2";
const BIND: &str = "UPDATE cards SET msisdn_hash = $1 WHERE card = $2";
const KEEP_WORD: &str = "INSERT INTO card_words (card, packet) VALUES ($1, $2) \
                         ON CONFLICT (card) DO UPDATE SET packet = excluded.packet";
const DROP_WORD: &str = "DELETE FROM card_words WHERE card = $1";

const fn place<'a>(column: &'static str, row: &'a [u8]) -> Place<'a> {
    Place { table: "cards", column, row }
}

const fn word_place(row: &[u8]) -> Place<'_> {
    Place { table: "card_words", column: "packet", row }
}

const fn unreadable(column: &'static str) -> StoreError {
    StoreError::Unreadable { table: "cards", column }
}

/// Number of a card itself (ITU-T E.118): 18 to 20 digits. It tells of its holder, so it has no printable form.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Iccid(String);

impl Iccid {
    /// From its digits; `None` if they are none.
    pub fn parse(text: &str) -> Option<Self> {
        let sound = (18..=20).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
        sound.then(|| Self(text.to_owned()))
    }
}

/// By what a card is found.
pub enum CardName {
    /// The IMSI on it.
    Imsi(Imsi),
    /// Its own number.
    Iccid(Iccid),
    /// The number that a packet went to last.
    Msisdn(Msisdn),
}

/// What an operator gives of a card.
#[derive(Clone)]
pub struct CardRecord {
    /// The IMSI on it.
    pub imsi: Imsi,
    /// Its own number.
    pub iccid: Option<Iccid>,
    /// Its keys.
    pub keys: CardKeys,
    /// Under which reference its application answers, if not the one that all others have.
    pub tar: Option<Tar>,
    /// The last counter that it has taken, as far as is known.
    pub sent: Counter,
}

/// What became of a card that an operator gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardPut {
    /// It was not known.
    Added,
    /// Its keys are others: counters begin anew.
    Renewed,
    /// Its keys are the same: no counter falls.
    Unchanged,
}

/// A card as it is used.
#[derive(Clone)]
pub struct Card {
    id: RowId,
    /// The IMSI on it.
    pub imsi: Imsi,
    /// Its keys.
    pub keys: CardKeys,
    /// Under which reference its application answers, if not the one that all others have.
    pub tar: Option<Tar>,
    /// The last counter taken from it.
    pub taken: Counter,
}

/// How far the counters of a card are, and what else may be told of it. Names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardCounters {
    /// Name of its row.
    pub card: RowId,
    /// Number of its key set.
    pub key_set: u8,
    /// Its own TAR.
    pub tar: Option<Tar>,
    /// Last counter of a packet to it.
    pub sent: Counter,
    /// Last counter of a packet from it.
    pub taken: Counter,
    /// A packet went to it, so that it is known from which number it answers.
    pub has_number: bool,
}

impl Card {
    /// Tells cards apart in memory.
    pub fn id(&self) -> [u8; 16] {
        self.id
    }
}

impl Store {
    /// Writes cards, all or none. Durable when this returns what became of each, in order. Keys that are the same keep their counters; of
    /// the counter that is given and the one that is kept the greater counts.
    ///
    /// # Errors
    /// An ICCID is another card's, a row cannot be read or sealed, or SQL failed.
    pub async fn put_cards(&self, cards: &[CardRecord]) -> Result<Vec<CardPut>, StoreError> {
        let mut tx = self.begin().await?;
        let mut put = Vec::with_capacity(cards.len());
        for card in cards {
            put.push(self.put_card(&mut tx, card).await?);
        }
        tx.commit().await?;
        Ok(put)
    }

    async fn put_card(&self, tx: &mut Transaction<'_, Sqlite>, card: &CardRecord) -> Result<CardPut, StoreError> {
        let imsi_hash = self.hash_of(&CardName::Imsi(card.imsi))?;
        let iccid_hash = card.iccid.as_ref().map(|iccid| self.hash_of(&CardName::Iccid(iccid.clone()))).transpose()?;
        if let Some(hash) = &iccid_hash
            && sqlx::query(ICCID_TAKEN).bind(hash).bind(&imsi_hash).fetch_optional(&mut **tx).await?.is_some()
        {
            return Err(StoreError::IccidTaken);
        }
        let known = sqlx::query(BY_IMSI).bind(&imsi_hash).fetch_optional(&mut **tx).await?;
        let Some(row) = known else {
            let id = fresh_row()?;
            let (record, counters) = (self.sealed_record(&id, card)?, [card.sent, Counter::default()]);
            let [sent, taken] = self.sealed_counters(&id, counters)?;
            let insert = sqlx::query(INSERT).bind(id.as_slice()).bind(imsi_hash).bind(iccid_hash);
            insert.bind(record).bind(sent).bind(taken).execute(&mut **tx).await?;
            return Ok(CardPut::Added);
        };
        let id = row_id(&row)?;
        // A record that cannot be read is written anew, as if its keys were others.
        let same = self.opened_record(&id, &row).is_ok_and(|known| known.keys == card.keys);
        let counters = if same {
            let [sent, taken] = ["sent", "taken"].map(|column| self.opened_counter(&id, column, &row));
            [sent?.max(card.sent), taken?]
        } else {
            [card.sent, Counter::default()]
        };
        let (record, [sent, taken]) = (self.sealed_record(&id, card)?, self.sealed_counters(&id, counters)?);
        let renew = sqlx::query(RENEW).bind(id.as_slice()).bind(iccid_hash).bind(record).bind(sent).bind(taken);
        renew.execute(&mut **tx).await?;
        if same {
            return Ok(CardPut::Unchanged);
        }
        sqlx::query(DROP_WORD).bind(id.as_slice()).execute(&mut **tx).await?;
        Ok(CardPut::Renewed)
    }

    /// The card of this name; `None` if there is none.
    ///
    /// # Errors
    /// Its row cannot be read, or SQL failed.
    pub async fn card(&self, name: &CardName) -> Result<Option<Card>, StoreError> {
        let query = sqlx::query(select_by(name)).bind(self.hash_of(name)?);
        query.fetch_optional(&self.readers).await?.map(|row| self.opened_card(&row)).transpose()
    }

    /// Forgets a card, its keys and counters; `false` if there was none.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn remove_card(&self, name: &CardName) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let row = sqlx::query(select_by(name)).bind(self.hash_of(name)?).fetch_optional(&mut *tx).await?;
        let Some(row) = row else { return Ok(false) };
        let id = row_id(&row)?;
        sqlx::query("DELETE FROM cards WHERE card = $1").bind(id.as_slice()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Up to so many cards whose names come after this one, in the order of their names.
    ///
    /// # Errors
    /// A row cannot be read, or SQL failed.
    pub async fn cards(&self, after: Option<[u8; 16]>, most: u32) -> Result<Vec<CardCounters>, StoreError> {
        let after = after.map_or(Vec::new(), Vec::from);
        let rows = sqlx::query(PAGE).bind(after).bind(i64::from(most)).fetch_all(&self.readers).await?;
        rows.iter().map(|row| self.counters_of(row)).collect()
    }

    /// How far the counters of a card are; `None` if there is no such card.
    ///
    /// # Errors
    /// Its row cannot be read, or SQL failed.
    pub async fn card_counters(&self, name: &CardName) -> Result<Option<CardCounters>, StoreError> {
        let query = sqlx::query(select_by(name)).bind(self.hash_of(name)?);
        query.fetch_optional(&self.readers).await?.map(|row| self.counters_of(&row)).transpose()
    }

    /// The next counter of packets to a card, for one packet to this number; from there the card is heard from then on. Durable when this
    /// returns.
    ///
    /// # Errors
    /// The counters are used up, there is no such card any more, its row cannot be read, or SQL failed.
    pub async fn next_card_counter(&self, card: &Card, to: Msisdn) -> Result<Usable, StoreError> {
        let (id, number) = (card.id, self.hash_of(&CardName::Msisdn(to))?);
        let mut tx = self.begin().await?;
        let row = sqlx::query("SELECT sent FROM cards WHERE card = $1").bind(id.as_slice());
        let row = row.fetch_optional(&mut *tx).await?.ok_or(StoreError::NoCounter)?;
        let reserved = self.opened_counter(&id, "sent", &row)?.next().ok_or(StoreError::CountersUsedUp)?;
        reserved
            .store_async(async |counter| {
                let sealed = self.sealed_counter(&id, "sent", counter)?;
                let update = sqlx::query("UPDATE cards SET sent = $1 WHERE card = $2");
                update.bind(sealed).bind(id.as_slice()).execute(&mut *tx).await?;
                for sql in [UNBIND, BIND] {
                    sqlx::query(sql).bind(&number).bind(id.as_slice()).execute(&mut *tx).await?;
                }
                Ok(tx.commit().await?)
            })
            .await
    }

    /// Takes the counter of a packet from a card, and keeps the packet until [`Store::card_word_done`]. Durable when this returns.
    ///
    /// # Errors
    /// The counter was taken meanwhile, there is no such card any more, it cannot be sealed, or SQL failed.
    pub async fn take_card_counter(&self, card: &Card, counter: Counter, packet: &[u8]) -> Result<(), StoreError> {
        let id = card.id;
        let mut tx = self.begin().await?;
        let row = sqlx::query("SELECT taken FROM cards WHERE card = $1").bind(id.as_slice());
        let row = row.fetch_optional(&mut *tx).await?.ok_or(StoreError::NoCounter)?;
        if counter <= self.opened_counter(&id, "taken", &row)? {
            return Err(StoreError::NoCounter);
        }
        let sealed = self.sealed_counter(&id, "taken", counter)?;
        let update = sqlx::query("UPDATE cards SET taken = $1 WHERE card = $2");
        update.bind(sealed).bind(id.as_slice()).execute(&mut *tx).await?;
        let packet = self.sealing.seal(&word_place(&id), packet)?;
        sqlx::query(KEEP_WORD).bind(id.as_slice()).bind(packet).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// The packet of a card whose counter is taken and that has not come to its end.
    ///
    /// # Errors
    /// It cannot be read, or SQL failed.
    pub async fn card_word(&self, card: &Card) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let query = sqlx::query_scalar("SELECT packet FROM card_words WHERE card = $1").bind(card.id.as_slice());
        let sealed: Option<Vec<u8>> = query.fetch_optional(&self.readers).await?;
        sealed.map(|sealed| self.sealing.open(&word_place(&card.id), &sealed)).transpose()
    }

    /// The cards with such a packet.
    ///
    /// # Errors
    /// One cannot be read, or SQL failed.
    pub async fn cards_with_words(&self) -> Result<Vec<Card>, StoreError> {
        let rows = sqlx::query(WITH_WORDS).fetch_all(&self.readers).await?;
        rows.iter().map(|row| self.opened_card(row)).collect()
    }

    /// The packet of a card has come to its end.
    ///
    /// # Errors
    /// SQL failed.
    pub async fn card_word_done(&self, card: &Card) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(DROP_WORD).bind(card.id.as_slice()).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    fn hash_of(&self, name: &CardName) -> Result<Vec<u8>, StoreError> {
        let of = |identities| self.sealing.hashes(&identities);
        match name {
            CardName::Imsi(imsi) => of(Identities { imsi: Some(*imsi), ..Identities::default() }).imsi,
            CardName::Msisdn(number) => of(Identities { msisdn: Some(*number), ..Identities::default() }).msisdn,
            CardName::Iccid(Iccid(digits)) => Some(self.sealing.name("iccid", digits.as_bytes())),
        }
        .ok_or(StoreError::Seal)
    }

    fn sealed_record(&self, id: &RowId, card: &CardRecord) -> Result<Vec<u8>, StoreError> {
        let (kic, kid) = card.keys.expose();
        let iccid = card.iccid.as_ref().map_or(&[][..], |Iccid(digits)| digits.as_bytes());
        let mut record = Zeroizing::new(Vec::with_capacity(128));
        record.extend([VERSION, card.keys.set()]);
        record.extend(card.imsi.expose_digits().to_word().to_be_bytes());
        match card.tar {
            Some(Tar(tar)) => record.extend([&[1][..], &tar].concat()),
            None => record.push(0),
        }
        for part in [kic, kid, iccid] {
            record.push(u8::try_from(part.len()).map_err(|_| StoreError::Seal)?);
            record.extend_from_slice(part);
        }
        self.sealing.seal(&place("record", id), &record)
    }

    fn sealed_counter(&self, id: &RowId, column: &'static str, counter: Counter) -> Result<Vec<u8>, StoreError> {
        self.sealing.seal(&place(column, id), &counter.value().to_be_bytes())
    }

    fn sealed_counters(&self, id: &RowId, [sent, taken]: [Counter; 2]) -> Result<[Vec<u8>; 2], StoreError> {
        Ok([self.sealed_counter(id, "sent", sent)?, self.sealed_counter(id, "taken", taken)?])
    }

    fn opened_counter(&self, id: &RowId, column: &'static str, row: &SqliteRow) -> Result<Counter, StoreError> {
        let octets = self.sealing.open(&place(column, id), &row.try_get::<Vec<u8>, _>(column)?)?;
        let value = <[u8; 8]>::try_from(octets.as_slice()).ok().map(u64::from_be_bytes);
        value.and_then(Counter::new).ok_or(unreadable(column))
    }

    fn opened_record(&self, id: &RowId, row: &SqliteRow) -> Result<Opened, StoreError> {
        let record = self.sealing.open(&place("record", id), &row.try_get::<Vec<u8>, _>("record")?)?;
        read_record(&record).ok_or(unreadable("record"))
    }

    fn opened_card(&self, row: &SqliteRow) -> Result<Card, StoreError> {
        let id = row_id(row)?;
        let Opened { imsi, keys, tar } = self.opened_record(&id, row)?;
        Ok(Card { id, imsi, keys, tar, taken: self.opened_counter(&id, "taken", row)? })
    }

    fn counters_of(&self, row: &SqliteRow) -> Result<CardCounters, StoreError> {
        let card = row_id(row)?;
        let Opened { keys, tar, .. } = self.opened_record(&card, row)?;
        Ok(CardCounters {
            card,
            key_set: keys.set(),
            tar,
            sent: self.opened_counter(&card, "sent", row)?,
            taken: self.opened_counter(&card, "taken", row)?,
            has_number: row.try_get::<Option<Vec<u8>>, _>("msisdn_hash")?.is_some(),
        })
    }
}

/// What a sealed record holds and is used.
struct Opened {
    imsi: Imsi,
    keys: CardKeys,
    tar: Option<Tar>,
}

fn read_record(octets: &[u8]) -> Option<Opened> {
    let ([VERSION, set], rest) = octets.split_first_chunk::<2>()? else { return None };
    let (imsi, rest) = rest.split_first_chunk::<8>()?;
    let imsi = Imsi::new(Digits::from_word(u64::from_be_bytes(*imsi))?).ok()?;
    let (tar, rest) = match rest.split_first()? {
        (0, rest) => (None, rest),
        (1, rest) => {
            let (tar, rest) = rest.split_first_chunk::<3>()?;
            (Some(Tar(*tar)), rest)
        }
        _ => return None,
    };
    let part = |octets: &'_ [u8]| -> Option<(Zeroizing<Vec<u8>>, usize)> {
        let (length, rest) = octets.split_first()?;
        let part = rest.get(..usize::from(*length))?;
        Some((Zeroizing::new(part.to_vec()), part.len() + 1))
    };
    let (kic, read) = part(rest)?;
    let (kid, _) = part(rest.get(read..)?)?;
    Some(Opened { imsi, keys: CardKeys::new(*set, &kic, &kid).ok()?, tar })
}

fn row_id(row: &SqliteRow) -> Result<RowId, StoreError> {
    row.try_get::<Vec<u8>, _>("card")?.try_into().map_err(|_| unreadable("card"))
}

fn select_by(name: &CardName) -> &'static str {
    match name {
        CardName::Imsi(_) => BY_IMSI,
        CardName::Iccid(_) => BY_ICCID,
        CardName::Msisdn(_) => BY_MSISDN,
    }
}

#[cfg(test)]
mod tests;
