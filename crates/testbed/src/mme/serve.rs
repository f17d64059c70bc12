//! The MME as a Diameter node (SLg, TS 29.172): asks its users, finds its phones, answers.

use super::{
    Asked, Denial, Showing, UserResponse, Verdict, decide,
    decide::{may_go_on, respond},
    deferred, estimate,
};
use crate::{
    counters::count,
    fault::Fault,
    network::Shared,
    phones::Phone,
    scenario::{PhoneState, SubscriberSpec},
    seen::{Sight, shown_word},
    wire::{self, Located, Origin, Plr},
};
use diameter::{
    codec::{ApplicationId, CommandCode, DecodeError, ExperimentalResult, FailedAvp, Message, Outcome, ResultCode},
    dictionary as avp,
};
use lcs::{LocationType, gad::GadError};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use transport::{Answer, Handler, PeerInfo};

/// Serves provide location requests from the scenario.
#[derive(Clone)]
pub(crate) struct Mme {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    /// Realms whose gateways may ask; all if empty.
    pub(crate) authorised: Vec<String>,
    pub(crate) shared: Arc<Shared>,
}

impl Handler for Mme {
    async fn handle(&self, request: Message, _from: PeerInfo) -> Answer {
        if let Err(error) = request.expect(ApplicationId::SLG, CommandCode::PROVIDE_LOCATION, true) {
            return Answer::Undecodable(error);
        }
        count(&self.shared.counters.plr);
        match self.provide_location(&request).await {
            Ok(answer) => answer,
            Err(error) => Answer::Undecodable(error),
        }
    }
}

/// Why there is no position.
pub(super) enum NotLocated {
    /// The gateway is of an operator that may not ask here.
    Foreign,
    Denied(Denial),
    /// The scenario asks for what the shape cannot hold.
    Unspeakable(GadError),
}

impl Mme {
    async fn provide_location(&self, request: &Message) -> Result<Answer, DecodeError> {
        let (identities, given) = wire::identities(request)?;
        if !given {
            return Err(DecodeError::MissingAvp(FailedAvp::example(&avp::USER_NAME)));
        }
        let plr = Plr::read(request)?;
        let phone =
            self.shared.phones.identified(identities).filter(|phone| phone.mme().as_deref() == Some(&self.name));
        let faults = self.shared.faults.strike(&self.name, phone.map(|phone| phone.label.as_str()));
        if let Some(answer) = self.shared.misbehave(&faults, request, &self.origin).await {
            return Ok(answer);
        }
        self.shared.marks.mark(wire::session_id(request), &faults);
        if plr.unrelated.is_none() {
            count(&self.shared.counters.plr_without_indicator);
        }
        if let Some(phone) = phone.filter(|_| plr.is_deferred() && wire::is_from(request, &self.authorised)) {
            let outcome = match self.deferred(request, &plr, phone)? {
                Ok(()) => Outcome::Success,
                Err(denial) => Outcome::Experimental(ExperimentalResult::tgpp(denial as u32)),
            };
            // The answer is to a deferred request (TS 29.172 clause 7.4.53, bit 0).
            return Ok(wire::answer(request, &self.origin, outcome, |builder| {
                builder.u32(&avp::PLA_FLAGS, 1);
            }));
        }
        let located = match phone {
            _ if !wire::is_from(request, &self.authorised) => Err(NotLocated::Foreign),
            Some(phone) => self.locate(&plr, phone).await,
            None => Err(NotLocated::Denied(Denial::UserUnknown)),
        };
        let outcome = match located {
            Ok(located) => {
                count(&self.shared.counters.plr_located);
                let located = spoiled(located, &faults);
                return Ok(wire::answer(request, &self.origin, Outcome::Success, |builder| {
                    wire::put_located(builder, &located);
                }));
            }
            Err(NotLocated::Foreign) => Outcome::Experimental(ExperimentalResult::UNAUTHORIZED_REQUESTING_NETWORK),
            Err(NotLocated::Denied(denial)) => Outcome::Experimental(ExperimentalResult::tgpp(denial as u32)),
            Err(NotLocated::Unspeakable(error)) => {
                tracing::error!(node = %self.name, %error, "the scenario's estimate cannot be coded");
                Outcome::Base(ResultCode::UNABLE_TO_COMPLY)
            }
        };
        count(&self.shared.counters.plr_refused);
        Ok(wire::answer(request, &self.origin, outcome, |_| ()))
    }

    /// TS 23.271 clause 9.1.15 steps 2 to 5; clause 9.1.18 for a notification alone.
    async fn locate(&self, plr: &Plr<'_>, phone: &Phone) -> Result<Located, NotLocated> {
        let spec = phone.now();
        let asked = asked(plr, &spec);
        let showing = match decide(&asked, spec.state, spec.notifications, self.shared.policy) {
            Verdict::Deny(denial) => return Err(NotLocated::Denied(denial)),
            Verdict::Proceed(showing) => showing,
        };
        // Positioning goes on while the user thinks; the estimate is held until there is a grant.
        let found = Instant::now() + Duration::from_millis(spec.estimate.positioning_ms);
        let response = self.show(plr, phone, &spec, showing).await;
        if !may_go_on(showing, response) {
            return Err(NotLocated::Denied(Denial::PositioningDenied));
        }
        if plr.location_type == LocationType::NotificationVerificationOnly {
            return Ok(Located::default());
        }
        tokio::time::sleep_until(found).await;
        self.position(plr, &spec)
    }

    /// A request that is to wait, or one that is to wait no longer.
    fn deferred(
        &self,
        request: &Message,
        plr: &Plr<'_>,
        phone: &Arc<Phone>,
    ) -> Result<Result<(), Denial>, DecodeError> {
        if plr.location_type == LocationType::CancelDeferred {
            return self.cancel(request, phone);
        }
        let spec = phone.now();
        let verdict = |state| decide(&asked(plr, &spec), state, spec.notifications, self.shared.policy);
        match deferred::decided(verdict(spec.state), || verdict(PhoneState::Attached)) {
            Ok(showing) => self.defer(request, phone, showing).map(Ok),
            Err(denial) => Ok(Err(denial)),
        }
    }

    /// Shows what is to be shown and waits for what the user does.
    pub(super) async fn show(
        &self,
        plr: &Plr<'_>,
        phone: &Phone,
        spec: &SubscriberSpec,
        showing: Showing,
    ) -> UserResponse {
        if showing == Showing::Nothing {
            return UserResponse::NotAsked;
        }
        count(&self.shared.counters.shown);
        let text = |text: Option<&str>| text.map(str::to_owned);
        let sight = Sight {
            at_us: crate::network::now_us(),
            shown: shown_word(showing),
            response: None,
            after_positioning: plr.location_type == LocationType::NotificationVerificationOnly,
            client: text(plr.client_name),
            requestor: text(plr.requestor),
            service_type: plr.service_type,
            codeword: text(plr.codeword),
            shown_name: None,
            client_number: None,
        };
        let id = self.shared.screens.show(&phone.label, sight);
        let (response, after) = respond(spec.user, showing, self.shared.verification_timeout);
        tokio::time::sleep(after).await;
        self.shared.screens.respond(&id, response);
        response
    }

    fn position(&self, plr: &Plr<'_>, spec: &SubscriberSpec) -> Result<Located, NotLocated> {
        let last_known = match (spec.state, plr.location_type) {
            (PhoneState::Attached, _) => false,
            (_, LocationType::CurrentOrLastKnown) => true,
            _ => return Err(NotLocated::Denied(Denial::PositioningFailed)),
        };
        let mut located = self.shared.located(spec, plr.shapes, &self.origin).map_err(NotLocated::Unspeakable)?;
        located.accuracy_fulfilled =
            located.shape.as_ref().map(|shape| estimate::meets(shape, &spec.estimate, plr.horizontal_m));
        if last_known {
            located.age_min = Some(spec.estimate.last_known_age_min);
        }
        if !plr.velocity || last_known {
            located.velocity = None;
        }
        Ok(located)
    }
}

/// What of a request bears on the decision.
fn asked(plr: &Plr<'_>, spec: &SubscriberSpec) -> Asked {
    Asked {
        client_type: plr.client_type,
        related: plr.related,
        unrelated: plr.unrelated,
        criteria_met: plr.apn.as_ref().is_some_and(|apn| spec.has_session(apn)),
        location_type: plr.location_type,
    }
}

impl Shared {
    /// The position of a phone now, as its node would tell it.
    pub(crate) fn located(
        &self,
        spec: &SubscriberSpec,
        shapes: lcs::gad::ShapeSet,
        node: &Origin,
    ) -> Result<Located, GadError> {
        let place = self.phones.place(spec);
        Ok(Located {
            shape: Some(estimate::estimate(&place, &spec.estimate, shapes)?),
            accuracy_fulfilled: None,
            age_min: Some(spec.estimate.age_min),
            velocity: Some(estimate::velocity(&place)),
            ecgi: self.camped(spec, &node.realm).map(|camped| wire::ecgi(&node.realm, camped.cell)),
        })
    }
}

/// What the faults of the node's own logic leave of a position.
fn spoiled(mut located: Located, faults: &[Fault]) -> Located {
    if faults.contains(&Fault::CellOnly) {
        located = Located { ecgi: located.ecgi, ..Located::default() };
    }
    if faults.contains(&Fault::NoAgeNorAccuracy) {
        (located.age_min, located.accuracy_fulfilled) = (None, None);
    }
    located
}
