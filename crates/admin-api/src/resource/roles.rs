//! `/admin/realms/{realm}/roles`, `…/roles-by-id`, `…/clients/{client}/roles`

use realm_model::document::{Document, Documents, Key, Kind};

use crate::answer::Answer;
use crate::body::text;
use crate::call::Call;
use crate::error::AdminError;
use crate::json;
use crate::resource::{clients, groups};
use crate::role::{self, Detail, PartChange};
use crate::roles::{Permission, may_give, refuse_administrative};
use crate::router::{Consumes, Resource, Route, WrongVerb};

/// Where roles lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the realm.
    Realm,
    /// At the client whose id is the first parameter.
    Client,
}

macro_rules! role_routes {
    ($place:expr, $base:literal) => {
        &[
            Route::get($base, |call| Box::pin(list(call, $place))),
            Route::post($base, |call| Box::pin(create(call, $place))),
            Route::get(concat!($base, "/{role}"), |call| Box::pin(read(call, By::Name($place)))),
            Route::put(concat!($base, "/{role}"), |call| Box::pin(update(call, By::Name($place)))),
            Route::delete(concat!($base, "/{role}"), |call| Box::pin(delete(call, By::Name($place)))),
            Route::get(concat!($base, "/{role}/composites"), |call| Box::pin(parts(call, By::Name($place)))),
            Route::post(concat!($base, "/{role}/composites"), |call| Box::pin(add_parts(call, By::Name($place)))),
            Route::delete(concat!($base, "/{role}/composites"), |call| Box::pin(remove_parts(call, By::Name($place))))
                .taking(Consumes::Json),
            Route::get(concat!($base, "/{role}/composites/realm"), |call| Box::pin(realm_parts(call, By::Name($place)))),
            Route::get(concat!($base, "/{role}/composites/clients/{of}"), |call| Box::pin(client_parts(call, By::Name($place)))),
            Route::get(concat!($base, "/{role}/users"), |call| Box::pin(holders(call, By::Name($place)))),
            Route::get(concat!($base, "/{role}/groups"), |call| Box::pin(holding_groups(call, By::Name($place)))),
        ]
    };
}

pub(crate) static RESOURCE: Resource =
    Resource { routes: role_routes!(Place::Realm, "roles"), locator: None, wrong_verb: WrongVerb::NotFound };

pub(crate) static OF_CLIENT: Resource =
    Resource { routes: role_routes!(Place::Client, "clients/{client}/roles"), locator: None, wrong_verb: WrongVerb::NotFound };

pub(crate) static BY_ID: Resource = Resource {
    routes: &[
        Route::get("roles-by-id/{role}", |call| Box::pin(read(call, By::Id))),
        Route::put("roles-by-id/{role}", |call| Box::pin(update(call, By::Id))),
        Route::delete("roles-by-id/{role}", |call| Box::pin(delete(call, By::Id))),
        Route::get("roles-by-id/{role}/composites", |call| Box::pin(parts(call, By::Id))),
        Route::post("roles-by-id/{role}/composites", |call| Box::pin(add_parts(call, By::Id))),
        Route::delete("roles-by-id/{role}/composites", |call| Box::pin(remove_parts(call, By::Id))).taking(Consumes::Json),
        Route::get("roles-by-id/{role}/composites/realm", |call| Box::pin(realm_parts(call, By::Id))),
        Route::get("roles-by-id/{role}/composites/clients/{of}", |call| Box::pin(client_parts(call, By::Id))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// How the path names a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Name(Place),
    Id,
}

/// What is done to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    List,
    See,
    Change,
}

const fn permission(kind: Kind, act: Act) -> Permission {
    match (kind, act) {
        (Kind::ClientRole, Act::List | Act::See) => Permission::ViewClientRoles,
        (Kind::ClientRole, Act::Change) => Permission::ManageClients,
        (_, Act::List) => Permission::ListRoles,
        (_, Act::See) => Permission::ViewRealm,
        (_, Act::Change) => Permission::ManageRealm,
    }
}

impl Place {
    const fn kind(self) -> Kind {
        match self {
            Self::Realm => Kind::RealmRole,
            Self::Client => Kind::ClientRole,
        }
    }

    /// The name of the client, empty for the realm.
    fn owner(self, call: &Call, documents: &Documents) -> Result<String, AdminError> {
        match self {
            Self::Realm => Ok(String::new()),
            Self::Client => Ok(clients::found(call, documents)?.key.name.clone()),
        }
    }
}

/// The role that the path names, once the caller may do that to it.
fn found<'d>(call: &Call, documents: &'d Documents, (by, act): (By, Act)) -> Result<&'d Document, AdminError> {
    match by {
        By::Id => {
            let missing = || AdminError::error(404, "Could not find role with id");
            let role = role::by_id(documents, call.param(0)).ok_or_else(missing)?;
            call.refuse_without(permission(role.key.kind, act))?;
            if act == Act::Change {
                refuse_administrative(call, &role.key)?;
            }
            Ok(role)
        }
        By::Name(place) => {
            let owner = place.owner(call, documents)?;
            call.refuse_without(permission(place.kind(), act))?;
            let name = call.params.get(usize::from(place == Place::Client)).map(String::as_str).unwrap_or_default();
            let key = Key::owned(place.kind(), owner, name);
            if act == Act::Change {
                refuse_administrative(call, &key)?;
            }
            let entry = documents.get(&key);
            Ok(&entry.ok_or_else(|| AdminError::error(404, "Could not find role"))?.document)
        }
    }
}

/// Keycloak: sorted only where both bounds are given or something is searched; one bound alone does nothing.
async fn list(call: &Call, place: Place) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let owner = place.owner(call, &documents)?;
    call.refuse_without(permission(place.kind(), Act::List))?;
    let page = call.query.page()?;
    let detail = Detail::of(call.query.flag("briefRepresentation"), Detail::Brief);
    let search = call.query.text("search").map(|text| text.trim().to_lowercase());
    let wanted = documents.of_kind(place.kind()).map(|entry| &entry.document).filter(|role| {
        let hit = search.as_deref().is_none_or(|word| role.key.name.to_lowercase().contains(word));
        role.key.owner == owner && hit
    });
    let shown = wanted.map(|role| role::shown(&documents, role, detail));
    let paged = search.is_some() || (page.first.is_some() && page.max.is_some());
    if paged { Answer::json(&page.of(shown)) } else { Answer::json(&shown.collect::<Vec<_>>()) }
}

/// Refuses parts of a role that the caller may not give: who has the role has them. Keycloak: taking them out, too.
fn refuse_giving(call: &Call, mut parts: impl Iterator<Item = Key>) -> Result<(), AdminError> {
    if parts.all(|part| may_give(call, &part)) { Ok(()) } else { Err(AdminError::Forbidden) }
}

async fn create(call: &Call, place: Place) -> Result<Answer, AdminError> {
    let given = call.json(&json::ROLE)?;
    let documents = call.documents().await?;
    let owner = place.owner(call, &documents)?;
    call.refuse_without(permission(place.kind(), Act::Change))?;
    let key = Key::owned(place.kind(), owner, text(&given, "name").unwrap_or_default());
    refuse_administrative(call, &key)?;
    let role = Document { key, id: String::new(), body: given.clone() };
    refuse_giving(call, role::parts(&role).filter(|part| documents.get(part).is_some()))?;
    let id = call.new_id();
    let name = call
        .change(|documents, changes| {
            let owner = place.owner(call, documents)?;
            role::create((documents, changes), &|name| Key::owned(place.kind(), owner.as_str(), name), (&given, &id))
        })
        .await?;
    Ok(Answer::created(match place {
        Place::Realm => call.location(&["roles", &name]),
        Place::Client => call.location(&["clients", call.param(0), "roles", &name]),
    }))
}

async fn read(call: &Call, by: By) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let role = found(call, &documents, (by, Act::See))?;
    Answer::json(&role::shown(&documents, role, Detail::Full))
}

async fn update(call: &Call, by: By) -> Result<Answer, AdminError> {
    let given = call.json(&json::ROLE)?;
    call.change(|documents, changes| {
        let role = found(call, documents, (by, Act::Change))?;
        role::update((documents, changes), role, &given)
    })
    .await?;
    Ok(Answer::no_content())
}

async fn delete(call: &Call, by: By) -> Result<Answer, AdminError> {
    call.change(|documents, changes| {
        let role = found(call, documents, (by, Act::Change))?;
        role::delete((documents, changes), role)
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

fn shown_parts(documents: &Documents, role: &Document, wanted: impl Fn(&Key) -> bool) -> Result<Answer, AdminError> {
    let there = role::parts(role).filter(wanted).filter_map(|key| documents.get(&key).map(|entry| &entry.document));
    let all: Vec<_> = there.map(|part| role::shown(documents, part, Detail::Brief)).collect();
    Answer::json(&all)
}

async fn parts(call: &Call, by: By) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    shown_parts(&documents, found(call, &documents, (by, Act::See))?, |_| true)
}

async fn realm_parts(call: &Call, by: By) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    shown_parts(&documents, found(call, &documents, (by, Act::See))?, |key| key.kind == Kind::RealmRole)
}

async fn client_parts(call: &Call, by: By) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let role = found(call, &documents, (by, Act::See))?;
    let client = call.params.last().and_then(|id| documents.by_id(Kind::Client, id));
    let client = &client.ok_or_else(|| AdminError::error(404, "Could not find client"))?.document.key.name;
    shown_parts(&documents, role, |key| key.kind == Kind::ClientRole && key.owner == *client)
}

async fn add_parts(call: &Call, by: By) -> Result<Answer, AdminError> {
    change_parts(call, by, PartChange::Add).await
}

async fn remove_parts(call: &Call, by: By) -> Result<Answer, AdminError> {
    change_parts(call, by, PartChange::Remove).await
}

async fn change_parts(call: &Call, by: By, change: PartChange) -> Result<Answer, AdminError> {
    let given = call.json_list(&json::ROLE)?;
    call.change(|documents, changes| {
        let role = found(call, documents, (by, Act::Change))?;
        let parts = given.iter().filter_map(|part| role::by_id(documents, text(part, "id")?));
        refuse_giving(call, parts.map(|part| part.key.clone()))?;
        role::change_parts((documents, changes), role, (&given, change))
    })
    .await?;
    Ok(Answer::no_content())
}

/// Keycloak: the role and the users must both be visible (recording admin-authorization/role-holders).
async fn holders(call: &Call, by: By) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let role = found(call, &documents, (by, Act::See))?;
    call.refuse_without(Permission::ViewUsers)?;
    let users = crate::member::of(call, &role.key, call.query.page()?).await?;
    Answer::json(&users)
}

async fn holding_groups(call: &Call, by: By) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let role = found(call, &documents, (by, Act::See))?;
    call.refuse_without(Permission::ViewGroups)?;
    let page = call.query.page()?;
    let mut holding: Vec<_> = groups::with_role(&documents, &role.key).collect();
    holding.sort_by_key(|group| text(&group.body, "name").unwrap_or_default().to_owned());
    let detail = Detail::of(call.query.flag("briefRepresentation"), Detail::Brief);
    let shown = holding.into_iter().map(|group| groups::plain(&documents, group, detail));
    Answer::json(&page.of(shown))
}
