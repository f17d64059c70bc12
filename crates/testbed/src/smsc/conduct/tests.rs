use super::*;
use crate::smsc::{Account, Bind, Esme};

const PATIENCE: Duration = Duration::from_secs(60);

async fn scene() -> (Smsc, Esme) {
    let account = Account { system_id: "gmlc".into(), password: "secret".into(), service: "4917099".into() };
    let smsc = Smsc::start(([127, 0, 0, 1], 0).into(), vec![account]).await.unwrap();
    let esme = bind(&smsc).await;
    (smsc, esme)
}

async fn bind(smsc: &Smsc) -> Esme {
    let esme = Esme::bind(smsc.address(), Bind::Transceiver, "gmlc", "secret").await.unwrap();
    smsc.wait_bound("gmlc", 1, PATIENCE).await.unwrap();
    esme
}

fn terminal() -> Party {
    Party::international("49170100")
}

async fn submit(esme: &Esme, text: &str) -> Result<String, SmppError> {
    esme.submit("4917099", &terminal(), &Text::ascii(text), true).await
}

#[tokio::test]
async fn receipts_wait_and_have_the_end_that_is_said() {
    let (smsc, mut esme) = scene().await;
    smsc.hold_receipts(true);
    for (end, written) in [
        (End::Delivered, Written::Text),
        (End::Expired, Written::Parameters),
        (End::Undeliverable, Written::Unmarked),
        (End::MemoryFull, Written::Text),
        (End::MemoryFull, Written::Parameters),
    ] {
        let id = submit(&esme, "x").await.unwrap();
        assert_eq!(esme.waiting(), 0);
        assert_eq!(smsc.settle(&id, end, written).await.unwrap(), CommandStatus::EsmeRok);
        let receipt = esme.next(PATIENCE).await.unwrap();
        assert_eq!(receipt.source, terminal());
        let text = String::from_utf8(receipt.text.octets.clone()).unwrap();
        match written {
            Written::Text => {
                let said = format!("stat:{} err:{:03} ", end.word(), end.error());
                assert!(text.starts_with(&format!("id:{id} ")) && text.contains(&said), "{text}");
                assert_eq!(receipt.text.esm_class, 0x04);
            }
            Written::Parameters | Written::Unmarked => {
                assert_eq!(receipt.text.esm_class, if written == Written::Unmarked { 0 } else { 0x04 });
                assert!(text.is_empty());
            }
        }
        assert!(matches!(smsc.settle(&id, end, written).await, Err(SmppError::NoSuchMessage)), "once");
    }
    smsc.hold_receipts(false);
    submit(&esme, "y").await.unwrap();
    esme.next(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn answers_come_late_out_of_order_or_never() {
    let (smsc, esme) = scene().await;
    smsc.hold_receipts(true);
    for _ in 0..2 {
        smsc.refuse_next(CommandStatus::EsmeRthrottled);
    }
    for _ in 0..2 {
        let refused = submit(&esme, "x").await;
        assert!(matches!(refused, Err(SmppError::Refused(CommandStatus::EsmeRthrottled))));
    }
    assert_eq!(smsc.submitted(), 0, "not taken");
    smsc.keep_next_waiting();
    smsc.keep_next_waiting();
    let late = async {
        smsc.next_submitted(PATIENCE).await.unwrap();
        smsc.next_submitted(PATIENCE).await.unwrap();
        smsc.answer_late()
    };
    let (first, second, late) = tokio::join!(submit(&esme, "1"), submit(&esme, "2"), late);
    assert_eq!((first.unwrap(), second.unwrap(), late), ("0000000001".into(), "0000000002".into(), 2));
    smsc.ignore_next();
    tokio::select! {
        answered = submit(&esme, "3") => panic!("{answered:?}"),
        taken = smsc.next_submitted(PATIENCE) => assert_eq!(taken.unwrap().text.octets, b"3"),
    }
}

#[tokio::test]
async fn a_session_may_be_asked_and_cut() {
    let (smsc, esme) = scene().await;
    smsc.enquire("4917099").await.unwrap();
    smsc.cut();
    assert!(matches!(submit(&esme, "x").await, Err(SmppError::Silent)));
    assert!(matches!(smsc.enquire("4917099").await, Err(SmppError::NobodyBound)));
    bind(&smsc).await;
    smsc.enquire("4917099").await.unwrap();
}

#[tokio::test]
async fn what_is_refused_for_now_comes_again() {
    let (smsc, esme) = scene().await;
    let text = Text::ascii("x");
    esme.answer(CommandStatus::EsmeRxTAppn);
    let terminal = terminal();
    let delivering = smsc.deliver_until_taken(&terminal, "4917099", &text, PATIENCE);
    let mut delivering = std::pin::pin!(delivering);
    while esme.waiting() < 2 {
        tokio::select! {
            done = &mut delivering => panic!("{done:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    esme.answer(CommandStatus::EsmeRok);
    let (tries, status) = delivering.await.unwrap();
    assert!(tries > 2, "{tries}");
    assert_eq!(status, CommandStatus::EsmeRok);
    esme.answer(CommandStatus::EsmeRxPAppn);
    let refused = smsc.deliver_until_taken(&terminal, "4917099", &text, PATIENCE).await.unwrap();
    assert_eq!(refused, (1, CommandStatus::EsmeRxPAppn), "for good");
}
