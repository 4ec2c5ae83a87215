//! The realm `master`: who administers all realms.

use serde_json::{Value, json};

use super::MadeRealm;
use super::members::{add_text, with_object};
use crate::document::{Body, Document, Key, Kind, split};
use crate::file::stable_id;
use crate::template::Template;

/// What a fresh server's realm `master` has beyond, and in other ways than, an ordinary realm; `without` lists what it does not have.
const MASTER: &str = include_str!("../template/master-26.7.json");

/// The name of the realm that administers all.
const NAME: &str = "master";

/// The client of other realms by which they are administered from within.
const MANAGEMENT: &str = "realm-management";

/// The realm `master` of a fresh server, nobody in it.
pub fn master() -> MadeRealm {
    let realm_id = stable_id(NAME, "realm", NAME);
    // That it can be read is tested.
    let realm: Body = serde_json::from_str(MASTER).unwrap_or_default();
    let mut documents = split(realm, &str::to_owned).documents;
    let without = documents.first_mut().and_then(|settings| settings.body.shift_remove("without")).unwrap_or_default();
    documents.extend(administration(NAME, &realm_id));
    for document in &mut documents {
        document.id = document.key.stable_id(&realm_id);
        if document.key.kind == Kind::RealmRole && document.key.name == "admin" {
            administer(&mut document.body, NAME);
        }
    }
    let named = |kind: Kind| {
        let names = without.get(kind.member()).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        names.map(move |name| Key::of(kind, name)).collect::<Vec<_>>()
    };
    let mut removed = [named(Kind::Client), named(Kind::Flow)].concat();
    removed.extend(management(&realm_id).into_iter().map(|role| role.key));
    MadeRealm { realm_id, name: NAME.to_owned(), template: Template::NEWEST, documents, removed, users: Vec::new() }
}

/// What is in realm `master`, which has the id `master_id`, for each realm that is administered from there: a client `<realm>-realm`
/// and its roles. [`administer`] puts the roles into the role `admin`.
pub fn administration(realm: &str, master_id: &str) -> Vec<Document> {
    let client_id = client_of(realm);
    let mut documents = vec![client(realm, &client_id)];
    for Document { key, body, .. } in management(master_id).into_iter().filter(|role| role.key.name != "realm-admin") {
        documents.push(Document {
            key: Key { owner: client_id.clone(), ..key },
            id: String::new(),
            body: owned(body, &client_id),
        });
    }
    for document in &mut documents {
        document.id = document.key.stable_id(master_id);
    }
    documents
}

/// Puts all roles of `realm`'s client into the role `admin` of realm `master`.
pub fn administer(admin: &mut Body, realm: &str) {
    let roles = management("").into_iter().map(|role| role.key.name).filter(|name| name != "realm-admin");
    let client_id = client_of(realm);
    admin.insert("composite".to_owned(), true.into());
    with_object(admin, "composites", |composites| {
        with_object(composites, "client", |clients| roles.for_each(|role| add_text(clients, &client_id, &role)));
    });
}

fn client_of(realm: &str) -> String {
    format!("{realm}-realm")
}

/// The roles of an ordinary realm's own client.
fn management(realm_id: &str) -> Vec<Document> {
    let all = Template::of(Template::NEWEST).map(|template| template.documents(realm_id, NAME)).unwrap_or_default();
    all.into_iter().filter(|document| document.key.kind == Kind::ClientRole && document.key.owner == MANAGEMENT).collect()
}

/// A role of that client as one of another.
fn owned(mut role: Body, client_id: &str) -> Body {
    let clients = role.get_mut("composites").and_then(|composites| composites.get_mut("client"));
    if let Some(clients) = clients.and_then(Value::as_object_mut)
        && let Some(names) = clients.shift_remove(MANAGEMENT)
    {
        clients.insert(client_id.to_owned(), names);
    }
    role
}

fn client(realm: &str, client_id: &str) -> Document {
    let template = Template::of(Template::NEWEST);
    let management = template.and_then(|template| template.document("", NAME, &Key::of(Kind::Client, MANAGEMENT)));
    let mut body = management.map(|client| client.body).unwrap_or_default();
    // Keycloak: these clients have no protocol.
    body.shift_remove("protocol");
    body.insert("clientId".to_owned(), client_id.into());
    body.insert("name".to_owned(), format!("{realm} Realm").into());
    if realm != NAME {
        // Keycloak: only master's own has the realm's client scopes.
        body.insert("defaultClientScopes".to_owned(), json!([]));
        body.insert("optionalClientScopes".to_owned(), json!([]));
    }
    Document { key: Key::of(Kind::Client, client_id), id: String::new(), body }
}
