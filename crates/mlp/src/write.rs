//! Writing XML text into a `String` that is used again.

/// Appends character data, escaped. Characters that XML forbids are left out.
pub(crate) fn text(out: &mut String, text: &str) {
    // U+FFFE and U+FFFF begin with 0xEF.
    let plain = |b: u8| !matches!(b, b'&' | b'<' | b'>' | b'"' | 0..0x20 | 0xEF);
    if text.bytes().all(plain) {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {}
            c => out.push(c),
        }
    }
}

/// Appends `<name>text</name>`.
pub(crate) fn element(out: &mut String, name: &str, content: &str) {
    open(out, name);
    text(out, content);
    close(out, name);
}

/// Appends `<name>number</name>`.
pub(crate) fn number(out: &mut String, name: &str, value: u64) {
    open(out, name);
    digits(out, value, 1);
    close(out, name);
}

/// Appends `<name>`.
pub(crate) fn open(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

/// Appends `<name a="…">`, values escaped.
pub(crate) fn start(out: &mut String, name: &str, attributes: &[(&str, &str)]) {
    tag(out, name, attributes);
    out.push('>');
}

/// Appends `<name a="…"/>`.
pub(crate) fn empty(out: &mut String, name: &str, attributes: &[(&str, &str)]) {
    tag(out, name, attributes);
    out.push_str("/>");
}

fn tag(out: &mut String, name: &str, attributes: &[(&str, &str)]) {
    out.push('<');
    out.push_str(name);
    for (attribute, value) in attributes {
        out.push(' ');
        out.push_str(attribute);
        out.push_str("=\"");
        text(out, value);
        out.push('"');
    }
}

/// Appends `</name>`.
pub(crate) fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Appends a decimal number of at least `width` digits.
pub(crate) fn digits(out: &mut String, mut value: u64, width: usize) {
    let mut buffer = [b'0'; 20];
    let mut used = 0;
    for slot in buffer.iter_mut().rev() {
        if value == 0 && used >= width.max(1) {
            break;
        }
        // The remainder is below ten.
        *slot = b'0' + (value % 10) as u8;
        value /= 10;
        used += 1;
    }
    out.extend(buffer.iter().skip(buffer.len() - used).map(|b| char::from(*b)));
}
