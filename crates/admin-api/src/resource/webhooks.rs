//! `/admin/realms/{realm}/latchkey/webhooks`: the subscribers of a realm's events, and to send them events again. Not Keycloak's.

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("latchkey/webhooks", |call| Box::pin(list(call))),
        Route::post("latchkey/webhooks/{name}/replay", |call| Box::pin(replay(call))).taking(Consumes::Nothing),
    ],
    locator: None,
    wrong_verb: WrongVerb::MethodNotAllowed,
};

async fn list(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewEvents)?;
    Answer::json(&call.api.events.webhooks(call.realm()).await?)
}

async fn replay(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageEvents)?;
    let from = call.query.text("from").and_then(|from| from.parse().ok()).filter(|from: &i64| *from >= 0);
    let from = from.ok_or_else(|| AdminError::error(400, "from is missing or no offset"))?;
    let webhooks = &call.realm().events.webhooks;
    let webhook = webhooks.iter().find(|webhook| webhook.name == call.param(0)).ok_or(AdminError::NotFound)?;
    match call.api.events.replay(call.realm(), webhook, from).await? {
        true => Ok(Answer::no_content()),
        false => Err(AdminError::error(409, "The webhook is moved by others")),
    }
}
