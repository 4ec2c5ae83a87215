//! RFC 7662; wire.md section 7.2.

use events::EventType;
use oidc_types::Params;
use realm_model::Client;
use token_issuer::{
    Fallen, InspectedToken, IntrospectionForm, MintError, Purpose, RefusedToken, TokenType, View, requesting_party_view,
};

use crate::error::{IntrospectionError, Unavailable};
use crate::inspection::Inspection;

/// `token_type_hint`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hint {
    Access,
    Refresh,
    RequestingParty,
}

/// What there is to say of a token, as JSON: nothing where it is not active.
pub(crate) type Introspected = Option<Vec<u8>>;

/// What the caller takes for an answer (`Accept`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    Json,
    /// `application/jwt`
    Jwt,
}

/// What `caller` may know of the token in `form`.
pub(crate) async fn introspect(
    cx: &Inspection<'_>,
    caller: &Client,
    form: &Params,
    accepted: Accepted,
) -> Result<Introspected, IntrospectionError> {
    refuse_public(caller)?;
    if form.repeats() {
        return Err(IntrospectionError::Repeated);
    }
    let text = form.get("token").ok_or(IntrospectionError::NoToken)?;
    let hint = hint(form.get("token_type_hint"))?;
    let token = match cx.read(text, Purpose::Use).await {
        Ok(token) => token,
        Err(RefusedToken::Keys(error)) => return Err(Unavailable::Keys(error).into()),
        Err(refused) => return Ok(inactive(cx, caller, &refused)),
    };
    if !is_for(hint, &token, caller) {
        return Ok(inactive(cx, caller, &"the token is not for this client"));
    }
    let standing = match cx.ground().of_access_token(&token).await {
        Ok(standing) => standing,
        Err(Fallen::Unavailable(error)) => return Err(Unavailable::from(error).into()),
        Err(fallen) => return Ok(inactive(cx, caller, &fallen)),
    };
    cx.recorder().success(EventType::IntrospectToken, |event| {
        let event = event.client(caller.client_id.as_str()).user(standing.subject.user().id.as_str());
        event
            .session(token.session.as_ref().map(|id| id.as_str()))
            .detail("token_issued_for", Some(token.client_id.as_str()))
            .detail("token_id", Some(&*token.id))
            .detail("client_auth_method", caller.authenticator.as_str())
    });
    if hint == Hint::RequestingParty {
        let json = serde_json::to_vec(&requesting_party_view(&token));
        return Ok(Some(json.map_err(|error| Unavailable::from(MintError::from(error)))?));
    }
    let Ok(client) = cx.ground().client_of(&token) else { return Ok(None) };
    let view =
        View { realm: cx.realm(), client, subject: &standing.subject, notes: &standing.notes, token: &token, now: cx.now() };
    let answer = cx.parts.token_issuer.introspection(view, answer_form(caller, accepted)).await;
    Ok(Some(answer.map_err(Unavailable::from)?))
}

/// Keycloak: a signed copy goes into the JSON, where the client may have one and asks for it; the media type stays that of JSON.
/// Of a token that is not active it shows nothing, where Keycloak would show all of it to anybody (measured on 26.7.4).
fn answer_form(caller: &Client, accepted: Accepted) -> IntrospectionForm<'_> {
    let may = caller.is_on("client.introspection.response.allow.jwt.claim.enabled");
    if may && accepted == Accepted::Jwt { IntrospectionForm::WithJwt(caller) } else { IntrospectionForm::Json }
}

fn inactive(cx: &Inspection<'_>, caller: &Client, fact: &dyn std::fmt::Display) -> Introspected {
    cx.recorder().error(EventType::IntrospectToken, "invalid_token", |event| {
        let event = event.client(caller.client_id.as_str()).detail("client_auth_method", caller.authenticator.as_str());
        event.detail("reason", Some("Access token JWT check failed")).fact(fact)
    });
    None
}

fn refuse_public(caller: &Client) -> Result<(), IntrospectionError> {
    if caller.public { Err(IntrospectionError::PublicClient) } else { Ok(()) }
}

fn hint(hint: Option<&str>) -> Result<Hint, IntrospectionError> {
    match hint {
        None | Some("access_token") => Ok(Hint::Access),
        Some("refresh_token") => Ok(Hint::Refresh),
        Some("requesting_party_token") => Ok(Hint::RequestingParty),
        Some(_) => Err(IntrospectionError::UnknownHint),
    }
}

/// Keycloak: a token is shown to those in its audience, a refresh token to its own client and only with its hint (recordings
/// introspection/{not-in-audience,own-token,refresh-token-of-own,refresh-token-of-own-with-hint}).
fn is_for(hint: Hint, token: &InspectedToken, caller: &Client) -> bool {
    let in_audience = || token.audience.iter().any(|audience| audience == caller.client_id.as_str());
    match (hint, token.token_type) {
        (Hint::Access, TokenType::Bearer | TokenType::Dpop | TokenType::Id) => in_audience(),
        (Hint::Refresh, TokenType::Refresh | TokenType::Offline) => token.client_id == caller.client_id,
        (Hint::RequestingParty, TokenType::Bearer | TokenType::Dpop) => true,
        _ => false,
    }
}
