//! What stands between a flow that has succeeded and the answer: required actions, then the user's consent.

use login_pages::Message;
use oidc_types::Params;

use crate::action::{self, Did};
use crate::answer::Answer;
use crate::consent;
use crate::error::LoginError;
use crate::finish;
use crate::login::{Login, note};

/// What `execution` says for the consent page.
pub(crate) const CONSENT: &str = "OAUTH_GRANT";

/// How the next page is reached. Keycloak: from a flow by a redirect, from an action's form in its place (wire-browser.md section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// By a redirect to its own URL.
    Redirect,
    /// In the place of the form.
    InPlace,
}

impl Login<'_, '_> {
    /// The flow has succeeded: whatever is still to be asked for, or the answer.
    pub(crate) async fn settle(mut self, reach: Reach, mut message: Option<Message>) -> Result<Answer, LoginError> {
        if self.tab.note(note::SETTLING).is_none() {
            self.tab.set_note(note::SETTLING, "");
            self.note_wanted_action();
        }
        while let Some(due) = action::next(&self) {
            if self.is_silent() {
                return self.refuse_interaction().await;
            }
            if reach == Reach::Redirect {
                let alias = due.action.alias.to_string();
                return self.redirect(&alias).await;
            }
            let did = action::begin(&mut self, due, message.take()).await?;
            if let Some(answer) = self.take_deed(due, did).await? {
                return Ok(answer);
            }
        }
        if consent::is_due(&self) {
            if self.is_silent() {
                return self.refuse_interaction().await;
            }
            if reach == Reach::Redirect {
                return self.redirect(CONSENT).await;
            }
            return consent::ask(&mut self).await;
        }
        if let Some(answer) = self.refuse_unfinished().await? {
            return Ok(answer);
        }
        finish::finish(self).await
    }

    /// What was asked of `login-actions/required-action`: `form` where something was sent with the secret of the page.
    pub(crate) async fn required_action(mut self, execution: Option<&str>, form: Option<&Params>) -> Result<Answer, LoginError> {
        let Some(due) = action::next(&self) else {
            return match (execution, consent::is_due(&self)) {
                (Some(CONSENT), true) => consent::ask(&mut self).await,
                _ => self.settle(Reach::InPlace, None).await,
            };
        };
        if execution.is_some_and(|execution| execution != &*due.action.alias) {
            let alias = due.action.alias.to_string();
            return Ok(self.expired("required-action", Some(&alias)));
        }
        let did = match form {
            Some(form) => action::answer(&mut self, due, form).await?,
            None => action::begin(&mut self, due, None).await?,
        };
        match self.take_deed(due, did).await? {
            Some(answer) => Ok(answer),
            None => self.settle(Reach::InPlace, None).await,
        }
    }

    async fn take_deed(&mut self, due: action::Due<'_>, did: Did) -> Result<Option<Answer>, LoginError> {
        match did {
            Did::Done => {
                action::finish(self, due).await?;
                Ok(None)
            }
            Did::NotDue => {
                self.skip(due).await?;
                Ok(None)
            }
            Did::Cancelled => {
                action::cancel(self);
                Ok(None)
            }
            Did::Ask(answer) => {
                self.keep().await?;
                Ok(Some(answer))
            }
            Did::Leave(answer) => {
                self.end().await?;
                self.browser.cookies.clear_sent(finish::RESTART);
                Ok(Some(answer))
            }
        }
    }

    /// An action that nobody here can carry out keeps nobody out, and stays with the user.
    async fn skip(&mut self, due: action::Due<'_>) -> Result<(), LoginError> {
        log::warn!("realm {}: required action {} cannot be carried out here", self.realm().name, due.action.alias);
        action::set_aside(self, due);
        Ok(())
    }

    /// `kc_action`: what the application wants the user to do.
    fn note_wanted_action(&mut self) {
        let Some(wanted) = self.request.parameters().get("kc_action").map(str::to_owned) else { return };
        let alias = wanted.split(':').next().unwrap_or_default();
        let known = self.realm().required_actions.find(alias).is_some_and(|action| action.enabled);
        match known {
            true => {
                self.tab.set_note(note::KC_ACTION, alias);
                if let Some((_, parameter)) = wanted.split_once(':') {
                    self.tab.set_note(note::KC_ACTION_PARAMETER, parameter);
                }
            }
            false => self.tab.set_note(note::KC_ACTION_STATUS, "error"),
        }
    }

    async fn redirect(mut self, execution: &str) -> Result<Answer, LoginError> {
        self.session_code();
        self.keep().await?;
        Ok(Answer::Redirect(self.urls().page("required-action", execution)))
    }

    /// A client that wants no page gets none (OpenID Connect Core section 3.1.2.6: `interaction_required`).
    async fn refuse_interaction(mut self) -> Result<Answer, LoginError> {
        self.end().await?;
        Ok(finish::refuse(&self, "interaction_required", None))
    }
}
