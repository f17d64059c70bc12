//! A report of a deferred request: checked again, recorded, and only then for the client (TS 23.271 clauses 9.1.8.2 steps 13 to 15, 9.1.9
//! steps 16 to 18).

use crate::{
    Gateway,
    immediate::{By, locate},
    network::{Ask, Network},
    progress::{Answer, Progress},
};
use lcs::{Failure, Fix, Identities, LocationRequest, LocationType, PrivacySetting};
use privacy::{
    PrivacyCheck,
    disclosure::{LogUnavailable, Recorded, Ticket},
};

/// What a report is checked by.
#[derive(Debug)]
pub struct LdrAsk<'a> {
    /// The request as it was armed.
    pub request: &'a LocationRequest,
    /// Whom it is about, as the network knew them then.
    pub target: Identities,
    /// What the node was told to do about its user when it was armed. Whoever has to be told or asked more than that by now has not been.
    pub agreed: PrivacySetting,
    /// The position that came with the report.
    pub fix: Option<Fix>,
    /// A position is wanted: if none came, the network is asked once more, under this deadline (clause 9.1.9 step 17).
    pub locate: Option<Ask>,
}

/// Runs the check of one report and records its end under `ticket`. The answer is a position, which may be an empty one: then the event
/// alone may be told. Beside it, why a position that was wanted is missing.
///
/// A report without a position tells something of where the subscriber is, too: it takes the same check.
///
/// # Errors
/// The log could not make the end durable; nothing of the report may be told. The node should be asked to report again.
pub async fn ldr_report<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: LdrAsk<'_>,
    mut ticket: Ticket,
) -> Result<(Recorded<Answer>, Option<Failure>), LogUnavailable> {
    let mut progress = Progress::default();
    ticket.identify(gateway.ppr.subject(&ask.target), ask.target);
    let (answer, missing) = check(gateway, ask, &mut ticket, &mut progress).await;
    let ending = progress.ending(&answer, gateway.keeps_coordinates).at(gateway.now());
    Ok((ticket.record(ending, answer).await?, missing))
}

async fn check<N: Network>(
    gateway: &Gateway<'_, N>,
    ask: LdrAsk<'_>,
    ticket: &mut Ticket,
    progress: &mut Progress,
) -> (Answer, Option<Failure>) {
    let LdrAsk { request, target, agreed, fix, locate: again } = ask;
    let fix = fix.filter(|fix| fix.shape.is_some());
    let mut missing = None;
    if let (None, Some(again)) = (&fix, again) {
        let request = LocationRequest { location_type: LocationType::Current, max_age_s: None, ..again.request };
        let again = Ask { request, ..again };
        match locate(gateway, &again, By::Client, ticket, progress).await {
            Ok(cleared) => return (Ok(cleared), None),
            // Who refuses the position refuses the report.
            Err(failure @ (Failure::Refused(_) | Failure::PositioningDenied)) => return (Err(failure), None),
            Err(failure) => missing = Some(failure),
        }
        *progress = Progress::default();
    }
    let checked = gateway.ppr.authorise_deferred(request, &target, gateway.now(), &gateway.number).await;
    let permit = match checked {
        Ok(permit) => permit,
        Err(barred) => return (Err(progress.barred(barred, target, ticket)), missing),
    };
    progress.permitted(&permit, ticket);
    let cleared = gateway.ppr.clear_report(permit, agreed, fix, gateway.now()).await;
    (cleared.map_err(|refusal| progress.refused(refusal)), missing)
}
