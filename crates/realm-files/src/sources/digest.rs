use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Tells whether files are byte for byte what they were: SHA-256 in lower-case hex over names and contents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest(pub String);

impl Digest {
    /// Of files by name.
    pub(crate) fn of<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Self {
        let mut hash = Sha256::new();
        for (name, bytes) in files {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        let mut hex = String::with_capacity(64);
        for byte in hash.finalize() {
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// Of the same files where placeholders in them have values.
    pub(crate) fn with_values(&self) -> Self {
        Self(format!("{} with values", self.0))
    }
}
