//! From what an MLP request says to requests that the procedures take: the client's record decides what it may ask
//! (TS 23.271 clause 9.1.1 step 1, Table 10.7).

use crate::clients::{Client, RequestType};
use lcs::gad::ShapeSet;
use lcs::{Failure, LcsClientType, LocationRequest, LocationType, Priority, Qos, QosClass, Timestamp};
use mlp::{Header, Immediate, ImmediateService, TargetEntry, Triggered};
use privacy::disclosure::{Facts, RequestId, Via};
use std::num::NonZeroU32;
use std::sync::Arc;

/// What holds for every target of an admitted request.
pub(crate) struct Admitted {
    pub(crate) client: Arc<Client>,
    service_type: Option<lcs::ServiceType>,
    qos: Qos,
    priority: Priority,
    coverage: Vec<u16>,
}

/// Checks what the client's record says of the request as a whole, and takes its targets from rate and quota.
pub(crate) fn admit(
    client: Arc<Client>,
    header: &Header,
    request: &Immediate,
    max_targets: u32,
    now: Timestamp,
) -> Result<Admitted, Failure> {
    let emergency = request.service == ImmediateService::EmeLir;
    if emergency && client.client_type() != LcsClientType::Emergency {
        return Err(Failure::UnauthorisedApplication);
    }
    let location = match request.location_type {
        LocationType::CurrentOrLastKnown => RequestType::CurrentOrLastKnown,
        _ => RequestType::Current,
    };
    let asynchronous = request.asynchronous.then_some(RequestType::Asynchronous);
    let kinds: Vec<_> = [Some(location), asynchronous].into_iter().flatten().collect();
    let wish = Wish {
        kinds: &kinds,
        targets: request.targets.len(),
        coverage: &request.service_coverage,
        qos: request.quality.qos,
        priority: request.priority,
    };
    grant(client, header, &wish, max_targets, now)
}

/// The same for a triggered request of this kind. Reports are pushed, so a client that may have them needs no leave for asynchronous
/// answers.
pub(crate) fn admit_triggered(
    client: Arc<Client>,
    header: &Header,
    request: &Triggered,
    kind: RequestType,
    max_targets: u32,
    now: Timestamp,
) -> Result<Admitted, Failure> {
    let wish = Wish {
        kinds: &[kind],
        targets: request.targets.len(),
        coverage: &request.service_coverage,
        qos: request.quality.qos,
        priority: request.priority,
    };
    grant(client, header, &wish, max_targets, now)
}

/// What a request wants of the client's record.
struct Wish<'a> {
    kinds: &'a [RequestType],
    targets: usize,
    coverage: &'a [u16],
    qos: Qos,
    priority: Priority,
}

fn grant(
    client: Arc<Client>,
    header: &Header,
    wish: &Wish<'_>,
    max_targets: u32,
    now: Timestamp,
) -> Result<Admitted, Failure> {
    if wish.kinds.iter().any(|kind| !client.may(*kind)) {
        return Err(Failure::UnauthorisedApplication);
    }
    let service = header.client.as_ref().and_then(|c| c.service_id.as_deref());
    let (service_type, most) = client.service(service)?;
    let targets = u32::try_from(wish.targets).unwrap_or(u32::MAX);
    if targets > most.min(max_targets) {
        return Err(Failure::TooManyTargets);
    }
    let targets = NonZeroU32::new(targets).ok_or(Failure::InvalidRequest)?;
    let coverage = coverage(&client, wish.coverage)?;
    client.admit(targets, now)?;
    let (qos, priority) = (quality(&client, wish.qos), priority(&client, wish.priority));
    Ok(Admitted { service_type, qos, priority, coverage, client })
}

/// The priority of the record, or what the client asks for up to that, if it may.
fn priority(client: &Client, asked: Priority) -> Priority {
    let ceiling = Priority::from(client.record().priority);
    if client.may(RequestType::NegotiatePriority) { asked.max(ceiling) } else { ceiling }
}

/// The quality asked for, no finer than the record has it.
fn quality(client: &Client, asked: Qos) -> Qos {
    let record = client.record();
    let finest = record.finest_accuracy_m;
    Qos {
        class: if record.assured { asked.class } else { QosClass::BestEffort },
        horizontal_m: match (asked.horizontal_m, finest) {
            (Some(asked), Some(finest)) => Some(asked.max(finest)),
            (asked, finest) => asked.or(finest),
        },
        ..asked
    }
}

/// The countries of the record, or those asked for among them, if the client may.
fn coverage(client: &Client, asked: &[u16]) -> Result<Vec<u16>, Failure> {
    let own = client.record().service_coverage.iter().map(|code| code.value()).collect();
    if client.may(RequestType::NegotiateCoverage) { narrowed(own, asked) } else { Ok(own) }
}

/// Those of `asked` that are in `own`. None at all in either means everywhere, so none left is an error and no coverage.
fn narrowed(own: Vec<u16>, asked: &[u16]) -> Result<Vec<u16>, Failure> {
    if asked.is_empty() {
        return Ok(own);
    }
    let both: Vec<u16> = asked.iter().copied().filter(|code| own.is_empty() || own.contains(code)).collect();
    if both.is_empty() { Err(Failure::OutsideCoverage) } else { Ok(both) }
}

impl Admitted {
    /// The request about one target.
    ///
    /// # Errors
    /// The client's record does not cover the call or session named, or the kind of request.
    pub(crate) fn request(
        &self,
        header: &Header,
        (location_type, max_age_s): (LocationType, Option<u32>),
        entry: &TargetEntry,
        target: lcs::Target,
    ) -> Result<LocationRequest, Failure> {
        let client = &self.client;
        let kind = if entry.session.is_some() { RequestType::CallSession } else { RequestType::NonCall };
        if !client.may(kind) || entry.session.as_ref().is_some_and(|session| !client.owns_session(session)) {
            return Err(Failure::UnauthorisedApplication);
        }
        let requestor = header.requestor.as_ref().map(|r| r.requestor.clone());
        let identity = client.identity(requestor, entry.session.clone());
        identity.validate().map_err(|_| Failure::InvalidRequest)?;
        Ok(LocationRequest {
            account: Arc::clone(client.account()),
            client: identity,
            target,
            service_type: self.service_type,
            codeword: entry.codeword.clone(),
            location_type,
            max_age_s,
            qos: self.qos,
            velocity: false,
            priority: self.priority,
            service_coverage: self.coverage.clone(),
            shapes: header.supported_shapes.as_ref().map_or(ShapeSet::ALL, |shapes| shapes.gad_shapes()),
            least_privacy: client.least_privacy(header.privacy_action),
        })
    }
}

/// What the record keeps of a request about one target, as far as it is known before admission.
pub(crate) fn facts(
    id: RequestId,
    now: Timestamp,
    client: Option<&Client>,
    header: &Header,
    (location_type, qos): (LocationType, Qos),
    target: lcs::Target,
) -> Facts {
    let identity = client.map(|client| client.identity(None, None));
    Facts {
        time: now,
        request: id,
        via: Via::Mlp,
        account: client.map_or_else(|| UNKNOWN.into(), |client| Arc::clone(client.account())),
        client_type: client.map_or(LcsClientType::ValueAdded, Client::client_type),
        external: identity.and_then(|identity| identity.external),
        requestor: header.requestor.as_ref().map(|r| r.requestor.clone()),
        service_type: None,
        location_type,
        qos,
        target,
    }
}

/// Account in the record of a client that did not prove who it is: what it called itself proves nothing.
const UNKNOWN: &str = "(unauthenticated)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coverage_is_narrowed_and_never_widened() {
        type Row<'a> = (&'a [u16], &'a [u16], Result<&'a [u16], Failure>);
        let table: [Row<'_>; 6] = [
            (&[], &[], Ok(&[])),
            (&[49, 33], &[], Ok(&[49, 33])),
            (&[], &[49], Ok(&[49])),
            (&[49, 33], &[33, 1], Ok(&[33])),
            (&[49], &[49], Ok(&[49])),
            (&[49, 33], &[1], Err(Failure::OutsideCoverage)),
        ];
        for (own, asked, expected) in table {
            assert_eq!(narrowed(own.to_vec(), asked), expected.map(<[u16]>::to_vec), "{own:?} {asked:?}");
        }
    }
}
