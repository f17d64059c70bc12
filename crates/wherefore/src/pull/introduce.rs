//! Step 4 of TS 23.271 Fig. E.2: whose terminal it is, whether the client may know, the pseudonym, the record, the token.

use super::Pull;
use super::consent::{Back, Question};
use crate::clients::Client;
use lcs::{
    Failure, Identities, LocationRequest, LocationType, Msisdn, Priority, Qos, Target, Timestamp, gad::ShapeSet,
};
use privacy::disclosure::{Ending, Facts, Notification, RequestId, Ticket, Via};
use privacy::{Consent, Introduction};
use std::sync::Arc;

/// What came of it.
pub(super) enum Step {
    /// The token for the client.
    Token(String),
    /// The person is to be asked first: the entry that is open.
    Ask(Box<Ticket>),
    /// Nothing, for this reason; the client learns none.
    Nothing(&'static str),
}

impl Pull {
    /// Introduces a subscriber to a client, if the subscriber's settings and word let.
    pub(super) async fn introduce(&self, who: Msisdn, client: &Client, nonce: &str, now: Timestamp) -> Step {
        let consent = self.questions.answer_of(who, client.account(), now);
        let Some(mut ticket) = self.ticket(who, client, now) else { return Step::Nothing("failed") };
        let identities = by_number(who);
        ticket.identify(self.core.ppr.subject(&identities), identities);
        if let Err(reason) = client.authorised_for(&identities) {
            return recorded(ticket, Ending::refused(reason).at(now), "refused").await;
        }
        let checked = self.core.ppr.introduce(&request_of(who, client), &identities, consent, now, &self.core.number);
        let introduced = match checked {
            Ok(Introduction::Introduced(introduced)) => introduced,
            Ok(Introduction::Ask) => return Step::Ask(Box::new(ticket)),
            Err(refusal) => {
                let word = if consent == Consent::Refused { "said_no" } else { "refused" };
                return recorded(ticket, Ending::refusal(refusal).notified(told(consent)).at(now), word).await;
            }
        };
        let Some(pseudonyms) = &self.core.pseudonyms else { return Step::Nothing("no_pmd") };
        let assigned = pseudonyms.assign(introduced.identities(), introduced.account()).await;
        let Ok(assigned) = assigned.inspect_err(|error| tracing::warn!(%error, "pull: no pseudonym assigned")) else {
            return recorded(ticket, Ending::failed(Failure::NetworkUnreachable).at(now), "no_pmd").await;
        };
        let ending = introduced.ending().notified(told(consent)).at(now);
        let Ok(recorded) = ticket.record(ending, introduced).await else { return Step::Nothing("log") };
        match self.issuer.token(&recorded.release(), &assigned.pseudonym, nonce, now) {
            Ok(token) => Step::Token(token),
            Err(error) => {
                tracing::error!(%error, "pull: no token signed");
                Step::Nothing("failed")
            }
        }
    }

    /// Takes down what a person said, if the log does. `yes`: the person agreed.
    pub(super) async fn answered(&self, question: Question, yes: bool, now: Timestamp) -> Option<Back> {
        let Question { who, client, back, ticket, .. } = question;
        let consent = if yes { Consent::Given } else { Consent::Refused };
        if self.close(ticket, who, &client, consent, now).await {
            self.questions.remember(who, &client, yes, now);
            count(if yes { "said_yes" } else { "said_no" });
            Some(back)
        } else {
            count("failed");
            None
        }
    }

    /// Takes down that nobody answered in time.
    pub(super) async fn silence(&self, now: Timestamp) {
        self.unanswered(self.questions.unanswered(now), now).await;
    }

    /// Takes down that nobody has answered by now: there will be no page to do it on.
    pub(super) async fn close_questions(&self, now: Timestamp) {
        self.unanswered(self.questions.all(), now).await;
    }

    async fn unanswered(&self, questions: Vec<Question>, now: Timestamp) {
        for Question { who, client, ticket, .. } in questions {
            self.close(ticket, who, &client, Consent::Silent, now).await;
            count("no_answer");
        }
    }

    /// Takes down that a person was to be asked and could not be.
    pub(super) async fn unasked(&self, ticket: Ticket, who: Msisdn, client: &Arc<str>, now: Timestamp) {
        self.close(ticket, who, client, Consent::Silent, now).await;
    }

    /// Ends the entry of a question. The check is done again: a profile that changed meanwhile counts. Whether the entry is durable,
    /// and says what the person said.
    async fn close(&self, ticket: Ticket, who: Msisdn, client: &Arc<str>, consent: Consent, now: Timestamp) -> bool {
        let identities = by_number(who);
        let Some(client) = self.core.clients.client(client).filter(|client| client.record().enabled) else {
            return false;
        };
        let request = request_of(who, &client);
        let done = match self.core.ppr.introduce(&request, &identities, consent, now, &self.core.number) {
            Ok(Introduction::Introduced(introduced)) => {
                let ending = introduced.ending().notified(told(consent)).at(now);
                ticket.record(ending, introduced).await.map(drop)
            }
            Ok(Introduction::Ask) => return false,
            Err(refusal) => {
                let ending = Ending::refusal(refusal).notified(told(consent)).at(now);
                ticket.record(ending, ()).await.map(drop)
            }
        };
        done.is_ok()
    }

    /// Opens the entry of the disclosure log.
    fn ticket(&self, who: Msisdn, client: &Client, now: Timestamp) -> Option<Ticket> {
        let identity = client.identity(None, None);
        let facts = Facts {
            time: now,
            request: RequestId::random()?,
            via: Via::Pull,
            account: Arc::clone(client.account()),
            client_type: client.client_type(),
            external: identity.external,
            requestor: None,
            service_type: None,
            location_type: LocationType::Current,
            qos: Qos::BEST_EFFORT,
            target: Target::Msisdn(who),
        };
        Some(self.core.log.open(facts))
    }
}

/// Ends an entry with nothing given.
async fn recorded(ticket: Ticket, ending: Ending, word: &'static str) -> Step {
    match ticket.record(ending, ()).await {
        Ok(_) => Step::Nothing(word),
        Err(_) => Step::Nothing("log"),
    }
}

/// The location request that this client could make with the pseudonym: what the check is asked about.
fn request_of(who: Msisdn, client: &Client) -> LocationRequest {
    LocationRequest {
        account: Arc::clone(client.account()),
        client: client.identity(None, None),
        target: Target::Msisdn(who),
        service_type: None,
        codeword: None,
        location_type: LocationType::Current,
        max_age_s: None,
        qos: Qos::BEST_EFFORT,
        velocity: false,
        priority: Priority::Normal,
        service_coverage: Vec::new(),
        shapes: ShapeSet::ALL,
        least_privacy: client.least_privacy(None),
    }
}

fn by_number(who: Msisdn) -> Identities {
    Identities { msisdn: Some(who), ..Identities::default() }
}

fn told(consent: Consent) -> Notification {
    match consent {
        Consent::NotAsked => Notification::NotNeeded,
        Consent::Given => Notification::Accepted,
        Consent::Refused => Notification::Denied,
        Consent::Silent => Notification::NoAnswer,
    }
}

/// Counts how a challenge, or a question, ended.
pub(super) fn count(outcome: &'static str) {
    metrics::counter!("wherefore_pull_introductions_total", "outcome" => outcome).increment(1);
}
