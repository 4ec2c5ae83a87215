//! What is made of a file by way of documents is what the reader of files makes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::file::{SourceFile, read};
use crate::{Client, Realm, User, compile};

/// A snapshot as text, entity by entity; without ids, and in an order of its own.
fn card(realm: &Realm) -> BTreeMap<String, String> {
    let clients = realm.clients.values().map(|client| (format!("client {}", client.client_id.as_str()), client_card(client)));
    let scopes = realm.client_scopes.values().map(|scope| {
        let mappers: BTreeSet<_> = scope.mappers.iter().map(|mapper| mapper_card(mapper)).collect();
        let attributes: BTreeMap<_, _> = scope.attributes.iter().collect();
        let said = format!("{:?} {mappers:?} {attributes:?} {:?}", scope.protocol, scope.role_scope_mappings);
        (format!("scope {}", scope.name), said)
    });
    let roles = realm
        .roles
        .values()
        .map(|role| (format!("role {:?}", role.key), format!("{:?} {:?} {:?}", role.closure, role.description, role.attributes)));
    let groups = realm.groups.values();
    let groups = groups.map(|group| (format!("group {}", group.path), format!("{:?} {:?}", group.roles, group.attributes)));
    let policies = (&realm.lifespans, realm.refresh_tokens, &realm.brute_force, &realm.otp, &realm.security_headers);
    let names = (&realm.id, realm.name.as_str(), &realm.display_name, realm.enabled, realm.ssl_required);
    let login = (realm.direct_grant_otp, realm.login_with_email, realm.verify_email);
    let users = (&realm.password_policy, &realm.required_profile_attributes);
    let settings = format!("{policies:?} {names:?} {login:?} {users:?}");
    clients.chain(scopes).chain(roles).chain(groups).chain([("settings".to_owned(), settings)]).collect()
}

fn client_card(client: &Client) -> String {
    let sorted = |scopes: &[Arc<str>]| scopes.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let scopes = (sorted(&client.default_scopes), sorted(&client.optional_scopes));
    // One that was made up has 86 letters.
    let secret = client.secret.as_ref().map(|secret| secret.expose().as_str()).filter(|secret| secret.len() != 86);
    let mappers: Vec<_> = client.mappers.iter().map(|mapper| mapper_card(mapper)).collect();
    let origins: BTreeSet<&String> = client.web_origins.iter().collect();
    let attributes: BTreeMap<_, _> = client
        .attributes
        .iter()
        .filter(|(name, value)| {
            // Nothing follows from `+` where there are no redirect URIs.
            let moot = (*name, *value) == ("post.logout.redirect.uris", "+") && client.redirect_uris.is_empty();
            *name != "client.secret.creation.time" && !moot
        })
        .collect();
    let roles: BTreeSet<_> = client.scope_mappings.iter().collect();
    let kind = (client.enabled, client.public, client.bearer_only, client.authenticator, client.protocol);
    let flows = (client.standard_flow, client.implicit_flow, client.direct_access_grants, client.service_accounts);
    let more = (client.consent_required, client.full_scope_allowed, &client.redirect_uris, &client.root_url, &client.name);
    format!(
        "{scopes:?} {secret:?} {mappers:?} {origins:?} {attributes:?} {roles:?} {kind:?} {flows:?} {more:?} {}",
        client.not_before
    )
}

fn mapper_card(mapper: &crate::ProtocolMapper) -> String {
    let config: BTreeMap<_, _> = mapper.config.iter().collect();
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
