//! Bodies in JSON, read as Keycloak reads them: what is converted silently, what is refused, and in which words.

mod inert;
mod reader;
mod representations;
mod shape;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use thiserror::Error;

pub use self::inert::{made_inert, make_inert, make_text_inert};
pub use self::reader::read;
pub use self::representations::*;
pub use self::shape::{Representation, Shape, Unknown};

/// What an error says that the caller cannot do anything about.
pub const LOOK_IN_THE_LOG: &str = "For more on this error consult the server log.";

/// Why a body cannot be read. Keycloak: recordings admin-errors/{bad-json,wrong-type,unknown-field-position}.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JsonError {
    /// No JSON.
    #[error("the body is no JSON")]
    NotJson,
    /// JSON of another shape than the representation's.
    #[error("the body has another shape")]
    WrongShape,
    /// A member that the representation does not have.
    #[error("{class} has no member {field:?} (line {line}, column {column})")]
    UnknownField {
        /// The representation.
        class: &'static str,
        /// The member, shortened where it is long.
        field: String,
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// Nothing, or `null`.
    #[error("there is no body")]
    Absent,
}

impl JsonError {
    /// Status and body, in Keycloak's words.
    pub fn wire(&self) -> (u16, Value) {
        let described = |status: u16, code: &str, text: &str| (status, json!({ "error": code, "error_description": text }));
        match self {
            Self::NotJson => described(400, "invalid_request", "Cannot parse the JSON"),
            Self::WrongShape => described(400, "unknown_error", "Cannot parse the JSON"),
            Self::UnknownField { class, field, line, column } => {
                let place = format!("Unrecognized field \"{field}\" at line {line} column {column}.");
                (400, json!({ "error": format!("Invalid json representation for {class}. {place}") }))
            }
            Self::Absent => described(500, "unknown_error", LOOK_IN_THE_LOG),
        }
    }
}
