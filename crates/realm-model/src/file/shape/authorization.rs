//! Authorization services of a client.

use super::{Entity, Order, Shape, field};

use super::{FLAG, MESSAGE, TEXT, TEXT_MAP, TEXTS_MAP, URL};

/// `ResourceServerRepresentation`
pub(crate) static RESOURCE_SERVER: Entity = Entity {
    words: "authorization settings",
    fields: &[
        field("id", TEXT),
        field("clientId", TEXT),
        field("name", TEXT),
        field("allowRemoteResourceManagement", FLAG),
        field("policyEnforcementMode", Shape::Word(&["ENFORCING", "PERMISSIVE", "DISABLED"])),
        field("resources", Shape::List(&Shape::Object(&RESOURCE), Order::By(&["name"]))),
        field("policies", Shape::List(&Shape::Object(&POLICY), Order::Kept)),
        field("scopes", Shape::List(&Shape::Object(&SCOPE), Order::By(&["name"]))),
        field("decisionStrategy", Shape::Word(&["AFFIRMATIVE", "UNANIMOUS", "CONSENSUS"])),
        field("authorizationSchema", Shape::Any),
    ],
};

/// `ResourceRepresentation`
pub(crate) static RESOURCE: Entity = Entity {
    words: "a resource",
    fields: &[
        field("name", TEXT),
        field("type", TEXT),
        field("owner", Shape::Object(&OWNER)),
        field("ownerManagedAccess", FLAG),
        field("displayName", MESSAGE),
        field("attributes", TEXTS_MAP),
        field("_id", TEXT),
        field("uris", Shape::List(&URL, Order::Texts)),
        field("scopes", Shape::List(&Shape::Object(&SCOPE), Order::By(&["name"]))),
        field("icon_uri", URL),
        field("uri", URL),
        field("resource_scopes", Shape::List(&Shape::Object(&SCOPE), Order::By(&["name"]))),
    ],
};

/// `ResourceOwnerRepresentation`
pub(crate) static OWNER: Entity = Entity { words: "the owner of a resource", fields: &[field("id", TEXT), field("name", TEXT)] };

/// `PolicyRepresentation`
pub(crate) static POLICY: Entity = Entity {
    words: "a policy",
    fields: &[
        field("id", TEXT),
        field("name", TEXT),
        field("description", MESSAGE),
        field("type", TEXT),
        field("policies", Shape::List(&TEXT, Order::Texts)),
        field("resources", Shape::List(&TEXT, Order::Texts)),
        field("scopes", Shape::List(&TEXT, Order::Texts)),
        field("logic", Shape::Word(&["POSITIVE", "NEGATIVE"])),
        field("decisionStrategy", Shape::Word(&["AFFIRMATIVE", "UNANIMOUS", "CONSENSUS"])),
        field("owner", TEXT),
        field("resourceType", TEXT),
        field("resourcesData", Shape::List(&Shape::Object(&RESOURCE), Order::By(&["name"]))),
        field("scopesData", Shape::List(&Shape::Object(&SCOPE), Order::By(&["name"]))),
        field("config", TEXT_MAP),
    ],
};

/// `ScopeRepresentation`
pub(crate) static SCOPE: Entity = Entity {
    words: "an authorization scope",
    fields: &[
        field("id", TEXT),
        field("name", TEXT),
        field("iconUri", URL),
        field("policies", Shape::List(&Shape::Object(&POLICY), Order::Kept)),
        field("resources", Shape::List(&Shape::Object(&RESOURCE), Order::By(&["name"]))),
        field("displayName", MESSAGE),
    ],
};
