//! Who asks: the bearer of an access token, or a client for itself or for a user whose token it has.

use std::sync::Arc;

use ambient::Timestamp;
use realm_model::{Client, Realm};
use serde_json::{Map, Value};
use sessions::UserSession;
use token_issuer::{
    BoundTo, Fallen, InspectContext, InspectedToken, MintContext, Purpose, RefusedToken, SessionNotes, StandingContext, Subject,
    TokenType,
};

use super::UmaTicket;
use super::claims::ID_TOKEN_FORMAT;
use crate::error::{GrantError, UmaTicketError};
use crate::exchange::{Exchange, Parts};
use crate::grant::client_credentials::{self, ClientCredentials};

/// Who asks, with what a token says of it.
pub(crate) struct Caller {
    subject: Subject,
    notes: SessionNotes,
    session: Option<UserSession>,
    client_id: String,
    claims: Map<String, Value>,
    /// What whoever shows the bearer token must hold.
    pub(super) bound_to: BoundTo,
}

impl Caller {
    pub(super) fn subject(&self) -> &Subject {
        &self.subject
    }

    pub(super) fn notes(&self) -> &SessionNotes {
        &self.notes
    }

    pub(super) fn session(&self) -> Option<&UserSession> {
        self.session.as_ref()
    }

    /// The client that the token was issued to.
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(super) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }
}

/// Where tokens are read.
#[derive(Clone, Copy)]
pub(crate) struct Tokens<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) realm: &'a Arc<Realm>,
    pub(crate) accepts_issuer: &'a (dyn Fn(&str) -> bool + Sync),
    pub(crate) now: Timestamp,
}

impl<'a> From<&'a Exchange<'_>> for Tokens<'a> {
    fn from(cx: &'a Exchange<'_>) -> Self {
        Self { parts: cx.parts, realm: cx.realm, accepts_issuer: cx.accepts_issuer, now: cx.now }
    }
}

const OTHER_TYPE: &str = "a token of another type";

/// Reads an access or ID token of the realm; the inner error says what is wrong with it.
pub(super) async fn inspect(cx: Tokens<'_>, text: &str) -> Result<Result<InspectedToken, String>, GrantError> {
    let context = InspectContext { realm: cx.realm, accepts_issuer: cx.accepts_issuer, now: cx.now };
    match cx.parts.token_issuer.inspect(text, context, Purpose::Use).await {
        Ok(token) if matches!(token.token_type, TokenType::Bearer | TokenType::Id) => Ok(Ok(token)),
        Ok(_) => Ok(Err(OTHER_TYPE.to_owned())),
        Err(RefusedToken::Keys(error)) => Err(error.into()),
        Err(refused) => Ok(Err(refused.to_string())),
    }
}

async fn verify(cx: Tokens<'_>, text: &str) -> Result<Result<Caller, String>, GrantError> {
    match inspect(cx, text).await? {
        Ok(token) => standing(cx, token).await,
        Err(fact) => Ok(Err(fact)),
    }
}

/// Who still stands behind a token.
async fn standing(cx: Tokens<'_>, token: InspectedToken) -> Result<Result<Caller, String>, GrantError> {
    let standing = StandingContext { realm: cx.realm, sessions: &cx.parts.sessions, users: &*cx.parts.users, now: cx.now };
    match standing.of_access_token(&token).await {
        Ok(found) => Ok(Ok(Caller {
            subject: found.subject,
            notes: found.notes,
            session: found.session.map(|session| session.value),
            client_id: token.client_id.as_str().to_owned(),
            claims: token.claims().clone(),
            bound_to: token.bound_to,
        })),
        Err(Fallen::Unavailable(error)) => Err(error.into()),
        Err(fallen) => Ok(Err(fallen.to_string())),
    }
}

/// The bearer of an access token, and the client it was issued to. An ID token says who somebody is, to whoever gets to see it:
/// without a client that authenticates itself it is good for nothing (CVE-2023-0657).
pub(crate) async fn of_bearer(cx: Tokens<'_>, text: &str) -> Result<(Caller, Arc<Client>), GrantError> {
    let token = inspect(cx, text).await?.map_err(UmaTicketError::Bearer)?;
    if token.token_type != TokenType::Bearer {
        return Err(UmaTicketError::Bearer(OTHER_TYPE.to_owned()).into());
    }
    let caller = standing(cx, token).await?.map_err(UmaTicketError::Bearer)?;
    let unknown = || UmaTicketError::Bearer("its client is unknown".to_owned());
    let client = cx.realm.client(caller.client_id()).ok_or_else(unknown)?;
    Ok((caller, Arc::clone(client)))
}

/// The client of `cx`, or the user whose token it sends.
pub(crate) async fn of_client(cx: &Exchange<'_>, grant: &UmaTicket<'_>) -> Result<Caller, GrantError> {
    // Keycloak: an ID token as `claim_token` goes before `subject_token`.
    let format = grant.get("claim_token_format").unwrap_or(ID_TOKEN_FORMAT);
    let id_token = grant.get("claim_token").filter(|_| format.eq_ignore_ascii_case(ID_TOKEN_FORMAT));
    if let Some(text) = id_token.or_else(|| grant.get("subject_token")) {
        let caller = verify(cx.into(), text).await?.map_err(UmaTicketError::SubjectToken)?;
        // The client is authenticated and has been shown the token; it cannot hold the user's key.
        return Ok(Caller { bound_to: BoundTo::default(), ..caller });
    }
    // Keycloak: the token for the resource server does not say where the client is (recording uma-ticket/client-credentials).
    let issue = client_credentials::exchange(cx, &ClientCredentials { scope: grant.get("scope") }).await?;
    let context = MintContext { realm: cx.realm, issuer: cx.issuer, now: cx.now };
    let claims = cx.parts.token_issuer.access_claims(&issue, context)?;
    let client_id = cx.client.client_id.as_str().to_owned();
    Ok(Caller {
        subject: issue.subject,
        notes: SessionNotes::default(),
        session: None,
        client_id,
        claims,
        bound_to: BoundTo::default(),
    })
}
