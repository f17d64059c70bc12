//! Packets put together from the parts of several messages, bounded in number, length and time.

use super::{Carried, Part, SmsError};
use lcs::{Duration, Timestamp};

/// Packets that wait for parts. `From` is whatever tells senders apart.
#[derive(Debug)]
pub struct Reassembly<From> {
    waiting: Vec<Waiting<From>>,
    /// Greatest number of packets that wait.
    packets: usize,
    /// Greatest number of parts of one.
    parts: u8,
    /// How long the parts of one may take.
    patience: Duration,
}

#[derive(Debug)]
struct Waiting<From> {
    from: From,
    reference: u8,
    since: Timestamp,
    parts: Vec<Option<Part>>,
}

impl<From: PartialEq> Reassembly<From> {
    /// Holds `packets` of at most `parts` parts, each for `patience`.
    #[must_use]
    pub fn new(packets: usize, parts: u8, patience: Duration) -> Self {
        Self { waiting: Vec::new(), packets, parts, patience }
    }

    /// Takes a part; gives the packet that it completes. The oldest packet makes place for a new one. A part that came before is
    /// passed over; one that contradicts it, as a reference is used again, begins the packet anew.
    pub fn take(&mut self, from: From, part: Part, now: Timestamp) -> Result<Option<(Carried, Vec<u8>)>, SmsError> {
        self.waiting.retain(|waiting| now.since(waiting.since) <= self.patience);
        let Some((reference, total, number)) = part.concatenated else {
            return part.carried.map(|carried| Some((carried, part.octets))).ok_or(SmsError::Header);
        };
        if total > self.parts {
            return Err(SmsError::TooLong);
        }
        if (number == 1) != part.carried.is_some() {
            return Err(SmsError::Header);
        }
        let slot = usize::from(number - 1);
        let found = self.waiting.iter().position(|waiting| waiting.from == from && waiting.reference == reference);
        let index = match found {
            Some(index) if self.waiting.get(index).is_some_and(|waiting| waiting.contradicts(total, slot, &part)) => {
                self.waiting.remove(index);
                self.begin(from, reference, total, now)
            }
            Some(index) => index,
            None => self.begin(from, reference, total, now),
        };
        let waiting = self.waiting.get_mut(index).ok_or(SmsError::Part)?;
        *waiting.parts.get_mut(slot).ok_or(SmsError::Part)? = Some(part);
        if waiting.parts.iter().any(Option::is_none) {
            return Ok(None);
        }
        let whole = self.waiting.remove(index);
        let carried = whole.parts.iter().flatten().find_map(|part| part.carried).ok_or(SmsError::Header)?;
        Ok(Some((carried, whole.parts.into_iter().flatten().flat_map(|part| part.octets).collect())))
    }

    fn begin(&mut self, from: From, reference: u8, total: u8, now: Timestamp) -> usize {
        if self.waiting.len() >= self.packets.max(1) {
            self.waiting.remove(0);
        }
        self.waiting.push(Waiting { from, reference, since: now, parts: vec![None; usize::from(total)] });
        self.waiting.len() - 1
    }
}

impl<From> Waiting<From> {
    fn contradicts(&self, total: u8, slot: usize, part: &Part) -> bool {
        self.parts.len() != usize::from(total)
            || self.parts.get(slot).is_some_and(|had| had.as_ref().is_some_and(|had| had != part))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_part, split};
    use super::*;
    use proptest::prelude::*;

    fn reassembly() -> Reassembly<u8> {
        Reassembly::new(3, 10, Duration::from_secs(60))
    }

    fn parts(packet: &[u8], reference: u8) -> Vec<Part> {
        split(Carried::Command, packet, reference).unwrap().iter().map(|part| read_part(part).unwrap()).collect()
    }

    #[test]
    fn bounded_in_number_length_and_time() {
        let (packet, at) = (vec![7; 300], Timestamp::from_secs);
        let mut reassembly = reassembly();
        let [first, second, third] = parts(&packet, 1).try_into().unwrap();
        assert_eq!(reassembly.take(0, first.clone(), at(0)), Ok(None));
        assert_eq!(reassembly.take(0, second.clone(), at(60)), Ok(None));
        // Too late: the first two are gone.
        assert_eq!(reassembly.take(0, third.clone(), at(61)), Ok(None));
        assert_eq!(reassembly.take(0, first.clone(), at(62)), Ok(None));
        assert_eq!(reassembly.take(0, second.clone(), at(62)), Ok(Some((Carried::Command, packet.clone()))));
        // Three others push the oldest out.
        for from in 0..4 {
            assert_eq!(reassembly.take(from, first.clone(), at(63)), Ok(None));
        }
        assert_eq!(reassembly.take(1, second.clone(), at(63)), Ok(None));
        assert_eq!(reassembly.take(1, third.clone(), at(63)), Ok(Some((Carried::Command, packet.clone()))));
        assert_eq!(reassembly.take(0, second, at(63)), Ok(None));
        assert_eq!(reassembly.take(0, third, at(63)), Ok(None));
        let long = parts(&vec![7; 2000], 2);
        assert_eq!(reassembly.take(0, long[0].clone(), at(63)), Err(SmsError::TooLong));
        let no_kind = Part { carried: None, ..first };
        assert_eq!(reassembly.take(0, no_kind, at(63)), Err(SmsError::Header));
    }

    proptest! {
        /// Parts of two packets in any order, some twice: both come out whole, once, and nothing else does.
        #[test]
        fn any_order(order in Just((0..6).chain(0..3).collect::<Vec<usize>>()).prop_shuffle()) {
            let packets = [vec![1; 300], vec![2; 400]];
            let all: Vec<(u8, Part)> = (0..2)
                .flat_map(|from| parts(&packets[usize::from(from)], 5).into_iter().map(move |part| (from, part)))
                .collect();
            let (mut reassembly, mut whole) = (reassembly(), vec![]);
            for index in order {
                let (from, part) = all[index].clone();
                if let Some((_, packet)) = reassembly.take(from, part, Timestamp::from_secs(1)).unwrap() {
                    prop_assert_eq!(&packet, &packets[usize::from(from)]);
                    whole.push(from);
                }
            }
            whole.dedup();
            prop_assert!(whole.contains(&0) && whole.contains(&1));
        }
    }
}
