//! A user profile.

use super::{FLAG, TEXT, TEXTS};
use crate::json::shape::{Representation, Shape, Unknown};

const ANY_MAP: Shape = Shape::Map(&Shape::Any);

/// A user profile.
pub static USER_PROFILE: Shape = Shape::Object(&PROFILE);

static PROFILE: Representation = Representation {
    class: "UPConfig",
    fields: &[],
    shaped: &[
        ("attributes", Shape::List(&Shape::Object(&ATTRIBUTE))),
        ("groups", Shape::List(&Shape::Object(&GROUP))),
        ("unmanagedAttributePolicy", TEXT),
    ],
    unknown: Unknown::Refused,
};

static ATTRIBUTE: Representation = Representation {
    class: "UPAttribute",
    fields: &[],
    shaped: &[
        ("name", TEXT),
        ("displayName", TEXT),
        ("validations", Shape::Map(&ANY_MAP)),
        ("annotations", ANY_MAP),
        ("required", Shape::Object(&REQUIRED)),
        ("permissions", Shape::Object(&PERMISSIONS)),
        ("selector", Shape::Object(&SELECTOR)),
        ("group", TEXT),
        ("multivalued", FLAG),
        ("defaultValue", TEXT),
    ],
    unknown: Unknown::Refused,
};

static REQUIRED: Representation = Representation {
    class: "UPAttributeRequired",
    fields: &[],
    shaped: &[("roles", TEXTS), ("scopes", TEXTS)],
    unknown: Unknown::Refused,
};

static PERMISSIONS: Representation = Representation {
    class: "UPAttributePermissions",
    fields: &[],
    shaped: &[("view", TEXTS), ("edit", TEXTS)],
    unknown: Unknown::Refused,
};

static SELECTOR: Representation =
    Representation { class: "UPAttributeSelector", fields: &[], shaped: &[("scopes", TEXTS)], unknown: Unknown::Refused };

static GROUP: Representation = Representation {
    class: "UPGroup",
    fields: &[],
    shaped: &[("name", TEXT), ("displayHeader", TEXT), ("displayDescription", TEXT), ("annotations", ANY_MAP)],
    unknown: Unknown::Refused,
};
