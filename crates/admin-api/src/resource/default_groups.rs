//! `/admin/realms/{realm}/default-groups`: in which groups new users are.

use realm_model::document::Kind;

use crate::answer::Answer;
use crate::body::{add_text, remove_text, texts};
use crate::call::Call;
use crate::error::AdminError;
use crate::resource::groups;
use crate::role::Detail;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("default-groups", |call| Box::pin(list(call))),
        Route::put("default-groups/{group}", |call| Box::pin(change(call, add_text))).taking(Consumes::Nothing),
        Route::delete("default-groups/{group}", |call| Box::pin(change(call, remove_text))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

async fn list(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRealm)?;
    let documents = call.documents().await?;
    let settings = documents.settings().cloned().unwrap_or_default();
    let there = texts(&settings, "defaultGroups").filter_map(|path| documents.named(Kind::Group, path));
    let shown: Vec<_> = there.map(|entry| groups::plain(&documents, &entry.document, Detail::Brief)).collect();
    Answer::json(&shown)
}

type ListChange = fn(&mut realm_model::document::Body, &str, &str) -> bool;

async fn change(call: &Call, apply: ListChange) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let group = documents.by_id(Kind::Group, call.param(0)).ok_or_else(|| AdminError::error(404, "Group not found"))?;
        let mut settings = documents.settings().cloned().unwrap_or_default();
        if apply(&mut settings, "defaultGroups", &group.document.key.name) {
            if texts(&settings, "defaultGroups").next().is_none() {
                settings.shift_remove("defaultGroups");
            }
            changes.put_settings(settings);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}
