//! LDR reference numbers: one octet for each deferred request about one target at one gateway (TS 29.172 clause 7.4.37).

use lcs::LdrReference;

/// The references of one target that are taken. All 256 values are used: MLP's `lcs_ref` takes the first 65 alone, and a client
/// knows its requests by `req_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct References([u64; 4]);

impl References {
    /// The first from this one on that is free; `None` if all are taken. Looked for from the one that follows what was given last, a reference
    /// that fell free comes up again only after all others, so that a late report about a request that is over is seldom taken for one about
    /// another.
    #[must_use]
    pub fn free_from(&self, LdrReference(from): LdrReference) -> Option<LdrReference> {
        (0..=u8::MAX).map(|step| LdrReference(from.wrapping_add(step))).find(|reference| !self.is_taken(*reference))
    }

    /// The one that follows this one.
    #[must_use]
    pub fn following(LdrReference(number): LdrReference) -> LdrReference {
        LdrReference(number.wrapping_add(1))
    }

    /// How many are taken.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    fn is_taken(&self, reference: LdrReference) -> bool {
        let (word, bit) = place(reference);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

impl FromIterator<LdrReference> for References {
    fn from_iter<T: IntoIterator<Item = LdrReference>>(taken: T) -> Self {
        let mut references = Self::default();
        for (word, bit) in taken.into_iter().map(place) {
            if let Some(word) = references.0.get_mut(word) {
                *word |= bit;
            }
        }
        references
    }
}

fn place(LdrReference(number): LdrReference) -> (usize, u64) {
    (usize::from(number >> 6), 1 << (number & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_256_are_given_once_and_then_none() {
        let (mut taken, mut next) = (Vec::new(), LdrReference(0));
        while let Some(free) = taken.iter().copied().collect::<References>().free_from(next) {
            taken.push(free);
            next = References::following(free);
        }
        assert_eq!(taken, (0..=u8::MAX).map(LdrReference).collect::<Vec<_>>());
        assert_eq!(taken.into_iter().collect::<References>().count(), 256);
    }

    #[test]
    fn one_that_fell_free_comes_up_after_all_others() {
        let mut next = LdrReference(0);
        for number in 0..=u8::MAX {
            let given = References::default().free_from(next);
            assert_eq!(given, Some(LdrReference(number)));
            next = References::following(LdrReference(number));
        }
        assert_eq!(next, LdrReference(0));
        let taken: References = [LdrReference(0), LdrReference(200), LdrReference(0)].into_iter().collect();
        assert_eq!((taken.count(), taken.free_from(LdrReference(0))), (2, Some(LdrReference(1))));
        assert_eq!(taken.free_from(LdrReference(200)), Some(LdrReference(201)));
        let most: References = (1..=u8::MAX).map(LdrReference).collect();
        assert_eq!(most.free_from(LdrReference(7)), Some(LdrReference(0)));
    }
}
