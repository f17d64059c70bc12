//! Base 64 with padding (RFC 4648 section 4), strict on the way in: one text for each octet string.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes.
pub(super) fn encode(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len().div_ceil(3) * 4);
    for group in octets.chunks(3) {
        let word = group.iter().enumerate().fold(0_u32, |word, (at, octet)| word | u32::from(*octet) << (16 - 8 * at));
        for at in 0..4 {
            let index = (word >> (18 - 6 * at)) & 0x3F;
            // Six bits index sixty-four letters.
            out.push(if at <= group.len() { char::from(ALPHABET[index as usize]) } else { '=' });
        }
    }
    out
}

/// Decodes; `None` if the text is not exactly what [`encode`] makes of some octets.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let groups = bytes.len() / 4;
    for (number, group) in bytes.chunks(4).enumerate() {
        let padding = group.iter().rev().take_while(|byte| **byte == b'=').count();
        if padding > 2 || (padding > 0 && number + 1 != groups) {
            return None;
        }
        let mut word = 0_u32;
        for byte in group.iter().take(4 - padding) {
            word = word << 6 | u32::try_from(ALPHABET.iter().position(|letter| letter == byte)?).ok()?;
        }
        word <<= 6 * padding;
        let octets = word.to_be_bytes();
        // Bits that the padding drops must be zero, or two texts would mean one string.
        let (kept, dropped) = octets.get(1..)?.split_at(3 - padding);
        if dropped.iter().any(|octet| *octet != 0) {
            return None;
        }
        out.extend_from_slice(kept);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn vectors_of_rfc_4648_section_10() {
        for (plain, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(plain.as_bytes()));
        }
    }

    #[test]
    fn only_the_canonical_text_is_read() {
        for text in ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm9-", "Zé8="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn every_octet_comes_back() {
        for length in 0..70 {
            let octets: Vec<u8> = (0..length).map(|at: u8| at.wrapping_mul(37)).collect();
            assert_eq!(decode(&encode(&octets)), Some(octets));
        }
    }
}
