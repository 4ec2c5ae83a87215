//! What Keycloak makes of the representation of a whole realm.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::draft::Draft;
use super::members::{add_text, is_on, list, text, texts};
use super::scopes::{DEFAULT, OPTIONAL, Scopes};
use super::{MadeRealm, Minting, client, entities, roles, scopes, settings, users};
use crate::document::{Body, Document, Key, Kind, Split, UserRecord};
use crate::file::stable_id;
use crate::template::{Template, sparse_settings};

/// What Keycloak makes of the representation of a whole realm.
///
/// Ids that it does not give depend on the realm's id and the name of each entity alone; those of users, and that of the realm,
/// on names alone. Clients that need a secret and bring none get one.
pub fn new_realm(split: Split, minting: &Minting<'_>) -> MadeRealm {
    let Split { name, mut documents, users, brings, .. } = split;
    let settings = documents.iter().position(|document| document.key.kind == Kind::Realm);
    let settings = settings.map(|at| documents.remove(at));
    let (mut given, id) = settings.map(|document| (document.body, document.id)).unwrap_or_default();
    let realm_id = if id.is_empty() { stable_id(&name, "realm", &name) } else { id };
    let mut draft = Draft::new((realm_id.clone(), name.clone()), documents, minting);
    add_scopes(&mut draft, &mut given, &brings);
    let accounts = users.iter().filter_map(|user| text(user, "serviceAccountClientId")).collect();
    let built_in = Template::of(Template::NEWEST).map(|template| template.settings(&name)).unwrap_or_default();
    add_clients(&mut draft, &with_lists(&given, &built_in), &brings, &accounts);
    let default_role = roles::add_all(&mut draft, &mut given);
    draft.change_all(&Kind::ALL, |key, body| entities::complete(&realm_id, key, body));
    add_scope_mappings(&mut draft, &brings);
    let granted: Vec<Key> = draft.own_of(Kind::Group).flat_map(|(_, group)| draft.granted(group)).collect();
    granted.iter().for_each(|role| draft.ensure_role(role));
    add_flows(&mut draft, &brings);
    if brings.contains(Kind::RequiredAction.member()) {
        draft.keep_built_in(Kind::RequiredAction, |key| key.name == "delete_account");
    }
    add_components(&mut draft);
    let users = add_users(&mut draft, users, &default_role, &given);
    let effective = settings::complete(given, built_in);
    let (template, mut documents, removed) = draft.finish();
    let body = sparse_settings(&effective, template);
    if !body.is_empty() || template.is_empty() {
        documents.insert(0, Document { key: Key::realm(), id: realm_id.clone(), body });
    }
    MadeRealm { realm_id, name, template, documents, removed, users }
}

/// The settings with the lists of scopes that new clients get.
fn with_lists(given: &Body, built_in: &Body) -> Body {
    let list = |member: &str| Some((member.to_owned(), given.get(member).or_else(|| built_in.get(member))?.clone()));
    [DEFAULT, OPTIONAL].into_iter().filter_map(list).collect()
}

/// Keycloak: whoever brings client scopes has none of the built-in ones but `offline_access`; whoever brings none has the
/// built-in ones and their lists, whatever lists it brings.
fn add_scopes(draft: &mut Draft<'_>, given: &mut Body, brings: &BTreeSet<&'static str>) {
    let realm_id = draft.realm_id.clone();
    draft.change_all(&[Kind::ClientScope], |key, body| scopes::complete(&realm_id, key, body));
    if !brings.contains(Kind::ClientScope.member()) {
        given.shift_remove(DEFAULT);
        given.shift_remove(OPTIONAL);
        return;
    }
    draft.keep_built_in(Kind::ClientScope, |key| key.name == "offline_access");
    for member in [DEFAULT, OPTIONAL] {
        if let Some(names) = list(given, member) {
            names.retain(|name| name.as_str().is_some_and(|name| name.contains("${") || draft.get(&scopes::key(name)).is_some()));
        }
    }
    if !draft.brings(&scopes::key("offline_access"))
        && let Some(names) = list(given, OPTIONAL)
        && !names.iter().any(|name| name == "offline_access")
    {
        names.insert(0, "offline_access".into());
    }
}

fn add_clients(draft: &mut Draft<'_>, lists: &Body, brings: &BTreeSet<&'static str>, accounts: &BTreeSet<&str>) {
    let scopes = Scopes::new(draft.of_kind(Kind::ClientScope), lists);
    if draft.given_clients.contains("account") {
        // Keycloak makes those two together.
        draft.take_away(&Key::of(Kind::Client, "account-console"));
    }
    let built_in: Vec<Key> = draft.built_in_of(Kind::Client).map(|(key, _)| key.clone()).collect();
    for key in built_in.iter().filter(|_| brings.contains(Kind::ClientScope.member())) {
        // Keycloak: the built-in clients are made before the scopes are that a representation brings, and so have none.
        if !draft.given_clients.contains(&key.name)
            && let Some(client) = draft.change(key)
        {
            for member in ["defaultClientScopes", "optionalClientScopes"] {
                client.insert(member.to_owned(), Value::Array(Vec::new()));
            }
        }
    }
    let (realm_id, minting) = (draft.realm_id.clone(), draft.minting);
    for client_id in draft.given_clients.clone() {
        let key = Key::of(Kind::Client, client_id);
        let Some(body) = draft.change(&key) else { continue };
        let default_roles: Vec<_> = texts(body, "defaultRoles").map(|role| (key.name.clone(), role.to_owned())).collect();
        client::complete(&realm_id, &key, body, &scopes, minting);
        if is_on(body, "serviceAccountsEnabled") && !accounts.contains(key.name.as_str()) {
            scopes.add_service_account(body);
        }
        draft.client_default_roles.extend(default_roles);
    }
}

/// Roles that are named in a mapping and not there are made, as Keycloak does.
fn add_scope_mappings(draft: &mut Draft<'_>, brings: &BTreeSet<&'static str>) {
    let offline = Key::owned(Kind::ScopeMapping, "clientScope", "offline_access");
    if brings.contains(Kind::ClientScope.member()) && draft.brings(&scopes::key("offline_access")) {
        draft.take_away(&offline);
    } else {
        keep_mapping(draft, &offline);
    }
    let console = Key::owned(Kind::ClientScopeMapping, "account", "client:account-console");
    if draft.given_clients.contains("account") || draft.given_clients.contains("account-console") {
        draft.take_away(&console);
    } else {
        keep_mapping(draft, &console);
    }
    let mapped = |kind, role: &dyn Fn(&Key, &str) -> Key| -> Vec<Key> {
        let roles =
            |(key, mapping): (&Key, &Body)| -> Vec<Key> { texts(mapping, "roles").map(|name| role(key, name.trim())).collect() };
        draft.own_of(kind).flat_map(roles).collect()
    };
    let of_realm = mapped(Kind::ScopeMapping, &|_, name| roles::realm_role(name));
    let of_clients = mapped(Kind::ClientScopeMapping, &|mapping, name| roles::client_role(&mapping.owner, name));
    for role in of_realm.into_iter().chain(of_clients) {
        let has_client = role.owner.is_empty() || draft.get(&Key::of(Kind::Client, role.owner.as_str())).is_some();
        if has_client && !role.name.contains("${") {
            draft.ensure_role(&role);
        }
    }
}

/// A built-in mapping holds beside what the representation says of the same client or scope.
fn keep_mapping(draft: &mut Draft<'_>, key: &Key) {
    let built_in: Vec<String> =
        draft.built_in(key).map(|mapping| texts(mapping, "roles").map(str::to_owned).collect()).unwrap_or_default();
    if draft.brings(key)
        && let Some(mapping) = draft.change(key)
    {
        built_in.iter().for_each(|role| add_text(mapping, "roles", role));
    }
}

/// Keycloak: a built-in flow that is not brought is made, with all that is in it; what is in one that is brought is not.
fn add_flows(draft: &mut Draft<'_>, brings: &BTreeSet<&'static str>) {
    if !brings.contains(Kind::Flow.member()) {
        return;
    }
    let is_made = |(key, flow): &(&Key, &Body)| is_on(flow, "topLevel") && !draft.brings(key);
    let made = draft.built_in_of(Kind::Flow).filter(is_made);
    let mut open: Vec<(String, &Body)> = made.map(|(key, flow)| (key.name.clone(), flow)).collect();
    let (mut flows, mut configs) = (BTreeSet::new(), BTreeSet::new());
    while let Some((name, flow)) = open.pop() {
        if !flows.insert(name) {
            continue;
        }
        let executions = flow.get("authenticationExecutions").and_then(Value::as_array);
        for execution in executions.into_iter().flatten().filter_map(Value::as_object) {
            configs.extend(text(execution, "authenticatorConfig").map(str::to_owned));
            let below = text(execution, "flowAlias");
            open.extend(below.and_then(|alias| Some((alias.to_owned(), draft.built_in(&Key::of(Kind::Flow, alias))?))));
        }
    }
    if let Some(Value::Array(executions)) = executions_of_given_browser(draft)
        && !executions.iter().any(|execution| execution.get("authenticator").is_some_and(|name| name == REDIRECTOR))
    {
        executions.push(json!({
            "authenticator": REDIRECTOR,
            "authenticatorFlow": false,
            "requirement": "ALTERNATIVE",
            "priority": 25,
            "autheticatorFlow": false,
            "userSetupAllowed": false,
        }));
    }
    draft.keep_built_in(Kind::Flow, |key| flows.contains(&key.name));
    draft.keep_built_in(Kind::AuthenticatorConfig, |key| configs.contains(&key.name));
}

/// Keycloak: the flow `browser` has this step in any case.
const REDIRECTOR: &str = "identity-provider-redirector";

fn executions_of_given_browser<'d>(draft: &'d mut Draft<'_>) -> Option<&'d mut Value> {
    let key = Key::of(Kind::Flow, "browser");
    if !draft.brings(&key) {
        return None;
    }
    draft.change(&key)?.get_mut("authenticationExecutions")
}

/// Keycloak: whoever brings components of a provider type has those of that type.
fn add_components(draft: &mut Draft<'_>) {
    let given = draft.own_of(Kind::Component).filter(|(key, _)| draft.brings(key));
    let types: BTreeSet<String> = given.map(|(key, _)| key.owner.clone()).collect();
    draft.keep_built_in(Kind::Component, |key| !types.contains(&key.owner));
}

fn add_users(draft: &mut Draft<'_>, given: Vec<Body>, default_role: &Key, settings: &Body) -> Vec<UserRecord> {
    let mut made = Vec::with_capacity(given.len());
    let mut accounts = BTreeSet::new();
    let mut names = BTreeSet::new();
    for user in given {
        draft.granted(&user).iter().for_each(|role| draft.ensure_role(role));
        if let Some(user) = users::complete(user, &draft.name, draft.minting) {
            accounts.extend(user.text("serviceAccountClientId").map(str::to_owned));
            names.insert(user.username().to_owned());
            made.push(user);
        }
    }
    for (key, client) in draft.of_kind(Kind::Client).filter(|(_, client)| is_on(client, "serviceAccountsEnabled")) {
        let client_id = key.name.as_str();
        if accounts.contains(client_id) {
            continue;
        }
        let mut account = users::account_of(client_id, &draft.name, &default_role.name, settings);
        users::look_after_resources(&mut account, client);
        if names.insert(account.username().to_owned()) {
            account.0.insert("createdTimestamp".to_owned(), draft.minting.now.millis().into());
            made.push(account);
        }
    }
    made
}
