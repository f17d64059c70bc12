//! The messages that every peer sends: capabilities, watchdog, disconnect (RFC 6733 section 5), and what is thought of them.
#![no_main]

use diameter::base::{
    CapabilitiesExchangeAnswer, CapabilitiesExchangeRequest, DeviceWatchdogAnswer, DeviceWatchdogRequest,
    DisconnectPeerAnswer, DisconnectPeerRequest,
};
use diameter::codec::{ApplicationId, CommandCode, VendorId};
use diameter::peer::LocalCapabilities;
use fuzz::{comes_back, wire};
use libfuzzer_sys::fuzz_target;

const COMMANDS: &[(ApplicationId, CommandCode)] = &[
    (ApplicationId::COMMON, CommandCode::CAPABILITIES_EXCHANGE),
    (ApplicationId::COMMON, CommandCode::DEVICE_WATCHDOG),
    (ApplicationId::COMMON, CommandCode::DISCONNECT_PEER),
];

fuzz_target!(|data: &[u8]| {
    let Some((message, sound)) = wire::message(&wire::frame(data, COMMANDS)) else { return };
    let header = message.header;
    comes_back!(CapabilitiesExchangeRequest, &message, sound, header.ids);
    comes_back!(CapabilitiesExchangeAnswer, &message, sound, header);
    comes_back!(DeviceWatchdogRequest, &message, sound, header.ids);
    comes_back!(DeviceWatchdogAnswer, &message, sound, header);
    comes_back!(DisconnectPeerRequest, &message, sound, header.ids);
    comes_back!(DisconnectPeerAnswer, &message, sound, header);
    let local = LocalCapabilities {
        host: "gmlc.example.net".to_owned(),
        realm: "example.net".to_owned(),
        vendor: VendorId::TGPP,
        product_name: "fuzz".to_owned(),
        applications: vec![(ApplicationId::SLG, Some(VendorId::TGPP)), (ApplicationId::SLH, Some(VendorId::TGPP))],
        state_id: 1,
    };
    match local.examine_cer(&message) {
        Err(refusal) => assert!(!refusal.result_code().is_success()),
        Ok(peer) => {
            assert!(!peer.host.eq_ignore_ascii_case(&local.host), "nobody else has our identity");
            assert!(peer.applications.iter().all(|id| [ApplicationId::SLG, ApplicationId::SLH].contains(id)));
        }
    }
    if let Ok(peer) = local.examine_cea(&message, header.ids, "mme1.example.net") {
        assert!(peer.host.eq_ignore_ascii_case("mme1.example.net"));
        assert!(!peer.applications.is_empty());
    }
});
