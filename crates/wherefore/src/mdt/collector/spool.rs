//! Unfinished uploads: sealed octets in files, one each, as they came. Nothing here opens them: the key of their epoch comes with the
//! last request and is written down nowhere.
//!
//! ```text
//! file = "MDTP" 1 | owner 16 | SHA-256 of the erasure token 32 | began, seconds since 1970, 8 | whole length 4, 0xffffffff where not told
//!        | sealed octets
//! ```

use super::intake::Named;
use super::phones::Owner;
use crate::config::Mdt;
use crate::forms::{from_hex, to_hex};
use lcs::{Duration, Timestamp};
use mdt_log::SegmentId;
use std::collections::HashMap;
use std::io::SeekFrom;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

const MAGIC: [u8; 5] = *b"MDTP\x01";
const PREFIX: usize = MAGIC.len() + 16 + 32 + 8 + 4;
const ENDING: &str = "part";

/// Why an upload does not begin or go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpoolError {
    /// There is none of that name, or it is another's.
    #[error("there is no such upload; begin it with POST")]
    Unknown,
    /// Another request has it in hand.
    #[error("another request has this upload in hand; ask where it stands with HEAD and go on from there")]
    Busy,
    /// The octets that are here end elsewhere.
    #[error("the octets that are here end at {at}; go on from there")]
    Offset {
        /// Where.
        at: u32,
    },
    /// Longer than a segment may be.
    #[error("longer than a segment or report may be here, {limit} octets")]
    TooLong {
        /// The longest.
        limit: u32,
    },
    /// The whole has another length than was said.
    #[error("{at} octets are here, and the whole was said to have another length")]
    Length {
        /// Octets that are here.
        at: u32,
    },
    /// This phone has as many unfinished uploads as it may.
    #[error("this phone has as many unfinished uploads as it may; finish one first")]
    ClientFull,
    /// There are as many unfinished uploads as there may be.
    #[error("there are as many unfinished uploads as there may be; try again later")]
    Full,
    /// The disk.
    #[error("the octets could not be written")]
    File(#[from] std::io::Error),
}

struct Upload {
    owner: Owner,
    erasure: [u8; 32],
    octets: u32,
    length: Option<u32>,
    began: Timestamp,
    busy: bool,
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Octets that are here for good.
    pub(super) octets: u32,
    /// Octets of the whole, where told.
    pub(super) length: Option<u32>,
}

/// All unfinished uploads.
pub(super) struct Spool {
    dir: PathBuf,
    limit: u32,
    most: usize,
    most_each: usize,
    keep: Duration,
    uploads: Mutex<HashMap<SegmentId, Upload>>,
}

impl Spool {
    /// Takes up what an earlier process left; what is none of its files, or too old, goes.
    pub(super) fn open(config: &Mdt, now: Timestamp) -> std::io::Result<Self> {
        let dir = config.spool_dir.clone();
        std::fs::create_dir_all(&dir)?;
        let mut uploads = HashMap::new();
        for entry in std::fs::read_dir(&dir)? {
            let path = entry?.path();
            if path.extension().is_none_or(|ending| ending != ENDING) {
                continue;
            }
            match read_prefix(&path)? {
                Some((id, upload)) => {
                    // What a crash left in memory only is not here; what is here must stay from now on.
                    std::fs::File::open(&path)?.sync_all()?;
                    uploads.insert(id, upload);
                }
                None => std::fs::remove_file(&path)?,
            }
        }
        let spool = Self {
            dir,
            limit: config.segment_limit_bytes,
            most: config.max_uploads,
            most_each: config.max_uploads_per_client,
            keep: Duration::from_secs(config.keep_unfinished_s),
            uploads: Mutex::new(uploads),
        };
        spool.expire(now);
        Ok(spool)
    }

    /// The longest segment.
    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    /// How long an upload may stay unfinished.
    pub(super) fn keep(&self) -> Duration {
        self.keep
    }

    fn table(&self) -> MutexGuard<'_, HashMap<SegmentId, Upload>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, id: SegmentId) -> PathBuf {
        self.dir.join(format!("{}.{ENDING}", to_hex(&id.0)))
    }

    /// Where an upload of this phone stands.
    pub(super) fn standing(&self, id: SegmentId, owner: Owner) -> Option<Standing> {
        let table = self.table();
        let upload = table.get(&id).filter(|upload| upload.owner == owner)?;
        Some(Standing { octets: upload.octets, length: upload.length })
    }

    /// Begins an upload. One that is there already stays as it is.
    pub(super) async fn begin(
        self: &Arc<Self>,
        named: &Named,
        owner: Owner,
        length: Option<u32>,
        now: Timestamp,
    ) -> Result<Writing, SpoolError> {
        let (id, erasure) = (named.segment, named.erasure);
        if length.is_some_and(|length| length > self.limit) {
            return Err(SpoolError::TooLong { limit: self.limit });
        }
        {
            let mut table = self.table();
            match table.get(&id) {
                Some(upload) if upload.owner != owner => return Err(SpoolError::Unknown),
                Some(upload) if upload.busy => return Err(SpoolError::Busy),
                Some(upload) => return Err(SpoolError::Offset { at: upload.octets }),
                None => {}
            }
            if table.values().filter(|upload| upload.owner == owner).count() >= self.most_each {
                return Err(SpoolError::ClientFull);
            }
            if table.len() >= self.most {
                return Err(SpoolError::Full);
            }
            table.insert(id, Upload { owner, erasure, octets: 0, length, began: now, busy: true });
        }
        let hold = Hold { spool: Arc::clone(self), id, keep: false };
        let mut prefix = MAGIC.to_vec();
        prefix.extend_from_slice(&owner.0);
        prefix.extend_from_slice(&erasure);
        prefix.extend_from_slice(&now.secs().to_be_bytes());
        prefix.extend_from_slice(&length.unwrap_or(u32::MAX).to_be_bytes());
        let mut options = File::options();
        options.read(true).write(true).create_new(true).mode(0o600);
        let mut file = options.open(self.path(id)).await?;
        file.write_all(&prefix).await?;
        file.sync_all().await?;
        File::open(&self.dir).await?.sync_all().await?;
        Ok(Writing { hold: hold.kept(), file, octets: 0, length, limit: self.limit })
    }

    /// Goes on with an upload, where its octets end.
    pub(super) async fn resume(self: &Arc<Self>, id: SegmentId, owner: Owner, at: u32) -> Result<Writing, SpoolError> {
        let length = {
            let mut table = self.table();
            let upload = table.get_mut(&id).filter(|upload| upload.owner == owner).ok_or(SpoolError::Unknown)?;
            if upload.busy {
                return Err(SpoolError::Busy);
            }
            if upload.octets != at {
                return Err(SpoolError::Offset { at: upload.octets });
            }
            upload.busy = true;
            upload.length
        };
        let hold = Hold { spool: Arc::clone(self), id, keep: true };
        let mut file = File::options().read(true).write(true).open(self.path(id)).await?;
        // Octets behind the last that were acknowledged are not counted, and written over.
        file.set_len(PREFIX as u64 + u64::from(at)).await?;
        file.seek(SeekFrom::End(0)).await?;
        Ok(Writing { hold, file, octets: at, length, limit: self.limit })
    }

    /// Lets an upload go that nobody has in hand; says whether there was one of this phone.
    pub(super) fn cancel(&self, id: SegmentId, owner: Owner) -> Result<(), SpoolError> {
        let mut table = self.table();
        let upload = table.get(&id).filter(|upload| upload.owner == owner).ok_or(SpoolError::Unknown)?;
        if upload.busy {
            return Err(SpoolError::Busy);
        }
        table.remove(&id);
        Ok(remove(&self.path(id))?)
    }

    /// Names of all of them.
    pub(super) fn names(&self) -> Vec<SegmentId> {
        self.table().keys().copied().collect()
    }

    /// Lets an upload go that was taken, unless a request has it in hand.
    pub(super) fn forget(&self, id: SegmentId) -> std::io::Result<()> {
        let mut table = self.table();
        if table.get(&id).is_some_and(|upload| !upload.busy) {
            table.remove(&id);
            remove(&self.path(id))?;
        }
        Ok(())
    }

    /// Lets go what is older than an upload may be, says how many.
    pub(super) fn expire(&self, now: Timestamp) -> u64 {
        let mut table = self.table();
        let old = |upload: &Upload| !upload.busy && now >= upload.began.after(self.keep);
        let ids: Vec<SegmentId> = table.iter().filter(|(_, upload)| old(upload)).map(|(id, _)| *id).collect();
        for id in &ids {
            table.remove(id);
            if let Err(error) = remove(&self.path(*id)) {
                tracing::error!(%error, "an unfinished upload could not be removed");
            }
        }
        ids.len() as u64
    }

    /// Lets go the unfinished uploads whose erasure token has this hash; says how many.
    pub(super) fn erase(&self, commitment: &[u8; 32]) -> std::io::Result<u64> {
        let mut table = self.table();
        let meant = |upload: &Upload| !upload.busy && upload.erasure == *commitment;
        let ids: Vec<SegmentId> = table.iter().filter(|(_, upload)| meant(upload)).map(|(id, _)| *id).collect();
        for id in &ids {
            remove(&self.path(*id))?;
            table.remove(id);
        }
        Ok(ids.len() as u64)
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn read_prefix(path: &Path) -> std::io::Result<Option<(SegmentId, Upload)>> {
    use std::io::Read as _;
    let mut prefix = Vec::new();
    let mut file = std::fs::File::open(path)?;
    (&mut file).take(PREFIX as u64).read_to_end(&mut prefix)?;
    let octets = file.metadata()?.len().saturating_sub(PREFIX as u64);
    let parse = || {
        let name = path.file_stem()?.to_str()?;
        let id = SegmentId(from_hex(name)?.try_into().ok()?);
        let rest = prefix.strip_prefix(&MAGIC)?;
        let (owner, rest) = rest.split_first_chunk::<16>()?;
        let (erasure, rest) = rest.split_first_chunk::<32>()?;
        let (began, length) = rest.split_first_chunk::<8>()?;
        let length = u32::from_be_bytes(length.try_into().ok()?);
        let began = Timestamp::from_secs(u64::from_be_bytes(*began));
        let length = (length != u32::MAX).then_some(length);
        let octets = u32::try_from(octets).ok()?;
        Some((id, Upload { owner: Owner(*owner), erasure: *erasure, octets, length, began, busy: false }))
    };
    Ok(parse())
}

/// That one request has an upload in hand.
struct Hold {
    spool: Arc<Spool>,
    id: SegmentId,
    /// Whether it stays when this is dropped.
    keep: bool,
}

impl Hold {
    fn kept(mut self) -> Self {
        self.keep = true;
        self
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut table = self.spool.table();
        if self.keep {
            if let Some(upload) = table.get_mut(&self.id) {
                upload.busy = false;
            }
            return;
        }
        table.remove(&self.id);
        if let Err(error) = remove(&self.spool.path(self.id)) {
            tracing::error!(%error, "an upload could not be removed from the spool");
        }
    }
}

/// An upload in hand.
pub(super) struct Writing {
    hold: Hold,
    file: File,
    octets: u32,
    length: Option<u32>,
    limit: u32,
}

impl Writing {
    /// Octets that are here.
    pub(super) fn octets(&self) -> u32 {
        self.octets
    }

    /// Appends octets. They are not durable yet.
    pub(super) async fn append(&mut self, octets: &[u8]) -> Result<(), SpoolError> {
        let most = self.length.unwrap_or(self.limit);
        let after = u32::try_from(octets.len()).ok().and_then(|more| self.octets.checked_add(more));
        let Some(after) = after.filter(|after| *after <= most) else {
            return Err(match self.length {
                Some(_) => SpoolError::Length { at: self.octets },
                None => SpoolError::TooLong { limit: self.limit },
            });
        };
        self.file.write_all(octets).await?;
        self.octets = after;
        Ok(())
    }

    /// Makes durable what was appended, and only then counts it.
    pub(super) async fn settle(&mut self) -> Result<(), SpoolError> {
        self.file.flush().await?;
        self.file.sync_data().await?;
        if let Some(upload) = self.hold.spool.table().get_mut(&self.hold.id) {
            upload.octets = self.octets;
        }
        Ok(())
    }

    /// All sealed octets, once all are here.
    pub(super) async fn whole(&mut self) -> Result<Vec<u8>, SpoolError> {
        if self.length.is_some_and(|length| length != self.octets) {
            return Err(SpoolError::Length { at: self.octets });
        }
        let mut sealed = Vec::with_capacity(self.octets as usize);
        self.file.seek(SeekFrom::Start(PREFIX as u64)).await?;
        self.file.read_to_end(&mut sealed).await?;
        Ok(sealed)
    }

    /// Lets it go.
    pub(super) fn remove(mut self) {
        self.hold.keep = false;
    }
}
