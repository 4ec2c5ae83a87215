//! OpenID Connect Core section 5.3; wire.md section 7.1.

use client_policies::{Event, Facts, Policies};
use events::EventType;
use realm_http::OriginRefused;
use sender_constraint::{ProofRequest, endpoint_uris, refuse_other_certificate, refuse_other_key, verify_proof};
use token_issuer::{InspectedToken, Purpose, RefusedToken, TokenType, UserInfo, View, refuse_disabled_client, signs_userinfo};

use crate::error::{Unavailable, UserInfoError};
use crate::inspection::Inspection;

/// The path below the realm.
pub(crate) const ENDPOINT: &str = "protocol/openid-connect/userinfo";

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

/// The scheme by which a token is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum AuthScheme {
    /// RFC 6750.
    #[default]
    Bearer,
    /// RFC 9449 section 7.1.
    Dpop,
}

/// An access token as it came.
pub(crate) struct Shown<'a> {
    pub(crate) token: String,
    pub(crate) scheme: AuthScheme,
    /// The method of the request.
    pub(crate) method: &'a str,
    /// The `DPoP` header.
    pub(crate) proof: Option<&'a str>,
}

/// The claims of the user whom the token is about.
pub(crate) async fn userinfo(cx: &Inspection<'_>, shown: &Shown<'_>) -> Result<UserInfo, Refusal> {
    refuse_closed_realm(cx)?;
    let token = cx.read(&shown.token, Purpose::Use).await.map_err(refused)?;
    refuse_other_type(&token)?;
    refuse_unproven(cx, shown, &token).await?;
    if !token.grants("openid") {
        return Err(UserInfoError::OpenidMissing.into());
    }
    let client = cx.ground().client_of(&token).map_err(UserInfoError::Fallen)?;
    cx.request.cors.judge(&client.web_origins).map_err(Refusal::Origin)?;
    cx.ground().refuse_withdrawn(&token, client).await.map_err(UserInfoError::Fallen)?;
    let facts = Facts { peer: Some(cx.request.arrival.peer), ..Facts::default() };
    Policies::of(cx.realm()).judge(Event::UserinfoRequest, client, &facts).map_err(UserInfoError::Policy)?;
    if token.is_lightweight() {
        return Err(UserInfoError::Lightweight.into());
    }
    refuse_disabled_client(client).map_err(UserInfoError::Fallen)?;
    let standing = cx.ground().standing(&token, client).await.map_err(UserInfoError::Fallen)?;
    let certificate = cx.request.certificate.as_ref();
    refuse_other_certificate(client, token.bound_to.certificate.as_deref(), certificate).map_err(UserInfoError::Bound)?;
    let view =
        View { realm: cx.realm(), client, subject: &standing.subject, notes: &standing.notes, token: &token, now: cx.now() };
    let answer = cx.parts.token_issuer.userinfo(view, &cx.request.issuer()).await;
    let answer = answer.map_err(|error| UserInfoError::Unavailable(error.into()))?;
    cx.recorder().success(EventType::UserInfoRequest, |event| {
        let user = standing.subject.user();
        let event = event.client(client.client_id.as_str()).user(user.id.as_str());
        event
            .session(token.session.as_ref().map(|id| id.as_str()))
            .detail("auth_method", Some("validate_access_token"))
            .detail("signature_required", Some(signs_userinfo(client).to_string()))
            .detail("username", Some(&*user.username))
    });
    Ok(answer)
}

/// Keycloak: recordings errors-http/{disabled-realm,https-required}; a token of such a realm is as good as a bad one.
fn refuse_closed_realm(cx: &Inspection<'_>) -> Result<(), UserInfoError> {
    let open = cx.request.refuse_plain_http().and_then(|()| cx.request.refuse_disabled_realm());
    open.map_err(|_| UserInfoError::RealmClosed)
}

fn refuse_other_type(token: &InspectedToken) -> Result<(), UserInfoError> {
    match token.token_type {
        TokenType::Bearer | TokenType::Dpop => Ok(()),
        TokenType::Id | TokenType::Refresh | TokenType::Offline | TokenType::Other => Err(UserInfoError::OtherType),
    }
}

/// RFC 9449 section 7.1: a bound token is no bearer token, and one that is not bound comes with no proof.
async fn refuse_unproven(cx: &Inspection<'_>, shown: &Shown<'_>, token: &InspectedToken) -> Result<(), UserInfoError> {
    let proof = match (shown.scheme, token.token_type) {
        (AuthScheme::Bearer, _) => None,
        (AuthScheme::Dpop, TokenType::Dpop) => {
            let request = ProofRequest {
                proof: shown.proof,
                method: shown.method,
                uris: &endpoint_uris(cx.request, ENDPOINT),
                access_token: Some(&shown.token),
                realm: &cx.realm().name,
                now: cx.now(),
            };
            Some(verify_proof(&cx.parts.sessions, request).await?)
        }
        (AuthScheme::Dpop, _) => return Err(UserInfoError::OtherType),
    };
    let is_bound = token.token_type == TokenType::Dpop;
    let jkt = token.bound_to.jkt.as_deref().or(is_bound.then_some("")); // bound to nothing that we know: nobody's
    Ok(refuse_other_key(jkt, proof.as_ref())?)
}

fn refused(error: RefusedToken) -> UserInfoError {
    match error {
        RefusedToken::Keys(error) => UserInfoError::Unavailable(Unavailable::Keys(error)),
        other => UserInfoError::Token(other),
    }
}
