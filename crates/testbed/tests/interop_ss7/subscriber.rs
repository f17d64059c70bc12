//! What nodes report, where they register, what the home register has them know, and dialogues that fail.

use crate::messages::{Exchange, Field, H_GMLC, client, field, flag, no, psl, sets, values as several};
use crate::network::Who;
use crate::values::{self, CIRCLE};
use lcs::slpp::{
    ExternalClientEntry, GmlcRestrictionCode, LcsInformation, MoLrClass, MoLrCode, NotificationToUser, PrivacyClass,
    PrivacyClassCode, SsStatus,
};
use lcs::{
    LcsClientType, LocationType, PlmnClient, PrivacyIndicators, PrivacySetting, PseudoExternalIdentity,
    TerminationCause,
};
use ss7::map::{
    ClientId, DeferredEvents, DeferredMtLrData, DeleteSubscriberDataArg, DeleteSubscriberDataRes, DiameterIdentity,
    Estimate, InsertSubscriberDataArg, InsertSubscriberDataRes, LcsEvent, LcsLocationInfo, LcsProfile, List, Octets,
    Operation, PrivacyInstruction, SgsnCapability, SlrArg, SlrRes, UpdateGprsLocationArg, UpdateGprsLocationRes,
    UpdateLocationArg, UpdateLocationRes, VlrCapability,
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
    let exchange = |name, report: &SlrArg, res: SlrRes| {
        let operation = Operation::SubscriberLocationReport;
        Exchange::new(name, Who::Sgsn, Who::Gmlc, operation, report.encode(), res.encode()).sent(vec![
            field("e212.imsi", values::IMSI),
            field("gsm_map.lcs.msisdn_tree>e164.msisdn", values::MSISDN),
            field("gsm_map.lcs.locationEstimate", "10:4a:b1:f2:09:88:4e:1a"),
            field("gsm_a.gad.uncertainty_code", 26),
        ])
    };
    let reference = || field("gsm_map.lcs.lcs_ReferenceNumber", "07");
    vec![
        exchange("report of a call", &call, none).sent(vec![
            field("gsm_map.lcs.lcs_Event", 0),
            field("gsm_map.lcs.lcsClientType", 0),
            field("gsm_map.lcs.networkNode_Number_tree>e164.msisdn", Who::Sgsn.digits()),
            flag("gsm_map.lcs.gprsNodeIndicator_element"),
        ]),
        exchange("report of an event", &event, answer)
            .sent(vec![
                field("gsm_map.lcs.lcs_Event", 3),
                field("gsm_map.lcs.deferredLocationEventType", "40"),
                field("gsm_map.lcs.terminationCause", 4),
                field("gsm_map.externalAddress_tree>e164.msisdn", values::CLIENT),
                reference(),
            ])
            .told(vec![field("gsm_map.gsnaddress_ipv4", H_GMLC), reference()]),
    ]
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

/// What is to be read of it.
fn profile_read() -> Vec<Field> {
    let identities = || PseudoExternalIdentity::all();
    let clients: Vec<_> = identities().map(values::pseudo_external).collect();
    let notify = |skip: usize, take: usize| {
        let told = identities().skip(skip).take(take);
        told.filter_map(|identity| identity.unrelated_entry().and_then(NotificationToUser::of))
            .map(|told| told.code().to_string())
            .collect::<Vec<_>>()
    };
    vec![
        field("gsm_map.ms.gmlc_List_tree>e164.msisdn", Who::Gmlc.digits()),
        field("gsm_map.ms.lcs_PrivacyExceptionList", 2),
        field("gsm_map.ms.externalClientList", 5),
        field("gsm_map.ms.ext_externalClientList", 9),
        ("gsm_map.ms.externalClientList_tree>e164.msisdn", clients[..5].to_vec()),
        ("gsm_map.ms.ext_externalClientList_tree>e164.msisdn", clients[5..].to_vec()),
        ("gsm_map.ms.externalClientList_tree>gsm_map.ms.notificationToMSUser", notify(0, 5)),
        ("gsm_map.ms.ext_externalClientList_tree>gsm_map.ms.notificationToMSUser", notify(5, 9)),
        several("gsm_map.ms.gmlc_Restriction", &["1"; 14]),
        several("gsm_map.ms.LCSClientInternalID", &["0", "1", "2", "3", "4"]),
        several("gsm_map.ms.ss_Code", &["179", "180", "193", "194", "195"]),
        several("gsm_map.ms.ss_Status", &["05"; 5]),
    ]
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
    let [at_msc, at_sgsn] = [UpdateLocationRes { hlr_number }.encode(), UpdateGprsLocationRes { hlr_number }.encode()];
    let from = |who, subsystem, exchange: Exchange| Exchange { from: who, as_subsystem: subsystem, ..exchange };
    let update = |operation, argument, res| Exchange::new("update", Who::Msc, Who::Hlr, operation, argument, res);
    let data = |operation, argument, res| Exchange::new("data", Who::Hlr, Who::Sgsn, operation, argument, res);
    let unknown_codes = || vec![field("gsm_map.ms.ss_List", 2), several("gsm_map.ss.SS_Code", &["182", "196"])];
    let home = || vec![field("gsm_map.ms.hlr_Number_tree>e164.msisdn", Who::Hlr.digits())];
    let target = || field("e212.imsi", values::IMSI);
    vec![
        from(Who::Msc, Ssn::VLR, update(Operation::UpdateLocation, msc.encode(), at_msc))
            .asking_back(operation, insert.encode(), InsertSubscriberDataRes::default().encode())
            .sent(vec![
                target(),
                field("gsm_map.ms.msc_Number_tree>e164.msisdn", Who::Msc.digits()),
                field("gsm_map.ms.vlr_Number_tree>e164.msisdn", Who::Msc.digits()),
                field("gsm_map.ms.lmsi", "01:02:03:04"),
                field("gsm_map.ms.supportedLCS_CapabilitySets", "c0"),
                field("gsm_map.gsnaddress_ipv4", H_GMLC),
            ])
            .reads(1, profile_read())
            .reads(1, vec![field("gsm_map.ms.msisdn_tree>e164.msisdn", values::MSISDN), no("e212.imsi")])
            .told(home()),
        from(Who::Sgsn, Ssn::SGSN, update(Operation::UpdateGprsLocation, sgsn.encode(), at_sgsn))
            .asking_back(operation, insert.encode(), unknown.encode())
            .sent(vec![
                target(),
                field("gsm_map.ms.sgsn_Number_tree>e164.msisdn", Who::Sgsn.digits()),
                field("gsm_map.ms.sgsn_Name", "sgsn1.example.net"),
                field("gsm_map.ms.sgsn_Realm", "example.net"),
                field("gsm_map.ms.supportedLCS_CapabilitySets", "e0"),
                flag("gsm_map.ms.lgd_supportIndicator_element"),
            ])
            .reads(1, profile_read())
            .reads(2, unknown_codes())
            .told(home()),
        data(operation, alone.encode(), unknown.encode())
            .sent(profile_read())
            .sent(vec![target()])
            .told(unknown_codes()),
        data(Operation::DeleteSubscriberData, delete.encode(), DeleteSubscriberDataRes::default().encode()).sent(vec![
            target(),
            field("gsm_map.ms.ss_List", 2),
            several("gsm_map.ss.SS_Code", &["176", "193"]),
            flag("gsm_map.ms.gmlc_ListWithdraw_element"),
        ]),
    ]
}

/// Dialogues that do not end with an answer.
fn refusals() -> Vec<Exchange> {
    let asked = |name| {
        let told = PrivacyIndicators::new(PrivacySetting::AllowedWithNotification, None).unwrap();
        let told = psl(LocationType::Current, &client(), PrivacyInstruction::Indicators(told), 5);
        Exchange::psl(name, Who::Sgsn, &told, &values::result_of(CIRCLE))
    };
    let alternative = Some(ApplicationContext::map(38, 2));
    let rejected = |problem| InvokeOutcome::Rejected(Problem::Invoke(problem));
    let delete =
        DeleteSubscriberDataArg { imsi: values::target().imsi.unwrap(), ss_list: None, gmlc_list_withdraw: true };
    let operation = Operation::DeleteSubscriberData;
    let strange = Exchange::new("stranger", Who::Hlr, Who::Msc, operation, delete.encode(), Vec::new());
    vec![
        asked("older context")
            .answered(Answer::ContextNotSupported { alternative }, InvokeOutcome::ContextNotSupported { alternative }),
        asked("abort").answered(Answer::Abort(Vec::new()), InvokeOutcome::Aborted(AbortReason::User(Vec::new()))),
        asked("mistyped")
            .answered(Answer::Reject(InvokeProblem::MistypedParameter), rejected(InvokeProblem::MistypedParameter)),
        Exchange {
            subsystem: Ssn::EIR,
            answer: None,
            outcome: InvokeOutcome::Unreachable { cause: 4 },
            ..asked("no such subsystem")
        },
        Exchange {
            subsystem: Ssn::VLR,
            answer: None,
            outcome: InvokeOutcome::Aborted(AbortReason::Refused { user_information: Vec::new() }),
            ..strange
        },
    ]
}
