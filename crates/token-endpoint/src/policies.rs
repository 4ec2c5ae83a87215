//! Client policies, at the one door that every grant goes through.

use std::sync::Arc;

use client_policies::{Effects, Event, Facts, Parameters, Policies, PolicyError};
use realm_model::Client;
use serde_json::{Map, Value};
use token_issuer::{Issue, RefreshIssue};

use crate::endpoint::Grant;
use crate::error::GrantError;
use crate::exchange::Exchange;
use crate::grant::{jwt_authorization, password};

/// Judges a grant before anything of it is done, so that a refusal uses nothing up. Every grant has its event here: none can be
/// forgotten (CVE-2026-9792).
pub(crate) fn judge_grant(cx: &Exchange<'_>, grant: &Grant<'_>) -> Result<Effects, GrantError> {
    let event = match grant {
        Grant::AuthorizationCode(_) => Event::TokenRequest,
        Grant::Password(_) => {
            password::refuse_client_without_direct_access(cx.client)?;
            password::refuse_client_that_needs_consent(cx.client)?;
            Event::ResourceOwnerPasswordCredentialsRequest
        }
        // A card with its number is what a user knows and has, given to the client: as good as a password.
        Grant::Contactless(_) => Event::ResourceOwnerPasswordCredentialsRequest,
        Grant::RefreshToken(_) | Grant::SpmsRefresh(_) => Event::TokenRefresh,
        Grant::ClientCredentials(_) => Event::ServiceAccountTokenRequest,
        Grant::TokenExchange(_) => Event::TokenExchangeRequest,
        Grant::JwtAuthorization(_) => Event::JwtAuthorizationGrant,
        Grant::DeviceCode(_) => Event::DeviceTokenRequest,
        Grant::Ciba(_) => Event::BackchannelTokenRequest,
    };
    Ok(judge(cx, event, grant.as_str())?)
}

/// Judges a request of the client.
pub(crate) fn judge(cx: &Exchange<'_>, event: Event, grant_type: &str) -> Result<Effects, PolicyError> {
    if cx.realm.client_policies.is_none() {
        return Ok(Effects::default());
    }
    // What it says is used only to refuse; the grant verifies it.
    let assertion: Option<Map<String, Value>> = match event {
        Event::JwtAuthorizationGrant => Some(assertion_of(cx).unwrap_or_default()),
        _ => None,
    };
    let issuer = assertion.as_ref().and_then(|claims| claims.get("iss")?.as_str());
    let provider = issuer.and_then(|issuer| jwt_authorization::find_provider(cx.realm, issuer));
    let facts = Facts {
        grant_type: Some(grant_type),
        parameters: cx.form.map(|form| form as &dyn Parameters),
        shows_proof: cx.proof.is_some(),
        shows_certificate: cx.certificate.is_some(),
        assertion: assertion.as_ref(),
        identity_provider: provider.map(|provider| &*provider.alias),
        peer: cx.peer.parse().ok(),
        ..Facts::default()
    };
    Policies::of(cx.realm).judge(event, cx.client, &facts)
}

fn assertion_of(cx: &Exchange<'_>) -> Option<Map<String, Value>> {
    let claims = cx.form?.get("assertion")?.split('.').nth(1)?;
    serde_json::from_slice(&base64_simd::URL_SAFE_NO_PAD.decode_to_vec(claims).ok()?).ok()
}

/// What policies change in what is issued.
pub(crate) fn with_effects(mut issue: Issue, effects: Effects) -> Issue {
    if effects.keeps_refresh_token {
        issue.refresh = RefreshIssue::Without;
    }
    if effects.lightweight_access_token {
        let mut client = Client::clone(&issue.client);
        client.attributes.insert("client.use.lightweight.access.token.enabled".to_owned(), "true".to_owned());
        issue.client = Arc::new(client);
    }
    issue
}
