//! Emergency location reports, pushed to whoever answers emergency calls (OMA MLP section 5.2.3.5).

use crate::{
    answer::{begin, open_versioned},
    hidden::Hidden,
    immediate::ImmediateService,
    msid::{Msid, MsidType},
    position::{Manner, Outcome, Pos, write_pos},
    result::ResultId,
    targets::{Alternative, EmergencyKey, TargetEntry},
    version::Version,
    write,
};
use lcs::{Fix, Identities, QosClass, Target, Timestamp};

/// What made the network position the phone (OMA MLP section 5.3.34.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EmergencyTrigger {
    /// An emergency call began.
    Origination,
    /// It was released.
    Release,
    /// It is being handed over to another serving node.
    Handover,
}

impl EmergencyTrigger {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Origination, Self::Release, Self::Handover];

    /// Value of the attribute `eme_trigger`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Origination => "EME_ORG",
            Self::Release => "EME_REL",
            Self::Handover => "EME_HO",
        }
    }
}

/// One report about one emergency call. `Debug` shows no identity and no place.
#[derive(Debug, Clone)]
pub struct EmergencyReport<'a> {
    version: Version,
    trigger: EmergencyTrigger,
    caller: TargetEntry,
    outcome: Outcome<'a>,
}

impl<'a> EmergencyReport<'a> {
    /// A report of the newest version about `caller`: the position and when the network gave it, or why there is none and
    /// when that became clear. Each identity known becomes an `msid`, the number first; a caller of whom none is known is
    /// told as ANONYMOUS (OMA MLP section 5.3.72.1).
    #[must_use]
    pub fn of(
        trigger: EmergencyTrigger,
        caller: &Identities,
        told: Result<(&'a Fix, Timestamp), (ResultId, Timestamp)>,
    ) -> Self {
        let outcome = match told {
            Ok((fix, at)) => Outcome::Fixed { fix, at },
            Err((result, at)) => Outcome::Failed { result, add_info: None, at },
        };
        Self { version: Version::V3_5, trigger, caller: entry(caller), outcome }
    }

    /// The same in another version.
    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// The same with the digits by which the call was routed (OMA MLP section 5.3.36).
    #[must_use]
    pub fn esrd(mut self, digits: EmergencyKey) -> Self {
        self.caller.esrd = Some(digits);
        self
    }

    /// The same with the key by which the call was routed (OMA MLP section 5.3.37).
    #[must_use]
    pub fn esrk(mut self, key: EmergencyKey) -> Self {
        self.caller.esrk = Some(key);
        self
    }

    /// Appends the report to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        begin(out, self.version);
        open_versioned(out, "emerep", self.version);
        out.push_str("<eme_event eme_trigger=\"");
        out.push_str(self.trigger.as_str());
        out.push_str("\">");
        // The network asked for no quality and knows no shape that the receiver does not take.
        let manner = Manner {
            version: self.version,
            service: ImmediateService::EmeLir,
            shapes: None,
            qos_class: QosClass::BestEffort,
        };
        write_pos(out, &Pos { target: &self.caller, outcome: self.outcome }, manner);
        out.push_str("</eme_event>");
        write::close(out, "emerep");
        out.push_str("</svc_result>");
    }
}

/// The caller as a target: the first identity, and the others beside it.
fn entry(caller: &Identities) -> TargetEntry {
    let msisdn = caller.msisdn.map(|number| (None, Hidden::of_digits(number.expose_digits()), Target::Msisdn(number)));
    let imsi =
        caller.imsi.map(|imsi| (Some(MsidType::Imsi), Hidden::of_digits(imsi.expose_digits()), Target::Imsi(imsi)));
    let imei =
        caller.imei.map(|imei| (Some(MsidType::Imei), Hidden::of_digits(imei.expose_digits()), Target::Imei(imei)));
    let known = [msisdn, imsi, imei].into_iter().flatten();
    let mut named = known.map(|(kind, text, target)| (Msid { kind, encoding: None, text }, Ok(target)));
    let nobody = Msid { kind: Some(MsidType::Anonymous), encoding: None, text: Hidden::default() };
    let (msid, target) = named.next().unwrap_or((nobody, Err(ResultId::INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE)));
    let alternatives = named.map(|(msid, target)| Alternative { msid, target }).collect();
    TargetEntry { msid, target, alternatives, codeword: None, session: None, trans_id: None, esrd: None, esrk: None }
}
