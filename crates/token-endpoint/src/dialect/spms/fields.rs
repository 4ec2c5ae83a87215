use oidc_types::Params;
use serde_json::Value;

use crate::error::RequestError;

/// The fields of a request, every one of them of its pattern.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) grant: SpmsGrant<'a>,
}

/// What it asks for, with the fields that are mandatory for it.
#[derive(Clone, Copy)]
pub(crate) enum SpmsGrant<'a> {
    Password { username: &'a str, password: &'a str },
    RefreshToken { refresh_token: &'a str },
    Contactless { card: &'a str },
}

/// Name, what a character must be, least and most characters.
type Pattern = (&'static str, fn(char) -> bool, usize, usize);

const NO_LIMIT: usize = usize::MAX;

const PATTERNS: [Pattern; 5] = [
    ("client_id", |c| c.is_ascii_alphanumeric() || c == ' ', 1, NO_LIMIT),
    ("contactlessId", |c| c.is_ascii_alphanumeric(), 1, NO_LIMIT),
    ("password", |c| c.is_ascii_alphanumeric() || " _,\\?/.-+*\n~!@#$%&{}[]()=<>|^\":;`".contains(c), 0, NO_LIMIT),
    ("refresh_token", is_token_character, 1, NO_LIMIT),
    ("username", is_token_character, 2, 20),
];

fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

impl<'a> Fields<'a> {
    /// Checks the pattern of every field that is there, then that those of the grant are.
    ///
    /// # Errors
    /// The first field that does not match or is missing.
    pub(crate) fn check(params: &'a Params) -> Result<Self, RequestError> {
        if params.repeats() {
            return Err(RequestError::Repeated);
        }
        for (name, is_allowed, least, most) in PATTERNS {
            let matches = |value: &str| (least..=most).contains(&value.chars().count()) && value.chars().all(is_allowed);
            if params.get(name).is_some_and(|value| !matches(value)) {
                return Err(RequestError::Field(name));
            }
        }
        let field = |name: &'static str| params.get(name).ok_or(RequestError::Field(name));
        let grant = match field("grant_type")? {
            "password" => SpmsGrant::Password { username: field("username")?, password: field("password")? },
            "refresh_token" => SpmsGrant::RefreshToken { refresh_token: field("refresh_token")? },
            "contactless" => SpmsGrant::Contactless { card: field("contactlessId")? },
            _ => return Err(RequestError::Field("grant_type")),
        };
        Ok(Self { client_id: field("client_id")?, grant })
    }
}

/// The fields of a JSON body; `None` where it is no flat object of texts.
pub(crate) fn read(json: &[u8]) -> Option<Params> {
    let Value::Object(members) = serde_json::from_slice(json).ok()? else { return None };
    let text = |(name, value)| match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    };
    members.into_iter().map(text).collect::<Option<Vec<_>>>().map(Params::from_pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: [(&str, &str); 4] =
        [("grant_type", "password"), ("client_id", "clientid"), ("username", "hello"), ("password", "w[o]r\\l`d")];

    fn with(name: &str, value: Option<&str>) -> Result<(), RequestError> {
        let kept = LOGIN.iter().filter(|(n, _)| *n != name).map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        let changed = value.map(|value| (name.to_owned(), value.to_owned()));
        Fields::check(&Params::from_pairs(kept.chain(changed))).map(drop)
    }

    #[test]
    fn takes_what_matches() {
        assert!(with("", None).is_ok());
        assert!(with("client_id", Some("two words")).is_ok());
        assert!(with("password", Some("")).is_ok());
    }

    #[test]
    fn refuses_a_field_that_does_not_match_or_is_missing() {
        for (name, value) in [
            ("client_id", Some("a-b")),
            ("client_id", Some("")),
            ("client_id", None),
            ("grant_type", Some("client_credentials")),
            ("grant_type", None),
            ("username", Some("x")),
            ("username", Some("abcdefghijklmnopqrstu")),
            ("username", Some("a b")),
            ("username", None),
            ("password", Some("it's")),
            ("password", Some("p\u{e4}ss")),
            ("password", None),
            ("contactlessId", Some("04-A2")),
            ("refresh_token", Some("a b")),
        ] {
            let refused = with(name, value);
            assert!(matches!(refused, Err(RequestError::Field(field)) if field == name), "{name} {value:?}");
        }
    }

    #[test]
    fn reads_flat_json_objects_only() {
        assert!(read(br#"{"client_id":"a"}"#).is_some());
        assert!(read(br#"{"client_id":1}"#).is_none());
        assert!(read(br#"["client_id"]"#).is_none());
        assert!(read(b"{").is_none());
    }
}
