//! `/admin/realms/{realm}/clear-…-cache`, `…/credential-registrators`, `…/testSMTPConnection`, `…/organizations`

use std::collections::BTreeMap;

use mail::{Letter, Mail, language};
use realm_model::SmtpServer;
use realm_model::document::Body;

use super::realm::MASK;
use crate::answer::Answer;
use crate::body::{object, text};
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

/// Sends the caller a mail by the settings in the body; a masked password is the realm's where the server is the realm's, too: nobody
/// has it sent elsewhere. Keycloak: recording admin-realms/smtp-test.
async fn test_smtp(call: &Call) -> Result<Answer, AdminError> {
    let given = call.json(&Shape::Map(&Shape::Text))?;
    call.refuse_without(Permission::ManageRealm)?;
    let documents = call.documents().await?;
    let known = documents.settings().and_then(|settings| object(settings, "smtpServer"));
    let failed = || AdminError::message(500, "Failed to send email");
    let server = SmtpServer::of(&with_password(given, known)).ok_or_else(failed)?;
    let to = call.caller.user.email.as_deref().ok_or_else(failed)?;
    let words = Letter::SmtpTest.words(call.realm(), language(call.realm(), call.caller.user.attribute("locale")));
    let sent = call.api.mailer.send_by(&server, &Mail { to, words: &words }, call.context.now).await;
    sent.map_err(|error| {
        log::warn!("realm {}: the test mail was not sent: {error}", call.realm_name());
        failed()
    })?;
    Ok(Answer::no_content())
}

fn with_password(given: Body, known: Option<&Body>) -> BTreeMap<String, String> {
    let mut settings: BTreeMap<String, String> =
        given.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect();
    if settings.get("password").is_some_and(|password| password == MASK) {
        let is_known = |name: &str| known.and_then(|known| text(known, name)) == settings.get(name).map(String::as_str);
        let password =
            known.filter(|_| ["host", "port", "user"].into_iter().all(is_known)).and_then(|known| text(known, "password"));
        settings.insert("password".to_owned(), password.unwrap_or_default().to_owned());
    }
    settings
}

/// Keycloak: what is not enabled is not there (recordings admin-authorization/reads-*).
async fn organizations(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewOrganizations)?;
    Err(AdminError::error(404, "Organizations not enabled for this realm."))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_masked_password_goes_to_the_realms_own_server_alone() {
        let body = |value: Value| value.as_object().cloned().unwrap_or_default();
        let known = body(json!({"host": "mail.example", "port": "587", "user": "u", "password": "hunter2"}));
        let sent = |given: Value| with_password(body(given), Some(&known)).remove("password").unwrap_or_default();
        let masked = json!({"host": "mail.example", "port": "587", "user": "u", "password": MASK});
        assert_eq!(sent(masked.clone()), "hunter2");
        for (member, value) in [("host", "evil.example"), ("port", "25"), ("user", "v")] {
            let mut other = masked.clone();
            other[member] = value.into();
            assert_eq!(sent(other), "", "{member}");
        }
        assert_eq!(sent(json!({"host": "evil.example", "password": "own"})), "own");
    }
}
