use super::*;
use crate::{Declared, DeclaredKey, DeclaredUsers};

pub(crate) async fn a_realm_is_there_with_its_rows(made: &Made) {
    let store = &*made.store;
    assert!(store.realm(ACME).await.unwrap().is_none());
    let realm = RealmWrite::Create { name: "acme".to_owned(), template: "26.7".to_owned() };
    let writes = vec![put(&Key::realm(), ACME, "{}", Expected::Absent), put(&client("app"), "c1", "{\"a\":1}", Expected::Absent)];
    let version = store.commit(Batch { realm, writes, ..Batch::within(ACME) }).await.unwrap();
    let stored = made.second.realm(ACME).await.unwrap().unwrap();
    assert_eq!((stored.realm.id.as_str(), stored.realm.name.as_str(), stored.realm.template.as_str()), (ACME, "acme", "26.7"));
    assert_eq!((stored.realm.version, version, stored.rows.len()), (1, 1, 2));
    let app = row(store, &client("app")).await.unwrap();
    assert_eq!((app.id.as_str(), app.version, app.body.as_deref()), ("c1", 1, Some("{\"a\":1}")));
    store.ping().await.unwrap();
}

pub(crate) async fn realms_come_by_name_in_pages(made: &Made) {
    let store = &*made.store;
    for name in ["b", "a", "c", "ä"] {
        make(store, &format!("id-{name}"), name).await;
        let batch =
            Batch { writes: vec![put(&Key::realm(), name, "{}", Expected::Absent)], ..Batch::within(format!("id-{name}")) };
        store.commit(batch).await.unwrap();
    }
    let mut names = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.realms(after.as_deref(), 3).await.unwrap();
        assert!(page.iter().all(|stored| stored.rows.len() == 1 && stored.rows[0].id == stored.realm.name));
        let Some(last) = page.last() else { break };
        after = Some(last.realm.name.clone());
        names.extend(page.into_iter().map(|stored| stored.realm.name));
    }
    names.sort();
    assert_eq!(names, ["a", "b", "c", "ä"]);
    let ids = names.iter().map(|name| (name.clone(), format!("id-{name}"))).collect::<Vec<_>>();
    assert_eq!(store.names().await.unwrap(), ids);
}

pub(crate) async fn a_realm_is_made_once(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let again = |id: &str, name: &str| {
        let realm = RealmWrite::Create { name: name.to_owned(), template: String::new() };
        store.commit(Batch { realm, ..Batch::within(id) })
    };
    assert_eq!(again("other", "acme").await.unwrap_err().to_string(), "realm \"acme\" exists already");
    assert_eq!(again(ACME, "other").await.unwrap_err().to_string(), format!("id \"{ACME}\" exists already"));
    again("other", "other").await.unwrap();
}

pub(crate) async fn a_realm_gets_another_name(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    make(store, "other", "other").await;
    let rename = |name: &str| store.commit(Batch { realm: RealmWrite::Rename(name.to_owned()), ..Batch::within(ACME) });
    assert!(matches!(rename("other").await, Err(CommitError::Exists(_))));
    rename("globex").await.unwrap();
    let realm = store.realm(ACME).await.unwrap().unwrap().realm;
    assert_eq!((realm.name.as_str(), realm.version), ("globex", 2));
    make(store, "third", "acme").await;
}

pub(crate) async fn a_realm_goes_with_all_of_it(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    make(store, "other", "other").await;
    let said = Some(("{}".to_owned(), "a.json".to_owned()));
    let of = [DeclaredKey::Entity(client("app")), DeclaredKey::User("ann".to_owned())];
    let declared = of.map(|of| Write::Declare { of, base: said.clone() });
    commit(store, declared.into_iter().chain([put(&client("app"), "c1", "{}", Expected::Absent)])).await.unwrap();
    let more = json!({ "email": "ann@x", "attributes": { "a": ["b"] }, "realmRoles": ["r"] });
    add(store, [record("ann", more.clone())]).await;
    store.add_users("other", vec![new_user(record("ann", more))]).await.unwrap();
    let before = store.realm(ACME).await.unwrap().unwrap().realm.version;
    store.commit(Batch { realm: RealmWrite::Delete, ..Batch::within(ACME) }).await.unwrap();
    assert!(store.realm(ACME).await.unwrap().is_none());
    assert!(found(store, UserKey::Username("ann")).await.is_none());
    acme(store).await;
    let again = store.realm(ACME).await.unwrap().unwrap();
    assert_eq!(again.rows, []);
    assert!(again.realm.version > before, "{} after {before}", again.realm.version);
    assert!(store.declared(ACME, DeclaredUsers::Include).await.unwrap().is_empty());
    assert_eq!(add(store, [record("ann", json!({}))]).await, 1);
    assert!(store.user("other", UserKey::Email("ann@x")).await.unwrap().is_some());
}

pub(crate) async fn nothing_is_changed_in_a_realm_that_is_not_there(made: &Made) {
    let store = &*made.store;
    let write = put_user(record("ann", json!({})), Expected::Absent);
    assert!(matches!(commit(store, [write]).await, Err(CommitError::UnknownRealm)));
    for realm in [RealmWrite::Delete, RealmWrite::Rename("x".to_owned())] {
        assert!(matches!(store.commit(Batch { realm, ..Batch::within(ACME) }).await, Err(CommitError::UnknownRealm)));
    }
    assert!(store.add_users(ACME, vec![new_user(record("ann", json!({})))]).await.is_err());
    assert!(found(store, UserKey::Username("ann")).await.is_none());
}

pub(crate) async fn what_files_said_is_kept(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let say = |of: &DeclaredKey, base: Option<&str>| {
        let base = base.map(|base| (base.to_owned(), "a.json".to_owned()));
        commit(store, [Write::Declare { of: of.clone(), base }])
    };
    let (app, ann) = (DeclaredKey::Entity(client("app")), DeclaredKey::User("ann".to_owned()));
    say(&ann, Some("1")).await.unwrap();
    say(&app, Some("2")).await.unwrap();
    say(&app, Some("3")).await.unwrap();
    let texts =
        |all: Vec<Declared>| all.into_iter().map(|one| format!("{:?} {} {}", one.of, one.base, one.file)).collect::<Vec<_>>();
    let entity = "Entity(client \"app\") 3 a.json";
    assert_eq!(texts(store.declared(ACME, DeclaredUsers::Include).await.unwrap()), [entity, "User(\"ann\") 1 a.json"]);
    assert_eq!(texts(store.declared(ACME, DeclaredUsers::Leave).await.unwrap()), [entity]);
    say(&app, None).await.unwrap();
    say(&ann, None).await.unwrap();
    say(&ann, None).await.unwrap();
    assert!(store.declared(ACME, DeclaredUsers::Include).await.unwrap().is_empty());
    assert_eq!(store.realm(ACME).await.unwrap().unwrap().realm.version, 1);
}
