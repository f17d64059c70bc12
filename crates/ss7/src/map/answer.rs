//! ProvideSubscriberLocation-Res (TS 29.002 clauses 13A.2 and 17.7.13).

use super::{
    Estimate, MapError,
    ber::{Element, OCTET_STRING, Place, SEQUENCE, message, put, sequence},
    estimate::{CellOrArea, nothing},
    value::{AccuracyFulfilment, DiameterIdentity, Number, Octets},
};
use bcder::{
    Tag,
    decode::{Content, DecodeError as BerError, Source},
};
use lcs::{Address, Failure, Fix, LocationType, NodeKind, PositioningOutcome, ServingNode, gad::ShapeSet};

/// ServingNodeAddress: where an emergency call was handed over to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServingNodeAddress {
    /// An MSC server.
    Msc(Address),
    /// An SGSN.
    Sgsn(Address),
    /// An MME.
    Mme(DiameterIdentity),
}

impl ServingNodeAddress {
    /// The node, of whose capabilities nothing is told.
    #[must_use]
    pub fn serving_node(&self) -> ServingNode {
        let kind = match self {
            Self::Msc(number) => NodeKind::Msc { number: *number },
            Self::Sgsn(number) => NodeKind::Sgsn { number: Some(*number), diameter: None },
            Self::Mme(name) => NodeKind::Mme { name: name.as_str().to_owned(), realm: name.realm().to_owned() },
        };
        ServingNode { kind, capabilities: None, v_gmlc: None }
    }
}

impl Element for ServingNodeAddress {
    // A CHOICE has no tag; it stands only where the notation gives one.
    const NATURAL: u32 = SEQUENCE;
    const CONSTRUCTED: bool = true;

    fn read<S: Source>(content: &mut Content<'_, S>, place: &mut Place) -> Result<Self, BerError<S::Error>> {
        content.as_constructed()?.take_value(|tag, content| {
            if tag == Tag::CTX_0 {
                Address::read(content, place).map(Self::Msc)
            } else if tag == Tag::CTX_1 {
                Address::read(content, place).map(Self::Sgsn)
            } else if tag == Tag::CTX_2 {
                DiameterIdentity::read(content, place).map(Self::Mme)
            } else {
                Err(content.content_err("no alternative of the choice"))
            }
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Msc(number) => put(out, 0, number),
            Self::Sgsn(number) => put(out, 1, number),
            Self::Mme(name) => put(out, 2, name),
        }
    }
}

sequence! {
    /// ProvideSubscriberLocation-Res.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PslRes {
        /// One of five shapes of TS 23.032, or one octet that says nothing.
        req location_estimate: Octets<1, 20> = OCTET_STRING;
        /// Age, minutes.
        opt age_min: Number<0, 32_767> = 0;
        /// Any shape; only for a gateway that said which it takes.
        opt add_location_estimate: Octets<1, 91> = 2;
        /// The request is deferred and accepted; an estimate beside it is ignored.
        flag deferred_mt_lr_response: bool = 3;
        /// Positioning data of GERAN (TS 49.031).
        opt geran_positioning_data: Octets<2, 10> = 4;
        /// Positioning data of UTRAN (TS 25.413).
        opt utran_positioning_data: Octets<3, 11> = 5;
        /// Cell, service area or location area.
        opt cell_id_or_sai: CellOrArea = 6;
        /// The cell is a service area.
        flag sai_present: bool = 7;
        /// Whether the accuracy asked for was met; a value that is not known counts as not told.
        lax accuracy_fulfilment: AccuracyFulfilment = 8;
        /// Velocity (TS 23.032 clause 8).
        opt velocity_estimate: Octets<4, 7> = 9;
        /// MO-LR short circuit will be used.
        flag mo_lr_short_circuit: bool = 10;
        /// GANSS positioning data of GERAN (TS 49.031).
        opt geran_ganss_positioning_data: Octets<2, 10> = 11;
        /// GANSS positioning data of UTRAN (TS 25.413).
        opt utran_ganss_positioning_data: Octets<1, 9> = 12;
        /// Where an emergency call was handed over to.
        opt target_serving_node_for_handover: ServingNodeAddress = 13;
        /// Additional positioning data of UTRAN (TS 25.413).
        opt utran_additional_positioning_data: Octets<1, 8> = 14;
        /// Barometric pressure, Pa.
        opt utran_baro_pressure_pa: Number<30_000, 115_000> = 15;
        /// Civic address (TS 25.413).
        opt utran_civic_address: Octets<0, 16_384> = 16;
    }
}

message! { PslRes = "ProvideSubscriberLocation-Res"; }

impl PslRes {
    /// A result that tells no place: for a notification, or with `deferred` for the acceptance of a deferred request.
    #[must_use]
    pub fn without_place(deferred: bool) -> Self {
        Self {
            location_estimate: nothing(),
            age_min: None,
            add_location_estimate: None,
            deferred_mt_lr_response: deferred,
            geran_positioning_data: None,
            utran_positioning_data: None,
            cell_id_or_sai: None,
            sai_present: false,
            accuracy_fulfilment: None,
            velocity_estimate: None,
            mo_lr_short_circuit: false,
            geran_ganss_positioning_data: None,
            utran_ganss_positioning_data: None,
            target_serving_node_for_handover: None,
            utran_additional_positioning_data: None,
            utran_baro_pressure_pa: None,
            utran_civic_address: None,
        }
    }

    /// A result with a position, for a gateway that takes these shapes (`supported_gad_shapes` of its request).
    ///
    /// # Errors
    /// Facility not supported, because of the shape, where the gateway does not take it.
    pub fn of_fix(fix: &Fix, taken: Option<ShapeSet>) -> Result<Self, MapError> {
        let estimate = Estimate::of(fix, taken)?;
        Ok(Self {
            location_estimate: estimate.location_estimate.unwrap_or_else(nothing),
            age_min: estimate.age_min,
            add_location_estimate: estimate.add_location_estimate,
            cell_id_or_sai: estimate.cell_id_or_sai,
            sai_present: estimate.sai_present,
            accuracy_fulfilment: estimate.accuracy_fulfilment,
            velocity_estimate: estimate.velocity_estimate,
            utran_baro_pressure_pa: estimate.utran_baro_pressure_pa,
            utran_civic_address: estimate.utran_civic_address,
            ..Self::without_place(false)
        })
    }

    /// What the result says of the place.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        Estimate {
            location_estimate: Some(self.location_estimate.clone()),
            add_location_estimate: self.add_location_estimate.clone(),
            age_min: self.age_min,
            accuracy_fulfilment: self.accuracy_fulfilment,
            velocity_estimate: self.velocity_estimate.clone(),
            cell_id_or_sai: self.cell_id_or_sai,
            sai_present: self.sai_present,
            utran_baro_pressure_pa: self.utran_baro_pressure_pa,
            utran_civic_address: self.utran_civic_address.clone(),
        }
    }

    /// What the result means for a request of type `asked`.
    ///
    /// A cell, or a civic address, without an estimate is a position, though TS 29.002 calls one octet alone invalid. A place told with the
    /// acceptance of a deferred request is dropped; one told where only notification was asked for is no acknowledgement.
    ///
    /// # Errors
    /// [`Failure::NetworkProtocol`] for an unsound estimate, [`Failure::PositioningFailed`] for a success that tells no place though
    /// one was asked for.
    pub fn positioning_outcome(&self, asked: LocationType) -> Result<PositioningOutcome, Failure> {
        match asked {
            // The node will report when it can reach the phone (TS 23.271 clause 9.1.6 step 10a).
            LocationType::Current
            | LocationType::CurrentOrLastKnown
            | LocationType::Initial
            | LocationType::NotificationVerificationOnly
                if self.deferred_mt_lr_response =>
            {
                Ok(PositioningOutcome::TransientlyUnreachable)
            }
            LocationType::ActivateDeferred | LocationType::CancelDeferred => Ok(PositioningOutcome::Notified),
            // A node that positioned did not do what it was asked, and shows nothing of the user's word.
            LocationType::NotificationVerificationOnly => Ok(match self.estimate().fix()? {
                Some(fix) if fix.shape.is_some() => PositioningOutcome::Fixed(fix),
                _ => PositioningOutcome::Notified,
            }),
            LocationType::Current | LocationType::CurrentOrLastKnown | LocationType::Initial => {
                self.estimate().fix()?.map(PositioningOutcome::Fixed).ok_or(Failure::PositioningFailed)
            }
        }
    }
}
