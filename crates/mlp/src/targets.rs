//! Whom a request is about: `msids`, and the older list of `msid` with its companions (OMA MLP sections 5.2.2.1, 5.2.3.2.1).

use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    header::misplaced,
    hidden::Hidden,
    immediate::ImmediateService,
    msid::{Msid, MsidEncoding, MsidType},
    result::ResultId,
};
use lcs::{Address, ApnNi, CallSession, Codeword, Digits, NatureOfAddress, Target};

/// One target of a request, with what the client said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetEntry {
    /// The identifier as written, for the answer.
    pub msid: Msid,
    /// Whom it names, or the result that this target alone gets.
    pub target: Result<Target, ResultId>,
    /// Further identifiers of the same mobile station (`eme_lir` only, OMA MLP section 5.2.3.3).
    pub alternatives: Vec<Alternative>,
    /// Codeword for this target.
    pub codeword: Option<Codeword>,
    /// Call or session that the target has with the client.
    pub session: Option<CallSession>,
    /// The client's reference for this target, for the answer.
    pub trans_id: Option<Hidden>,
    /// Emergency services routing digits, for the answer.
    pub esrd: Option<EmergencyKey>,
    /// Emergency services routing key, for the answer.
    pub esrk: Option<EmergencyKey>,
}

/// Another identifier of the same mobile station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// The identifier as written, for the answer.
    pub msid: Msid,
    /// Whom it names, or why it names nobody.
    pub target: Result<Target, ResultId>,
}

/// Routing digits or key of an emergency call (OMA MLP sections 5.3.36, 5.3.37).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyKey {
    /// Whether it is of local definition and not North American.
    pub local: bool,
    /// The text.
    pub text: Hidden,
}

impl EmergencyKey {
    /// A North American key.
    #[must_use]
    pub fn north_american(digits: Digits) -> Self {
        Self { local: false, text: Hidden::of_digits(digits) }
    }
}

impl TargetEntry {
    pub(crate) fn new(msid: Msid, target: Result<Target, ResultId>) -> Self {
        let (codeword, session, trans_id, esrd, esrk) = (None, None, None, None, None);
        Self { msid, target, alternatives: Vec::new(), codeword, session, trans_id, esrd, esrk }
    }
}

/// Puts a value where at most one may be; a second is 106.
pub(crate) fn set<T>(slot: &mut Option<T>, value: T, element: &'static str) -> Result<(), Fault> {
    if slot.replace(value).is_some() { Err(Fault::syntax(element, "given more than once")) } else { Ok(()) }
}

/// Collects targets in document order.
pub(crate) struct TargetList {
    entries: Vec<TargetEntry>,
    last: Last,
    max: usize,
    service: ImmediateService,
}

/// What the companions that come next belong to.
#[derive(Clone, Copy)]
enum Last {
    /// Nothing yet.
    Nothing,
    /// The last entry; `fresh` while nothing came after its msid.
    One { fresh: bool },
    /// The entries from `first` on, made from one range, with so many codewords taken.
    Range { first: usize, codewords: usize },
}

impl TargetList {
    pub(crate) fn new(max: usize, service: ImmediateService) -> Self {
        Self { entries: Vec::with_capacity(1), last: Last::Nothing, max, service }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Reads `msids` after its start tag.
    pub(crate) fn msids(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<(), Fault> {
        tag.attributes("msids", [])?;
        while let Some(tag) = cursor.child("msids")? {
            match tag.name() {
                "msid" => self.msid(cursor, &tag, false)?,
                "msid_range" => self.range(cursor, &tag)?,
                "msid_group" => return Err(Fault::unsupported("msid_group")),
                name => {
                    let name = name.to_owned();
                    if !self.companion(cursor, &tag, &name)? {
                        return Err(misplaced(&name, "not an element of msids"));
                    }
                }
            }
        }
        if self.is_empty() { Err(Fault::syntax("msids", "no target")) } else { Ok(()) }
    }

    /// Reads an `msid` after its start tag. With `alternative` (outside `msids` in `eme_lir`), one that follows another
    /// directly names the same mobile station again.
    pub(crate) fn msid(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>, alternative: bool) -> Result<(), Fault> {
        self.close_range()?;
        let (msid, target) = Msid::parse(cursor, tag)?;
        if let (true, Last::One { fresh: true }, Some(entry)) = (alternative, self.last, self.entries.last_mut()) {
            if entry.alternatives.len() >= MAX_ALTERNATIVES {
                return Err(Fault::element(
                    ResultId::TOO_MANY_POSITION_ITEMS,
                    "msid",
                    "too many identities of one target",
                ));
            }
            entry.alternatives.push(Alternative { msid, target });
            return Ok(());
        }
        self.push(TargetEntry::new(msid, target))?;
        self.last = Last::One { fresh: true };
        Ok(())
    }

    /// Reads an element that says more about the last target, after its start tag; `false` if it is none.
    pub(crate) fn companion(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>, name: &str) -> Result<bool, Fault> {
        let emergency = self.service == ImmediateService::EmeLir;
        match name {
            "codeword" if !emergency => self.codeword(cursor, tag)?,
            "session" if !emergency => {
                let [kind] = tag.attributes("session", ["type"])?;
                let kind = kind.map(std::borrow::Cow::into_owned);
                let session = session(kind.as_deref(), &cursor.text("session")?)?;
                let entry = self.one("session")?;
                match session {
                    Some(session) => set(&mut entry.session, session, "session")?,
                    None => entry.target = Err(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE),
                }
            }
            "trans_id" => {
                tag.attributes("trans_id", [])?;
                let text = Hidden::new(cursor.text("trans_id")?);
                set(&mut self.one("trans_id")?.trans_id, text, "trans_id")?;
            }
            // Hints to the network that this server finds out for itself.
            "gsm_net_param" => {
                self.one("gsm_net_param")?;
                cursor.skip()?;
            }
            "target_serving_node" if emergency => {
                self.one("target_serving_node")?;
                cursor.skip()?;
            }
            "supl_support_params" if emergency => {
                self.one("supl_support_params")?;
                cursor.skip()?;
            }
            "esrd" if emergency => {
                let key = emergency_key(cursor, tag, "esrd")?;
                set(&mut self.one("esrd")?.esrd, key, "esrd")?;
            }
            "esrk" if emergency => {
                let key = emergency_key(cursor, tag, "esrk")?;
                set(&mut self.one("esrk")?.esrk, key, "esrk")?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The targets, in document order; never empty.
    pub(crate) fn finish(mut self, element: &'static str) -> Result<Vec<TargetEntry>, Fault> {
        self.close_range()?;
        if self.is_empty() { Err(Fault::syntax(element, "no target")) } else { Ok(self.entries) }
    }

    fn push(&mut self, entry: TargetEntry) -> Result<(), Fault> {
        if self.entries.len() >= self.max {
            return Err(Fault::element(
                ResultId::TOO_MANY_POSITION_ITEMS,
                "msids",
                "more targets than this server takes",
            ));
        }
        self.entries.push(entry);
        Ok(())
    }

    /// The target that a companion is about: the last one, and not one of a range (OMA MLP section 5.3.135, note).
    fn one(&mut self, element: &'static str) -> Result<&mut TargetEntry, Fault> {
        match (self.last, self.entries.last_mut()) {
            (Last::One { .. }, Some(entry)) => {
                self.last = Last::One { fresh: false };
                Ok(entry)
            }
            _ => Err(Fault::syntax(element, "does not follow an msid")),
        }
    }

    fn codeword(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<(), Fault> {
        tag.attributes("codeword", [])?;
        let word = Codeword::new(cursor.text("codeword")?.into_owned());
        let entry = match &mut self.last {
            Last::Nothing => None,
            Last::One { fresh } => {
                *fresh = false;
                self.entries.last_mut()
            }
            Last::Range { first, codewords } => {
                *codewords += 1;
                let Some(entry) = self.entries.get_mut(*first + *codewords - 1) else { return Err(codeword_count()) };
                Some(entry)
            }
        };
        let Some(entry) = entry else { return Err(Fault::syntax("codeword", "does not follow an msid")) };
        match word {
            Some(word) => set(&mut entry.codeword, word, "codeword"),
            None => {
                entry.target = Err(ResultId::INVALID_PROTOCOL_ELEMENT_VALUE);
                Ok(())
            }
        }
    }

    /// A range has no codeword or one for each msid (OMA MLP section 5.3.23, note).
    fn close_range(&mut self) -> Result<(), Fault> {
        match self.last {
            Last::Range { first, codewords } if codewords > 0 && first + codewords != self.entries.len() => {
                Err(codeword_count())
            }
            Last::Range { .. } | Last::One { .. } | Last::Nothing => Ok(()),
        }
    }

    /// Reads `msid_range` after its start tag, and puts every msid of it among the targets.
    fn range(&mut self, cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<(), Fault> {
        self.close_range()?;
        tag.attributes("msid_range", [])?;
        let (mut start, mut stop) = (None, None);
        while let Some(tag) = cursor.child("msid_range")? {
            match tag.name() {
                "start_msid" => set(&mut start, range_end(cursor, &tag, "start_msid")?, "start_msid")?,
                "stop_msid" => set(&mut stop, range_end(cursor, &tag, "stop_msid")?, "stop_msid")?,
                other => return Err(misplaced(other, "not an element of msid_range")),
            }
        }
        let (Some(start), Some(stop)) = (start, stop) else {
            return Err(Fault::syntax("msid_range", "start_msid and stop_msid are needed"));
        };
        let first = self.entries.len();
        let kind = start.kind.unwrap_or_default();
        if kind != stop.kind.unwrap_or_default() {
            return Err(Fault::value("msid_range", "start and stop are of different types"));
        }
        let countable = matches!(kind, MsidType::Msisdn | MsidType::Imsi | MsidType::Imei)
            && [&start, &stop].iter().all(|m| m.encoding != Some(MsidEncoding::Crp));
        if !countable {
            let rule = "a range of identifiers of this type cannot be counted";
            return Err(Fault::element(ResultId::PROTOCOL_ELEMENT_VALUE_NOT_SUPPORTED, "msid_range", rule));
        }
        let (plus, digits) = split_number(start.text.expose());
        let (_, stop_digits) = split_number(stop.text.expose());
        let number = |text: &str| {
            let sound = (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            text.parse::<u64>().ok().filter(|_| sound).ok_or_else(|| Fault::format("msid_range", "decimal digits"))
        };
        let (from, to) = (number(digits)?, number(stop_digits)?);
        if to < from || digits.len() != stop_digits.len() {
            return Err(Fault::value("msid_range", "stop before start, or of another length"));
        }
        for value in from..=to {
            let text = Hidden::new(format!("{plus}{value:0width$}", width = digits.len()));
            let msid = Msid { kind: start.kind, encoding: start.encoding, text };
            let target = msid.target();
            self.push(TargetEntry::new(msid, target))?;
        }
        self.last = Last::Range { first, codewords: 0 };
        Ok(())
    }
}

/// Most further identifiers of one mobile station.
const MAX_ALTERNATIVES: usize = 7;

fn codeword_count() -> Fault {
    Fault::value("codeword", "a range needs as many codewords as it has msids, or none")
}

fn split_number(text: &str) -> (&'static str, &str) {
    text.strip_prefix('+').map_or(("", text), |digits| ("+", digits))
}

fn range_end(cursor: &mut Cursor<'_>, tag: &Tag<'_>, element: &'static str) -> Result<Msid, Fault> {
    tag.attributes(element, [])?;
    let mut msid = None;
    while let Some(tag) = cursor.child(element)? {
        match tag.name() {
            "msid" => {
                let (end, target) = Msid::parse(cursor, &tag)?;
                if target == Err(ResultId::INVALID_PROTOCOL_ELEMENT_ATTRIBUTE_VALUE) {
                    return Err(Fault::attribute_value("msid", "type"));
                }
                set(&mut msid, end, "msid")?;
            }
            other => return Err(misplaced(other, "not an element of a range's end")),
        }
    }
    msid.ok_or_else(|| Fault::syntax(element, "msid is needed"))
}

/// Reads a session (OMA MLP section 5.3.115); `None` for a value that cannot be one. A dialled number without `+` that is
/// too short for an international one is an abbreviated number (TS 23.271 clause 9.5.3.6).
fn session(kind: Option<&str>, text: &str) -> Result<Option<CallSession>, Fault> {
    match kind {
        Some("APN") => Ok(ApnNi::new(text).ok().map(CallSession::Apn)),
        Some("DIAL") => Ok(Address::international(text).ok().map(|mut address| {
            if !text.starts_with('+') && address.digits.count() <= ABBREVIATED_MAX {
                address.nature = NatureOfAddress::Abbreviated;
            }
            CallSession::Dialled(address)
        })),
        Some(_) => Err(Fault::attribute_value("session", "type")),
        None => Err(Fault::syntax("session", "type is needed")),
    }
}

/// Longest dialled number that is taken for an abbreviated one, digits.
const ABBREVIATED_MAX: usize = 6;

fn emergency_key(cursor: &mut Cursor<'_>, tag: &Tag<'_>, element: &'static str) -> Result<EmergencyKey, Fault> {
    let [kind] = tag.attributes(element, ["type"])?;
    let local = match kind.as_deref() {
        None | Some("NA") => false,
        Some("LOCAL") => true,
        Some(_) => return Err(Fault::attribute_value(element, "type")),
    };
    Ok(EmergencyKey { local, text: Hidden::new(cursor.text(element)?) })
}
