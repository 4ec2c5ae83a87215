//! What a file says of an entity or user, beside what it said before.

use std::io::{self, Write};

use realm_model::document::{Body, Document};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Value, json};

use super::merge::says_something_new;

/// What a file says, in the form in which it is remembered.
#[derive(Clone, Copy)]
pub(crate) enum Said<'s> {
    /// As the file has it, with its id.
    Entity(&'s Document),
    /// As the file has it, credentials by type alone, so that no password is written anywhere.
    User(&'s Body),
}

/// What was said before.
pub(crate) enum Before {
    /// Nothing.
    Nothing,
    /// The very same.
    Same,
    /// This.
    Other(Body),
}

impl Said<'_> {
    /// What is to be remembered.
    pub(crate) fn base(self) -> Body {
        match serde_json::to_value(self) {
            Ok(Value::Object(base)) => base,
            _ => Body::new(),
        }
    }

    /// [`Said::base`] as text.
    pub(crate) fn text(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }

    /// Beside what is remembered; a text that cannot be read says nothing.
    pub(crate) fn beside(self, base: Option<&str>) -> Before {
        match base {
            None => Before::Nothing,
            Some(base) if self.is(base) => Before::Same,
            Some(base) => Before::Other(serde_json::from_str(base).unwrap_or_default()),
        }
    }

    /// Whether its text is this one: mostly it is, and then nothing has to be read.
    fn is(self, text: &str) -> bool {
        let mut expected = Expected(text.as_bytes());
        serde_json::to_writer(&mut expected, &self).is_ok() && expected.0.is_empty()
    }

    /// Whether it says anything but what was said before.
    pub(crate) fn is_new(self, before: &Before) -> bool {
        match before {
            Before::Nothing => true,
            Before::Same => false,
            Before::Other(base) => says_something_new(base, &self.base()),
        }
    }

    /// Whether it is to be remembered in the place of what was said before.
    pub(crate) fn differs(self, before: &Before) -> bool {
        match before {
            Before::Nothing => true,
            Before::Same => false,
            Before::Other(base) => *base != self.base(),
        }
    }
}

impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        match self {
            Self::Entity(document) if document.id.is_empty() => {
                document.body.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
            }
            Self::Entity(document) => {
                match document.body.get("id") {
                    Some(id) => map.serialize_entry("id", id)?,
                    None => map.serialize_entry("id", &document.id)?,
                }
                let mut others = document.body.iter().filter(|(name, _)| *name != "id");
                others.try_for_each(|(name, value)| map.serialize_entry(name, value))?;
            }
            Self::User(user) => user.iter().try_for_each(|(name, value)| match value {
                Value::Array(all) if name == "credentials" => map.serialize_entry(name, &Kinds(all)),
                value => map.serialize_entry(name, value),
            })?,
        }
        map.end()
    }
}

/// Credentials, of each the type.
struct Kinds<'k>(&'k [Value]);

impl Serialize for Kinds<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(self.0.len()))?;
        for credential in self.0 {
            let kind = credential.get("type").cloned().unwrap_or_else(|| "password".into());
            list.serialize_element(&json!({ "type": kind }))?;
        }
        list.end()
    }
}

/// Takes what is written only as long as it is this.
struct Expected<'t>(&'t [u8]);

impl Write for Expected<'_> {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(written).ok_or(io::ErrorKind::InvalidData)?;
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use realm_model::document::{Key, Kind};

    use super::*;

    fn body(value: &Value) -> Body {
        value.as_object().unwrap().clone()
    }

    fn client(id: &str, value: &Value) -> Document {
        Document { key: Key::of(Kind::Client, "app"), id: id.to_owned(), body: body(value) }
    }

    #[test]
    fn an_entity_is_remembered_with_its_id_and_a_user_without_passwords() {
        let app = client("1", &json!({ "clientId": "app" }));
        assert_eq!(Said::Entity(&app).text(), r#"{"id":"1","clientId":"app"}"#);
        assert_eq!(Said::Entity(&client("", &json!({ "clientId": "app" }))).text(), r#"{"clientId":"app"}"#);
        assert_eq!(Said::Entity(&client("i", &json!({ "a": 1, "id": 2 }))).text(), r#"{"id":2,"a":1}"#);
        assert_eq!(Said::Entity(&client("i\"d", &json!({}))).text(), r#"{"id":"i\"d"}"#);
        let user = body(&json!({ "username": "ann", "credentials": [{ "type": "otp", "value": "x" }, { "value": "y" }] }));
        let text = Said::User(&user).text();
        assert_eq!(text, r#"{"username":"ann","credentials":[{"type":"otp"},{"type":"password"}]}"#);
        assert_eq!(Value::Object(Said::User(&user).base()).to_string(), text);
    }

    #[test]
    fn what_is_said_in_other_words_is_not_new() {
        let app = client("1", &json!({ "clientId": "app", "redirectUris": ["a", "b"] }));
        let said = Said::Entity(&app);
        for (base, is_new, differs) in [
            (None, true, true),
            (Some(said.text()), false, false),
            (Some(r#"{"redirectUris":["a","b"],"clientId":"app","id":"1"}"#.to_owned()), false, false),
            (Some(r#"{"id":"1","clientId":"app","redirectUris":["b","a"]}"#.to_owned()), false, true),
            (Some(r#"{"id":"1","clientId":"app"}"#.to_owned()), true, true),
            (Some(format!("{},", said.text())), true, true),
            (Some(String::new()), true, true),
        ] {
            let before = said.beside(base.as_deref());
            assert_eq!((said.is_new(&before), said.differs(&before)), (is_new, differs), "{base:?}");
        }
    }
}
