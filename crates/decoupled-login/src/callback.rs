//! `POST …/ext/ciba/auth/callback`: the authentication channel tells what the user has said (wire-extra.md section 3).

use realm_http::RealmContext;
use serde::Deserialize;
use serde_json::{Map, Value};
use sessions::{Decided, Decision, Decoupled, WaitingAuthorization};
use token_issuer::VerifyContext;

use crate::DecoupledLogin;
use crate::error::CallbackError;

/// What the user has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    Succeed,
    Unauthorized,
    Cancelled,
}

/// Reads the body. Keycloak does so before it looks at the token (recording ciba/callback-faults). None in it, or none at all, is told later.
pub(crate) fn read_status(body: &[u8]) -> Result<Option<Status>, CallbackError> {
    if body.is_empty() {
        return Ok(None);
    }
    let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| CallbackError::NoJson)?;
    match body.get("status") {
        None | Some(Value::Null) => Ok(None),
        Some(status) => Status::deserialize(status).map(Some).map_err(|_| CallbackError::UnknownStatus),
    }
}

impl DecoupledLogin {
    /// Takes the answer that came with `bearer`, and tells the client that wants to be told.
    pub(crate) async fn take_answer(
        &self,
        request: &RealmContext,
        bearer: Option<&str>,
        status: Option<Status>,
    ) -> Result<(), CallbackError> {
        let (id, waiting) = self.load_waiting(request, bearer.ok_or(CallbackError::NoToken)?).await?;
        let status = status.ok_or(CallbackError::NoStatus)?;
        let at = (Decoupled::Backchannel, &request.realm.name, id.as_str());
        let decision = match (status, &waiting.user) {
            (Status::Succeed, Some(user)) => Decision::Approved { user: user.clone(), session: None },
            (Status::Succeed, None) | (Status::Unauthorized | Status::Cancelled, _) => Decision::Denied,
        };
        match self.sessions.decide(at, decision, request.now).await? {
            Decided::Done => self.notify(request, &waiting).await,
            Decided::Already => self.forget_answered(request, &id).await,
            Decided::Absent => Err(CallbackError::Answered),
        }
    }

    /// The request that `bearer` was made for, which nobody has answered yet.
    async fn load_waiting(&self, request: &RealmContext, bearer: &str) -> Result<(String, WaitingAuthorization), CallbackError> {
        let realm = &request.realm;
        let accepts_issuer = |issuer: &str| request.accepts_issuer(issuer);
        let cx = VerifyContext { realm, issuer: &request.issuer(), accepts_issuer: &accepts_issuer, now: request.now };
        let claims = self.token_issuer.verify_channel_token(bearer, cx).await?;
        let at = (Decoupled::Backchannel, &realm.name, claims.id.as_str());
        let waiting = self.sessions.find_waiting(at, request.now).await?.ok_or(CallbackError::Answered)?.value;
        let of_client = realm.client(claims.client_id.as_str()).is_some_and(|client| *client.id == *waiting.client);
        if !of_client {
            return Err(CallbackError::Answered);
        }
        if waiting.decision != Decision::Pending {
            self.forget_answered(request, &claims.id).await?;
        }
        Ok((claims.id, waiting))
    }

    /// A token shown twice is in two hands: nobody gets tokens for the request any more (recording ciba/callback-twice).
    async fn forget_answered(&self, request: &RealmContext, id: &str) -> Result<(), CallbackError> {
        self.sessions.forget_waiting((Decoupled::Backchannel, &request.realm.name, id)).await?;
        Err(CallbackError::Answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_of_three_words_in_capitals() {
        for (word, expected) in
            [("SUCCEED", Status::Succeed), ("UNAUTHORIZED", Status::Unauthorized), ("CANCELLED", Status::Cancelled)]
        {
            let body = format!(r#"{{"status":"{word}","more":1}}"#);
            assert_eq!(read_status(body.as_bytes()).unwrap(), Some(expected));
        }
        for body in [r#"{"status":"succeed"}"#, r#"{"status":"MAYBE"}"#, r#"{"status":7}"#] {
            assert!(matches!(read_status(body.as_bytes()), Err(CallbackError::UnknownStatus)), "{body}");
        }
        for body in ["{", "[]", "null"] {
            assert!(matches!(read_status(body.as_bytes()), Err(CallbackError::NoJson)), "{body}");
        }
        for body in ["", "{}", r#"{"status":null}"#] {
            assert!(matches!(read_status(body.as_bytes()), Ok(None)), "{body}");
        }
    }
}
