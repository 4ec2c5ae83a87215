//! `/admin/realms/{realm}/clients/{client}/…`: secret, service account, scopes, mappers, sessions

use realm_model::document::{Body, Document, Documents, Kind};
use serde_json::{Value, json};
use sessions::SessionKind;

use crate::answer::Answer;
use crate::body::{add_text, is_on, remove_text, text, texts};
use crate::call::Call;
use crate::error::AdminError;
use crate::resource::client_scopes::brief;
use crate::resource::clients::{found, managed, service_account};
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};
use crate::session_list;

const DEFAULT: &str = "defaultClientScopes";
const OPTIONAL: &str = "optionalClientScopes";

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("clients/{client}/client-secret", |call| Box::pin(secret(call))),
        Route::post("clients/{client}/client-secret", |call| Box::pin(new_secret(call))).taking(Consumes::Nothing),
        Route::get("clients/{client}/client-secret/rotated", |call| Box::pin(rotated_secret(call))),
        Route::delete("clients/{client}/client-secret/rotated", |call| Box::pin(no_rotated_secret(call))),
        Route::get("clients/{client}/service-account-user", |call| Box::pin(service_account_user(call))),
        Route::get("clients/{client}/default-client-scopes", |call| Box::pin(scopes(call, DEFAULT))),
        Route::put("clients/{client}/default-client-scopes/{scope}", |call| Box::pin(add_scope(call, DEFAULT)))
            .taking(Consumes::Nothing),
        Route::delete("clients/{client}/default-client-scopes/{scope}", |call| Box::pin(remove_scope(call))),
        Route::get("clients/{client}/optional-client-scopes", |call| Box::pin(scopes(call, OPTIONAL))),
        Route::put("clients/{client}/optional-client-scopes/{scope}", |call| Box::pin(add_scope(call, OPTIONAL)))
            .taking(Consumes::Nothing),
        Route::delete("clients/{client}/optional-client-scopes/{scope}", |call| Box::pin(remove_scope(call))),
        Route::get("clients/{client}/session-count", |call| Box::pin(session_count(call, SessionKind::Online))),
        Route::get("clients/{client}/offline-session-count", |call| Box::pin(session_count(call, SessionKind::Offline))),
        Route::get("clients/{client}/user-sessions", |call| Box::pin(sessions(call, SessionKind::Online))),
        Route::get("clients/{client}/offline-sessions", |call| Box::pin(sessions(call, SessionKind::Offline))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

async fn secret(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let client = found(call, &documents)?;
    call.refuse_without(Permission::ViewClients)?;
    Answer::json(&secret_of(&client.body))
}

fn secret_of(client: &Body) -> Value {
    match text(client, "secret").filter(|_| !is_on(client, "publicClient")) {
        Some(secret) => json!({ "type": "secret", "value": secret }),
        None => json!({ "type": "secret" }),
    }
}

async fn new_secret(call: &Call) -> Result<Answer, AdminError> {
    let secret = call.new_secret();
    call.change(|documents, changes| {
        let client = managed(call, documents)?;
        let mut body = client.body.clone();
        body.insert("secret".to_owned(), secret.as_str().into());
        if let Some(Value::Object(attributes)) = body.get_mut("attributes") {
            attributes.insert("client.secret.creation.time".to_owned(), call.context.now.secs().to_string().into());
        }
        changes.put_body(&client.key, body);
        Ok(())
    })
    .await?;
    Ok(Answer::json(&json!({ "type": "secret", "value": secret }))?.without_cache_control())
}

async fn rotated_secret(call: &Call) -> Result<Answer, AdminError> {
    found(call, &*call.documents().await?)?;
    call.refuse_without(Permission::ViewClients)?;
    Err(AdminError::error(404, "Client does not have a rotated secret"))
}

async fn no_rotated_secret(call: &Call) -> Result<Answer, AdminError> {
    managed(call, &*call.documents().await?)?;
    Ok(Answer::no_content())
}

async fn service_account_user(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let client = found(call, &documents)?;
    call.refuse_without(Permission::ViewClients)?;
    let client_id = &client.key.name;
    let off = || AdminError::error(400, format!("Service account not enabled for the client '{client_id}'"));
    let account = service_account(call, client_id).await?.ok_or_else(off)?;
    Answer::json(&crate::member::shown(&account))
}

async fn scopes(call: &Call, member: &str) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let client = found(call, &documents)?;
    call.refuse_without(Permission::ViewClients)?;
    let there = texts(&client.body, member).filter_map(|name| documents.named(Kind::ClientScope, name));
    Answer::json(&there.map(|entry| brief(&entry.document)).collect::<Vec<_>>())
}

fn scope<'d>(call: &Call, documents: &'d Documents) -> Result<&'d Document, AdminError> {
    let entry = documents.by_id(Kind::ClientScope, call.param(1));
    Ok(&entry.ok_or_else(|| AdminError::error(404, "Client scope not found"))?.document)
}

/// Keycloak: one that is in the other list stays there (recording admin-clients/scopes).
async fn add_scope(call: &Call, member: &str) -> Result<Answer, AdminError> {
    call.change(|documents, changes| {
        let client = managed(call, documents)?;
        let name = &scope(call, documents)?.key.name;
        let mut body = client.body.clone();
        let known = [DEFAULT, OPTIONAL].iter().any(|list| texts(&client.body, list).any(|known| known == name));
        if !known && add_text(&mut body, member, name) {
            changes.put_body(&client.key, body);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

async fn remove_scope(call: &Call) -> Result<Answer, AdminError> {
    call.change(|documents, changes| {
        let client = managed(call, documents)?;
        let name = &scope(call, documents)?.key.name;
        let mut body = client.body.clone();
        if [DEFAULT, OPTIONAL].iter().filter(|list| remove_text(&mut body, list, name)).count() > 0 {
            changes.put_body(&client.key, body);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

async fn session_count(call: &Call, kind: SessionKind) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let client = found(call, &documents)?;
    call.refuse_without(Permission::ViewClients)?;
    let of_client = session_list::of_client(call, kind, &client.id).await?;
    Answer::json(&json!({ "count": of_client.len() }))
}

async fn sessions(call: &Call, kind: SessionKind) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let client = found(call, &documents)?;
    call.refuse_without(Permission::ViewClients)?;
    let page = call.query.page()?;
    let all = session_list::of_client(call, kind, &client.id).await?;
    let shown = all.iter().map(|(session, username)| session_list::shown(call, session, username));
    Answer::json(&page.of(shown))
}
