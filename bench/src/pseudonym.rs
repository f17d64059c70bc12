//! Goal P5: a pseudonym assigned and resolved, beside one AES-SIV of the same octets.

use crate::Settings;
use crate::measure::{pin_thread, resident_bytes, thread_cpu_s};
use aes_siv::{KeyInit, siv::Aes256Siv};
use anyhow::{Result, bail};
use lcs::{Duration, Identities, Imsi, Msisdn, Pseudonym, Timestamp};
use privacy::{Pmd, PseudonymKey, PseudonymMaster, Realm, Revocations};
use std::hint::black_box;
use std::sync::Arc;

const CALLS: usize = 50_000;
const ROUNDS: usize = 9;
/// Subscribers whose pseudonyms are revoked, for the figures with many revocations.
const REVOKED: u64 = 1_000_000;
const NOW: Timestamp = Timestamp::from_secs(1_795_600_800);
const CLIENT: &str = "bench";
const REALM: &str = "gmlc.epc.mnc001.mcc262.3gppnetwork.org";

/// Runs floor and product in turns.
pub(crate) fn run(_settings: &Settings) -> Result<()> {
    pin_thread(0)?;
    let subscribers = (0..CALLS as u64).map(|at| subscriber(at * 20)).collect::<Result<Vec<_>>>()?;
    for revoked in [0, REVOKED] {
        measure(&subscribers, revoked)?;
    }
    Ok(())
}

fn measure(subscribers: &[Identities], revoked: u64) -> Result<()> {
    let pmd = pmd()?;
    let before = resident_bytes(None);
    for at in 0..revoked {
        pmd.revocations().revoke_pair(&subscriber(at)?, CLIENT, NOW)?;
    }
    let grown = resident_bytes(None).saturating_sub(before);
    let assigned = subscribers.iter().map(|who| pmd.assign(who, CLIENT, NOW));
    let assigned: Vec<Pseudonym> = assigned.collect::<Result<_, _>>()?;
    if let Some((who, shown)) =
        subscribers.iter().zip(&assigned).find(|(who, p)| pmd.resolve(p, CLIENT, NOW) != Ok(**who))
    {
        bail!("{shown:?} does not resolve to {who:?}");
    }
    let mut best = [f64::MAX; 5];
    for _ in 0..ROUNDS {
        let mut time = |at: usize, work: &mut dyn FnMut(usize)| {
            let start = thread_cpu_s();
            (0..CALLS).for_each(&mut *work);
            best[at] = best[at].min((thread_cpu_s() - start) * 1e9 / CALLS as f64);
        };
        time(0, &mut |at| drop(black_box(siv(at))));
        time(1, &mut |at| {
            black_box(pmd.assign(&subscribers[at], CLIENT, NOW).is_ok());
        });
        time(2, &mut |at| {
            black_box(pmd.resolve(&assigned[at], CLIENT, NOW).is_ok());
        });
        time(3, &mut |at| {
            black_box(pmd.resolve(&assigned[at], "another", NOW).is_ok());
        });
        let late = NOW.after(Duration::from_secs(400 * 86_400));
        time(4, &mut |at| {
            black_box(pmd.resolve(&assigned[at], CLIENT, late).is_ok());
        });
    }
    let [floor, assign, resolve, foreign, expired] = best;
    println!("{revoked} pairs revoked, ns each, thread time, best of {ROUNDS} rounds of {CALLS}");
    if revoked > 0 {
        println!(
            "memory, resident           {:>6.1}  octets for each of two identities",
            grown as f64 / (2 * revoked) as f64
        );
    }
    println!("floor, one AES-256-SIV     {floor:>6.0}  24 octets, one associated text");
    println!("assign                     {assign:>6.0}  {:.2}x", assign / floor);
    println!("resolve                    {resolve:>6.0}  {:.2}x", resolve / floor);
    println!("refused, another client's  {foreign:>6.0}  {:.2}x", foreign / floor);
    println!("refused, expired           {expired:>6.0}  {:.2}x", expired / floor);
    Ok(())
}

/// The bare cipher: key given, 24 octets in place.
fn siv(at: usize) -> Result<([u8; 24], aes_siv::Tag)> {
    let mut block = [0; 24];
    block[..8].copy_from_slice(&at.to_be_bytes());
    let mut cipher = Aes256Siv::new(black_box(&[7; 64].into()));
    let tag = cipher.encrypt_inout_detached([CLIENT.as_bytes()], block.as_mut_slice().into());
    tag.map(|tag| (block, tag)).map_err(|_| anyhow::anyhow!("AES-SIV failed"))
}

fn subscriber(at: u64) -> Result<Identities> {
    let (imsi, msisdn) = (Imsi::parse(&format!("26201{at:010}"))?, Msisdn::parse(&format!("49170{at:08}"))?);
    Ok(Identities { imsi: Some(imsi), msisdn: Some(msisdn), imei: None })
}

fn pmd() -> Result<Pmd> {
    let key = |id, from_s| PseudonymKey {
        id,
        master: PseudonymMaster::from_octets([id; 32]),
        from: Timestamp::from_secs(from_s),
        until: NOW.after(Duration::from_secs(1000 * 86_400)),
        rotation: Duration::from_secs(90 * 86_400),
        overlap: Duration::from_secs(7 * 86_400),
    };
    // The key in force and one that only resolves.
    let keys = [key(1, 0), key(2, NOW.secs() - 1)];
    Ok(Pmd::new(Realm::new(REALM)?, &keys, Arc::new(Revocations::default()))?)
}
