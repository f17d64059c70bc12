//! Codewords: what a subscriber gives to those who may find them (TS 23.271 clause 10.3.2).

use lcs::Codeword;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// Who checks a codeword (TS 23.271 Table 10.12a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodewordHandling {
    /// The network: a request must carry one of the words.
    Network,
    /// The phone: a request must carry a word, which goes to the serving node and is shown to the user.
    Ue,
}

/// A subscriber's codewords (TS 23.271 Table 10.12b). Wiped from memory when dropped; `Debug` hides them.
#[derive(Clone, PartialEq, Eq)]
pub struct Codewords {
    handling: CodewordHandling,
    words: Vec<Zeroizing<Box<[u8]>>>,
}

impl Codewords {
    /// Takes who checks, and the words; words are of use only where the network checks.
    #[must_use]
    pub fn new<'a>(handling: CodewordHandling, words: impl IntoIterator<Item = &'a Codeword>) -> Self {
        let words = words.into_iter().map(|word| Zeroizing::new(word.expose().as_bytes().into())).collect();
        Self { handling, words }
    }

    /// Who checks.
    #[must_use]
    pub fn handling(&self) -> CodewordHandling {
        self.handling
    }

    /// Number of words.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.len()
    }

    /// Whether `word` is one of them. Looks at all of them and at every byte, so that time tells no more than lengths.
    #[must_use]
    pub fn admit(&self, word: &Codeword) -> bool {
        let asked = word.expose().as_bytes();
        let hit = self.words.iter().fold(Choice::from(0), |hit, word| hit | word.ct_eq(asked));
        hit.into()
    }
}

impl core::fmt::Debug for Codewords {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Codewords({:?}, {} hidden)", self.handling, self.words.len())
    }
}
