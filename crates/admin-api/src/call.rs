//! One request to one operation.

use std::sync::Arc;

use crate::AdminApi;
use crate::caller::AdminCaller;
use crate::error::AdminError;
use crate::json::{self, Shape};
use crate::query::Query;
use crate::roles::Permission;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use realm_http::RealmContext;
use realm_model::Realm;
use realm_model::completion::{Minting, Origin, client_secret};
use realm_model::document::Body;
use serde_json::Value;

/// What stands unescaped in a segment of a `Location`.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// A request whose caller is known, to an operation that is found.
pub(crate) struct Call {
    pub(crate) api: AdminApi,
    /// The realm of the path; of the caller where the path has none. Time, base URLs, randomness.
    pub(crate) context: RealmContext,
    pub(crate) caller: AdminCaller,
    pub(crate) query: Query,
    pub(crate) body: Bytes,
    /// The values of the `{…}` of the route's pattern.
    pub(crate) params: Vec<String>,
}

impl Call {
    /// The snapshot of the realm.
    pub(crate) fn realm(&self) -> &Arc<Realm> {
        &self.context.realm
    }

    /// The realm's name.
    pub(crate) fn realm_name(&self) -> &str {
        self.context.realm.name.as_str()
    }

    /// The value of the `{…}` at this place of the pattern, from 0.
    pub(crate) fn param(&self, at: usize) -> &str {
        self.params.get(at).map(String::as_str).unwrap_or_default()
    }

    /// Whether the caller may do this here.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.caller.may(self.realm_name(), permission)
    }

    /// Refuses a caller who may not do this here.
    ///
    /// # Errors
    /// 403
    pub(crate) fn refuse_without(&self, permission: Permission) -> Result<(), AdminError> {
        if self.may(permission) { Ok(()) } else { Err(AdminError::Forbidden) }
    }

    /// The absolute URL of what lies at `segments` below the realm.
    pub(crate) fn location(&self, segments: &[&str]) -> String {
        self.location_in(self.realm_name(), segments)
    }

    /// The same in another realm.
    pub(crate) fn location_in(&self, realm: &str, segments: &[&str]) -> String {
        let mut url = format!("{}/admin/realms/{}", self.context.bases.front, encoded(realm));
        for segment in segments.iter().filter(|segment| !segment.is_empty()) {
            url.push('/');
            url.push_str(&encoded(segment));
        }
        url
    }

    /// The body, in which no placeholder is replaced from here on.
    ///
    /// # Errors
    /// See [`json::JsonError`].
    pub(crate) fn value(&self, shape: &Shape) -> Result<Value, AdminError> {
        let mut value = json::read(&self.body, shape)?;
        json::make_inert(&mut value, self.api.live.placeholders().as_ref());
        Ok(value)
    }

    /// The body as a text, likewise.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.body).into_owned();
        json::make_text_inert(&mut text, self.api.live.placeholders().as_ref());
        text
    }

    /// The body as an object of this shape.
    ///
    /// # Errors
    /// See [`json::JsonError`].
    pub(crate) fn json(&self, shape: &Shape) -> Result<Body, AdminError> {
        match self.value(shape)? {
            Value::Object(body) => Ok(body),
            _ => Err(json::JsonError::WrongShape.into()),
        }
    }

    /// The body as a list of objects of this shape; `null` in it is left out.
    ///
    /// # Errors
    /// See [`json::JsonError`].
    pub(crate) fn json_list(&self, shape: &'static Shape) -> Result<Vec<Body>, AdminError> {
        let Value::Array(all) = self.value(&Shape::List(shape))? else { return Err(json::JsonError::WrongShape.into()) };
        Ok(all.into_iter().filter_map(|value| if let Value::Object(body) = value { Some(body) } else { None }).collect())
    }

    /// With what new entities are made complete.
    pub(crate) fn minting(&self) -> Minting<'_> {
        Minting { now: self.context.now, entropy: self.context.entropy(), origin: Origin::Api }
    }

    /// A new secret of a client.
    pub(crate) fn new_secret(&self) -> String {
        client_secret(self.context.entropy())
    }

    /// A new id.
    pub(crate) fn new_id(&self) -> String {
        self.context.entropy().uuid().to_string()
    }
}

fn encoded(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
}
