//! Tests of the disclosure log by themes; the storage they run on is in `memory`.

mod audits;
mod changes;
mod crash;
mod memory;
mod notes;
mod publishing;
mod sealing;
mod tree;
mod truth;
mod writing;

use super::*;
use lcs::{
    Address, Failure, FormatIndicator, Identities, Imsi, LcsClientType, LocationType, Msisdn, Qos, RefusalReason,
    Requestor, ServiceType, Target, Timestamp,
};
use memory::Memory;

/// A small generator, so that every run is the same (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

fn origin() -> Origin {
    Origin::new("gmlc1.example.net/disclosure").unwrap()
}

fn keys() -> LogKeys {
    LogKeys { signing: SigningKey::from_seed(origin(), [7; 32]).unwrap(), master: MasterKey::from_octets([9; 32]) }
}

fn key() -> VerifierKey {
    keys().verifier().clone()
}

fn facts(number: u64) -> Facts {
    let mut request = [0; 16];
    request[..8].copy_from_slice(&number.to_be_bytes());
    Facts {
        time: Timestamp::from_micros(1_700_000_000_000_000 + number * 1_000_000),
        request: RequestId(request),
        via: Via::Mlp,
        account: "fleet".into(),
        client_type: LcsClientType::ValueAdded,
        external: Address::international("+491710000001").ok(),
        requestor: Some(Requestor { text: "dispatch".into(), format: FormatIndicator::LogicalName }),
        service_type: ServiceType::new(7),
        location_type: LocationType::Current,
        qos: Qos::BEST_EFFORT,
        target: Target::Msisdn(Msisdn::parse("491720000002").unwrap()),
    }
}

fn refused() -> Ending {
    Ending::refused(RefusalReason::CodewordWrong)
}

/// Records `number` and gives the future, with the outcome of an ordinary refusal.
fn record(log: &Log, number: u64) -> Recording<()> {
    log.open(facts(number)).record(refused(), ())
}

/// The answer of a recording that must have one by now.
fn now<T>(mut recording: Recording<T>) -> Option<Result<Recorded<T>, LogUnavailable>> {
    use std::future::Future;
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(&mut recording).poll(&mut context) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    }
}

/// Opens every record of a log with the operator's key or one of `subjects`; gives the numbers that [`facts`] gave.
fn numbers(storage: &mut Memory, subjects: &[Subject]) -> Vec<Option<u64>> {
    let sealer = Sealer::new(&keys().master, &origin()).unwrap();
    let mut all = vec![sealer.subject(&Subject::Operator)];
    all.extend(subjects.iter().map(|subject| sealer.subject(subject)));
    let mut found = Vec::new();
    walk(storage, 0, |_, record| {
        let content = all.iter().find_map(|keys| sealer.open(record, keys).ok());
        found.push(match content {
            Some(Content::Request(entry)) => Some(u64::from_be_bytes(entry.facts.request.0[..8].try_into().unwrap())),
            Some(Content::Gap { .. } | Content::Consent(_)) | None => None,
        });
        true
    })
    .unwrap();
    found
}
