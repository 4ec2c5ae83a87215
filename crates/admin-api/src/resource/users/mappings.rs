//! `…/users/{id}/role-mappings` (recordings admin-users/role-mappings-*)

use std::collections::BTreeSet;

use realm_model::document::{Documents, Key, Kind, UserRecord};

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::json;
use crate::mapping::{self, Place};
use crate::role::Detail;
use crate::roles::{Permission, may_give};
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("users/{user}/role-mappings", |call| Box::pin(all(call))),
        Route::get("users/{user}/role-mappings/realm", |call| Box::pin(list(call, Part::Direct))),
        Route::post("users/{user}/role-mappings/realm", |call| Box::pin(add(call))),
        Route::delete("users/{user}/role-mappings/realm", |call| Box::pin(remove(call))).taking(Consumes::Json),
        Route::get("users/{user}/role-mappings/realm/available", |call| Box::pin(list(call, Part::Available))),
        Route::get("users/{user}/role-mappings/realm/composite", |call| Box::pin(list(call, Part::WithParts))),
        Route::get("users/{user}/role-mappings/clients/{of}", |call| Box::pin(list(call, Part::Direct))),
        Route::post("users/{user}/role-mappings/clients/{of}", |call| Box::pin(add(call))),
        Route::delete("users/{user}/role-mappings/clients/{of}", |call| Box::pin(remove(call))).taking(Consumes::Json),
        Route::get("users/{user}/role-mappings/clients/{of}/available", |call| Box::pin(list(call, Part::Available))),
        Route::get("users/{user}/role-mappings/clients/{of}/composite", |call| Box::pin(list(call, Part::WithParts))),
    ],
    locator: None,
    wrong_verb: WrongVerb::MethodNotAllowed,
};

/// Which roles are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Direct,
    /// Those that the caller may give.
    Available,
    /// All that the user has in the end: by groups and by what roles contain.
    WithParts,
}

/// Keycloak: the client is looked up before the role is asked for (asked of 26.7.4).
fn place(call: &Call, documents: &Documents) -> Result<Place, AdminError> {
    match call.params.get(1) {
        Some(client) => Place::client(documents, client),
        None => Ok(Place::realm()),
    }
}

/// The roles of a user, those of its groups and the groups above them among them.
fn with_groups(documents: &Documents, user: &UserRecord) -> BTreeSet<Key> {
    let mut all = mapping::of_body(&user.0);
    for path in user.texts("groups") {
        let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).chain([path.len()]);
        for above in ends.filter_map(|end| path.get(..end)) {
            if let Some(group) = documents.named(Kind::Group, above) {
                all.extend(mapping::of_body(&group.document.body));
            }
        }
    }
    all
}

async fn all(call: &Call) -> Result<Answer, AdminError> {
    let user = call.visible_user().await?;
    let documents = call.documents().await?;
    Answer::json(&mapping::all(&documents, &mapping::visible(call, mapping::of_body(&user.0))))
}

async fn list(call: &Call, part: Part) -> Result<Answer, AdminError> {
    let user = call.user().await?.record;
    let documents = call.documents().await?;
    let place = place(call, &documents)?;
    call.refuse_without(Permission::ViewUsers)?;
    if part != Part::Available {
        mapping::refuse_hidden(call, &place)?;
    }
    let held = mapping::of_body(&user.0);
    let keys: Vec<Key> = match part {
        Part::Direct => held.into_iter().filter(|key| place.has(key)).collect(),
        Part::Available => {
            mapping::available(&documents, &place, &held).filter(|key| mapping::offers(call, key)).cloned().collect()
        }
        Part::WithParts => {
            let all = mapping::with_parts(&documents, &with_groups(&documents, &user));
            all.into_iter().filter(|key| place.has(key)).collect()
        }
    };
    let detail = Detail::of(call.query.flag("briefRepresentation").filter(|_| part == Part::WithParts), Detail::Brief);
    Answer::json(&mapping::list(&documents, keys.iter(), detail))
}

async fn add(call: &Call) -> Result<Answer, AdminError> {
    call.user().await?;
    let documents = call.documents().await?;
    let place = place(call, &documents)?;
    let given = call.json_list(&json::ROLE)?;
    call.refuse_without(Permission::ManageUsers)?;
    let roles = mapping::named(&documents, &place, &given)?;
    if !roles.iter().all(|role| may_give(call, role)) {
        return Err(AdminError::Forbidden);
    }
    change(call, |held| held.extend(roles.iter().cloned())).await
}

/// Keycloak: without a body all of the place go.
async fn remove(call: &Call) -> Result<Answer, AdminError> {
    call.user().await?;
    let documents = call.documents().await?;
    let place = place(call, &documents)?;
    let given = if call.body.is_empty() { None } else { Some(call.json_list(&json::ROLE)?) };
    call.refuse_without(Permission::ManageUsers)?;
    let roles = given.map(|given| mapping::named(&documents, &place, &given)).transpose()?;
    let goes = |role: &Key| roles.as_ref().map_or_else(|| place.has(role), |roles| roles.contains(role));
    let user = call.user().await?.record;
    if !mapping::of_body(&user.0).iter().filter(|role| goes(role)).all(|role| may_give(call, role)) {
        return Err(AdminError::Forbidden);
    }
    change(call, |held| held.retain(|role| !goes(role))).await
}

async fn change(call: &Call, work: impl Fn(&mut BTreeSet<Key>)) -> Result<Answer, AdminError> {
    call.change_user(|user, _| {
        let before = mapping::of_body(&user.0);
        let mut held = before.clone();
        work(&mut held);
        if held != before {
            mapping::put_into_body(&mut user.0, &held);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}
