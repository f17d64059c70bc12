//! The floor of the disclosure log: records of the same octets, a hash chain, one write and one fdatasync for each batch,
//! into a file whose blocks are all written beforehand. Nothing is encrypted, nothing signed, no tree.

use anyhow::{Result, bail};
use aws_lc_rs::digest;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

const ROOM: u64 = 512 << 20;

/// A log with one writer.
pub(crate) struct RawLog {
    file: File,
    offset: u64,
    chain: Chain,
    batch: Vec<u8>,
}

/// Makes records.
struct Chain {
    record: Vec<u8>,
    last: [u8; 32],
}

impl Chain {
    fn append(&mut self, out: &mut Vec<u8>) {
        self.record[..32].copy_from_slice(&self.last);
        self.last.copy_from_slice(digest::digest(&digest::SHA256, &self.record).as_ref());
        out.extend_from_slice(&self.record);
    }
}

impl RawLog {
    /// Sets the file aside.
    pub(crate) fn open(path: &Path, record: Vec<u8>) -> Result<Self> {
        let file = File::create(path)?;
        let zeros = vec![0u8; 1 << 20];
        for at in 0..ROOM >> 20 {
            file.write_all_at(&zeros, at << 20)?;
        }
        file.sync_all()?;
        Ok(Self { file, offset: 0, chain: Chain { record, last: [0; 32] }, batch: Vec::new() })
    }

    /// Makes and commits batches in one thread.
    pub(crate) fn in_step(&mut self, batch: usize, entries: u64) -> Result<()> {
        for _ in (0..entries).step_by(batch) {
            (0..batch).for_each(|_| self.chain.append(&mut self.batch));
            commit(&self.file, &mut self.offset, &self.batch)?;
            self.batch.clear();
        }
        Ok(())
    }

    /// The same with a thread that commits.
    pub(crate) fn into_running(self) -> Result<RunningRawLog> {
        let shared = Arc::new(Shared::default());
        let (writer, file, mut offset, mut batch) = (Arc::clone(&shared), self.file, self.offset, self.batch);
        std::thread::Builder::new().spawn(move || {
            loop {
                let mut state = writer.lock();
                while state.waiting.is_empty() {
                    state = writer.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                std::mem::swap(&mut state.waiting, &mut batch);
                let entries = core::mem::take(&mut state.entries);
                drop(state);
                let committed = commit(&file, &mut offset, &batch);
                batch.clear();
                let mut state = writer.lock();
                state.batches += 1;
                state.durable += entries;
                state.failed |= committed.is_err();
                writer.progress.notify_one();
            }
        })?;
        Ok(RunningRawLog { shared, chain: Mutex::new(self.chain) })
    }
}

fn commit(file: &File, offset: &mut u64, octets: &[u8]) -> Result<()> {
    if *offset + octets.len() as u64 > ROOM {
        *offset = 0;
    }
    file.write_all_at(octets, *offset)?;
    file.sync_data()?;
    *offset += octets.len() as u64;
    Ok(())
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    entries: u64,
    durable: u64,
    batches: u64,
    failed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    work: Condvar,
    progress: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A log whose writer is a thread.
pub(crate) struct RunningRawLog {
    shared: Arc<Shared>,
    chain: Mutex<Chain>,
}

impl RunningRawLog {
    /// Batches committed so far.
    pub(crate) fn batches(&self) -> u64 {
        self.shared.lock().batches
    }

    /// Keeps `flight` entries under way until so many are durable.
    pub(crate) fn in_flight(&self, flight: usize, entries: u64) -> Result<()> {
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, mut sent, mut record) = (self.shared.lock().durable, 0, Vec::new());
        loop {
            let mut state = self.shared.lock();
            while state.durable - first + (flight as u64) <= sent && !state.failed {
                state = self.shared.progress.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let (durable, failed) = (state.durable - first, state.failed);
            drop(state);
            if failed {
                bail!("the raw log cannot write");
            }
            if durable >= entries {
                return Ok(());
            }
            for _ in 0..durable + flight as u64 - sent {
                chain.append(&mut record);
                let mut state = self.shared.lock();
                state.waiting.append(&mut record);
                state.entries += 1;
                drop(state);
                self.shared.work.notify_one();
                sent += 1;
            }
        }
    }
}
