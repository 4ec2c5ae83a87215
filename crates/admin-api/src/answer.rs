//! What an operation answers where it succeeds.

use bytes::Bytes;
use serde::Serialize;

use crate::error::AdminError;

/// JSON as most operations answer it.
pub(crate) const JSON: &str = "application/json;charset=UTF-8";
/// JSON as a few operations answer it.
pub(crate) const BARE_JSON: &str = "application/json";

/// A success.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Option<(&'static str, Bytes)>,
    /// `Cache-Control: no-cache`
    pub(crate) no_cache: bool,
    pub(crate) location: Option<String>,
}

impl Answer {
    /// 200 with `value` and `Cache-Control: no-cache`: most reads.
    pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, AdminError> {
        let text = serde_json::to_vec(value).map_err(|error| AdminError::Broken(error.to_string()))?;
        Ok(Self { status: 200, body: Some((JSON, Bytes::from(text))), no_cache: true, location: None })
    }

    /// 200 with a text.
    pub(crate) fn text(text: String) -> Self {
        Self { status: 200, body: Some(("text/plain;charset=UTF-8", Bytes::from(text))), no_cache: false, location: None }
    }

    /// 201 without a body; `location` is absolute ([`crate::call::Call::location`]).
    pub(crate) const fn created(location: String) -> Self {
        Self { status: 201, body: None, no_cache: false, location: Some(location) }
    }

    /// 204
    pub(crate) const fn no_content() -> Self {
        Self { status: 204, body: None, no_cache: false, location: None }
    }

    /// With `Cache-Control: no-cache`.
    pub(crate) fn no_cache(self) -> Self {
        Self { no_cache: true, ..self }
    }

    /// Without `Cache-Control`.
    pub(crate) fn without_cache_control(self) -> Self {
        Self { no_cache: false, ..self }
    }

    /// Another status.
    pub(crate) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// With a `Location`.
    pub(crate) fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    /// Another media type of the body.
    pub(crate) fn media_type(self, media_type: &'static str) -> Self {
        Self { body: self.body.map(|(_, bytes)| (media_type, bytes)), ..self }
    }
}
