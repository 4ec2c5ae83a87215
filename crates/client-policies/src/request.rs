//! Requests, as executors judge them. Texts measured on Keycloak 26.7.4. Keycloak leaves some executors out at some grants (passwords,
//! token exchange, pushed requests): here an executor about tokens holds wherever tokens are issued (docs/compatibility.md).

use base64_simd::URL_SAFE_NO_PAD;
use oidc_types::ErrorCode;
use realm_model::{Client, ClientAuthenticator};
use serde_json::{Map, Value};

use crate::authorization::{self, SignedRules};
use crate::condition::Case;
use crate::error::Refusal;
use crate::executor::{Executor, SECURE_ALGORITHMS};
use crate::policies::UNKNOWN;
use crate::{Effects, Event, Facts};

pub(crate) type Verdict = Result<(), Refusal>;

const NO_PROOF: Refusal =
    Refusal { code: ErrorCode::InvalidDpopProof, description: std::borrow::Cow::Borrowed("DPoP proof is missing") };
const ASSERTION_MISSING: Refusal = Refusal::request("client assertion is required.");
const NOT_CONFIDENTIAL: Refusal =
    Refusal { code: ErrorCode::InvalidClient, description: std::borrow::Cow::Borrowed("invalid client access type: public") };

/// Judges a request of `client`.
pub(crate) fn judge(executor: &Executor, case: &Case<'_>, client: &Client, effects: &mut Effects) -> Verdict {
    let (event, facts) = (case.event, case.facts);
    match executor {
        Executor::Unknown => Err(UNKNOWN),
        Executor::RejectRequest => Err(Refusal::request("Request not allowed")),
        Executor::RejectPassword(_) if event == Event::ResourceOwnerPasswordCredentialsRequest => {
            Err(Refusal::grant("resource owner password credentials grant is prohibited."))
        }
        Executor::ConfidentialClient if client.public && (event.issues_tokens() || is_authorization(event)) => {
            Err(NOT_CONFIDENTIAL)
        }
        Executor::SecureClientAuthenticator { allowed, .. } if event.is_by_authenticated_client() => {
            authenticator(client, allowed)
        }
        Executor::SecureSignedJwt { required } if event.is_by_authenticated_client() => signed_jwt(client, facts, *required),
        Executor::SecureAssertion if event.is_by_authenticated_client() => single_audience(facts),
        Executor::HolderOfKey(_) => certificate(event, facts),
        Executor::DpopBind { binds_code, .. } => proof(event, facts, *binds_code),
        Executor::JwtClaim { name, allowed } => claim(facts.assertion, name, allowed.as_ref()),
        Executor::DownscopeAssertion => downscope(facts),
        Executor::SecureCibaSession if event == Event::BackchannelAuthenticationRequest => {
            present(facts, "binding_message", "Missing parameter: binding_message")
        }
        Executor::SecureCibaSigned { available } if event == Event::BackchannelAuthenticationRequest => {
            authorization::signed(facts, &SignedRules { available: *available, verifies_not_before: true, skew: 15 })
        }
        Executor::LightweightAccessToken => {
            effects.lightweight_access_token = true;
            Ok(())
        }
        Executor::SuppressRotation => {
            effects.keeps_refresh_token |= event == Event::TokenRefresh;
            Ok(())
        }
        _ if is_authorization(event) => authorization::judge(executor, event, facts),
        // What is left of them is about clients.
        _ => Ok(()),
    }
}

const fn is_authorization(event: Event) -> bool {
    matches!(event, Event::AuthorizationRequest | Event::PushedAuthorizationRequest)
}

pub(crate) fn present(facts: &Facts<'_>, name: &str, absent: &'static str) -> Verdict {
    if facts.parameter(name).is_some() { Ok(()) } else { Err(Refusal::request(absent)) }
}

/// What the client is configured to authenticate by. A public one does not.
fn authenticator(client: &Client, allowed: &[String]) -> Verdict {
    let configured = match client.authenticator {
        ClientAuthenticator::ClientSecret => "client-secret",
        ClientAuthenticator::ClientJwt => "client-jwt",
        ClientAuthenticator::ClientSecretJwt => "client-secret-jwt",
        ClientAuthenticator::ClientX509 => "client-x509",
        ClientAuthenticator::FederatedJwt => "federated-jwt",
        ClientAuthenticator::Other => "",
    };
    if client.public || allowed.iter().any(|allowed| allowed == configured) {
        return Ok(());
    }
    Err(Refusal::request("Configured client authentication method not allowed for client"))
}

fn certificate(event: Event, facts: &Facts<'_>) -> Verdict {
    match event {
        _ if facts.shows_certificate => Ok(()),
        Event::TokenRefresh => {
            Err(Refusal::grant("Client certificate missing, or its thumbprint and one in the token did NOT match"))
        }
        event if event.issues_tokens() => Err(Refusal::request("Client Certification missing for MTLS HoK Token Binding")),
        _ => Ok(()),
    }
}

fn proof(event: Event, facts: &Facts<'_>, binds_code: bool) -> Verdict {
    let shown = facts.shows_proof;
    match event {
        _ if shown => Ok(()),
        event if event.issues_tokens() || event == Event::TokenRevoke => Err(NO_PROOF),
        event if is_authorization(event) && binds_code => present(facts, "dpop_jkt", "Missing parameter: dpop_jkt"),
        _ => Ok(()),
    }
}

fn claim(assertion: Option<&Map<String, Value>>, name: &str, allowed: Option<&regex_lite::Regex>) -> Verdict {
    let Some(assertion) = assertion else { return Ok(()) };
    let matches = |value: &Value| match value {
        Value::String(text) => allowed.is_some_and(|allowed| allowed.is_match(text)),
        other => allowed.is_some_and(|allowed| allowed.is_match(&other.to_string())),
    };
    match assertion.get(name) {
        Some(Value::Array(values)) if values.iter().any(matches) => Ok(()),
        Some(value) if !value.is_array() && matches(value) => Ok(()),
        _ => Err(Refusal::grant("JWT claim value not allowed")),
    }
}

/// Only what the assertion itself says may be asked for.
fn downscope(facts: &Facts<'_>) -> Verdict {
    let Some(assertion) = facts.assertion else { return Ok(()) };
    let allowed = assertion.get("scope").and_then(Value::as_str).unwrap_or_default();
    let mut asked = facts.parameter("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
    match asked.all(|scope| allowed.split(' ').any(|allowed| allowed == scope)) {
        true => Ok(()),
        false => {
            let description = std::borrow::Cow::Borrowed("Requested scope is not in the scope of the assertion");
            Err(Refusal { code: ErrorCode::InvalidScope, description })
        }
    }
}

/// The signature of a client's assertion is of an algorithm that FAPI takes. That it holds was seen before, where the client
/// authenticates by one: beside a secret or a certificate nobody looks at it (CVE-2026-16093).
fn signed_jwt(client: &Client, facts: &Facts<'_>, required: bool) -> Verdict {
    if required && !authenticates_by_assertion(client) {
        return Err(ASSERTION_MISSING);
    }
    let Some(assertion) = facts.parameter("client_assertion") else {
        return if required { Err(ASSERTION_MISSING) } else { Ok(()) };
    };
    let header = part(assertion, 0);
    let algorithm = header.as_ref().and_then(|header| header.get("alg")?.as_str());
    match algorithm.is_some_and(|algorithm| SECURE_ALGORITHMS.contains(&algorithm)) {
        true => Ok(()),
        false => Err(Refusal::request("not allowed signature algorithm.")),
    }
}

fn authenticates_by_assertion(client: &Client) -> bool {
    use ClientAuthenticator::{ClientJwt, ClientSecretJwt, FederatedJwt};
    !client.public && matches!(client.authenticator, ClientJwt | ClientSecretJwt | FederatedJwt)
}

/// RFC 7523bis: an assertion is for one audience alone.
fn single_audience(facts: &Facts<'_>) -> Verdict {
    let Some(assertion) = facts.parameter("client_assertion") else { return Ok(()) };
    match part(assertion, 1).as_ref().and_then(|claims| claims.get("aud")) {
        Some(Value::String(_)) => Ok(()),
        Some(Value::Array(list)) if list.len() == 1 => Ok(()),
        _ => Err(Refusal::request("invalid audience in client assertion")),
    }
}

/// A part of a JWT in compact form.
fn part(jwt: &str, index: usize) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode_to_vec(jwt.split('.').nth(index)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}
