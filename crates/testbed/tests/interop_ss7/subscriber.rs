//! What nodes report, where they register, what the home register has them know, and dialogues that fail.

use crate::messages::{Exchange, H_GMLC, client, psl, sets};
use crate::network::Who;
use crate::values::{self, CIRCLE};
use lcs::slpp::{
    ExternalClientEntry, GmlcRestrictionCode, LcsInformation, MoLrClass, MoLrCode, NotificationToUser, PrivacyClass,
    PrivacyClassCode, SsStatus,
};
use lcs::{LcsClientType, LocationType, PlmnClient, PrivacyIndicators, PrivacySetting, PseudoExternalIdentity};
use ss7::map::{
    ClientId, DeferredEvents, DeferredMtLrData, DeleteSubscriberDataArg, DeleteSubscriberDataRes, DiameterIdentity,
    Estimate, InsertSubscriberDataArg, InsertSubscriberDataRes, LcsEvent, LcsLocationInfo, LcsProfile, List, Octets,
    Operation, PrivacyInstruction, SgsnCapability, SlrArg, SlrRes, TerminationCause, UpdateGprsLocationArg,
    UpdateGprsLocationRes, UpdateLocationArg, UpdateLocationRes, VlrCapability,
};
use ss7::tcap::{AbortReason, InvokeProblem, Problem};
use transport::sigtran::{Answer, ApplicationContext, InvokeOutcome, Ssn};

pub fn all() -> Vec<Exchange> {
    [reports(), registrations(), refusals()].into_iter().flatten().collect()
}

fn reports() -> Vec<Exchange> {
    let node = LcsLocationInfo {
        supported_lcs_capability_sets: Some(sets(5)),
        ..LcsLocationInfo::of_number(Who::Sgsn.number(), true)
    };
    let estimate = Estimate { location_estimate: Octets::new(CIRCLE), ..Estimate::default() };
    let emergency = ClientId::new(LcsClientType::Emergency);
    let call = SlrArg::new(LcsEvent::EmergencyCallOrigination, emergency, node.clone(), values::target())
        .with_estimate(estimate.clone());
    let data = DeferredMtLrData {
        deferred_location_event_type: DeferredEvents::ENTERING_INTO_AREA,
        termination_cause: Some(TerminationCause::MtLrRestart),
        lcs_location_info: Some(node.clone()),
    };
    let event = SlrArg::new(LcsEvent::MoLr, ClientId::of(&client()), node, values::target())
        .with_estimate(estimate)
        .deferred(data, 7);
    let none = SlrRes::default();
    let answer = SlrRes { h_gmlc_address: Some(H_GMLC), lcs_reference_number: Some(7), ..SlrRes::default() };
    [("report of a call", &call, none), ("report of an event", &event, answer)]
        .map(|(name, report, res)| {
            let operation = Operation::SubscriberLocationReport;
            Exchange::new(name, Who::Sgsn, Who::Gmlc, operation, report.encode(), res.encode())
        })
        .into()
}

/// All fourteen pseudo-external identities in one class: five entries, nine in the extended list.
pub fn profile() -> LcsProfile {
    let entries = PseudoExternalIdentity::all().map(|identity| ExternalClientEntry {
        client: Some(values::number(&values::pseudo_external(identity))),
        gmlc_restriction: Some(GmlcRestrictionCode::HomeCountry),
        notification: identity.unrelated_entry().and_then(NotificationToUser::of),
    });
    LcsProfile::new(LcsInformation {
        gmlc_list: vec![Who::Gmlc.number()],
        privacy_classes: vec![
            PrivacyClass {
                external_clients: entries.collect(),
                ..PrivacyClass::active(PrivacyClassCode::CallSessionUnrelated)
            },
            PrivacyClass {
                plmn_clients: PlmnClient::ALL.to_vec(),
                ..PrivacyClass::active(PrivacyClassCode::PlmnOperator)
            },
        ],
        mo_lr: MoLrCode::ALL.map(|code| MoLrClass { code, status: SsStatus::ACTIVE }).to_vec(),
    })
    .unwrap()
}

fn registrations() -> Vec<Exchange> {
    let target = values::target();
    let (imsi, operation) = (target.imsi.unwrap(), Operation::InsertSubscriberData);
    let insert = InsertSubscriberDataArg { imsi: None, msisdn: target.msisdn, lcs_information: Some(profile()) };
    let alone = InsertSubscriberDataArg::of_profile(Some(imsi), profile());
    let unknown = InsertSubscriberDataRes { ss_list: List::new(vec![0xB6, 0xC4]) };
    let delete = DeleteSubscriberDataArg { imsi, ss_list: List::new(vec![0xB0, 0xC1]), gmlc_list_withdraw: true };
    let msc = UpdateLocationArg {
        imsi,
        msc_number: Who::Msc.number(),
        vlr_number: Who::Msc.number(),
        lmsi: Some(ss7::map::Lmsi([1, 2, 3, 4])),
        vlr_capability: Some(VlrCapability { supported_lcs_capability_sets: Some(sets(2)) }),
        cs_lcs_not_supported_by_ue: false,
        v_gmlc_address: Some(H_GMLC),
    };
    let sgsn = UpdateGprsLocationArg {
        imsi,
        sgsn_number: Who::Sgsn.number(),
        sgsn_address: H_GMLC,
        sgsn_capability: Some(SgsnCapability { supported_lcs_capability_sets: Some(sets(3)) }),
        ps_lcs_not_supported_by_ue: false,
        v_gmlc_address: Some(H_GMLC),
        sgsn_name: DiameterIdentity::new("sgsn1.example.net"),
        sgsn_realm: DiameterIdentity::new("example.net"),
        lgd_support_indicator: true,
    };
    let hlr_number = Who::Hlr.number();
    let [at_msc, at_sgsn] =
        [UpdateLocationRes { hlr_number }.encode(), UpdateGprsLocationRes { hlr_number }.encode()];
    let from = |who, subsystem, exchange: Exchange| Exchange { from: who, as_subsystem: subsystem, ..exchange };
    let to = |who, subsystem, exchange: Exchange| Exchange { to: who, subsystem, ..exchange };
    let update = |operation, argument, res| Exchange::new("update", Who::Msc, Who::Hlr, operation, argument, res);
    let data = |operation, argument, res| Exchange::new("data", Who::Hlr, Who::Sgsn, operation, argument, res);
    vec![
        from(Who::Msc, Ssn::VLR, update(Operation::UpdateLocation, msc.encode(), at_msc)).asking_back(
            operation,
            insert.encode(),
            InsertSubscriberDataRes::default().encode(),
        ),
        from(Who::Sgsn, Ssn::SGSN, update(Operation::UpdateGprsLocation, sgsn.encode(), at_sgsn)).asking_back(
            operation,
            insert.encode(),
            unknown.encode(),
        ),
        to(Who::Msc, Ssn::VLR, data(operation, alone.encode(), unknown.encode())),
        data(Operation::DeleteSubscriberData, delete.encode(), DeleteSubscriberDataRes::default().encode()),
    ]
}

/// Dialogues that do not end with an answer.
fn refusals() -> Vec<Exchange> {
    let asked = |name| {
        let told = PrivacyIndicators::new(PrivacySetting::NotAllowed, None).unwrap();
        let told = psl(LocationType::Current, &client(), PrivacyInstruction::Indicators(told), 5);
        Exchange::psl(name, Who::Sgsn, &told, &values::result_of(CIRCLE))
    };
    let alternative = Some(ApplicationContext::map(38, 2));
    let rejected = |problem| InvokeOutcome::Rejected(Problem::Invoke(problem));
    let strange = Exchange::new(
        "asked by a stranger",
        Who::Sgsn,
        Who::Msc,
        Operation::ProvideSubscriberLocation,
        asked("").argument,
        Vec::new(),
    );
    vec![
        asked("older context").answered(
            Answer::ContextNotSupported { alternative },
            InvokeOutcome::ContextNotSupported { alternative },
        ),
        asked("abort")
            .answered(Answer::Abort(Vec::new()), InvokeOutcome::Aborted(AbortReason::User(Vec::new()))),
        asked("mistyped")
            .answered(Answer::Reject(InvokeProblem::MistypedParameter), rejected(InvokeProblem::MistypedParameter)),
        Exchange {
            subsystem: Ssn::EIR,
            answer: None,
            outcome: InvokeOutcome::Unreachable { cause: 4 },
            ..asked("no such subsystem")
        },
        strange,
    ]
}
