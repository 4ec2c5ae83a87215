//! A compact binary form. The first byte of a value is its format: a reader accepts every format up to the one it knows and
//! names the newer ones, so that old and new nodes can run side by side while the older format is written.

use ambient::Timestamp;

use crate::StoreError;

/// Writes a value.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new(format: u8) -> Self {
        let mut bytes = Vec::with_capacity(192);
        bytes.push(format);
        Self(bytes)
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn number(&mut self, number: u64) {
        put_number(&mut self.0, number);
    }

    /// A time as its distance from another one, which is mostly short.
    pub(crate) fn time(&mut self, time: Timestamp, from: Timestamp) {
        let distance = time.millis().wrapping_sub(from.millis());
        self.number((distance.wrapping_shl(1) ^ (distance >> 63)).cast_unsigned());
    }

    /// A text; a UUID in Keycloak's notation takes 17 bytes in place of 37.
    pub(crate) fn text(&mut self, text: &str) {
        match uuid_bytes(text) {
            Some(uuid) => {
                self.0.push(0);
                self.0.extend_from_slice(&uuid);
            }
            None => {
                self.number(text.len() as u64 + 1);
                self.0.extend_from_slice(text.as_bytes());
            }
        }
    }
}

/// Reads what [`Writer`] wrote; `what` names the value in errors.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// Begins, and refuses a format newer than `known`.
    pub(crate) fn new(bytes: &'a [u8], known: u8, what: &'static str) -> Result<Self, StoreError> {
        let mut reader = Self { rest: bytes, what };
        match reader.byte()? {
            0 => Err(StoreError::Malformed { what }),
            found if found > known => Err(StoreError::NewerFormat { what, found, known }),
            _ => Ok(reader),
        }
    }

    fn cut_short(&self) -> StoreError {
        StoreError::Malformed { what: self.what }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, StoreError> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| self.cut_short())?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn number(&mut self) -> Result<u64, StoreError> {
        take_number(&mut self.rest).ok_or_else(|| self.cut_short())
    }

    pub(crate) fn time(&mut self, from: Timestamp) -> Result<Timestamp, StoreError> {
        let folded = self.number()?;
        let distance = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
        Ok(Timestamp::from_millis(from.millis().wrapping_add(distance)))
    }

    pub(crate) fn count(&mut self) -> Result<usize, StoreError> {
        // Each counted thing takes a byte at least: a damaged count cannot ask for much memory.
        let count = usize::try_from(self.number()?).map_err(|_| self.cut_short())?;
        if count > self.rest.len() { Err(self.cut_short()) } else { Ok(count) }
    }

    pub(crate) fn hash(&mut self) -> Result<[u8; 32], StoreError> {
        self.raw(32)?.try_into().map_err(|_| self.cut_short())
    }

    fn raw(&mut self, count: usize) -> Result<&'a [u8], StoreError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.cut_short())?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        match self.number()? {
            0 => {
                let uuid: [u8; 16] = self.raw(16)?.try_into().map_err(|_| self.cut_short())?;
                Ok(uuid_text(u128::from_be_bytes(uuid)))
            }
            length => {
                let length = usize::try_from(length - 1).map_err(|_| self.cut_short())?;
                let text = std::str::from_utf8(self.raw(length)?).map_err(|_| self.cut_short())?;
                Ok(text.to_owned())
            }
        }
    }
}

/// Appends a number, 7 bits a byte, lowest first.
pub(crate) fn put_number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Reads such a number off the front.
pub(crate) fn take_number(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// The 16 bytes of a UUID written in lower case with hyphens; `None` for every other text, so that it reads back the same.
fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut uuid = 0_u128;
    for (at, byte) in text.bytes().enumerate() {
        let digit = match byte {
            b'-' if matches!(at, 8 | 13 | 18 | 23) => continue,
            _ if matches!(at, 8 | 13 | 18 | 23) => return None,
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        uuid = uuid << 4 | u128::from(digit);
    }
    Some(uuid.to_be_bytes())
}

fn uuid_text(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    let mut text = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_back_the_same_whether_uuid_or_not() {
        for text in [
            "",
            "a",
            "2f1c9f36-3d2a-4d1b-9f63-0c7b0c1d2e3f",
            "2F1C9F36-3d2a-4d1b-9f63-0c7b0c1d2e3f",
            "2f1c9f36-3d2a-4d1b-9f63-0c7b0c1d2e3-",
        ] {
            let mut writer = Writer::new(1);
            writer.text(text);
            let bytes = writer.finish();
            assert_eq!(Reader::new(&bytes, 1, "text").unwrap().text().unwrap(), text);
        }
    }

    #[test]
    fn a_uuid_takes_17_bytes() {
        let mut writer = Writer::new(1);
        writer.text("2f1c9f36-3d2a-4d1b-9f63-0c7b0c1d2e3f");
        assert_eq!(writer.finish().len(), 1 + 17);
    }

    #[test]
    fn times_read_back_the_same_at_the_ends() {
        for millis in [0, 1, -1, 1_767_225_600_000, i64::MAX, i64::MIN] {
            for from in [0, 1_767_225_600_000, i64::MAX, i64::MIN] {
                let mut writer = Writer::new(1);
                writer.time(Timestamp::from_millis(millis), Timestamp::from_millis(from));
                let bytes = writer.finish();
                let mut reader = Reader::new(&bytes, 1, "time").unwrap();
                assert_eq!(reader.time(Timestamp::from_millis(from)).unwrap(), Timestamp::from_millis(millis));
            }
        }
    }

    #[test]
    fn a_newer_format_is_named_and_never_guessed_at() {
        let error = Reader::new(&[3, 1, 2], 2, "session").err().unwrap();
        assert!(matches!(error, StoreError::NewerFormat { found: 3, known: 2, .. }));
    }

    #[test]
    fn whatever_is_cut_short_is_an_error() {
        let mut writer = Writer::new(1);
        writer.text("abc");
        writer.number(u64::MAX);
        writer.time(Timestamp::from_secs(9), Timestamp::default());
        let bytes = writer.finish();
        for end in 0..bytes.len() {
            let read = Reader::new(&bytes[..end], 1, "value").and_then(|mut reader| {
                reader.text()?;
                reader.number()?;
                reader.time(Timestamp::default())
            });
            assert!(read.is_err(), "{end}");
        }
    }
}
