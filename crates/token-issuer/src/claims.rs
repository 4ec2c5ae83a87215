use std::borrow::Cow;

use oidc_types::ClientId;
use serde::{Serialize, Serializer};

/// The order in which Keycloak writes the claims that it knows by name; all others follow (wire.md section 3.3).
const ORDER: [&str; 18] = [
    "exp",
    "iat",
    "auth_time",
    "jti",
    "iss",
    "aud",
    "sub",
    "typ",
    "azp",
    "nonce",
    "sid",
    "at_hash",
    "acr",
    "allowed-origins",
    "realm_access",
    "resource_access",
    "cnf",
    "scope",
];

/// The value of a claim; texts are borrowed from the user, the realm and the plan where they can be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ClaimValue<'a> {
    Text(Cow<'a, str>),
    Number(i64),
    Flag(bool),
    Json(Cow<'a, serde_json::Value>),
    List(Vec<ClaimValue<'a>>),
    Object(Claims<'a>),
}

impl<'a> ClaimValue<'a> {
    pub(crate) fn texts(values: impl IntoIterator<Item = Cow<'a, str>>) -> Self {
        Self::List(values.into_iter().map(Self::Text).collect())
    }

    fn is_text(&self, text: &str) -> bool {
        matches!(self, Self::Text(own) if own == text)
    }
}

impl<'a> From<&'a str> for ClaimValue<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for ClaimValue<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for ClaimValue<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl Serialize for ClaimValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Json(value) => value.serialize(serializer),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(claims) => claims.serialize(serializer),
        }
    }
}

/// Claims by name, in the order in which they came; there are never many.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Claims<'a>(Vec<(Cow<'a, str>, ClaimValue<'a>)>);

impl<'a> Claims<'a> {
    pub(crate) fn with_room() -> Self {
        Self(Vec::with_capacity(32))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&ClaimValue<'a>> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// Sets a claim; one that stands there already keeps its place and gets the new value.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<ClaimValue<'a>>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Sets a claim inside nested objects, making them where they are missing and replacing what is in the way.
    pub(crate) fn set_path(&mut self, path: &[Cow<'a, str>], value: ClaimValue<'a>) {
        match path {
            [] => {}
            [name] => self.set_or_extend(name.clone(), value),
            [name, deeper @ ..] => {
                let mut inner = self.take_object(name);
                inner.set_path(deeper, value);
                self.set(name.clone(), ClaimValue::Object(inner));
            }
        }
    }

    /// Empties the object called `name`, which keeps its place; an empty one where there is none.
    fn take_object(&mut self, name: &str) -> Self {
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, ClaimValue::Object(claims))) => std::mem::take(claims),
            _ => Self::default(),
        }
    }

    /// Sets a claim; lists of two mappers for one claim become one list without repetitions.
    fn set_or_extend(&mut self, name: Cow<'a, str>, value: ClaimValue<'a>) {
        match (self.0.iter_mut().find(|(n, _)| *n == name), value) {
            (Some((_, ClaimValue::List(old))), ClaimValue::List(new)) => {
                for item in new {
                    if !old.contains(&item) {
                        old.push(item);
                    }
                }
            }
            (Some((_, old)), new) => *old = new,
            (None, new) => self.0.push((name, new)),
        }
    }

    /// Whether `aud`, not yet written, has this entry.
    pub(crate) fn has_audience(&self, client: &str) -> bool {
        matches!(self.get("aud"), Some(ClaimValue::List(all)) if all.iter().any(|one| one.is_text(client)))
    }

    /// Cuts the audience and the roles of clients down to `clients` (RFC 8693 section 2.1, `audience`).
    pub(crate) fn restrict_to(&mut self, clients: &[ClientId]) {
        let wanted = |name: &str| clients.iter().any(|client| client.as_str() == name);
        for (name, value) in &mut self.0 {
            match value {
                ClaimValue::List(all) if *name == "aud" => {
                    all.retain(|one| clients.iter().any(|client| one.is_text(client.as_str())))
                }
                ClaimValue::Object(of_clients) if *name == "resource_access" => of_clients.0.retain(|(client, _)| wanted(client)),
                _ => {}
            }
        }
        self.0.retain(|(name, value)| name != "aud" || !matches!(value, ClaimValue::List(all) if all.is_empty()));
    }

    /// Brings the claims into Keycloak's order.
    pub(crate) fn in_order(mut self) -> Self {
        let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
        self.0.sort_by_cached_key(|(name, _)| rank(name));
        self
    }
}

impl Serialize for Claims<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
