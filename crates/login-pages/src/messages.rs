//! Texts by language and key: those of this crate, and how files of texts are read.

mod catalog;
mod format;
mod properties;

pub use catalog::Catalog;
pub use format::format;
