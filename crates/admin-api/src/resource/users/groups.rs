//! `…/users/{id}/groups` (recording admin-users/groups-of-user)

use realm_model::document::{Body, Document, Documents, Kind, UserRecord};
use serde_json::json;

use crate::answer::Answer;
use crate::body::{add_text, remove_text, text};
use crate::call::Call;
use crate::error::AdminError;
use crate::resource::groups::plain;
use crate::role::Detail;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("users/{user}/groups", |call| Box::pin(list(call))),
        Route::get("users/{user}/groups/count", |call| Box::pin(count(call))),
        Route::put("users/{user}/groups/{group}", |call| Box::pin(join(call))).taking(Consumes::Nothing),
        Route::delete("users/{user}/groups/{group}", |call| Box::pin(leave(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// The groups of a user that are searched for, by name.
fn found<'d>(call: &Call, documents: &'d Documents, user: &UserRecord) -> Vec<&'d Document> {
    let search = call.query.text("search").map(str::to_lowercase);
    let exact = call.query.flag("exact") == Some(true);
    let hits = |group: &&Document| {
        let name = text(&group.body, "name").unwrap_or_default().to_lowercase();
        search.as_deref().is_none_or(|word| if exact { name == word } else { name.contains(word) })
    };
    let all = user.texts("groups").filter_map(|path| documents.named(Kind::Group, path)).map(|entry| &entry.document);
    let mut groups: Vec<_> = all.filter(hits).collect();
    groups.sort_by_key(|group| text(&group.body, "name").unwrap_or_default().to_owned());
    groups
}

async fn list(call: &Call) -> Result<Answer, AdminError> {
    let user = call.user().await?.record;
    let page = call.query.page()?;
    call.refuse_without(Permission::ViewUsers)?;
    let documents = call.documents().await?;
    let detail = Detail::of(call.query.flag("briefRepresentation"), Detail::Brief);
    let all = found(call, &documents, &user).into_iter().map(|group| plain(&documents, group, detail));
    Answer::json::<Vec<Body>>(&page.of(all))
}

async fn count(call: &Call) -> Result<Answer, AdminError> {
    let user = call.visible_user().await?;
    let documents = call.documents().await?;
    Answer::json(&json!({ "count": found(call, &documents, &user).len() }))
}

async fn path(call: &Call) -> Result<String, AdminError> {
    call.user().await?;
    call.refuse_without(Permission::ManageUsers)?;
    let documents = call.documents().await?;
    let group = documents.by_id(Kind::Group, call.param(1)).ok_or_else(|| AdminError::error(404, "Group not found"))?;
    Ok(group.document.key.name.clone())
}

async fn join(call: &Call) -> Result<Answer, AdminError> {
    let path = path(call).await?;
    call.change_user(|user, _| {
        add_text(&mut user.0, "groups", &path);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

async fn leave(call: &Call) -> Result<Answer, AdminError> {
    let path = path(call).await?;
    call.change_user(|user, _| {
        remove_text(&mut user.0, "groups", &path);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}
