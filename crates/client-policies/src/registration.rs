//! Clients that are written, as executors set them right and judge them. Texts measured on Keycloak 26.7.4.

use oidc_types::ErrorCode;
use serde_json::{Map, Value};

use crate::Event;
use crate::error::Refusal;
use crate::executor::{Configures, Executor, SECURE_ALGORITHMS};
use crate::metadata;
use crate::policies::UNKNOWN;
use crate::view::View;

const PKCE: &str = "pkce.code.challenge.method";
const CERTIFICATE_BOUND: &str = "tls.client.certificate.bound.access.tokens";
const DPOP_BOUND: &str = "dpop.bound.access.tokens";
const CIBA_ALGORITHM: &str = "ciba.backchannel.auth.request.signing.alg";
const ID_TOKEN_AS_DETACHED_SIGNATURE: &str = "id.token.as.detached.signature";

/// Algorithms by which a client's tokens and requests are signed.
const ALGORITHMS: [&str; 5] = [
    "user.info.response.signature.alg",
    "request.object.signature.alg",
    "id.token.signed.response.alg",
    "token.endpoint.auth.signing.alg",
    "access.token.signed.response.alg",
];

/// Sets a client right, where the executor is to.
pub(crate) fn configure(executor: &Executor, event: Event, body: &mut Map<String, Value>) {
    use Configures::Yes;
    match executor {
        Executor::RejectPassword(Yes) => set(body, "directAccessGrantsEnabled", false),
        Executor::RejectImplicit(Yes) => set(body, "implicitFlowEnabled", false),
        Executor::FullScopeDisabled(Yes) => set(body, "fullScopeAllowed", false),
        Executor::ConsentRequired(Yes) => set(body, "consentRequired", true),
        Executor::Pkce(Yes) => set_attribute(body, PKCE, "S256"),
        Executor::HolderOfKey(Yes) => set_attribute(body, CERTIFICATE_BOUND, "true"),
        Executor::DpopBind { configures: Yes, .. } => set_attribute(body, DPOP_BOUND, "true"),
        Executor::SecureResponseType { configures: Yes, .. } => set_attribute(body, ID_TOKEN_AS_DETACHED_SIGNATURE, "true"),
        Executor::SecureClientAuthenticator { default: Some(default), .. }
            if View(body).text("clientAuthenticatorType").is_none() =>
        {
            body.insert("clientAuthenticatorType".to_owned(), default.as_str().into());
        }
        Executor::SecureSignature { default } if event.writes_client() => {
            let default = default.as_deref().unwrap_or("PS256");
            for name in ALGORITHMS {
                set_absent(body, name, default);
            }
        }
        Executor::SecureCibaAlgorithm { default } => set_absent(body, CIBA_ALGORITHM, default.as_deref().unwrap_or("PS256")),
        _ => {}
    }
}

fn set(body: &mut Map<String, Value>, member: &str, on: bool) {
    body.insert(member.to_owned(), on.into());
}

fn set_attribute(body: &mut Map<String, Value>, name: &str, value: &str) {
    let attributes = body.entry("attributes").or_insert_with(|| Value::Object(Map::new()));
    if !attributes.is_object() {
        *attributes = Value::Object(Map::new());
    }
    if let Value::Object(attributes) = attributes {
        attributes.insert(name.to_owned(), value.into());
    }
}

fn set_absent(body: &mut Map<String, Value>, name: &str, value: &str) {
    if View(body).attribute(name).is_none() {
        set_attribute(body, name, value);
    }
}

/// Judges a client that is to be written, complete.
pub(crate) fn judge(executor: &Executor, client: View<'_>) -> Result<(), Refusal> {
    let bad = |wrong: bool, text: &'static str| if wrong { Err(Refusal::metadata(text)) } else { Ok(()) };
    let is_on = |name: &str| client.attribute(name) == Some("true");
    match executor {
        Executor::Unknown => Err(UNKNOWN),
        Executor::RejectRequest => Err(Refusal::request("Request not allowed")),
        Executor::RejectPassword(_) => bad(
            client.is_on("directAccessGrantsEnabled"),
            "Invalid client metadata: resource owner password credentials grant enabled",
        ),
        Executor::RejectImplicit(_) => bad(client.is_on("implicitFlowEnabled"), "Invalid client metadata: implicit flow enabled"),
        Executor::Pkce(_) => bad(client.attribute(PKCE) != Some("S256"), "Invalid client metadata: code_challenge_method"),
        Executor::HolderOfKey(_) => bad(!is_on(CERTIFICATE_BOUND), "Invalid client metadata: MTLS token in disabled"),
        Executor::DpopBind { .. } => bad(!is_on(DPOP_BOUND), "Invalid client metadata: DPoP token is disabled"),
        Executor::SecureResponseType { .. } => {
            bad(!is_on(ID_TOKEN_AS_DETACHED_SIGNATURE), "Invalid client metadata: ID Token as detached signature in disabled")
        }
        Executor::SecureClientAuthenticator { allowed, .. } => bad(
            !client.is_on("publicClient")
                && !allowed.iter().any(|allowed| Some(allowed.as_str()) == client.text("clientAuthenticatorType")),
            "Invalid client metadata: token_endpoint_auth_method",
        ),
        Executor::FullScopeDisabled(_) => match client.is_on("fullScopeAllowed") {
            true => Err(registration("Not permitted to enable fullScopeAllowed")),
            false => Ok(()),
        },
        Executor::ConsentRequired(_) => match client.is_on("consentRequired") {
            true => Ok(()),
            false => Err(registration("Client is required to enable consentRequired")),
        },
        Executor::SecureSignature { .. } => ALGORITHMS.iter().try_for_each(|name| algorithm(client, name)),
        Executor::SecureCibaAlgorithm { .. } => algorithm(client, CIBA_ALGORITHM),
        Executor::SecureLogout { allows_front_channel: false } => {
            let fronted = client.is_on("frontchannelLogout") || client.attribute("frontchannel.logout.url").is_some();
            match client.is_openid_connect() && fronted {
                true => Err(registration("Front-channel logout is not allowed for this client")),
                false => Ok(()),
            }
        }
        Executor::SecureClientUris => metadata::secure_uris(client),
        Executor::SecureClientUrisPattern { allowed, fields } => metadata::matching_uris(client, allowed, fields),
        Executor::SecureRedirectUris(rules) => rules.judge(client),
        _ => Ok(()),
    }
}

const fn registration(text: &'static str) -> Refusal {
    Refusal { code: ErrorCode::InvalidRegistration, description: std::borrow::Cow::Borrowed(text) }
}

fn algorithm(client: View<'_>, name: &str) -> Result<(), Refusal> {
    match client.attribute(name) {
        Some(algorithm) if !SECURE_ALGORITHMS.contains(&algorithm) => Err(Refusal::request("not allowed signature algorithm.")),
        _ => Ok(()),
    }
}
