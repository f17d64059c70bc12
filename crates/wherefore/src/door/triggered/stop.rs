//! Stopping and asking what is armed: `tlrsr`, `tlrqr`.

use super::context::Context;
use super::{MOST_TARGETS, member, named, news, request_id};
use crate::clients::Client;
use crate::door::http::Reply;
use crate::door::mlp::{Door, failed};
use crate::ldr::Deferred;
use crate::store::ReportKind;
use lcs::{Duration, Failure};
use mlp::{AnswerElement, Msid, Query, QueryReport, ResultId, Stop, TriggeredAnswer, Version, result_of};
use privacy::disclosure::RequestId;
use std::collections::BTreeMap;

/// What a client is told that names a request it does not have, whoever else may have it.
const UNKNOWN: &str = "req_id: no request of this client has it";

impl Door {
    /// Ends a client's request, for all its targets or for those named. None is ended if one of those named is not waited for.
    pub(super) async fn stop(&self, deferred: &Deferred, version: Version, stop: &Stop, client: &Client) -> Reply {
        let refused = |result, add_info| failed(version, AnswerElement::Tlrsa, result, add_info);
        let account = client.account();
        let mut members = Vec::new();
        if let Some(group) = named(stop.request_id.expose()) {
            for place in 0..MOST_TARGETS {
                let id = member(group, place);
                if deferred.query(account, id).await.is_ok() {
                    members.push(id);
                }
            }
        }
        if members.is_empty() {
            return refused(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE, Some(UNKNOWN));
        }
        let ending = if stop.targets.is_empty() {
            members
        } else {
            match chosen(deferred, account, &members, stop).await {
                Ok(chosen) => chosen,
                Err(result) => return refused(result, None),
            }
        };
        for id in ending {
            // One that ended meanwhile is ended.
            if let Err(failure @ Failure::SystemFailure) = deferred.cancel(&self.core, account, id).await {
                return refused(result_of(failure, false), None);
            }
        }
        let targets: Vec<&Msid> = stop.targets.iter().map(|entry| &entry.msid).collect();
        let mut out = String::with_capacity(256);
        let answer = TriggeredAnswer::Stopped { request_id: stop.request_id.expose(), targets: &targets };
        answer.write(&mut out, version);
        (200, out)
    }

    /// Has a report pushed that tells what the client has armed.
    pub(super) async fn query(
        &self,
        deferred: &Deferred,
        version: Version,
        query: &Query,
        id: RequestId,
        client: &Client,
    ) -> Reply {
        let core = &self.core;
        let refused = |failure| failed(version, AnswerElement::Tlrqa, result_of(failure, false), None);
        let push = query.push_address.as_ref();
        let url = match news::destination(client, push) {
            Ok(url) => url,
            Err(failure) => return refused(failure),
        };
        let mut requests: BTreeMap<String, Vec<Msid>> = BTreeMap::new();
        for standing in deferred.of_client(client.account()).await {
            let request = deferred.request_of(client.account(), standing.id).await;
            let context = request.ok().and_then(|request| Context::from_octets(&request.door));
            if let Some(context) = context {
                requests.entry(request_id(standing.id)).or_default().push(context.msid());
            }
        }
        let triggers: Vec<_> = requests.into_iter().collect();
        let query_id = request_id(id);
        let mut body = String::with_capacity(512);
        QueryReport { version, push_address: push, query_id: &query_id, triggers: &triggers }.write(&mut body);
        let expires = core.now().after(Duration::from_secs(core.config.mlp.push.keep_s));
        let kept = core.store.keep_report(ReportKind::Tlqrep, client.account(), &url, body.as_bytes(), expires).await;
        if kept.is_err() {
            return refused(Failure::SystemFailure);
        }
        core.reports_due.notify_one();
        let mut out = String::with_capacity(256);
        TriggeredAnswer::Queried { query_id: &query_id }.write(&mut out, version);
        (200, out)
    }
}

/// Those of a request's members that a stop names.
async fn chosen(
    deferred: &Deferred,
    account: &str,
    members: &[RequestId],
    stop: &Stop,
) -> Result<Vec<RequestId>, ResultId> {
    let mut known = Vec::new();
    for id in members {
        let request = deferred.request_of(account, *id).await.map_err(|failure| result_of(failure, false))?;
        known.push((*id, request.request.target));
    }
    let of = |entry: &mlp::TargetEntry| {
        let target = entry.target.as_ref().ok()?;
        known.iter().find(|(_, known)| known == target).map(|(id, _)| *id)
    };
    stop.targets.iter().map(|entry| of(entry).ok_or(ResultId::INVALID_MSID_IN_TLRSR)).collect()
}
