//! Arming: `tlrr`.

use super::context::Context;
use super::{MOST_TARGETS, Wish, member, news, request_id};
use crate::clients::Client;
use crate::door::admission::{self, Admitted};
use crate::door::http::Reply;
use crate::door::mlp::{Door, failed};
use crate::ldr::{Armed, Deferred};
use gmlc::LdrRequest;
use lcs::{Duration, Failure, LdrReference, LocationRequest, LocationType};
use mlp::{Misfit, ResultId, SvcInit, TargetEntry, Triggered, TriggeredAnswer, result_of};
use privacy::disclosure::{Ending, RequestId, Via};
use std::sync::Arc;

/// A request whose client is admitted.
struct Asked<'a> {
    init: &'a SvcInit,
    request: &'a Triggered,
    id: RequestId,
    wish: Wish,
    admitted: Admitted,
    url: String,
}

impl Door {
    /// Has the network wait for each target. Armed is said only if somebody is waited for; whoever is not is told of in a report.
    pub(super) async fn arm(
        &self,
        deferred: &Deferred,
        init: &SvcInit,
        request: &Triggered,
        id: RequestId,
        client: Arc<Client>,
    ) -> Reply {
        let (core, now) = (&self.core, self.core.now());
        let (version, element) = (init.version, init.service.answer());
        let wish = match Wish::of(request, &core.config.deferred, now) {
            Ok(wish) => wish,
            Err(Misfit { result, add_info }) => {
                self.refuse_all(init, id, Some(&client), Failure::InvalidRequest).await;
                return failed(version, element, result, Some(add_info));
            }
        };
        let url = match news::destination(&client, request.push_address.as_ref()) {
            Ok(url) => url,
            Err(failure) => return self.refuse_all(init, id, Some(&client), failure).await,
        };
        let most = core.config.mlp.max_targets.min(u32::from(MOST_TARGETS));
        let admitted = admission::admit_triggered(Arc::clone(&client), &init.header, request, wish.kind, most, now);
        let admitted = match admitted {
            Ok(admitted) => admitted,
            Err(failure) => return self.refuse_all(init, id, Some(&client), failure).await,
        };
        let targets = u32::try_from(request.targets.len()).unwrap_or(u32::MAX);
        let patience = Duration::from_millis(core.config.mlp.request_timeout_ms);
        let place = match self.places.take(targets, client.privileged(), patience).await {
            Ok(place) => place,
            Err(failure) => return self.refuse_all(init, id, Some(&client), failure).await,
        };
        let asked = Asked { init, request, id, wish, admitted, url };
        let each = request.targets.iter().zip(0u16..).map(|(entry, at)| self.arm_one(deferred, &asked, entry, at));
        let ended = futures_util::future::join_all(each).await;
        drop(place);
        self.answer_armed(&asked, &ended).await
    }

    /// One target. Whatever happens, there is an entry in the disclosure log: the engine's, or the one that says why it was not asked.
    async fn arm_one(
        &self,
        deferred: &Deferred,
        asked: &Asked<'_>,
        entry: &TargetEntry,
        place: u16,
    ) -> Result<Armed, ResultId> {
        let target = entry.target.clone()?;
        let hide = self.core.config.mlp.hide_refusal_reasons;
        let ldr = asked.located(entry, target.clone());
        let ldr = ldr.and_then(|request| asked.ldr(entry, request, place).ok_or(Failure::SystemFailure));
        let armed = match ldr {
            Ok(ldr) => deferred.arm(&self.core, ldr).await,
            Err(failure) => {
                let (header, client) = (&asked.init.header, Some(&*asked.admitted.client));
                let of = (LocationType::ActivateDeferred, asked.request.quality.qos);
                let now = self.core.now();
                let mut ticket =
                    self.core.log.open(admission::facts(asked.id, now, client, header, of, target.clone()));
                let identities = lcs::Identities::of(&target).unwrap_or_default();
                ticket.identify(self.core.ppr.subject(&identities), identities);
                match ticket.record(Ending::failed(failure).at(now), ()).await {
                    Ok(_) => Err(failure),
                    Err(unavailable) => Err(Failure::from(unavailable)),
                }
            }
        };
        armed.map_err(|failure| result_of(failure, hide))
    }

    async fn answer_armed(&self, asked: &Asked<'_>, ended: &[Result<Armed, ResultId>]) -> Reply {
        let (version, element) = (asked.init.version, asked.init.service.answer());
        let Some(armed) = ended.iter().find_map(|ended| ended.as_ref().ok()) else {
            let result = ended.iter().find_map(|ended| ended.as_ref().err()).copied();
            return failed(version, element, result.unwrap_or(ResultId::SYSTEM_FAILURE), None);
        };
        let each = asked.request.targets.iter().zip(0u16..).zip(ended);
        let refused = each.filter_map(|((entry, at), ended)| {
            let result = *ended.as_ref().err()?;
            Some((member(asked.id, at), asked.context(entry), result))
        });
        let refused: Vec<_> = refused.collect();
        if !refused.is_empty()
            && news::tell_refused(&self.core, asked.admitted.client.account(), &refused).await.is_err()
        {
            tracing::error!("a client is not told which targets of a triggered request are not waited for");
        }
        // One reference names one target: several are known by the request id alone.
        let lcs_ref: Option<LdrReference> = Some(armed.reference).filter(|_| ended.len() == 1);
        let mut out = String::with_capacity(256);
        TriggeredAnswer::Armed { request_id: &request_id(asked.id), lcs_ref }.write(&mut out, version);
        (200, out)
    }
}

impl Asked<'_> {
    /// The request about one target, kept to what the client's record allows.
    fn located(&self, entry: &TargetEntry, target: lcs::Target) -> Result<LocationRequest, Failure> {
        let of = (LocationType::Current, None);
        let mut request = self.admitted.request(&self.init.header, of, entry, target)?;
        self.admitted.client.keep_to_list(&mut request)?;
        Ok(request)
    }

    fn ldr(&self, entry: &TargetEntry, request: LocationRequest, place: u16) -> Option<LdrRequest> {
        let Wish { event, rounds, start, stop, .. } = self.wish.clone();
        let (id, door) = (member(self.id, place), self.context(entry).octets()?);
        Some(LdrRequest { id, request, event, rounds, start, stop, via: Via::Mlp, door })
    }

    fn context(&self, entry: &TargetEntry) -> Context {
        let shapes = self.init.header.supported_shapes.as_ref();
        let push = self.request.push_address.as_ref();
        let mut context = Context::new(self.init.version, self.url.clone(), push, &entry.msid, shapes);
        context.alone = self.request.targets.len() == 1;
        context.waiting_for(self.wish.trigger)
    }
}
