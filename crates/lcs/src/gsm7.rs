//! The GSM 7-bit default alphabet with its extension table (TS 23.038 clauses 6.2.1 and 6.2.1.1), and its packing into octets
//! as USSD packs it (clause 6.1.2.3).

/// The default alphabet by code; 0x1B leads to the extension table and shows as a blank alone.
const DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', //
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1B}', 'Æ', 'æ', 'ß', 'É', //
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', //
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', //
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', //
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', //
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', //
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];
/// The extension table: code after an escape, and character.
const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0C}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];
const ESCAPE: u8 = 0x1B;
const CARRIAGE_RETURN: u8 = 0x0D;
const QUESTION_MARK: u8 = 0x3F;

/// One character: one septet, or an escape and a septet, which must not be parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Septets {
    codes: [u8; 2],
    count: usize,
}

impl Septets {
    /// The septets of a character; `None` if the alphabet lacks it.
    #[must_use]
    pub fn of(character: char) -> Option<Self> {
        if character == '\u{1B}' {
            return None;
        }
        if let Some(code) = DEFAULT.iter().position(|known| *known == character) {
            return Some(Self { codes: [code as u8, 0], count: 1 });
        }
        let (code, _) = EXTENSION.into_iter().find(|(_, known)| *known == character)?;
        Some(Self { codes: [ESCAPE, code], count: 2 })
    }

    /// The septets of a character, those of "?" for a control character or one that the alphabet lacks.
    #[must_use]
    pub fn of_or_question_mark(character: char) -> Self {
        let shown = Some(character).filter(|c| !c.is_control()).and_then(Self::of);
        shown.unwrap_or(Self { codes: [QUESTION_MARK, 0], count: 1 })
    }

    /// The one or two codes.
    #[must_use]
    pub fn codes(&self) -> &[u8] {
        if self.count == 2 { &self.codes } else { &self.codes[..1] }
    }
}

/// Text to septets; "?" for control characters and those that the alphabet lacks.
#[must_use]
pub fn to_septets(text: &str) -> Vec<u8> {
    text.chars().flat_map(|c| Septets::of_or_question_mark(c).codes().to_vec()).collect()
}

/// Septets to text. An escape before a code that the extension table lacks is passed over, a last one shows as a blank
/// (TS 23.038 clause 6.2.1.1).
#[must_use]
pub fn from_septets(septets: &[u8]) -> String {
    let mut text = String::with_capacity(septets.len());
    let mut codes = septets.iter().map(|code| code & 0x7F);
    while let Some(code) = codes.next() {
        if code != ESCAPE {
            text.push(DEFAULT.get(usize::from(code)).copied().unwrap_or('?'));
            continue;
        }
        text.push(match codes.next() {
            None | Some(ESCAPE) => ' ',
            Some(code) => match EXTENSION.into_iter().find(|(known, _)| *known == code) {
                Some((_, character)) => character,
                None => DEFAULT.get(usize::from(code)).copied().unwrap_or('?'),
            },
        });
    }
    text
}

/// Packs septets into octets, the first in the low bits. Where seven bits are left over they hold a carriage return, so that
/// they are not taken for "@"; a text that ends with a carriage return at the end of an octet gets another one (TS 23.038
/// clause 6.1.2.3.1).
#[must_use]
pub fn pack(septets: &[u8]) -> Vec<u8> {
    let pad = match septets.len() % 8 {
        7 => true,
        0 => septets.last() == Some(&CARRIAGE_RETURN),
        _ => false,
    };
    let mut out = Vec::with_capacity(packed_len(septets.len() + 1));
    let (mut held, mut bits) = (0u16, 0u32);
    for septet in septets.iter().copied().chain(pad.then_some(CARRIAGE_RETURN)) {
        held |= u16::from(septet & 0x7F) << bits;
        bits += 7;
        if bits >= 8 {
            out.push((held & 0xFF) as u8);
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        out.push((held & 0xFF) as u8);
    }
    out
}

/// Number of octets that so many septets pack into.
#[must_use]
pub const fn packed_len(septets: usize) -> usize {
    (septets * 7).div_ceil(8)
}

/// Unpacks all whole septets; takes the carriage return away that [`pack`] puts into seven left-over bits. A text that ends
/// with two of them at such a place loses the second, which does nothing (TS 23.038 clause 6.1.2.3.1).
#[must_use]
pub fn unpack(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len() * 8 / 7);
    let (mut held, mut bits) = (0u16, 0u32);
    for octet in octets {
        held |= u16::from(*octet) << bits;
        bits += 8;
        while bits >= 7 {
            out.push((held & 0x7F) as u8);
            held >>= 7;
            bits -= 7;
        }
    }
    let padded = match out.len() % 8 {
        0 => out.last() == Some(&CARRIAGE_RETURN),
        1 => out.ends_with(&[CARRIAGE_RETURN, CARRIAGE_RETURN]),
        _ => false,
    };
    if padded {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests;
