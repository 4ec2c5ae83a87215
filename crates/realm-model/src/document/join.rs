//! From documents to a realm representation.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::order::ordered;
use super::{Body, Document, Documents, Key, Kind, UserRecord};

/// The member of a client's document that holds the id of its registration access token (RFC 7592): shown to nobody.
pub const REGISTRATION_TOKEN: &str = "registrationAccessToken";

/// The whole realm in the order of Keycloak's export, ids in it; users apart.
pub fn join(documents: &Documents) -> Body {
    let mut realm = with_settings(documents);
    realm.insert("roles".to_owned(), roles(documents).into());
    put_list(&mut realm, "groups", groups(documents));
    for kind in [
        Kind::ClientScope,
        Kind::Client,
        Kind::Flow,
        Kind::AuthenticatorConfig,
        Kind::RequiredAction,
        Kind::IdentityProvider,
        Kind::IdentityProviderMapper,
    ] {
        put_list(&mut realm, kind.member(), representations(documents, kind));
    }
    for kind in [Kind::ScopeMapping, Kind::Organization] {
        let list = representations(documents, kind);
        if !list.is_empty() {
            put_list(&mut realm, kind.member(), list);
        }
    }
    let mappings = by_owner(documents, Kind::ClientScopeMapping);
    if !mappings.is_empty() {
        realm.insert("clientScopeMappings".to_owned(), mappings.into());
    }
    realm.insert("components".to_owned(), by_owner(documents, Kind::Component).into());
    ordered(realm, Kind::Realm)
}

/// The realm's settings as Keycloak shows them at `/admin/realms/{realm}`: without the lists of entities.
pub fn settings_representation(documents: &Documents) -> Body {
    /// What only an export shows.
    const EXPORTED: &[&str] =
        &["localizationTexts", "defaultDefaultClientScopes", "defaultOptionalClientScopes", "keycloakVersion"];
    let mut settings = with_settings(documents);
    for member in EXPORTED.iter().copied().chain(Kind::ALL.into_iter().map(Kind::member)) {
        settings.shift_remove(member);
    }
    ordered(settings, Kind::Realm)
}

/// What Keycloak shows of one entity: its document with its id and what follows from other entities. Sub-groups are not in it.
pub fn representation(documents: &Documents, document: &Document) -> Body {
    let mut body = document.body.clone();
    let Key { kind, owner, name } = &document.key;
    if let Some(member) = kind.id_member().filter(|_| !document.id.is_empty()) {
        body.insert(member.to_owned(), document.id.as_str().into());
    }
    let container = match kind {
        Kind::RealmRole => Some(documents.realm_id.as_str()),
        Kind::ClientRole => documents.named(Kind::Client, owner).map(|client| client.document.id.as_str()),
        _ => None,
    };
    if let Some(container) = container.filter(|id| !id.is_empty()) {
        body.insert("containerId".to_owned(), container.into());
    }
    if *kind == Kind::Client {
        body.shift_remove(REGISTRATION_TOKEN);
    }
    if *kind == Kind::Group {
        body.insert("path".to_owned(), name.as_str().into());
        if let Some(parent) = parent_group(documents, document).filter(|parent| !parent.id.is_empty()) {
            body.insert("parentId".to_owned(), parent.id.as_str().into());
        }
    }
    ordered(body, *kind)
}

/// The group in which a group is.
pub fn parent_group<'d>(documents: &'d Documents, group: &Document) -> Option<&'d Document> {
    let path = group.key.name.as_str();
    let own = group.body.get("name").and_then(Value::as_str).unwrap_or_default();
    let named = |path: &str| documents.named(Kind::Group, path).map(|entry| &entry.document);
    match path.strip_suffix(own).and_then(|rest| rest.strip_suffix('/')) {
        Some("") => None,
        Some(parent) if !own.is_empty() && named(parent).is_some() => named(parent),
        // The name has a placeholder in it.
        _ => path.rmatch_indices('/').find_map(|(at, _)| named(path.get(..at)?)),
    }
}

/// A user as an export has it.
pub fn exported_user(user: &UserRecord) -> Body {
    const ORDER: &[&str] = &[
        "id",
        "username",
        "firstName",
        "lastName",
        "email",
        "emailVerified",
        "attributes",
        "enabled",
        "createdTimestamp",
        "totp",
        "federationLink",
        "serviceAccountClientId",
        "credentials",
        "disableableCredentialTypes",
        "requiredActions",
        "federatedIdentities",
        "realmRoles",
        "clientRoles",
        "clientConsents",
        "notBefore",
        "groups",
    ];
    let UserRecord(mut body) = user.clone();
    let is_otp = |credential: &Value| credential.get("type").and_then(Value::as_str) == Some("otp");
    let totp = body.get("credentials").and_then(Value::as_array).is_some_and(|all| all.iter().any(is_otp));
    let always = [
        ("emailVerified", json!(false)),
        ("enabled", json!(false)),
        ("credentials", json!([])),
        ("disableableCredentialTypes", json!([])),
        ("requiredActions", json!([])),
        ("notBefore", json!(0)),
        ("groups", json!([])),
    ];
    for (member, value) in always {
        body.entry(member).or_insert(value);
    }
    body.insert("totp".to_owned(), totp.into());
    let mut members: Vec<_> = body.into_iter().collect();
    members.sort_by_cached_key(|(name, _)| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()));
    members.into_iter().collect()
}

fn with_settings(documents: &Documents) -> Body {
    let mut settings = documents.settings().cloned().unwrap_or_default();
    if !documents.realm_id.is_empty() {
        settings.insert("id".to_owned(), documents.realm_id.as_str().into());
    }
    if let Some(role) = default_role(documents, &settings) {
        settings.insert("defaultRole".to_owned(), role.into());
    }
    settings
}

/// The default role as the settings show it: without what is in it.
fn default_role(documents: &Documents, settings: &Body) -> Option<Body> {
    let name = settings.get("defaultRole")?.get("name")?.as_str()?;
    let mut role = representation(documents, &documents.named(Kind::RealmRole, name)?.document);
    role.shift_remove("composites");
    role.shift_remove("attributes");
    Some(role)
}

fn representations(documents: &Documents, kind: Kind) -> Vec<Value> {
    documents.of_kind(kind).map(|entry| representation(documents, &entry.document).into()).collect()
}

/// What has no name and so is no entity stays behind the entities.
fn put_list(realm: &mut Body, member: &str, mut list: Vec<Value>) {
    if let Some(Value::Array(mut left)) = realm.shift_remove(member) {
        list.append(&mut left);
    }
    realm.insert(member.to_owned(), list.into());
}

fn by_owner(documents: &Documents, kind: Kind) -> Body {
    let mut owners = Body::new();
    for entry in documents.of_kind(kind) {
        let list = owners.entry(entry.document.key.owner.as_str()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(representation(documents, &entry.document).into());
        }
    }
    owners
}

fn roles(documents: &Documents) -> Body {
    let mut of_clients = Body::new();
    for client in documents.of_kind(Kind::Client) {
        of_clients.insert(client.document.key.name.clone(), Value::Array(Vec::new()));
    }
    of_clients.append(&mut by_owner(documents, Kind::ClientRole));
    let of_realm = representations(documents, Kind::RealmRole);
    Body::from_iter([("realm".to_owned(), of_realm.into()), ("client".to_owned(), of_clients.into())])
}

fn groups(documents: &Documents) -> Vec<Value> {
    let mut below: HashMap<&str, Vec<&Document>> = HashMap::new();
    for entry in documents.of_kind(Kind::Group) {
        let parent = parent_group(documents, &entry.document).map_or("", |parent| parent.key.name.as_str());
        below.entry(parent).or_default().push(&entry.document);
    }
    tree(documents, &below, "")
}

/// The depth is that of the paths; a group is below one path only.
fn tree(documents: &Documents, below: &HashMap<&str, Vec<&Document>>, path: &str) -> Vec<Value> {
    let children = below.get(path).map(Vec::as_slice).unwrap_or_default();
    let with_children = |group: &&Document| {
        let mut body = representation(documents, group);
        body.insert("subGroups".to_owned(), tree(documents, below, &group.key.name).into());
        Value::Object(ordered(body, Kind::Group))
    };
    children.iter().map(with_children).collect()
}
