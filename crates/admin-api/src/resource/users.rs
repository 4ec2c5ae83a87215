//! `/admin/realms/{realm}/users`, `…/users/count`, `…/users/{id}`

mod consents;
mod create;
mod credentials;
mod emails;
mod federated_identities;
mod groups;
mod impersonation;
mod mappings;
mod profile;
mod sessions;
mod update;

use ::sessions::SessionKind;
use realm_model::document::{Body, UserRecord};
use realm_store::{UserKey, Write};
use serde_json::Value;

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::profile::Profile;
use crate::profile::metadata::{Of, metadata};
use crate::role::Detail;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};
use crate::user::search::{self, Search};
use crate::user::shown;

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("users", |call| Box::pin(list(call))),
        Route::post("users", |call| Box::pin(create::create(call))),
        Route::get("users/count", |call| Box::pin(count(call))).without_head(),
        Route::get("users/{user}", |call| Box::pin(read(call))),
        Route::put("users/{user}", |call| Box::pin(update::update(call))),
        // Keycloak: this is no wrong verb but an unknown path.
        Route::post("users/{user}", |call| Box::pin(nothing(call))).taking(Consumes::Nothing),
        Route::delete("users/{user}", |call| Box::pin(delete(call))),
    ],
    locator: Some(("users/{user}", |call| Box::pin(locate(call)))),
    wrong_verb: WrongVerb::MethodNotAllowed,
};

pub(crate) use self::consents::RESOURCE as CONSENTS;
pub(crate) use self::credentials::RESOURCE as CREDENTIALS;
pub(crate) use self::emails::RESOURCE as EMAILS;
pub(crate) use self::federated_identities::RESOURCE as FEDERATED_IDENTITIES;
pub(crate) use self::groups::RESOURCE as GROUPS;
pub(crate) use self::impersonation::RESOURCE as IMPERSONATION;
pub(crate) use self::mappings::RESOURCE as MAPPINGS;
pub(crate) use self::profile::RESOURCE as PROFILE;
pub(crate) use self::sessions::RESOURCE as SESSIONS;

async fn locate(call: &Call) -> Result<Answer, AdminError> {
    call.user().await.map(|_| Answer::no_content())
}

async fn nothing(call: &Call) -> Result<Answer, AdminError> {
    call.user().await?;
    Err(AdminError::NotFound)
}

async fn list(call: &Call) -> Result<Answer, AdminError> {
    let search = search::read(&call.query)?;
    call.refuse_without(Permission::QueryUsers)?;
    if !call.may(Permission::ViewUsers) {
        return Answer::json(&Vec::<Value>::new());
    }
    let documents = call.documents().await?;
    let profile = Profile::of(&documents);
    let detail = Detail::of(call.query.flag("briefRepresentation"), Detail::Full);
    let mut all: Vec<Body> = Vec::new();
    for user in found(call, search).await? {
        all.push(shown::listed(call, &profile, (&user, detail)).await?);
    }
    Answer::json(&all)
}

async fn found(call: &Call, search: Search) -> Result<Vec<UserRecord>, AdminError> {
    let (repository, realm) = (call.api.live.repository(), &call.realm().id);
    match search {
        Search::Query(query) => Ok(repository.users(realm, &query).await?.into_iter().map(|row| row.record).collect()),
        Search::Ids(ids) => {
            let mut all = Vec::new();
            for id in ids {
                all.extend(repository.user(realm, UserKey::Id(&id)).await?.map(|row| row.record));
            }
            Ok(all)
        }
    }
}

async fn count(call: &Call) -> Result<Answer, AdminError> {
    let search = search::read(&call.query)?;
    call.refuse_without(Permission::QueryUsers)?;
    let count = match search {
        Search::Query(query) => call.api.live.repository().count_users(&call.realm().id, &query).await?,
        Search::Ids(_) => found(call, search).await?.len() as u64,
    };
    Answer::json(&count)
}

async fn read(call: &Call) -> Result<Answer, AdminError> {
    let user = call.visible_user().await?;
    let documents = call.documents().await?;
    let profile = Profile::of(&documents);
    let mut body = shown::alone(call, (&documents, &profile), &user).await?;
    if call.query.flag("userProfileMetadata") == Some(true) {
        let settings = documents.settings().cloned().unwrap_or_default();
        body.insert("userProfileMetadata".to_owned(), metadata(&profile, &settings, Of::User));
    }
    Answer::json(&body)
}

async fn delete(call: &Call) -> Result<Answer, AdminError> {
    let row = call.user().await?;
    call.refuse_without(Permission::ManageUsers)?;
    let (id, user) = (row.record.id().to_owned(), row.record.id().into());
    let mut batch = realm_store::Batch::within(&*call.realm().id);
    batch.writes.push(Write::DeleteUser { id, expected: realm_store::Expected::Anything });
    call.api.live.commit(batch).await?;
    for kind in [SessionKind::Online, SessionKind::Offline] {
        call.end_sessions(kind, &user).await?;
    }
    call.forget_attempts(&user).await?;
    Ok(Answer::no_content().no_cache())
}
