//! Questions that wait for a page of a development server: what no authentication channel is asked.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use oidc_types::{RealmName, Secret};
use realm_http::RealmContext;

use crate::DecoupledLogin;
use crate::callback::Status;
use crate::channel::Question;

/// Questions that are kept at the most; of more the oldest goes.
const MOST: usize = 100;

/// Questions that wait for a page. In memory, and of this process alone.
#[derive(Default)]
pub struct Questions(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    last: u64,
    waiting: VecDeque<Waiting>,
}

/// One question.
#[derive(Clone)]
pub struct Waiting {
    /// Its number in this process.
    pub number: u64,
    /// The realm.
    pub realm: RealmName,
    /// Who is asked.
    pub username: String,
    /// Who wants to know.
    pub client_id: String,
    /// What for.
    pub scope: String,
    /// What the client shows its user, too.
    pub binding_message: Option<String>,
    bearer: Secret<String>,
}

/// What somebody says to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Yes.
    Yes,
    /// No.
    No,
}

impl Questions {
    pub(crate) fn put(&self, question: &Question<'_>, bearer: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        let waiting = Waiting {
            number: kept.last,
            realm: question.realm.clone(),
            username: question.username.to_owned(),
            client_id: question.client.client_id.as_str().to_owned(),
            scope: question.scope.to_owned(),
            binding_message: question.request.binding_message.clone(),
            bearer: Secret::new(bearer.to_owned()),
        };
        kept.waiting.push_front(waiting);
        kept.waiting.truncate(MOST);
    }

    /// Those of a realm, the newest first.
    pub fn of_realm(&self, realm: &RealmName) -> Vec<Waiting> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.waiting.iter().filter(|waiting| waiting.realm == *realm).cloned().collect()
    }

    fn take(&self, realm: &RealmName, number: u64) -> Option<Waiting> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.waiting.iter().position(|waiting| waiting.number == number && waiting.realm == *realm)?;
        kept.waiting.remove(at)
    }
}

impl DecoupledLogin {
    /// Answers a question that waits for a page; whether it was there and in time.
    pub async fn answer_question(&self, request: &RealmContext, number: u64, said: Said) -> bool {
        let questions = self.channel.as_ref().and_then(|channel| channel.questions());
        let Some(waiting) = questions.and_then(|questions| questions.take(&request.realm.name, number)) else { return false };
        let status = match said {
            Said::Yes => Status::Succeed,
            Said::No => Status::Unauthorized,
        };
        let taken = self.take_answer(request, Some(waiting.bearer.expose()), Some(status)).await;
        taken.inspect_err(|error| log::info!("realm {}: an answer came to nothing: {error}", request.realm.name)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_once_and_in_its_own_realm() {
        let questions = Questions::default();
        {
            let mut kept = questions.0.lock().unwrap();
            kept.waiting.push_front(Waiting {
                number: 7,
                realm: "r".into(),
                username: "ada".to_owned(),
                client_id: "app".to_owned(),
                scope: "openid".to_owned(),
                binding_message: None,
                bearer: Secret::new("token".to_owned()),
            });
        }
        assert_eq!(questions.of_realm(&"r".into()).len(), 1);
        assert!(questions.of_realm(&"other".into()).is_empty());
        assert!(questions.take(&"other".into(), 7).is_none());
        assert!(questions.take(&"r".into(), 7).is_some());
        assert!(questions.take(&"r".into(), 7).is_none());
    }
}
