//! Texts for people as Keycloak's themes have them: files of messages by key, their patterns, and text that becomes HTML.

mod escape;
mod format;
mod properties;

pub use escape::write_escaped;
pub use format::format;
pub use properties::read;
