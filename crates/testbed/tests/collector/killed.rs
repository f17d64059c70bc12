//! B41: `kill -9` while logs come in. No acknowledged record is lost, and none is there twice.

use super::process::{self, Starting};
use super::scene::{AREA, Scene, USUAL, entries};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use testbed::mdt_upload::{UploadError, Uploader};
use tokio::task::JoinSet;

/// Kills in all.
const KILLS: u32 = 6;
/// Phones that upload all the time.
const PHONES: usize = 4;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A segment that a phone has and wants to be rid of.
type Waiting = (super::phone::SealedSegment, Vec<u8>);

/// Uploads until the connection breaks, oldest first; gives back what was not acknowledged.
async fn phone(uploader: Uploader, mut waiting: Vec<Waiting>, acknowledged: Arc<AtomicU32>) -> Vec<Waiting> {
    while let Some((segment, unlock)) = waiting.first() {
        match uploader.begin_or_go_on(segment.id, &segment.octets, unlock).await {
            Ok(_) => {}
            Err(UploadError::Http(_)) => break,
            Err(error) => panic!("{error}"),
        }
        acknowledged.fetch_add(1, Ordering::SeqCst);
        waiting.remove(0);
    }
    waiting
}

#[tokio::test(flavor = "multi_thread")]
async fn b41_a_kill_loses_no_acknowledged_record_and_doubles_none() {
    let mut scene = Scene::new(USUAL).await;
    let mut dice = Dice(0x5EED);
    let acknowledged = Arc::new(AtomicU32::new(0));
    let (mut entries_of, mut waiting) = (0, vec![Vec::new(); PHONES]);
    let mut names = HashSet::new();
    for round in 0..KILLS {
        for own in &mut waiting {
            for count in 1..=12 {
                let sealed = scene.segment(AREA, &entries(count), b"");
                names.insert(sealed.0.id);
                entries_of += usize::from(count);
                own.push(sealed);
            }
        }
        let before = acknowledged.load(Ordering::SeqCst);
        let mut phones = JoinSet::new();
        for own in waiting.drain(..) {
            phones.spawn(phone(scene.uploader(), own, Arc::clone(&acknowledged)));
        }
        // Somewhere among the uploads of the round, by count and not by time.
        let after = before + 1 + dice.below(20) as u32;
        process::until("some uploads of the round", async || {
            (acknowledged.load(Ordering::SeqCst) >= after).then_some(())
        })
        .await;
        let Scene { lab, gateway, list } = scene;
        gateway.kill().await;
        waiting = phones.join_all().await;
        let left: usize = waiting.iter().map(Vec::len).sum();
        assert!(left < names.len(), "round {round}: some were acknowledged");
        scene = Scene { gateway: Starting::new(lab.path()).listening().await, lab, list };
    }
    // Nobody kills any more: the phones get rid of what they have left.
    for own in waiting {
        let left = phone(scene.uploader(), own, Arc::clone(&acknowledged)).await;
        assert!(left.is_empty());
    }
    assert_eq!(acknowledged.load(Ordering::SeqCst) as usize, names.len());
    assert_eq!(scene.unfinished(), 0);
    assert_eq!(scene.rows().await.len(), entries_of, "each record once");
}
