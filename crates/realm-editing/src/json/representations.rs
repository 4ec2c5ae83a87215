//! The members of Keycloak's representations, with what is to stand in them.

mod realm;
mod user_profile;

use realm_model::file::representation as known;

pub use self::realm::REALM;
pub use self::user_profile::USER_PROFILE;
use super::shape::{Representation, Shape, Unknown};

const TEXT: Shape = Shape::Text;
const FLAG: Shape = Shape::Flag;
const WHOLE: Shape = Shape::Whole;
const LONG: Shape = Shape::Long;
const TEXTS: Shape = Shape::List(&Shape::Text);
const TEXT_MAP: Shape = Shape::Map(&Shape::Text);
const TEXTS_MAP: Shape = Shape::Map(&Shape::ListOrOne(&Shape::Text));
const LISTS_MAP: Shape = Shape::Map(&Shape::List(&Shape::Text));

/// `roles` of a realm.
pub static ROLES: Shape = Shape::Object(&ROLES_FIELDS);

static ROLES_FIELDS: Representation = Representation {
    class: "RolesRepresentation",
    fields: known::RolesRepresentation::FIELDS,
    shaped: &[("realm", Shape::List(&ROLE)), ("client", Shape::Map(&Shape::List(&ROLE)))],
    unknown: Unknown::Refused,
};

/// A role.
pub static ROLE: Shape = Shape::Object(&ROLE_FIELDS);

static ROLE_FIELDS: Representation = Representation {
    class: "RoleRepresentation",
    fields: known::RoleRepresentation::FIELDS,
    shaped: &[
        ("id", TEXT),
        ("name", TEXT),
        ("description", TEXT),
        ("containerId", TEXT),
        ("composite", FLAG),
        ("clientRole", FLAG),
        ("scopeParamRequired", FLAG),
        ("attributes", LISTS_MAP),
        ("composites", COMPOSITES),
    ],
    unknown: Unknown::Refused,
};

/// `composites` of a role.
pub static COMPOSITES: Shape = Shape::Object(&COMPOSITES_FIELDS);

static COMPOSITES_FIELDS: Representation = Representation {
    class: "Composites",
    fields: known::CompositesRepresentation::FIELDS,
    shaped: &[("realm", TEXTS), ("client", LISTS_MAP), ("application", LISTS_MAP)],
    unknown: Unknown::Refused,
};

/// A group.
pub static GROUP: Shape = Shape::Object(&GROUP_FIELDS);

static GROUP_FIELDS: Representation = Representation {
    class: "GroupRepresentation",
    fields: known::GroupRepresentation::FIELDS,
    shaped: &[
        ("id", TEXT),
        ("name", TEXT),
        ("description", TEXT),
        ("path", TEXT),
        ("parentId", TEXT),
        ("subGroupCount", LONG),
        ("subGroups", Shape::List(&GROUP)),
        ("attributes", LISTS_MAP),
        ("realmRoles", TEXTS),
        ("clientRoles", LISTS_MAP),
        ("access", Shape::Map(&FLAG)),
    ],
    unknown: Unknown::Refused,
};

/// A user.
pub static USER: Shape = Shape::Object(&USER_FIELDS);

static USER_FIELDS: Representation = Representation {
    class: "UserRepresentation",
    fields: known::UserRepresentation::FIELDS,
    shaped: &[
        ("id", TEXT),
        ("username", TEXT),
        ("firstName", TEXT),
        ("lastName", TEXT),
        ("email", TEXT),
        ("self", TEXT),
        ("origin", TEXT),
        ("federationLink", TEXT),
        ("serviceAccountClientId", TEXT),
        ("enabled", FLAG),
        ("emailVerified", FLAG),
        ("totp", FLAG),
        ("createdTimestamp", LONG),
        ("notBefore", WHOLE),
        ("attributes", TEXTS_MAP),
        ("credentials", Shape::List(&CREDENTIAL)),
        ("requiredActions", TEXTS),
        ("disableableCredentialTypes", TEXTS),
        ("realmRoles", TEXTS),
        ("clientRoles", LISTS_MAP),
        ("groups", TEXTS),
        ("federatedIdentities", Shape::List(&FEDERATED_IDENTITY)),
        ("access", Shape::Map(&FLAG)),
    ],
    unknown: Unknown::Refused,
};

/// A credential of a user.
pub static CREDENTIAL: Shape = Shape::Object(&CREDENTIAL_FIELDS);

static CREDENTIAL_FIELDS: Representation = Representation {
    class: "CredentialRepresentation",
    fields: known::CredentialRepresentation::FIELDS,
    shaped: &[
        ("id", TEXT),
        ("type", TEXT),
        ("userLabel", TEXT),
        ("secretData", TEXT),
        ("credentialData", TEXT),
        ("value", TEXT),
        ("device", TEXT),
        ("hashedSaltedValue", TEXT),
        ("salt", TEXT),
        ("algorithm", TEXT),
        ("federationLink", TEXT),
        ("createdDate", LONG),
        ("hashIterations", WHOLE),
        ("counter", WHOLE),
        ("digits", WHOLE),
        ("period", WHOLE),
        ("priority", WHOLE),
        ("temporary", FLAG),
        ("config", TEXTS_MAP),
    ],
    unknown: Unknown::Refused,
};

/// An identity of a user at an identity provider.
pub static FEDERATED_IDENTITY: Shape = Shape::Object(&FEDERATED_IDENTITY_FIELDS);

static FEDERATED_IDENTITY_FIELDS: Representation = Representation {
    class: "FederatedIdentityRepresentation",
    fields: &["identityProvider", "userId", "userName"],
    shaped: &[("identityProvider", TEXT), ("userId", TEXT), ("userName", TEXT)],
    unknown: Unknown::Refused,
};

/// A client.
pub static CLIENT: Shape = Shape::Object(&CLIENT_FIELDS);

static CLIENT_FIELDS: Representation = Representation {
    class: "ClientRepresentation",
    fields: known::ClientRepresentation::FIELDS,
    shaped: &[
        ("id", TEXT),
        ("clientId", TEXT),
        ("name", TEXT),
        ("description", TEXT),
        ("type", TEXT),
        ("rootUrl", TEXT),
        ("adminUrl", TEXT),
        ("baseUrl", TEXT),
        ("clientAuthenticatorType", TEXT),
        ("secret", TEXT),
        ("registrationAccessToken", TEXT),
        ("protocol", TEXT),
        ("origin", TEXT),
        ("clientTemplate", TEXT),
        ("surrogateAuthRequired", FLAG),
        ("enabled", FLAG),
        ("alwaysDisplayInConsole", FLAG),
        ("bearerOnly", FLAG),
        ("consentRequired", FLAG),
        ("standardFlowEnabled", FLAG),
        ("implicitFlowEnabled", FLAG),
        ("directAccessGrantsEnabled", FLAG),
        ("serviceAccountsEnabled", FLAG),
        ("authorizationServicesEnabled", FLAG),
        ("directGrantsOnly", FLAG),
        ("publicClient", FLAG),
        ("frontchannelLogout", FLAG),
        ("fullScopeAllowed", FLAG),
        ("useTemplateConfig", FLAG),
        ("useTemplateScope", FLAG),
        ("useTemplateMappers", FLAG),
        ("notBefore", WHOLE),
        ("nodeReRegistrationTimeout", WHOLE),
        ("redirectUris", TEXTS),
        ("webOrigins", TEXTS),
        ("defaultRoles", TEXTS),
        ("defaultClientScopes", TEXTS),
        ("optionalClientScopes", TEXTS),
        ("attributes", TEXT_MAP),
        ("authenticationFlowBindingOverrides", TEXT_MAP),
        ("registeredNodes", Shape::Map(&WHOLE)),
        ("protocolMappers", Shape::List(&PROTOCOL_MAPPER)),
        ("access", Shape::Map(&FLAG)),
    ],
    unknown: Unknown::Refused,
};

/// A client scope.
pub static CLIENT_SCOPE: Shape = Shape::Object(&CLIENT_SCOPE_FIELDS);

static CLIENT_SCOPE_FIELDS: Representation = Representation {
    class: "ClientScopeRepresentation",
    fields: known::ClientScopeRepresentation::FIELDS,
    shaped: &[
        ("id", TEXT),
        ("name", TEXT),
        ("description", TEXT),
        ("protocol", TEXT),
        ("attributes", TEXT_MAP),
        ("protocolMappers", Shape::List(&PROTOCOL_MAPPER)),
    ],
    unknown: Unknown::Ignored,
};

/// A protocol mapper.
pub static PROTOCOL_MAPPER: Shape = Shape::Object(&PROTOCOL_MAPPER_FIELDS);

static PROTOCOL_MAPPER_FIELDS: Representation = Representation {
    class: "ProtocolMapperRepresentation",
    fields: known::MapperRepresentation::FIELDS,
    shaped: &[
        ("id", TEXT),
        ("name", TEXT),
        ("protocol", TEXT),
        ("protocolMapper", TEXT),
        ("consentText", TEXT),
        ("consentRequired", FLAG),
        ("config", TEXT_MAP),
    ],
    unknown: Unknown::Refused,
};

/// A component.
pub static COMPONENT: Shape = Shape::Object(&COMPONENT_FIELDS);

static COMPONENT_FIELDS: Representation = Representation {
    class: "ComponentRepresentation",
    fields: known::ComponentRepresentation::FIELDS,
    shaped: &[
        ("id", TEXT),
        ("name", TEXT),
        ("providerId", TEXT),
        ("providerType", TEXT),
        ("parentId", TEXT),
        ("subType", TEXT),
        ("config", TEXTS_MAP),
    ],
    unknown: Unknown::Refused,
};

/// What events are kept.
pub static EVENTS_CONFIG: Shape = Shape::Object(&EVENTS_CONFIG_FIELDS);

/// What `events/config` says of a realm.
pub static EVENTS_CONFIG_FIELDS: Representation = Representation {
    class: "RealmEventsConfigRepresentation",
    fields: &[
        "eventsEnabled",
        "eventsExpiration",
        "eventsListeners",
        "enabledEventTypes",
        "adminEventsEnabled",
        "adminEventsDetailsEnabled",
    ],
    shaped: &[
        ("eventsEnabled", FLAG),
        ("adminEventsEnabled", FLAG),
        ("adminEventsDetailsEnabled", FLAG),
        ("eventsExpiration", LONG),
        ("eventsListeners", TEXTS),
        ("enabledEventTypes", TEXTS),
    ],
    unknown: Unknown::Refused,
};

/// A partial import.
pub static PARTIAL_IMPORT: Shape = Shape::Object(&PARTIAL_IMPORT_FIELDS);

static PARTIAL_IMPORT_FIELDS: Representation = Representation {
    class: "PartialImportRepresentation",
    fields: &[
        "ifResourceExists",
        "policy",
        "users",
        "clients",
        "groups",
        "identityProviders",
        "identityProviderMappers",
        "roles",
    ],
    shaped: &[
        ("ifResourceExists", TEXT),
        ("policy", TEXT),
        ("users", Shape::List(&USER)),
        ("clients", Shape::List(&CLIENT)),
        ("groups", Shape::List(&GROUP)),
        ("roles", ROLES),
    ],
    unknown: Unknown::Refused,
};

/// A flow of authentication steps.
pub static FLOW: Shape = Shape::Object(&FLOW_FIELDS);

static FLOW_FIELDS: Representation = Representation {
    class: "AuthenticationFlowRepresentation",
    fields: known::FlowRepresentation::FIELDS,
    shaped: &[("id", TEXT), ("alias", TEXT), ("description", TEXT), ("providerId", TEXT), ("topLevel", FLAG), ("builtIn", FLAG)],
    unknown: Unknown::Refused,
};

/// An identity provider.
pub static IDENTITY_PROVIDER: Shape = Shape::Object(&IDENTITY_PROVIDER_FIELDS);

static IDENTITY_PROVIDER_FIELDS: Representation = Representation {
    class: "IdentityProviderRepresentation",
    fields: &["types"],
    shaped: &[
        ("alias", TEXT),
        ("displayName", TEXT),
        ("internalId", TEXT),
        ("providerId", TEXT),
        ("enabled", FLAG),
        ("updateProfileFirstLoginMode", TEXT),
        ("trustEmail", FLAG),
        ("storeToken", FLAG),
        ("addReadTokenRoleOnCreate", FLAG),
        ("authenticateByDefault", FLAG),
        ("linkOnly", FLAG),
        ("hideOnLogin", FLAG),
        ("firstBrokerLoginFlowAlias", TEXT),
        ("postBrokerLoginFlowAlias", TEXT),
        ("organizationId", TEXT),
        ("updateProfileFirstLogin", FLAG),
        ("config", TEXT_MAP),
    ],
    unknown: Unknown::Refused,
};

/// What a new initial access token is to be.
pub static CLIENT_INITIAL_ACCESS: Shape = Shape::Object(&CLIENT_INITIAL_ACCESS_FIELDS);

static CLIENT_INITIAL_ACCESS_FIELDS: Representation = Representation {
    class: "ClientInitialAccessCreatePresentation",
    fields: &[],
    shaped: &[("expiration", WHOLE), ("count", WHOLE), ("webOrigins", TEXTS)],
    unknown: Unknown::Refused,
};
