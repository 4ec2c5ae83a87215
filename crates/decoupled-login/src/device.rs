//! `POST …/auth/device`: a device asks for a code (RFC 8628 sections 3.1 and 3.2; wire.md section 7.6).

use ambient::Timestamp;
use client_policies::{Event, Facts, Policies};
use oidc_types::{CodeChallenge, Params};
use realm_http::RealmContext;
use realm_model::Client;
use serde::Serialize;
use sessions::{Decision, Decoupled, Inserted, WaitingAuthorization};

use crate::DecoupledLogin;
use crate::error::DeviceError;
use crate::user_code::user_code;

/// Seconds, where neither client nor realm say more.
const LIFESPAN: i64 = 600;
const INTERVAL: i64 = 5;

/// UTF-16 units of a scope at the most; a longer one counts as absent.
const LONGEST_SCOPE: usize = 4000;

/// Parameters that the login page and the token need, beside `scope` and the challenge.
const KEPT: [&str; 8] = ["nonce", "prompt", "max_age", "login_hint", "acr_values", "claims", "ui_locales", "kc_idp_hint"];

/// Characters of one of them at the most.
const LONGEST_KEPT: usize = 2000;

/// RFC 8628 section 3.2, in Keycloak's order.
#[derive(Debug, Serialize)]
pub(crate) struct DeviceAnswer {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: i64,
    interval: i64,
}

impl DecoupledLogin {
    /// Records what `client` asks for, to be answered by whoever enters the user code.
    pub(crate) async fn start_device(
        &self,
        request: &RealmContext,
        client: &Client,
        form: &Params,
    ) -> Result<DeviceAnswer, DeviceError> {
        refuse_client_without_flow(client)?;
        refuse_repeated_parameter(form)?;
        refuse_request_object(form)?;
        let facts = Facts::of_form(form, request.arrival.peer);
        Policies::of(&request.realm).judge(Event::DeviceAuthorizationRequest, client, &facts)?;
        let required = client.attribute("pkce.code.challenge.method");
        let challenge = CodeChallenge::read(form.get("code_challenge"), form.get("code_challenge_method"), required)?;
        let (realm, now) = (&request.realm, request.now);
        let of_realm = |name| realm.attribute(name).and_then(|text| text.parse().ok());
        let expires_in = client.number("oauth2.device.code.lifespan").or_else(|| of_realm("oauth2DeviceCodeLifespan"));
        let interval = client.number("oauth2.device.polling.interval").or_else(|| of_realm("oauth2DevicePollingInterval"));
        let (expires_in, interval) = (expires_in.unwrap_or(LIFESPAN), interval.unwrap_or(INTERVAL));
        let waiting = waiting(client, form, challenge.as_ref(), (now.plus_secs(expires_in), interval));
        let (device_code, user_code) = self.record_device(request, &waiting, now).await?;
        let verification_uri = request.issuer() + "/device";
        Ok(DeviceAnswer {
            verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
            device_code,
            user_code,
            verification_uri,
            expires_in,
            interval,
        })
    }

    /// Records a request under new codes that nobody else has.
    async fn record_device(
        &self,
        request: &RealmContext,
        waiting: &WaitingAuthorization,
        now: Timestamp,
    ) -> Result<(String, String), DeviceError> {
        let realm = &request.realm.name;
        let device_code = loop {
            let code = request.entropy().base64url(32);
            if self.sessions.record_waiting((Decoupled::Device, realm, &code), waiting, now).await? == Inserted::Done {
                break code;
            }
        };
        loop {
            let code = user_code(request.entropy());
            let codes = (code.as_str(), device_code.as_str());
            if self.sessions.record_user_code(realm, codes, waiting, now).await? == Inserted::Done {
                return Ok((device_code, code));
            }
        }
    }
}

fn waiting(
    client: &Client,
    form: &Params,
    challenge: Option<&CodeChallenge>,
    (expires_at, interval): (Timestamp, i64),
) -> WaitingAuthorization {
    let scope = form.get("scope").filter(|scope| scope.encode_utf16().count() <= LONGEST_SCOPE);
    let mut waiting = WaitingAuthorization {
        client: client.id.to_string(),
        user: None,
        scope: scope.map(str::to_owned),
        interval,
        expires_at,
        polled: None,
        decision: Decision::Pending,
        notes: Vec::new(),
    };
    let kept = KEPT.iter().filter_map(|name| form.get(name).map(|value| (*name, value)));
    for (name, value) in kept.filter(|(_, value)| value.len() <= LONGEST_KEPT) {
        waiting.set_note(name, value);
    }
    if let Some(challenge) = challenge {
        waiting.set_note("code_challenge", challenge.value());
        waiting.set_note("code_challenge_method", challenge.method().as_str());
    }
    waiting
}

fn refuse_client_without_flow(client: &Client) -> Result<(), DeviceError> {
    if client.is_on("oauth2.device.authorization.grant.enabled") { Ok(()) } else { Err(DeviceError::FlowOff) }
}

/// RFC 6749 section 3.2: "Request and response parameters MUST NOT be included more than once."
fn refuse_repeated_parameter(form: &Params) -> Result<(), DeviceError> {
    if form.repeats() { Err(DeviceError::Repeated) } else { Ok(()) }
}

/// A request object would say more than the form does: it is not read here, so nothing it says is passed over in silence.
// Keycloak answers with its error page (measured on 26.7.4).
fn refuse_request_object(form: &Params) -> Result<(), DeviceError> {
    let given = ["request", "request_uri"].iter().any(|name| form.get(name).is_some());
    if given { Err(DeviceError::RequestObject) } else { Ok(()) }
}
