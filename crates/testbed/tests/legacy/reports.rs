//! What nodes report of their own (TS 29.002 clause 13A.3; TS 23.271 clauses 9.1.5, 9.1.8, 9.2).

use super::lab::{HEAD, Lab, More, TIMEOUT, imsi, msc, msc_number, msisdn, number, psl, sgsn, sgsn_number, subscriber};
use lcs::{
    Address, AreaIdentity, LcsClientType, LocationType, PlmnId,
    PrivacySetting::{AllowedWithoutNotification, RestrictedIfNoResponse},
    ServiceType, TerminationCause,
};
use ss7::map::{
    Area, AreaDefinition, AreaEventInfo, DeferredEvents, LcsEvent, List, MapError, PeriodicLdrInfo, ReceivedPsl,
    ReportingPlmn, ReportingPlmnList, SlrArg,
};
use std::time::Duration;
use testbed::{
    EmergencyCallError,
    fault::{Fault, FaultRule, Scope},
    scenario::PhoneState,
    ss7::{ReportError, SelfLocation},
};

async fn next(lab: &mut Lab) -> SlrArg {
    tokio::time::timeout(TIMEOUT, lab.reports.recv()).await.expect("a report comes").unwrap()
}

#[tokio::test]
async fn an_emergency_call_is_reported_by_the_node_that_serves() {
    let text = [
        HEAD.to_owned(),
        msc(1, "capability_set = 2"),
        sgsn(1, "capability_set = 2"),
        subscriber(1, "msc = 'msc-1'"),
        subscriber(2, "sgsn = 'sgsn-1'"),
        subscriber(3, "msc = 'msc-1'\nstate = 'detached'"),
    ];
    let mut lab = Lab::start(&text.concat()).await;
    for (n, node) in [(1, msc_number(1)), (2, sgsn_number(1))] {
        assert_eq!(lab.network.emergency_call(&format!("sub-{n:02}")).await.unwrap(), 2001);
        let report = next(&mut lab).await;
        assert_eq!(report.lcs_event, LcsEvent::EmergencyCallOrigination);
        assert_eq!(report.lcs_client_id.client_type, LcsClientType::Emergency);
        assert_eq!((report.imsi, report.msisdn), (Some(imsi(n)), Some(msisdn(n))));
        assert_eq!(report.lcs_location_info.network_node_number, node);
        assert_eq!(report.lcs_location_info.gprs_node_indicator, n == 2);
        assert!(report.estimate().fix().unwrap().is_some());
    }
    assert!(matches!(
        lab.network.emergency_call("sub-03").await,
        Err(EmergencyCallError::OverMap(ReportError::NotAttached))
    ));
    let url = format!("http://{}/emergency-call", lab.network.control_address());
    let body = serde_json::json!({"subscriber": "sub-01", "ends": true});
    let http = super::lab::http();
    assert!(http.post(url).json(&body).send().await.unwrap().status().is_success());
    assert_eq!(next(&mut lab).await.lcs_event, LcsEvent::EmergencyCallRelease);
    assert_eq!((lab.network.counted().slr, lab.network.counted().slr_accepted), (3, 3));
}

#[tokio::test]
async fn a_phone_has_its_position_sent_if_it_subscribes_to_that() {
    let text = [
        HEAD.to_owned(),
        msc(1, "capability_set = 2"),
        subscriber(1, "msc = 'msc-1'\nlcs_information = { mo_lr = ['basic_self', 'third_party'] }"),
        subscriber(2, "msc = 'msc-1'\nlcs_information = { mo_lr = ['basic_self'] }"),
        subscriber(3, ""),
    ];
    let mut lab = Lab::start(&text.concat()).await;
    let wanted = SelfLocation { client: number("99912345001"), service_type: ServiceType::new(16), pseudonym: true };
    lab.network.self_location("sub-01", &wanted).await.unwrap();
    let report = next(&mut lab).await;
    assert_eq!((report.lcs_event, report.pseudonym_indicator), (LcsEvent::MoLr, true));
    assert_eq!(report.lcs_client_id.external_id.unwrap().external_address, Some(wanted.client));
    assert_eq!(report.lcs_service_type_id, wanted.service_type);
    assert!(matches!(lab.network.self_location("sub-02", &wanted).await, Err(ReportError::NotSubscribed)));
    assert!(matches!(lab.network.self_location("sub-03", &wanted).await, Err(ReportError::NotServed)));
    let url = format!("http://{}/self-location", lab.network.control_address());
    let http = super::lab::http();
    for (subscriber, status) in [("sub-01", 204), ("sub-02", 409)] {
        let body = serde_json::json!({"subscriber": subscriber, "client": "+99912345001"});
        assert_eq!(http.post(&url).json(&body).send().await.unwrap().status().as_u16(), status);
    }
    assert!(!next(&mut lab).await.pseudonym_indicator);
}

fn waiting(n: u8, reference: u8) -> ReceivedPsl {
    let mut asked = psl(n, "99912345001").indicators(AllowedWithoutNotification, None);
    asked.location_type.estimate_type = LocationType::ActivateDeferred;
    asked.location_type.deferred_event_type = Some(DeferredEvents::MS_AVAILABLE);
    asked.reference_number = Some(reference);
    asked.h_gmlc_address = Some("192.0.2.1".parse().unwrap());
    asked
}

#[tokio::test]
async fn a_deferred_request_is_answered_when_the_phone_can_be_reached() {
    let text = [
        HEAD.to_owned(),
        msc(1, "capability_set = 4"),
        subscriber(1, "msc = 'msc-1'\nstate = 'unreachable'\nuser = { answer = 'refuses' }"),
    ];
    let mut lab = Lab::start(&text.concat()).await;
    let phone = std::sync::Arc::clone(lab.network.phones().labelled("sub-01").unwrap());
    let accepted = lab.psl(1, &waiting(1, 7)).await.unwrap();
    assert!(accepted.deferred_mt_lr_response);
    let asked = ReceivedPsl { reference_number: Some(8), ..waiting(1, 8) }.indicators(RestrictedIfNoResponse, None);
    assert!(lab.psl(1, &asked).await.unwrap().deferred_mt_lr_response);
    // One that is cancelled never reports, and can be cancelled once.
    assert!(lab.psl(1, &waiting(1, 9)).await.is_ok());
    let cancel = waiting(1, 9).kind(LocationType::CancelDeferred);
    assert!(lab.psl(1, &cancel).await.is_ok());
    assert_eq!(lab.psl(1, &cancel).await, Err(MapError::UnexpectedDataValue { unexpected_subscriber: false }));
    assert!(lab.reports.try_recv().is_err());
    phone.change(|spec| spec.state = PhoneState::Attached);
    let mut reports = [next(&mut lab).await, next(&mut lab).await];
    reports.sort_by_key(|report| report.lcs_reference_number);
    let cause = |report: &SlrArg| report.deferred_mt_lr_data.as_ref().unwrap().termination_cause;
    assert_eq!(reports.each_ref().map(|report| report.lcs_reference_number), [Some(7), Some(8)]);
    assert_eq!(cause(&reports[0]), Some(TerminationCause::Normal));
    assert!(reports[0].estimate().fix().unwrap().is_some());
    assert_eq!(reports[0].h_gmlc_address, waiting(1, 7).h_gmlc_address);
    assert_eq!(cause(&reports[1]), Some(TerminationCause::PrivacyViolation));
    assert!(reports[1].location_estimate.is_none() && reports[1].cell_id_or_sai.is_none());
    // Reachable already: accepted, and reported at once.
    assert!(lab.psl(1, &waiting(1, 10)).await.unwrap().deferred_mt_lr_response);
    assert_eq!(next(&mut lab).await.lcs_reference_number, Some(10));
    // Other events are none that it serves.
    let mut periodic = waiting(1, 11);
    periodic.location_type.deferred_event_type =
        Some(DeferredEvents::BEING_INSIDE_AREA.and(DeferredEvents::MS_AVAILABLE));
    periodic.area_event_info = Some(area());
    assert!(matches!(lab.psl(1, &periodic).await, Err(MapError::FacilityNotSupported { .. })));
}

/// From set 4 on areas, from set 5 on periods: the phone has them before they are acknowledged (TS 23.271 clauses 9.1.9 and 9.1.12).
#[tokio::test]
async fn areas_and_periods_are_the_phones() {
    let text = [
        HEAD.to_owned(),
        sgsn(1, "capability_set = 5"),
        msc(1, "capability_set = 4"),
        subscriber(1, "sgsn = 'sgsn-1'"),
        subscriber(2, "msc = 'msc-1'"),
    ];
    let mut lab = Lab::start(&text.concat()).await;
    let clock = |lab: &Lab, seconds| lab.network.phones().clock().advance(std::time::Duration::from_secs(seconds));
    let mut inside = waiting(2, 3);
    inside.location_type.deferred_event_type = Some(DeferredEvents::BEING_INSIDE_AREA);
    inside.area_event_info = Some(area());
    assert!(lab.psl(1, &inside).await.unwrap().deferred_mt_lr_response);
    let told = next(&mut lab).await;
    let data = told.deferred_mt_lr_data.unwrap();
    assert_eq!(
        (data.deferred_location_event_type, data.termination_cause, told.lcs_reference_number, told.sequence_number),
        (DeferredEvents::BEING_INSIDE_AREA, Some(TerminationCause::Normal), Some(3), None)
    );
    assert!(told.location_estimate.is_none());
    let periodic = |n| {
        let mut asked = waiting(n, 4);
        asked.location_type.deferred_event_type = Some(DeferredEvents::PERIODIC_LDR);
        asked.periodic_ldr_info = PeriodicLdrInfo::new(2, 600);
        asked
    };
    assert!(matches!(lab.psl(1, &periodic(2)).await, Err(MapError::FacilityNotSupported { .. })));
    assert!(lab.psl_ps(1, &periodic(1)).await.unwrap().deferred_mt_lr_response);
    for (number, cause) in [(1, None), (2, Some(TerminationCause::Normal))] {
        clock(&lab, 600);
        let told = next(&mut lab).await;
        assert_eq!(told.sequence_number.map(|number| number.value()), Some(number));
        assert_eq!(told.deferred_mt_lr_data.as_ref().unwrap().termination_cause, cause);
        assert!(told.estimate().fix().unwrap().is_some());
    }
    // A phone that cannot be reached can neither be asked nor told.
    let phone = std::sync::Arc::clone(lab.network.phones().labelled("sub-01").unwrap());
    phone.change(|spec| spec.state = PhoneState::Unreachable);
    for kind in [LocationType::ActivateDeferred, LocationType::CancelDeferred] {
        let refused = lab.psl_ps(1, &periodic(1).kind(kind)).await;
        assert!(matches!(refused, Err(MapError::AbsentSubscriber(_))), "{refused:?}");
    }
}

/// ReportingPLMNList (TS 29.002 clause 17.7.13): the phone reports in the networks that are listed, whichever node has it, and in no other.
/// Without a list a period holds where it began alone (TS 23.271 clause 9.1.12.1 step 2).
#[tokio::test]
async fn a_phone_reports_in_the_networks_that_are_listed() {
    let text = [
        HEAD.to_owned(),
        sgsn(1, "capability_set = 5"),
        sgsn(2, "capability_set = 5\nplmn = '001-02'"),
        sgsn(3, "capability_set = 5\nplmn = '001-03'"),
        subscriber(1, "sgsn = 'sgsn-1'"),
    ];
    let mut lab = Lab::start(&text.concat()).await;
    let mut asked = waiting(1, 4);
    asked.location_type.deferred_event_type = Some(DeferredEvents::PERIODIC_LDR);
    asked.periodic_ldr_info = PeriodicLdrInfo::new(9, 600);
    asked.reporting_plmn_list = listed(&["01", "03"]);
    assert!(lab.psl_ps(1, &asked).await.unwrap().deferred_mt_lr_response);
    advance(&lab, 600).await;
    assert_eq!(reporter(&mut lab).await, sgsn_number(1));
    accepted(&lab, 1).await;
    // In a network that nobody listed: silence, however long.
    assert!(lab.network.relocate("sub-01", "sgsn-2").await);
    silent(&lab, 6000).await;
    // Where it is listed, what is due; and what got lost there is not sent again where it is not.
    let lost = FaultRule { fault: Fault::LostReport, times: Some(1) };
    lab.network.faults().add(Scope::Subscriber("sub-01".to_owned()), lost);
    assert!(lab.network.relocate("sub-01", "sgsn-3").await);
    silent(&lab, 0).await;
    assert!(lab.network.relocate("sub-01", "sgsn-2").await);
    silent(&lab, 10).await;
    assert!(lab.network.relocate("sub-01", "sgsn-3").await);
    advance(&lab, 60).await;
    for _ in 2..=9 {
        assert_eq!(reporter(&mut lab).await, sgsn_number(3));
    }
    accepted(&lab, 9).await;
    asked.reporting_plmn_list = None;
    assert!(lab.psl_ps(3, &asked).await.unwrap().deferred_mt_lr_response);
    advance(&lab, 600).await;
    assert_eq!(reporter(&mut lab).await, sgsn_number(3));
    accepted(&lab, 10).await;
    assert!(lab.network.relocate("sub-01", "sgsn-1").await);
    silent(&lab, 6000).await;
    assert!(lab.network.relocate("sub-01", "sgsn-3").await);
    assert_eq!(reporter(&mut lab).await, sgsn_number(3));
}

/// The same of areas: what happens where nobody listed it is not told later either.
#[tokio::test]
async fn a_phone_does_not_look_where_it_may_not_report() {
    let text = [
        HEAD.to_owned(),
        msc(1, "capability_set = 4"),
        msc(2, "capability_set = 4\nplmn = '001-02'"),
        subscriber(1, "msc = 'msc-1'"),
    ];
    let mut lab = Lab::start(&text.concat()).await;
    let about = |event, reference, network, plmns| {
        let mut asked = waiting(1, reference);
        asked.location_type.deferred_event_type = Some(event);
        asked.area_event_info = Some(AreaEventInfo { area_definition: definition(network), ..area() });
        asked.reporting_plmn_list = listed(plmns);
        asked
    };
    let enters = |plmns| about(DeferredEvents::ENTERING_INTO_AREA, 3, "02", plmns);
    assert!(lab.psl(1, &enters(&["01"])).await.unwrap().deferred_mt_lr_response);
    // Taken later, so the phone looks out for both when this one is told.
    let inside = about(DeferredEvents::BEING_INSIDE_AREA, 4, "01", &["01"]);
    assert!(lab.psl(1, &inside).await.unwrap().deferred_mt_lr_response);
    assert_eq!(next(&mut lab).await.lcs_reference_number, Some(4));
    assert!(lab.network.relocate("sub-01", "msc-2").await);
    silent(&lab, 10).await;
    assert!(lab.network.relocate("sub-01", "msc-1").await);
    silent(&lab, 10).await;
    // Listed, it is told, by the node there.
    assert!(lab.psl(1, &enters(&["01", "02"])).await.unwrap().deferred_mt_lr_response);
    assert!(lab.network.relocate("sub-01", "msc-2").await);
    let told = next(&mut lab).await;
    assert_eq!((told.lcs_location_info.network_node_number, told.lcs_reference_number), (msc_number(2), Some(3)));
}

fn listed(networks: &[&str]) -> Option<ReportingPlmnList> {
    let of = |network: &&str| ReportingPlmn {
        plmn_id: PlmnId::new("001", network).unwrap().octets(),
        ran_technology: None,
        ran_periodic_location_support: false,
    };
    let plmn_list = List::new(networks.iter().map(of).collect()).unwrap();
    Some(ReportingPlmnList { plmn_list_prioritized: false, plmn_list })
}

/// The node that sends the next report.
async fn reporter(lab: &mut Lab) -> Address {
    next(lab).await.lcs_location_info.network_node_number
}

/// So many reports have been answered, and the phone looks out again.
async fn accepted(lab: &Lab, reports: u64) {
    while lab.network.counted().slr_accepted < reports {
        tokio::task::yield_now().await;
    }
    advance(lab, 0).await;
}

/// The phones' clock goes on. Phones and test share a thread, so each that has something to say has had its turn.
async fn advance(lab: &Lab, seconds: u64) {
    lab.network.phones().clock().advance(Duration::from_secs(seconds));
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}

/// So much later nothing has been reported.
async fn silent(lab: &Lab, seconds: u64) {
    let before = lab.network.counted().slr;
    advance(lab, seconds).await;
    assert_eq!(lab.network.counted().slr, before, "a report that nobody expects");
}

fn definition(network: &str) -> AreaDefinition {
    let area = Area::new(AreaIdentity::Plmn(PlmnId::new("001", network).unwrap())).unwrap();
    AreaDefinition { area_list: List::new(vec![area]).unwrap() }
}

fn area() -> AreaEventInfo {
    let home = Area::new(AreaIdentity::Plmn(PlmnId::new("001", "01").unwrap())).unwrap();
    AreaEventInfo {
        area_definition: AreaDefinition { area_list: List::new(vec![home]).unwrap() },
        occurrence_info: None,
        interval_time_s: None,
    }
}
