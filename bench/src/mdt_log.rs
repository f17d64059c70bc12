//! The sealed MDT log: what a record costs the phone and the collector, beside the bare cipher; and the two candidates for its ratchet.

use crate::Settings;
use crate::measure::{pin_thread, thread_cpu_s};
use anyhow::{Result, bail, ensure};
use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk};
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use mdt_log::open::{CollectorPrivateKey, open_segment, unlock};
use mdt_log::rand_core::{CryptoRng, TryCryptoRng, TryRng};
use mdt_log::{
    CloseReason, CollectorKey, Content, DeviceSecret, EpochKey, JobReference, KeyId, Kind, Rat, ReportFacts,
    SegmentFacts, SegmentSealer, Suite, seal_report,
};
use std::convert::Infallible;
use std::hint::black_box;

const ROUNDS: usize = 9;
/// Entries of a job of two hours at 5.12 s.
const JOB: usize = 1406;
/// Octets of an entry with a point and six neighbours.
const ENTRY: usize = 40;

/// Runs floors and product in turns.
pub(crate) fn run(_settings: &Settings) -> Result<()> {
    pin_thread(0)?;
    ratchets();
    phone_and_collector()
}

/// The system's generator.
struct System;

impl TryRng for System {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets)?;
        Ok(u32::from_be_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_be_bytes(octets))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        if aws_lc_rs::rand::fill(into).is_err() {
            std::process::abort();
        }
        Ok(())
    }
}

impl TryCryptoRng for System {}

/// Nanoseconds of one of `calls`, the best of some rounds.
fn best_ns(calls: usize, mut work: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = thread_cpu_s();
        (0..calls).for_each(|_| work());
        best = best.min((thread_cpu_s() - start) * 1e9 / calls as f64);
    }
    best
}

struct Octets64;

impl KeyType for Octets64 {
    fn len(&self) -> usize {
        64
    }
}

/// One step: 64 octets from a key of 32.
fn ratchets() {
    let mut chain = [7; 32];
    let hkdf = best_ns(20_000, || {
        let mut okm = [0; 64];
        let expanded = hkdf::Hkdf::<sha2::Sha256>::from_prk(&chain).map(|prk| prk.expand(b"mdt-log step", &mut okm));
        black_box(expanded.is_ok_and(|done| done.is_ok()));
        chain.copy_from_slice(&okm[..32]);
    });
    let hkdf_aws = best_ns(20_000, || {
        let mut okm = [0; 64];
        let prk = Prk::new_less_safe(HKDF_SHA256, &chain);
        black_box(prk.expand(&[b"mdt-log step"], Octets64).is_ok_and(|okm_of| okm_of.fill(&mut okm).is_ok()));
        chain.copy_from_slice(&okm[..32]);
    });
    let blake3 = best_ns(20_000, || {
        let mut okm = [0; 64];
        blake3::Hasher::new_keyed(&chain).update(b"mdt-log step").finalize_xof().fill(&mut okm);
        chain.copy_from_slice(&okm[..32]);
    });
    println!("one step of the ratchet, 64 octets, ns, thread time, best of {ROUNDS} rounds of 20000");
    println!("HKDF-Expand, RustCrypto    {hkdf:>7.0}");
    println!("HKDF-Expand, aws-lc        {hkdf_aws:>7.0}");
    println!("keyed BLAKE3               {blake3:>7.0}");
}

struct Sides {
    private: Vec<CollectorPrivateKey>,
    keys: Vec<CollectorKey>,
    epoch: EpochKey,
    device: DeviceSecret,
}

fn sides(rng: &mut impl CryptoRng) -> Result<Sides> {
    let (mut private, mut keys) = (vec![], vec![]);
    for (at, suite) in [(1, Suite::Small), (2, Suite::Hybrid)] {
        let (key, public) = CollectorPrivateKey::generate(KeyId([at; 8]), suite, rng);
        let Some(listed) = CollectorKey::new(KeyId([at; 8]), 1, suite, 0, u64::MAX, public) else {
            bail!("a key of its own suite");
        };
        private.push(key);
        keys.push(listed);
    }
    Ok(Sides { private, keys, epoch: EpochKey::generate(rng), device: DeviceSecret::generate(rng) })
}

fn facts() -> SegmentFacts {
    let job = JobReference {
        trace_reference: vec![0x32, 0xf4, 0x51, 0, 0, 1],
        recording_session: [0, 1],
        tce_id: 1,
        rat: Rat::Nr,
        absolute_time: [0x26, 0x11, 0x28, 0x12, 0, 0],
        interval_ms: 5120,
        duration_s: 7200,
    };
    SegmentFacts { number: 0, content: Content::NrUper, job, consent: vec![] }
}

fn phone_and_collector() -> Result<()> {
    let rng = &mut System;
    let sides = sides(rng)?;
    let mut octets = Vec::with_capacity(256 << 10);
    let bare_seal = best_ns(20_000, {
        let (key, mut block) = ([7; 32], [1; 64]);
        move || {
            let cipher = ChaCha20Poly1305::new((&black_box(key)).into());
            black_box(cipher.encrypt_inout_detached(&[0; 12].into(), &[2; 36], block.as_mut_slice().into()).is_ok());
        }
    });
    let mut made = vec![];
    for key in &sides.keys {
        let begin = best_ns(50, || {
            octets.clear();
            let begun = SegmentSealer::begin(&facts(), key, &sides.epoch, &sides.device, rng, &mut octets);
            black_box(begun.is_ok());
        });
        octets.clear();
        let (mut sealer, _) = SegmentSealer::begin(&facts(), key, &sides.epoch, &sides.device, rng, &mut octets)?;
        let start = thread_cpu_s();
        for at in 0..JOB {
            sealer.seal(Kind::Entry, &[at as u8; ENTRY], &mut octets)?;
        }
        let seal = (thread_cpu_s() - start) * 1e9 / JOB as f64;
        sealer.close(CloseReason::DurationOver, &mut octets)?;
        made.push((key, begin, seal, octets.clone()));
    }
    println!("phone, ns, thread time, best of {ROUNDS} rounds; an entry of {ENTRY} octets in a bucket of 64");
    println!("floor, one ChaCha20-Poly1305, RustCrypto   {bare_seal:>9.0}");
    for (key, begin, seal, octets) in &made {
        println!(
            "{:?}: segment begun {begin:>9.0}   record sealed {seal:>7.0}  {:.2}x   {} octets a job of {JOB}",
            key.suite(),
            seal / bare_seal,
            octets.len()
        );
    }
    let report = best_ns(50, || {
        let facts = ReportFacts { content: Content::NrUper, consent: vec![] };
        let sealed =
            seal_report(Kind::RadioLinkFailure, &[3; 60], &facts, &sides.keys[0], &sides.epoch, &sides.device, rng);
        black_box(sealed.is_ok());
    });
    println!("single report sealed  {report:>9.0}");
    collector(&sides, &made)
}

fn collector(sides: &Sides, made: &[(&CollectorKey, f64, f64, Vec<u8>)]) -> Result<()> {
    let (key, sealed) = ([7; 32], [1; 80]);
    let bare = best_ns(20_000, || {
        let Ok(unbound) = UnboundKey::new(&CHACHA20_POLY1305, &black_box(key)) else { return };
        let mut plaintext = [0; 64];
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let opened = LessSafeKey::new(unbound).open_separate_gather(
            nonce,
            Aad::from([2; 36]),
            &sealed[..64],
            &sealed[64..],
            &mut plaintext,
        );
        black_box(opened.is_ok());
    });
    println!("collector, a job of {JOB} records with its unlock message, thread time, best of {ROUNDS} rounds");
    println!("floor, one ChaCha20-Poly1305, aws-lc: {:>9.0} a second", 1e9 / bare);
    for (key, _, _, octets) in made {
        let message = sides.epoch.unlock(key, &mut System)?;
        let mut seen = 0;
        let job = best_ns(20, || {
            let Ok(epoch) = unlock(&message, &sides.private) else { return };
            let verdict = open_segment(octets, &sides.private, &epoch, |record| {
                black_box(record.content);
                seen += 1;
            });
            black_box(verdict.is_ok());
        });
        ensure!(seen == JOB * ROUNDS * 20, "{seen} records opened");
        let each = job / JOB as f64;
        println!("{:?}: {:>9.0} records a second, {:.2}x the floor's time", key.suite(), 1e9 / each, each / bare);
    }
    Ok(())
}
