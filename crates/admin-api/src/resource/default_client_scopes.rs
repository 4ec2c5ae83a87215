//! `/admin/realms/{realm}/default-default-client-scopes`, `…/default-optional-client-scopes`: what new clients get.

use realm_model::document::Kind;

use crate::answer::Answer;
use crate::body::{add_text, only, remove_text, texts};
use crate::call::Call;
use crate::error::AdminError;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

const DEFAULT: &str = "defaultDefaultClientScopes";
const OPTIONAL: &str = "defaultOptionalClientScopes";

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("default-default-client-scopes", |call| Box::pin(list(call, DEFAULT))),
        Route::put("default-default-client-scopes/{scope}", |call| Box::pin(add(call, DEFAULT))).taking(Consumes::Nothing),
        Route::delete("default-default-client-scopes/{scope}", |call| Box::pin(remove(call))),
        Route::get("default-optional-client-scopes", |call| Box::pin(list(call, OPTIONAL))),
        Route::put("default-optional-client-scopes/{scope}", |call| Box::pin(add(call, OPTIONAL))).taking(Consumes::Nothing),
        Route::delete("default-optional-client-scopes/{scope}", |call| Box::pin(remove(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

fn missing() -> AdminError {
    AdminError::error(404, "Client scope not found")
}

async fn list(call: &Call, member: &str) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewClients)?;
    let documents = call.documents().await?;
    let settings = documents.settings().cloned().unwrap_or_default();
    let there = texts(&settings, member).filter_map(|name| documents.named(Kind::ClientScope, name));
    let shown = there.map(|entry| {
        let mut body = only(entry.document.body.clone(), &["name", "protocol"]);
        body.insert("id".to_owned(), entry.document.id.as_str().into());
        body
    });
    Answer::json(&shown.collect::<Vec<_>>())
}

/// Keycloak: one that is in either list is a conflict (recording admin-realms/default-client-scopes).
async fn add(call: &Call, member: &str) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageClients)?;
    call.change(|documents, changes| {
        let scope = documents.by_id(Kind::ClientScope, call.param(0)).ok_or_else(missing)?;
        let name = scope.document.key.name.as_str();
        let mut settings = documents.settings().cloned().unwrap_or_default();
        if [DEFAULT, OPTIONAL].iter().any(|list| texts(&settings, list).any(|known| known == name)) {
            let text = "Duplicate resource error";
            return Err(AdminError::Described(409, "conflict", text.to_owned()));
        }
        add_text(&mut settings, member, name);
        changes.put_settings(settings);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

async fn remove(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageClients)?;
    call.change(|documents, changes| {
        let scope = documents.by_id(Kind::ClientScope, call.param(0)).ok_or_else(missing)?;
        let mut settings = documents.settings().cloned().unwrap_or_default();
        let name = scope.document.key.name.as_str();
        let removed = [DEFAULT, OPTIONAL].iter().filter(|list| remove_text(&mut settings, list, name)).count();
        if removed > 0 {
            changes.put_settings(settings);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}
