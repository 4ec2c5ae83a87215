use realm_store::{DeclaredUsers, RealmWrite, Repository, StoredRealm, UserQuery, UserRow};
use serde_json::{Value, json};

use super::*;
use crate::world::{World, acme, file};

/// Everything that the store holds of the realm `acme`.
async fn stored(world: &World) -> (StoredRealm, Vec<realm_store::Declared>, Vec<UserRow>) {
    let repository: &dyn Repository = &**world.reconciler.live.repository();
    let id = world.reconciler.live.realm_id("acme").unwrap();
    let users = repository.users(&id, &UserQuery::default()).await.unwrap();
    (repository.realm(&id).await.unwrap().unwrap(), repository.declared(&id, DeclaredUsers::Include).await.unwrap(), users)
}

/// The snapshot in force, its maps in order.
fn shown(world: &World) -> (String, Vec<String>) {
    let realm = world.reconciler.live.snapshots().realm("acme").unwrap();
    let Realm { clients, client_scopes, roles, groups, .. } = &*realm;
    let mut entities: Vec<String> = clients.values().map(|client| format!("{client:?}")).collect();
    entities.extend(client_scopes.values().map(|scope| format!("{scope:?}")));
    entities.extend(roles.values().map(|role| format!("{role:?}")));
    entities.extend(groups.values().map(|group| format!("{group:?}")));
    entities.sort();
    let mut rest = Realm { generation: 0, ..(*realm).clone() };
    (rest.clients, rest.client_scopes, rest.roles, rest.groups) = Default::default();
    (format!("{rest:?}"), entities)
}

/// Realms with a bit of everything: what is built in changed, taken away, replaced.
fn realms() -> Vec<Value> {
    let mut brings = acme();
    brings["clientScopes"] = json!([{"name": "own", "protocol": "openid-connect"}]);
    brings["components"] =
        json!({"org.keycloak.keys.KeyProvider": [{"name": "rsa", "providerId": "rsa-generated", "config": {}}]});
    brings["requiredActions"] = json!([]);
    let mut named = acme();
    named["id"] = "1b671a64-40d5-491e-99b0-da01ff1f3341".into();
    named["attributes"] = json!({"acr.loa.map": "${LEVELS:{}}"});
    named["clients"].as_array_mut().unwrap().push(json!({"clientId": "account", "name": "${client_account}"}));
    vec![json!({"realm": "acme"}), acme(), brings, named]
}

#[tokio::test]
async fn what_is_prepared_is_in_the_store_and_in_force_as_what_is_planned() {
    for json in realms() {
        let (planned, prepared) = (World::new().await, World::new().await);
        planned.apply(&json).await;
        let file = file(&json);
        let ready = prepared.reconciler.prepare(&file);
        assert!(ready.is_some());
        let plan = prepared.reconciler.apply_prepared((&file, ready), Options::default()).await.unwrap();
        assert!(plan.has_changes());
        let (one, other) = (stored(&planned).await, stored(&prepared).await);
        assert_eq!((one.0.realm, one.0.rows), (other.0.realm, other.0.rows));
        assert!(one.1 == other.1, "what the file said");
        assert_eq!(one.2, other.2);
        assert_eq!(shown(&planned), shown(&prepared));
        prepared.reconciler.live.renew().await.unwrap();
        assert_eq!(shown(&planned), shown(&prepared));
    }
}

#[tokio::test]
async fn what_was_prepared_of_a_realm_that_somebody_else_made_is_compared_with_it() {
    let (world, json) = (World::new().await, acme());
    let file = file(&json);
    let ready = world.reconciler.prepare(&file);
    let mut other = acme();
    other["accessTokenLifespan"] = 77.into();
    world.apply(&other).await;
    let plan = world.reconciler.apply_prepared((&file, ready), Options::default()).await.unwrap();
    assert_eq!(plan.action, crate::Action::Update);
    assert!(world.reconciler.prepare(&file).is_none());
    let batch = realm_store::Batch {
        realm: RealmWrite::Delete,
        ..realm_store::Batch::within(&*world.reconciler.live.realm_id("acme").unwrap())
    };
    world.reconciler.live.commit(batch).await.unwrap();
    assert!(world.reconciler.prepare(&file).is_some());
}
