//! Application context names (ITU-T Q.773 clause 3.2, TS 29.002 clause 17.3).

use core::fmt;

#[cfg(test)]
mod tests;

/// An application context name: an object identifier, held as its BER content octets.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApplicationContext {
    octets: [u8; Self::MAX_OCTETS],
    length: u8,
}

/// The numbers are no object identifier, or one too long to be an application context here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an object identifier of at most {} content octets", ApplicationContext::MAX_OCTETS)]
pub struct InvalidContext;

impl ApplicationContext {
    /// Most content octets of a name; those of MAP and CAP have seven.
    pub const MAX_OCTETS: usize = 24;

    /// The MAP application context of this number and version:
    /// `{ itu-t identified-organization(4) etsi(0) mobileDomain(0) gsm-Network(1) ac-id(0) number version }`
    /// (TS 29.002 clause 17.3.3). Both are below 128, as all of TS 29.002 are.
    #[must_use]
    pub const fn map(number: u8, version: u8) -> Self {
        let mut octets = [0; Self::MAX_OCTETS];
        // 0*40 + 4, then one octet an arc.
        [octets[0], octets[3], octets[5], octets[6]] = [4, 1, number & 0x7f, version & 0x7f];
        Self { octets, length: 7 }
    }

    /// The name with these arcs.
    pub fn from_arcs(arcs: &[u32]) -> Result<Self, InvalidContext> {
        let [first, second, rest @ ..] = arcs else { return Err(InvalidContext) };
        if *first > 2 || (*first < 2 && *second > 39) {
            return Err(InvalidContext);
        }
        let mut octets = Vec::with_capacity(Self::MAX_OCTETS);
        push_arc(&mut octets, u64::from(*first) * 40 + u64::from(*second));
        for arc in rest {
            push_arc(&mut octets, u64::from(*arc));
        }
        Self::from_content(&octets)
    }

    /// The name with these BER content octets (X.690 clause 8.19); every subidentifier has to fit 32 bits.
    pub fn from_content(content: &[u8]) -> Result<Self, InvalidContext> {
        let mut octets = [0; Self::MAX_OCTETS];
        octets.get_mut(..content.len()).ok_or(InvalidContext)?.copy_from_slice(content);
        let length = u8::try_from(content.len()).map_err(|_| InvalidContext)?;
        let mut value = 0u64;
        let mut within = false;
        for octet in content {
            if !within && *octet == 0x80 {
                return Err(InvalidContext);
            }
            value = (if within { value << 7 } else { 0 }) | u64::from(octet & 0x7f);
            within = octet & 0x80 != 0;
            if value > u64::from(u32::MAX) {
                return Err(InvalidContext);
            }
        }
        if content.is_empty() || within { Err(InvalidContext) } else { Ok(Self { octets, length }) }
    }

    /// BER content octets.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Arcs of the object identifier.
    #[must_use]
    pub fn arcs(&self) -> Vec<u32> {
        let mut subidentifiers = self.subidentifiers();
        let first = subidentifiers.next().unwrap_or_default();
        let root = (first / 40).min(2);
        [root, first - root * 40].into_iter().chain(subidentifiers).collect()
    }

    /// Number and version, where this is an application context of MAP (the inverse of [`Self::map`]).
    #[must_use]
    pub fn map_parts(&self) -> Option<(u8, u8)> {
        match *self.content() {
            [4, 0, 0, 1, 0, number @ ..0x80, version @ ..0x80] => Some((number, version)),
            _ => None,
        }
    }

    fn subidentifiers(&self) -> impl Iterator<Item = u32> {
        let mut value = 0u32;
        self.content().iter().filter_map(move |octet| {
            value = (value << 7) | u32::from(octet & 0x7f);
            (octet & 0x80 == 0).then(|| core::mem::take(&mut value))
        })
    }
}

fn push_arc(octets: &mut Vec<u8>, arc: u64) {
    let groups = (64 - arc.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let bits = u8::try_from((arc >> (7 * group)) & 0x7f).unwrap_or_default();
        octets.push(if group == 0 { bits } else { bits | 0x80 });
    }
}

impl fmt::Display for ApplicationContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, arc) in self.arcs().into_iter().enumerate() {
            write!(f, "{}{arc}", if at == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl fmt::Debug for ApplicationContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
