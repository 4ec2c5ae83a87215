//! Keycloak's Admin REST API below `/admin`, as far as it is built.
