//! Any octets as a job of the agent for routers and the reference of a consent: what is taken is within the standard's ranges, and what
//! is not is refused without a word of what stands there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mdt_agent::job::{Job, consent_reference};
use mdt_log::{Content, MAX_CONSENT_REFERENCE, Rat};

/// Ends the reference and begins the job.
const BETWEEN: u8 = 0;

fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|octet| *octet == BETWEEN);
    let (consent, text) = at.map_or((None, data), |at| (data.get(..at), data.get(at + 1..).unwrap_or_default()));
    if let Some(Ok(reference)) = consent.map(consent_reference) {
        assert!((1..=MAX_CONSENT_REFERENCE).contains(&reference.len()));
    }
    let job = match Job::read(text, consent) {
        Ok(job) => job,
        Err(error) => {
            let told = error.to_string();
            return assert!(told.len() < 256 && told.is_ascii(), "{told}");
        }
    };
    assert!(job.name().len() <= 16 && job.name().is_ascii() && job.consent().len() <= MAX_CONSENT_REFERENCE);
    let mut any = false;
    for rat in [Rat::Eutra, Rat::Nr, Rat::Utra] {
        let Some(configuration) = job.configuration(rat, [0, 1], 1_795_600_800) else { continue };
        any = true;
        assert!(configuration.is_sound() && configuration.job.rat == rat && configuration.content == Content::Cbor);
        assert_eq!(configuration.job.tce_id, job.tce_id());
        assert_eq!((configuration.job.trace_reference.len(), &configuration.consent), (6, &job.consent().to_vec()));
    }
    // A threshold or an area of the one technology with the interval of the other is a job for nobody.
    let again = Job::read(text, consent).map(|again| *again.digest());
    assert!(again == Ok(*job.digest()) && (any || job.configuration(Rat::Utra, [0, 0], 0).is_none()));
});
