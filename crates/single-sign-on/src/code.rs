//! Authorization codes (RFC 6749 section 4.1.2).

use ambient::{Entropy, Timestamp};
use oidc_types::{BadVerifier, CodeChallenge, RealmName, SessionId, UserId};
use realm_model::Client;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sessions::{Inserted, Sessions, Spent, StoreError};
use thiserror::Error;

/// Seconds for which a code that was redeemed is known as such: whoever shows it again ends what came of it.
const SPENT_KNOWN_SECS: i64 = 3600;

/// What a login has granted to a client, for whoever brings the code.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct AuthorizationCode {
    /// The online session of the login.
    pub session: SessionId,
    /// Who logged in.
    pub user: UserId,
    /// The internal id of the client it was issued to.
    pub client: String,
    /// `redirect_uri` of the request; none where it sent none.
    pub redirect_uri: Option<String>,
    /// `scope` of the request.
    pub scope: Option<String>,
    /// `nonce` of the request.
    pub nonce: Option<String>,
    /// `claims` of the request.
    pub claims: Option<Value>,
    /// `code_challenge_method` and `code_challenge` of the request.
    pub code_challenge: Option<(String, String)>,
    /// `dpop_jkt` of the request.
    pub dpop_jkt: Option<String>,
    /// `acr` of the answer.
    pub acr: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// The three parts of a code on the wire: `<uuid>.<session id>.<client's internal id>` (wire.md section 1.9).
#[derive(Clone, Copy, Debug)]
struct CodeName<'a> {
    /// What nobody can guess.
    secret: &'a str,
    /// The session.
    session: &'a str,
    /// The client.
    client: &'a str,
}

impl<'a> CodeName<'a> {
    /// Takes a code apart; `None` for anything that never was one.
    fn parse(code: &'a str) -> Option<Self> {
        let mut parts = code.split('.');
        let name = Self { secret: parts.next()?, session: parts.next()?, client: parts.next()? };
        parts.next().is_none().then_some(name)
    }
}

/// A code that was taken out of the store, nothing of it judged yet.
#[derive(Debug)]
pub struct StoredCode(AuthorizationCode);

/// What a client shows with a code.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The client, authenticated.
    pub client: &'a Client,
    /// `redirect_uri`
    pub redirect_uri: Option<&'a str>,
    /// `code_verifier`
    pub code_verifier: Option<&'a str>,
    /// The present.
    pub now: Timestamp,
}

/// Why a code is worth nothing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RedeemError {
    /// It came too late.
    #[error("the code has ended")]
    Expired,
    /// Another `redirect_uri` than that of the request.
    #[error("another redirect_uri than that of the request")]
    OtherRedirectUri,
    /// It was issued to another client.
    #[error("issued to another client")]
    OtherClient,
    /// `standardFlowEnabled` is off by now.
    #[error("the standard flow is off for the client")]
    FlowOff,
    /// `code_verifier`.
    #[error(transparent)]
    Verifier(#[from] BadVerifier),
}

/// A code in which nothing is wrong.
#[derive(Clone, Debug)]
pub struct Redeemed(AuthorizationCode);

impl Redeemed {
    /// What was granted.
    pub const fn grant(&self) -> &AuthorizationCode {
        &self.0
    }
}

impl StoredCode {
    /// Who logged in.
    pub const fn user(&self) -> &UserId {
        &self.0.user
    }

    /// The session of the login.
    pub const fn session(&self) -> &SessionId {
        &self.0.session
    }

    /// Judges what comes with the code, in Keycloak's order (wire.md section 1.9).
    ///
    /// # Errors
    /// [`RedeemError`], the first that is found.
    pub fn redeem(self, presented: Presented<'_>) -> Result<Redeemed, RedeemError> {
        let code = &self.0;
        if code.expires <= presented.now {
            return Err(RedeemError::Expired);
        }
        // RFC 6749 section 4.1.3: "if the "redirect_uri" parameter was included in the authorization request … their values MUST be
        // identical." Keycloak: one that was not sent may be left out only.
        if code.redirect_uri.as_deref() != presented.redirect_uri {
            return Err(RedeemError::OtherRedirectUri);
        }
        if code.client != *presented.client.id {
            return Err(RedeemError::OtherClient);
        }
        if !presented.client.standard_flow {
            return Err(RedeemError::FlowOff);
        }
        let challenge = code.code_challenge.as_ref().and_then(|(method, value)| CodeChallenge::of_stored(method, value));
        let required = presented.client.attribute("pkce.code.challenge.method");
        CodeChallenge::refuse_other_verifier(challenge.as_ref(), presented.code_verifier, required)?;
        Ok(Redeemed(self.0))
    }
}

/// What a code is worth to whoever shows it.
#[derive(Debug)]
pub enum Taken {
    /// What it stands for: to exactly one caller.
    Code(Box<StoredCode>),
    /// It was shown before: what came of it is in two hands.
    Again {
        /// The session of the login.
        session: SessionId,
        /// The client's internal id.
        client: String,
    },
    /// Nothing.
    Unknown,
}

impl AuthorizationCode {
    /// Keeps it under a new secret; gives the code as the client gets it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn record(
        &self,
        sessions: &Sessions,
        (realm, entropy): (&RealmName, &dyn Entropy),
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let value = serde_json::to_vec(self).map_err(|_| StoreError::Malformed { what: "code" })?;
        loop {
            let secret = entropy.uuid().to_string();
            if sessions.record_code((realm, &secret), &value, self.expires, now).await? == Inserted::Done {
                return Ok(format!("{secret}.{}.{}", self.session, self.client));
            }
        }
    }
}

/// Takes a code, if it is one of this realm. A code that is shown again is told apart from one that never was.
///
/// # Errors
/// [`StoreError`]
pub async fn take_code(sessions: &Sessions, (realm, code): (&RealmName, &str), now: Timestamp) -> Result<Taken, StoreError> {
    let Some(name) = CodeName::parse(code) else { return Ok(Taken::Unknown) };
    let read = |value: &[u8]| {
        let code = serde_json::from_slice::<AuthorizationCode>(value).ok();
        // Its parts may have been retargeted (CVE-2026-16089).
        code.filter(|code| code.session.as_str() == name.session && code.client == name.client)
    };
    let spent = sessions.spend_code((realm, name.secret), now.plus_secs(SPENT_KNOWN_SECS), now).await?;
    Ok(match spent {
        Spent::Now(value) => read(&value).map_or(Taken::Unknown, |code| Taken::Code(Box::new(StoredCode(code)))),
        Spent::Before(value) => {
            read(&value).map_or(Taken::Unknown, |code| Taken::Again { session: code.session, client: code.client })
        }
        Spent::Absent => Taken::Unknown,
    })
}
