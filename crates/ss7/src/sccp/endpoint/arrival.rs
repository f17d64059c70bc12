//! What arrives: routing to subsystems, reassembly, returns, management (ITU-T Q.714 clauses 2.3, 4.1, 4.2 and 5.3).

use core::time::Duration;

use bytes::Bytes;

use super::super::management::Management;
use super::super::reassembly::Outcome;
use super::super::{
    Class, Discard, Extension, Form, Message, ReturnCause, Routing, SccpAddress, Ssn, TranslationError,
    UnitdataMessage, UnitdataService,
};
use super::{Endpoint, Indication, Notice, Received};
use crate::m3ua::{PointCode, Transfer};

impl Endpoint {
    pub(super) fn unitdata(
        &mut self,
        message: UnitdataMessage,
        transfer: &Transfer,
        now: Duration,
        out: &mut Vec<Indication>,
    ) {
        let management = message.called.ssn == Some(Ssn::MANAGEMENT) && message.called.routing == Routing::Ssn;
        if management {
            self.management(&message, transfer, out);
            return;
        }
        if let Err(cause) = self.local_subsystem(message.called, message.form) {
            self.send_back(&message, transfer.opc, cause, out);
            out.push(Indication::Discarded(Discard::Undeliverable(cause)));
            return;
        }
        let segmentation = match message.form {
            Form::Short => None,
            Form::Extended(extension) | Form::Long(extension) => extension.segmentation,
        };
        let (called, calling, opc) = (message.called, message.calling, transfer.opc);
        let (class, data) = match segmentation.filter(|s| !(s.first && s.remaining == 0)) {
            None => (segmentation.map_or(message.class, |s| s.class), message.data),
            Some(segmentation) => match self.reassembly.take(message.clone(), segmentation, opc, now) {
                Outcome::Waiting => return,
                Outcome::Whole(class, data) => (class, Bytes::from(data)),
                Outcome::Broken(first) => {
                    if let Some(first) = first {
                        self.send_back(&first, opc, ReturnCause::MessageTransport, out);
                    }
                    out.push(Indication::Discarded(Discard::Segment));
                    return;
                }
                Outcome::Full => {
                    self.send_back(&message, opc, ReturnCause::CannotReassemble, out);
                    out.push(Indication::Discarded(Discard::Undeliverable(ReturnCause::CannotReassemble)));
                    return;
                }
            },
        };
        out.push(Indication::Unitdata(Received { called, calling, opc, class, data }));
    }

    /// Whether one of our subsystems is meant.
    fn local_subsystem(&self, called: SccpAddress, form: Form) -> Result<(), ReturnCause> {
        if called.routing == Routing::GlobalTitle {
            self.own_title(called)?;
            // This node translates, so it counts the hop (ITU-T Q.714 clause 2.3.1).
            let hops = match form {
                Form::Short => Extension::HOPS,
                Form::Extended(extension) | Form::Long(extension) => extension.hop_counter,
            };
            if !(2..=Extension::HOPS).contains(&hops) {
                return Err(ReturnCause::HopCounterViolation);
            }
        }
        let known = called.ssn.is_some_and(|ssn| self.config.subsystems.contains(&ssn));
        if known { Ok(()) } else { Err(ReturnCause::UnequippedUser) }
    }

    fn own_title(&self, called: SccpAddress) -> Result<(), ReturnCause> {
        let address = called.title.ok_or(ReturnCause::NoTranslationAddress)?.node_address();
        let ours = &self.config.titles;
        if ours.iter().any(|title| address.matches(*title)) {
            Ok(())
        } else if ours.iter().any(|title| title.plan == address.plan && title.nature == address.nature) {
            Err(TranslationError::Address.cause())
        } else {
            Err(TranslationError::Nature.cause())
        }
    }

    /// Sends a message back if its sender asked for that (ITU-T Q.714 clause 4.2).
    pub(super) fn send_back(
        &self,
        message: &UnitdataMessage,
        opc: PointCode,
        cause: ReturnCause,
        out: &mut Vec<Indication>,
    ) {
        if !message.return_on_error {
            return;
        }
        let again = |extension: Extension| Extension { hop_counter: Extension::HOPS, ..extension };
        let form = match message.form {
            Form::Short => Form::Short,
            Form::Extended(extension) => Form::Extended(again(extension)),
            Form::Long(extension) => Form::Long(again(extension)),
        };
        // Whoever brought the message knows a way to its sender when this node does not.
        let (dpc, called) = self.route(message.calling).unwrap_or((opc, message.calling));
        let service = UnitdataService { form, cause, called, calling: message.called, data: message.data.clone() };
        // A message that leaves no room for its return is not returned.
        if let Ok(octets) = Message::Service(service).encode()
            && dpc != self.config.point_code
        {
            out.push(Indication::Transfer(self.transfer(dpc, 0, octets)));
        }
    }

    pub(super) fn returned(&mut self, message: UnitdataService, out: &mut Vec<Indication>) {
        let cause = message.cause;
        out.push(match self.returns.find(&message.data, message.called.ssn) {
            None => Indication::Discarded(Discard::UnknownReturn(cause)),
            Some(id) => Indication::Notice(Notice {
                message: id,
                cause,
                called: message.calling,
                calling: message.called,
                data: message.data,
            }),
        });
    }

    fn management(&self, message: &UnitdataMessage, transfer: &Transfer, out: &mut Vec<Indication>) {
        let ours = |point_code, ssn| {
            let known = ssn == Ssn::MANAGEMENT || self.config.subsystems.contains(&ssn);
            point_code == self.config.point_code && known
        };
        let told = match Management::decode(&message.data) {
            Some(Management::Test(point_code, ssn)) if ours(point_code, ssn) => {
                let answer = UnitdataMessage {
                    form: Form::Short,
                    class: Class::Basic,
                    return_on_error: false,
                    called: SccpAddress::by_ssn(transfer.opc, Ssn::MANAGEMENT),
                    calling: SccpAddress::by_ssn(self.config.point_code, Ssn::MANAGEMENT),
                    data: Bytes::copy_from_slice(&Management::Allowed(point_code, ssn).encode()),
                };
                // Five octets always fit.
                let octets = Message::Unitdata(answer).encode().unwrap_or_default();
                Indication::Transfer(self.transfer(transfer.opc, 0, octets))
            }
            Some(Management::Allowed(point_code, ssn)) => Indication::Subsystem { point_code, ssn, allowed: true },
            Some(Management::Prohibited(point_code, ssn)) => Indication::Subsystem { point_code, ssn, allowed: false },
            // A test of what is not here stays without answer, as Q.714 clause 5.3.4.3 has it.
            Some(Management::Test(_, ssn)) => Indication::Discarded(Discard::Management(ssn)),
            None => Indication::Discarded(Discard::Management(Ssn::MANAGEMENT)),
        };
        out.push(told);
    }
}
