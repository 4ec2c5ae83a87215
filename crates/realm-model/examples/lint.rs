//! Lints files and tells how long it took: `cargo run --release -p realm-model --example lint -- FILE…`; with `--clients N` or
//! `--users N` instead, a realm of that many is made up.

use std::io::Write;
use std::time::Instant;

use realm_model::file::SourceFile;
use realm_model::lint::lint;

fn client(number: usize) -> String {
    format!(
        r#"{{"id": "00000000-0000-4000-8000-{number:012}", "clientId": "client-{number}", "name": "Client {number}", "description": "One of many clients of a large company, made to be linted", "rootUrl": "https://app-{number}.example.com", "baseUrl": "/home", "surrogateAuthRequired": false, "enabled": true, "alwaysDisplayInConsole": false, "clientAuthenticatorType": "client-secret", "secret": "${{SECRET_{number}:s}}", "redirectUris": ["https://app-{number}.example.com/*", "https://test-{number}.example.com/cb"], "webOrigins": ["+"], "notBefore": 0, "bearerOnly": false, "consentRequired": false, "standardFlowEnabled": true, "implicitFlowEnabled": false, "directAccessGrantsEnabled": false, "serviceAccountsEnabled": true, "publicClient": false, "frontchannelLogout": true, "protocol": "openid-connect", "attributes": {{"post.logout.redirect.uris": "+", "pkce.code.challenge.method": "S256", "backchannel.logout.session.required": "true", "client.secret.creation.time": "1760000000"}}, "authenticationFlowBindingOverrides": {{}}, "fullScopeAllowed": true, "nodeReRegistrationTimeout": -1, "protocolMappers": [{{"id": "00000000-0000-4000-9000-{number:012}", "name": "team", "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-attribute-mapper", "consentRequired": false, "config": {{"user.attribute": "team", "claim.name": "team", "jsonType.label": "String", "access.token.claim": "true", "id.token.claim": "true"}}}}, {{"name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper", "config": {{"included.client.audience": "client-0", "access.token.claim": "true"}}}}], "defaultClientScopes": ["web-origins", "acr", "profile", "roles", "basic", "email"], "optionalClientScopes": ["address", "phone", "offline_access", "organization", "microprofile-jwt"]}}"#
    )
}

fn user(number: usize) -> String {
    format!(
        r#"{{"id": "00000000-0000-4000-a000-{number:012}", "username": "user-{number}", "firstName": "First {number}", "lastName": "Last", "email": "user-{number}@example.com", "emailVerified": true, "enabled": true, "createdTimestamp": 1760000000000, "totp": false, "attributes": {{"team": ["team {number}"]}}, "credentials": [{{"type": "password", "secretData": "{{\"value\":\"zWAEP7mYPLYMkRbFjcMbqn9YtOI6dRv9nVKUyLVQKZ4=\",\"salt\":\"NF2i2Lxg4sUSuMOBgB0aMg==\",\"additionalParameters\":{{}}}}", "credentialData": "{{\"hashIterations\":5,\"algorithm\":\"argon2\",\"additionalParameters\":{{\"hashLength\":[\"32\"]}}}}"}}], "realmRoles": ["default-roles-large"], "groups": []}}"#
    )
}

fn realm(list: &str, entities: impl Iterator<Item = String>) -> SourceFile {
    let entities: Vec<_> = entities.collect();
    let text = format!(
        "{{\"realm\": \"large\", \"enabled\": true, \"bruteForceProtected\": true, \"{list}\": [\n{}\n]}}\n",
        entities.join(",\n")
    );
    SourceFile { name: format!("{list}.json"), bytes: text.into_bytes() }
}

#[allow(clippy::disallowed_methods)] // an example is a binary: it may look at clock and environment
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut files = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = || rest.next().and_then(|number| number.parse().ok()).unwrap_or(1);
        files.push(match argument.as_str() {
            "--clients" => realm("clients", (0..number()).map(client)),
            "--users" => realm("users", (0..number()).map(user)),
            path => SourceFile { name: path.to_owned(), bytes: std::fs::read(path)? },
        });
    }
    let size: usize = files.iter().map(|file| file.bytes.len()).sum();
    let variables: std::collections::HashMap<String, String> = std::env::vars().collect();
    let started = Instant::now();
    let told = lint(&files, &|name: &str| variables.get(name).cloned());
    let took = started.elapsed();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", realm_model::render(&told))?;
    writeln!(out, "{} findings in {:.1} MB, {took:?}", told.len(), size as f64 / 1e6)
}
