//! PDUs out of a stream.

use super::wire::{HEADER, Pdu};
use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};

/// Anything that SMPP runs over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// The reading half of a connection.
pub(crate) struct Frames<R> {
    reader: R,
    buffer: BytesMut,
    limit: usize,
}

/// Why nothing more can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The peer closed, between two PDUs or within one, or the connection broke.
    Closed,
    /// A length that no PDU has, or more than the limit: where the next one begins is not known.
    Length,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub(crate) fn new(reader: R, limit: u32) -> Self {
        Self { reader, buffer: BytesMut::new(), limit: usize::try_from(limit).unwrap_or(usize::MAX) }
    }

    /// The next PDU. What was read stays if this is dropped before it ends.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn next(&mut self) -> Result<Pdu, Ended> {
        loop {
            if let Some(length) = self.buffer.first_chunk::<4>() {
                let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Ended::Length)?;
                if length < HEADER || length > self.limit {
                    return Err(Ended::Length);
                }
                if self.buffer.len() >= length {
                    return Pdu::new(self.buffer.split_to(length).to_vec()).ok_or(Ended::Length);
                }
            }
            // As much as comes, never more than a PDU and a bit.
            self.buffer.reserve(4096);
            match self.reader.read_buf(&mut self.buffer).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return Err(Ended::Closed),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of octets that arrive in pieces of this length.
    async fn read(octets: &[u8], piece: usize) -> (Vec<Pdu>, Ended) {
        let (near, mut far) = tokio::io::duplex(piece);
        let octets = octets.to_vec();
        let write = async move {
            tokio::io::AsyncWriteExt::write_all(&mut far, &octets).await.ok();
        };
        let read = async {
            let mut frames = Frames::new(near, 64);
            let mut pdus = Vec::new();
            loop {
                match frames.next().await {
                    Ok(pdu) => pdus.push(pdu),
                    Err(ended) => return (pdus, ended),
                }
            }
        };
        tokio::join!(write, read).1
    }

    #[tokio::test]
    async fn pdus_come_whole_however_they_arrive() {
        let first = Pdu::of(0x15, 0, 1, b"");
        let second = Pdu::of(0x04, 0, 2, &[7; 48]);
        let both = [first.octets(), second.octets()].concat();
        for piece in 1..=both.len() {
            assert_eq!(read(&both, piece).await, (vec![first.clone(), second.clone()], Ended::Closed));
        }
    }

    #[tokio::test]
    async fn a_length_that_no_pdu_has_ends_the_stream() {
        for length in [0_u32, 1, 15, 65, u32::MAX] {
            let octets = [&length.to_be_bytes()[..], &[0; 12]].concat();
            assert_eq!(read(&octets, 100).await, (Vec::new(), Ended::Length), "{length}");
        }
        assert_eq!(read(&[0, 0, 0, 16, 0], 100).await, (Vec::new(), Ended::Closed));
    }
}
