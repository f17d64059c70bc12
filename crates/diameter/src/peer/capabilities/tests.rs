use crate::base::{CapabilitiesExchangeAnswer, Origin, failure_answer};
use crate::codec::{Builder, CommandCode, Outcome};
use crate::dictionary;

use super::*;

fn local(host: &str, applications: &[(ApplicationId, Option<VendorId>)]) -> LocalCapabilities {
    LocalCapabilities {
        host: host.to_owned(),
        realm: "lab".to_owned(),
        vendor: VendorId(0),
        product_name: "Wherefore".to_owned(),
        applications: applications.to_vec(),
        state_id: 7,
    }
}

const SLG: (ApplicationId, Option<VendorId>) = (ApplicationId::SLG, Some(VendorId::TGPP));
const SLH: (ApplicationId, Option<VendorId>) = (ApplicationId::SLH, Some(VendorId::TGPP));
const RELAY: (ApplicationId, Option<VendorId>) = (ApplicationId::RELAY, None);
const IDS: Identifiers = Identifiers { hop_by_hop: 3, end_to_end: 4 };
const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn message(encode: impl FnOnce(&mut Vec<u8>) -> Result<usize, EncodeError>) -> Message {
    let mut out = Vec::new();
    encode(&mut out).unwrap();
    Message::decode(out.into()).unwrap()
}

fn cer(from: &LocalCapabilities) -> Message {
    message(|out| from.encode_cer(IDS, &[ADDRESS], out))
}

fn cea(from: &LocalCapabilities, result: u32) -> Message {
    let request = cer(from).header;
    message(|out| from.encode_cea(request, ResultCode(result), &[ADDRESS], out))
}

/// RFC 6733 section 5.3: what is shared is what both name; a relay shares all.
#[test]
fn shared_applications_are_those_that_both_name() {
    let cases: [(&[_], &[_], &[ApplicationId]); 5] = [
        (&[SLG, SLH], &[SLH, SLG], &[ApplicationId::SLG, ApplicationId::SLH]),
        (&[SLG, SLH], &[SLH], &[ApplicationId::SLH]),
        (&[SLG], &[(ApplicationId::SLG, None)], &[ApplicationId::SLG]),
        (&[SLG], &[RELAY], &[ApplicationId::SLG]),
        (&[RELAY], &[SLH], &[ApplicationId::SLH]),
    ];
    for (ours, theirs, shared) in cases {
        let (us, them) = (local("gmlc.lab", ours), local("mme.lab", theirs));
        let judged = us.examine_cer(&cer(&them)).unwrap();
        assert_eq!(judged.applications, shared);
        assert_eq!((judged.host.as_str(), judged.realm.as_str(), judged.relay), ("mme.lab", "lab", theirs == [RELAY]));
        let answered = us.examine_cea(&cea(&them, 2001), IDS, "MME.lab").unwrap();
        assert_eq!(answered, judged);
    }
}

/// A server whose software can relay announces that beside what it serves.
#[test]
fn what_a_relay_names_is_known_beside_what_it_relays() {
    let us = local("gmlc.lab", &[SLG, SLH]);
    let judged = us.examine_cer(&cer(&local("mme.lab", &[RELAY, SLG]))).unwrap();
    assert_eq!(judged.applications, [ApplicationId::SLG, ApplicationId::SLH]);
    assert_eq!((judged.named.as_slice(), judged.relay), (&[ApplicationId::SLG][..], true));
    let relay = local("dra.lab", &[RELAY, SLG]);
    assert!(relay.examine_cer(&cer(&local("mme.lab", &[RELAY, SLG]))).unwrap().named.is_empty());
}

#[test]
fn a_cer_is_refused_with_the_code_of_its_fault() {
    let us = local("gmlc.lab", &[SLG]);
    let refusal = |message: &Message| us.examine_cer(message).unwrap_err().result_code().0;
    assert_eq!(refusal(&cer(&local("mme.lab", &[SLH]))), 5010);
    assert_eq!(refusal(&cer(&local("mme.lab", &[]))), 5010);
    assert_eq!(refusal(&cer(&local("GMLC.lab", &[SLG]))), 3010);
    let empty = Header::request(ApplicationId::COMMON, CommandCode::CAPABILITIES_EXCHANGE, IDS);
    assert_eq!(refusal(&message(|out| Builder::new(out, empty).finish())), 5005);
    let tls_inside = message(|out| {
        let mut builder = Builder::new(out, empty);
        builder.text(&dictionary::ORIGIN_HOST, "mme.lab").text(&dictionary::ORIGIN_REALM, "lab");
        builder.address(&dictionary::HOST_IP_ADDRESS, ADDRESS).u32(&dictionary::VENDOR_ID, 0);
        builder.text(&dictionary::PRODUCT_NAME, "x").u32(&dictionary::INBAND_SECURITY_ID, 1);
        builder.finish()
    });
    assert_eq!(refusal(&tls_inside), 5017);
}

#[test]
fn a_cea_opens_only_when_everything_about_it_is_right() {
    let (us, them) = (local("gmlc.lab", &[SLG]), local("mme.lab", &[SLG]));
    assert!(us.examine_cea(&cea(&them, 2001), IDS, "mme.lab").is_ok());
    assert_eq!(us.examine_cea(&cea(&them, 3010), IDS, "mme.lab"), Err(CeaFault::Refused(3010)));
    assert_eq!(us.examine_cea(&cea(&them, 2001), IDS, "hss.lab"), Err(CeaFault::WrongIdentity));
    let other = Identifiers { hop_by_hop: 9, ..IDS };
    assert_eq!(us.examine_cea(&cea(&them, 2001), other, "mme.lab"), Err(CeaFault::Unasked));
    let nothing = cea(&local("mme.lab", &[SLH]), 2001);
    assert_eq!(us.examine_cea(&nothing, IDS, "mme.lab"), Err(CeaFault::NoCommonApplication));
    let origin = Origin { host: "mme.lab", realm: "lab" };
    let bare = message(|out| failure_answer(&cer(&us), origin, Outcome::Base(ResultCode::UNABLE_TO_COMPLY), out));
    assert_eq!(us.examine_cea(&bare, IDS, "mme.lab"), Err(CeaFault::Refused(5012)));
    assert!(matches!(us.examine_cea(&cer(&them), IDS, "mme.lab"), Err(CeaFault::Unsound(_))));
}

/// TS 29.172 clause 7.1, spec of the capabilities exchange for SLg: Vendor-Specific-Application-Id of 3GPP, and
/// Supported-Vendor-Id 10415.
#[test]
fn applications_of_a_vendor_are_announced_as_such() {
    let ours = local("gmlc.lab", &[SLG, SLH, (ApplicationId(4), None)]);
    let answer = cea(&ours, 2001);
    let said = CapabilitiesExchangeAnswer::decode(&answer).unwrap();
    assert_eq!(said.supported_vendor_id, [VendorId::TGPP]);
    assert_eq!(said.auth_application_id, [ApplicationId(4)]);
    assert_eq!(said.vendor_specific_application_id.len(), 2);
    assert_eq!(said.origin_state_id, Some(7));
}
