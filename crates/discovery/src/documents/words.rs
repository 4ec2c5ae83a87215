//! The lists of the documents, in Keycloak's order (wire.md section 5.1).

pub(crate) type Words = &'static [&'static str];

pub(crate) const GRANT_TYPES: Words = &[
    "authorization_code",
    "client_credentials",
    "implicit",
    "password",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:uma-ticket",
    "urn:openid:params:grant-type:ciba",
];

pub(crate) const RESPONSE_TYPES: Words =
    &["code", "none", "id_token", "token", "id_token token", "code id_token", "code token", "code id_token token"];

pub(crate) const RESPONSE_MODES: Words = &["query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"];

pub(crate) const SIGNING: Words =
    &["PS384", "RS384", "EdDSA", "ES384", "HS256", "HS512", "ES256", "RS256", "HS384", "ES512", "PS256", "PS512", "RS512"];

pub(crate) const SIGNING_OR_NONE: Words = &[
    "PS384", "RS384", "EdDSA", "ES384", "HS256", "HS512", "ES256", "RS256", "HS384", "ES512", "PS256", "PS512", "RS512", "none",
];

pub(crate) const ASYMMETRIC_SIGNING: Words =
    &["PS384", "RS384", "EdDSA", "ES384", "ES256", "RS256", "ES512", "PS256", "PS512", "RS512"];

pub(crate) const KEY_MANAGEMENT: Words =
    &["ECDH-ES+A256KW", "ECDH-ES+A192KW", "ECDH-ES+A128KW", "RSA-OAEP", "RSA-OAEP-256", "RSA1_5", "ECDH-ES"];

pub(crate) const CONTENT_ENCRYPTION: Words =
    &["A256GCM", "A192GCM", "A128GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"];

pub(crate) const CLIENT_AUTHENTICATION: Words =
    &["private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth", "client_secret_jwt"];

pub(crate) const CLAIMS: Words = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "email",
    "acr",
    "azp",
    "nonce",
];
