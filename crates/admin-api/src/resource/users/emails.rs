//! `…/users/{id}/execute-actions-email`, `…/reset-password-email`, `…/send-verify-email` (recording admin-users/execute-actions-email)
//!
//! The mail holds a link; what the link leads to is login-flow's.

use mail::{Letter, Mail, language};
use realm_model::document::{Body, Documents, Kind, UserRecord};

use token_issuer::{ActionKind, ActionState, ActionToken, MintContext};

use super::create::{UPDATE_PASSWORD, is_known_action};
use crate::answer::Answer;
use crate::body::{is_on, object, text, texts};
use crate::call::Call;
use crate::error::AdminError;
use crate::json::{JsonError, Shape};
use crate::resource::initial_access::signed;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::put("users/{user}/execute-actions-email", |call| Box::pin(execute_actions(call))),
        Route::put("users/{user}/reset-password-email", |call| Box::pin(reset_password(call))).taking(Consumes::Nothing),
        Route::put("users/{user}/send-verify-email", |call| Box::pin(verify(call))).taking(Consumes::Nothing),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

const NO_SENDER: &str = "Invalid sender address 'null'. If the address contains UTF-8 characters in the local part please ensure \
                         the SMTP server supports the SMTPUTF8 extension and enable 'Allow UTF-8' in the email realm configuration.";
const NOT_SENT: &str = "Error when attempting to send the email to the server. More information is available in the server log.";

async fn execute_actions(call: &Call) -> Result<Answer, AdminError> {
    let user = call.user().await?.record;
    call.query.number("lifespan")?;
    let actions = match call.value(&Shape::List(&Shape::Text)) {
        Ok(given) => given.as_array().into_iter().flatten().filter_map(|action| action.as_str().map(str::to_owned)).collect(),
        Err(AdminError::Json(JsonError::Absent)) => Vec::new(),
        Err(AdminError::Json(_)) => return Err(JsonError::WrongShape.into()),
        Err(error) => return Err(error),
    };
    let documents = call.documents().await?;
    refuse(call, &documents, (&user, &actions))?;
    let sent = send(call, &user, (ActionKind::ExecuteActions, actions)).await?;
    sent.map(|()| Answer::no_content()).map_err(|Unsent| failed_to_send_actions(&documents))
}

async fn reset_password(call: &Call) -> Result<Answer, AdminError> {
    let user = call.user().await?.record;
    let documents = call.documents().await?;
    refuse(call, &documents, (&user, &[]))?;
    let sent = send(call, &user, (ActionKind::ExecuteActions, vec![UPDATE_PASSWORD.to_owned()])).await?;
    sent.map(|()| Answer::no_content()).map_err(|Unsent| failed_to_send_actions(&documents))
}

async fn verify(call: &Call) -> Result<Answer, AdminError> {
    let user = call.user().await?.record;
    call.query.number("lifespan")?;
    let documents = call.documents().await?;
    refuse(call, &documents, (&user, &[]))?;
    let sent = send(call, &user, (ActionKind::VerifyEmail, Vec::new())).await?;
    sent.map(|()| Answer::no_content()).map_err(|Unsent| AdminError::message(500, "Failed to send verify email"))
}

/// The mail was not taken: the log says why.
struct Unsent;

/// The client of links that name none.
const ACCOUNT: &str = "account";

/// Makes a link for a user, and sends it.
async fn send(
    call: &Call,
    user: &UserRecord,
    (kind, actions): (ActionKind, Vec<String>),
) -> Result<Result<(), Unsent>, AdminError> {
    let (realm, now) = (call.realm(), call.context.now);
    let lifespan = call.query.number("lifespan")?.filter(|seconds| *seconds > 0).map(i64::from);
    let expires = lifespan.unwrap_or(realm.login.action_token_by_admin_lifespan);
    let id = call.api.token_issuer.new_action_id();
    let to = user.text("email").unwrap_or_default();
    let token = ActionToken {
        state: ActionState::of(&id, &[]),
        id,
        kind,
        user: user.id().into(),
        client: call.query.text("client_id").unwrap_or(ACCOUNT).into(),
        email: Some(to.to_owned()),
        login: None,
        actions,
        redirect_uri: call.query.text("redirect_uri").map(str::to_owned),
        expires: now.plus_secs(expires).secs(),
    };
    let issuer = call.context.issuer();
    let context = MintContext { realm, issuer: &issuer, now };
    let key = signed(call.api.token_issuer.sign_action_token(&token, context).await)?;
    let link = format!("{issuer}/login-actions/action-token?key={key}");
    let aliases: Vec<&str> = token.actions.iter().map(String::as_str).collect();
    let letter = match kind {
        ActionKind::VerifyEmail => Letter::VerifyEmail { link: &link, expires },
        _ => Letter::ExecuteActions { link: &link, expires, actions: &aliases },
    };
    let chosen = user.0.get("attributes").and_then(|all| all.get("locale")?.get(0)?.as_str().map(str::to_owned));
    let words = letter.words(realm, language(realm, chosen.as_deref()));
    let sent = call.api.mailer.send(realm, &Mail { to, words: &words }, now).await;
    Ok(sent.map_err(|error| {
        log::warn!("realm {}: a mail to user {} was not sent: {error}", call.realm_name(), token.user);
        Unsent
    }))
}

/// Keycloak: in this order. What the client is is looked at before the actions are (asked of 26.7.4).
fn refuse(call: &Call, documents: &Documents, (user, actions): (&UserRecord, &[String])) -> Result<(), AdminError> {
    call.refuse_without(Permission::ManageUsers)?;
    let refused = |text: &str| Err(AdminError::message(400, text));
    if user.text("email").is_none() {
        return refused("User email missing");
    }
    if !user.is_on("enabled") {
        return refused("User is disabled");
    }
    let (client_id, redirect_uri) = (call.query.text("client_id"), call.query.text("redirect_uri"));
    match (client_id, redirect_uri) {
        (None, Some(_)) => return refused("Client id missing"),
        (None, None) => {}
        (Some(client_id), redirect_uri) => match documents.named(Kind::Client, client_id) {
            None => return refused("Client doesn't exist"),
            Some(client) if !is_on(&client.document.body, "enabled") => return refused("Client is not enabled"),
            Some(client) if redirect_uri.is_some_and(|uri| !is_allowed(&client.document.body, uri)) => {
                return refused("Invalid redirect uri.");
            }
            Some(_) => {}
        },
    }
    if actions.iter().any(|action| !is_known_action(action)) {
        return refused("Provided invalid required actions");
    }
    Ok(())
}

/// Whether a client may be returned to at `uri`.
fn is_allowed(client: &Body, uri: &str) -> bool {
    let root = text(client, "rootUrl").unwrap_or_default().trim_end_matches('/');
    texts(client, "redirectUris").any(|allowed| {
        let allowed = if allowed.starts_with('/') { format!("{root}{allowed}") } else { allowed.to_owned() };
        match allowed.strip_suffix('*') {
            Some(begin) => uri.starts_with(begin) || uri == begin.trim_end_matches('/'),
            None => allowed == uri,
        }
    })
}

fn failed_to_send_actions(documents: &Documents) -> AdminError {
    let smtp = documents.settings().and_then(|settings| object(settings, "smtpServer"));
    let sender = smtp.and_then(|smtp| text(smtp, "from")).filter(|from| !from.is_empty());
    let why = if sender.is_some() { NOT_SENT } else { NO_SENDER };
    AdminError::message(500, format!("Failed to send execute actions email: {why}"))
}
