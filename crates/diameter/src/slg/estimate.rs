//! What an answer or a report says of where the phone is, and its way into the vocabulary.

use super::{AccuracyFulfilment, EsmlcCellInfo};
use crate::value::{HiddenOctets, HiddenText, Octets};
use lcs::{
    CellIdentity, Failure, Fix,
    gad::{Shape, Velocity},
};

/// The AVPs about a place that PLA and LRR have in common (TS 29.172 clauses 7.3.2 and 7.3.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Estimate<'a> {
    /// Location-Estimate: a shape of TS 23.032.
    pub location_estimate: Option<Octets<'a>>,
    /// Accuracy-Fulfilment-Indicator.
    pub accuracy_fulfilment: Option<AccuracyFulfilment>,
    /// Age-Of-Location-Estimate, minutes.
    pub age_min: Option<u32>,
    /// Velocity-Estimate of TS 23.032.
    pub velocity_estimate: Option<Octets<'a>>,
    /// ECGI.
    pub ecgi: Option<HiddenOctets<7>>,
    /// Cell-Global-Identity.
    pub cell_global_identity: Option<HiddenOctets<7>>,
    /// Service-Area-Identity.
    pub service_area_identity: Option<HiddenOctets<7>>,
    /// ECGI as the E-SMLC knows it.
    pub esmlc_ecgi: Option<HiddenOctets<7>>,
    /// Civic-Address, an XML document.
    pub civic_address: Option<HiddenText<'a>>,
    /// Barometric-Pressure, Pa.
    pub barometric_pressure_pa: Option<u32>,
}

impl Estimate<'_> {
    /// The position told; `None` if there is neither an estimate, a cell nor a civic address.
    ///
    /// # Errors
    /// [`Failure::NetworkProtocol`] for an estimate or velocity that TS 23.032 does not allow.
    pub fn fix(&self) -> Result<Option<Fix>, Failure> {
        let shape = self.location_estimate.map(|octets| Shape::decode(octets.0)).transpose();
        let velocity = self.velocity_estimate.map(|octets| Velocity::decode(octets.0)).transpose();
        let shape = shape.map_err(|_| Failure::NetworkProtocol)?;
        let velocity = velocity.map_err(|_| Failure::NetworkProtocol)?;
        let cell = self.cell();
        if shape.is_none() && cell.is_none() && self.civic_address.is_none() {
            return Ok(None);
        }
        Ok(Some(Fix {
            shape,
            age_min: self.age_min,
            accuracy_fulfilled: self.accuracy_fulfilment.map(|told| told == AccuracyFulfilment::FULFILLED),
            velocity,
            cell,
            civic_address: self.civic_address.map(|text| text.0.to_owned()),
            barometric_pressure_pa: self.barometric_pressure_pa,
        }))
    }

    /// The serving cell: what the node says before what the E-SMLC says.
    fn cell(&self) -> Option<CellIdentity> {
        let ecgi = self.ecgi.map(|cell| CellIdentity::Ecgi(cell.0));
        ecgi.or_else(|| self.cell_global_identity.map(|cell| CellIdentity::Cgi(cell.0)))
            .or_else(|| self.service_area_identity.map(|cell| CellIdentity::Sai(cell.0)))
            .or_else(|| self.esmlc_ecgi.map(|cell| CellIdentity::Ecgi(cell.0)))
    }
}

/// Octets of a fix, encoded, for a node that answers with it: shape and velocity.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct EncodedFix {
    shape: Option<Vec<u8>>,
    velocity: Option<Vec<u8>>,
}

impl core::fmt::Debug for EncodedFix {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("EncodedFix(hidden)")
    }
}

impl EncodedFix {
    /// Encodes shape and velocity.
    #[must_use]
    pub fn new(fix: &Fix) -> Self {
        Self { shape: fix.shape.as_ref().map(Shape::encode), velocity: fix.velocity.as_ref().map(Velocity::encode) }
    }

    /// The AVPs of the fix, borrowing from here and from the fix.
    #[must_use]
    pub fn estimate<'a>(&'a self, fix: &'a Fix) -> Estimate<'a> {
        let fulfilment = |met| if met { AccuracyFulfilment::FULFILLED } else { AccuracyFulfilment::NOT_FULFILLED };
        let mut estimate = Estimate {
            location_estimate: self.shape.as_deref().map(Octets),
            accuracy_fulfilment: fix.accuracy_fulfilled.map(fulfilment),
            age_min: fix.age_min,
            velocity_estimate: self.velocity.as_deref().map(Octets),
            civic_address: fix.civic_address.as_deref().map(HiddenText),
            barometric_pressure_pa: fix.barometric_pressure_pa,
            ..Estimate::default()
        };
        match &fix.cell {
            Some(CellIdentity::Ecgi(cell)) => estimate.ecgi = Some(HiddenOctets(*cell)),
            Some(CellIdentity::Cgi(cell)) => estimate.cell_global_identity = Some(HiddenOctets(*cell)),
            Some(CellIdentity::Sai(cell)) => estimate.service_area_identity = Some(HiddenOctets(*cell)),
            None => {}
        }
        estimate
    }
}

/// ESMLC-Cell-Info's cell.
pub(super) fn esmlc_ecgi(info: &Option<EsmlcCellInfo<'_>>) -> Option<HiddenOctets<7>> {
    info.as_ref().and_then(|info| info.ecgi)
}
