//! The SMS centre of a running network and the cards of its subscribers: they are where the phones are, and go by the phones' clock.

use super::{AirError, Answer, Attached, Handset, Subscriber, in_eutran_cell};
use crate::cells;
use crate::network::Shared;
use crate::phones::Phone;
use crate::scenario::{Scenario, SubscriberSpec, UserAnswer};
use crate::smsc::{Account, SmppError, Smsc};
use crate::wire;
use lcs::{Duration, PlmnId, Timestamp};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::{Duration as Span, SystemTime};
use tokio::sync::Mutex;
use usat::applet::Card;
use usat::packet::{CardKeys, Tar};
use usat::toolkit::AccessTechnology;
use zeroize::Zeroizing;

/// Between two looks at where the phones are.
const LOOK: Span = Span::from_secs(1);
/// How often a card asks the phone where it is by itself, seconds. It is told of cells before.
const POLL_S: u32 = 3600;
/// How the gateway names itself to the centre.
const SYSTEM_ID: &str = "gmlc";

/// Why centre and cards are not there.
#[derive(Debug, thiserror::Error)]
pub enum CardsError {
    /// The SMS centre.
    #[error("SMS centre: {0}")]
    Smsc(#[from] SmppError),
    /// The system gives no random octets.
    #[error("no random octets for keys and passwords")]
    Entropy,
}

/// The centre, and the cards by label.
pub struct Cards {
    smsc: Arc<Smsc>,
    password: String,
    plmn: Option<PlmnId>,
    cards: BTreeMap<String, Held>,
}

struct Held {
    kic: Zeroizing<[u8; 16]>,
    kid: Zeroizing<[u8; 16]>,
    attached: Attached,
    now: Mutex<Now>,
}

/// Time and place of a handset.
#[derive(Default)]
struct Now {
    since_start: Span,
    cell: Option<u32>,
}

fn random<const N: usize>() -> Result<[u8; N], CardsError> {
    let mut octets = [0; N];
    aws_lc_rs::rand::fill(&mut octets).map_err(|_| CardsError::Entropy)?;
    Ok(octets)
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

impl Cards {
    /// Starts the centre of a checked scenario, if it has one, with cards whose keys nobody had before.
    ///
    /// # Errors
    /// The address cannot be listened at, or no keys can be made.
    pub(crate) async fn start(scenario: &Scenario) -> Result<Option<Self>, CardsError> {
        let Some(spec) = &scenario.smsc else { return Ok(None) };
        let password = hex(&random::<4>()?);
        let service = scenario.network.gateway.number.trim_start_matches('+').to_owned();
        let account = Account { system_id: SYSTEM_ID.to_owned(), password: password.clone(), service };
        let smsc = Arc::new(Smsc::start(spec.listen, vec![account]).await?);
        let plmn = PlmnId::from_octets(wire::plmn(&scenario.network.realm));
        let mut cards = BTreeMap::new();
        for subscriber in scenario.subscribers.iter().filter(|subscriber| subscriber.card) {
            if let (Some(msisdn), Some(plmn)) = (&subscriber.msisdn, plmn) {
                cards.insert(subscriber.label.clone(), Held::new(subscriber, msisdn.clone(), plmn, &smsc).await?);
            }
        }
        Ok(Some(Self { smsc, password, plmn, cards }))
    }

    /// Password with which the gateway binds to the centre.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The sections of the gateway's configuration; the password is in a file of this name.
    #[must_use]
    pub fn gateway_sections(&self, password_file: &str) -> String {
        let address = self.smsc.address();
        format!(
            "\n[smsc]\naddress = \"{address}\"\nsystem_id = \"{SYSTEM_ID}\"\npassword_file = \"{password_file}\"\n\
             \n[usim]\nenabled = true\nroad = \"preferred\"\nacknowledgement_s = 30\n"
        )
    }

    /// Where the centre listens.
    #[must_use]
    pub fn smsc_address(&self) -> SocketAddr {
        self.smsc.address()
    }

    /// Name with which the gateway binds to the centre.
    #[must_use]
    pub fn system_id(&self) -> &'static str {
        SYSTEM_ID
    }

    /// Whether a gateway is bound to the centre.
    #[must_use]
    pub fn has_gateway(&self) -> bool {
        self.smsc.bound().iter().any(|account| account == SYSTEM_ID)
    }

    /// Waits until a gateway is bound to the centre.
    ///
    /// # Errors
    /// None is within `patience`.
    pub async fn connected(&self, patience: Span) -> Result<(), SmppError> {
        self.smsc.wait_bound(SYSTEM_ID, 1, patience).await
    }

    /// The keys of a subscriber's card, KIc and KID in hexadecimal digits.
    pub(crate) fn keys(&self, label: &str) -> Option<[String; 2]> {
        let held = self.cards.get(label)?;
        Some([hex(held.kic.as_slice()), hex(held.kid.as_slice())])
    }

    /// A subscriber's card.
    pub(crate) fn of(&self, label: &str) -> Option<&Attached> {
        self.cards.get(label).map(|held| &held.attached)
    }

    /// Lets a handset have the time of the phones' clock, and be in the cell where its phone is. Where none is, it stays in the last one.
    pub(crate) async fn keep_up(&self, shared: &Shared, phone: &Phone) -> Result<(), AirError> {
        let (Some(held), Some(plmn)) = (self.cards.get(&phone.label), self.plmn) else { return Ok(()) };
        let mut now = held.now.lock().await;
        let clock = shared.phones.clock().now();
        // What is left of a second is for the next time.
        let passed = clock.saturating_sub(now.since_start).as_secs();
        if passed > 0 {
            now.since_start += Span::from_secs(passed);
            held.attached.wait(Duration::from_secs(passed)).await?;
        }
        if let Some(camped) = cells::best(&shared.cells, &shared.phones.place(&phone.now()))
            && now.cell != Some(camped.cell)
        {
            now.cell = Some(camped.cell);
            held.attached.go(in_eutran_cell(plmn, camped.tac, camped.cell), AccessTechnology::Eutran).await?;
        }
        Ok(())
    }
}

impl Held {
    async fn new(of: &SubscriberSpec, msisdn: String, plmn: PlmnId, smsc: &Arc<Smsc>) -> Result<Self, CardsError> {
        let (kic, kid) = (Zeroizing::new(random()?), Zeroizing::new(random()?));
        let keys = CardKeys::new(1, kic.as_slice(), kid.as_slice()).map_err(|_| CardsError::Entropy)?;
        let card = Card { keys, tar: Tar::CHANGE_OF_AREA, poll_s: POLL_S };
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = Timestamp::from_secs(since.as_secs());
        let handset = Handset::new(card, now, in_eutran_cell(plmn, 0, 0), AccessTechnology::Eutran);
        let attached = Attached::new(Subscriber { msisdn, handset }, Arc::clone(smsc));
        attached
            .set_answer(match of.user.answer {
                UserAnswer::Accepts => Answer::Yes,
                UserAnswer::Refuses => Answer::No,
                UserAnswer::Silent => Answer::Nothing,
            })
            .await;
        Ok(Self { kic, kid, attached, now: Mutex::default() })
    }
}

/// Keeps all handsets where their phones are, until the network is gone.
pub(crate) async fn follow(shared: Weak<Shared>) {
    loop {
        {
            let Some(shared) = shared.upgrade() else { return };
            let Some(cards) = &shared.cards else { return };
            for phone in shared.phones.all() {
                if let Err(error) = cards.keep_up(&shared, phone).await {
                    tracing::warn!(subscriber = phone.label, %error, "what a card has to say does not arrive");
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
