//! Answers: `tlra`, `tlrsa`, `tlrqa` (OMA MLP sections 5.2.3.6.2, 5.2.3.6.5, 5.2.3.6.8).

use crate::{
    answer::{begin, enclosed, write_push_header},
    immediate::PushAddress,
    msid::Msid,
    position::write_msid,
    version::Version,
    write,
};
use lcs::LdrReference;

/// An answer to a request that was taken. One that was not is answered by [`crate::write_failure`].
#[derive(Debug, Clone, Copy)]
pub enum TriggeredAnswer<'a> {
    /// `tlra`: reports will come.
    Armed {
        /// The request id, the server's choice.
        request_id: &'a str,
        /// LDR reference; told only if the protocol can, which holds 00-64 of an octet (OMA MLP section 5.3.51).
        lcs_ref: Option<LdrReference>,
    },
    /// `tlrsa`: no more reports come.
    Stopped {
        /// The request id.
        request_id: &'a str,
        /// For whom alone; empty: for all.
        targets: &'a [&'a Msid],
    },
    /// `tlrqa`: what is armed follows as a report.
    Queried {
        /// Names the report.
        query_id: &'a str,
    },
}

impl TriggeredAnswer<'_> {
    /// Appends the answer to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String, version: Version) {
        match *self {
            Self::Armed { request_id, lcs_ref } => enclosed(out, version, "tlra", |out| {
                write::element(out, "req_id", request_id);
                write_reference(out, lcs_ref);
            }),
            Self::Stopped { request_id, targets } => enclosed(out, version, "tlrsa", |out| {
                stopped(out, request_id, targets);
            }),
            Self::Queried { query_id } => {
                enclosed(out, version, "tlrqa", |out| write::element(out, "query_id", query_id));
            }
        }
    }
}

/// A `tlrsa` that nobody asked for: the network or the subscriber ended the request (OMA MLP section 5.2.3.6). Pushed.
#[derive(Debug, Clone, Copy)]
pub struct StopNotice<'a> {
    /// Version of the request.
    pub version: Version,
    /// Where it goes: its id and password are put into the header.
    pub push_address: Option<&'a PushAddress>,
    /// The request id.
    pub request_id: &'a str,
    /// For whom alone; empty: for all.
    pub targets: &'a [&'a Msid],
}

impl StopNotice<'_> {
    /// Appends the notice to `out`, a whole XML document in UTF-8.
    pub fn write(&self, out: &mut String) {
        begin(out, self.version);
        write_push_header(out, self.version, self.push_address, None);
        crate::answer::open_versioned(out, "tlrsa", self.version);
        stopped(out, self.request_id, self.targets);
        write::close(out, "tlrsa");
        out.push_str("</svc_result>");
    }
}

fn stopped(out: &mut String, request_id: &str, targets: &[&Msid]) {
    match targets {
        [] => {}
        [one] => write_msid(out, one),
        many => {
            write::open(out, "msids");
            many.iter().for_each(|msid| write_msid(out, msid));
            write::close(out, "msids");
        }
    }
    write::element(out, "req_id", request_id);
}

/// Appends `lcs_ref` if the reference fits into what the protocol has for it.
pub(super) fn write_reference(out: &mut String, lcs_ref: Option<LdrReference>) {
    if let Some(LdrReference(value @ 0..=64)) = lcs_ref {
        write::open(out, "lcs_ref");
        write::digits(out, u64::from(value), 2);
        write::close(out, "lcs_ref");
    }
}
