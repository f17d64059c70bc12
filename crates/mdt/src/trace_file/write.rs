//! XML out.

use super::{Session, TraceFile, Ue};
use crate::rrc::Plmn;
use core::fmt::{self, Write};
use lcs::Timestamp;
use quick_xml::escape::escape;

const NAMESPACE: &str = "http://www.3gpp.org/ftp/specs/archive/32_series/32.423#traceData";

impl TraceFile {
    /// The file as XML. An identity is never written: it was not kept.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        match self.write(&mut text) {
            Ok(()) | Err(fmt::Error) => text,
        }
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(out, r#"<traceCollecFile xmlns="{NAMESPACE}">"#)?;
        write!(out, r#"<fileHeader fileFormatVersion="{}""#, escape(&self.format_version))?;
        attribute(out, "vendorName", self.vendor.as_deref())?;
        writeln!(out, ">")?;
        if let Some(operator) = self.operator {
            write!(out, "<pOPLMN>")?;
            network(out, operator)?;
            writeln!(out, "</pOPLMN>")?;
        }
        write!(out, "<fileSender")?;
        attribute(out, "elementDn", self.sender_dn.as_deref())?;
        attribute(out, "elementType", self.sender_type.as_deref())?;
        writeln!(out, "/>\n<traceCollec beginTime=\"{}\"/>\n</fileHeader>", instant(self.begins))?;
        self.sessions.iter().try_for_each(|session| session.write(out))?;
        writeln!(out, "</traceCollecFile>")
    }
}

impl Session {
    fn write(&self, out: &mut String) -> fmt::Result {
        let [a, b] = self.reference;
        write!(out, "<traceRecSession")?;
        attribute(out, "dnPrefix", self.dn_prefix.as_deref())?;
        writeln!(out, r#" traceRecSessionRef="{a:02X}{b:02X}" stime="{}">"#, instant(self.started))?;
        if let Ue::Model(model) = &self.ue {
            writeln!(out, r#"<ue idType="IMEI-TAC" idValue="{}"/>"#, escape(model))?;
        }
        for measured in &self.measurements {
            let (seconds, micros) = (measured.since_us / 1_000_000, measured.since_us % 1_000_000);
            write!(out, r#"<meas name="{}" changeTime="{seconds}.{micros:06}""#, escape(&measured.name))?;
            write!(out, r#" vendorSpecific="{}""#, measured.vendor_specific)?;
            attribute(out, "targetCell", measured.target_cell.as_deref())?;
            writeln!(out, ">{}</meas>", escape(&measured.value))?;
        }
        if let Some(job) = self.job {
            let [a, b, c] = job.trace_id;
            write!(out, "<traceSessionRef>")?;
            network(out, job.plmn)?;
            writeln!(out, "<TRACE_ID>{a:02X}{b:02X}{c:02X}</TRACE_ID></traceSessionRef>")?;
        }
        writeln!(out, "</traceRecSession>")
    }
}

fn attribute(out: &mut String, name: &str, value: Option<&str>) -> fmt::Result {
    value.map_or(Ok(()), |value| write!(out, r#" {name}="{}""#, escape(value)))
}

fn network(out: &mut String, plmn: Plmn) -> fmt::Result {
    let (mcc, mnc, digits) = (plmn.mcc().unwrap_or_default(), plmn.mnc(), plmn.mnc_digits());
    write!(out, "<MCC>{mcc:03}</MCC><MNC>{mnc:0digits$}</MNC>")
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    i64::try_from(at.micros())
        .ok()
        .and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok())
        .unwrap_or_default()
}
