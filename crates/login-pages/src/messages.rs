//! Texts by language and key: those of this crate, and how files of texts are read.

mod catalog;

pub use catalog::Catalog;
#[cfg(test)]
pub use catalog::LANGUAGES;
pub use message_texts::{format, read};
