//! LCS-Info and what lies in it (TS 29.272 clauses 7.3.84 to 7.3.96).
//!
//! Values that a receiver does not know are passed over as MAP prescribes for the same data, and LCS-PrivacyException of a
//! class that is none likewise (TS 29.002 clause 17.7.1): the data then says what a node would make of it.

use super::groups::{LcsInfo, LcsPrivacyException, MoLr};
use crate::{
    codec::{AvpRef, Avps, Builder, DecodeError, EncodeError},
    dictionary::{self, AvpDef},
    value::Value,
};
use lcs::{
    Address, NatureOfAddress, NumberingPlan,
    slpp::{GmlcRestrictionCode, LcsInformation, NotificationToUser, PrivacyClass},
};

/// The LCS-Info AVP of a subscriber's data, header and all. Numbers travel without their nature (TS 29.272 clause 7.3.91): an
/// entry whose client is no international number is written with an empty one, and a gateway of that kind left out.
///
/// # Errors
/// [`EncodeError::TooLong`].
pub fn lcs_info(information: &LcsInformation) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    let mut builder = Builder::fragment(&mut out);
    information.write(&dictionary::LCS_INFO, &mut builder);
    builder.finish()?;
    Ok(out)
}

/// Reads octets that begin with an LCS-Info AVP, and have nothing else.
///
/// # Errors
/// [`DecodeError`] if the AVP is another, has an unsound member, or is not alone.
pub fn read_lcs_info(octets: &[u8]) -> Result<LcsInformation, DecodeError> {
    let mut avps = Avps::new(octets);
    let missing = || crate::grammar::missing(&dictionary::LCS_INFO);
    let avp = avps.next().ok_or_else(missing)?;
    if !avp.is(&dictionary::LCS_INFO) {
        return Err(missing());
    }
    match avps.next() {
        Some(other) => Err(crate::grammar::too_many(other)),
        None if !avps.rest().is_empty() => Err(avp.bad_length()),
        None => Value::read(avp, &dictionary::LCS_INFO),
    }
}

/// What of the data an MME needs: self location. It acts on indicators, and never on privacy classes (TS 23.271 clause 9.5.2).
#[must_use]
pub fn for_mme(information: &LcsInformation) -> LcsInformation {
    LcsInformation { mo_lr: information.mo_lr.clone(), ..LcsInformation::default() }
}

impl<'a> Value<'a> for LcsInformation {
    fn read(avp: AvpRef<'a>, def: &AvpDef) -> Result<Self, DecodeError> {
        let info = LcsInfo::read(avp, def)?;
        Ok(Self {
            gmlc_list: info.gmlc_number,
            privacy_classes: info.lcs_privacy_exception.iter().filter_map(LcsPrivacyException::class).collect(),
            mo_lr: info.mo_lr.iter().filter_map(MoLr::service).collect(),
        })
    }

    fn write(&self, def: &AvpDef, builder: &mut Builder<'_>) {
        builder.group(def, |info| {
            for gmlc in self.gmlc_list.iter().filter(|gmlc| is_international(**gmlc)) {
                gmlc.write(&dictionary::GMLC_NUMBER, info);
            }
            for class in &self.privacy_classes {
                write_class(class, info);
            }
            for service in &self.mo_lr {
                info.group(&dictionary::MO_LR, |group| {
                    group.avp(&dictionary::SS_CODE, &[service.code.code()]);
                    group.avp(&dictionary::SS_STATUS, &[service.status.0]);
                });
            }
        });
    }
}

fn write_class(class: &PrivacyClass, info: &mut Builder<'_>) {
    info.group(&dictionary::LCS_PRIVACY_EXCEPTION, |group| {
        group.avp(&dictionary::SS_CODE, &[class.code.code()]);
        group.avp(&dictionary::SS_STATUS, &[class.status.0]);
        write_notification(class.not_listed, group);
        for entry in &class.external_clients {
            group.group(&dictionary::EXTERNAL_CLIENT, |client| {
                match entry.client.filter(|client| is_international(*client)) {
                    Some(number) => number.write(&dictionary::CLIENT_IDENTITY, client),
                    None => {
                        client.avp(&dictionary::CLIENT_IDENTITY, &[]);
                    }
                }
                write_restriction(entry.gmlc_restriction, client);
                write_notification(entry.notification, client);
            });
        }
        for client in &class.plmn_clients {
            group.u32(&dictionary::PLMN_CLIENT, *client as u32);
        }
        for entry in &class.service_types {
            group.group(&dictionary::SERVICE_TYPE, |service| {
                entry.service_type.write(&dictionary::SERVICE_TYPE_IDENTITY, service);
                write_restriction(entry.gmlc_restriction, service);
                write_notification(entry.notification, service);
            });
        }
    });
}

fn write_notification(notification: Option<NotificationToUser>, builder: &mut Builder<'_>) {
    if let Some(notification) = notification {
        builder.u32(&dictionary::NOTIFICATION_TO_UE_USER, u32::from(notification.code()));
    }
}

fn write_restriction(restriction: Option<GmlcRestrictionCode>, builder: &mut Builder<'_>) {
    if let Some(restriction) = restriction {
        builder.u32(&dictionary::GMLC_RESTRICTION, u32::from(restriction.code()));
    }
}

fn is_international(address: Address) -> bool {
    address.nature == NatureOfAddress::International && address.plan == NumberingPlan::Isdn
}
