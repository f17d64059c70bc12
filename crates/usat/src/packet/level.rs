//! How well a packet is secured: the two octets of the SPI (TS 102 225 clause 5.1.1, TS 31.115 clause 4.2).

use super::CounterCheck;

/// Toolkit application reference: which application on the card (TS 102 225 clause 5.1; TS 101 220: BFFF00-BFFFFF are for
/// proprietary ones).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tar(pub [u8; 3]);

impl Tar {
    /// The application of `docs/annex-f.md`, unless an operator says another.
    pub const CHANGE_OF_AREA: Self = Self([0xBF, 0xFF, 0x23]);
}

/// When the receiver proves that it has got a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProofWhen {
    /// Each time.
    Always,
    /// When something is wrong.
    OnError,
}

/// The proof of receipt that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Proof {
    /// When.
    pub when: ProofWhen,
    /// It carries a cryptographic checksum.
    pub checksum: bool,
    /// It is enciphered.
    pub ciphered: bool,
    /// It comes by SMS-SUBMIT; else in the SMS-DELIVER-REPORT.
    pub by_submit: bool,
}

/// A level of security that may be spoken: always with a cryptographic checksum and a counter that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Level {
    /// What the receiver does about the counter.
    pub counter: CounterCheck,
    /// Enciphered.
    pub ciphered: bool,
    /// Proof of receipt; `None`: none.
    pub proof: Option<Proof>,
}

/// Why an SPI is no level that may be spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// A spare bit is set, or a value is reserved.
    #[error("SPI: reserved (TS 102 225 clause 5.1.1)")]
    Reserved,
    /// No cryptographic checksum: anybody could have made it.
    #[error("SPI: without cryptographic checksum")]
    NoChecksum,
    /// No counter that is checked: it could come again.
    #[error("SPI: without a counter that is checked")]
    NoCounter,
    /// The proof carries a redundancy check or a signature.
    #[error("SPI: proof of receipt with a redundancy check or a digital signature, which is not spoken")]
    Proof,
}

impl Level {
    /// From the gateway to the card: enciphered, checksum, counter must exceed; proof always, with checksum, enciphered, by SMS-SUBMIT.
    /// `16 39` on the wire.
    pub const TO_CARD: Self = Self {
        counter: CounterCheck::Greater,
        ciphered: true,
        proof: Some(Proof { when: ProofWhen::Always, checksum: true, ciphered: true, by_submit: true }),
    };
    /// From the card to the gateway: the same without a proof. `16 00` on the wire. As the SPI is under the checksum, what went to a card
    /// cannot come back as if it were from the card.
    pub const FROM_CARD: Self = Self { counter: CounterCheck::Greater, ciphered: true, proof: None };

    /// As on the wire.
    #[must_use]
    pub fn octets(self) -> [u8; 2] {
        let counter = match self.counter {
            CounterCheck::Greater => 2,
            CounterCheck::PlusOne => 3,
        };
        let second = self.proof.map_or(0, |proof| {
            let when = match proof.when {
                ProofWhen::Always => 1,
                ProofWhen::OnError => 2,
            };
            let integrity = if proof.checksum { 2 } else { 0 };
            u8::from(proof.by_submit) << 5 | u8::from(proof.ciphered) << 4 | integrity << 2 | when
        });
        [counter << 3 | u8::from(self.ciphered) << 2 | 2, second]
    }

    /// From the wire.
    pub fn from_octets([first, second]: [u8; 2]) -> Result<Self, LevelError> {
        if first >> 5 != 0 || second >> 6 != 0 {
            return Err(LevelError::Reserved);
        }
        if first & 3 != 2 {
            return Err(LevelError::NoChecksum);
        }
        let counter = match first >> 3 & 3 {
            2 => CounterCheck::Greater,
            3 => CounterCheck::PlusOne,
            _ => return Err(LevelError::NoCounter),
        };
        let when = match second & 3 {
            0 if second == 0 => None,
            1 => Some(ProofWhen::Always),
            2 => Some(ProofWhen::OnError),
            _ => return Err(LevelError::Reserved),
        };
        let checksum = match second >> 2 & 3 {
            0 => false,
            2 => true,
            _ => return Err(LevelError::Proof),
        };
        let proof =
            when.map(|when| Proof { when, checksum, ciphered: second >> 4 & 1 == 1, by_submit: second >> 5 & 1 == 1 });
        Ok(Self { counter, ciphered: first >> 2 & 1 == 1, proof })
    }
}

/// Response status code of a proof (TS 102 225 clause 5.2.1 table 5, TS 31.115 clause 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Got, and what it secures is with the application.
    Ok,
    /// Checksum wrong.
    ChecksumFailed,
    /// Counter too low.
    CounterLow,
    /// Counter too high.
    CounterHigh,
    /// Counter blocked.
    CounterBlocked,
    /// Cannot be deciphered.
    CipheringError,
    /// Security error of no known kind.
    Unidentified,
    /// No memory.
    InsufficientMemory,
    /// Needs more time; another proof follows.
    MoreTime,
    /// No such application.
    TarUnknown,
    /// Secured worse than the application wants.
    InsufficientLevel,
    /// Any other.
    Other(u8),
}

impl Status {
    const KNOWN: [Self; 11] = [
        Self::Ok,
        Self::ChecksumFailed,
        Self::CounterLow,
        Self::CounterHigh,
        Self::CounterBlocked,
        Self::CipheringError,
        Self::Unidentified,
        Self::InsufficientMemory,
        Self::MoreTime,
        Self::TarUnknown,
        Self::InsufficientLevel,
    ];

    /// From the wire.
    #[must_use]
    pub fn from_octet(octet: u8) -> Self {
        Self::KNOWN.get(usize::from(octet)).copied().unwrap_or(Self::Other(octet))
    }

    /// As on the wire.
    #[must_use]
    pub fn octet(self) -> u8 {
        match self {
            Self::Other(octet) => octet,
            known => {
                Self::KNOWN.iter().zip(0..).find_map(|(status, octet)| (*status == known).then_some(octet)).unwrap_or(6)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 65,536: what may be spoken reads back as itself, and says what its bits say.
    #[test]
    fn every_spi() {
        let mut spoken = 0;
        for (first, second) in (0..=255).flat_map(|first| (0..=255).map(move |second| (first, second))) {
            let Ok(level) = Level::from_octets([first, second]) else {
                let (reserved, none) = (first >> 5 != 0 || second >> 6 != 0, second & 3 == 0 && second != 0);
                let weak = first & 3 != 2 || first >> 3 & 3 < 2;
                assert!(
                    reserved || none || weak || second & 3 == 3 || second >> 2 & 1 == 1,
                    "{first:02x} {second:02x}"
                );
                continue;
            };
            spoken += 1;
            assert_eq!(level.octets(), [first, second]);
            assert_eq!((level.ciphered, first & 3), (first & 4 != 0, 2));
        }
        // Two counters, enciphered or not; no proof, or when 2, checksum 2, enciphered 2, road 2.
        assert_eq!(spoken, 2 * 2 * (1 + 2 * 2 * 2 * 2));
    }

    #[test]
    fn levels_of_the_application() {
        assert_eq!((Level::TO_CARD.octets(), Level::FROM_CARD.octets()), ([0x16, 0x39], [0x16, 0x00]));
    }

    #[test]
    fn every_status() {
        for octet in 0..=255 {
            assert_eq!(Status::from_octet(octet).octet(), octet);
        }
        assert_eq!(Status::from_octet(0x0A), Status::InsufficientLevel);
    }
}
