//! `registration-page-form`: somebody signs up. What the form holds is said by the flow within it.

use std::sync::Arc;

use login_pages::{FieldFault, Message, PasswordFields, RegisterPage, TermsBox};
use oidc_types::{Params, UserId};
use realm_model::completion::{self, Minting, Origin};
use realm_model::document::{Body, UserRecord};
use realm_model::{Flow, Realm};
use realm_store::{Batch, Expected, Write};
use user_authentication::{NewPassword, NewPasswordError};
use user_profile::{Context, Judged, UserProfile, Viewer};

use super::{Place, Step};
use crate::error::{LoginError, PageFault};
use crate::flow::Outcome;
use crate::login::{Entry, Login};

/// What the form holds.
struct Parts {
    password: bool,
    terms: bool,
}

impl Parts {
    fn of(realm: &Realm, place: Place<'_>) -> Self {
        let flow: Option<&Arc<Flow>> = place.execution.flow().and_then(|alias| realm.flows.flow(alias));
        let has = |provider: &str| {
            let mut steps = flow.into_iter().flat_map(|flow| flow.executions.iter());
            steps.any(|step| !step.is_disabled() && step.provider() == Some(provider))
        };
        Self { password: has("registration-password-action"), terms: has("registration-terms-and-conditions") }
    }
}

pub(super) fn ask(
    login: &mut Login<'_, '_>,
    place: Place<'_>,
    sent: Option<&Params>,
    faults: &[FieldFault],
) -> Result<Step, LoginError> {
    let realm = login.realm();
    if !realm.registration_allowed {
        return Err(login.fault(PageFault::in_login(400, "registrationNotAllowedMessage")));
    }
    let parts = Parts::of(realm, place);
    let action = login.action_url(place.flow, place.execution);
    let login_url = login.urls().link_path(Entry::Authenticate.path());
    let fields = {
        let scopes = login.scope_words();
        let viewer = Viewer { scopes: &scopes, ..Viewer::USER };
        profile_form::fields(realm, (Context::Registration, &viewer), None, sent)
    };
    let page = RegisterPage {
        action: &action,
        login_url: &login_url,
        fields: &fields,
        password: if parts.password { PasswordFields::Asked } else { PasswordFields::None },
        terms: if parts.terms { TermsBox::Required } else { TermsBox::None },
        faults,
    };
    Ok(Step::Ask(login.page(None, &page)))
}

pub(super) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    if form.iter().next().is_none() {
        return Err(login.fault(PageFault::in_login(400, "unexpectedErrorHandlingRequestMessage")));
    }
    if !login.realm().registration_allowed {
        return Err(login.fault(PageFault::in_login(400, "registrationNotAllowedMessage")));
    }
    let parts = Parts::of(login.realm(), place);
    let judged = {
        let scopes = login.scope_words();
        let viewer = Viewer { scopes: &scopes, ..Viewer::USER };
        UserProfile::of(login.realm()).judge(Context::Registration, &viewer, &profile_form::values(form), None)
    };
    let (judged, mut faults) = match judged {
        Ok(judged) => (Some(judged), Vec::new()),
        Err(faults) => (None, profile_form::faults(login.realm(), &faults)),
    };
    if parts.terms && form.get("termsAccepted") != Some("on") {
        faults.push(FieldFault::new("termsAccepted", Message::error("termsAcceptanceRequired")));
    }
    if let Some(judged) = &judged {
        faults.extend(taken(login, judged).await?);
    }
    let mut password = None;
    if parts.password {
        match take_password(login, judged.as_ref(), form).await? {
            Ok(new) => password = new,
            Err(fault) => faults.push(fault),
        }
    }
    let Some(judged) = judged.filter(|_| faults.is_empty()) else { return ask(login, place, Some(form), &faults) };
    register(login, &judged, password.as_ref()).await
}

/// Whether the name or the address is somebody else's.
async fn taken(login: &Login<'_, '_>, judged: &Judged) -> Result<Vec<FieldFault>, LoginError> {
    let (realm, users) = (login.realm(), &login.browser.parts.users);
    let mut faults = Vec::new();
    if let Some(name) = judged.username()
        && users.find_by_username(&realm.name, name).await?.is_some()
    {
        faults.push(FieldFault::new("username", Message::error("usernameExistsMessage")));
    }
    if let Some(email) = judged.email().filter(|_| !realm.login.duplicate_emails_allowed)
        && users.find_by_email(&realm.name, email).await?.is_some()
    {
        faults.push(FieldFault::new("email", Message::error("emailExistsMessage")));
    }
    Ok(faults)
}

/// The new password, or what is wrong with it.
async fn take_password(
    login: &Login<'_, '_>,
    judged: Option<&Judged>,
    form: &Params,
) -> Result<Result<Option<NewPassword>, FieldFault>, LoginError> {
    let password = form.get("password").unwrap_or_default();
    if password.trim().is_empty() {
        return Ok(Err(FieldFault::new("password", Message::error("missingPasswordMessage"))));
    }
    if form.get("password-confirm") != Some(password) {
        return Ok(Err(FieldFault::new("password-confirm", Message::error("invalidPasswordConfirmMessage"))));
    }
    let Some(judged) = judged else { return Ok(Ok(None)) };
    let username = judged.username().or(judged.email()).unwrap_or_default();
    let parts = login.browser.parts;
    match parts.user_authentication.take_first_password(&login.browser.at(), (username, judged.email()), password).await {
        Ok(new) => Ok(Ok(Some(new))),
        Err(NewPasswordError::Trouble(trouble)) => Err(trouble.into()),
        Err(NewPasswordError::Refused(refusal)) => {
            let message = refusal.argument().into_iter().fold(Message::error(refusal.message_key()), Message::with);
            Ok(Err(FieldFault::new("password", message)))
        }
    }
}

/// The user is made, and is logged in.
async fn register(login: &mut Login<'_, '_>, judged: &Judged, password: Option<&NewPassword>) -> Result<Step, LoginError> {
    let (parts, cx) = (login.browser.parts, login.browser.cx);
    let mut draft = UserRecord(Body::new());
    judged.put_into(&mut draft.0);
    if cx.realm.login.registration_email_as_username {
        draft.0.insert("username".to_owned(), judged.email().unwrap_or_default().into());
    }
    draft.0.insert("enabled".to_owned(), true.into());
    draft.0.insert("emailVerified".to_owned(), false.into());
    let actions = cx.realm.required_actions.iter().filter(|action| action.enabled && action.default_action);
    draft.0.insert("requiredActions".to_owned(), actions.map(|action| action.alias.to_string()).collect());
    if let Some(password) = password {
        password.put(&mut draft);
    }
    let documents = parts.live.documents(cx.realm.name.as_str()).await?;
    let documents = documents.ok_or_else(|| PageFault::in_login(400, "unexpectedErrorHandlingRequestMessage"))?;
    let minting = Minting { now: cx.now, entropy: cx.entropy(), origin: Origin::Api };
    let record = completion::user(draft.0, &documents, &minting);
    let record = record.ok_or_else(|| PageFault::in_login(400, "unexpectedErrorHandlingRequestMessage"))?;
    let id: UserId = record.id().into();
    let mut batch = Batch::within(&*cx.realm.id);
    let claims = judged.email().filter(|_| !cx.realm.login.duplicate_emails_allowed);
    let claim = claims.map(|email| Write::ClaimEmail { id: id.to_string(), email: email.to_owned() });
    batch.writes.push(Write::PutUser { record, expected: Expected::Absent });
    batch.writes.extend(claim);
    parts.live.commit(batch).await?;
    login.tab.user = Some(id);
    login.reload_user().await?;
    login.prove("registration");
    Ok(Step::Over(Outcome::Done))
}
