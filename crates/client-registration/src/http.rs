//! The actix side: `clients-registrations/{provider}` and `clients-registrations/{provider}/{client}`.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::web::{self, Data, ServiceConfig};
use bytes::Bytes;
use client_auth::Presented;
use events::{EventType, Recorder};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use realm_editing::json::{self, JsonError, Shape};
use realm_http::decode_segment;
use realm_http::http::{RawBody, RealmRequest, Rejection, Reply, authorization, endpoint, get, post};
use realm_model::document::Body;
use serde_json::Value;

use crate::caller::Caller;
use crate::error::RegistrationError;
use crate::metadata::{Metadata, OIDC_CLIENT};
use crate::registrar::{Outcome, Registrar, Said};
use crate::{ClientRegistration, install, shown};

const JSON: &str = "application/json;charset=UTF-8";

/// Registers client registration; a [`ClientRegistration`] must be in the app's data.
pub fn routes(cfg: &mut ServiceConfig) {
    let nowhere = || async { Rejection::not_found().into_reply() };
    let not_by_that_verb = || async { Rejection::method_not_allowed().into_reply() };
    let wrong = || web::route().to(nowhere);
    cfg.service(endpoint("clients-registrations").route(get().to(not_by_that_verb)))
        .service(endpoint("clients-registrations/install").route(get().to(nowhere)))
        .service(endpoint("clients-registrations/install/{client}").route(get().to(adapter)))
        .service(
            endpoint("clients-registrations/{provider}")
                .route(post().to(create))
                .route(get().to(nowhere))
                .route(web::put().to(nowhere))
                .route(web::delete().to(nowhere)),
        )
        .service(
            endpoint("clients-registrations/{provider}/{client}")
                .route(get().to(read))
                .route(web::put().to(update))
                .route(web::delete().to(delete))
                .route(post().to(nowhere)),
        )
        .service(endpoint("clients-registrations/{provider}/{client}/{rest:.*}").route(wrong()));
}

/// The form in which clients are spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Provider {
    /// Client metadata.
    OpenidConnect,
    /// Keycloak's own representation.
    Default,
}

impl Provider {
    const fn as_str(self) -> &'static str {
        match self {
            Self::OpenidConnect => "openid-connect",
            Self::Default => "default",
        }
    }
}

/// One call: what all operations need of the request.
struct Call {
    http: HttpRequest,
    request: RealmRequest,
    parts: Data<ClientRegistration>,
}

impl Call {
    fn segment(&self, name: &str) -> Result<String, RegistrationError> {
        let raw = self.http.match_info().get(name).unwrap_or_default();
        decode_segment(raw).map(Cow::into_owned).ok_or(RegistrationError::UnknownProvider)
    }

    fn provider(&self) -> Result<Provider, RegistrationError> {
        match self.segment("provider")?.as_str() {
            "openid-connect" => Ok(Provider::OpenidConnect),
            "default" => Ok(Provider::Default),
            _ => Err(RegistrationError::UnknownProvider),
        }
    }

    /// What the body says, in which no placeholder is replaced from here on. Keycloak: it is judged before the caller.
    fn said(&self, provider: Provider, body: &RawBody) -> Result<Said, RegistrationError> {
        let essence = body.media_type.as_deref().map(|given| given.split(';').next().unwrap_or_default().trim());
        if essence.is_some_and(|given| !given.eq_ignore_ascii_case("application/json")) {
            return Err(RegistrationError::MediaType);
        }
        let object = |shape: &Shape| -> Result<Body, RegistrationError> {
            let mut value = json::read(&body.bytes, shape)?;
            json::make_inert(&mut value, self.parts.live.placeholders().as_ref());
            match value {
                Value::Object(body) => Ok(body),
                _ => Err(JsonError::WrongShape.into()),
            }
        };
        match provider {
            Provider::Default => Ok(Said::by_representation(object(&json::CLIENT)?)),
            Provider::OpenidConnect => {
                let given = object(&OIDC_CLIENT)?;
                if self.http.method() == "POST" && given.get("client_id").is_some_and(Value::is_string) {
                    return Err(RegistrationError::metadata("Client Identifier included"));
                }
                Said::by_metadata(Metadata::read(&given)?)
            }
        }
    }

    /// The caller, whose browser may be where it is.
    async fn registrar(&self) -> Result<Registrar<'_>, Refusal> {
        self.request.refuse_plain_http().map_err(|error| Refusal::Other(error.into()))?;
        self.request.refuse_disabled_realm().map_err(|error| Refusal::Other(error.into()))?;
        let caller = Caller::of(&self.parts, &self.request, authorization(&self.http).as_deref()).await?;
        let registrar = Registrar { parts: &self.parts, request: &self.request, caller };
        if self.http.headers().contains_key("origin") {
            let origins = registrar.web_origins().await?;
            self.request.cors.judge(&origins).map_err(|refused| Refusal::Other(refused.into()))?;
        }
        Ok(registrar)
    }

    fn recorder(&self) -> Recorder<'_> {
        self.parts.events.at(&self.request.realm, self.request.now, self.request.arrival.peer)
    }

    /// Records what came to pass with a client.
    fn record(&self, event_type: EventType, client_id: &str) {
        self.recorder().success(event_type, |event| event.client(client_id));
    }

    fn record_refusal(&self, event_type: EventType, error: &RegistrationError, status: u16) {
        match error.event_word() {
            _ if status >= 500 => log::error!("client registration failed: realm={}: {error}", self.request.realm.name),
            None => log::info!("client registration refused: realm={}: {error}", self.request.realm.name),
            Some(word) => self.recorder().error(event_type, word, |event| {
                let (reason, policy) = match error {
                    RegistrationError::Token(reason) => (Some(*reason), None),
                    RegistrationError::Policy { policy, .. } => (None, Some(policy.as_str())),
                    _ => (None, None),
                };
                event.detail("reason", reason).detail("client_registration_policy", policy).fact(error)
            }),
        }
    }

    fn location(&self, provider: Provider, client_id: &str) -> String {
        let client_id = utf8_percent_encode(client_id, SEGMENT);
        format!("{}/clients-registrations/{}/{client_id}", self.request.issuer(), provider.as_str())
    }

    fn reply(&self, provider: Provider, outcome: &Outcome, issued: Option<i64>) -> Result<Reply, RegistrationError> {
        let client = outcome.client()?;
        let token = outcome.token.clone();
        let body = match provider {
            Provider::Default => shown::keycloak(&outcome.documents, client, token),
            Provider::OpenidConnect if realm_editing::body::text(&client.body, "protocol") == Some("saml") => {
                return Err(RegistrationError::Protocol);
            }
            Provider::OpenidConnect => {
                let uri = self.location(provider, &client.key.name);
                shown::oidc(&client.body, shown::Registration { uri, token, issued })
            }
        };
        Ok(Reply::bytes(JSON, Bytes::from(Value::Object(body).to_string())))
    }
}

/// What stands unescaped in a segment of a `Location`.
const SEGMENT: &percent_encoding::AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b'$').remove(b':');

enum Refusal {
    Fact(RegistrationError),
    Other(Rejection),
}

impl<E: Into<RegistrationError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Fact(error.into())
    }
}

fn rendered(call: &Call, event_type: EventType, outcome: Result<Reply, Refusal>) -> Reply {
    match outcome {
        Ok(reply) => reply,
        Err(Refusal::Other(rejection)) => rejection.into_reply(),
        Err(Refusal::Fact(error)) => {
            let (status, body) = error.wire();
            call.record_refusal(event_type, &error, status);
            match error {
                RegistrationError::Unavailable(_) => Rejection::unavailable().into_reply(),
                _ => Reply::json(&body).status(status),
            }
        }
    }
}

async fn create(http: HttpRequest, request: RealmRequest, body: RawBody, parts: Data<ClientRegistration>) -> Reply {
    let call = Call { http, request, parts };
    let done = async {
        let provider = call.provider()?;
        let said = call.said(provider, &body)?;
        let outcome = call.registrar().await?.create(said).await?;
        call.record(EventType::ClientRegister, &outcome.key.name);
        let location = call.location(provider, &outcome.key.name);
        let reply = call.reply(provider, &outcome, Some(call.request.now.secs()))?;
        Ok(reply.status(201).header("location", &location))
    };
    rendered(&call, EventType::ClientRegister, done.await)
}

async fn read(http: HttpRequest, request: RealmRequest, parts: Data<ClientRegistration>) -> Reply {
    let call = Call { http, request, parts };
    let done = async {
        let provider = call.provider()?;
        let outcome = call.registrar().await?.read(&call.segment("client")?).await?;
        call.record(EventType::ClientInfo, &outcome.key.name);
        Ok(call.reply(provider, &outcome, None)?)
    };
    rendered(&call, EventType::ClientInfo, done.await)
}

async fn update(http: HttpRequest, request: RealmRequest, body: RawBody, parts: Data<ClientRegistration>) -> Reply {
    let call = Call { http, request, parts };
    let done = async {
        let provider = call.provider()?;
        let said = call.said(provider, &body)?;
        let outcome = call.registrar().await?.update(&call.segment("client")?, said).await?;
        call.record(EventType::ClientUpdate, &outcome.key.name);
        Ok(call.reply(provider, &outcome, None)?)
    };
    rendered(&call, EventType::ClientUpdate, done.await)
}

async fn delete(http: HttpRequest, request: RealmRequest, parts: Data<ClientRegistration>) -> Reply {
    let call = Call { http, request, parts };
    let done = async {
        call.provider()?;
        let client_id = call.segment("client")?;
        call.registrar().await?.delete(&client_id).await?;
        call.record(EventType::ClientDelete, &client_id);
        Ok(Reply::empty(204))
    };
    rendered(&call, EventType::ClientDelete, done.await)
}

async fn adapter(http: HttpRequest, request: RealmRequest, parts: Data<ClientRegistration>) -> Reply {
    let call = Call { http, request, parts };
    let done = async {
        let client_id = call.segment("client")?;
        let authorization = authorization(&call.http);
        let is_bearer = authorization.as_deref().is_some_and(|header| header.to_ascii_lowercase().starts_with("bearer "));
        if !is_bearer {
            call.request.refuse_plain_http().map_err(|error| Refusal::Other(error.into()))?;
            call.request.refuse_disabled_realm().map_err(|error| Refusal::Other(error.into()))?;
            let presented = Presented { authorization: authorization.as_deref(), form: None };
            install::refuse_other_client(&call.parts, &call.request, (&client_id, presented)).await?;
        }
        let outcome = match is_bearer {
            true => call.registrar().await?.read(&client_id).await?,
            false => {
                Registrar { parts: &call.parts, request: &call.request, caller: Caller::Anonymous }.itself(&client_id).await?
            }
        };
        let shown = install::shown(&outcome.documents, &outcome.client()?.body, &call.request);
        Ok(Reply::bytes(JSON, Bytes::from(Value::Object(shown).to_string())))
    };
    rendered(&call, EventType::ClientInfo, done.await)
}
