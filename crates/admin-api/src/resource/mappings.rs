//! `…/scope-mappings` of a client or client scope, `…/role-mappings` of a group

use std::collections::BTreeSet;

use realm_model::document::{Document, Documents, Key, Kind};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::texts;
use crate::call::Call;
use crate::change::Changes;
use crate::error::AdminError;
use crate::json;
use crate::mapping::{self, Place};
use crate::resource::{client_scopes, clients, groups};
use crate::role::Detail;
use crate::roles::{Permission, may_give, refuse_administrative};
use crate::router::{Consumes, Resource, Route, WrongVerb};

/// What has roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    /// The scope of a client.
    Client,
    /// The scope of a client scope.
    ClientScope,
    /// A group.
    Group,
}

/// Which roles of it are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Direct,
    Available,
    WithParts,
}

/// Where the roles lie that the path speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Realm,
    Client,
}

macro_rules! mapping_routes {
    ($holder:expr, $base:literal) => {
        &[
            Route::get($base, |call| Box::pin(all(call, $holder))),
            Route::get(concat!($base, "/realm"), |call| Box::pin(list(call, $holder, (Of::Realm, Part::Direct)))),
            Route::post(concat!($base, "/realm"), |call| Box::pin(add(call, $holder, Of::Realm))),
            Route::delete(concat!($base, "/realm"), |call| Box::pin(remove(call, $holder, Of::Realm))).taking(Consumes::Json),
            Route::get(concat!($base, "/realm/available"), |call| Box::pin(list(call, $holder, (Of::Realm, Part::Available)))),
            Route::get(concat!($base, "/realm/composite"), |call| Box::pin(list(call, $holder, (Of::Realm, Part::WithParts)))),
            Route::get(concat!($base, "/clients/{of}"), |call| Box::pin(list(call, $holder, (Of::Client, Part::Direct)))),
            Route::post(concat!($base, "/clients/{of}"), |call| Box::pin(add(call, $holder, Of::Client))),
            Route::delete(concat!($base, "/clients/{of}"), |call| Box::pin(remove(call, $holder, Of::Client)))
                .taking(Consumes::Json),
            Route::get(concat!($base, "/clients/{of}/available"), |call| {
                Box::pin(list(call, $holder, (Of::Client, Part::Available)))
            }),
            Route::get(concat!($base, "/clients/{of}/composite"), |call| {
                Box::pin(list(call, $holder, (Of::Client, Part::WithParts)))
            }),
        ]
    };
}

pub(crate) static OF_CLIENT: Resource = Resource {
    routes: mapping_routes!(Holder::Client, "clients/{client}/scope-mappings"),
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

pub(crate) static OF_CLIENT_SCOPE: Resource = Resource {
    routes: mapping_routes!(Holder::ClientScope, "client-scopes/{scope}/scope-mappings"),
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

pub(crate) static OF_GROUP: Resource = Resource {
    routes: mapping_routes!(Holder::Group, "groups/{group}/role-mappings"),
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

impl Of {
    fn place(self, call: &Call, documents: &Documents) -> Result<Place, AdminError> {
        match self {
            Self::Realm => Ok(Place::realm()),
            Self::Client => Place::client(documents, call.param(1)),
        }
    }
}

impl Holder {
    fn found<'d>(self, call: &Call, documents: &'d Documents) -> Result<&'d Document, AdminError> {
        match self {
            Self::Client => clients::found(call, documents),
            Self::ClientScope => client_scopes::found(call, documents),
            Self::Group => groups::found(call, documents),
        }
    }

    fn managed<'d>(self, call: &Call, documents: &'d Documents) -> Result<&'d Document, AdminError> {
        let found = self.found(call, documents)?;
        call.refuse_without(self.manage())?;
        refuse_administrative(call, &found.key)?;
        Ok(found)
    }

    /// Refuses a change of these roles: in a group they are given to its members.
    fn refuse_giving(self, call: &Call, roles: &[Key]) -> Result<(), AdminError> {
        let may = self != Self::Group || roles.iter().all(|role| may_give(call, role));
        if may { Ok(()) } else { Err(AdminError::Forbidden) }
    }

    const fn view(self) -> Permission {
        match self {
            Self::Client | Self::ClientScope => Permission::ViewClients,
            Self::Group => Permission::ViewGroups,
        }
    }

    const fn manage(self) -> Permission {
        match self {
            Self::Client | Self::ClientScope => Permission::ManageClients,
            Self::Group => Permission::ManageUsers,
        }
    }

    /// The word by which scope mappings name their holder.
    const fn word(self) -> &'static str {
        match self {
            Self::ClientScope => "clientScope",
            Self::Client | Self::Group => "client",
        }
    }

    fn held(self, documents: &Documents, holder: &Document) -> BTreeSet<Key> {
        if self == Self::Group {
            return mapping::of_body(&holder.body);
        }
        let (word, name) = (self.word(), holder.key.name.as_str());
        let of_realm = documents.get(&Key::owned(Kind::ScopeMapping, word, name));
        let of_realm = of_realm.into_iter().flat_map(|entry| texts(&entry.document.body, "roles"));
        let mapped = format!("{word}:{name}");
        let of_clients = documents.of_kind(Kind::ClientScopeMapping).map(|entry| &entry.document);
        let of_clients = of_clients.filter(|mapping| mapping.key.name == mapped).flat_map(|mapping| {
            texts(&mapping.body, "roles").map(|role| Key::owned(Kind::ClientRole, mapping.key.owner.as_str(), role))
        });
        of_realm.map(|role| Key::of(Kind::RealmRole, role)).chain(of_clients).collect()
    }

    /// Writes what it has from now on.
    fn put(self, changes: &mut Changes<'_>, (documents, holder): (&Documents, &Document), held: &BTreeSet<Key>, place: &Place) {
        if self == Self::Group {
            let mut body = holder.body.clone();
            mapping::put_into_body(&mut body, held);
            changes.put_body(&holder.key, body);
            return;
        }
        let (word, name) = (self.word(), holder.key.name.as_str());
        let key = match place.kind {
            Kind::ClientRole => Key::owned(Kind::ClientScopeMapping, place.owner.as_str(), format!("{word}:{name}")),
            _ => Key::owned(Kind::ScopeMapping, word, name),
        };
        let roles: Vec<&str> = held.iter().filter(|role| place.has(role)).map(|role| role.name.as_str()).collect();
        match (roles.is_empty(), documents.get(&key).is_some()) {
            (true, true) => changes.delete(&key),
            (true, false) => {}
            (false, _) => {
                let Value::Object(body) = json!({ word: name, "roles": roles }) else { return };
                let id = key.stable_id(&documents.realm_id);
                changes.put(Document { key, id, body });
            }
        }
    }
}

async fn all(call: &Call, holder: Holder) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let found = holder.found(call, &documents)?;
    call.refuse_without(holder.view())?;
    let held = holder.held(&documents, found);
    let held = if holder == Holder::Group { mapping::visible(call, held) } else { held };
    Answer::json(&mapping::all(&documents, &held))
}

async fn list(call: &Call, holder: Holder, (of, part): (Of, Part)) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let found = holder.found(call, &documents)?;
    call.refuse_without(holder.view())?;
    let place = of.place(call, &documents)?;
    if holder == Holder::Group && part != Part::Available {
        mapping::refuse_hidden(call, &place)?;
    }
    let held = holder.held(&documents, found);
    let detail = Detail::of(call.query.flag("briefRepresentation"), Detail::Brief);
    let keys: Vec<Key> = match part {
        Part::Direct => held.into_iter().filter(|key| place.has(key)).collect(),
        Part::Available => {
            let offered = |key: &&Key| holder != Holder::Group || mapping::offers(call, key);
            mapping::available(&documents, &place, &held).filter(offered).cloned().collect()
        }
        Part::WithParts => mapping::with_parts(&documents, &held).into_iter().filter(|key| place.has(key)).collect(),
    };
    Answer::json(&mapping::list(&documents, keys.iter(), detail))
}

async fn add(call: &Call, holder: Holder, of: Of) -> Result<Answer, AdminError> {
    let given = call.json_list(&json::ROLE)?;
    call.change(|documents, changes| {
        let found = holder.managed(call, documents)?;
        let place = of.place(call, documents)?;
        let roles = mapping::named(documents, &place, &given)?;
        holder.refuse_giving(call, &roles)?;
        let mut held = holder.held(documents, found);
        held.extend(roles);
        holder.put(changes, (documents, found), &held, &place);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

/// Keycloak: without a body all of the place go.
async fn remove(call: &Call, holder: Holder, of: Of) -> Result<Answer, AdminError> {
    let given = if call.body.is_empty() { None } else { Some(call.json_list(&json::ROLE)?) };
    call.change(|documents, changes| {
        let found = holder.managed(call, documents)?;
        let place = of.place(call, documents)?;
        let mut held = holder.held(documents, found);
        let going = match &given {
            None => held.iter().filter(|role| place.has(role)).cloned().collect(),
            Some(given) => mapping::named(documents, &place, given)?,
        };
        holder.refuse_giving(call, &going)?;
        held.retain(|role| !going.contains(role));
        holder.put(changes, (documents, found), &held, &place);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}
