//! XML in. The reader knows no DTD and expands no entity of the document's own.

use super::columns::plain;
use super::{MAX_FILE, MAX_TEXT, Measurement, Mode, Response, Session, TraceFault, TraceFile, TraceReport, Ue};
use crate::rrc::{MAX_MESSAGE, Plmn, TraceReference};
use lcs::Timestamp;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

/// How deep elements may be nested: the schema needs five.
const MAX_DEPTH: usize = 32;
/// Attributes of an element.
const MAX_ATTRIBUTES: usize = 32;

/// Reads a trace file. Errors: in [`Mode::Strict`] the first thing that is not as the schema says; in [`Mode::Lenient`] what nothing can be
/// read behind: no XML, a DTD, too long, too deep, no head.
pub fn read(text: &[u8], mode: Mode) -> Result<(TraceFile, TraceReport), TraceFault> {
    let too_long = TraceFault { line: 1, element: "document", what: "longer than 67108864 octets" };
    let text = if text.len() <= MAX_FILE { text } else { return Err(too_long) };
    let no_text = TraceFault { line: 1, element: "document", what: "not UTF-8" };
    let text = core::str::from_utf8(text).map_err(|_| no_text)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut cursor = Cursor { reader, text, depth: 0, counted: (0, 1), mode, report: TraceReport::default() };
    let root = cursor.child("document")?.ok_or_else(|| cursor.at("document", "no element"))?;
    if root.local_name().as_ref() != "traceCollecFile" {
        return Err(cursor.at("document", "not a traceCollecFile"));
    }
    let file = cursor.file()?;
    match cursor.child("document")? {
        None => Ok((file, cursor.report)),
        Some(_) => Err(cursor.at("document", "more than one root element")),
    }
}

struct Cursor<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    depth: usize,
    /// Octets in which line ends were counted, and the line that they lead to.
    counted: (usize, u64),
    mode: Mode,
    report: TraceReport,
}

/// Attributes of an element, by local name.
struct Attributes(Vec<(String, String)>);

impl Attributes {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

impl<'a> Cursor<'a> {
    fn at(&mut self, element: &'static str, what: &'static str) -> TraceFault {
        let to = (self.reader.buffer_position() as usize).min(self.text.len());
        let between = self.text.as_bytes().get(self.counted.0..to).unwrap_or_default();
        self.counted =
            (to.max(self.counted.0), self.counted.1 + between.iter().filter(|b| **b == b'\n').count() as u64);
        TraceFault { line: self.counted.1, element, what }
    }

    /// Something that can be read past: an error when strict, else an entry of the report.
    fn fault(&mut self, element: &'static str, what: &'static str) -> Result<(), TraceFault> {
        let fault = self.at(element, what);
        if self.mode == Mode::Strict {
            return Err(fault);
        }
        self.report.faults += 1;
        if self.report.first.len() < 100 {
            self.report.first.push(fault);
        }
        Ok(())
    }

    fn event(&mut self, element: &'static str) -> Result<Event<'a>, TraceFault> {
        match self.reader.read_event() {
            Ok(Event::DocType(_)) => Err(self.at("document", "a DTD, which is not taken")),
            Ok(event) => Ok(event),
            Err(_) => Err(self.at(element, "no well-formed XML")),
        }
    }

    /// The next element inside of the open one, or `None` at its end.
    fn child(&mut self, element: &'static str) -> Result<Option<BytesStart<'a>>, TraceFault> {
        loop {
            match self.event(element)? {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(self.at(element, "elements nested too deep"));
                    }
                    return Ok(Some(start));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(None);
                }
                Event::Text(text) if text.trim_ascii().is_empty() => {}
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Eof if self.depth == 0 => return Ok(None),
                Event::Eof => return Err(self.at(element, "the file ends before the element does")),
                _ => self.fault(element, "text where elements are")?,
            }
        }
    }

    /// The text of the open element, to its end, without blanks around it; what is inside elements of it is passed over.
    fn content(&mut self, element: &'static str) -> Result<String, TraceFault> {
        self.bounded(element, MAX_TEXT)
    }

    fn bounded(&mut self, element: &'static str, most: usize) -> Result<String, TraceFault> {
        let mut whole = String::new();
        loop {
            match self.event(element)? {
                Event::Text(text) => whole.push_str(&text),
                Event::CData(text) => whole.push_str(&text),
                Event::GeneralRef(name) => match unescape(&format!("&{};", &*name)) {
                    Ok(text) => whole.push_str(&text),
                    Err(_) => return Err(self.at(element, "a reference to an entity; only the five of XML are known")),
                },
                Event::Start(_) => {
                    self.depth += 1;
                    self.fault(element, "an element where text is")?;
                    self.skip(element)?;
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    break;
                }
                Event::Eof => return Err(self.at(element, "the file ends before the element does")),
                _ => {}
            }
            if whole.len() > most {
                let message = "text longer than a message may be";
                return Err(self.at(element, if most == MAX_TEXT { "text longer than 1024 octets" } else { message }));
            }
        }
        Ok(whole.trim_ascii().to_owned())
    }

    /// Passes over the rest of the open element.
    fn skip(&mut self, element: &'static str) -> Result<(), TraceFault> {
        let outside = self.depth.saturating_sub(1);
        loop {
            match self.event(element)? {
                Event::Start(_) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(self.at(element, "elements nested too deep"));
                    }
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == outside {
                        return Ok(());
                    }
                }
                Event::Eof => return Err(self.at(element, "the file ends before the element does")),
                _ => {}
            }
        }
    }

    fn unknown(&mut self, element: &'static str) -> Result<(), TraceFault> {
        self.fault(element, "an element that the schema does not have here")?;
        self.skip(element)
    }

    /// Attributes as they stand in the tag: a comma between them, as in the standard's own example, can be read past.
    fn attributes(&mut self, tag: &BytesStart<'_>, element: &'static str) -> Result<Attributes, TraceFault> {
        let (mut found, mut rest) = (Attributes(Vec::new()), tag.attributes_raw().trim_ascii());
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(',') {
                self.fault(element, "a comma between attributes")?;
                rest = after.trim_ascii_start();
                continue;
            }
            let parsed = rest.split_once('=').and_then(|(name, after)| {
                let after = after.trim_ascii_start();
                let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
                let (value, after) = after.get(1..)?.split_once(quote)?;
                Some((name.trim_ascii(), unescape(value).ok()?, after.trim_ascii_start()))
            });
            let Some((name, value, after)) = parsed.filter(|(name, value, _)| {
                let sound =
                    !name.is_empty() && !name.contains(|c: char| c.is_ascii_whitespace() || "<&\"'".contains(c));
                sound && !value.contains('<') && value.len() <= MAX_TEXT
            }) else {
                return Err(self.at(element, "attributes are no well-formed XML"));
            };
            if found.get(name).is_some() || found.0.len() == MAX_ATTRIBUTES {
                return Err(self.at(element, "an attribute twice, or too many"));
            }
            found.0.push((name.to_owned(), value.trim_ascii().to_owned()));
            rest = after;
        }
        Ok(found)
    }

    fn file(&mut self) -> Result<TraceFile, TraceFault> {
        let head = self.child("traceCollecFile")?.filter(|tag| tag.local_name().as_ref() == "fileHeader");
        let head = head.ok_or_else(|| self.at("traceCollecFile", "no fileHeader at its beginning"))?;
        let attributes = self.attributes(&head, "fileHeader")?;
        let mut file = TraceFile {
            format_version: attributes.owned("fileFormatVersion").unwrap_or_default(),
            vendor: attributes.owned("vendorName"),
            operator: None,
            sender_dn: None,
            sender_type: None,
            begins: Timestamp::from_secs(0),
            sessions: Vec::new(),
        };
        if file.format_version.is_empty() {
            self.fault("fileHeader", "no fileFormatVersion")?;
        }
        let mut begins = None;
        while let Some(tag) = self.child("fileHeader")? {
            match tag.local_name().as_ref() {
                "pOPLMN" => file.operator = self.reference("pOPLMN")?.0,
                "fileSender" => {
                    let attributes = self.attributes(&tag, "fileSender")?;
                    file.sender_dn = attributes.owned("elementDn");
                    file.sender_type = attributes.owned("elementType");
                    self.skip("fileSender")?;
                }
                "traceCollec" => {
                    begins = self.attributes(&tag, "traceCollec")?.get("beginTime").and_then(time);
                    self.skip("traceCollec")?;
                }
                _ => self.unknown("fileHeader")?,
            }
        }
        match begins {
            Some(begins) => file.begins = begins,
            None => self.fault("fileHeader", "no beginTime that is a date and time with zone")?,
        }
        while let Some(tag) = self.child("traceCollecFile")? {
            if tag.local_name().as_ref() == "traceRecSession" {
                file.sessions.extend(self.session(&tag)?);
            } else {
                self.unknown("traceCollecFile")?;
            }
        }
        Ok(file)
    }

    /// One session; `None` when its head is not sound and that can be read past.
    fn session(&mut self, tag: &BytesStart<'_>) -> Result<Option<Session>, TraceFault> {
        let attributes = self.attributes(tag, "traceRecSession")?;
        let reference = attributes.get("traceRecSessionRef").and_then(two_octets);
        let Some((reference, started)) = reference.zip(attributes.get("stime").and_then(time)) else {
            self.fault("traceRecSession", "no traceRecSessionRef of one or two octets, or no stime with zone")?;
            self.report.passed_over += 1;
            self.skip("traceRecSession")?;
            return Ok(None);
        };
        let dn_prefix = attributes.owned("dnPrefix");
        let mut session = Session {
            dn_prefix,
            reference,
            started,
            ue: Ue::None,
            measurements: Vec::new(),
            responses: Vec::new(),
            job: None,
        };
        while let Some(tag) = self.child("traceRecSession")? {
            match tag.local_name().as_ref() {
                "ue" => {
                    let attributes = self.attributes(&tag, "ue")?;
                    session.ue = whose(&attributes);
                    self.skip("ue")?;
                }
                "meas" => {
                    let measured = self.measurement(&tag)?;
                    self.report.measurements += u64::from(measured.is_some());
                    self.report.passed_over += u64::from(measured.is_none());
                    session.measurements.extend(measured);
                }
                "msg" => {
                    self.report.messages += 1;
                    session.responses.extend(self.message(&tag)?);
                }
                "traceSessionRef" => {
                    let (plmn, trace_id) = self.reference("traceSessionRef")?;
                    session.job = plmn.zip(trace_id).map(|(plmn, trace_id)| TraceReference { plmn, trace_id });
                    if session.job.is_none() {
                        self.fault("traceSessionRef", "no MCC, MNC and TRACE_ID of three octets")?;
                    }
                }
                _ => self.unknown("traceRecSession")?,
            }
        }
        Ok(Some(session))
    }

    fn measurement(&mut self, tag: &BytesStart<'_>) -> Result<Option<Measurement>, TraceFault> {
        let attributes = self.attributes(tag, "meas")?;
        let value = self.content("meas")?;
        let vendor_specific = match attributes.get("vendorSpecific") {
            Some("true" | "1") => Some(true),
            Some("false" | "0") => Some(false),
            _ => None,
        };
        let since_us = attributes.get("changeTime").and_then(microseconds);
        let name = attributes.owned("name").filter(|name| !name.is_empty());
        let (Some(name), Some(since_us), Some(vendor_specific)) = (name, since_us, vendor_specific) else {
            self.fault("meas", "no name, or no changeTime in seconds, or no vendorSpecific")?;
            return Ok(None);
        };
        let target_cell = attributes.owned("targetCell");
        Ok(Some(Measurement { name, since_us, vendor_specific, target_cell, value }))
    }

    /// The response of a phone to the network, where the message is one and its octets are there. Of other messages nothing is looked at.
    fn message(&mut self, tag: &BytesStart<'_>) -> Result<Option<Response>, TraceFault> {
        let Ok(attributes) = self.attributes(tag, "msg") else { return self.skip("msg").map(|()| None) };
        if !attributes.get("name").is_some_and(|name| plain(name).eq("ueinformationresponse".bytes())) {
            return self.skip("msg").map(|()| None);
        }
        let (line, since_us) = (self.at("msg", "").line, attributes.get("changeTime").and_then(microseconds));
        let (mut octets, mut found) = (None, false);
        while let Some(tag) = self.child("msg")? {
            let raw = tag.local_name().as_ref() == "rawMsg";
            let of_rrc = raw && {
                let protocol = self.attributes(&tag, "rawMsg")?.owned("protocol").unwrap_or_default();
                protocol.to_ascii_uppercase().contains("RRC")
            };
            if of_rrc && !found {
                found = true;
                octets = octets_of(&self.bounded("rawMsg", 2 * MAX_MESSAGE + 2)?);
            } else {
                self.skip("msg")?;
            }
        }
        match (octets, since_us) {
            (Some(octets), Some(since_us)) => Ok(Some(Response { line, since_us, octets })),
            // A message without its octets is one of a trace that kept less.
            (None, _) if !found => Ok(None),
            _ => {
                self.fault("msg", "no changeTime in seconds, or a rawMsg of RRC that is no hexadecimal digits")?;
                Ok(None)
            }
        }
    }

    /// MCC, MNC and where it has one TRACE_ID of the open element.
    fn reference(&mut self, element: &'static str) -> Result<(Option<Plmn>, Option<[u8; 3]>), TraceFault> {
        let (mut mcc, mut mnc, mut trace_id) = (String::new(), String::new(), None);
        while let Some(tag) = self.child(element)? {
            match tag.local_name().as_ref() {
                "MCC" => mcc = self.content("MCC")?,
                "MNC" => mnc = self.content("MNC")?,
                "TRACE_ID" => trace_id = three_octets(&self.content("TRACE_ID")?),
                _ => self.unknown(element)?,
            }
        }
        let plmn = Plmn::new(&mcc, &mnc);
        if plmn.is_none() {
            self.fault(element, "no MCC of three and MNC of two or three digits")?;
        }
        Ok((plmn, trace_id))
    }
}

/// The model where the type says so and the value is one, an identity otherwise. The value of an identity goes no further.
fn whose(attributes: &Attributes) -> Ue {
    let value = attributes.get("idValue").unwrap_or_default();
    let model = attributes.get("idType").is_some_and(|kind| kind.to_ascii_uppercase().contains("TAC"));
    match (model, value.len()) {
        (true, 8) if value.bytes().all(|b| b.is_ascii_digit()) => Ue::Model(value.to_owned()),
        (_, 0) => Ue::None,
        _ => Ue::Identity,
    }
}

/// hexBinary of at least one octet.
fn octets_of(text: &str) -> Option<Vec<u8>> {
    let nibble = |b: u8| char::from(b).to_digit(16).and_then(|nibble| u8::try_from(nibble).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}

fn hex(text: &str, least: usize, most: usize) -> Option<u32> {
    let sound = (least..=most).contains(&text.len()) && text.len().is_multiple_of(2);
    let digits = text.bytes().all(|b| b.is_ascii_hexdigit());
    if sound && digits { u32::from_str_radix(text, 16).ok() } else { None }
}

fn two_octets(text: &str) -> Option<[u8; 2]> {
    let [_, _, a, b] = hex(text, 2, 4)?.to_be_bytes();
    Some([a, b])
}

fn three_octets(text: &str) -> Option<[u8; 3]> {
    let [_, a, b, c] = hex(text, 6, 6)?.to_be_bytes();
    Some([a, b, c])
}

/// dateTime with a zone.
fn time(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(instant.as_microsecond()).ok().map(Timestamp::from_micros)
}

/// Seconds with up to six decimals.
fn microseconds(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || decimals.len() > 6 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let decimals: u64 = format!("{decimals:0<6}").parse().ok()?;
    Some(whole.parse::<u64>().ok()? * 1_000_000 + decimals)
}
