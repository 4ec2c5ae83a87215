//! What Keycloak puts into every realm that does not bring its own (wire.md sections 3.4, 8.1, 8.4, 8.5), as tables.

use super::lenient::{Flag, Text, TextMap};
use super::representation::{ClientRepresentation, ClientScopeRepresentation, MapperRepresentation};

/// `defaultDefaultClientScopes`
pub(crate) const DEFAULT_SCOPES: &[&str] =
    &["role_list", "saml_organization", "AuthnContextClassRef", "web-origins", "acr", "profile", "roles", "basic", "email"];
/// `defaultOptionalClientScopes`
pub(crate) const OPTIONAL_SCOPES: &[&str] = &["address", "phone", "offline_access", "organization", "microprofile-jwt"];

/// Roles of client `account`, with those they contain.
pub(crate) const ACCOUNT_ROLES: &[(&str, &[&str])] = &[
    ("delete-account", &[]),
    ("manage-account", &["manage-account-links"]),
    ("manage-account-links", &[]),
    ("manage-consent", &["view-consent"]),
    ("view-applications", &[]),
    ("view-consent", &[]),
    ("view-groups", &[]),
    ("view-profile", &[]),
];

/// Roles of client `realm-management`, with those they contain; `realm-admin` contains all the others.
pub(crate) const MANAGEMENT_ROLES: &[(&str, &[&str])] = &[
    ("create-client", &[]),
    ("impersonation", &[]),
    ("manage-authorization", &[]),
    ("manage-clients", &[]),
    ("manage-events", &[]),
    ("manage-identity-providers", &[]),
    ("manage-organizations", &[]),
    ("manage-realm", &[]),
    ("manage-users", &[]),
    ("query-clients", &[]),
    ("query-groups", &[]),
    ("query-organizations", &[]),
    ("query-realms", &[]),
    ("query-users", &[]),
    ("view-authorization", &[]),
    ("view-clients", &["query-clients"]),
    ("view-events", &[]),
    ("view-identity-providers", &[]),
    ("view-organizations", &["query-organizations"]),
    ("view-realm", &[]),
    ("view-users", &["query-groups", "query-users"]),
];

/// `browserSecurityHeaders`
pub(crate) const SECURITY_HEADERS: &[(&str, &str)] = &[
    ("referrerPolicy", "no-referrer"),
    ("strictTransportSecurity", "max-age=31536000; includeSubDomains"),
    ("xContentTypeOptions", "nosniff"),
    ("xFrameOptions", "SAMEORIGIN"),
    ("xRobotsTag", "none"),
    ("contentSecurityPolicy", "frame-src 'self'; frame-ancestors 'self'; object-src 'none';"),
];

/// `attributes` of a fresh realm.
pub(crate) const REALM_ATTRIBUTES: &[(&str, &str)] = &[
    ("cibaBackchannelTokenDeliveryMode", "poll"),
    ("cibaExpiresIn", "120"),
    ("cibaAuthRequestedUserHint", "login_hint"),
    ("cibaInterval", "5"),
    ("parRequestUriLifespan", "60"),
    ("oauth2DeviceCodeLifespan", "600"),
    ("oauth2DevicePollingInterval", "5"),
    ("realmReusableOtpCode", "false"),
];

/// `attributes` that an import adds to a client that has none of the name.
pub(crate) const CLIENT_ATTRIBUTES: &[(&str, &str)] = &[("realm_client", "false"), ("post.logout.redirect.uris", "+")];

/// Where a claim goes.
const ACCESS: &[&str] = &["access.token.claim", "introspection.token.claim"];
const ACCESS_AND_ID: &[&str] = &["access.token.claim", "id.token.claim", "introspection.token.claim"];
const EVERYWHERE: &[&str] = &["access.token.claim", "id.token.claim", "introspection.token.claim", "userinfo.token.claim"];

type Pairs = &'static [(&'static str, &'static str)];

enum Config {
    /// A user attribute (or property) as a claim: attribute, claim, type.
    Attribute(&'static str, &'static str, &'static str),
    /// A session note as a claim: note, claim, type.
    Note(&'static str, &'static str, &'static str),
    /// Into these tokens, with these further settings.
    Into(&'static [&'static str], Pairs),
}

struct Mapper(&'static str, &'static str, Config);

struct Scope {
    name: &'static str,
    protocol: &'static str,
    attributes: Pairs,
    mappers: &'static [Mapper],
}

const ATTRIBUTE: &str = "oidc-usermodel-attribute-mapper";
const NOTE: &str = "oidc-usersessionmodel-note-mapper";
const OIDC: &str = "openid-connect";
const SHOWN: (&str, &str) = ("display.on.consent.screen", "true");
const NOT_SHOWN: (&str, &str) = ("display.on.consent.screen", "false");
const IN_TOKEN: (&str, &str) = ("include.in.token.scope", "true");
const NOT_IN_TOKEN: (&str, &str) = ("include.in.token.scope", "false");
const TEXT: &str = "consent.screen.text";

const OFFLINE_ACCESS: Scope = Scope {
    name: "offline_access",
    protocol: OIDC,
    attributes: &[(TEXT, "${offlineAccessScopeConsentText}"), SHOWN],
    mappers: &[],
};

const PROFILE: &[Mapper] = &[
    Mapper("full name", "oidc-full-name-mapper", Config::Into(EVERYWHERE, &[])),
    Mapper("family name", ATTRIBUTE, Config::Attribute("lastName", "family_name", "String")),
    Mapper("given name", ATTRIBUTE, Config::Attribute("firstName", "given_name", "String")),
    Mapper("middle name", ATTRIBUTE, Config::Attribute("middleName", "middle_name", "String")),
    Mapper("nickname", ATTRIBUTE, Config::Attribute("nickname", "nickname", "String")),
    Mapper("username", ATTRIBUTE, Config::Attribute("username", "preferred_username", "String")),
    Mapper("profile", ATTRIBUTE, Config::Attribute("profile", "profile", "String")),
    Mapper("picture", ATTRIBUTE, Config::Attribute("picture", "picture", "String")),
    Mapper("website", ATTRIBUTE, Config::Attribute("website", "website", "String")),
    Mapper("gender", ATTRIBUTE, Config::Attribute("gender", "gender", "String")),
    Mapper("birthdate", ATTRIBUTE, Config::Attribute("birthdate", "birthdate", "String")),
    Mapper("zoneinfo", ATTRIBUTE, Config::Attribute("zoneinfo", "zoneinfo", "String")),
    Mapper("locale", ATTRIBUTE, Config::Attribute("locale", "locale", "String")),
    Mapper("updated at", ATTRIBUTE, Config::Attribute("updatedAt", "updated_at", "long")),
];

const SCOPES: &[Scope] = &[
    OFFLINE_ACCESS,
    Scope {
        name: "profile",
        protocol: OIDC,
        attributes: &[IN_TOKEN, (TEXT, "${profileScopeConsentText}"), SHOWN],
        mappers: PROFILE,
    },
    Scope {
        name: "email",
        protocol: OIDC,
        attributes: &[IN_TOKEN, (TEXT, "${emailScopeConsentText}"), SHOWN],
        mappers: &[
            Mapper("email", ATTRIBUTE, Config::Attribute("email", "email", "String")),
            Mapper(
                "email verified",
                "oidc-usermodel-property-mapper",
                Config::Attribute("emailVerified", "email_verified", "boolean"),
            ),
        ],
    },
    Scope {
        name: "address",
        protocol: OIDC,
        attributes: &[IN_TOKEN, (TEXT, "${addressScopeConsentText}"), SHOWN],
        mappers: &[Mapper(
            "address",
            "oidc-address-mapper",
            Config::Into(
                EVERYWHERE,
                &[
                    ("user.attribute.formatted", "formatted"),
                    ("user.attribute.street", "street"),
                    ("user.attribute.locality", "locality"),
                    ("user.attribute.region", "region"),
                    ("user.attribute.postal_code", "postal_code"),
                    ("user.attribute.country", "country"),
                ],
            ),
        )],
    },
    Scope {
        name: "phone",
        protocol: OIDC,
        attributes: &[IN_TOKEN, (TEXT, "${phoneScopeConsentText}"), SHOWN],
        mappers: &[
            Mapper("phone number", ATTRIBUTE, Config::Attribute("phoneNumber", "phone_number", "String")),
            Mapper(
                "phone number verified",
                ATTRIBUTE,
                Config::Attribute("phoneNumberVerified", "phone_number_verified", "boolean"),
            ),
        ],
    },
    Scope {
        name: "roles",
        protocol: OIDC,
        attributes: &[NOT_IN_TOKEN, (TEXT, "${rolesScopeConsentText}"), SHOWN],
        mappers: &[
            Mapper(
                "realm roles",
                "oidc-usermodel-realm-role-mapper",
                Config::Into(
                    ACCESS,
                    &[
                        ("user.attribute", "foo"),
                        ("claim.name", "realm_access.roles"),
                        ("jsonType.label", "String"),
                        ("multivalued", "true"),
                    ],
                ),
            ),
            Mapper(
                "client roles",
                "oidc-usermodel-client-role-mapper",
                Config::Into(
                    ACCESS,
                    &[
                        ("user.attribute", "foo"),
                        ("claim.name", "resource_access.${client_id}.roles"),
                        ("jsonType.label", "String"),
                        ("multivalued", "true"),
                    ],
                ),
            ),
            Mapper("audience resolve", "oidc-audience-resolve-mapper", Config::Into(ACCESS, &[])),
        ],
    },
    Scope {
        name: "web-origins",
        protocol: OIDC,
        attributes: &[NOT_IN_TOKEN, (TEXT, ""), NOT_SHOWN],
        mappers: &[Mapper("allowed web origins", "oidc-allowed-origins-mapper", Config::Into(ACCESS, &[]))],
    },
    Scope {
        name: "microprofile-jwt",
        protocol: OIDC,
        attributes: &[IN_TOKEN, NOT_SHOWN],
        mappers: &[
            Mapper("upn", ATTRIBUTE, Config::Attribute("username", "upn", "String")),
            Mapper(
                "groups",
                "oidc-usermodel-realm-role-mapper",
                Config::Into(
                    ACCESS_AND_ID,
                    &[("multivalued", "true"), ("user.attribute", "foo"), ("claim.name", "groups"), ("jsonType.label", "String")],
                ),
            ),
        ],
    },
    Scope {
        name: "acr",
        protocol: OIDC,
        attributes: &[NOT_IN_TOKEN, NOT_SHOWN],
        mappers: &[Mapper("acr loa level", "oidc-acr-mapper", Config::Into(ACCESS_AND_ID, &[]))],
    },
    Scope {
        name: "basic",
        protocol: OIDC,
        attributes: &[NOT_IN_TOKEN, NOT_SHOWN],
        mappers: &[
            Mapper("auth_time", NOTE, Config::Note("AUTH_TIME", "auth_time", "long")),
            Mapper("sub", "oidc-sub-mapper", Config::Into(ACCESS, &[])),
        ],
    },
    Scope {
        name: "service_account",
        protocol: OIDC,
        attributes: &[NOT_IN_TOKEN, NOT_SHOWN],
        mappers: &[
            Mapper("Client ID", NOTE, Config::Note("client_id", "client_id", "String")),
            Mapper("Client Host", NOTE, Config::Note("clientHost", "clientHost", "String")),
            Mapper("Client IP Address", NOTE, Config::Note("clientAddress", "clientAddress", "String")),
        ],
    },
    Scope {
        name: "organization",
        protocol: OIDC,
        attributes: &[IN_TOKEN, (TEXT, "${organizationScopeConsentText}"), SHOWN],
        mappers: &[Mapper(
            "organization",
            "oidc-organization-membership-mapper",
            Config::Into(ACCESS_AND_ID, &[("claim.name", "organization"), ("jsonType.label", "String"), ("multivalued", "true")]),
        )],
    },
    Scope {
        name: "role_list",
        protocol: "saml",
        attributes: &[(TEXT, "${samlRoleListScopeConsentText}"), SHOWN],
        mappers: &[Mapper(
            "role list",
            "saml-role-list-mapper",
            Config::Into(&[], &[("single", "false"), ("attribute.nameformat", "Basic"), ("attribute.name", "Role")]),
        )],
    },
    Scope {
        name: "saml_organization",
        protocol: "saml",
        attributes: &[NOT_SHOWN],
        mappers: &[Mapper("organization", "saml-organization-membership-mapper", Config::Into(&[], &[]))],
    },
    Scope {
        name: "AuthnContextClassRef",
        protocol: "saml",
        attributes: &[],
        mappers: &[Mapper("AuthnContextClassRef", "saml-authn-context-class-ref-mapper", Config::Into(&[], &[]))],
    },
];

fn text(text: &str) -> Option<Text> {
    Some(Text(text.to_owned()))
}

fn texts<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> TextMap {
    TextMap(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn mapper(Mapper(name, kind, config): &Mapper) -> MapperRepresentation {
    let on = |keys: &'static [&'static str]| keys.iter().map(|key| (*key, "true"));
    let config = match config {
        Config::Attribute(attribute, claim, label) => {
            let own = [("user.attribute", *attribute), ("claim.name", *claim), ("jsonType.label", *label)];
            texts(own.into_iter().chain(on(EVERYWHERE)))
        }
        Config::Note(note, claim, label) => {
            let own = [("user.session.note", *note), ("claim.name", *claim), ("jsonType.label", *label)];
            texts(own.into_iter().chain(on(ACCESS_AND_ID)))
        }
        Config::Into(tokens, pairs) => texts(pairs.iter().copied().chain(on(tokens))),
    };
    MapperRepresentation { name: text(name), protocol_mapper: text(kind), config, ..Default::default() }
}

fn scope(scope: &Scope) -> ClientScopeRepresentation {
    ClientScopeRepresentation {
        name: text(scope.name),
        protocol: text(scope.protocol),
        attributes: texts(scope.attributes.iter().copied()),
        protocol_mappers: scope.mappers.iter().map(mapper).collect(),
        ..Default::default()
    }
}

/// The built-in client scopes.
pub(crate) fn client_scopes() -> Vec<ClientScopeRepresentation> {
    SCOPES.iter().map(scope).collect()
}

/// The one client scope that every realm has, whatever its file brings.
pub(crate) fn offline_access_scope() -> ClientScopeRepresentation {
    scope(&OFFLINE_ACCESS)
}

/// The built-in client `client_id` of `realm`; those there are: `account`, `account-console`, `admin-cli`, `broker`,
/// `realm-management`, `security-admin-console`.
pub(crate) fn client(realm: &str, client_id: &str) -> ClientRepresentation {
    let mut client = ClientRepresentation {
        client_id: text(client_id),
        name: text(&format!("${{client_{client_id}}}")),
        public_client: Some(Flag(true)),
        full_scope_allowed: Some(Flag(false)),
        web_origins: Some(Vec::new()),
        ..Default::default()
    };
    let mut attributes = vec![("realm_client", "false")];
    match client_id {
        "account" | "account-console" => {
            client.root_url = text("${authBaseUrl}");
            client.redirect_uris = vec![Text(format!("/realms/{realm}/account/*"))];
            attributes.push(("post.logout.redirect.uris", "+"));
            if client_id == "account-console" {
                attributes.push(("pkce.code.challenge.method", "S256"));
                let resolve = Mapper("audience resolve", "oidc-audience-resolve-mapper", Config::Into(&[], &[]));
                client.protocol_mappers = vec![mapper(&resolve)];
            }
        }
        "security-admin-console" => {
            client.root_url = text("${authAdminUrl}");
            client.redirect_uris = vec![Text(format!("/admin/{realm}/console/*"))];
            client.web_origins = Some(vec![Text("+".to_owned())]);
            client.full_scope_allowed = Some(Flag(true));
            attributes.extend([
                ("client.use.lightweight.access.token.enabled", "true"),
                ("post.logout.redirect.uris", "+"),
                ("pkce.code.challenge.method", "S256"),
            ]);
            client.protocol_mappers = vec![mapper(&Mapper("locale", ATTRIBUTE, Config::Attribute("locale", "locale", "String")))];
        }
        "admin-cli" => {
            client.standard_flow_enabled = Some(Flag(false));
            client.direct_access_grants_enabled = Some(Flag(true));
            client.full_scope_allowed = Some(Flag(true));
            attributes.push(("client.use.lightweight.access.token.enabled", "true"));
        }
        _ => {
            client.public_client = Some(Flag(false));
            client.bearer_only = Some(Flag(true));
            attributes = vec![("realm_client", "true")];
        }
    }
    client.attributes = texts(attributes);
    client
}
