//! What an editor says of a field.

use crate::lint::providers::{
    AUTHENTICATORS, CLIENT_AUTHENTICATORS, IDENTITY_PROVIDER_MAPPERS, IDENTITY_PROVIDERS, PROTOCOL_MAPPERS, REQUIRED_ACTIONS,
};

/// Words for a field.
#[derive(Clone, Copy, Default)]
pub(super) struct Words {
    pub(super) description: Option<&'static str>,
    /// Values that it can have, among others.
    pub(super) examples: &'static [&'static str],
}

/// The words for a field of an entity.
pub(super) fn of(entity: &str, field: &str) -> Words {
    let description = DESCRIPTIONS.iter().find(|(of, name, _)| *of == entity && *name == field);
    let examples = EXAMPLES.iter().find(|(of, name, _)| *of == entity && *name == field);
    Words {
        description: description.map(|(_, _, description)| *description),
        examples: examples.map(|(_, _, examples)| *examples).unwrap_or_default(),
    }
}

const PROTOCOLS: &[&str] = &["openid-connect", "saml"];
const REALM: &str = "a realm";
const CLIENT: &str = "a client";
const SCOPE: &str = "a client scope";
const USER: &str = "a user";
const CREDENTIAL: &str = "a credential";
const ROLE: &str = "a role";
const GROUP: &str = "a group";
const STEP: &str = "a step of a flow";
const MAPPER: &str = "a protocol mapper";

const EXAMPLES: &[(&str, &str, &[&str])] = &[
    (REALM, "sslRequired", &["external", "all", "none"]),
    (REALM, "defaultSignatureAlgorithm", &["RS256", "ES256", "PS256", "EdDSA"]),
    (REALM, "passwordPolicy", &["length(12) and notUsername and notEmail", "hashAlgorithm(argon2)"]),
    (REALM, "otpPolicyType", &["totp", "hotp"]),
    (REALM, "otpPolicyAlgorithm", &["HmacSHA1", "HmacSHA256", "HmacSHA512"]),
    (CLIENT, "protocol", PROTOCOLS),
    (CLIENT, "clientAuthenticatorType", CLIENT_AUTHENTICATORS),
    (SCOPE, "protocol", PROTOCOLS),
    (MAPPER, "protocol", PROTOCOLS),
    (MAPPER, "protocolMapper", PROTOCOL_MAPPERS),
    (STEP, "requirement", &["REQUIRED", "ALTERNATIVE", "CONDITIONAL", "DISABLED"]),
    (STEP, "authenticator", AUTHENTICATORS),
    ("an authentication flow", "providerId", &["basic-flow", "form-flow", "client-flow"]),
    ("a required action", "providerId", REQUIRED_ACTIONS),
    ("an identity provider", "providerId", IDENTITY_PROVIDERS),
    ("a mapper of an identity provider", "identityProviderMapper", IDENTITY_PROVIDER_MAPPERS),
    (CREDENTIAL, "type", &["password", "otp"]),
];

const DESCRIPTIONS: &[(&str, &str, &str)] = &[
    (REALM, "$schema", "This schema, for editors. Keycloak itself refuses a file with it; an export leaves it out."),
    (REALM, "realm", "The name of the realm, as it stands in URLs."),
    (REALM, "id", "The id of the realm; one is made where it is missing."),
    (REALM, "enabled", "Whether anyone can log in. Off where it is missing."),
    (REALM, "displayName", "What people see instead of the name."),
    (REALM, "sslRequired", "Who needs TLS: everybody (all), all but private addresses (external), nobody (none)."),
    (REALM, "accessTokenLifespan", "How long an access token is valid, in seconds. 300 where it is missing."),
    (REALM, "ssoSessionIdleTimeout", "After how many seconds without use a session ends. 1800 where it is missing."),
    (REALM, "ssoSessionMaxLifespan", "After how many seconds a session ends in any case. 36000 where it is missing."),
    (REALM, "offlineSessionIdleTimeout", "After how many seconds without use an offline session ends."),
    (REALM, "accessCodeLifespan", "How long an authorization code can be redeemed, in seconds."),
    (REALM, "revokeRefreshToken", "Whether each refresh gives a new refresh token and ends the old one."),
    (REALM, "refreshTokenMaxReuse", "How often an ended refresh token is still taken, where they are revoked."),
    (REALM, "notBefore", "Tokens made before this moment are not valid; seconds since 1970."),
    (REALM, "defaultSignatureAlgorithm", "What tokens are signed with where the client says nothing else."),
    (REALM, "registrationAllowed", "Whether people can make themselves an account."),
    (REALM, "verifyEmail", "Whether people must show that their e-mail address is theirs."),
    (REALM, "loginWithEmailAllowed", "Whether the e-mail address can be given instead of the username."),
    (REALM, "duplicateEmailsAllowed", "Whether two users may have one e-mail address."),
    (REALM, "resetPasswordAllowed", "Whether the login page has a link for forgotten passwords."),
    (REALM, "rememberMe", "Whether the login page offers to remember the login."),
    (REALM, "bruteForceProtected", "Whether guessing passwords locks the user out for a while."),
    (REALM, "failureFactor", "After how many failures a user has to wait."),
    (REALM, "waitIncrementSeconds", "How much longer the wait becomes each time, in seconds."),
    (REALM, "maxFailureWaitSeconds", "The longest wait, in seconds."),
    (REALM, "permanentLockout", "Whether a locked user stays locked until an admin helps."),
    (REALM, "passwordPolicy", "What passwords must be like and how they are hashed: policies joined by \" and \"."),
    (REALM, "roles", "Roles of the realm and of its clients."),
    (REALM, "defaultRole", "The role that every new user has; composite of what they should have."),
    (REALM, "groups", "Groups of users, with roles and attributes for their members."),
    (REALM, "defaultGroups", "Paths of the groups that every new user joins."),
    (REALM, "users", "Users, with their credentials. An import never resets what a user changed since."),
    (REALM, "clients", "Applications and services that use this realm."),
    (REALM, "clientScopes", "Sets of protocol mappers that clients share. A list here takes the place of all built-in ones."),
    (REALM, "defaultDefaultClientScopes", "Client scopes that every new client has."),
    (REALM, "defaultOptionalClientScopes", "Client scopes that every new client may ask for."),
    (REALM, "scopeMappings", "Which realm roles may get into tokens of a client or client scope."),
    (REALM, "clientScopeMappings", "The same for roles of clients, by client."),
    (REALM, "components", "Keys, user profile, registration policies and user federation, by kind of provider."),
    (REALM, "authenticationFlows", "What a login consists of."),
    (REALM, "browserFlow", "The alias of the flow for logins with a browser."),
    (REALM, "directGrantFlow", "The alias of the flow for the password grant."),
    (REALM, "identityProviders", "Other providers that people can log in with."),
    (REALM, "smtpServer", "The server that e-mails are sent through."),
    (REALM, "browserSecurityHeaders", "Security headers of all pages."),
    (REALM, "attributes", "Further settings; those of this server begin with latchkey."),
    (CLIENT, "clientId", "The name by which the client calls itself."),
    (CLIENT, "name", "What people see of it, in the consent page for example."),
    (CLIENT, "enabled", "Whether the client can be used. On where it is missing."),
    (CLIENT, "publicClient", "A client that cannot keep a secret: one in a browser or on a phone."),
    (CLIENT, "bearerOnly", "A service that only checks tokens and never asks for one."),
    (CLIENT, "secret", "The secret of a confidential client. Put a placeholder here: ${NAME} or ${file:/run/secrets/name}."),
    (CLIENT, "clientAuthenticatorType", "How the client proves who it is."),
    (CLIENT, "redirectUris", "Where people may be sent back to. A * may stand at the end."),
    (CLIENT, "webOrigins", "Origins of pages that may read answers (CORS). + stands for those of the redirect URIs."),
    (CLIENT, "rootUrl", "The beginning of relative URLs of this client."),
    (CLIENT, "baseUrl", "The page of the client that this server links to."),
    (CLIENT, "standardFlowEnabled", "The authorization code flow. On where it is missing."),
    (CLIENT, "implicitFlowEnabled", "The implicit flow: better left off."),
    (CLIENT, "directAccessGrantsEnabled", "The password grant."),
    (CLIENT, "serviceAccountsEnabled", "The client credentials grant, with a service account of the client's own."),
    (CLIENT, "consentRequired", "Whether people are asked what the client may have."),
    (CLIENT, "fullScopeAllowed", "Whether all roles of a user get into the client's tokens."),
    (CLIENT, "defaultClientScopes", "Client scopes that it always has."),
    (CLIENT, "optionalClientScopes", "Client scopes that it has where it asks for them with scope=."),
    (CLIENT, "protocolMappers", "What else gets into its tokens."),
    (CLIENT, "attributes", "Further settings, such as pkce.code.challenge.method or access.token.lifespan."),
    (SCOPE, "name", "The name, as it stands in scope=."),
    (SCOPE, "protocolMappers", "What gets into tokens of clients that have this scope."),
    (MAPPER, "protocolMapper", "What kind of mapper it is."),
    (MAPPER, "config", "What it maps: claim.name, user.attribute, and into which tokens."),
    (ROLE, "name", "The name, as it stands in tokens."),
    (ROLE, "composites", "Roles that come with this one."),
    (GROUP, "name", "The name; the path of the group is made of it and of those above."),
    (GROUP, "realmRoles", "Realm roles that members have."),
    (GROUP, "clientRoles", "Roles of clients that members have, by client."),
    (GROUP, "subGroups", "Groups below this one."),
    (USER, "username", "The name to log in with; lower case."),
    (USER, "enabled", "Whether the user can log in. Off where it is missing."),
    (USER, "emailVerified", "Whether the e-mail address is known to be theirs."),
    (USER, "credentials", "Passwords and one-time code secrets."),
    (USER, "requiredActions", "What the user must do at the next login: UPDATE_PASSWORD, VERIFY_EMAIL …"),
    (USER, "realmRoles", "Realm roles of the user."),
    (USER, "clientRoles", "Roles of clients that the user has, by client."),
    (USER, "groups", "Paths of the user's groups."),
    (USER, "serviceAccountClientId", "The client whose service account this is."),
    (CREDENTIAL, "value", "A password in clear; it is hashed when it is read."),
    (CREDENTIAL, "secretData", "What an export has instead: the hash, as JSON in a text."),
    (CREDENTIAL, "credentialData", "How it was hashed, as JSON in a text."),
    (STEP, "authenticator", "What the step does."),
    (STEP, "flowAlias", "The flow that takes the place of this step."),
    (STEP, "requirement", "Whether the step must be passed."),
    (STEP, "priority", "Steps are taken from the lowest on."),
];
