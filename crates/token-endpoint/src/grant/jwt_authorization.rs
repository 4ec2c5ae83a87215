//! RFC 7523 section 2.1: an assertion of an identity provider as an authorization grant; wire.md section 1.11.

mod assertion;
mod issuer_keys;

use std::sync::Arc;

use ambient::Timestamp;
use key_rotation::{Algorithm, parse_compact};
use realm_model::{Client, IdentityProvider, Realm, User};
use sessions::SingleUse;
use token_issuer::{GrantKind, GrantedScope, Issue, ScopeRequest, SessionFacts, SessionNotes, Subject};

pub(crate) use self::issuer_keys::IssuerKeys;

use self::assertion::{Assertion, lifetime};
use crate::error::{AssertedUserError, AssertionError, GrantError, JwtAuthorizationError};
use crate::exchange::Exchange;

/// The parameters.
pub(crate) struct JwtAuthorization<'a> {
    pub(crate) assertion: Option<&'a str>,
    pub(crate) scope: Option<&'a str>,
}

pub(crate) async fn exchange(cx: &Exchange<'_>, grant: &JwtAuthorization<'_>) -> Result<Issue, GrantError> {
    let text = grant.assertion.ok_or(JwtAuthorizationError::AssertionMissing)?;
    let assertion = Assertion::read(text).ok_or(JwtAuthorizationError::Unreadable)?;
    refuse_public_client(cx.client)?;
    refuse_client_without_grant(cx.client)?;
    let issuer = assertion.issuer.as_deref().ok_or(JwtAuthorizationError::ClaimMissing("iss"))?;
    let subject = assertion.subject.as_deref().ok_or(JwtAuthorizationError::ClaimMissing("sub"))?;
    let provider = find_provider(cx.realm, issuer).ok_or(JwtAuthorizationError::UnknownIssuer)?;
    refuse_provider_of_other_clients(cx.client, provider)?;
    verify(cx, provider, &assertion, text).await?;
    let until = assertion.refuse_out_of_time(lifetime(provider), cx.now).map_err(JwtAuthorizationError::Assertion)?;
    refuse_used(cx, provider, &assertion, until).await?;
    let user = load_user(cx, provider, subject).await?;
    let scope = ScopeRequest::judge(cx.realm, cx.client, grant.scope)?;
    let subject = Subject::new(cx.realm, user);
    let granted = scope.grant(cx.realm, cx.client, &subject);
    refuse_missing_consent(cx.client, &granted, &subject)?;
    let endpoint = format!("{}/protocol/openid-connect/token", cx.issuer);
    assertion.refuse_other_audience(&[cx.issuer, &endpoint]).map_err(JwtAuthorizationError::Assertion)?;
    let session = facts(cx, provider, &assertion);
    Ok(Issue::new(subject, Arc::clone(cx.client), granted, session, GrantKind::JwtAuthorization))
}

fn refuse_public_client(client: &Client) -> Result<(), JwtAuthorizationError> {
    if client.public { Err(JwtAuthorizationError::PublicClient) } else { Ok(()) }
}

fn refuse_client_without_grant(client: &Client) -> Result<(), JwtAuthorizationError> {
    let on = client.is_on("oauth2.jwt.authorization.grant.enabled");
    if on { Ok(()) } else { Err(JwtAuthorizationError::NotEnabled) }
}

/// The provider of an issuer, if it may grant in this way.
pub(crate) fn find_provider<'r>(realm: &'r Realm, issuer: &str) -> Option<&'r IdentityProvider> {
    let grants = |provider: &&Arc<IdentityProvider>| provider.enabled && provider.is_on("jwtAuthorizationGrantEnabled");
    let mut of_issuer = realm.identity_providers.iter().filter(|provider| provider.value("issuer") == Some(issuer));
    of_issuer.find(grants).map(|provider| &**provider)
}

fn refuse_provider_of_other_clients(client: &Client, provider: &IdentityProvider) -> Result<(), JwtAuthorizationError> {
    let allowed = client.attribute("oauth2.jwt.authorization.grant.idp").unwrap_or_default();
    let is_among = allowed.split("##").any(|alias| alias == &*provider.alias);
    if is_among { Ok(()) } else { Err(JwtAuthorizationError::IssuerNotAllowed(provider.alias.to_string())) }
}

/// The algorithm is the provider's to choose, never the assertion's; a shared secret is none of its keys.
async fn verify(
    cx: &Exchange<'_>,
    provider: &IdentityProvider,
    assertion: &Assertion,
    text: &str,
) -> Result<(), JwtAuthorizationError> {
    let asymmetric =
        assertion.algorithm.filter(|algorithm| !matches!(algorithm, Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512));
    let algorithm = asymmetric.ok_or(JwtAuthorizationError::Algorithm)?;
    let wanted = provider.value("jwtAuthorizationGrantAssertionSignatureAlg");
    if wanted.is_some_and(|wanted| wanted != algorithm.as_str()) {
        return Err(JwtAuthorizationError::Algorithm);
    }
    let parsed = parse_compact(text).map_err(|_| JwtAuthorizationError::Signature)?;
    let holds = cx.parts.issuer_keys.verifies(provider, algorithm, &parsed, cx.now).await;
    if holds { Ok(()) } else { Err(JwtAuthorizationError::Signature) }
}

/// An assertion is good once (RFC 7523 section 3, rule 7), whatever becomes of the request.
async fn refuse_used(
    cx: &Exchange<'_>,
    provider: &IdentityProvider,
    assertion: &Assertion,
    until: Timestamp,
) -> Result<(), GrantError> {
    let id = assertion.id.as_deref().ok_or(JwtAuthorizationError::Assertion(AssertionError::IdMissing))?;
    if provider.is_on("jwtAuthorizationGrantAssertionReuseAllowed") {
        return Ok(());
    }
    let mark = format!("{}:{id}", provider.alias);
    let used = (SingleUse::AuthorizationGrant, &cx.realm.name, mark.as_str());
    let first = cx.parts.sessions.mark_used(used, until, cx.now).await?;
    if first { Ok(()) } else { Err(JwtAuthorizationError::Reused.into()) }
}

/// The user whose account is linked with the subject at the provider.
async fn load_user(cx: &Exchange<'_>, provider: &IdentityProvider, subject: &str) -> Result<Arc<User>, GrantError> {
    let refused = |error: AssertedUserError| GrantError::from(JwtAuthorizationError::from(error));
    let found = cx.parts.users.find_by_identity(&cx.realm.name, &provider.alias, subject).await?;
    let user = found.ok_or_else(|| refused(AssertedUserError::NotFound))?;
    if !user.enabled || cx.parts.sessions.is_locked_for_good(cx.realm, &user.id, cx.now).await? {
        return Err(refused(AssertedUserError::Disabled(user.id.clone())));
    }
    // Keycloak: a profile that lacks what the realm requires does not count here (measured on 26.7.4).
    if !user.required_actions.is_empty() {
        return Err(refused(AssertedUserError::NotFullySetUp(user.id.clone())));
    }
    Ok(user)
}

fn refuse_missing_consent(client: &Client, granted: &GrantedScope, subject: &Subject) -> Result<(), JwtAuthorizationError> {
    if granted.has_consent(client, subject.user()) {
        return Ok(());
    }
    Err(JwtAuthorizationError::ConsentMissing(client.client_id.clone()))
}

/// A session that is stored nowhere; where the provider says so, tokens end with the assertion.
fn facts(cx: &Exchange<'_>, provider: &IdentityProvider, assertion: &Assertion) -> SessionFacts {
    let limited = provider.is_on("jwtAuthorizationGrantLimitAccessTokenExp");
    let ends = assertion.times.expires.filter(|_| limited).map(Timestamp::from_secs);
    SessionFacts { ends, ..cx.sign_on().transient_facts(SessionNotes::default()) }
}
