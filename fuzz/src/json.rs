//! What gateways send each other over Lpp and Lid. Their codecs are part of the daemon, which is too large to be built for this; so
//! these files of it are compiled here, and nothing else.

use crate::{lpp::wire, pmd};
use lcs::LcsClientType;
use std::hint::black_box;

/// Whatever octets: read or refused, and what was read is written as what reads the same.
pub fn lpp(data: &[u8]) {
    if let Ok(request) = serde_json::from_slice::<wire::AuthorisationRequest>(data) {
        let written = serde_json::to_vec(&request).expect("no map has keys that are not text");
        let again = serde_json::from_slice::<wire::AuthorisationRequest>(&written).expect("what was written");
        assert!(request == again);
        if let Ok(asked) = request.asked() {
            let question = asked.authorisation();
            let told = wire::AuthorisationRequest::of(&question);
            assert!(told.asked().is_ok(), "what the check sees can be asked");
        }
    }
    if let Ok(answer) = serde_json::from_slice::<wire::AuthorisationResponse>(data) {
        for client_type in LcsClientType::ALL {
            black_box(answer.verdict(client_type).is_ok());
        }
    }
    if let Ok(answer) = serde_json::from_slice::<wire::StandingResponse>(data) {
        black_box(answer.stands().is_ok());
    }
    if let Ok(request) = serde_json::from_slice::<wire::StandingRequest>(data) {
        black_box(request.asked());
    }
    black_box(serde_json::from_slice::<wire::UpdatesRequest>(data).is_ok());
    if let Ok(told) = serde_json::from_slice::<wire::UpdatesResponse>(data) {
        black_box(told.updates.iter().filter_map(|update| update.target.identities()).count());
    }
}

/// The same for Lid.
pub fn lid(data: &[u8]) {
    pmd::lid(data);
}
