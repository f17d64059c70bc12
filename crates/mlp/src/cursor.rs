//! A cursor over the events of an XML document: well-formedness and hardening in one place.
//!
//! The event reader never looks at a DTD and never expands an entity of the document's own; on top of that, this refuses
//! internal subsets, bounds depth and attributes, and takes exactly one root element with nothing after it.

use crate::{
    error::{Detail, Fault, outside_name},
    init::Limits,
    result::ResultId,
};
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use std::borrow::Cow;

const DOCUMENT: &str = "document";

/// A cursor at some place in a document.
pub(crate) struct Cursor<'a> {
    reader: Reader<&'a [u8]>,
    max_depth: usize,
    max_attributes: usize,
    depth: usize,
    begun: bool,
    doctype_seen: bool,
    root_seen: bool,
}

/// What comes next in the document.
pub(crate) enum Item<'a> {
    /// A start tag; an empty element is a start tag with [`Item::Close`] after it.
    Open(Tag<'a>),
    /// Character data, references resolved; one run of text may come in pieces.
    Text(Cow<'a, str>),
    /// The end of the element that is open.
    Close,
    /// The end of the document.
    End,
}

/// A start tag, its attributes known to be well-formed.
pub(crate) struct Tag<'a>(BytesStart<'a>);

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str, limits: &Limits) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_comments = true;
        Self {
            reader,
            max_depth: limits.max_depth,
            max_attributes: limits.max_attributes,
            depth: 0,
            begun: false,
            doctype_seen: false,
            root_seen: false,
        }
    }

    /// The next item; comments and processing instructions are passed over.
    pub(crate) fn next(&mut self) -> Result<Item<'a>, Fault> {
        loop {
            let begun = core::mem::replace(&mut self.begun, true);
            match self.reader.read_event().map_err(|_| malformed())? {
                Event::Start(start) => return self.open(start).map(Item::Open),
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Item::Close);
                }
                Event::Text(text) => {
                    let text = text.into_inner();
                    if self.depth > 0 {
                        // One octet is looked for first: it is seldom there, and the search for three costs more.
                        let ends_cdata = text.contains(']') && text.contains("]]>");
                        return if ends_cdata { Err(malformed()) } else { Ok(Item::Text(text)) };
                    }
                    if !is_blank(&text) {
                        return Err(Fault::syntax(DOCUMENT, "text outside the root element"));
                    }
                }
                Event::CData(data) if self.depth > 0 => return Ok(Item::Text(data.into_inner())),
                Event::GeneralRef(name) if self.depth > 0 => return resolve(&name).map(Item::Text),
                Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(Fault::syntax(DOCUMENT, "text outside the root element"));
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Decl(_) if !begun => {}
                Event::Decl(_) => return Err(Fault::syntax(DOCUMENT, "XML declaration not at the start")),
                Event::DocType(doctype) => self.doctype(&doctype)?,
                Event::Eof if self.depth == 0 && self.root_seen => return Ok(Item::End),
                Event::Eof => return Err(Fault::syntax(DOCUMENT, "ends before its root element is closed")),
                // `expand_empty_elements` turns these into `Start` and `End`.
                Event::Empty(_) => return Err(malformed()),
            }
        }
    }

    fn open(&mut self, start: BytesStart<'a>) -> Result<Tag<'a>, Fault> {
        if self.depth == 0 && core::mem::replace(&mut self.root_seen, true) {
            return Err(Fault::syntax(DOCUMENT, "more than one root element"));
        }
        self.depth += 1;
        if self.depth > self.max_depth {
            return Err(Fault::syntax(DOCUMENT, "elements nested too deep"));
        }
        if !start.attributes_raw().is_empty() {
            self.check_attributes(&start)?;
        }
        Ok(Tag(start))
    }

    /// Bounds the number first, because the check for duplicates compares each with each, and needs two at least.
    fn check_attributes(&self, start: &BytesStart<'_>) -> Result<(), Fault> {
        let mut count = 0;
        for attribute in start.attributes().with_checks(false) {
            if attribute.map_err(|_| malformed())?.value.contains('<') {
                return Err(malformed());
            }
            count += 1;
            if count > self.max_attributes {
                return Err(Fault::syntax(DOCUMENT, "too many attributes on one element"));
            }
        }
        let duplicate = count > 1 && start.attributes().any(|attribute| attribute.is_err());
        if duplicate { Err(malformed()) } else { Ok(()) }
    }

    /// A DOCTYPE that only names an external DTD is passed over and never fetched (OMA MLP section 5.6.2). Of an internal
    /// subset only processing instructions and comments are taken, which is all that the typical usage printed in every
    /// DTD of the standard has; declarations are refused, those that pull in an extension DTD (section 5.1.2) included.
    fn doctype(&mut self, doctype: &str) -> Result<(), Fault> {
        if self.root_seen || core::mem::replace(&mut self.doctype_seen, true) {
            return Err(Fault::syntax(DOCUMENT, "DOCTYPE repeated or out of place"));
        }
        let mut quote = None;
        let mut subset = None;
        for (at, byte) in doctype.bytes().enumerate() {
            match (quote, byte) {
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), _) if open == byte => quote = None,
                (None, b'[') => {
                    subset = doctype.get(at + 1..);
                    break;
                }
                _ => {}
            }
        }
        let Some(mut rest) = subset else { return Ok(()) };
        loop {
            rest = rest.trim_ascii_start();
            let after = |open: &str, close: &str| {
                rest.strip_prefix(open).and_then(|r| r.split_once(close)).map(|(_, after)| after)
            };
            if rest.starts_with(']') {
                return Ok(());
            }
            match after("<?", "?>").or_else(|| after("<!--", "-->")) {
                Some(after) => rest = after,
                None => return Err(Fault::syntax("DOCTYPE", "internal DTD subset with declarations is not taken")),
            }
        }
    }

    /// The text of the element that was just opened, to its end, without blanks around it.
    pub(crate) fn text(&mut self, element: &'static str) -> Result<Cow<'a, str>, Fault> {
        let mut whole: Cow<'a, str> = Cow::Borrowed("");
        loop {
            match self.next()? {
                Item::Text(piece) if whole.is_empty() => whole = piece,
                Item::Text(piece) => whole.to_mut().push_str(&piece),
                Item::Close => break,
                Item::Open(_) => return Err(Fault::syntax(element, "an element where only text may be")),
                Item::End => return Err(malformed()),
            }
        }
        Ok(match whole {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
            Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
        })
    }

    /// The end of an element that has no content.
    pub(crate) fn empty(&mut self, element: &'static str) -> Result<(), Fault> {
        if self.text(element)?.is_empty() { Ok(()) } else { Err(Fault::syntax(element, "must be empty")) }
    }

    /// Passes over the rest of the element that was just opened, however deep (without recursion).
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        let outside = self.depth.saturating_sub(1);
        loop {
            match self.next()? {
                Item::Close if self.depth == outside => return Ok(()),
                Item::End => return Err(malformed()),
                Item::Close | Item::Open(_) | Item::Text(_) => {}
            }
        }
    }

    /// The next child of the open element, or `None` at its end; text other than blanks is a fault.
    pub(crate) fn child(&mut self, element: &'static str) -> Result<Option<Tag<'a>>, Fault> {
        loop {
            match self.next()? {
                Item::Open(tag) => return Ok(Some(tag)),
                Item::Close => return Ok(None),
                Item::Text(text) if is_blank(&text) => {}
                Item::Text(_) => return Err(Fault::syntax(element, "text where only elements may be")),
                Item::End => return Err(malformed()),
            }
        }
    }

    /// The root element.
    pub(crate) fn root(&mut self) -> Result<Tag<'a>, Fault> {
        match self.next()? {
            Item::Open(tag) => Ok(tag),
            Item::Text(_) | Item::Close | Item::End => Err(malformed()),
        }
    }

    /// Checks that nothing but comments and blanks follows the root element.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        match self.next()? {
            Item::End => Ok(()),
            Item::Open(_) | Item::Text(_) | Item::Close => Err(malformed()),
        }
    }
}

impl Tag<'_> {
    /// Name without namespace prefix.
    pub(crate) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// Whether the element itself declares the namespace that its name is in, and it is this one.
    pub(crate) fn is_in_own(&self, namespace: &str) -> bool {
        let declaration = match self.0.name().prefix() {
            None => Cow::Borrowed("xmlns"),
            Some(prefix) => Cow::Owned(format!("xmlns:{}", prefix.into_inner())),
        };
        let declared = self.0.attributes().with_checks(false).flatten().find(|a| a.key.into_inner() == declaration);
        declared.is_some_and(|attribute| attribute.value == namespace)
    }

    /// Whether the name bears a prefix, or the element declares a namespace of its own: an extension, if it is not known.
    pub(crate) fn is_foreign(&self) -> bool {
        self.0.name().prefix().is_some()
            || self.0.attributes().with_checks(false).flatten().any(|a| a.key.into_inner() == "xmlns")
    }

    /// The values of the named attributes, references resolved and blanks around them gone. Namespace declarations and
    /// prefixed attributes are passed over; any other attribute is 109.
    pub(crate) fn attributes<const N: usize>(
        &self,
        element: &'static str,
        names: [&'static str; N],
    ) -> Result<[Option<Cow<'_, str>>; N], Fault> {
        let mut values = [const { None }; N];
        if self.0.attributes_raw().is_empty() {
            return Ok(values);
        }
        for attribute in self.0.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| malformed())?;
            let key: &str = attribute.key.into_inner();
            if key.contains(':') || key == "xmlns" {
                continue;
            }
            let slot = names.iter().position(|n| *n == key).and_then(|at| values.get_mut(at));
            let Some(slot) = slot else {
                let result = ResultId::PROTOCOL_ELEMENT_ATTRIBUTE_NOT_SUPPORTED;
                let (element, attribute) = (Cow::Borrowed(element), Some(outside_name(key)));
                return Err(Fault {
                    result,
                    detail: Box::new(Detail { element, attribute, rule: "unknown attribute" }),
                });
            };
            *slot = Some(match attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| malformed())? {
                Cow::Borrowed(value) => Cow::Borrowed(value.trim_ascii()),
                Cow::Owned(value) if value.chars().all(is_xml_char) => Cow::Owned(value.trim_ascii().to_owned()),
                Cow::Owned(_) => return Err(malformed()),
            });
        }
        Ok(values)
    }
}

/// Whether there is only what XML counts as white space. ASCII has one blank more, the form feed, and a document with it
/// never comes here: it is no character of XML.
fn is_blank(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_whitespace())
}

fn resolve<'a>(name: &quick_xml::events::BytesRef<'_>) -> Result<Cow<'a, str>, Fault> {
    let known = match &**name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "apos" => "'",
        "quot" => "\"",
        _ => {
            return match name.resolve_char_ref() {
                Ok(Some(c)) if is_xml_char(c) => Ok(Cow::Owned(c.to_string())),
                Ok(Some(_)) | Err(_) => Err(malformed()),
                Ok(None) => Err(Fault::syntax(DOCUMENT, "reference to an entity; only the five of XML are known")),
            };
        }
    };
    Ok(Cow::Borrowed(known))
}

/// XML 1.0 production Char.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

fn malformed() -> Fault {
    Fault::syntax(DOCUMENT, "not well-formed XML")
}
