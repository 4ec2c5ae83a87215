//! Secrets in clear, and hashes that are easily guessed.

use serde_json::Value;

use super::super::finding::{At, Complete, Findings};
use super::super::rules;
use super::super::view::{Object, View, flag, named, object, object_lists, objects, text, whole};
use super::{Default, is_built_in, is_oidc, is_placeholder, on};
use crate::file::is_secret;

/// What stands for a secret that was left out.
const MASKED: &str = "**********";

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    let clients = root.key("clients");
    for (index, client) in objects(view.realm, "clients").filter(|(_, client)| !is_built_in(client)) {
        of_client(client, &clients.index(index), findings);
    }
    if let Some(smtp) = object(view.realm, "smtpServer") {
        clear(text(smtp, "password"), &root.key("smtpServer").key("password"), findings);
    }
    let providers = root.key("identityProviders");
    for (index, provider) in objects(view.realm, "identityProviders") {
        let here = providers.index(index);
        if let Some(config) = object(provider, "config") {
            clear(text(config, "clientSecret"), &here.key("config").key("clientSecret"), findings);
        }
    }
    components(view, &root, findings);
}

fn of_client(client: &Object, at: &At<'_>, findings: &mut Findings) {
    let confidential = !on(client, "publicClient", Default::Off) && !on(client, "bearerOnly", Default::Off);
    let by_secret = text(client, "clientAuthenticatorType").is_none_or(|kind| kind.is_empty() || kind == "client-secret");
    let secret = named(client, "secret");
    if confidential && is_oidc(client) {
        clear(secret, &at.key("secret"), findings);
        if by_secret
            && named(client, "clientId").is_some()
            && secret.is_none_or(|secret| secret == MASKED)
            && flag(client, "enabled") != Some(false)
        {
            let (key, message) = match secret {
                Some(_) => ("secret", "this secret was masked by a partial export: the client has none"),
                None => {
                    ("clientId", "this confidential client has no \"secret\": Keycloak makes one up, here it cannot authenticate")
                }
            };
            let finding = findings.report(&rules::MISSING_SECRET, &at.key(key), || message.to_owned());
            finding.help("give it a \"secret\": \"${A_VARIABLE}\", or set \"publicClient\": true");
        }
    }
    let attributes = at.key("attributes");
    for key in ["saml.signing.private.key", "saml.encryption.private.key", "client.secret.rotated"] {
        clear(object(client, "attributes").and_then(|all| text(all, key)), &attributes.key(key), findings);
    }
}

fn clear(secret: Option<&str>, at: &At<'_>, findings: &mut Findings) {
    if secret.is_some_and(|secret| !secret.is_empty() && secret != MASKED && !is_placeholder(secret)) {
        let message = || "a secret stands in this file: whoever can read the file has it".to_owned();
        let finding = findings.report(&rules::CLEAR_SECRET, at, message);
        finding.help("put ${A_VARIABLE} or ${file:/run/secrets/…} here");
    }
}

/// What a person wrote there; keys that Keycloak made come with every export.
fn components(view: &View<'_>, root: &At<'_>, findings: &mut Findings) {
    let at = root.key("components");
    for (kind, list) in object_lists(view.realm, "components") {
        let at = at.key(kind);
        for (index, component) in list.iter().enumerate() {
            let Some(component) = component.as_object() else { continue };
            if named(component, "providerId").is_some_and(|id| id.ends_with("-generated")) {
                continue;
            }
            let here = at.index(index);
            let here = here.key("config");
            for (key, value) in object(component, "config").into_iter().flatten().filter(|(key, _)| is_secret(key)) {
                let first = value.as_array().and_then(|values| values.first()).unwrap_or(value);
                clear(first.as_str(), &here.key(key), findings);
            }
        }
    }
}

/// Looks at the credentials of one user.
pub(in super::super) fn of_user(user: &Object, at: &At<'_>, findings: &mut Findings) {
    let list = at.key("credentials");
    for (index, credential) in objects(user, "credentials") {
        let here = list.index(index);
        let data: Option<Value> = text(credential, "credentialData").and_then(|data| serde_json::from_str(data).ok());
        if named(credential, "secretData").is_none() {
            clear(text(credential, "value"), &here.key("value"), findings);
        } else if let Some(data) = data.as_ref().and_then(Value::as_object) {
            hash(data, &here.key("credentialData"), findings);
        }
    }
}

/// A cost that a single graphics card makes nothing of. That it is under today's is put right at the next login.
fn hash(data: &Object, at: &At<'_>, findings: &mut Findings) {
    let (Some(algorithm), Some(iterations)) = (text(data, "algorithm"), whole(data, "hashIterations")) else { return };
    let least = match algorithm {
        "pbkdf2" | "pbkdf2-sha256" => 20_000,
        "pbkdf2-sha512" => 10_000,
        _ => return,
    };
    if iterations < least {
        let message = || format!("this password is hashed with {iterations} iterations of {algorithm}");
        findings.report(&rules::WEAK_HASH, at, message).help("it is hashed anew when its owner logs in next");
    }
}
