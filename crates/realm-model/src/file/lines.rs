//! Lines and columns of a text, found without reading it again for each.

use std::ops::Range;

/// Where lines begin, and how many characters there are before every so many bytes.
pub(crate) struct Lines {
    /// The offset of each line end.
    ends: Vec<usize>,
    characters: Vec<usize>,
}

/// A realm can be on one line: columns are counted from the last of these.
const BLOCK: usize = 4096;

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let mut characters = Vec::with_capacity(text.len() / BLOCK + 1);
        let mut counted = 0;
        for block in text.as_bytes().chunks(BLOCK) {
            characters.push(counted);
            counted += count(block);
        }
        Self { ends: memchr::memchr_iter(b'\n', text.as_bytes()).collect(), characters }
    }

    /// The number of the line, from 1, that the byte at `at` of a text of `length` bytes is in, and its bytes without the end.
    pub(crate) fn line_at(&self, at: usize, length: usize) -> (usize, Range<usize>) {
        let before = self.ends.partition_point(|end| *end < at);
        let start = before.checked_sub(1).and_then(|index| self.ends.get(index)).map_or(0, |end| end + 1);
        (before + 1, start..self.ends.get(before).copied().unwrap_or(length))
    }

    /// How many characters stand before the byte at `at`.
    pub(crate) fn characters(&self, text: &str, at: usize) -> usize {
        let block = (at / BLOCK).min(self.characters.len().saturating_sub(1));
        let counted = self.characters.get(block).copied().unwrap_or_default();
        counted + count(text.as_bytes().get(block * BLOCK..at).unwrap_or_default())
    }
}

/// Characters that begin in `bytes`.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_those_of_the_text() {
        let text = format!("a\nä{}é\n\nx", "ö".repeat(5000));
        let lines = Lines::of(&text);
        for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let before = &text[..at];
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            let (number, line) = lines.line_at(at, text.len());
            assert_eq!((number, line.start), (before.matches('\n').count() + 1, start), "{at}");
            assert_eq!(lines.characters(&text, at), before.chars().count(), "{at}");
        }
        assert_eq!(lines.line_at(0, text.len()), (1, 0..1));
    }
}
