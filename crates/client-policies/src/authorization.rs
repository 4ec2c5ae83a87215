//! Authorization requests, as executors judge them: pushed ones as far as Keycloak judges those, all others when a browser brings
//! them. Texts measured on Keycloak 26.7.4.

use serde_json::{Map, Value};

use crate::error::Refusal;
use crate::executor::Executor;
use crate::request::{Verdict, present};
use crate::{Event, Facts};

/// What a signed request must say of its time.
pub(crate) struct SignedRules {
    /// Seconds that it may be good for.
    pub(crate) available: i64,
    pub(crate) verifies_not_before: bool,
    /// Seconds by which clocks may differ.
    pub(crate) skew: i64,
}

pub(crate) fn judge(executor: &Executor, event: Event, facts: &Facts<'_>) -> Verdict {
    let by_browser = event == Event::AuthorizationRequest;
    match executor {
        Executor::RejectImplicit(_) if asks(facts, "token") || asks(facts, "id_token") => {
            Err(Refusal::request("Implicit/Hybrid flow is prohibited."))
        }
        Executor::Pkce(_) if by_browser => challenge(facts),
        Executor::SecureSession if by_browser => session(facts),
        Executor::SecurePar if by_browser && !facts.pushed => Err(Refusal::request("PAR request_uri not included.")),
        Executor::SecureRequestObject(rules) if by_browser => signed(facts, rules),
        Executor::SecureResponseType { allows_token, .. } if by_browser => response_type(facts, *allows_token),
        _ => Ok(()),
    }
}

fn asks(facts: &Facts<'_>, word: &str) -> bool {
    facts.parameter("response_type").unwrap_or_default().split(' ').any(|asked| asked == word)
}

/// RFC 7636, with `S256` alone.
fn challenge(facts: &Facts<'_>) -> Verdict {
    match facts.parameter("code_challenge_method") {
        None => Err(Refusal::request("Missing parameter: code_challenge_method")),
        Some("S256") => present(facts, "code_challenge", "Missing parameter: code_challenge"),
        Some(_) => Err(Refusal::request("Invalid parameter: code_challenge_method")),
    }
}

/// OpenID Connect requests have a nonce, others a state.
fn session(facts: &Facts<'_>) -> Verdict {
    let is_openid = facts.parameter("scope").unwrap_or_default().split(' ').any(|scope| scope == "openid");
    match is_openid {
        true => present(facts, "nonce", "Missing parameter: nonce"),
        false => present(facts, "state", "Missing parameter: state"),
    }
}

/// FAPI 1.0 Advanced section 5.2.2: `code id_token`, or `code` with a signed answer.
fn response_type(facts: &Facts<'_>, allows_token: bool) -> Verdict {
    let (code, id_token, token) = (asks(facts, "code"), asks(facts, "id_token"), asks(facts, "token"));
    let answer_is_signed = facts.parameter("response_mode").is_some_and(|mode| mode.ends_with("jwt"));
    match code && (id_token || answer_is_signed) && (!token || allows_token) {
        true => Ok(()),
        false => Err(Refusal::request("invalid response_type")),
    }
}

/// A signed object with a time in which it is good, which is now and short.
pub(crate) fn signed(facts: &Facts<'_>, rules: &SignedRules) -> Verdict {
    let Some(object) = facts.request_object else {
        return Err(Refusal::request("Missing parameter: 'request' or 'request_uri'"));
    };
    let exp = seconds(object, "exp").ok_or(Refusal::request("Missing parameter in the 'request' object: exp"))?;
    if exp.saturating_add(rules.skew) < facts.now {
        return Err(Refusal::request("Request Expired"));
    }
    if !rules.verifies_not_before {
        return Ok(());
    }
    let nbf = seconds(object, "nbf").ok_or(Refusal::request("Missing parameter in the 'request' object: nbf"))?;
    if nbf.saturating_sub(rules.skew) > facts.now {
        return Err(Refusal::request("Request not yet valid"));
    }
    match exp.saturating_sub(nbf) > rules.available {
        true => Err(Refusal::request("Request's available period is long")),
        false => Ok(()),
    }
}

fn seconds(object: &Map<String, Value>, name: &str) -> Option<i64> {
    object.get(name)?.as_i64()
}
