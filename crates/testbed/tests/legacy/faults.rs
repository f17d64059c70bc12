//! Faults of the legacy half, as a gateway meets them.

use super::lab::{GMLC, HEAD, HLR, Lab, More, TIMEOUT, gateway, imsi, msc, msc_number, number, psl, subscriber};
use lcs::PrivacySetting::AllowedWithoutNotification;
use ss7::map::{Operation, PslRes, RoutingInfoForLcsArg, SubscriberIdentity};
use std::time::Duration;
use testbed::fault::{Fault, FaultRule, Scope};
use transport::sigtran::{Invoke, InvokeError, InvokeOutcome, NoOperations, Ssn, by_number};

async fn lab() -> Lab {
    Lab::start(&[HEAD.to_owned(), msc(1, "capability_set = 5"), subscriber(1, "msc = 'msc-1'")].concat()).await
}

async fn ask(lab: &Lab, timeout: Duration) -> Result<InvokeOutcome, InvokeError> {
    let operation = Operation::ProvideSubscriberLocation;
    let argument = psl(1, "99912345001").indicators(AllowedWithoutNotification, None).encode();
    let to = by_number(msc_number(1), Ssn::MSC).unwrap();
    lab.gateway.invoke(Invoke::new(to, operation.context(), operation.code(), argument, timeout)).await
}

/// Waits until the gateway's side has the node again, and a request goes through.
async fn recovers(lab: &Lab) {
    tokio::time::timeout(TIMEOUT, lab.gateway.wait_active(2)).await.unwrap();
    let outcome = ask(lab, TIMEOUT).await;
    assert!(matches!(outcome, Ok(InvokeOutcome::Result(_))), "{outcome:?}");
}

#[tokio::test]
async fn each_fault_of_the_node_s_own_logic_is_what_it_says() {
    let lab = lab().await;
    let result = |octets: &InvokeOutcome| match octets {
        InvokeOutcome::Result(octets) => PslRes::decode(octets),
        other => panic!("{other:?}"),
    };
    for fault in [
        Fault::Delay { ms: 5 },
        Fault::Result { code: 34, experimental: false },
        Fault::Abort,
        Fault::WrongContext,
        Fault::TruncatedBer,
        Fault::AbsurdTag,
        Fault::CellOnly,
        Fault::LowNibbleGad,
        Fault::NoAgeNorAccuracy,
    ] {
        lab.fault("msc-1", fault, Some(1));
        let outcome = ask(&lab, TIMEOUT).await.unwrap();
        let sound = match fault {
            Fault::Delay { .. } => result(&outcome).is_ok(),
            Fault::Result { .. } => outcome == InvokeOutcome::Error { code: 34, parameter: Vec::new() },
            Fault::Abort => matches!(outcome, InvokeOutcome::Aborted(_)),
            Fault::WrongContext => matches!(outcome, InvokeOutcome::ContextNotSupported { .. }),
            Fault::TruncatedBer | Fault::AbsurdTag => match outcome {
                InvokeOutcome::Result(octets) => PslRes::decode(&octets).is_err(),
                // The whole message cannot be read then.
                other => matches!(other, InvokeOutcome::Aborted(_) | InvokeOutcome::Unacceptable(_)),
            },
            Fault::CellOnly => result(&outcome)
                .is_ok_and(|told| told.location_estimate.as_slice().len() == 1 && told.cell_id_or_sai.is_some()),
            Fault::LowNibbleGad => result(&outcome).is_ok_and(|told| told.location_estimate.as_slice()[0] == 0x01),
            Fault::NoAgeNorAccuracy => {
                result(&outcome).is_ok_and(|told| told.age_min.is_none() && told.accuracy_fulfilment.is_none())
            }
            other => panic!("{other:?}"),
        };
        assert!(sound, "{fault:?}");
        recovers(&lab).await;
    }
}

#[tokio::test]
async fn a_dialogue_that_is_never_answered_ends_by_its_timer() {
    let lab = lab().await;
    lab.fault("msc-1", Fault::Drop, Some(1));
    assert_eq!(ask(&lab, Duration::from_millis(50)).await.unwrap(), InvokeOutcome::TimedOut);
    recovers(&lab).await;
}

#[tokio::test]
async fn faults_on_the_wire_are_met_and_overcome() {
    let lab = lab().await;
    for (fault, timeout) in [
        (Fault::Duplicate, TIMEOUT),
        (Fault::AnswerToNothing, TIMEOUT),
        (Fault::WrongHopByHop, Duration::from_millis(100)),
        (Fault::Garbage, TIMEOUT),
        (Fault::Truncated, TIMEOUT),
        (Fault::Disconnect, TIMEOUT),
    ] {
        lab.fault("msc-1", fault, Some(1));
        let outcome = ask(&lab, timeout).await;
        let sound = match fault {
            Fault::Duplicate | Fault::AnswerToNothing => matches!(outcome, Ok(InvokeOutcome::Result(_))),
            Fault::WrongHopByHop => outcome == Ok(InvokeOutcome::TimedOut),
            _ => outcome == Err(InvokeError::Lost),
        };
        assert!(sound, "{fault:?}: {outcome:?}");
        recovers(&lab).await;
    }
    assert!(lab.network.spoiled_on_the_wire() >= 6);
}

#[tokio::test]
async fn a_node_goes_and_comes_back() {
    let lab = lab().await;
    let gone = Scope::Node("msc-1".to_owned());
    lab.network.faults().add(gone.clone(), FaultRule { fault: Fault::Gone, times: None });
    let outcome = ask(&lab, TIMEOUT).await;
    assert!(matches!(outcome, Err(InvokeError::Lost | InvokeError::NotActive)), "{outcome:?}");
    lab.network.faults().clear(&gone);
    recovers(&lab).await;
}

#[tokio::test]
async fn the_home_register_has_faults_too() {
    let lab = lab().await;
    let argument = RoutingInfoForLcsArg { mlc_number: number(GMLC), target_ms: SubscriberIdentity::Imsi(imsi(1)) };
    let ask = async || lab.invoke(number(HLR), Ssn::HLR, Operation::SendRoutingInfoForLcs, argument.encode()).await;
    lab.fault("hlr", Fault::Abort, Some(1));
    assert!(matches!(ask().await, Ok(InvokeOutcome::Aborted(_))));
    lab.fault("hlr", Fault::Result { code: 35, experimental: false }, Some(1));
    assert_eq!(ask().await, Ok(InvokeOutcome::Error { code: 35, parameter: Vec::new() }));
    assert!(matches!(ask().await, Ok(InvokeOutcome::Result(_))));
}

/// Somebody whom the scenario does not name gets no answer from any node, though the connection is there.
#[tokio::test]
async fn strangers_are_not_served() {
    let lab = lab().await;
    // From the point code of the gateway, with another number.
    let stranger = gateway(&lab.network, 100, "99966600000", 0, NoOperations).await;
    let operation = Operation::ProvideSubscriberLocation;
    let argument = psl(1, "99912345001").indicators(AllowedWithoutNotification, None).encode();
    let to = by_number(msc_number(1), Ssn::MSC).unwrap();
    let call = Invoke::new(to, operation.context(), operation.code(), argument, Duration::from_millis(200));
    let outcome = stranger.invoke(call).await;
    assert!(!matches!(outcome, Ok(InvokeOutcome::Result(_))), "{outcome:?}");
    assert_eq!(lab.network.counted().psl, 0);
}
