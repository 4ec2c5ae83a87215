//! `TERMS_AND_CONDITIONS`

use login_pages::TermsPage;
use oidc_types::Params;
use serde_json::{Value, json};

use super::{Did, Due};
use crate::error::LoginError;
use crate::finish;
use crate::login::Login;

/// The user attribute with the time of acceptance, in seconds.
const ATTRIBUTE: &str = "terms_and_conditions";

pub(super) fn ask(login: &mut Login<'_, '_>, due: Due<'_>) -> Result<Did, LoginError> {
    let action = login.required_action_url(&due.action.alias);
    Ok(Did::Ask(login.page(None, &TermsPage { action: &action })))
}

/// Without a pressed button nothing is accepted. Keycloak: no button counts as accepted (issue: be strict).
pub(super) async fn answer(login: &mut Login<'_, '_>, due: Due<'_>, form: &Params) -> Result<Did, LoginError> {
    if form.get("cancel").is_some() {
        return Ok(Did::Leave(finish::refuse(login, "access_denied", Some("termsAndConditionsDeclined"))));
    }
    if form.get("accept").is_none() {
        return ask(login, due);
    }
    let now = login.browser.cx.now.secs().to_string();
    login
        .change_user(&mut |user| {
            let attributes = user.0.entry("attributes").or_insert_with(|| json!({}));
            if let Value::Object(attributes) = attributes {
                attributes.insert(ATTRIBUTE.to_owned(), json!([now]));
            }
        })
        .await?;
    Ok(Did::Done)
}
