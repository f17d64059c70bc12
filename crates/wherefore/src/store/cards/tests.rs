use super::*;
use crate::config;
use usat::packet::{Level, open_command, seal_command};

const NUMBER: &str = "491701234567";

fn settings(dir: &std::path::Path) -> config::Store {
    config::Store { path: dir.join("w.db"), key_file: dir.join("w.key"), ..config::Store::default() }
}

async fn store(dir: &std::path::Path) -> Store {
    Store::open(&settings(dir)).await.unwrap()
}

fn record(subscriber: u8, key: u8) -> CardRecord {
    CardRecord {
        imsi: Imsi::parse(&format!("2620112345678{subscriber:02}")).unwrap(),
        iccid: Iccid::parse(&format!("89490200001234567{subscriber:02}")),
        keys: CardKeys::new(1, &[key; 16], &[key ^ 0xFF; 16]).unwrap(),
        tar: None,
        sent: Counter::default(),
    }
}

fn number() -> Msisdn {
    Msisdn::parse(NUMBER).unwrap()
}

fn counter(value: u64) -> Counter {
    Counter::new(value).unwrap()
}

#[tokio::test]
async fn a_card_is_found_by_each_of_its_names_and_in_no_other_way() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    let own = CardRecord { tar: Some(Tar([1, 2, 3])), ..record(1, 7) };
    assert_eq!(store.put_cards(&[own.clone(), record(2, 8)]).await.unwrap(), [CardPut::Added; 2]);
    let card = store.card(&CardName::Imsi(own.imsi)).await.unwrap().unwrap();
    assert!(card.imsi == own.imsi && card.keys == own.keys && card.tar == own.tar);
    let by_iccid = store.card(&CardName::Iccid(own.iccid.clone().unwrap())).await.unwrap().unwrap();
    assert_eq!(by_iccid.id(), card.id());
    // By a number only once a packet went there.
    let by_number = CardName::Msisdn(number());
    assert!(store.card(&by_number).await.unwrap().is_none());
    assert_eq!(store.next_card_counter(&card, number()).await.unwrap().counter(), counter(1));
    assert_eq!(store.card(&by_number).await.unwrap().unwrap().id(), card.id());
    // The number moves to another card.
    let other = store.card(&CardName::Imsi(record(2, 8).imsi)).await.unwrap().unwrap();
    assert_eq!(store.next_card_counter(&other, number()).await.unwrap().counter(), counter(1));
    assert_eq!(store.card(&by_number).await.unwrap().unwrap().id(), other.id());
    // An ICCID is one card's.
    let thief = CardRecord { iccid: own.iccid.clone(), ..record(3, 9) };
    assert!(matches!(store.put_cards(&[thief]).await, Err(StoreError::IccidTaken)));
    assert!(store.card(&CardName::Imsi(record(3, 9).imsi)).await.unwrap().is_none());
    assert!(store.remove_card(&CardName::Imsi(own.imsi)).await.unwrap());
    assert!(!store.remove_card(&CardName::Imsi(own.imsi)).await.unwrap());
    assert!(matches!(store.next_card_counter(&card, number()).await, Err(StoreError::NoCounter)));
    assert_eq!(store.cards(None, 10).await.unwrap().len(), 1);
}

/// No import, and no start of the process, lets a counter fall while the keys stay.
#[tokio::test]
async fn counters_rise_through_imports_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let mut sent = Vec::new();
    for round in 0..3 {
        let store = store(dir.path()).await;
        let put = store.put_cards(&[CardRecord { sent: counter(5), ..record(1, 7) }]).await.unwrap();
        assert_eq!(put, [if round == 0 { CardPut::Added } else { CardPut::Unchanged }]);
        let card = store.card(&CardName::Imsi(record(1, 7).imsi)).await.unwrap().unwrap();
        for _ in 0..2 {
            sent.push(store.next_card_counter(&card, number()).await.unwrap().counter().value());
        }
        store.close().await;
    }
    assert_eq!(sent, [6, 7, 8, 9, 10, 11]);
    let store = store(dir.path()).await;
    let name = CardName::Imsi(record(1, 7).imsi);
    store.put_cards(&[CardRecord { sent: counter(100), ..record(1, 7) }]).await.unwrap();
    assert_eq!(store.card_counters(&name).await.unwrap().unwrap().sent, counter(100));
    // Other keys: another card, whose counters begin anew.
    assert_eq!(store.put_cards(&[record(1, 9)]).await.unwrap(), [CardPut::Renewed]);
    let counters = store.card_counters(&name).await.unwrap().unwrap();
    assert_eq!((counters.sent, counters.taken, counters.has_number), (counter(0), counter(0), true));
}

#[tokio::test]
async fn the_last_counter_is_the_last() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    store.put_cards(&[CardRecord { sent: counter((1 << 40) - 1), ..record(1, 7) }]).await.unwrap();
    let card = store.card(&CardName::Imsi(record(1, 7).imsi)).await.unwrap().unwrap();
    assert!(matches!(store.next_card_counter(&card, number()).await, Err(StoreError::CountersUsedUp)));
}

/// What came is kept with its counter: taken once, read again after a crash, and not taken a second time.
#[tokio::test]
async fn a_packet_is_kept_until_it_has_come_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let keys = record(1, 7).keys;
    let usable = Counter::default().next().unwrap().store(|_| Ok::<_, ()>(())).unwrap();
    let packet = seal_command(&keys, Level::FROM_CARD, Tar::CHANGE_OF_AREA, &usable, b"left school").unwrap();
    {
        let store = store(dir.path()).await;
        store.put_cards(&[record(1, 7), record(2, 8)]).await.unwrap();
        let card = store.card(&CardName::Imsi(record(1, 7).imsi)).await.unwrap().unwrap();
        store.take_card_counter(&card, usable.counter(), &packet).await.unwrap();
        assert!(matches!(store.take_card_counter(&card, usable.counter(), &packet).await, Err(StoreError::NoCounter)));
        store.close().await;
    }
    let store = store(dir.path()).await;
    let cards = store.cards_with_words().await.unwrap();
    let [card] = cards.as_slice() else { panic!("{} cards", cards.len()) };
    assert!(card.imsi == record(1, 7).imsi && card.taken == usable.counter());
    let kept = store.card_word(card).await.unwrap().unwrap();
    assert_eq!(kept.as_slice(), packet);
    assert!(open_command(&keys, Level::FROM_CARD, Tar::CHANGE_OF_AREA, Counter::default(), &kept).is_ok());
    store.card_word_done(card).await.unwrap();
    assert!(store.cards_with_words().await.unwrap().is_empty());
    assert!(store.card_word(card).await.unwrap().is_none());
}

/// Rows that were exchanged, and the file itself, give nothing away.
#[tokio::test]
async fn columns_are_sealed_and_bound_to_their_row() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path()).await;
    store.put_cards(&[record(1, 7), CardRecord { sent: counter(50), ..record(2, 8) }]).await.unwrap();
    store.checkpoint().await.unwrap();
    let file = std::fs::read(dir.path().join("w.db")).unwrap();
    let holds = |octets: &[u8]| file.windows(octets.len()).any(|window| window == octets);
    assert!(!holds(&[7; 16]) && !holds(&[8; 16]) && !holds(b"262011234567801") && !holds(b"8949020000123456701"));
    for column in ["record", "sent", "taken"] {
        let other = format!("(SELECT {column} FROM cards other WHERE other.card <> cards.card)");
        let swap = format!("UPDATE cards SET {column} = {other}");
        sqlx::query(sqlx::AssertSqlSafe(swap.clone())).execute(&store.writer).await.unwrap();
        let read = store.card_counters(&CardName::Imsi(record(1, 7).imsi)).await;
        assert!(matches!(read, Err(StoreError::Unreadable { table: "cards", .. })), "{column}");
        // Both rows have the same value now; write them anew.
        sqlx::query("DELETE FROM cards").execute(&store.writer).await.unwrap();
        store.put_cards(&[record(1, 7), CardRecord { sent: counter(50), ..record(2, 8) }]).await.unwrap();
    }
}
