//! `/admin/realms/{realm}/clients-initial-access`, `…/clients/{client}/registration-access-token`

use realm_model::document::REGISTRATION_TOKEN;
use serde_json::{Value, json};
use sessions::InitialAccess;
use token_issuer::{MintContext, MintError, RegistrationAuth};

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::json;
use crate::resource::clients::{managed, shown};
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("clients-initial-access", |call| Box::pin(list(call))),
        Route::post("clients-initial-access", |call| Box::pin(create(call))),
        Route::delete("clients-initial-access/{id}", |call| Box::pin(withdraw(call))),
        Route::post("clients/{client}/registration-access-token", |call| Box::pin(new_registration_token(call)))
            .taking(Consumes::Nothing),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

fn represented(access: &InitialAccess) -> Value {
    json!({
        "id": access.id,
        "timestamp": access.issued.secs(),
        "expiration": access.lifespan,
        "count": access.count,
        "remainingCount": access.remaining,
    })
}

async fn list(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewClients)?;
    let all = call.api.sessions.initial_accesses(&call.realm().name, call.context.now).await?;
    Ok(Answer::json(&all.iter().map(represented).collect::<Vec<_>>())?.without_cache_control())
}

/// A number of the body that is not negative.
fn number(given: &Value, member: &str, (absent, below_zero): (u32, &str)) -> Result<u32, AdminError> {
    let said = given.get(member).and_then(Value::as_i64).unwrap_or(i64::from(absent));
    u32::try_from(said).map_err(|_| {
        let text = below_zero.to_owned();
        match member {
            "count" => AdminError::Described(400, "Invalid value for count", text),
            _ => AdminError::Described(400, "Invalid value for expiration", text),
        }
    })
}

async fn create(call: &Call) -> Result<Answer, AdminError> {
    let given = call.value(&json::CLIENT_INITIAL_ACCESS)?;
    call.refuse_without(Permission::ManageClients)?;
    let lifespan = number(&given, "expiration", (0, "The expiration time interval cannot be less than 0"))?;
    let count = number(&given, "count", (1, "The count cannot be less than 0"))?;
    let (id, now) = (call.new_id(), call.context.now);
    let access = InitialAccess { id, issued: now, lifespan, count, remaining: count };
    let expires = if lifespan == 0 { 0 } else { access.expires_at().secs() };
    let token = signed(call.api.token_issuer.sign_initial_access_token((&access.id, expires), mint(call, &issuer(call))).await)?;
    let _ = call.api.sessions.record_initial_access(&call.realm().name, &access, now).await?; // the id is new
    let mut body = represented(&access);
    if let Value::Object(body) = &mut body {
        body.shift_insert(1, "token".to_owned(), token.into());
    }
    let location = call.location(&["clients-initial-access", &access.id]);
    Ok(Answer::json(&body)?.status(201).without_cache_control().at(location))
}

async fn withdraw(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageClients)?;
    call.api.sessions.remove_initial_access(&call.realm().name, call.param(0)).await?;
    Ok(Answer::no_content())
}

/// A new registration access token of a client; the one before is good for nothing any more.
async fn new_registration_token(call: &Call) -> Result<Answer, AdminError> {
    let id = call.new_id();
    call.change(|documents, changes| {
        let client = managed(call, documents)?;
        let mut body = client.body.clone();
        body.insert(REGISTRATION_TOKEN.to_owned(), id.as_str().into());
        changes.put_body(&client.key, body);
        Ok(())
    })
    .await?;
    let auth = RegistrationAuth::Authenticated;
    let token = call.api.token_issuer.sign_registration_access_token((&id, None), auth, mint(call, &issuer(call))).await;
    let documents = call.documents().await?;
    let mut body = shown(call, &documents, managed(call, &documents)?);
    body.shift_remove("access");
    if body.contains_key("secret") {
        body.insert("secret".to_owned(), "**********".into()); // Keycloak: masked here (measured on 26.7.4)
    }
    body.insert(REGISTRATION_TOKEN.to_owned(), signed(token)?.into());
    Ok(Answer::json(&body)?.without_cache_control())
}

fn issuer(call: &Call) -> String {
    call.context.issuer()
}

fn mint<'c>(call: &'c Call, issuer: &'c str) -> MintContext<'c> {
    MintContext { realm: call.realm(), issuer, now: call.context.now }
}

pub(crate) fn signed(outcome: Result<String, MintError>) -> Result<String, AdminError> {
    outcome.map_err(|error| match error {
        MintError::Key(token_issuer::KeyError::Unavailable(_)) => AdminError::Unavailable(error.to_string()),
        other => AdminError::Broken(other.to_string()),
    })
}
