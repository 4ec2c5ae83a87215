use realm_model::document::{Document, split};
use realm_store::Leaving;
use serde_json::json;

use super::*;

fn realm() -> Documents {
    let realm = json!({
        "realm": "r",
        "defaultGroups": ["/g/h"], "defaultRole": {"name": "basic"}, "browserFlow": "my browser",
        "defaultDefaultClientScopes": ["s"],
        "roles": {
            "realm": [{"name": "basic"}, {"name": "boss", "composites": {"realm": ["basic"], "client": {"app": ["reader"]}}}],
            "client": {"app": [{"name": "reader"}, {"name": "all", "composites": {"client": {"app": ["reader"]}}}]},
        },
        "groups": [{"name": "g", "realmRoles": ["basic"], "clientRoles": {"app": ["reader"]}, "subGroups": [{"name": "h"}]}],
        "clientScopes": [{"name": "s", "protocol": "openid-connect"}],
        "clients": [{"clientId": "app", "defaultClientScopes": ["s"]}, {"clientId": "other", "optionalClientScopes": ["s"]}],
        "scopeMappings": [{"client": "other", "roles": ["basic"]}, {"clientScope": "s", "roles": ["boss"]}],
        "clientScopeMappings": {"app": [{"client": "other", "roles": ["reader", "all"]}]},
    });
    let Value::Object(realm) = realm else { panic!("an object") };
    let mut documents = Documents::new("id", 1);
    for document in split(realm, &str::to_owned).documents {
        documents.insert(document, 1);
    }
    documents
}

/// The entities after the writes.
fn applied(before: &Documents, changes: Changes<'_>) -> Documents {
    let mut documents = before.clone();
    for write in changes.batch.writes {
        match write {
            Write::Put { key, id, body, .. } => {
                documents.insert(Document { key, id, body: serde_json::from_str(&body).unwrap() }, 2);
            }
            Write::Delete { key, leaving, .. } => {
                assert_eq!(leaving, Leaving::Nothing);
                documents.remove(&key);
            }
            Write::Rename { from, to } => {
                let entry = documents.remove(&from).unwrap();
                documents.insert(Document { key: to, ..entry.document }, 2);
            }
            Write::ForgetMembership(_) => {}
            other => panic!("{other:?}"),
        }
    }
    documents
}

/// Every text and member name in any entity, for a look at what is left of a name.
fn mentions(documents: &Documents, word: &str) -> Vec<String> {
    let quoted = format!("\"{word}\"");
    let hit = |entry: &&realm_model::document::Entry| {
        let key = &entry.document.key;
        let in_key = [key.owner.as_str(), key.name.as_str()].iter().any(|part| part.split(':').any(|part| part == word));
        in_key || Value::Object(entry.document.body.clone()).to_string().contains(&quoted)
    };
    documents.iter().filter(hit).map(|entry| entry.document.key.to_string()).collect()
}

#[test]
fn whoever_refers_to_a_renamed_entity_says_its_new_name() {
    for (from, to, old, new) in [
        (Key::of(Kind::RealmRole, "basic"), "plain", "basic", "plain"),
        (Key::owned(Kind::ClientRole, "app", "reader"), "lector", "reader", "lector"),
        (Key::of(Kind::Client, "app"), "app2", "app", "app2"),
        (Key::of(Kind::Client, "other"), "another", "other", "another"),
        (Key::of(Kind::ClientScope, "s"), "t", "s", "t"),
        (Key::of(Kind::Group, "/g"), "/gg", "/g/h", "/gg/h"),
        (Key::of(Kind::Flow, "my browser"), "mine", "my browser", "mine"),
    ] {
        let mut before = realm();
        before.insert(
            Document {
                key: Key::of(Kind::Flow, "my browser"),
                id: "f".to_owned(),
                body: Body::from_iter([("alias".to_owned(), "my browser".into())]),
            },
            1,
        );
        let mut body = before.get(&from).unwrap().document.body.clone();
        for member in ["name", "clientId", "alias"] {
            if body.contains_key(member) {
                body.insert(member.to_owned(), to.trim_start_matches('/').into());
            }
        }
        let nothing = |_: &str| None;
        let mut changes = Changes::of(&before, &nothing);
        rename(&mut changes, &before, (&from, &Key { name: to.to_owned(), ..from.clone() }), body);
        let after = applied(&before, changes);
        assert_eq!(mentions(&after, old), Vec::<String>::new(), "{from}");
        let (was, is) = (mentions(&before, old).len(), mentions(&after, new).len());
        assert_eq!(is, was, "{from}: {:?}", mentions(&after, new));
        assert_eq!(after.iter().count(), before.iter().count(), "{from}");
    }
}

#[test]
fn nobody_refers_to_an_entity_that_went() {
    for (key, word, left) in [
        (Key::owned(Kind::ClientRole, "app", "reader"), "reader", 0),
        (Key::of(Kind::Client, "app"), "app", 0),
        (Key::of(Kind::Client, "other"), "other", 0),
        (Key::of(Kind::ClientScope, "s"), "s", 0),
        (Key::of(Kind::Group, "/g"), "/g/h", 0),
        // The realm's own default role is not taken away; its name in the settings stays.
        (Key::of(Kind::RealmRole, "basic"), "basic", 1),
    ] {
        let before = realm();
        let nothing = |_: &str| None;
        let mut changes = Changes::of(&before, &nothing);
        delete(&mut changes, &before, &key);
        assert_eq!(mentions(&applied(&before, changes), word).len(), left, "{key}");
    }
}

#[test]
fn users_forget_roles_and_groups_that_went() {
    let before = realm();
    let nothing = |_: &str| None;
    let mut changes = Changes::of(&before, &nothing);
    delete(&mut changes, &before, &Key::of(Kind::Client, "app"));
    let forgotten: Vec<String> = changes
        .batch
        .writes
        .iter()
        .filter_map(|write| if let Write::ForgetMembership(key) = write { Some(key.to_string()) } else { None })
        .collect();
    assert_eq!(forgotten, ["client role \"app/all\"", "client role \"app/reader\""]);
}
