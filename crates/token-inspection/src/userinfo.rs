//! OpenID Connect Core section 5.3; wire.md section 7.1.

use realm_http::OriginRefused;
use token_issuer::{InspectedToken, Purpose, RefusedToken, TokenType, UserInfo, View, refuse_disabled_client};

use crate::error::{Unavailable, UserInfoError};
use crate::inspection::Inspection;

/// Why there is no answer: the origin may not have it, or the token is not worth one.
pub(crate) enum Refusal {
    Origin(OriginRefused),
    Fact(UserInfoError),
}

impl<E: Into<UserInfoError>> From<E> for Refusal {
    fn from(fact: E) -> Self {
        Self::Fact(fact.into())
    }
}

/// The claims of the user whom `token` is about.
pub(crate) async fn userinfo(cx: &Inspection<'_>, token: &str) -> Result<UserInfo, Refusal> {
    refuse_closed_realm(cx)?;
    let token = cx.read(token, Purpose::Use).await.map_err(refused)?;
    refuse_other_type(&token)?;
    if !token.grants("openid") {
        return Err(UserInfoError::OpenidMissing.into());
    }
    let client = cx.ground().client_of(&token).map_err(UserInfoError::Fallen)?;
    cx.request.cors.judge(&client.web_origins).map_err(Refusal::Origin)?;
    cx.ground().refuse_withdrawn(&token, client).await.map_err(UserInfoError::Fallen)?;
    if token.is_lightweight() {
        return Err(UserInfoError::Lightweight.into());
    }
    refuse_disabled_client(client).map_err(UserInfoError::Fallen)?;
    let standing = cx.ground().standing(&token, client).await.map_err(UserInfoError::Fallen)?;
    let view = View { realm: cx.realm(), client, subject: &standing.subject, notes: &standing.notes, token: &token };
    let answer = cx.parts.token_issuer.userinfo(view, &cx.request.issuer()).await;
    Ok(answer.map_err(|error| UserInfoError::Unavailable(error.into()))?)
}

/// Keycloak: recordings errors-http/{disabled-realm,https-required}; a token of such a realm is as good as a bad one.
fn refuse_closed_realm(cx: &Inspection<'_>) -> Result<(), UserInfoError> {
    let open = cx.request.refuse_plain_http().and_then(|()| cx.request.refuse_disabled_realm());
    open.map_err(|_| UserInfoError::RealmClosed)
}

fn refuse_other_type(token: &InspectedToken) -> Result<(), UserInfoError> {
    match token.token_type {
        TokenType::Bearer => Ok(()),
        TokenType::Id | TokenType::Refresh | TokenType::Offline | TokenType::Other => Err(UserInfoError::OtherType),
    }
}

fn refused(error: RefusedToken) -> UserInfoError {
    match error {
        RefusedToken::Keys(error) => UserInfoError::Unavailable(Unavailable::Keys(error)),
        other => UserInfoError::Token(other),
    }
}
