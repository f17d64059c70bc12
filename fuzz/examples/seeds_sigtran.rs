//! Writes the seeds of the targets for SCCP and M3UA. Run it in `fuzz/` with `cargo run --example seeds_sigtran`.

use std::path::Path;

use ss7::m3ua::{
    Affected, Congestion, Data, ErrorCode, ErrorReport, Message as M3ua, Network, NetworkIndicator, Notify,
    NotifyStatus, PointCode, SERVICE_SCCP, TrafficMode, Transfer, UserPartUnavailable,
};
use ss7::sccp::{
    Class, Extension, Form, GlobalTitle, Message as Sccp, ReturnCause, SccpAddress, Segmentation, Ssn, UnitdataMessage,
    UnitdataService,
};

fn main() -> std::io::Result<()> {
    let steps: Vec<u8> = (0..=255).rev().cycle().take(512).collect();
    write("sccp_endpoint", "steps", &steps)?;
    write("m3ua_machines", "steps", &steps)?;
    for (name, message) in sccp() {
        write("sccp_message", name, &message.encode().expect("it fits"))?;
    }
    let all = m3ua();
    for message in &all {
        write("m3ua_message", &format!("{:?}", message.kind()).to_lowercase(), &message.encode())?;
    }
    write("m3ua_message", "all", &all.iter().flat_map(|message| message.encode().to_vec()).collect::<Vec<u8>>())
}

fn point_code(value: u32) -> PointCode {
    PointCode::new(value).expect("14 bits")
}

fn title(number: &str, ssn: Ssn) -> SccpAddress {
    let address = lcs::Address::international(number).expect("digits");
    SccpAddress::by_title(GlobalTitle::e164(address).expect("E.164"), ssn)
}

fn sccp() -> Vec<(&'static str, Sccp)> {
    let (called, calling) = (title("491710000001", Ssn::MSC), title("491720000001", Ssn::GMLC));
    let segmentation = Some(Segmentation { first: true, class: Class::Basic, remaining: 1, reference: 0x00AB_CDEF });
    let extension = Extension { segmentation, importance: Some(3), ..Extension::NEW };
    let unitdata = |form| UnitdataMessage {
        form,
        class: Class::Sequenced,
        return_on_error: true,
        called,
        calling,
        data: vec![0x62, 0].into(),
    };
    let by_ssn = SccpAddress::by_ssn(point_code(2), Ssn::MANAGEMENT);
    let management = UnitdataMessage {
        called: by_ssn,
        calling: by_ssn,
        data: vec![3, 145, 1, 0, 0].into(),
        ..unitdata(Form::Short)
    };
    let service = |form| UnitdataService {
        form,
        cause: ReturnCause::UnequippedUser,
        called: calling,
        calling: called,
        data: vec![0x62, 0].into(),
    };
    vec![
        ("udt", Sccp::Unitdata(unitdata(Form::Short))),
        ("xudt", Sccp::Unitdata(unitdata(Form::Extended(extension)))),
        ("ludt", Sccp::Unitdata(unitdata(Form::Long(extension)))),
        ("sst", Sccp::Unitdata(management)),
        ("udts", Sccp::Service(service(Form::Short))),
        ("xudts", Sccp::Service(service(Form::Extended(extension)))),
        ("ludts", Sccp::Service(service(Form::Long(Extension::NEW)))),
    ]
}

fn m3ua() -> Vec<M3ua> {
    let network = Network { appearance: Some(1), routing_contexts: vec![10] };
    let affected = vec![Affected::one(point_code(2)), Affected { mask_bits: 3, point_code: 8 }];
    let transfer = Transfer {
        opc: point_code(1),
        dpc: point_code(2),
        service: SERVICE_SCCP,
        network: NetworkIndicator::National,
        priority: 0,
        sls: 5,
        data: sccp()[0].1.encode().expect("it fits").into(),
    };
    let data = Data { network_appearance: Some(1), routing_context: Some(10), transfer, correlation: Some(1) };
    let (traffic_mode, routing_contexts) = (Some(TrafficMode::Loadshare), vec![10, 20]);
    let notify = Notify { status: NotifyStatus::AsActive, asp_identifier: Some(7), routing_contexts: vec![10] };
    let user_part = UserPartUnavailable { affected: affected[0], cause: 1, user: 3 };
    let congestion = Congestion { concerned: Some(1), level: Some(2) };
    vec![
        M3ua::Error(ErrorReport { affected: affected.clone(), ..ErrorReport::new(ErrorCode::UnexpectedMessage) }),
        M3ua::Notify(notify),
        M3ua::Data(data),
        M3ua::Duna(network.clone(), affected.clone()),
        M3ua::Dava(network.clone(), affected.clone()),
        M3ua::Daud(network.clone(), affected.clone()),
        M3ua::Scon(network.clone(), affected.clone(), congestion),
        M3ua::Dupu(network.clone(), user_part),
        M3ua::Drst(network, affected),
        M3ua::AspUp { asp_identifier: Some(7) },
        M3ua::AspUpAck { asp_identifier: Some(7) },
        M3ua::AspDown,
        M3ua::AspDownAck,
        M3ua::Beat(vec![0, 0, 0, 1].into()),
        M3ua::BeatAck(vec![0, 0, 0, 1].into()),
        M3ua::AspActive { traffic_mode, routing_contexts: routing_contexts.clone() },
        M3ua::AspActiveAck { traffic_mode, routing_contexts: routing_contexts.clone() },
        M3ua::AspInactive(routing_contexts.clone()),
        M3ua::AspInactiveAck(routing_contexts),
    ]
}

fn write(target: &str, name: &str, octets: &[u8]) -> std::io::Result<()> {
    let folder = Path::new("seeds").join(target);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(name), octets)
}
