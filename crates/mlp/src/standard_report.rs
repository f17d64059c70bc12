//! Standard location reports: a subscriber has their own location pushed to a client (OMA MLP section 5.2.3.4; MO-LR,
//! transfer to third party, TS 23.271 clauses 9.2.1, 9.2.2 and 9.2.6).

use crate::{
    answer::{begin, open_versioned, write_push_header},
    client::{ClientError, parse_svc_result},
    hidden::Hidden,
    immediate::{ImmediateService, PushAddress},
    msid::{Msid, MsidType},
    position::{Manner, Outcome, Pos, write_pos},
    result::ResultId,
    shapes::SupportedShapes,
    targets::TargetEntry,
    version::Version,
    write,
};
use lcs::{Fix, Identities, Pseudonym, QosClass, Target, Timestamp};

/// One report about one subscriber, who wants the client to have it. `Debug` shows no identity and no place.
#[derive(Debug, Clone)]
pub struct StandardReport<'a> {
    version: Version,
    push_address: Option<&'a PushAddress>,
    service_id: Option<&'a str>,
    shapes: Option<&'a SupportedShapes>,
    qos_class: QosClass,
    subscriber: TargetEntry,
    outcome: Outcome<'a>,
}

impl<'a> StandardReport<'a> {
    /// A report of the newest version about a subscriber under their own number: the position and when the network gave it,
    /// or why there is none and when that became clear. Told is the MSISDN, else the IMSI; a subscriber of whom neither is
    /// known is ANONYMOUS (OMA MLP section 5.3.72.1), as `pos` has exactly one `msid`.
    #[must_use]
    pub fn of(subscriber: &Identities, told: Result<(&'a Fix, Timestamp), (ResultId, Timestamp)>) -> Self {
        Self::new(TargetEntry::named(subscriber), told)
    }

    /// The same about a subscriber who wants to be known to the client by a pseudonym alone (TS 23.271 clause 9.2.6 step 10);
    /// it is told as ASID.
    #[must_use]
    pub fn under(pseudonym: &Pseudonym, told: Result<(&'a Fix, Timestamp), (ResultId, Timestamp)>) -> Self {
        let text = Hidden::new(pseudonym.expose());
        let msid = Msid { kind: Some(MsidType::Asid), encoding: None, text };
        Self::new(TargetEntry::new(msid, Ok(Target::Pseudonym(pseudonym.clone()))), told)
    }

    fn new(subscriber: TargetEntry, told: Result<(&'a Fix, Timestamp), (ResultId, Timestamp)>) -> Self {
        let outcome = match told {
            Ok((fix, at)) => Outcome::Fixed { fix, at },
            Err((result, at)) => Outcome::Failed { result, add_info: None, at },
        };
        let (version, qos_class) = (Version::V3_5, QosClass::BestEffort);
        Self { version, push_address: None, service_id: None, shapes: None, qos_class, subscriber, outcome }
    }

    /// The same in another version.
    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// The same to an address whose id and password are put into the header.
    #[must_use]
    pub fn to(mut self, push_address: &'a PushAddress) -> Self {
        self.push_address = Some(push_address);
        self
    }

    /// The same for the service that the subscriber named (result 605 is about it). It stands beside the id of the push
    /// address, and is not told without one: `client` has an id.
    #[must_use]
    pub fn service_id(mut self, service_id: &'a str) -> Self {
        self.service_id = Some(service_id);
        self
    }

    /// The same for a client that takes these shapes only.
    #[must_use]
    pub fn shapes(mut self, shapes: &'a SupportedShapes) -> Self {
        self.shapes = Some(shapes);
        self
    }

    /// The same for a quality class: an assured position that misses its accuracy is not told (TS 23.271 clause 9.2.6).
    #[must_use]
    pub fn qos_class(mut self, class: QosClass) -> Self {
        self.qos_class = class;
        self
    }

    /// Appends the report to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        let Self { version, shapes, qos_class, .. } = *self;
        begin(out, version);
        write_push_header(out, version, self.push_address, self.service_id);
        open_versioned(out, "slrep", version);
        let manner = Manner { version, service: ImmediateService::Slir, shapes, qos_class };
        write_pos(out, &Pos { target: &self.subscriber, outcome: self.outcome }, manner);
        write::close(out, "slrep");
        out.push_str("</svc_result>");
    }
}

impl TargetEntry {
    fn named(subscriber: &Identities) -> Self {
        let (kind, digits, target) = match (subscriber.msisdn, subscriber.imsi) {
            (Some(number), _) => (None, number.expose_digits(), Target::Msisdn(number)),
            (None, Some(imsi)) => (Some(MsidType::Imsi), imsi.expose_digits(), Target::Imsi(imsi)),
            (None, None) => {
                let nobody = Msid { kind: Some(MsidType::Anonymous), encoding: None, text: Hidden::default() };
                return Self::new(nobody, Err(ResultId::INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE));
            }
        };
        Self::new(Msid { kind, encoding: None, text: Hidden::of_digits(digits) }, Ok(target))
    }
}

/// Reads a client's answer to a standard location report, `slra` (OMA MLP section 5.2.3.4.2): 0 if the client took it, else
/// why not, 601 to 605 being made for it (section 5.4.1).
///
/// # Errors
///
/// A [`ClientError`] if it is no such answer or tells no result; what the client did with the report is then not known.
pub fn parse_report_answer(body: &[u8]) -> Result<ResultId, ClientError> {
    let answer = parse_svc_result(body)?;
    match answer.result {
        Some((result, _)) if answer.element == "slra" => Ok(result),
        _ => Err(ClientError::NotAnAnswer),
    }
}
