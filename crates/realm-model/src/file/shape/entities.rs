//! What a realm consists of, users apart.

use super::authorization::RESOURCE_SERVER;
use super::users::MEMBER;
use super::{Entity, Order, Shape, field};

use super::{FLAG, MESSAGE, SECRET, TEXT, TEXT_MAP, TEXT_SETS, TEXTS_MAP, URL, WHOLE};

/// `RoleRepresentation`
pub(crate) static ROLE: Entity = Entity {
    words: "a role",
    fields: &[
        field("id", TEXT),
        field("name", TEXT),
        field("description", MESSAGE),
        field("scopeParamRequired", FLAG),
        field("composite", FLAG),
        field("composites", Shape::Object(&COMPOSITES)),
        field("clientRole", FLAG),
        field("containerId", TEXT),
        field("attributes", TEXTS_MAP),
    ],
};

/// `RoleRepresentation.Composites`
pub(crate) static COMPOSITES: Entity = Entity {
    words: "composites",
    fields: &[field("realm", Shape::List(&TEXT, Order::Texts)), field("client", TEXT_SETS), field("application", TEXT_SETS)],
};

/// `GroupRepresentation`
pub(crate) static GROUP: Entity = Entity {
    words: "a group",
    fields: &[
        field("id", TEXT),
        field("name", TEXT),
        field("description", MESSAGE),
        field("path", TEXT),
        field("parentId", TEXT),
        field("subGroupCount", WHOLE),
        field("subGroups", Shape::List(&Shape::Object(&GROUP), Order::By(&["name"]))),
        field("attributes", TEXTS_MAP),
        field("realmRoles", Shape::List(&TEXT, Order::Texts)),
        field("clientRoles", TEXT_SETS),
        field("access", Shape::Map(&FLAG)),
    ],
};

/// `ClientRepresentation`
pub(crate) static CLIENT: Entity = Entity {
    words: "a client",
    fields: &[
        field("id", TEXT),
        field("clientId", TEXT),
        field("name", MESSAGE),
        field("description", MESSAGE),
        field("type", TEXT),
        field("rootUrl", URL),
        field("adminUrl", URL),
        field("baseUrl", URL),
        field("surrogateAuthRequired", FLAG),
        field("enabled", FLAG),
        field("alwaysDisplayInConsole", FLAG),
        field("clientAuthenticatorType", TEXT),
        field("secret", SECRET),
        field("registrationAccessToken", SECRET),
        field("defaultRoles", Shape::List(&TEXT, Order::Texts)),
        field("redirectUris", Shape::List(&URL, Order::Texts)),
        field("webOrigins", Shape::List(&URL, Order::Texts)),
        field("notBefore", WHOLE),
        field("bearerOnly", FLAG),
        field("consentRequired", FLAG),
        field("standardFlowEnabled", FLAG),
        field("implicitFlowEnabled", FLAG),
        field("directAccessGrantsEnabled", FLAG),
        field("serviceAccountsEnabled", FLAG),
        field("authorizationServicesEnabled", FLAG),
        field("directGrantsOnly", FLAG),
        field("publicClient", FLAG),
        field("frontchannelLogout", FLAG),
        field("protocol", TEXT),
        field("attributes", TEXT_MAP),
        field("authenticationFlowBindingOverrides", TEXT_MAP),
        field("fullScopeAllowed", FLAG),
        field("nodeReRegistrationTimeout", WHOLE),
        field("registeredNodes", Shape::Map(&WHOLE)),
        field("protocolMappers", Shape::List(&Shape::Object(&MAPPER), Order::By(&["name"]))),
        field("clientTemplate", TEXT),
        field("useTemplateConfig", FLAG),
        field("useTemplateScope", FLAG),
        field("useTemplateMappers", FLAG),
        field("defaultClientScopes", Shape::List(&TEXT, Order::Texts)),
        field("optionalClientScopes", Shape::List(&TEXT, Order::Texts)),
        field("authorizationSettings", Shape::Object(&RESOURCE_SERVER)),
        field("access", Shape::Map(&FLAG)),
        field("origin", TEXT),
    ],
};

/// `ClientScopeRepresentation`
pub(crate) static CLIENT_SCOPE: Entity = Entity {
    words: "a client scope",
    fields: &[
        field("id", TEXT),
        field("name", TEXT),
        field("description", MESSAGE),
        field("protocol", TEXT),
        field("attributes", TEXT_MAP),
        field("protocolMappers", Shape::List(&Shape::Object(&MAPPER), Order::By(&["name"]))),
    ],
};

/// `ProtocolMapperRepresentation`
pub(crate) static MAPPER: Entity = Entity {
    words: "a protocol mapper",
    fields: &[
        field("id", TEXT),
        field("name", TEXT),
        field("protocol", TEXT),
        field("protocolMapper", TEXT),
        field("consentRequired", FLAG),
        field("consentText", MESSAGE),
        field("config", TEXT_MAP),
    ],
};

/// `ScopeMappingRepresentation`
pub(crate) static SCOPE_MAPPING: Entity = Entity {
    words: "a scope mapping",
    fields: &[
        field("self", TEXT),
        field("client", TEXT),
        field("clientTemplate", TEXT),
        field("clientScope", TEXT),
        field("roles", Shape::List(&TEXT, Order::Texts)),
    ],
};

/// `ComponentExportRepresentation`
pub(crate) static COMPONENT: Entity = Entity {
    words: "a component",
    fields: &[
        field("id", TEXT),
        field("name", TEXT),
        field("providerId", TEXT),
        field("subType", TEXT),
        field("subComponents", Shape::Map(&Shape::List(&Shape::Object(&COMPONENT), Order::By(&["name", "providerId"])))),
        field("config", TEXTS_MAP),
    ],
};

/// `AuthenticationFlowRepresentation`
pub(crate) static FLOW: Entity = Entity {
    words: "an authentication flow",
    fields: &[
        field("id", TEXT),
        field("alias", TEXT),
        field("description", MESSAGE),
        field("providerId", TEXT),
        field("topLevel", FLAG),
        field("builtIn", FLAG),
        field("authenticationExecutions", Shape::List(&Shape::Object(&EXECUTION), Order::Kept)),
    ],
};

/// `AuthenticationExecutionExportRepresentation`
pub(crate) static EXECUTION: Entity = Entity {
    words: "a step of a flow",
    fields: &[
        field("authenticatorConfig", TEXT),
        field("authenticator", TEXT),
        field("authenticatorFlow", FLAG),
        field("requirement", TEXT),
        field("priority", WHOLE),
        field("autheticatorFlow", FLAG),
        field("flowAlias", TEXT),
        field("userSetupAllowed", FLAG),
    ],
};

/// `AuthenticatorConfigRepresentation`
pub(crate) static AUTHENTICATOR_CONFIG: Entity = Entity {
    words: "an authenticator's configuration",
    fields: &[field("id", TEXT), field("alias", TEXT), field("config", TEXT_MAP)],
};

/// `RequiredActionProviderRepresentation`
pub(crate) static REQUIRED_ACTION: Entity = Entity {
    words: "a required action",
    fields: &[
        field("alias", TEXT),
        field("name", MESSAGE),
        field("providerId", TEXT),
        field("enabled", FLAG),
        field("defaultAction", FLAG),
        field("priority", WHOLE),
        field("config", TEXT_MAP),
    ],
};

/// `IdentityProviderRepresentation`
pub(crate) static IDENTITY_PROVIDER: Entity = Entity {
    words: "an identity provider",
    fields: &[
        field("alias", TEXT),
        field("displayName", MESSAGE),
        field("internalId", TEXT),
        field("providerId", TEXT),
        field("enabled", FLAG),
        field("updateProfileFirstLoginMode", TEXT),
        field("trustEmail", FLAG),
        field("storeToken", FLAG),
        field("addReadTokenRoleOnCreate", FLAG),
        field("authenticateByDefault", FLAG),
        field("linkOnly", FLAG),
        field("hideOnLogin", FLAG),
        field("firstBrokerLoginFlowAlias", TEXT),
        field("postBrokerLoginFlowAlias", TEXT),
        field("organizationId", TEXT),
        field("config", TEXT_MAP),
        field("types", Shape::List(&TEXT, Order::Texts)),
        field("updateProfileFirstLogin", FLAG),
    ],
};

/// `IdentityProviderMapperRepresentation`
pub(crate) static IDENTITY_PROVIDER_MAPPER: Entity = Entity {
    words: "a mapper of an identity provider",
    fields: &[
        field("id", TEXT),
        field("name", TEXT),
        field("identityProviderAlias", TEXT),
        field("identityProviderMapper", TEXT),
        field("config", TEXT_MAP),
    ],
};

/// `OrganizationRepresentation`
pub(crate) static ORGANIZATION: Entity = Entity {
    words: "an organization",
    fields: &[
        field("id", TEXT),
        field("name", MESSAGE),
        field("alias", TEXT),
        field("enabled", FLAG),
        field("description", MESSAGE),
        field("redirectUrl", URL),
        field("attributes", TEXTS_MAP),
        field("domains", Shape::List(&Shape::Object(&DOMAIN), Order::By(&["name"]))),
        field("members", Shape::List(&Shape::Object(&MEMBER), Order::By(&["username"]))),
        field("identityProviders", Shape::List(&Shape::Object(&IDENTITY_PROVIDER), Order::By(&["alias"]))),
        field("groups", Shape::List(&Shape::Object(&GROUP), Order::By(&["name"]))),
    ],
};

/// `OrganizationDomainRepresentation`
pub(crate) static DOMAIN: Entity =
    Entity { words: "a domain of an organization", fields: &[field("name", TEXT), field("verified", FLAG)] };
