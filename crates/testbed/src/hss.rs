//! The home subscriber server: says which node serves a subscriber (SLh, TS 29.173).

use crate::{
    counters::count,
    fault::Fault,
    network::Shared,
    phones::Phone,
    scenario::{MmeSpec, PhoneState},
    wire::{self, Origin},
};
use diameter::{
    codec::{ApplicationId, CommandCode, DecodeError, ExperimentalResult, FailedAvp, Message, Outcome, ResultCode},
    dictionary as avp,
};
use lcs::{Identities, Msisdn};
use std::{sync::Arc, time::Duration};
use transport::{Answer, Handler, PeerInfo};

/// The MSISDN that stands for none: 15 zeroes (TS 23.003 clause 3.3).
const DUMMY_MSISDN: &str = "000000000000000";

/// Serves routing information requests from the scenario.
pub(crate) struct Hss {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) unauthorised: Vec<String>,
    pub(crate) mmes: Vec<MmeSpec>,
    pub(crate) shared: Arc<Shared>,
}

impl Handler for Hss {
    async fn handle(&self, request: Message, _from: PeerInfo) -> Answer {
        if let Err(error) = request.expect(ApplicationId::SLH, CommandCode::LCS_ROUTING_INFO, true) {
            return Answer::Undecodable(error);
        }
        count(&self.shared.counters.rir);
        let (identities, given) = match wire::identities(&request) {
            Ok(read) => read,
            Err(error) => return Answer::Undecodable(error),
        };
        if !given {
            return Answer::Undecodable(DecodeError::MissingAvp(FailedAvp::example(&avp::USER_NAME)));
        }
        let phone = self.shared.phones.identified(identities);
        let faults = self.shared.faults.strike(&self.name, phone.map(|phone| phone.label.as_str()));
        if let Some(answer) = self.shared.misbehave(&faults, &request, &self.origin).await {
            return answer;
        }
        self.shared.marks.mark(wire::session_id(&request), &faults);
        match self.look_up(&request, identities) {
            Ok(phone) => self.success(&request, identities, phone),
            Err(outcome) => {
                count(&self.shared.counters.rir_refused);
                wire::answer(&request, &self.origin, outcome, |_| ())
            }
        }
    }
}

impl Hss {
    /// The checks in the order of TS 29.173 clause 5.2.1.2.
    fn look_up(&self, request: &Message, identities: Identities) -> Result<&Arc<Phone>, Outcome> {
        let refused = |of: &str| self.unauthorised.iter().any(|listed| listed.eq_ignore_ascii_case(of));
        let by_realm = wire::origin_realm(request).is_some_and(refused);
        if by_realm || wire::gmlc_number(request).is_some_and(|number| refused(&number)) {
            return Err(Outcome::Experimental(ExperimentalResult::UNAUTHORIZED_REQUESTING_NETWORK));
        }
        let unknown = Outcome::Experimental(ExperimentalResult::USER_UNKNOWN);
        let phone = self.shared.phones.identified(identities).ok_or(unknown)?;
        let state = phone.now().state;
        if state == PhoneState::UnknownToHss {
            return Err(unknown);
        }
        let contradicts = |a: Option<Msisdn>, b: Option<Msisdn>| a.is_some() && a != b;
        if identities.imsi.is_some_and(|imsi| phone.identities.imsi != Some(imsi))
            || contradicts(identities.msisdn, phone.identities.msisdn)
        {
            return Err(Outcome::Base(ResultCode::CONTRADICTING_AVPS));
        }
        if state == PhoneState::Absent {
            return Err(Outcome::Experimental(ExperimentalResult::ABSENT_USER));
        }
        Ok(phone)
    }

    /// The identity that was missing, and the serving node. An MME has no capability AVP (TS 29.173 clause 6.4.6).
    fn success(&self, request: &Message, asked: Identities, phone: &Phone) -> Answer {
        let Some(mme) = self.mmes.iter().find(|mme| mme.name == phone.mme) else {
            return Answer::Refused(ResultCode::UNABLE_TO_COMPLY);
        };
        let realm = mme.realm.as_deref().unwrap_or(&self.origin.realm);
        wire::answer(request, &self.origin, Outcome::Success, |builder| {
            if let (None, Some(imsi)) = (asked.imsi, phone.identities.imsi) {
                wire::put_imsi(builder, imsi);
            }
            let msisdn = phone.identities.msisdn.or_else(|| Msisdn::parse(DUMMY_MSISDN).ok());
            if let (None, Some(msisdn)) = (asked.msisdn, msisdn) {
                wire::put_msisdn(builder, msisdn);
            }
            builder.group(&avp::SERVING_NODE, |group| {
                group.text(&avp::MME_NAME, &mme.host).text(&avp::MME_REALM, realm);
            });
        })
    }
}

impl Shared {
    /// What a node does before its own logic: waits, stays silent, hangs up, or answers with an error; `None` to go on.
    pub(crate) async fn misbehave(&self, faults: &[Fault], request: &Message, origin: &Origin) -> Option<Answer> {
        for fault in faults {
            match *fault {
                Fault::Delay { ms } => {
                    count(&self.counters.spoiled);
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                }
                Fault::Drop => {
                    count(&self.counters.spoiled);
                    return Some(Answer::Silence);
                }
                Fault::Disconnect => {
                    count(&self.counters.spoiled);
                    return Some(Answer::Disconnect);
                }
                Fault::Result { code, experimental } => {
                    count(&self.counters.spoiled);
                    return Some(wire::answer(request, origin, wire::faulty_outcome(code, experimental), |_| ()));
                }
                Fault::Mute
                | Fault::Gone
                | Fault::Garbage
                | Fault::Truncated
                | Fault::Duplicate
                | Fault::AnswerToNothing
                | Fault::WrongHopByHop
                | Fault::CellOnly
                | Fault::LowNibbleGad
                | Fault::WithoutVendorBit
                | Fault::NoAgeNorAccuracy => {}
            }
        }
        None
    }
}
