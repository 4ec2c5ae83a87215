//! What is made of a file by way of documents is what the reader of files makes of it.

use std::collections::BTreeMap;

use super::*;
use crate::file::{SourceFile, read};
use crate::{Realm, User, compile};

/// A snapshot as text, entity by entity; without ids, and in an order of its own.
fn card(realm: &Realm) -> BTreeMap<String, String> {
    let mut card = BTreeMap::new();
    for client in realm.clients.values() {
        let sorted = |scopes: &[std::sync::Arc<str>]| scopes.iter().map(|scope| scope.to_string()).collect::<BTreeSet<_>>();
        let mut plain = crate::Client::clone(client);
        let (default, optional) = (sorted(&plain.default_scopes), sorted(&plain.optional_scopes));
        let secret = plain.secret.take().map(|secret| secret.expose().clone()).filter(|secret| secret.len() != 86);
        let mappers: Vec<_> = plain.mappers.drain(..).map(|mapper| mapper_card(&mapper)).collect();
        let origins: BTreeSet<String> = plain.web_origins.drain(..).collect();
        let attributes: BTreeMap<_, _> = plain
            .attributes
            .iter()
            .filter(|(name, value)| {
                // Nothing follows from `+` where there are no redirect URIs.
                let moot = (*name, *value) == ("post.logout.redirect.uris", "+") && plain.redirect_uris.is_empty();
                *name != "client.secret.creation.time" && !moot
            })
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let said = format!(
            "{:?} {default:?} {optional:?} {secret:?} {mappers:?} {origins:?} {attributes:?} {:?} {:?}",
            (plain.enabled, plain.public, plain.bearer_only, plain.consent_required, plain.standard_flow, plain.implicit_flow),
            (plain.direct_access_grants, plain.service_accounts, plain.full_scope_allowed, plain.authenticator, plain.protocol),
            (
                plain.redirect_uris,
                plain.root_url,
                plain.name,
                plain.not_before,
                plain.scope_mappings.iter().collect::<BTreeSet<_>>()
            ),
        );
        card.insert(format!("client {}", client.client_id.as_str()), said);
    }
    for scope in realm.client_scopes.values() {
        let mappers: BTreeSet<_> = scope.mappers.iter().map(|mapper| mapper_card(mapper)).collect();
        let attributes: BTreeMap<_, _> =
            scope.attributes.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let said = format!("{:?} {mappers:?} {attributes:?} {:?}", scope.protocol, scope.role_scope_mappings);
        card.insert(format!("scope {}", scope.name), said);
    }
    for role in realm.roles.values() {
        card.insert(format!("role {:?}", role.key), format!("{:?} {:?} {:?}", role.closure, role.description, role.attributes));
    }
    for group in realm.groups.values() {
        card.insert(format!("group {}", group.path), format!("{:?} {:?}", group.roles, group.attributes));
    }
    card.insert(
        "settings".to_owned(),
        format!(
            "{:?} {:?} {:?} {:?} {:?}",
            realm.lifespans, realm.refresh_tokens, realm.brute_force, realm.otp, realm.security_headers
        ),
    );
    card.insert(
        "more".to_owned(),
        format!(
            "{:?}",
            (
                &realm.id,
                realm.name.as_str(),
                &realm.display_name,
                realm.enabled,
                realm.ssl_required,
                &realm.password_policy,
                &realm.required_profile_attributes,
                realm.direct_grant_otp,
                realm.login_with_email,
                realm.verify_email
            )
        ),
    );
    card
}

fn mapper_card(mapper: &crate::ProtocolMapper) -> String {
    let config: BTreeMap<_, _> = mapper.config.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    format!("{} {} {config:?}", mapper.name, mapper.protocol_mapper)
}

fn user_card(user: &User) -> String {
    let mut user = user.clone();
    user.created_timestamp = None;
    let credentials: Vec<_> =
        user.credentials.drain(..).map(|c| (c.kind.clone(), c.secret_data.expose().clone(), c.credential_data.clone())).collect();
    let roles: BTreeSet<_> = user.roles.drain(..).collect();
    format!("{user:?} {credentials:?} {roles:?}")
}

#[test]
fn documents_make_the_same_realm_as_the_file() {
    for name in ["acme", "bench", "closed", "front", "legacy", "minimal", "sbc", "short", "span", "strict", "tlsonly"] {
        let path = format!("{}/../../tests/keycloak/realms/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).unwrap();
        let made = made(serde_json::from_slice(&bytes).unwrap());
        let compiled = compile::realm(&in_force(&made), &|_: &str| None);
        assert_eq!(compiled.problems, [""; 0], "{name}");
        let reading = read(&[SourceFile { name: format!("{name}.json"), bytes }], &|_| None);
        let loaded = reading.realms.first().unwrap();
        let (ours, theirs) = (card(&compiled.realm), card(&loaded.realm));
        for (what, said) in &theirs {
            assert_eq!(ours.get(what), Some(said), "{name}: {what}");
        }
        assert_eq!(ours.len(), theirs.len(), "{name}");
        let users: BTreeSet<_> = made.users.iter().map(|user| user_card(&compile::user(user, &compiled.realm))).collect();
        let before: BTreeSet<_> = loaded.users.iter().map(user_card).collect();
        assert_eq!(users, before, "{name}");
    }
}
