//! RFC 4648 section 6.

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut text = String::with_capacity(bytes.len().saturating_mul(8).div_ceil(5));
    let mut put = |five: u32| text.extend(ALPHABET.get(five as usize & 31).map(|letter| char::from(*letter)));
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            put(bits >> held);
        }
    }
    if held > 0 {
        put(bits << (5 - held));
    }
    text
}

/// Padding and blanks are ignored.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut out) = (0_u32, 0_u32, Vec::new());
    for symbol in text.bytes().filter(|b| !matches!(b, b'=' | b' ')) {
        let value = match symbol.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5) | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_what_the_rfc_gives() {
        for (plain, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!((encode(plain.as_bytes()), decode(text)), (text.to_owned(), Some(plain.as_bytes().to_vec())));
        }
        assert_eq!(decode("MZ0"), None);
    }
}
