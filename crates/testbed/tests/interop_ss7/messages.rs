//! What the nodes say to each other: an exchange of each kind, and the fields in which an independent reader must find it.

use crate::network::Who;
use crate::{subscriber, values};
use lcs::{
    ApnNi, ClientName, FormatIndicator, Identities, LcsCapabilitySets, LcsClientId, LcsClientType, LocationType,
    PlmnClient, Priority, PrivacyIndicators, PrivacySetting, PseudoExternalIdentity, Qos, QosClass, Requestor,
    ResponseTime, ServiceType, gad::ShapeSet,
};
use ss7::map::{
    Area, AreaDefinition, AreaEventInfo, AreaIdentity, DeferredEvents, LcsLocationInfo, List, Number, OccurrenceInfo,
    Operation, PeriodicLdrInfo, PrivacyInstruction, Psl, PslRes, RoutingInfoForLcsArg, RoutingInfoForLcsRes,
    SubscriberIdentity,
};
use std::net::{IpAddr, Ipv4Addr};
use transport::sigtran::{Answer, ApplicationContext, Incoming, InvokeOutcome, Ssn};

/// A field as the reader names it, and all its values in one message, in order.
pub type Field = (&'static str, Vec<String>);

/// What a node does with what it is asked.
#[derive(Clone)]
pub enum Answered {
    /// Answers.
    At(Answer),
    /// Asks back in the same dialogue, and answers then.
    AfterAsking { operation: Operation, argument: Vec<u8>, then: Answer },
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
    /// The fields of each of its messages.
    pub reads: Vec<Vec<Field>>,
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
        Self::new(name, Who::Gmlc, to, Operation::ProvideSubscriberLocation, psl.encode(), res.encode())
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

    /// A field of the next message.
    pub fn reads(mut self, fields: Vec<Field>) -> Self {
        self.reads.push(fields);
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

/// A field that is not there.
pub fn no(name: &'static str) -> Field {
    (name, Vec::new())
}

pub fn sets(highest: u32) -> LcsCapabilitySets {
    LcsCapabilitySets((1 << highest) - 1)
}

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
    let mut all = vec![Exchange::psl("indicators", Who::Msc, &told, &circle)];
    // Every setting of both kinds.
    for unrelated in PrivacySetting::ALL {
        for related in PrivacySetting::ALL {
            let Ok(both) = PrivacyIndicators::new(unrelated, Some(related)) else { continue };
            let told = psl(LocationType::Current, &client(), PrivacyInstruction::Indicators(both), 4);
            all.push(Exchange::psl("settings", Who::Sgsn, &told, &circle));
        }
    }
    // Every pseudo-external identity, to a node that has no field for the requestor, and one that has it.
    for identity in PseudoExternalIdentity::all() {
        for highest in [2, 3] {
            let pseudo = PrivacyInstruction::PseudoExternal(values::number(&values::pseudo_external(identity)));
            let told = psl(LocationType::Current, &client(), pseudo, highest);
            all.push(Exchange::psl("pseudo-external identity", Who::Msc, &told, &circle));
        }
    }
    for internal in PlmnClient::ALL {
        let client = LcsClientId { internal: Some(internal), ..client_of(LcsClientType::PlmnOperator) };
        let told = psl(LocationType::Current, &client, PrivacyInstruction::PlmnClient, 1);
        all.push(Exchange::psl("client of the operator", Who::Msc, &told, &circle));
    }
    for client_type in [LcsClientType::Emergency, LcsClientType::LawfulIntercept] {
        let told = psl(LocationType::Current, &client_of(client_type), PrivacyInstruction::Override, 5);
        all.push(Exchange::psl("override", Who::Sgsn, &told, &circle));
    }
    all
}

fn deferred() -> Vec<Exchange> {
    let begin = |events| {
        let told = indicators(PrivacySetting::AllowedWithoutNotification, None);
        psl(LocationType::ActivateDeferred, &client(), told, 5).deferred(events, 7, H_GMLC)
    };
    const PLMN: [u8; 3] = [0x62, 0xF2, 0x10];
    let areas = [AreaIdentity::Country([2, 6, 2]), AreaIdentity::Cell(PLMN, 0x1234, 0x5678)];
    let areas = begin(DeferredEvents::ENTERING_INTO_AREA.and(DeferredEvents::LEAVING_FROM_AREA)).area_event(
        AreaEventInfo {
            area_definition: AreaDefinition { area_list: List::new(areas.map(Area::new).to_vec()).unwrap() },
            occurrence_info: Some(OccurrenceInfo::MultipleTimeEvent),
            interval_time_s: Number::new(300),
        },
    );
    let periods = begin(DeferredEvents::PERIODIC_LDR).periodic(PeriodicLdrInfo::new(100, 3600).unwrap());
    let accepted = PslRes::without_place(true);
    vec![
        Exchange::psl("deferred, areas", Who::Sgsn, &areas, &accepted),
        Exchange::psl("deferred, periods", Who::Sgsn, &periods, &accepted),
    ]
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
    let (by_imsi, by_msisdn) = (SubscriberIdentity::Imsi(imsi), SubscriberIdentity::Msisdn(msisdn));
    [("routing by number", by_msisdn, by_imsi), ("routing by IMSI", by_imsi, by_msisdn)]
        .map(|(name, asked, told)| {
            let (argument, res) = (ask(asked).encode(), answer(told).encode());
            Exchange::new(name, Who::Gmlc, Who::Hlr, operation, argument, res)
        })
        .into()
}
