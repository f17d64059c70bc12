//! What the nodes say to each other: an exchange of each kind, and the fields in which an independent reader must find it.

use crate::network::Who;
use crate::{subscriber, values};
use lcs::{
    ApnNi, AreaIdentity, ClientName, FormatIndicator, Identities, LcsCapabilitySets, LcsClientId, LcsClientType,
    LocationType, PlmnClient, PlmnId, Priority, PrivacyIndicators, PrivacySetting, PseudoExternalIdentity, Qos,
    QosClass, Requestor, ResponseTime, ServiceType, gad::ShapeSet,
};
use ss7::map::{
    Area, AreaDefinition, AreaEventInfo, DeferredEvents, LcsLocationInfo, List, Number, OccurrenceInfo, Operation,
    PeriodicLdrInfo, PrivacyInstruction, Psl, PslRes, RoutingInfoForLcsArg, RoutingInfoForLcsRes, SubscriberIdentity,
};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tokio::sync::Semaphore;
use transport::sigtran::{Answer, ApplicationContext, Incoming, InvokeOutcome, Ssn};

/// The last message of an exchange.
pub const LAST: usize = usize::MAX;

/// A field as the reader names it, after those it is within, and all its values in one message.
pub type Field = (&'static str, Vec<String>);

/// What a node does with what it is asked.
#[derive(Clone)]
pub enum Answered {
    /// Answers.
    At(Answer),
    /// Asks back in the same dialogue, and answers then.
    AfterAsking { operation: Operation, argument: Vec<u8>, then: Answer },
    /// The same, but not before it is let.
    OnceLet { gate: Arc<Semaphore>, operation: Operation, argument: Vec<u8>, then: Answer },
}

/// One dialogue.
pub struct Exchange {
    pub name: &'static str,
    pub from: Who,
    pub as_subsystem: Ssn,
    pub to: Who,
    pub subsystem: Ssn,
    pub operation: Operation,
    pub context: ApplicationContext,
    pub argument: Vec<u8>,
    /// What is answered; none if nothing gets there.
    pub answer: Option<Answered>,
    /// What is answered to what is asked back.
    pub answer_back: Option<Answered>,
    pub outcome: InvokeOutcome,
    /// What is to be read, and in which of its messages.
    pub reads: Vec<(usize, Field)>,
}

impl Exchange {
    /// Something that is answered with a result.
    pub fn new(name: &'static str, from: Who, to: Who, operation: Operation, argument: Vec<u8>, res: Vec<u8>) -> Self {
        Self {
            name,
            from,
            as_subsystem: from.subsystem(),
            to,
            subsystem: to.subsystem(),
            operation,
            context: operation.context(),
            argument,
            answer: Some(Answered::At(Answer::Result(res.clone()))),
            answer_back: None,
            outcome: InvokeOutcome::Result(res),
            reads: Vec::new(),
        }
    }

    /// What a gateway asks of a node.
    pub fn psl(name: &'static str, to: Who, psl: &Psl, res: &PslRes) -> Self {
        Self::new(name, Who::Gmlc, to, Operation::ProvideSubscriberLocation, psl.encode(), res.encode()).sent(vec![
            field("e212.imsi", values::IMSI),
            field("gsm_map.lcs.msisdn_tree>e164.msisdn", values::MSISDN),
            field("gsm_map.lcs.mlc_Number_tree>e164.msisdn", Who::Gmlc.digits()),
            // The dissector shows the spare digit too.
            field("gsm_map.tbcd_digits", format!("{}0", values::IMEI)),
        ])
    }

    /// Is answered otherwise.
    pub fn answered(self, answer: Answer, outcome: InvokeOutcome) -> Self {
        Self { answer: Some(Answered::At(answer)), outcome, ..self }
    }

    /// The answerer asks back before it answers as said, and gets this.
    pub fn asking_back(self, operation: Operation, argument: Vec<u8>, got: Vec<u8>) -> Self {
        let then = match self.answer {
            Some(Answered::At(answer)) => answer,
            _ => panic!("{}: one question back", self.name),
        };
        Self {
            answer: Some(Answered::AfterAsking { operation, argument, then }),
            answer_back: Some(Answered::At(Answer::Result(got))),
            ..self
        }
    }

    /// What is to be read in the first message.
    pub fn sent(self, fields: Vec<Field>) -> Self {
        self.reads(0, fields)
    }

    /// What is to be read in the last one.
    pub fn told(self, fields: Vec<Field>) -> Self {
        self.reads(LAST, fields)
    }

    /// What is to be read in the message with this number, from 0 on.
    pub fn reads(mut self, message: usize, fields: Vec<Field>) -> Self {
        self.reads.extend(fields.into_iter().map(|field| (message, field)));
        self
    }

    /// Looks at what was asked back, and what came of it.
    pub fn asked_back(&self, seen: &[Incoming], outcomes: &[InvokeOutcome]) {
        let Some(Answered::AfterAsking { operation, argument, .. }) = &self.answer else {
            return assert!(seen.is_empty() && outcomes.is_empty(), "{}", self.name);
        };
        let [asked] = seen else { panic!("{}: {seen:?}", self.name) };
        assert_eq!((asked.operation, &asked.argument, asked.within_ours), (operation.code(), argument, true));
        let Some(Answered::At(Answer::Result(told))) = &self.answer_back else { panic!("{}", self.name) };
        assert_eq!(outcomes, [InvokeOutcome::Result(told.clone())], "{}", self.name);
    }
}

/// One field with one value.
pub fn field(name: &'static str, value: impl ToString) -> Field {
    (name, vec![value.to_string()])
}

/// One field with several.
pub fn values(name: &'static str, values: &[&str]) -> Field {
    (name, values.iter().map(ToString::to_string).collect())
}

/// A field that is not there.
pub fn no(name: &'static str) -> Field {
    (name, Vec::new())
}

pub fn sets(highest: u32) -> LcsCapabilitySets {
    LcsCapabilitySets((1 << highest) - 1)
}

/// A field that is there, without a value.
pub fn flag(name: &'static str) -> Field {
    field(name, "")
}

/// What is to be read of a value added client, under this number.
fn named(number: &str, name: &str) -> Vec<Field> {
    vec![
        field("gsm_map.lcs.lcsClientType", 1),
        field("gsm_map.externalAddress_tree>e164.msisdn", number),
        field("gsm_map.lcs.lcsClientName_element>gsm_map.ussd_string", name),
        field("gsm_map.lcs.lcsClientName_element>gsm_map.lcs.lcs_FormatIndicator", 0),
        field("gsm_map.lcs.lcsRequestorID_element>gsm_map.ussd_string", values::REQUESTOR),
        field("gsm_map.lcs.lcsRequestorID_element>gsm_map.lcs.lcs_FormatIndicator", 2),
        field("gsm_map.apn_str", "fleet.example"),
    ]
}

const UNRELATED: &str = "gsm_map.lcs.callSessionUnrelated";
const OVERRIDE: &str = "gsm_map.lcs.privacyOverride_element";
const RELATED: &str = "gsm_map.lcs.callSessionRelated";

/// A value added client that asks for someone, in the session that it has with the target.
pub fn client() -> LcsClientId {
    LcsClientId {
        client_type: LcsClientType::ValueAdded,
        external: Some(values::number(values::CLIENT)),
        internal: None,
        dialled: None,
        apn: Some(ApnNi::new("fleet.example").unwrap()),
        name: Some(ClientName::new(values::NAME, FormatIndicator::LogicalName).unwrap()),
        requestor: Some(Requestor { text: values::REQUESTOR.to_owned(), format: FormatIndicator::Msisdn }),
        call_session_related: true,
    }
}

fn client_of(client_type: LcsClientType) -> LcsClientId {
    LcsClientId {
        client_type,
        external: None,
        internal: None,
        dialled: None,
        apn: None,
        name: None,
        requestor: None,
        call_session_related: false,
    }
}

pub const H_GMLC: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));

/// A request about the target.
pub fn psl(kind: LocationType, client: &LcsClientId, instruction: PrivacyInstruction, highest: u32) -> Psl {
    Psl::new(Who::Gmlc.number(), kind, values::target(), client, instruction, sets(highest)).unwrap()
}

fn indicators(unrelated: PrivacySetting, related: Option<PrivacySetting>) -> PrivacyInstruction {
    PrivacyInstruction::Indicators(PrivacyIndicators::new(unrelated, related).unwrap())
}

pub fn all() -> Vec<Exchange> {
    [requests(), deferred(), routing(), values::results(), values::errors(), subscriber::all()]
        .into_iter()
        .flatten()
        .collect()
}

fn requests() -> Vec<Exchange> {
    let circle = values::result_of(values::CIRCLE);
    let (notify, silent) = (PrivacySetting::AllowedWithNotification, PrivacySetting::AllowedWithoutNotification);
    let qos = Qos {
        class: QosClass::Assured,
        horizontal_m: Some(100),
        vertical_m: Some(50),
        response_time: Some(ResponseTime::DelayTolerant),
    };
    let told = psl(LocationType::CurrentOrLastKnown, &client(), indicators(notify, Some(silent)), 5)
        .priority(Priority::Highest)
        .qos(qos, true)
        .shapes(ShapeSet::ALL)
        .service_type(ServiceType::new(16).unwrap())
        .lmsi(ss7::map::Lmsi([1, 2, 3, 4]))
        .codeword(&lcs::Codeword::new("lighthouse".to_owned()).unwrap())
        .unwrap();
    let mut all =
        vec![Exchange::psl("indicators", Who::Msc, &told, &circle).sent(named(values::CLIENT, values::NAME)).sent(
            vec![
                field("gsm_map.lcs.locationEstimateType", 1),
                field(UNRELATED, 1),
                field(RELATED, 0),
                field("gsm_map.lcs.lcs_Priority", "00"),
                field("gsm_map.lcs.horizontal_accuracy", "19"),
                field("gsm_map.lcs.vertical_accuracy", "1e"),
                field("gsm_map.lcs.responseTimeCategory", 1),
                flag("gsm_map.lcs.velocityRequest_element"),
                field("gsm_map.lcs.supportedGADShapes", "fe"),
                field("gsm_map.lcs.lcsServiceTypeID", 16),
                field("gsm_map.lcs.lmsi", "01:02:03:04"),
                field("gsm_map.lcs.lcsCodeword_element>gsm_map.ussd_string", "lighthouse"),
            ],
        )];
    // Every setting of both kinds.
    for unrelated in PrivacySetting::ALL {
        for related in PrivacySetting::ALL {
            let Ok(both) = PrivacyIndicators::new(unrelated, Some(related)) else { continue };
            let told = psl(LocationType::Current, &client(), PrivacyInstruction::Indicators(both), 4);
            // Without the second, nothing is allowed because of a call or session.
            let second = both.related().map(|related| code(related).to_string());
            let read = vec![field(UNRELATED, code(unrelated)), (RELATED, second.into_iter().collect())];
            all.push(Exchange::psl("settings", Who::Sgsn, &told, &circle).sent(read));
        }
    }
    // Every pseudo-external identity, to a node that has no field for the requestor, and one that has it.
    for identity in PseudoExternalIdentity::all() {
        for highest in [2, 3] {
            let pseudo = PrivacyInstruction::PseudoExternal(values::number(&values::pseudo_external(identity)));
            let told = psl(LocationType::Current, &client(), pseudo, highest);
            let merged = format!("{}=={}", values::NAME, values::REQUESTOR);
            let name = if highest < 3 { &merged } else { values::NAME };
            all.push(
                Exchange::psl("pseudo-external identity", Who::Msc, &told, &circle)
                    .sent(named(&values::pseudo_external(identity), name))
                    .sent(vec![no(UNRELATED), no(RELATED), no(OVERRIDE)]),
            );
        }
    }
    for internal in PlmnClient::ALL {
        let client = LcsClientId { internal: Some(internal), ..client_of(LcsClientType::PlmnOperator) };
        let told = psl(LocationType::Current, &client, PrivacyInstruction::PlmnClient, 1);
        let read = vec![
            field("gsm_map.lcs.lcsClientType", 2),
            field("gsm_map.lcs.lcsClientInternalID", internal as u8),
            no("gsm_map.externalAddress"),
            no(UNRELATED),
            no(OVERRIDE),
        ];
        all.push(Exchange::psl("client of the operator", Who::Msc, &told, &circle).sent(read));
    }
    for client_type in [LcsClientType::Emergency, LcsClientType::LawfulIntercept] {
        let told = psl(LocationType::Current, &client_of(client_type), PrivacyInstruction::Override, 5);
        let read = vec![
            field("gsm_map.lcs.lcsClientType", client_type.code()),
            flag(OVERRIDE),
            field(UNRELATED, code(PrivacySetting::NotAllowed)),
        ];
        all.push(Exchange::psl("override", Who::Sgsn, &told, &circle).sent(read));
    }
    all
}

/// Code of a privacy check (TS 29.002 clause 17.7.13).
fn code(setting: PrivacySetting) -> u8 {
    match setting {
        PrivacySetting::AllowedWithoutNotification => 0,
        PrivacySetting::AllowedWithNotification => 1,
        PrivacySetting::AllowedIfNoResponse => 2,
        PrivacySetting::RestrictedIfNoResponse => 3,
        PrivacySetting::NotAllowed => 4,
    }
}

fn deferred() -> Vec<Exchange> {
    let begin = |events| {
        let told = indicators(PrivacySetting::AllowedWithoutNotification, None);
        psl(LocationType::ActivateDeferred, &client(), told, 5).deferred(events, 7, H_GMLC)
    };
    let plmn = PlmnId::new("262", "01").unwrap();
    let areas = [AreaIdentity::Country([2, 6, 2]), AreaIdentity::Cell(plmn, 0x1234, 0x5678)];
    let areas: Vec<Area> = areas.into_iter().filter_map(Area::new).collect();
    let areas =
        begin(DeferredEvents::ENTERING_INTO_AREA.and(DeferredEvents::LEAVING_FROM_AREA)).area_event(AreaEventInfo {
            area_definition: AreaDefinition { area_list: List::new(areas).unwrap() },
            occurrence_info: Some(OccurrenceInfo::MultipleTimeEvent),
            interval_time_s: Number::new(300),
        });
    let periods = begin(DeferredEvents::PERIODIC_LDR).periodic(PeriodicLdrInfo::new(100, 3600).unwrap());
    let accepted = PslRes::without_place(true);
    let both = || {
        vec![
            field("gsm_map.lcs.locationEstimateType", 3),
            field("gsm_map.lcs.lcs_ReferenceNumber", "07"),
            field("gsm_map.lcs.h_gmlc_Address_tree>gsm_map.gsnaddress_ipv4", H_GMLC),
            field(UNRELATED, 0),
        ]
    };
    let areas = Exchange::psl("deferred, areas", Who::Sgsn, &areas, &accepted).sent(both()).sent(vec![
        field("gsm_map.lcs.deferredLocationEventType", "60"),
        field("gsm_map.lcs.areaList", 2),
        values("gsm_map.lcs.areaType", &["0", "4"]),
        values("gsm_map.lcs.areaIdentification", &["62:f2", "62:f2:10:12:34:56:78"]),
        field("gsm_map.lcs.occurrenceInfo", 1),
        field("gsm_map.lcs.intervalTime", 300),
    ]);
    let periods = Exchange::psl("deferred, periods", Who::Sgsn, &periods, &accepted).sent(both()).sent(vec![
        field("gsm_map.lcs.deferredLocationEventType", "08"),
        field("gsm_map.lcs.reportingAmount", 100),
        field("gsm_map.lcs.reportingInterval", 3600),
    ]);
    let answer = || vec![flag("gsm_map.lcs.deferredmt_lrResponseIndicator_element")];
    vec![areas.told(answer()), periods.told(answer())]
}

fn routing() -> Vec<Exchange> {
    let ask = |target_ms| RoutingInfoForLcsArg { mlc_number: Who::Gmlc.number(), target_ms };
    let Identities { imsi: Some(imsi), msisdn: Some(msisdn), .. } = values::target() else { unreachable!() };
    let answer = |target_ms| RoutingInfoForLcsRes {
        target_ms,
        lcs_location_info: LcsLocationInfo {
            supported_lcs_capability_sets: Some(sets(2)),
            additional_number: Some(ss7::map::AdditionalNumber::Sgsn(Who::Sgsn.number())),
            additional_lcs_capability_sets: Some(sets(5)),
            ..LcsLocationInfo::of_number(Who::Msc.number(), false)
        },
        v_gmlc_address: None,
        h_gmlc_address: Some(H_GMLC),
        ppr_address: Some(H_GMLC),
        additional_v_gmlc_address: None,
    };
    let operation = Operation::SendRoutingInfoForLcs;
    let exchange = |name, asked, told| {
        Exchange::new(name, Who::Gmlc, Who::Hlr, operation, ask(asked).encode(), answer(told).encode())
            .sent(vec![field("gsm_map.lcs.mlcNumber_tree>e164.msisdn", Who::Gmlc.digits())])
            .told(vec![
                field("gsm_map.lcs.networkNode_Number_tree>e164.msisdn", Who::Msc.digits()),
                field("gsm_map.lcs.supportedLCS_CapabilitySets", "c0"),
                field("gsm_map.sm.sgsn_Number_tree>e164.msisdn", Who::Sgsn.digits()),
                field("gsm_map.lcs.additional_LCS_CapabilitySets", "f8"),
                field("gsm_map.lcs.h_gmlc_Address_tree>gsm_map.gsnaddress_ipv4", H_GMLC),
                field("gsm_map.lcs.ppr_Address_tree>gsm_map.gsnaddress_ipv4", H_GMLC),
            ])
    };
    let (by_imsi, by_msisdn) = (SubscriberIdentity::Imsi(imsi), SubscriberIdentity::Msisdn(msisdn));
    let is_imsi = || vec![field("e212.imsi", values::IMSI)];
    let is_msisdn = || vec![field("gsm_map.msisdn_tree>e164.msisdn", values::MSISDN), no("e212.imsi")];
    vec![
        exchange("routing by number", by_msisdn, by_imsi).sent(is_msisdn()).told(is_imsi()),
        exchange("routing by IMSI", by_imsi, by_msisdn).sent(is_imsi()).told(is_msisdn()),
    ]
}
