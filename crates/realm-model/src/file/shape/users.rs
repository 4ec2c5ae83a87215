//! Users.

use super::{Entity, Order, Shape, field};

use super::{FLAG, MESSAGE, SECRET, TEXT, TEXT_SETS, TEXTS_MAP, WHOLE};

/// `UserRepresentation`
pub(crate) static USER: Entity = Entity {
    words: "a user",
    fields: &[
        field("id", TEXT),
        field("username", TEXT),
        field("firstName", TEXT),
        field("lastName", TEXT),
        field("email", TEXT),
        field("emailVerified", FLAG),
        field("attributes", TEXTS_MAP),
        field("userProfileMetadata", Shape::Any),
        field("enabled", FLAG),
        field("self", TEXT),
        field("origin", TEXT),
        field("createdTimestamp", WHOLE),
        field("totp", FLAG),
        field("federationLink", TEXT),
        field("serviceAccountClientId", TEXT),
        field("credentials", Shape::List(&Shape::Object(&CREDENTIAL), Order::Kept)),
        field("disableableCredentialTypes", Shape::List(&TEXT, Order::Texts)),
        field("requiredActions", Shape::List(&TEXT, Order::Texts)),
        field("federatedIdentities", Shape::List(&Shape::Object(&FEDERATED_IDENTITY), Order::By(&["identityProvider"]))),
        field("realmRoles", Shape::List(&TEXT, Order::Texts)),
        field("clientRoles", TEXT_SETS),
        field("clientConsents", Shape::List(&Shape::Object(&CONSENT), Order::By(&["clientId"]))),
        field("notBefore", WHOLE),
        field("verifiableCredentials", Shape::List(&Shape::Any, Order::Kept)),
        field("issuedVerifiableCredentials", Shape::List(&Shape::Any, Order::Kept)),
        field("applicationRoles", TEXT_SETS),
        field("socialLinks", Shape::List(&Shape::Object(&SOCIAL_LINK), Order::Kept)),
        field("groups", Shape::List(&TEXT, Order::Texts)),
        field("access", Shape::Map(&FLAG)),
    ],
};

/// `MemberRepresentation`
pub(crate) static MEMBER: Entity = Entity {
    words: "a member of an organization",
    fields: &[
        field("id", TEXT),
        field("username", TEXT),
        field("firstName", TEXT),
        field("lastName", TEXT),
        field("email", TEXT),
        field("emailVerified", FLAG),
        field("attributes", TEXTS_MAP),
        field("userProfileMetadata", Shape::Any),
        field("enabled", FLAG),
        field("self", TEXT),
        field("origin", TEXT),
        field("createdTimestamp", WHOLE),
        field("totp", FLAG),
        field("federationLink", TEXT),
        field("serviceAccountClientId", TEXT),
        field("credentials", Shape::List(&Shape::Object(&CREDENTIAL), Order::Kept)),
        field("disableableCredentialTypes", Shape::List(&TEXT, Order::Texts)),
        field("requiredActions", Shape::List(&TEXT, Order::Texts)),
        field("federatedIdentities", Shape::List(&Shape::Object(&FEDERATED_IDENTITY), Order::By(&["identityProvider"]))),
        field("realmRoles", Shape::List(&TEXT, Order::Texts)),
        field("clientRoles", TEXT_SETS),
        field("clientConsents", Shape::List(&Shape::Object(&CONSENT), Order::By(&["clientId"]))),
        field("notBefore", WHOLE),
        field("verifiableCredentials", Shape::List(&Shape::Any, Order::Kept)),
        field("issuedVerifiableCredentials", Shape::List(&Shape::Any, Order::Kept)),
        field("applicationRoles", TEXT_SETS),
        field("socialLinks", Shape::List(&Shape::Object(&SOCIAL_LINK), Order::Kept)),
        field("groups", Shape::List(&TEXT, Order::Texts)),
        field("access", Shape::Map(&FLAG)),
        field("membershipType", Shape::Word(&["UNMANAGED", "MANAGED"])),
    ],
};

/// `CredentialRepresentation`
pub(crate) static CREDENTIAL: Entity = Entity {
    words: "a credential",
    fields: &[
        field("id", TEXT),
        field("type", TEXT),
        field("userLabel", MESSAGE),
        field("createdDate", WHOLE),
        field("secretData", SECRET),
        field("credentialData", TEXT),
        field("priority", WHOLE),
        field("value", SECRET),
        field("temporary", FLAG),
        field("device", TEXT),
        field("hashedSaltedValue", SECRET),
        field("salt", SECRET),
        field("hashIterations", WHOLE),
        field("counter", WHOLE),
        field("algorithm", TEXT),
        field("digits", WHOLE),
        field("period", WHOLE),
        field("config", TEXTS_MAP),
        field("federationLink", TEXT),
    ],
};

/// `FederatedIdentityRepresentation`
pub(crate) static FEDERATED_IDENTITY: Entity = Entity {
    words: "a federated identity",
    fields: &[field("identityProvider", TEXT), field("userId", TEXT), field("userName", TEXT)],
};

/// `UserConsentRepresentation`
pub(crate) static CONSENT: Entity = Entity {
    words: "a consent",
    fields: &[
        field("clientId", TEXT),
        field("grantedClientScopes", Shape::List(&TEXT, Order::Texts)),
        field("createdDate", WHOLE),
        field("lastUpdatedDate", WHOLE),
        field("grantedRealmRoles", Shape::List(&TEXT, Order::Texts)),
    ],
};

/// `SocialLinkRepresentation`
pub(crate) static SOCIAL_LINK: Entity = Entity {
    words: "a social link",
    fields: &[field("socialProvider", TEXT), field("socialUserId", TEXT), field("socialUsername", TEXT)],
};
