//! RFC 7009; wire.md sections 4.5 and 7.3.

use ambient::Timestamp;
use events::{Event, EventType};
use oidc_types::{Params, SessionId};
use realm_model::Client;
use sessions::SessionKind;
use token_issuer::{Fallen, InspectedToken, Purpose, RefusedToken, TokenType};

use crate::error::{RevocationError, Unavailable};
use crate::inspection::Inspection;

/// A revoked access token is remembered this long at least, in seconds: other nodes' clocks may be behind.
const LEAST_REMEMBERED: i64 = 10;

/// Takes back the token in `form`: of an access token the token itself, of a refresh token the client's part of its session.
///
/// `token_type_hint` is not looked at: the token says what it is.
pub(crate) async fn revoke(cx: &Inspection<'_>, client: &Client, form: &Params) -> Result<(), RevocationError> {
    let token = take_back(cx, client, form).await?;
    cx.recorder().success(EventType::RevokeGrant, |event| {
        let refreshes = match token.token_type {
            TokenType::Refresh => Some("Refresh"),
            TokenType::Offline => Some("Offline"),
            _ => None,
        };
        let event = Event { user_id: token.subject.as_ref().map(ToString::to_string), ..event };
        event
            .client(client.client_id.as_str())
            .session(token.session.as_ref().map(|id| id.as_str()))
            .detail("refresh_token_type", refreshes)
            .detail("revoked_client", refreshes.map(|_| client.client_id.as_str()))
            .detail(if refreshes.is_some() { "refresh_token_id" } else { "token_id" }, Some(&*token.id))
            .detail("client_auth_method", client.authenticator.as_str())
    });
    Ok(())
}

async fn take_back(cx: &Inspection<'_>, client: &Client, form: &Params) -> Result<InspectedToken, RevocationError> {
    if form.repeats() {
        return Err(RevocationError::Repeated);
    }
    let text = form.get("token").ok_or(RevocationError::NoToken)?;
    let token = cx.read(text, Purpose::Revocation).await.map_err(|error| match error {
        RefusedToken::Keys(error) => Unavailable::Keys(error).into(),
        _ => RevocationError::NothingToRevoke,
    })?;
    refuse_other_type(&token)?;
    refuse_token_of_another_client(&token, client)?;
    let session = match cx.ground().standing(&token, client).await {
        Ok(standing) => standing.session.map(|session| (session.kind, session.id.clone())),
        // Keycloak: whether the user may still do anything does not matter here (measured on 26.7.4).
        Err(Fallen::UserDisabled(_) | Fallen::BeforeUser(_)) => session_of(&token),
        Err(Fallen::Unavailable(error)) => return Err(Unavailable::from(error).into()),
        Err(_) => return Err(RevocationError::NothingToRevoke),
    };
    match (token.token_type, session) {
        (TokenType::Refresh | TokenType::Offline, Some((kind, id))) => {
            let (realm, sessions) = (&cx.realm().name, &cx.parts.sessions);
            let ended = sessions.detach(realm, (kind, &id), &client.id, cx.now()).await.map_err(Unavailable::from)?;
            if ended { Ok(token) } else { Err(RevocationError::NothingToRevoke) }
        }
        (_, session) => {
            withdraw(cx, &token).await?;
            if let Some((kind, id)) = session {
                end_exchanged(cx, (kind, &id), client).await?;
            }
            Ok(token)
        }
    }
}

/// Keycloak: what other clients got for the client's tokens goes with any of these (measured on 26.7.4).
async fn end_exchanged(cx: &Inspection<'_>, of: (SessionKind, &SessionId), client: &Client) -> Result<(), RevocationError> {
    let ended = cx.parts.sessions.detach_exchanged(&cx.realm().name, of, &client.id, cx.now()).await;
    ended.map(|_| ()).map_err(|error| Unavailable::from(error).into())
}

async fn withdraw(cx: &Inspection<'_>, token: &InspectedToken) -> Result<(), RevocationError> {
    let dead = token.expires.map_or(Timestamp::MAX, Timestamp::from_secs);
    let until = dead.plus_secs(1).max(cx.now().plus_secs(LEAST_REMEMBERED));
    let revoked = cx.parts.sessions.revoke_token(&cx.realm().name, &token.id, until, cx.now()).await;
    Ok(revoked.map_err(Unavailable::from)?)
}

/// The session that a refresh token names.
fn session_of(token: &InspectedToken) -> Option<(SessionKind, SessionId)> {
    let kind = match token.token_type {
        TokenType::Refresh => SessionKind::Online,
        TokenType::Offline => SessionKind::Offline,
        TokenType::Bearer | TokenType::Dpop | TokenType::Id | TokenType::Other => return None,
    };
    token.session.clone().map(|id| (kind, id))
}

fn refuse_other_type(token: &InspectedToken) -> Result<(), RevocationError> {
    match token.token_type {
        TokenType::Bearer | TokenType::Dpop | TokenType::Refresh | TokenType::Offline => Ok(()),
        TokenType::Id | TokenType::Other => Err(RevocationError::OtherType),
    }
}

fn refuse_token_of_another_client(token: &InspectedToken, client: &Client) -> Result<(), RevocationError> {
    if token.client_id == client.client_id { Ok(()) } else { Err(RevocationError::OtherClient) }
}
