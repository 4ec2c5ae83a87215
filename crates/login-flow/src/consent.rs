//! The user's consent to what a client asks for (`consentRequired`).

use std::sync::Arc;

use login_pages::ConsentPage;
use oidc_types::Params;
use realm_model::{Client, ClientScope, User};
use serde_json::{Value, json};
use token_issuer::{GrantedScope, Subject};

use crate::answer::Answer;
use crate::device;
use crate::error::LoginError;
use crate::finish;
use crate::login::{Login, note};
use crate::settle::Reach;

/// Whether the user is to be asked.
pub(crate) fn is_due(login: &Login<'_, '_>) -> bool {
    let Some(user) = &login.user else { return false };
    // Keycloak: whoever has a device wait is always asked (recording device-verification/signed-in-browser).
    if login.request.user_code().is_some() {
        return login.tab.note(note::CONSENTED).is_none();
    }
    if !login.client.consent_required || login.tab.note(note::CONSENTED).is_some() {
        return false;
    }
    login.prompts("consent") || !open_scopes(login, user).is_empty()
}

fn granted(login: &Login<'_, '_>, user: &Arc<User>) -> GrantedScope {
    let subject = Subject::new(login.realm(), Arc::clone(user));
    login.request.scope().grant(login.realm(), &login.client, &subject)
}

/// What is asked for and not granted yet.
fn open_scopes(login: &Login<'_, '_>, user: &Arc<User>) -> Vec<Arc<ClientScope>> {
    let client = login.client.client_id.as_str();
    let all = granted(login, user);
    let is_open = |scope: &&Arc<ClientScope>| scope.is_on_consent_screen() && !user.has_consented(client, &scope.name);
    all.client_scopes().filter(is_open).cloned().collect()
}

/// Shows the page. Keycloak: with `prompt=consent` it lists all, else what is new (recordings consent/{new-scope-asks-for-the-rest,
/// prompt-consent-asks-again}).
pub(crate) async fn ask(login: &mut Login<'_, '_>) -> Result<Answer, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(finish::refuse(login, "access_denied", None)) };
    let mut scopes = match login.prompts("consent") || login.request.user_code().is_some() {
        false => open_scopes(login, &user),
        true => granted(login, &user).client_scopes().filter(|scope| scope.is_on_consent_screen()).cloned().collect(),
    };
    scopes.sort_by_key(|scope| scope.gui_order());
    let client = Arc::clone(&login.client);
    let mut texts: Vec<&str> = scopes.iter().map(|scope| scope.consent_text()).collect();
    texts.extend(client.consent_text());
    let action = login.urls().link_path("consent");
    let code = login.session_code().to_owned();
    let page = ConsentPage {
        action: &action,
        code: &code,
        client_name: client_name(&client),
        logo_uri: client.attribute("logoUri"),
        policy_uri: client.attribute("policyUri"),
        tos_uri: client.attribute("tosUri"),
        scopes: &texts,
    };
    let answer = login.page(None, &page);
    login.keep().await?;
    Ok(answer)
}

fn client_name(client: &Client) -> &str {
    client.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(client.client_id.as_str())
}

/// What was sent from the page. Nothing is granted without the button that says so. Keycloak: no button at all counts as yes
/// (recording consent/neither-button).
pub(crate) async fn answer(mut login: Login<'_, '_>, form: &Params) -> Result<Answer, LoginError> {
    if !is_due(&login) {
        return login.settle(Reach::InPlace, None).await;
    }
    if form.get("cancel").is_some() {
        login.end().await?;
        if login.request.user_code().is_some() {
            return device::deny(&login).await;
        }
        login.browser.cookies.clear_sent(finish::RESTART);
        return Ok(finish::refuse(&login, "access_denied", None));
    }
    if form.get("accept").is_none() {
        return ask(&mut login).await;
    }
    if login.client.consent_required {
        remember(&mut login).await?;
    }
    login.tab.set_note(note::CONSENTED, "");
    login.settle(Reach::InPlace, None).await
}

/// Keeps what was granted with the user.
async fn remember(login: &mut Login<'_, '_>) -> Result<(), LoginError> {
    let Some(user) = login.user.clone() else { return Ok(()) };
    let names: Vec<String> = granted(login, &user).client_scopes().map(|scope| scope.name.to_string()).collect();
    let (client, now) = (login.client.client_id.to_string(), login.browser.cx.now.millis());
    login
        .change_user(&mut |record| {
            let all = record.0.entry("clientConsents").or_insert_with(|| json!([]));
            let Value::Array(all) = all else { return };
            let is_of_client = |consent: &&mut Value| consent.get("clientId").and_then(Value::as_str) == Some(&client);
            let Some(present) = all.iter_mut().find(is_of_client) else {
                let new = json!({ "clientId": client, "grantedClientScopes": names, "createdDate": now, "lastUpdatedDate": now });
                return all.push(new);
            };
            let mut scopes: Vec<String> = present
                .get("grantedClientScopes")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|scope| scope.as_str().map(str::to_owned))
                .collect();
            scopes.extend(names.iter().filter(|name| !scopes.contains(name)).cloned().collect::<Vec<_>>());
            if let Value::Object(present) = present {
                present.insert("grantedClientScopes".to_owned(), json!(scopes));
                present.insert("lastUpdatedDate".to_owned(), json!(now));
            }
        })
        .await
}
