//! A centre in trouble, and receipts by hand: what centres in the field do to their clients.

use super::centre::{Smsc, State, deliver_sm, reply};
use super::link::{Link, SmppError};
use super::text::{Party, Text};
use rusmpp::pdus::{SubmitSm, SubmitSmResp};
use rusmpp::types::COctetString;
use rusmpp::{Command, CommandStatus, Pdu};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Between two tries to deliver.
const AGAIN: Duration = Duration::from_millis(50);

/// What the next message of a client gets.
pub(super) enum Next {
    /// This status; it is not taken.
    Refuse(CommandStatus),
    /// It is taken, and no answer comes.
    Silent,
    /// It is taken, and the answer waits.
    Late,
}

/// The end of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// On the phone.
    Delivered,
    /// Its validity is over.
    Expired,
    /// It cannot be delivered.
    Undeliverable,
    /// No room on the phone.
    MemoryFull,
}

/// How a receipt is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// As the text of SMPP 3.4 appendix B alone.
    Text,
    /// By receipted_message_id, message_state and network_error_code alone.
    Parameters,
    /// By parameters and without saying that it is a receipt.
    Unmarked,
}

/// A message whose receipt waits.
struct Unsettled {
    link: Link,
    service: Party,
    terminal: Party,
}

#[derive(Default)]
pub(super) struct Conduct {
    next: VecDeque<Next>,
    late: Vec<(Link, Command)>,
    holds_receipts: bool,
    unsettled: HashMap<String, Unsettled>,
}

impl End {
    fn state(self) -> u8 {
        match self {
            Self::Delivered => 2,
            Self::Expired => 3,
            Self::Undeliverable | Self::MemoryFull => 5,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Delivered => "DELIVRD",
            Self::Expired => "EXPIRED",
            Self::Undeliverable | Self::MemoryFull => "UNDELIV",
        }
    }

    /// RP-Cause of TS 24.011 clause 8.2.5.4.
    fn error(self) -> u8 {
        match self {
            Self::Delivered => 0,
            Self::Expired => 27,
            Self::Undeliverable => 1,
            Self::MemoryFull => 22,
        }
    }
}

impl Smsc {
    /// Answers the next message of a client with this instead of taking it. Several such calls are for several messages.
    pub fn refuse_next(&self, status: CommandStatus) {
        self.state().conduct.lock().next.push_back(Next::Refuse(status));
    }

    /// Takes the next message of a client without an answer.
    pub fn ignore_next(&self) {
        self.state().conduct.lock().next.push_back(Next::Silent);
    }

    /// Takes the next message of a client, and keeps the answer back until [`Self::answer_late`].
    pub fn keep_next_waiting(&self) {
        self.state().conduct.lock().next.push_back(Next::Late);
    }

    /// Sends the answers that were kept back, the last first. How many.
    pub fn answer_late(&self) -> usize {
        let late = std::mem::take(&mut self.state().conduct.lock().late);
        let count = late.len();
        late.into_iter().rev().for_each(|(link, answer)| link.send(answer));
        count
    }

    /// Whether receipts wait for [`Self::settle`] from now on.
    pub fn hold_receipts(&self, hold: bool) {
        self.state().conduct.lock().holds_receipts = hold;
    }

    /// Sends the receipt of a message that waits for it, over a session of the same client. What the client answered.
    ///
    /// # Errors
    /// No such message waits, nobody is bound, or no answer comes.
    pub async fn settle(&self, message_id: &str, end: End, written: Written) -> Result<CommandStatus, SmppError> {
        let unsettled = self.state().conduct.lock().unsettled.remove(message_id).ok_or(SmppError::NoSuchMessage)?;
        let Unsettled { link, service, terminal } = unsettled;
        // The session may be another by now.
        let link = self.state().link(&service.text).unwrap_or(link);
        let receipt = receipt(message_id, end, written, &terminal);
        Ok(link.ask(deliver_sm(&terminal, &service, &receipt)?).await?.status())
    }

    /// Delivers to the client of a service, and again after each refusal for now. How many tries it took, and the last answer.
    ///
    /// # Errors
    /// Nobody is bound, or it is not taken or refused for good within `patience`.
    pub async fn deliver_until_taken(
        &self,
        from: &Party,
        service: &str,
        text: &Text,
        patience: Duration,
    ) -> Result<(u32, CommandStatus), SmppError> {
        let trying = async {
            for tries in 1.. {
                match self.deliver(from, service, text).await? {
                    CommandStatus::EsmeRxTAppn => tokio::time::sleep(AGAIN).await,
                    status => return Ok((tries, status)),
                }
            }
            Err(SmppError::Silent)
        };
        tokio::time::timeout(patience, trying).await.map_err(|_| SmppError::Silent)?
    }

    /// Asks the client of a service whether it is there.
    ///
    /// # Errors
    /// Nobody is bound for that service, or no answer comes.
    pub async fn enquire(&self, service: &str) -> Result<(), SmppError> {
        self.state().link(service)?.ask(Pdu::EnquireLink).await.map(drop)
    }

    /// Breaks every connection without a word.
    pub fn cut(&self) {
        for (_, link) in self.state().bound.lock().drain(..) {
            link.cut();
        }
    }
}

impl State {
    /// A client submits.
    pub(super) fn submitted(&self, account: &str, link: &Link, command: &Command, pdu: &SubmitSm) {
        let next = self.conduct.lock().next.pop_front();
        if let Some(Next::Refuse(status)) = next {
            reply(link, command, status, SubmitSmResp::default());
            return;
        }
        let id = self.next_id();
        let message_id = COctetString::from_string(id.clone()).unwrap_or_default();
        let answer = SubmitSmResp::builder().message_id(message_id).build();
        self.note(link, pdu, &id);
        if let Some(Next::Late) = next {
            let answer = Command::new(CommandStatus::EsmeRok, command.sequence_number(), answer);
            self.conduct.lock().late.push((link.clone(), answer));
        } else if next.is_none() {
            reply(link, command, CommandStatus::EsmeRok, answer);
        }
        // Last: whoever finds the message finds its answer and its receipt waiting.
        self.take(account, pdu, &id);
        self.settle_at_once(&id);
    }

    /// Remembers whose receipt is asked for.
    fn note(&self, link: &Link, pdu: &SubmitSm, id: &str) {
        if u8::from(pdu.registered_delivery) & 0x03 == 0 {
            return;
        }
        let terminal = Party::read(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr.as_str());
        let service = Party::read(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr.as_str());
        self.conduct.lock().unsettled.insert(id.into(), Unsettled { link: link.clone(), service, terminal });
    }

    /// Where receipts do not wait, the phone has the message now.
    fn settle_at_once(&self, id: &str) {
        let mut conduct = self.conduct.lock();
        if conduct.holds_receipts {
            return;
        }
        let Some(Unsettled { link, service, terminal }) = conduct.unsettled.remove(id) else { return };
        let receipt = receipt(id, End::Delivered, Written::Text, &terminal);
        let Ok(receipt) = deliver_sm(&terminal, &service, &receipt) else { return };
        // The client's answer changes nothing.
        tokio::spawn(async move { link.ask(receipt).await.is_ok() });
    }
}

/// A receipt; in its text, with the number of the terminal, as some centres write it.
fn receipt(id: &str, end: End, written: Written, terminal: &Party) -> Text {
    if written == Written::Text {
        let (word, error, number) = (end.word(), end.error(), &terminal.text);
        let delivered = u8::from(end == End::Delivered);
        let said = format!("id:{id} sub:001 dlvrd:{delivered:03} stat:{word} err:{error:03} text:to {number}");
        return Text { esm_class: 0x04, ..Text::ascii(&said) };
    }
    let marked = written == Written::Parameters;
    let name = [id.as_bytes(), &[0]].concat();
    let parameters = vec![(0x001E, name), (0x0427, vec![end.state()]), (0x0423, vec![3, 0, end.error()])];
    Text { esm_class: if marked { 0x04 } else { 0 }, parameters, ..Text::default() }
}

#[cfg(test)]
mod tests;
