use ambient::Timestamp;
use realm_model::file::{SourceFile, read};
use realm_model::{Realm, User};
use serde_json::{Value, json};
use sessions::Memory;

use super::*;
use crate::{AskedError, AskedFor, Format, UmaPolicy};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

struct World {
    realm: Realm,
    permissions: Permissions,
    ann: Arc<User>,
}

/// Two resource servers, `rs` with what it declares and `other`, over one store.
fn realm(album: Value) -> Realm {
    loaded(album).0
}

fn loaded(album: Value) -> (Realm, Arc<User>) {
    let settings = json!({"resources": [album], "scopes": [{"name": "view"}], "allowRemoteResourceManagement": true});
    let realm = json!({"realm": "r", "enabled": true, "users": [{"id": "u-ann", "username": "ann", "enabled": true}], "clients": [
        {"clientId": "rs", "secret": "s", "authorizationServicesEnabled": true, "authorizationSettings": settings},
        {"clientId": "other", "secret": "s", "authorizationServicesEnabled": true, "authorizationSettings": {}}]});
    let file = SourceFile { name: "r.json".to_owned(), bytes: realm.to_string().into() };
    let loaded = read(&[file], &|_| None).realms.remove(0);
    (loaded.realm, Arc::new(loaded.users.into_iter().find(|user| user.username == "ann").unwrap()))
}

fn album() -> Value {
    json!({"name": "album", "uris": ["/albums/*"], "scopes": [{"name": "view"}]})
}

impl World {
    fn new() -> Self {
        let (realm, ann) = loaded(album());
        Self { realm, ann, permissions: Permissions::new(Arc::new(Memory::new())) }
    }

    fn server(&self, client: &str) -> Arc<ResourceServer> {
        self.permissions.server(&self.realm, self.realm.client(client).unwrap()).unwrap()
    }
}

fn resource(id: &str, name: &str, owner: Owner) -> Resource {
    Resource {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: None,
        owner,
        owner_managed: true,
        display_name: None,
        attributes: [].into(),
        uris: Vec::new(),
        scopes: vec!["view".to_owned()],
        icon_uri: None,
    }
}

fn of_ann() -> Owner {
    Owner::User("u-ann".to_owned())
}

#[test]
fn a_resource_server_is_compiled_once_until_its_settings_change() {
    let mut world = World::new();
    let first = world.server("rs");
    assert!(Arc::ptr_eq(&first, &world.server("rs")));
    world.realm = realm(json!({"name": "book"}));
    assert!(!Arc::ptr_eq(&first, &world.server("rs")));
    assert!(world.permissions.server(&world.realm, world.realm.client("account").unwrap()).is_none());
}

#[tokio::test]
async fn a_name_is_taken_among_the_resources_of_one_owner() {
    let world = World::new();
    let server = world.server("rs");
    let registry = world.permissions.registry(&world.realm, &server, NOW);
    assert_eq!(registry.register(&resource("1", "doc", of_ann())).await.unwrap(), Registered::Done);
    assert_eq!(registry.register(&resource("2", "doc", of_ann())).await.unwrap(), Registered::NameTaken);
    assert_eq!(registry.register(&resource("3", "doc", Owner::Server)).await.unwrap(), Registered::Done);
    assert_eq!(registry.register(&resource("1", "new", of_ann())).await.unwrap(), Registered::IdTaken);
    assert_eq!(registry.register(&resource("4", "new", of_ann())).await.unwrap(), Registered::Done, "the name was given back");
    assert_eq!(registry.register(&resource("5", "album", Owner::Server)).await.unwrap(), Registered::NameTaken);
    registry.remove(&resource("1", "doc", of_ann())).await.unwrap();
    assert_eq!(registry.register(&resource("6", "doc", of_ann())).await.unwrap(), Registered::Done);
}

#[tokio::test]
async fn a_renamed_resource_is_found_by_its_new_name_alone() {
    let world = World::new();
    let server = world.server("rs");
    let registry = world.permissions.registry(&world.realm, &server, NOW);
    let before = resource("1", "doc", of_ann());
    assert_eq!(registry.register(&before).await.unwrap(), Registered::Done);
    assert!(registry.change(&before, &resource("1", "paper", of_ann())).await.unwrap());
    assert!(registry.find_named(&of_ann(), "doc").await.unwrap().is_none());
    assert_eq!(registry.find_named(&of_ann(), "paper").await.unwrap().unwrap().id, "1");
}

#[tokio::test]
async fn nothing_of_another_resource_server_is_reached_whatever_the_id() {
    let world = World::new();
    let (one, other) = (world.server("rs"), world.server("other"));
    let (one, other) =
        (world.permissions.registry(&world.realm, &one, NOW), world.permissions.registry(&world.realm, &other, NOW));
    assert_eq!(one.register(&resource("1", "doc", of_ann())).await.unwrap(), Registered::Done);
    one.change_sharing("1", |sharing| {
        sharing.policies.push(UmaPolicy::default());
        Some(())
    })
    .await
    .unwrap();
    let declared = one.all().await.unwrap().first().unwrap().id.clone();
    assert!(other.find("1").await.unwrap().is_none());
    assert!(other.find(&declared).await.unwrap().is_none());
    assert!(other.sharing("1").await.unwrap().is_none());
    assert!(other.all().await.unwrap().is_empty() && other.all_sharing().await.unwrap().is_empty());
    assert_eq!(other.register(&resource("1", "doc", of_ann())).await.unwrap(), Registered::Done, "ids are those of one server");
    other.remove(&resource("1", "doc", of_ann())).await.unwrap();
    assert!(one.find("1").await.unwrap().is_some() && one.sharing("1").await.unwrap().is_some());
}

#[tokio::test]
async fn a_declared_resource_stays_changed_until_the_file_says_something_new_of_it() {
    let mut world = World::new();
    let server = world.server("rs");
    let registry = world.permissions.registry(&world.realm, &server, NOW);
    let declared = Arc::clone(server.declared().next().unwrap());
    let renamed = Resource { name: "photos".to_owned(), ..(*declared).clone() };
    assert!(registry.change(&declared, &renamed).await.unwrap());
    assert_eq!(registry.find(&declared.id).await.unwrap().unwrap().name, "photos");
    assert_eq!(registry.all().await.unwrap().len(), 1);
    registry.remove(&renamed).await.unwrap();
    assert!(registry.find(&declared.id).await.unwrap().is_none() && registry.all().await.unwrap().is_empty());
    world.realm = realm(json!({"name": "album", "uris": ["/new/*"], "scopes": [{"name": "view"}]}));
    let server = world.server("rs");
    let registry = world.permissions.registry(&world.realm, &server, NOW);
    assert_eq!(registry.find(&declared.id).await.unwrap().unwrap().uris, ["/new/*"]);
}

async fn resolved(world: &World, asked: &str, format: Format) -> Result<Vec<(Option<String>, Vec<String>)>, AskedError> {
    let server = world.server("rs");
    let registry = world.permissions.registry(&world.realm, &server, NOW);
    let wanted = registry.resolve(&[AskedFor::parse(asked)], format, &world.ann).await?;
    Ok(wanted.into_iter().map(|one| (one.resource.map(|resource| resource.name.clone()), one.scopes)).collect())
}

#[tokio::test]
async fn what_is_asked_for_is_found_by_id_name_path_and_scope() {
    let world = World::new();
    let album = || vec![(Some("album".to_owned()), vec!["view".to_owned()])];
    for (asked, format) in [
        ("album", Format::Id),
        ("album#view", Format::Id),
        ("album#view,fly", Format::Id),
        ("#view", Format::Id),
        ("/albums/*", Format::Uri),
        ("/albums/7", Format::MatchingUri),
    ] {
        assert_eq!(resolved(&world, asked, format).await.unwrap(), album(), "{asked}");
    }
    assert_eq!(resolved(&world, "", Format::Id).await.unwrap(), []);
    assert!(matches!(resolved(&world, "book", Format::Id).await, Err(AskedError::UnknownResource(_))));
    assert!(matches!(resolved(&world, "/albums/7", Format::Uri).await, Err(AskedError::UnknownUri(_))));
    assert!(matches!(resolved(&world, "album#fly", Format::Id).await, Err(AskedError::UnknownScopes(_))));
}

#[tokio::test]
async fn of_two_resources_of_one_name_the_asking_users_own_is_meant() {
    let world = World::new();
    let server = world.server("rs");
    let registry = world.permissions.registry(&world.realm, &server, NOW);
    assert_eq!(registry.register(&resource("1", "album", of_ann())).await.unwrap(), Registered::Done);
    let wanted = registry.resolve(&[AskedFor::parse("album")], Format::Id, &world.ann).await.unwrap();
    assert_eq!(wanted.first().unwrap().resource.as_ref().unwrap().id, "1");
}
