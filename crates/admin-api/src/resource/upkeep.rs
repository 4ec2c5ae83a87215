//! `/admin/realms/{realm}/clear-…-cache`, `…/credential-registrators`, `…/testSMTPConnection`, `…/organizations`

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::json::Shape;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::post("clear-realm-cache", |call| Box::pin(clear(call))).taking(Consumes::Nothing),
        Route::post("clear-user-cache", |call| Box::pin(clear(call))).taking(Consumes::Nothing),
        Route::post("clear-keys-cache", |call| Box::pin(clear(call))).taking(Consumes::Nothing),
        Route::get("credential-registrators", |call| Box::pin(registrators(call))),
        Route::post("testSMTPConnection", |call| Box::pin(test_smtp(call))),
        Route::get("organizations", |call| Box::pin(organizations(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// What is held in memory is never behind the store: there is nothing to clear.
async fn clear(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    Ok(Answer::no_content())
}

/// Required actions by which a user gets a credential.
async fn registrators(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRealm)?;
    Answer::json(&["CONFIGURE_RECOVERY_AUTHN_CODES", "CONFIGURE_TOTP", "webauthn-register", "webauthn-register-passwordless"])
}

/// No mail is sent yet, so that none arrives. Keycloak: recording admin-realms/smtp-test.
async fn test_smtp(call: &Call) -> Result<Answer, AdminError> {
    call.json(&Shape::Map(&Shape::Text))?;
    call.refuse_without(Permission::ManageRealm)?;
    Err(AdminError::message(500, "Failed to send email"))
}

/// Keycloak: what is not enabled is not there (recordings admin-authorization/reads-*).
async fn organizations(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewOrganizations)?;
    Err(AdminError::error(404, "Organizations not enabled for this realm."))
}
