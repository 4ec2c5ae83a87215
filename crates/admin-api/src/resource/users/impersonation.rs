//! `…/users/{id}/impersonation`

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[Route::post("users/{user}/impersonation", |call| Box::pin(impersonate(call))).taking(Consumes::Nothing)],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// What is refused is refused as by Keycloak; to be somebody else needs the login's cookies, which are not there yet.
async fn impersonate(call: &Call) -> Result<Answer, AdminError> {
    let user = call.user().await?.record;
    call.refuse_without(Permission::Impersonation)?;
    if !user.is_on("enabled") {
        return Err(AdminError::message(400, "User is disabled"));
    }
    if user.text("serviceAccountClientId").is_some() {
        return Err(AdminError::message(400, "Service accounts cannot be impersonated"));
    }
    Err(AdminError::error(501, "HTTP 501 Not Implemented"))
}
