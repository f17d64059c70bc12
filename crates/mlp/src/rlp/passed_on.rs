//! What a phone reports in another network than the one in which its request was armed: the gateway there passes it on to the home gateway, which
//! knows the request by the reference and the subscriber (TS 23.271 clause 9.1.19.1 NOTE 6 and steps 19 to 22, clause 9.1.19.3 steps 3 and 4).
//!
//! The protocol, as far as it is known, names a request by the exchange in which it was asked for, of which such a gateway knows nothing. The
//! reference stands in the extension, and `req_id` names the report.

use super::{
    init::Sender,
    news::{begin, write_position},
    result_extension::ResultExtension,
    subject::Subject,
    version::Version,
};
use crate::{
    position::write_result,
    result::ResultId,
    triggered::{TriggerWord, TriggeredOutcome},
    write,
};
use lcs::{QosClass, TerminationCause};

/// A report, or an end, to pass on.
#[derive(Debug, Clone, Copy)]
pub struct OutgoingPassedOn<'a> {
    /// Version to say it in.
    pub version: Version,
    /// Who tells.
    pub sender: &'a Sender,
    /// Its name: one that is told again has the same. 1-128 visible ASCII characters.
    pub name: &'a str,
    /// Reference of the request at the home gateway.
    pub reference: u8,
    /// Whose phone it is.
    pub subject: &'a Subject,
    /// What became of the request.
    pub told: PassedOnTold<'a>,
}

/// What a phone says of a request.
#[derive(Debug, Clone, Copy)]
pub enum PassedOnTold<'a> {
    /// `trlrep`: what it waits for happened.
    Report {
        /// What happened.
        trigger: TriggerWord,
        /// Not the event, but that the greatest time between two reports is over.
        max_interval_over: bool,
        /// Number of a periodic report as the phone counts, from 1; 0 is none.
        number: Option<u32>,
        /// What it tells.
        outcome: TriggeredOutcome<'a>,
    },
    /// `trlrsa`: it is over, and why.
    Ended(TerminationCause),
}

/// By what a request is told of which the one who tells was not asked, as read: whether it knows anything of it is not seen yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOn {
    /// Reference of the request at this gateway.
    pub reference: u8,
    /// Whose phone it is.
    pub subject: Subject,
    /// Of a report: not the event, but that the greatest time between two reports is over.
    pub max_interval_over: bool,
}

impl OutgoingPassedOn<'_> {
    /// Appends the message to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        let ver = [("ver", self.version.as_str())];
        let mut extension = ResultExtension { lcs_ref: Some(self.reference), ..ResultExtension::default() };
        begin(out, self.version, self.sender);
        match self.told {
            PassedOnTold::Report { trigger, max_interval_over, number, outcome } => {
                extension.report_number = number.filter(|number| *number > 0);
                extension.max_interval_over = max_interval_over;
                write::start(out, "trlrep", &ver);
                write::element(out, "req_id", self.name);
                // Whether it is as accurate as the client wants is for the home gateway to see.
                write_position(out, (self.subject, trigger), outcome, QosClass::BestEffort, &mut extension);
                extension.write(out);
                write::close(out, "trlrep");
            }
            PassedOnTold::Ended(cause) => {
                extension.cause = Some(cause);
                write::start(out, "trlrsa", &ver);
                write::element(out, "req_id", self.name);
                self.subject.write(out, false);
                write_result(out, ResultId::CANCELLATION_OF_TRIGGERED_LOCATION_REQUEST, None);
                extension.write(out);
                write::close(out, "trlrsa");
            }
        }
        out.push_str("</rlp_svc_result>");
    }
}
