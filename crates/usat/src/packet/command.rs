//! Command packets, both ways.

use super::keys::{BLOCK, CHECKSUM};
use super::{CardKeys, Counter, Level, PACKET_LIMIT, PacketError, Tar, Usable, padding};

/// Octets behind CPL and before the counter: CHL, SPI, KIc, KID, TAR.
const CLEAR: usize = 8;
/// Octets of counter and padding counter.
const COUNTED: usize = 6;
/// Octets that the CHL counts with a checksum.
const HEADER: usize = 13 + CHECKSUM;

/// Seals `data` for application `tar` under a counter that is durable.
pub fn seal_command(
    keys: &CardKeys,
    level: Level,
    tar: Tar,
    counter: &Usable,
    data: &[u8],
) -> Result<Vec<u8>, PacketError> {
    let fill = if level.ciphered { padding(COUNTED + CHECKSUM + data.len()) } else { 0 };
    let length = 1 + HEADER + data.len() + usize::from(fill);
    if length > PACKET_LIMIT {
        return Err(PacketError::Length(length));
    }
    let [high, low] = u16::try_from(length).map_err(|_| PacketError::Length(length))?.to_be_bytes();
    let ([spi1, spi2], [tar1, tar2, tar3]) = (level.octets(), tar.0);
    let key = keys.indicator();
    // HEADER is 21.
    let head = [high, low, HEADER as u8, spi1, spi2, key, key, tar1, tar2, tar3];
    let mut counted = counter.counter().octets().to_vec();
    counted.push(fill);
    let mut secured = data.to_vec();
    secured.resize(data.len() + usize::from(fill), 0);
    let checksum = keys.checksum(&[&head, &counted, &secured])?;
    let mut rest = [&counted[..], &checksum, &secured].concat();
    if level.ciphered {
        keys.encipher(&mut rest)?;
    }
    Ok([&head[..], &rest].concat())
}

/// What stands in the clear at the head of a command packet. Nothing of it is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Level of security.
    pub level: Level,
    /// For which application.
    pub tar: Tar,
    /// Number of the key set.
    pub key_set: u8,
}

/// Reads the head alone, so that a receiver may find application and keys.
pub fn header(packet: &[u8]) -> Result<Header, PacketError> {
    let (head, _) = split(packet)?;
    let [spi1, spi2, kic, kid, tar @ ..] = head;
    let level = Level::from_octets([spi1, spi2])?;
    if kic & 0xF != 0b0010 || kic != kid {
        return Err(PacketError::Algorithm);
    }
    Ok(Header { level, tar: Tar(tar), key_set: kic >> 4 })
}

/// SPI to TAR, and what is behind.
fn split(packet: &[u8]) -> Result<([u8; CLEAR - 1], &[u8]), PacketError> {
    let wrong = PacketError::Length(packet.len());
    let ([high, low, chl], rest) = packet.split_first_chunk::<3>().ok_or(wrong)?;
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let (head, rest) = rest.split_first_chunk().ok_or(wrong)?;
    let sound = length + 2 == packet.len() && packet.len() <= PACKET_LIMIT && rest.len() >= COUNTED;
    // Without a checksum the header is shorter: the SPI says so, and is refused by what it says.
    if sound && (usize::from(*chl) == HEADER || head.first().is_some_and(|spi| spi & 3 != 2)) {
        Ok((*head, rest))
    } else {
        Err(wrong)
    }
}

/// Why a packet was not taken, and whether its sender has shown that it has the keys. Who has not is not answered: an answer would be a
/// checksum for somebody to work on, and a short message at the subscriber's cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected {
    /// What is wrong.
    pub error: PacketError,
    /// Its counter, where the checksum was right.
    pub proven: Option<Counter>,
}

impl From<PacketError> for Rejected {
    fn from(error: PacketError) -> Self {
        Self { error, proven: None }
    }
}

/// Opens a packet that must be of exactly this level, for this application, and newer than `last`.
pub fn open_command(
    keys: &CardKeys,
    level: Level,
    tar: Tar,
    last: Counter,
    packet: &[u8],
) -> Result<Received, Rejected> {
    let said = header(packet)?;
    if said.tar != tar {
        return Err(PacketError::Tar.into());
    }
    if said.level != level {
        return Err(PacketError::OtherLevel.into());
    }
    if said.key_set != keys.set() {
        return Err(PacketError::Algorithm.into());
    }
    let (head, rest) = packet.split_at_checked(2 + CLEAR).ok_or(PacketError::Length(packet.len()))?;
    let mut rest = rest.to_vec();
    if level.ciphered {
        if rest.len() % BLOCK != 0 {
            return Err(PacketError::Cipher.into());
        }
        keys.decipher(&mut rest)?;
    }
    let wrong = PacketError::Length(packet.len());
    let (counted, rest) = rest.split_first_chunk::<COUNTED>().ok_or(wrong)?;
    let (checksum, secured) = rest.split_first_chunk::<CHECKSUM>().ok_or(wrong)?;
    if !keys.verify(&[head, counted, secured], checksum) {
        return Err(PacketError::Checksum.into());
    }
    let [counter @ .., fill] = *counted;
    let counter = Counter::from_octets(counter);
    let proven = |error| Rejected { error, proven: Some(counter) };
    if usize::from(fill) >= BLOCK || (fill > 0 && !level.ciphered) {
        return Err(proven(wrong));
    }
    level.counter.judge(last, counter).map_err(|status| proven(PacketError::Counter(status)))?;
    let data = secured.len().checked_sub(fill.into()).and_then(|end| secured.get(..end)).ok_or(proven(wrong))?;
    Ok(Received { counter, data: data.to_vec() })
}

/// A packet whose checksum and counter are right. What it says is seen when its counter is stored.
pub struct Received {
    counter: Counter,
    data: Vec<u8>,
}

impl Received {
    /// Its counter.
    #[must_use]
    pub fn counter(&self) -> Counter {
        self.counter
    }

    /// Stores the counter by `write`, which returns when it is durable; then gives what was secured.
    pub fn accept<E>(self, write: impl FnOnce(Counter) -> Result<(), E>) -> Result<Vec<u8>, E> {
        write(self.counter)?;
        Ok(self.data)
    }

    /// The same where a store makes one wait.
    pub async fn accept_async<E>(self, write: impl AsyncFnOnce(Counter) -> Result<(), E>) -> Result<Vec<u8>, E> {
        write(self.counter).await?;
        Ok(self.data)
    }
}
