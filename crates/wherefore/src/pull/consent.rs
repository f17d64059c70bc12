//! Questions to people at terminals, and their answers. In memory: after a restart everybody is asked again.
//!
//! ```text
//!  ask ──> open question ──answer──> remembered, for `consent_s`
//!               └──────────silence──> no, and not remembered: the next request asks again
//! ```
//!
//! A question is one person's about one client: two requests that would ask the same share it. Its entry of the disclosure log is open
//! as long as it is, and says how it ended.

use assertion::{SignError, random_id};
use lcs::{Duration, Msisdn, Timestamp};
use parking::Guarded;
use privacy::Consent;
use privacy::disclosure::Ticket;
use reqwest::Url;
use std::collections::HashMap;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// Most questions open at once, and most answers remembered.
const MOST: usize = 100_000;

/// Person and client.
type Pair = (Msisdn, Arc<str>);

/// Where the person goes on once the question is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Back {
    /// To the page that was asked for.
    Page(String),
    /// To the end of the redirect form.
    Redirect(super::authorize::Ask),
}

impl Back {
    fn origin(&self) -> String {
        let url = match self {
            Self::Page(url) => Url::parse(url).ok(),
            Self::Redirect(ask) => Some(ask.return_url.clone()),
        };
        url.map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}

/// A question that is open.
#[derive(Debug)]
pub(super) struct Question<T = Ticket> {
    pub(super) who: Msisdn,
    pub(super) client: Arc<str>,
    pub(super) back: Back,
    /// What the form must bring back: told to the page alone.
    pub(super) token: String,
    pub(super) ticket: T,
    until: Timestamp,
}

/// What a page shows of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) client: Arc<str>,
    pub(super) token: String,
    /// Origin of the client's page where the person goes on.
    pub(super) leads_to: String,
}

struct Held<T> {
    open: HashMap<String, Question<T>>,
    by_pair: HashMap<Pair, String>,
    answers: HashMap<Pair, (bool, Timestamp)>,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self { open: HashMap::new(), by_pair: HashMap::new(), answers: HashMap::new() }
    }
}

/// All of them. `T`: what is open as long as a question is.
pub(super) struct Questions<T = Ticket> {
    held: Guarded<Held<T>>,
    ask: Duration,
    remember: Duration,
}

/// Why nobody is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unasked {
    Full,
    NoRandomness,
}

impl From<SignError> for Unasked {
    fn from(_: SignError) -> Self {
        Self::NoRandomness
    }
}

impl<T> Questions<T> {
    pub(super) fn new(ask: Duration, remember: Duration) -> Self {
        Self { held: Guarded::default(), ask, remember }
    }

    /// What this person has said of this client.
    pub(super) fn answer_of(&self, who: Msisdn, client: &Arc<str>, now: Timestamp) -> Consent {
        let held = self.held.lock();
        match held.answers.get(&(who, Arc::clone(client))).filter(|(_, until)| now < *until) {
            Some((true, _)) => Consent::Given,
            Some((false, _)) => Consent::Refused,
            None => Consent::NotAsked,
        }
    }

    /// The question that is open for this person and client.
    pub(super) fn open_for(&self, who: Msisdn, client: &Arc<str>, now: Timestamp) -> Option<String> {
        let held = self.held.lock();
        let id = held.by_pair.get(&(who, Arc::clone(client)))?;
        held.open.get(id).filter(|question| now < question.until).map(|_| id.clone())
    }

    /// Opens a question: its id, which nobody can guess.
    pub(super) fn open(&self, pair: Pair, back: Back, ticket: T, now: Timestamp) -> Result<String, Unasked> {
        let (id, token) = (random_id()?, random_id()?);
        let mut held = self.held.lock();
        if held.open.len() >= MOST {
            return Err(Unasked::Full);
        }
        held.by_pair.insert(pair.clone(), id.clone());
        let (who, client) = pair;
        let until = after(now, self.ask);
        held.open.insert(id.clone(), Question { who, client, back, token, ticket, until });
        Ok(id)
    }

    /// What the page of a question shows, to the person whom it is for.
    pub(super) fn show(&self, id: &str, who: Msisdn, now: Timestamp) -> Option<Shown> {
        let held = self.held.lock();
        let question = held.open.get(id).filter(|question| question.who == who && now < question.until)?;
        let (client, token) = (Arc::clone(&question.client), question.token.clone());
        Some(Shown { client, token, leads_to: question.back.origin() })
    }

    /// Takes the question that a form answers, once. `None`: there is none, it is somebody else's, too old, or the form is not ours.
    pub(super) fn take(&self, id: &str, token: &str, who: Msisdn, now: Timestamp) -> Option<Question<T>> {
        let mut held = self.held.lock();
        let question = held.open.get(id).filter(|question| question.who == who && now < question.until)?;
        if !bool::from(question.token.as_bytes().ct_eq(token.as_bytes())) {
            return None;
        }
        let question = held.open.remove(id)?;
        held.by_pair.remove(&(question.who, Arc::clone(&question.client)));
        Some(question)
    }

    /// Remembers an answer. Where there is no more room a yes is not remembered.
    pub(super) fn remember(&self, who: Msisdn, client: &Arc<str>, yes: bool, now: Timestamp) {
        let mut held = self.held.lock();
        if held.answers.len() >= MOST {
            held.answers.retain(|_, (_, until)| now < *until);
        }
        if held.answers.len() < MOST {
            held.answers.insert((who, Arc::clone(client)), (yes, after(now, self.remember)));
        } else {
            held.answers.remove(&(who, Arc::clone(client)));
        }
    }

    /// Takes out all questions, answered or not.
    pub(super) fn all(&self) -> Vec<Question<T>> {
        let mut held = self.held.lock();
        held.by_pair.clear();
        held.open.drain().map(|(_, question)| question).collect()
    }

    /// Takes out the questions that nobody answered in time, and forgets answers that hold no more.
    pub(super) fn unanswered(&self, now: Timestamp) -> Vec<Question<T>> {
        let mut held = self.held.lock();
        held.answers.retain(|_, (_, until)| now < *until);
        let late: Vec<String> =
            held.open.iter().filter(|(_, question)| question.until <= now).map(|(id, _)| id.clone()).collect();
        let mut questions = Vec::with_capacity(late.len());
        for id in late {
            if let Some(question) = held.open.remove(&id) {
                let pair = (question.who, Arc::clone(&question.client));
                // A newer one of the same pair stays.
                if held.by_pair.get(&pair) == Some(&id) {
                    held.by_pair.remove(&pair);
                }
                questions.push(question);
            }
        }
        questions
    }
}

fn after(now: Timestamp, time: Duration) -> Timestamp {
    Timestamp::from_micros(now.micros().saturating_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)))
}

/// A lock that a panic elsewhere does not close: what it guards is whole after each statement.
mod parking {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    #[derive(Default)]
    pub(super) struct Guarded<T>(Mutex<T>);

    impl<T> Guarded<T> {
        pub(super) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_600_800);

    fn at(s: u64) -> Timestamp {
        Timestamp::from_secs(NOW.secs() + s)
    }

    fn who(last: u8) -> Msisdn {
        Msisdn::parse(&format!("49170000000{last}")).unwrap()
    }

    fn questions() -> Questions<u8> {
        Questions::new(Duration::from_secs(120), Duration::from_secs(3600))
    }

    fn back() -> Back {
        Back::Page("http://shop.example/a?b".into())
    }

    #[test]
    fn a_question_is_answered_once_by_its_person_with_its_token() {
        let (questions, shop) = (questions(), Arc::<str>::from("shop"));
        let id = questions.open((who(1), Arc::clone(&shop)), back(), 7, NOW).unwrap();
        assert_eq!(questions.open_for(who(1), &shop, at(119)), Some(id.clone()));
        assert_eq!(questions.open_for(who(2), &shop, NOW), None);
        assert_eq!(questions.show(&id, who(2), NOW), None);
        let shown = questions.show(&id, who(1), NOW).unwrap();
        assert_eq!((&*shown.client, shown.leads_to.as_str()), ("shop", "http://shop.example"));
        assert_ne!(shown.token, id);
        let taken = |id: &str, token: &str, person, now| questions.take(id, token, who(person), now).map(|q| q.ticket);
        assert_eq!(taken("other", &shown.token, 1, NOW), None);
        assert_eq!(taken(&id, "", 1, NOW), None);
        assert_eq!(taken(&id, &id, 1, NOW), None);
        assert_eq!(taken(&id, &shown.token, 2, NOW), None);
        assert_eq!(taken(&id, &shown.token, 1, at(120)), None);
        assert_eq!(taken(&id, &shown.token, 1, at(119)), Some(7));
        assert_eq!(taken(&id, &shown.token, 1, at(119)), None);
        assert_eq!(questions.open_for(who(1), &shop, NOW), None);
    }

    #[test]
    fn silence_ends_a_question_and_is_not_remembered() {
        let (questions, shop) = (questions(), Arc::<str>::from("shop"));
        questions.open((who(1), Arc::clone(&shop)), back(), 1, NOW).unwrap();
        questions.open((who(2), Arc::clone(&shop)), back(), 2, at(60)).unwrap();
        assert!(questions.unanswered(at(119)).is_empty());
        let late: Vec<u8> = questions.unanswered(at(120)).into_iter().map(|question| question.ticket).collect();
        assert_eq!(late, [1]);
        assert!(questions.unanswered(at(120)).is_empty());
        assert_eq!(questions.answer_of(who(1), &shop, at(120)), Consent::NotAsked);
        assert!(questions.open_for(who(2), &shop, at(120)).is_some());
    }

    #[test]
    fn an_answer_holds_for_its_time_for_its_pair() {
        let (questions, shop, fleet) = (questions(), Arc::<str>::from("shop"), Arc::<str>::from("fleet"));
        questions.remember(who(1), &shop, true, NOW);
        questions.remember(who(2), &shop, false, NOW);
        assert_eq!(questions.answer_of(who(1), &shop, at(3599)), Consent::Given);
        assert_eq!(questions.answer_of(who(2), &shop, at(3599)), Consent::Refused);
        assert_eq!(questions.answer_of(who(1), &fleet, NOW), Consent::NotAsked);
        assert_eq!(questions.answer_of(who(1), &shop, at(3600)), Consent::NotAsked);
        questions.remember(who(1), &shop, false, at(1));
        assert_eq!(questions.answer_of(who(1), &shop, at(3600)), Consent::Refused);
        assert!(questions.unanswered(at(4000)).is_empty());
        assert_eq!(questions.answer_of(who(1), &shop, at(1)), Consent::NotAsked);
    }
}
