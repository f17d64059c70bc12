//! The element of our own for what the standard has no element for, or none that could be found out: in a request.
//!
//! It is the last child of the service element, `lr_extension`, and declares its namespace itself. The namespace is closed:
//! what version 1 does not define is refused, as it might narrow what is asked. Extensions of others are passed over.

use super::{
    result_extension::{hex, to_hex},
    routing::{read_node, write_node},
};
use crate::{
    cursor::{Cursor, Tag},
    error::Fault,
    header::plain,
    quality::whole,
    result::ResultId,
    targets::set,
    write,
};
use lcs::{
    NatureOfAddress, PlmnId, ServingNode, Timestamp,
    gad::{Shape, ShapeSet},
};

/// Namespace of the extension element, version 1.
pub const EXTENSION: &str = "urn:x-wherefore:rlp:1";

/// Name of the extension element.
pub(super) const ELEMENT: &str = "lr_extension";

/// Most serving nodes of one request.
const NODES_MAX: usize = 8;

/// Most networks in which a phone is told that it may report (TS 29.172 clause 7.4.48), the one that serves left out.
const PLMNS_MAX: usize = 19;

/// A name for one exchange between two gateways, chosen by the one that asks and told back: it joins their charging records,
/// and shows a request that is sent again by somebody else (TS 23.271 clause 11). Names nobody.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Transaction(String);

impl Transaction {
    /// Takes 1-64 visible ASCII characters; `None` otherwise.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        ((1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())).then_some(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Codes of a mobile network, for charging: three digits of country and two or three of network (TS 23.003 clause 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Plmn(String);

impl Plmn {
    /// Takes five or six digits; `None` otherwise.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        ((5..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then_some(Self(text))
    }

    /// The digits, country first.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a request says in the extension.
#[derive(Clone, PartialEq, Default)]
pub(super) struct RequestExtension {
    pub(super) transaction: Option<Transaction>,
    pub(super) sent: Option<Timestamp>,
    pub(super) velocity: bool,
    pub(super) notification_only: bool,
    pub(super) shapes: Option<ShapeSet>,
    /// Nature of the dialled number, where the text of `session` would be read as another.
    pub(super) dialled_nature: Option<NatureOfAddress>,
    pub(super) optimised_lcs: bool,
    /// The area of a triggered request, exactly.
    pub(super) target_area: Option<Shape>,
    pub(super) nodes: Vec<ServingNode>,
    /// Networks in which the phone may report.
    pub(super) reporting_plmns: Vec<PlmnId>,
}

impl RequestExtension {
    /// Reads the extension element after its start tag.
    pub(super) fn parse(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Self, Fault> {
        tag.attributes(ELEMENT, [])?;
        let mut read = Self::default();
        let (mut velocity, mut notification_only, mut optimised) = (None, None, None);
        while let Some(tag) = cursor.child(ELEMENT)? {
            match tag.name() {
                "transaction" => set(&mut read.transaction, transaction(cursor, &tag)?, "transaction")?,
                "sent_us" => {
                    let text = plain(cursor, &tag, "sent_us")?;
                    let digits = text.bytes().all(|b| b.is_ascii_digit());
                    let micros = text.parse().ok().filter(|_| digits).map(Timestamp::from_micros);
                    set(&mut read.sent, micros.ok_or_else(|| Fault::format("sent_us", "microseconds"))?, "sent_us")?;
                }
                "velocity_wanted" => flag(cursor, &tag, &mut velocity, "velocity_wanted")?,
                "notification_only" => flag(cursor, &tag, &mut notification_only, "notification_only")?,
                "optimised_lcs" => flag(cursor, &tag, &mut optimised, "optimised_lcs")?,
                "gad_shapes" => {
                    let bits = whole(&plain(cursor, &tag, "gad_shapes")?, "gad_shapes")?;
                    set(&mut read.shapes, ShapeSet(bits), "gad_shapes")?;
                }
                "dialled_nature" => {
                    let code = whole(&plain(cursor, &tag, "dialled_nature")?, "dialled_nature")?;
                    let nature = nature_of(code).ok_or_else(|| Fault::value("dialled_nature", "0 to 7"))?;
                    set(&mut read.dialled_nature, nature, "dialled_nature")?;
                }
                "target_gad" => {
                    let octets = hex(&plain(cursor, &tag, "target_gad")?, "target_gad")?;
                    let shape = Shape::decode(&octets).ok().filter(is_area);
                    let rule = "an area of TS 23.032";
                    set(&mut read.target_area, shape.ok_or_else(|| Fault::value("target_gad", rule))?, "target_gad")?;
                }
                "serving_node" if read.nodes.len() >= NODES_MAX => {
                    let rule = "more serving nodes than a target has";
                    return Err(Fault::element(ResultId::TOO_MANY_POSITION_ITEMS, "serving_node", rule));
                }
                "serving_node" => {
                    read.nodes.push(read_node(&tag)?);
                    cursor.empty("serving_node")?;
                }
                "reporting_plmn" if read.reporting_plmns.len() >= PLMNS_MAX => {
                    let rule = "more networks than a phone is told";
                    return Err(Fault::element(ResultId::TOO_MANY_POSITION_ITEMS, "reporting_plmn", rule));
                }
                "reporting_plmn" => {
                    let octets = hex(&plain(cursor, &tag, "reporting_plmn")?, "reporting_plmn")?;
                    let plmn = octets.try_into().ok().and_then(PlmnId::from_octets);
                    read.reporting_plmns.push(plmn.ok_or_else(|| Fault::value("reporting_plmn", "a network"))?);
                }
                other => return Err(unknown(other)),
            }
        }
        read.velocity = velocity.is_some();
        read.notification_only = notification_only.is_some();
        read.optimised_lcs = optimised.is_some();
        Ok(read)
    }

    /// Appends the extension element; nothing if it would say nothing.
    pub(super) fn write(&self, out: &mut String) {
        if *self == Self::default() {
            return;
        }
        begin(out);
        if let Some(transaction) = &self.transaction {
            write::element(out, "transaction", transaction.as_str());
        }
        if let Some(sent) = self.sent {
            write::number(out, "sent_us", sent.micros());
        }
        for (name, said) in [
            ("velocity_wanted", self.velocity),
            ("notification_only", self.notification_only),
            ("optimised_lcs", self.optimised_lcs),
        ] {
            if said {
                write::empty(out, name, &[]);
            }
        }
        if let Some(shapes) = self.shapes {
            write::number(out, "gad_shapes", u64::from(shapes.0));
        }
        if let Some(nature) = self.dialled_nature {
            write::number(out, "dialled_nature", u64::from(nature_code(nature)));
        }
        if let Some(shape) = &self.target_area {
            write::element(out, "target_gad", &to_hex(&shape.encode()));
        }
        self.nodes.iter().for_each(|node| write_node(out, node));
        for plmn in self.reporting_plmns.iter().take(PLMNS_MAX) {
            write::element(out, "reporting_plmn", &to_hex(&plmn.octets()));
        }
        write::close(out, ELEMENT);
    }
}

/// Whether a phone can be inside of it.
fn is_area(shape: &Shape) -> bool {
    !matches!(shape, Shape::Point(_) | Shape::PointAltitude(..))
}

/// Whether an element is our extension: by its name and by the namespace that it declares.
pub(super) fn is_extension(tag: &Tag<'_>) -> bool {
    tag.name() == ELEMENT && tag.is_in_own(EXTENSION)
}

/// Appends the start tag of the extension element.
pub(super) fn begin(out: &mut String) {
    write::start(out, ELEMENT, &[("xmlns", EXTENSION)]);
}

pub(super) fn transaction(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Transaction, Fault> {
    let name = Transaction::new(plain(cursor, tag, "transaction")?);
    name.ok_or_else(|| Fault::format("transaction", "1 to 64 visible ASCII characters"))
}

/// An element that version 1 of the extension does not define.
pub(super) fn unknown(name: &str) -> Fault {
    Fault::outside(ResultId::PROTOCOL_ELEMENT_NOT_SUPPORTED, name, "not an element of lr_extension, version 1")
}

pub(super) fn flag(
    cursor: &mut Cursor<'_>,
    tag: &Tag<'_>,
    slot: &mut Option<()>,
    element: &'static str,
) -> Result<(), Fault> {
    tag.attributes(element, [])?;
    cursor.empty(element)?;
    set(slot, (), element)
}

/// Nature of address as coded in an AddressString (TS 29.002 clause 17.7.8).
pub(super) fn nature_code(nature: NatureOfAddress) -> u8 {
    match nature {
        NatureOfAddress::International => 1,
        NatureOfAddress::National => 2,
        NatureOfAddress::NetworkSpecific => 3,
        NatureOfAddress::Subscriber => 4,
        NatureOfAddress::Abbreviated => 6,
        NatureOfAddress::Other(code) => code & 7,
    }
}

pub(super) fn nature_of(code: u32) -> Option<NatureOfAddress> {
    match u8::try_from(code).ok()? {
        1 => Some(NatureOfAddress::International),
        2 => Some(NatureOfAddress::National),
        3 => Some(NatureOfAddress::NetworkSpecific),
        4 => Some(NatureOfAddress::Subscriber),
        6 => Some(NatureOfAddress::Abbreviated),
        other @ (0 | 5 | 7) => Some(NatureOfAddress::Other(other)),
        _ => None,
    }
}
