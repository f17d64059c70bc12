//! What a node holds of its subscribers: a copy of what the home register gave it (TS 29.002 clause 8.8).

use super::{ServingNode, answer};
use crate::counters::count;
use lcs::{Imsi, slpp::LcsInformation};
use parking_lot::Mutex;
use ss7::map::{
    DeleteSubscriberDataArg, DeleteSubscriberDataRes, InsertSubscriberDataArg, InsertSubscriberDataRes, LcsProfile,
    MapError,
};
use std::collections::HashMap;
use transport::sigtran::{Answer, Incoming};

/// The copies, by subscriber.
#[derive(Default)]
pub(crate) struct Copies(Mutex<HashMap<Imsi, LcsInformation>>);

impl Copies {
    /// What is held of a subscriber; nothing if nothing came.
    pub(super) fn of(&self, imsi: Imsi) -> LcsInformation {
        self.0.lock().get(&imsi).cloned().unwrap_or_default()
    }

    /// Takes what came: a class or service replaces the one of its code, the list of gateways the list.
    fn insert(&self, imsi: Imsi, came: &LcsInformation) {
        let mut copies = self.0.lock();
        let held = copies.entry(imsi).or_default();
        if !came.gmlc_list.is_empty() {
            held.gmlc_list.clone_from(&came.gmlc_list);
        }
        held.privacy_classes.retain(|class| !came.privacy_classes.iter().any(|new| new.code == class.code));
        held.privacy_classes.extend(came.privacy_classes.iter().cloned());
        held.mo_lr.retain(|class| !came.mo_lr.iter().any(|new| new.code == class.code));
        held.mo_lr.extend(came.mo_lr.iter().copied());
    }

    fn delete(&self, argument: &DeleteSubscriberDataArg) {
        let mut copies = self.0.lock();
        let Some(held) = copies.get_mut(&argument.imsi) else { return };
        held.privacy_classes.retain(|class| !argument.withdraws(class.code.code()));
        held.mo_lr.retain(|class| !argument.withdraws(class.code.code()));
        if argument.gmlc_list_withdraw {
            held.gmlc_list.clear();
        }
    }
}

impl ServingNode {
    /// insertSubscriberData, by itself or inside a location update of this node. What a node of its release has no place for, it
    /// does not keep.
    pub(super) fn insert(&self, incoming: &Incoming) -> Answer {
        let argument = match InsertSubscriberDataArg::decode(&incoming.argument) {
            Ok(argument) => argument,
            Err(error) => return answer::undecodable(error),
        };
        let Some(imsi) = argument.imsi else { return answer::error(MapError::DataMissing) };
        if !self.knows_subscriber(imsi) {
            return answer::error(MapError::UnidentifiedSubscriber);
        }
        if let Some(profile) = &argument.lcs_information {
            count(&self.shared.counters.subscriber_data);
            self.copies.insert(imsi, &profile.information().sent_to(self.knowledge.capability_set));
        }
        Answer::Result(InsertSubscriberDataRes::to(&argument).encode())
    }

    /// deleteSubscriberData.
    pub(super) fn delete(&self, incoming: &Incoming) -> Answer {
        match DeleteSubscriberDataArg::decode(&incoming.argument) {
            Ok(argument) if self.knows_subscriber(argument.imsi) => {
                count(&self.shared.counters.subscriber_data);
                self.copies.delete(&argument);
                Answer::Result(DeleteSubscriberDataRes::default().encode())
            }
            Ok(_) => answer::error(MapError::UnidentifiedSubscriber),
            Err(error) => answer::undecodable(error),
        }
    }

    fn knows_subscriber(&self, imsi: Imsi) -> bool {
        self.shared.phones.with_imsi(imsi).is_some_and(|phone| self.serves(phone))
    }
}

/// What makes a copy of `before` one of `after`: what to delete, if anything, and what to insert, if anything.
pub(super) fn changes(
    imsi: Imsi,
    before: &LcsInformation,
    after: LcsInformation,
) -> (Option<DeleteSubscriberDataArg>, Option<InsertSubscriberDataArg>) {
    let codes = |of: &LcsInformation| -> Vec<u8> {
        let classes = of.privacy_classes.iter().map(|class| class.code.code());
        classes.chain(of.mo_lr.iter().map(|class| class.code.code())).collect()
    };
    let kept = codes(&after);
    let gone: Vec<u8> = codes(before).into_iter().filter(|code| !kept.contains(code)).collect();
    let gmlc_list_withdraw = !before.gmlc_list.is_empty() && after.gmlc_list.is_empty();
    let delete = (!gone.is_empty() || gmlc_list_withdraw).then(|| DeleteSubscriberDataArg {
        imsi,
        ss_list: ss7::map::List::new(gone),
        gmlc_list_withdraw,
    });
    let nothing = after == LcsInformation::default();
    // What fits into a register fits into MAP: checked when it was provisioned.
    let profile = LcsProfile::new(after).ok().filter(|_| !nothing);
    (delete, profile.map(|profile| InsertSubscriberDataArg::of_profile(Some(imsi), profile)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lcs::slpp::{MoLrClass, MoLrCode, PrivacyClass, PrivacyClassCode, SsStatus};

    #[test]
    fn changes_make_the_copy_what_the_register_holds() {
        let imsi = Imsi::parse("001010000000001").unwrap();
        let class = PrivacyClass::active;
        let number = lcs::Address::international("99900000001").unwrap();
        let mo_lr = vec![MoLrClass { code: MoLrCode::BasicSelfLocation, status: SsStatus::ACTIVE }];
        let full = LcsInformation {
            gmlc_list: vec![number],
            privacy_classes: PrivacyClassCode::ALL.map(class).to_vec(),
            mo_lr,
        };
        let less = LcsInformation {
            privacy_classes: vec![PrivacyClass {
                status: SsStatus::NOT_PROVISIONED,
                ..class(PrivacyClassCode::Universal)
            }],
            ..LcsInformation::default()
        };
        let nothing = LcsInformation::default();
        let copies = Copies::default();
        let mut before = nothing.clone();
        for after in [&full, &less, &full, &nothing, &less, &nothing, &nothing] {
            let (delete, insert) = changes(imsi, &before, after.clone());
            delete.iter().for_each(|argument| copies.delete(argument));
            insert.iter().for_each(|argument| {
                let argument = InsertSubscriberDataArg::decode(&argument.encode()).unwrap();
                copies.insert(imsi, argument.lcs_information.unwrap().information());
            });
            assert_eq!(&copies.of(imsi), after);
            before = after.clone();
        }
        assert_eq!(changes(imsi, &nothing, nothing.clone()), (None, None));
    }
}
