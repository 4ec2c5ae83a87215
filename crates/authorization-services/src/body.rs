//! Bodies, read as Keycloak reads them.

use realm_editing::json::{JsonError, Representation, Shape, Unknown, read};
use serde_json::{Map, Value};

const TEXT: Shape = Shape::Text;
const TEXTS: Shape = Shape::List(&Shape::Text);
const ATTRIBUTES: Shape = Shape::Map(&Shape::ListOrOne(&Shape::Text));

const RESOURCE_MEMBERS: &[(&str, Shape)] = &[
    ("_id", TEXT),
    ("name", TEXT),
    ("type", TEXT),
    ("ownerManagedAccess", Shape::Flag),
    ("displayName", TEXT),
    ("attributes", ATTRIBUTES),
    ("uris", TEXTS),
    ("uri", TEXT),
    ("icon_uri", TEXT),
    ("resource_scopes", Shape::List(&Shape::Any)),
    ("scopes", Shape::List(&Shape::Any)),
];

/// A resource that is made.
pub(crate) static NEW_RESOURCE: Representation = Representation {
    class: "UmaResourceRepresentation",
    shaped: RESOURCE_MEMBERS,
    fields: &["owner"],
    unknown: Unknown::Refused,
};

/// A resource that is changed.
pub(crate) static RESOURCE: Representation =
    Representation { class: "ResourceRepresentation", shaped: RESOURCE_MEMBERS, fields: &["owner"], unknown: Unknown::Refused };

static PERMISSION_REQUEST: Representation = Representation {
    class: "PermissionRequest",
    shaped: &[("resource_id", TEXT), ("resource_scopes", TEXTS), ("claims", ATTRIBUTES)],
    fields: &["resource_server_id"],
    unknown: Unknown::Refused,
};

/// What somebody needs.
pub(crate) static PERMISSION_REQUESTS: Shape = Shape::List(&Shape::Object(&PERMISSION_REQUEST));

/// A permission ticket.
pub(crate) static TICKET: Representation = Representation {
    class: "PermissionTicketRepresentation",
    shaped: &[
        ("id", TEXT),
        ("owner", TEXT),
        ("ownerName", TEXT),
        ("resource", TEXT),
        ("resourceName", TEXT),
        ("scope", TEXT),
        ("scopeName", TEXT),
        ("requester", TEXT),
        ("requesterName", TEXT),
        ("granted", Shape::Flag),
    ],
    fields: &[],
    unknown: Unknown::Refused,
};

/// A policy of an owner.
pub(crate) static UMA_POLICY: Representation = Representation {
    class: "UmaPermissionRepresentation",
    shaped: &[
        ("id", TEXT),
        ("name", TEXT),
        ("description", TEXT),
        ("scopes", TEXTS),
        ("resources", TEXTS),
        ("users", TEXTS),
        ("groups", TEXTS),
        ("roles", TEXTS),
        ("clients", TEXTS),
        ("condition", TEXT),
        ("logic", TEXT),
        ("decisionStrategy", TEXT),
    ],
    fields: &["type", "policies", "owner", "resourceType", "resourcesData", "scopesData"],
    unknown: Unknown::Refused,
};

/// An object; an absent body is one without members.
pub(crate) fn object(bytes: &[u8], of: &'static Representation) -> Result<Map<String, Value>, JsonError> {
    match read(bytes, &Shape::Object(of)) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(Value::Null) | Err(JsonError::Absent) => Ok(Map::new()),
        Ok(_) => Err(JsonError::WrongShape),
        Err(error) => Err(error),
    }
}

/// A list; an absent body is an empty one.
pub(crate) fn list(bytes: &[u8], of: &'static Shape) -> Result<Vec<Value>, JsonError> {
    match read(bytes, of) {
        Ok(Value::Array(values)) => Ok(values),
        Ok(Value::Null) | Err(JsonError::Absent) => Ok(Vec::new()),
        Ok(_) => Err(JsonError::WrongShape),
        Err(error) => Err(error),
    }
}

/// A text that is not empty.
pub(crate) fn text(of: &Map<String, Value>, name: &str) -> Option<String> {
    of.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A list of texts.
pub(crate) fn texts(of: &Map<String, Value>, name: &str) -> Vec<String> {
    let values = of.get(name).and_then(Value::as_array).into_iter().flatten();
    values.filter_map(|value| value.as_str().map(str::to_owned)).collect()
}
