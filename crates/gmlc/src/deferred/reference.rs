//! LDR reference numbers: one octet for each deferred request about one target at one gateway (TS 29.172 clause 7.4.37).

use lcs::LdrReference;

/// The references of one target. A reference that fell free comes up again only after all others, so that a late report about a request
/// that is over is seldom taken for one about another. All 256 values are used: MLP's `lcs_ref` takes the first 65 alone, and a client
/// knows its requests by `req_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct References {
    taken: [u64; 4],
    next: u8,
}

impl References {
    /// The next that is free; `None` if all are taken.
    pub fn take(&mut self) -> Option<LdrReference> {
        let free = (0..=u8::MAX).map(|step| self.next.wrapping_add(step)).find(|number| !self.is_taken(*number))?;
        self.mark(LdrReference(free));
        Some(LdrReference(free))
    }

    /// Takes this one, which a request that was kept has; `false` if it was taken before.
    pub fn mark(&mut self, LdrReference(number): LdrReference) -> bool {
        let (word, bit) = place(number);
        let Some(word) = self.taken.get_mut(word) else { return false };
        let free = *word & bit == 0;
        *word |= bit;
        self.next = number.wrapping_add(1);
        free
    }

    /// Gives one back.
    pub fn free(&mut self, LdrReference(number): LdrReference) {
        let (word, bit) = place(number);
        if let Some(word) = self.taken.get_mut(word) {
            *word &= !bit;
        }
    }

    /// Whether none is taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.taken == [0; 4]
    }

    /// How many are taken.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.taken.iter().map(|word| word.count_ones()).sum()
    }

    fn is_taken(&self, number: u8) -> bool {
        let (word, bit) = place(number);
        self.taken.get(word).is_some_and(|word| word & bit != 0)
    }
}

fn place(number: u8) -> (usize, u64) {
    (usize::from(number >> 6), 1 << (number & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_256_are_given_once_and_then_none() {
        let mut references = References::default();
        let given: Vec<u8> = core::iter::from_fn(|| references.take().map(|LdrReference(number)| number)).collect();
        assert_eq!(given, (0..=u8::MAX).collect::<Vec<_>>());
        assert_eq!((references.count(), references.take()), (256, None));
    }

    #[test]
    fn one_that_fell_free_comes_up_after_all_others() {
        let mut references = References::default();
        assert_eq!(references.take(), Some(LdrReference(0)));
        references.free(LdrReference(0));
        assert!(references.is_empty());
        for number in 1..=u8::MAX {
            let given = references.take();
            assert_eq!(given, Some(LdrReference(number)));
            references.free(LdrReference(number));
        }
        assert_eq!(references.take(), Some(LdrReference(0)));
        assert!(!references.mark(LdrReference(0)));
        assert!(references.mark(LdrReference(200)));
        assert_eq!(references.take(), Some(LdrReference(201)));
    }
}
