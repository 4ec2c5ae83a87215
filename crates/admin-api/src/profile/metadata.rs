//! What administrators are told of a profile (recording admin-users/profile-metadata).

use realm_model::document::Body;
use serde_json::{Value, json};

use super::{Attribute, Profile};
use crate::body::{is_on, text};

/// For whom the profile is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// A user that may be made.
    NewUser,
    /// A user that is there.
    User,
}

/// `{attributes, groups}`
pub(crate) fn metadata(profile: &Profile, settings: &Body, of: Of) -> Value {
    let by_email = is_on(settings, "registrationEmailAsUsername");
    let fixed = by_email || (of == Of::User && !is_on(settings, "editUsernameAllowed"));
    let attributes: Vec<Value> = profile
        .attributes()
        .filter(|attribute| attribute.is_visible())
        .map(|attribute| {
            let (required, read_only) = match attribute.name() {
                "username" => (!by_email, fixed),
                "email" => (by_email || attribute.is_required(), !attribute.is_editable()),
                _ => (attribute.is_required(), !attribute.is_editable()),
            };
            one(attribute, required, read_only)
        })
        .collect();
    let groups = profile.body().get("groups").cloned().unwrap_or_else(|| json!([]));
    json!({ "attributes": attributes, "groups": groups })
}

fn one(attribute: Attribute<'_>, required: impl Into<Value>, read_only: impl Into<Value>) -> Value {
    let name = attribute.name();
    let own_name = if matches!(name, "username" | "email") { format!("${{{name}}}") } else { name.to_owned() };
    let mut shown = Body::new();
    let mut put = |member: &str, value: Value| drop(shown.insert(member.to_owned(), value));
    put("name", name.into());
    put("displayName", text(attribute.0, "displayName").map_or(own_name, str::to_owned).into());
    put("required", required.into());
    put("readOnly", read_only.into());
    put("validators", validators(attribute).into());
    put("multivalued", attribute.is_multivalued().into());
    for member in ["annotations", "group", "defaultValue"] {
        if let Some(value) = attribute.0.get(member).filter(|value| !value.is_null()) {
            put(member, value.clone());
        }
    }
    Value::Object(shown)
}

fn validators(attribute: Attribute<'_>) -> Body {
    let mut all: Body = attribute
        .validations()
        .map(|(id, config)| {
            let mut config = config.clone();
            config.insert("ignore.empty.value".to_owned(), true.into());
            (id.to_owned(), config.into())
        })
        .collect();
    if !attribute.is_multivalued() {
        all.insert("multivalued".to_owned(), json!({ "max": "1" }));
    }
    all
}
