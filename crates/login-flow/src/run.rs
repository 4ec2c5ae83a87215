//! A login goes through its flow until a page asks for something, or it is over.

use login_pages::{Message, Severity};
use oidc_types::Params;

use crate::answer::Answer;
use crate::authenticator::{self, Place, Step};
use crate::error::{LoginError, PageFault};
use crate::finish;
use crate::flow::{self, Next};
use crate::login::{Login, note};
use crate::report;
use crate::settle::Reach;

/// What came of one step.
enum Taken {
    Answer(Answer),
    Step,
    Again(Message),
}

impl Login<'_, '_> {
    /// Goes on from where the login stands; the next page bears `message`.
    pub(crate) async fn go_on(mut self, message: Option<Message>) -> Result<Answer, LoginError> {
        let noted = self.take_message();
        let mut message = message.or(noted);
        loop {
            if self.tab.note(note::SETTLING).is_some() {
                return self.settle(Reach::Redirect, message).await;
            }
            let Some(flow) = self.flow() else {
                return Err(PageFault::in_login(400, "unexpectedErrorHandlingRequestMessage").into());
            };
            let place = match flow::next(self.realm(), flow, &self.tab, &self) {
                Next::Done => {
                    self.other_ways = None;
                    return self.settle(Reach::Redirect, None).await;
                }
                Next::NoWayLeft => return self.fail().await,
                Next::Run(flow, execution) => Place { flow, execution },
            };
            let step = authenticator::begin(&mut self, place, message.as_ref()).await?;
            match self.take(place, step).await? {
                Taken::Answer(answer) => return Ok(answer),
                Taken::Step => message = self.take_message().or(message),
                Taken::Again(said) => message = Some(said),
            }
        }
    }

    /// What was sent from the page of an execution.
    pub(crate) async fn answer(mut self, place: Place<'_>, form: &Params) -> Result<Answer, LoginError> {
        let step = authenticator::answer(&mut self, place, form).await?;
        match self.take(place, step).await? {
            Taken::Answer(answer) => Ok(answer),
            Taken::Step => self.go_on(None).await,
            Taken::Again(said) => self.go_on(Some(said)).await,
        }
    }

    async fn take(&mut self, place: Place<'_>, step: Step) -> Result<Taken, LoginError> {
        match step {
            Step::Over(outcome) => {
                flow::record(&mut self.tab, (place.flow, place.execution), outcome);
                self.tab.remove_note(flow::CHOSEN);
                Ok(Taken::Step)
            }
            Step::Again(message) => Ok(Taken::Again(message)),
            Step::Onward => Ok(Taken::Step),
            Step::Ask(answer) => {
                self.tab.set_note(note::EXECUTION, &flow::name_of(place.flow, place.execution));
                if self.is_silent() {
                    self.end().await?;
                    report::ended(self, "login_required");
                    return Ok(Taken::Answer(finish::refuse(self, "login_required", None)));
                }
                self.keep().await?;
                Ok(Taken::Answer(answer))
            }
            Step::Leave(answer) => {
                self.end().await?;
                Ok(Taken::Answer(answer))
            }
        }
    }

    /// Nothing that the flow or the client demands is missing by now; else there is no answer.
    pub(crate) async fn refuse_unfinished(&mut self) -> Result<Option<Answer>, LoginError> {
        let lacks = match (self.lacks_set_up(), self.lacks_demanded_level()) {
            (true, _) => authenticator::not_set_up(),
            // Keycloak: a text without a key.
            (false, true) => self.fault(PageFault::in_login(400, "Authentication requirements not fulfilled")),
            (false, false) => return Ok(None),
        };
        if self.is_silent() {
            self.end().await?;
            return Ok(Some(finish::refuse(self, "login_required", None)));
        }
        report::ended(self, "invalid_user_credentials");
        Err(lacks)
    }

    /// Whether the client wants no page to be shown (`prompt=none`).
    pub(crate) fn is_silent(&self) -> bool {
        self.prompts("none")
    }

    /// Whether `prompt` has this word.
    pub(crate) fn prompts(&self, word: &str) -> bool {
        self.request.parameters().get("prompt").is_some_and(|prompt| prompt.split(' ').any(|one| one == word))
    }

    /// Whether whoever has this session must log in again (OpenID Connect Core section 3.1.2.1: `prompt=login`, `max_age`).
    pub(crate) fn wants_new_login(&self, session: &sessions::UserSession) -> bool {
        let max_age = self.request.parameters().get("max_age").and_then(|max_age| max_age.parse::<i64>().ok());
        let began = session.notes.iter().find(|(name, _)| name == "AUTH_TIME").and_then(|(_, time)| time.parse::<i64>().ok());
        let age = self.browser.cx.now.secs().saturating_sub(began.unwrap_or(session.started.secs()));
        self.prompts("login") || max_age.is_some_and(|max_age| max_age <= 0 || age > max_age)
    }

    /// No way is left through the flow.
    async fn fail(mut self) -> Result<Answer, LoginError> {
        if self.is_silent() {
            self.end().await?;
            return Ok(finish::refuse(&self, "login_required", None));
        }
        Err(PageFault::in_login(400, "invalidUserMessage").into())
    }

    /// A message for the next page.
    pub(crate) fn leave_message(&mut self, message: &Message) {
        self.tab.set_note(note::MESSAGE, &format!("{} {}", message.severity.word(), message.key));
    }

    fn take_message(&mut self) -> Option<Message> {
        let noted = self.tab.note(note::MESSAGE).map(str::to_owned)?;
        self.tab.remove_note(note::MESSAGE);
        let (word, key) = noted.split_once(' ')?;
        let all = [Severity::Error, Severity::Warning, Severity::Info, Severity::Success];
        let severity = all.into_iter().find(|severity| severity.word() == word)?;
        Some(Message::new(severity, key.to_owned()))
    }
}
