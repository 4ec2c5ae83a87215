//! `POST …/ext/ciba/auth`: a client asks for a user who is elsewhere (CIBA Core section 7; wire.md section 7.7).

use std::sync::Arc;

use client_auth::ClientAuth;
use client_policies::{Event, Facts, Parameters, Policies};
use key_rotation::SealPurpose;
use oidc_types::Params;
use realm_http::RealmContext;
use realm_model::{Client, User};
use serde::Serialize;
use serde_json::{Map, Value};
use sessions::{Decision, Decoupled, Inserted, WaitingAuthorization};
use token_issuer::{ChannelRequest, MintContext, ScopeRequest};

use crate::DecoupledLogin;
use crate::channel::Question;
use crate::error::{BackchannelError, RequestError};
use crate::request::{BackchannelRequest, Delivery};
use crate::signed_request;

/// Seconds, where the realm does not say.
const EXPIRES_IN: i64 = 120;
const INTERVAL: i64 = 5;

/// The only hint by which users are found.
const LOGIN_HINT: &str = "login_hint";

/// CIBA Core section 7.3, in Keycloak's order.
#[derive(Debug, Serialize)]
pub(crate) struct BackchannelAnswer {
    auth_req_id: String,
    expires_in: i64,
    interval: i64,
}

impl DecoupledLogin {
    /// Has the user asked that `client` names.
    pub(crate) async fn start_backchannel(
        &self,
        (request, client_auth): (&RealmContext, &ClientAuth),
        client: &Arc<Client>,
        form: &Params,
    ) -> Result<BackchannelAnswer, BackchannelError> {
        refuse_client_without_flow(client)?;
        let asked = read_request((request, client_auth), client, form).await?;
        refuse_by_policies(request, client, form)?;
        let user = self.load_user(request, &asked).await?;
        let scope = asked.scope.as_deref().ok_or_else(|| RequestError::Missing("scope".to_owned()))?;
        ScopeRequest::parse(client, Some(scope))?;
        let delivery = Delivery::of(&request.realm, client);
        asked.refuse_what_does_not_fit(delivery)?;
        let channel = self.channel.as_ref().ok_or(BackchannelError::NoChannel)?;

        let (realm, now) = (&request.realm, request.now);
        let number = |name| realm.attribute(name).and_then(|text| text.parse::<i64>().ok());
        let expires_in = number("cibaExpiresIn").unwrap_or(EXPIRES_IN);
        let interval = number("cibaInterval").unwrap_or(INTERVAL);
        let scope = with_shown_defaults(request, client, scope);
        let mut waiting = WaitingAuthorization {
            client: client.id.to_string(),
            user: Some(user.id.clone()),
            scope: Some(scope.clone()),
            interval,
            expires_at: now.plus_secs(expires_in),
            polled: None,
            decision: Decision::Pending,
            notes: Vec::new(),
        };
        let (id, auth_req_id) = self.record_backchannel(request, (&asked, delivery), &mut waiting).await?;
        let bearer = ChannelRequest { id: &id, client, user: &user.id, expires: waiting.expires_at };
        let cx = MintContext { realm, issuer: &request.issuer(), now };
        let bearer = self.token_issuer.sign_channel_token(bearer, cx).await?;
        let question = Question { realm: &realm.name, username: &user.username, scope: &scope, client, request: &asked };
        if let Err(error) = channel.ask(&question, &bearer).await {
            self.sessions.forget_waiting((Decoupled::Backchannel, &realm.name, &id)).await?;
            return Err(error);
        }
        Ok(BackchannelAnswer { auth_req_id, expires_in, interval })
    }

    /// The user of the hint: one who may log in, for a lock after failed logins keeps out here too (CVE-2026-9798,
    /// CVE-2026-16103, CVE-2026-88770).
    async fn load_user(&self, request: &RealmContext, asked: &BackchannelRequest) -> Result<Arc<User>, BackchannelError> {
        let realm = &request.realm;
        let policy = realm.attribute("cibaAuthRequestedUserHint").unwrap_or(LOGIN_HINT);
        let hint = asked.login_hint.as_deref().filter(|_| policy == LOGIN_HINT);
        let hint = hint.ok_or_else(|| RequestError::Missing(policy.to_owned()))?;
        let user = self.users.find_by_name_or_email(realm, hint).await?.ok_or(BackchannelError::InvalidUser("unknown"))?;
        if !user.enabled {
            return Err(BackchannelError::InvalidUser("disabled"));
        }
        if self.sessions.is_locked_out(realm, &user.id, request.now).await? {
            return Err(BackchannelError::InvalidUser("locked after failed logins"));
        }
        Ok(user)
    }

    /// Records a request under a new id; the id, and the `auth_req_id` it is sealed in.
    async fn record_backchannel(
        &self,
        request: &RealmContext,
        (asked, delivery): (&BackchannelRequest, Delivery),
        waiting: &mut WaitingAuthorization,
    ) -> Result<(String, String), BackchannelError> {
        let realm = &request.realm;
        if let Some(acr) = &asked.acr_values {
            waiting.set_note("acr_values", acr);
        }
        loop {
            let id = request.entropy().uuid().to_string();
            let auth_req_id = self.keyrings.seal(realm, SealPurpose::AuthReqId, id.as_bytes()).await?;
            if let (Delivery::Ping, Some(token)) = (delivery, &asked.client_notification_token) {
                // Both go back to the client word for word, so hashes would not do; without the client's secret neither is of use.
                waiting.set_note("client_notification_token", token);
                waiting.set_note("auth_req_id", &auth_req_id);
            }
            let recorded = self.sessions.record_waiting((Decoupled::Backchannel, &realm.name, &id), waiting, request.now).await?;
            if recorded == Inserted::Done {
                return Ok((id, auth_req_id));
            }
        }
    }
}

fn refuse_client_without_flow(client: &Client) -> Result<(), BackchannelError> {
    let served = client.is_on("oidc.ciba.grant.enabled") && !client.public;
    if served { Ok(()) } else { Err(BackchannelError::FlowOff) }
}

/// What a signed request says stands in for the form: nothing beside it counts.
fn refuse_by_policies(request: &RealmContext, client: &Client, form: &Params) -> Result<(), BackchannelError> {
    if request.realm.client_policies.is_none() {
        return Ok(());
    }
    let object = form.get("request").and_then(claims_of); // verified when it was read
    let claims = object.as_ref().map(Claimed);
    let parameters: &dyn Parameters = match &claims {
        Some(claims) => claims,
        None => form,
    };
    let facts = Facts {
        parameters: Some(parameters),
        request_object: object.as_ref(),
        now: request.now.secs(),
        ..Facts::of_form(form, request.arrival.peer)
    };
    Policies::of(&request.realm).judge(Event::BackchannelAuthenticationRequest, client, &facts)?;
    Ok(())
}

fn claims_of(token: &str) -> Option<Map<String, Value>> {
    let claims = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok()
}

/// The claims of a signed request, as parameters.
struct Claimed<'a>(&'a Map<String, Value>);

impl Parameters for Claimed<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

/// From the signed request, where there is one: nothing beside it counts then.
async fn read_request(
    cx: (&RealmContext, &ClientAuth),
    client: &Arc<Client>,
    form: &Params,
) -> Result<BackchannelRequest, BackchannelError> {
    match (form.get("request"), form.get("request_uri")) {
        (Some(_), Some(_)) => Err(RequestError::TwoRequests.into()),
        (None, Some(_)) => Err(RequestError::RequestUri.into()),
        (Some(token), None) => Ok(BackchannelRequest::of_claims(&signed_request::verify(cx, client, token).await?)?),
        (None, None) => Ok(BackchannelRequest::of_form(form)?),
    }
}

/// Keycloak: the default scopes that a consent page shows follow, even where a word stands there already (recording
/// ciba/scope-without-openid).
fn with_shown_defaults(request: &RealmContext, client: &Client, scope: &str) -> String {
    let mut words = scope.to_owned();
    for name in client.default_scopes.iter() {
        let Some(found) = request.realm.client_scopes.get(name) else { continue };
        if found.attributes.get("display.on.consent.screen") != Some("false") {
            words.push(' ');
            words.push_str(name);
        }
    }
    words
}
