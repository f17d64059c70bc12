//! What a message of a listed client needs before it goes on: pseudonyms in the place of numbers, or the other way round.

use super::clients::Client;
use crate::push::Swap;
use crate::push::number::Holder;
use crate::push::swap::Name;
use crate::smpp::wire::{Address, Caller, Dress, Failed, Message, Pdu, command, from_client, status, to_client};
use futures_util::future::try_join_all;

/// Which side of the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// The client.
    Client,
    /// The SMS centre.
    Centre,
}

impl Side {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Client => Self::Centre,
            Self::Centre => Self::Client,
        }
    }
}

/// A message that waits for pseudonyms.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) from: Side,
    pub(super) pdu: Pdu,
    pub(super) message: Message,
}

/// What became of it: the message as it goes on, with what the client called its destinations; or the status of the refusal.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) from: Side,
    /// The message as it came.
    pub(super) asked: Pdu,
    pub(super) outcome: Result<(Pdu, Vec<Failed>), u32>,
}

/// What is the same for all messages of a session.
pub(super) struct Terms<'a> {
    pub(super) swap: &'a Swap,
    pub(super) client: &'a Client,
    pub(super) dress: Dress<'a>,
}

/// How many destinations of one message are asked about at once.
const AT_ONCE: usize = 16;

impl Job {
    pub(super) async fn run(self, terms: &Terms<'_>) -> Done {
        let outcome = match self.from {
            Side::Centre => self.towards_client(terms).await.map(|pdu| (pdu, Vec::new())),
            Side::Client => self.towards_centre(terms).await,
        };
        Done { from: self.from, asked: self.pdu, outcome }
    }

    /// Steps 2 and 3 of figure E.1.
    async fn towards_client(&self, terms: &Terms<'_>) -> Result<Pdu, u32> {
        let Self { pdu, message, .. } = self;
        let source = message.source().ok_or(status::RX_P_APPN)?;
        let numbering = &terms.swap.numbering;
        // Another try would come to the same.
        let holder = numbering.holder(source.ton, source.text(pdu)).map_err(|_| status::RX_P_APPN)?;
        let Holder::Subscriber(msisdn) = holder else { return Ok(to_client(pdu, message, None, &terms.dress)) };
        // The SMS centre keeps it and tries again.
        let given = terms.swap.alias(msisdn, &terms.client.account).await;
        let (alias, pseudonym) = given.map_err(|_| status::RX_T_APPN)?;
        let spellings = numbering.spellings(msisdn);
        let caller = Caller { alias: alias.text(), pseudonym: &pseudonym, spellings: &spellings };
        Ok(to_client(pdu, message, Some(&caller), &terms.dress))
    }

    /// Step 8 of figure E.1. One destination that is not this client's, whatever is wrong with it, and nothing goes on.
    async fn towards_centre(&self, terms: &Terms<'_>) -> Result<(Pdu, Vec<Failed>), u32> {
        let Self { pdu, message, .. } = self;
        if message.to_distribution_list() {
            return Err(status::RINVDSTADR);
        }
        let addresses: Vec<&Address> = message.destinations().collect();
        let mut numbers = Vec::with_capacity(addresses.len());
        for some in addresses.chunks(AT_ONCE) {
            numbers.extend(try_join_all(some.iter().map(|address| self.number(terms, address))).await?);
        }
        let recipients: Vec<Option<&str>> = numbers.iter().map(Option::as_deref).collect();
        let sent = from_client(pdu, message, &recipients, terms.dress.tlv);
        let many = pdu.command() == command::SUBMIT_MULTI;
        let failed = |(address, digits): (&&Address, Option<String>)| {
            Some(Failed { digits: digits?, named: address.named(pdu) })
        };
        let named = if many { addresses.iter().zip(numbers).filter_map(failed).collect() } else { Vec::new() };
        Ok((sent, named))
    }

    /// The number behind a destination; `None` where none is named.
    async fn number(&self, terms: &Terms<'_>, address: &Address) -> Result<Option<String>, u32> {
        let text = address.text(&self.pdu);
        let name = if text.is_empty() {
            // A message is taken back by its number alone (SMPP 5.0 section 4.5.1).
            let nobody = self.pdu.command() == command::CANCEL_SM;
            match self.message.tlv(&self.pdu, terms.dress.tlv) {
                Some(pseudonym) if self.message.destinations().count() == 1 => Name::Pseudonym(pseudonym),
                _ if nobody => return Ok(None),
                _ => return Err(status::RINVDSTADR),
            }
        } else {
            Name::Alias(text)
        };
        terms.swap.number(name, &terms.client.account).await.map(Some).ok_or(status::RINVDSTADR)
    }
}
