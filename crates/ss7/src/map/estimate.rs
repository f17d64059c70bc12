//! What a result or a report says of where the phone is, and its way into the vocabulary (TS 29.002 clause 17.7.13).

use super::{
    MapError,
    ber::{Element, Place, SEQUENCE, put},
    value::{AccuracyFulfilment, Number, Octets},
};
use bcder::{
    Tag,
    decode::{Content, DecodeError as BerError, Source},
};
use lcs::{
    CellIdentity, Failure, Fix,
    gad::{Shape, ShapeKind, ShapeSet, Velocity},
};

/// CellGlobalIdOrServiceAreaIdOrLAI. `Debug` hides the place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CellOrArea {
    /// Cell global identity, or service area identity where sai-Present says so.
    CellOrServiceArea([u8; 7]),
    /// Location area identity.
    LocationArea([u8; 5]),
}

impl core::fmt::Debug for CellOrArea {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::CellOrServiceArea(_) => "CellOrServiceArea(hidden)",
            Self::LocationArea(_) => "LocationArea(hidden)",
        })
    }
}

impl Element for CellOrArea {
    // A CHOICE has no tag; it stands only where the notation gives one.
    const NATURAL: u32 = SEQUENCE;
    const CONSTRUCTED: bool = true;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        content.as_constructed()?.take_value(|tag, content| {
            if tag == Tag::CTX_0 {
                <[u8; 7]>::read(content, place).map(Self::CellOrServiceArea)
            } else if tag == Tag::CTX_1 {
                <[u8; 5]>::read(content, place).map(Self::LocationArea)
            } else {
                Err(content.content_err("no alternative of the choice"))
            }
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::CellOrServiceArea(octets) => put(out, 0, octets),
            Self::LocationArea(octets) => put(out, 1, octets),
        }
    }
}

/// The elements about a place that results and reports have in common.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Estimate {
    /// locationEstimate: one of five shapes, or one octet that says nothing.
    pub location_estimate: Option<Octets<1, 20>>,
    /// add-LocationEstimate: any shape.
    pub add_location_estimate: Option<Octets<1, 91>>,
    /// Age, minutes; 32767 and more is 32767.
    pub age_min: Option<Number<0, 32_767>>,
    /// Whether the accuracy asked for was met.
    pub accuracy_fulfilment: Option<AccuracyFulfilment>,
    /// Velocity (TS 23.032 clause 8).
    pub velocity_estimate: Option<Octets<4, 7>>,
    /// Cell, service area or location area.
    pub cell_id_or_sai: Option<CellOrArea>,
    /// The cell is a service area.
    pub sai_present: bool,
    /// Barometric pressure, Pa.
    pub utran_baro_pressure_pa: Option<Number<30_000, 115_000>>,
    /// Civic address.
    pub utran_civic_address: Option<Octets<0, 16_384>>,
}

/// The shapes that locationEstimate may have.
const FIVE: [ShapeKind; 5] =
    [ShapeKind::POINT, ShapeKind::CIRCLE, ShapeKind::ELLIPSE, ShapeKind::ALTITUDE_ELLIPSOID, ShapeKind::ARC];

/// A locationEstimate that says nothing: one octet.
pub(super) fn nothing() -> Octets<1, 20> {
    Octets::of(vec![0])
}

impl Estimate {
    /// The elements that tell a position, for a gateway that takes these shapes; `None`: it named none, and takes the five of old.
    /// An E-UTRAN cell has no place in MAP and is left out.
    ///
    /// # Errors
    /// Facility not supported, because of the shape, where the gateway does not take it.
    pub fn of(fix: &Fix, taken: Option<ShapeSet>) -> Result<Self, MapError> {
        let (mut location_estimate, mut add_location_estimate) = (None, None);
        if let Some(shape) = &fix.shape {
            let kind = shape.kind();
            let of_five = FIVE.contains(&kind);
            if !taken.map_or(of_five, |taken| taken.contains(kind)) {
                return Err(MapError::SHAPE_NOT_SUPPORTED);
            }
            if of_five {
                location_estimate = Some(Octets::of(shape.encode()));
            } else {
                (location_estimate, add_location_estimate) = (Some(nothing()), Some(Octets::of(shape.encode())));
            }
        }
        let fulfilment = |met| if met { AccuracyFulfilment::Fulfilled } else { AccuracyFulfilment::NotFulfilled };
        Ok(Self {
            location_estimate,
            add_location_estimate,
            age_min: fix.age_min.map(Number::saturating),
            accuracy_fulfilment: fix.accuracy_fulfilled.map(fulfilment),
            velocity_estimate: fix.velocity.map(|velocity| Octets::of(velocity.encode())),
            cell_id_or_sai: match fix.cell {
                Some(CellIdentity::Cgi(cell) | CellIdentity::Sai(cell)) => Some(CellOrArea::CellOrServiceArea(cell)),
                Some(CellIdentity::Ecgi(_)) | None => None,
            },
            sai_present: matches!(fix.cell, Some(CellIdentity::Sai(_))),
            utran_baro_pressure_pa: fix.barometric_pressure_pa.and_then(Number::new),
            utran_civic_address: fix.civic_address.as_deref().and_then(Octets::new),
        })
    }

    /// The position told; `None` if there is neither an estimate, a cell nor a civic address. A location area alone is none.
    ///
    /// # Errors
    /// [`Failure::NetworkProtocol`] for an estimate or velocity that TS 23.032, or for the first estimate TS 29.002, does not allow.
    pub fn fix(&self) -> Result<Option<Fix>, Failure> {
        let shape = self.shape()?;
        let velocity = self.velocity_estimate.as_ref().map(|octets| Velocity::decode(octets.as_slice())).transpose();
        let velocity = velocity.map_err(|_| Failure::NetworkProtocol)?;
        let cell = match self.cell_id_or_sai {
            Some(CellOrArea::CellOrServiceArea(cell)) if self.sai_present => Some(CellIdentity::Sai(cell)),
            Some(CellOrArea::CellOrServiceArea(cell)) => Some(CellIdentity::Cgi(cell)),
            Some(CellOrArea::LocationArea(_)) | None => None,
        };
        let civic_address = self.utran_civic_address.as_ref().and_then(|octets| {
            core::str::from_utf8(octets.as_slice()).ok().filter(|text| !text.is_empty()).map(str::to_owned)
        });
        if shape.is_none() && cell.is_none() && civic_address.is_none() {
            return Ok(None);
        }
        Ok(Some(Fix {
            shape,
            age_min: self.age_min.map(Number::value),
            accuracy_fulfilled: self.accuracy_fulfilment.map(|told| told == AccuracyFulfilment::Fulfilled),
            velocity,
            cell,
            civic_address,
            barometric_pressure_pa: self.utran_baro_pressure_pa.map(Number::value),
        }))
    }

    /// The shape told: that of locationEstimate, which must be one of five, or where that is one octet that of add-LocationEstimate.
    fn shape(&self) -> Result<Option<Shape>, Failure> {
        let first = self.location_estimate.as_ref().map(Octets::as_slice).filter(|octets| octets.len() > 1);
        let shape = match (first, &self.add_location_estimate) {
            (Some(octets), _) => Shape::decode(octets).map(Some),
            (None, Some(octets)) => Shape::decode(octets.as_slice()).map(Some),
            (None, None) => Ok(None),
        };
        let shape = shape.map_err(|_| Failure::NetworkProtocol)?;
        let allowed = first.is_none() || shape.as_ref().is_some_and(|shape| FIVE.contains(&shape.kind()));
        if allowed { Ok(shape) } else { Err(Failure::NetworkProtocol) }
    }
}
