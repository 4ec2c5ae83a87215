//! `…/protocol/openid-connect/auth`: an application sends a browser to log somebody in (RFC 6749 section 4.1.1; wire.md section 6.1).

use std::sync::Arc;

use client_auth::ClientAuth;
use client_policies::{Event, Facts, Policies, PolicyError};
use oidc_types::{OAuthError, Params};
use realm_http::http::CookieScope;
use realm_model::{Client, Protocol, Realm};
use serde_json::{Map, Value};

use crate::acr;
use crate::answer::{Answer, ReturnAddress};
use crate::authorization::{AuthorizationRequest, Parameters, RequestFault, Unjudged, Way, request_object};
use crate::browser::Browser;
use crate::error::{LoginError, PageFault};
use crate::finish::RESTART;
use crate::identity;
use crate::login::{Entry, Login, note};
use crate::par::URN;
use crate::report;

/// The path below the realm.
pub(crate) const ENDPOINT: &str = "protocol/openid-connect/auth";

/// The same, for people who have no account yet.
pub(crate) const REGISTRATIONS: &str = "protocol/openid-connect/registrations";

/// How a request came.
struct Came {
    parameters: Parameters,
    /// A parameter stood twice.
    repeats: bool,
    /// The claims of its request object.
    object: Option<Map<String, Value>>,
    /// The `request_uri` by which it was pushed beforehand.
    pushed: Option<String>,
}

/// A browser comes with an authorization request.
pub(crate) async fn authorize(
    browser: &mut Browser<'_>,
    client_auth: &ClientAuth,
    params: &Params,
) -> Result<Answer, LoginError> {
    let client = find_client(&browser.cx.realm, params).inspect_err(|fault| {
        report::no_client(browser, params.get("client_id"), fault);
    })?;
    let plain = Parameters::read(params);
    let came = match receive(browser, client_auth, (&client, params, plain.clone())).await? {
        Ok(came) => came,
        Err(fault) => return refuse(browser, &client, &plain, &fault),
    };
    let base = browser.cx.bases.front.clone();
    let way = if came.pushed.is_some() { Way::Known } else { Way::Browser };
    let parameters = came.parameters.clone();
    let judged = Unjudged { client: &client, parameters, repeats: came.repeats, base: &base, way }.judge();
    let request = match judged.and_then(|request| refuse_other_response_type(&came, &plain).map(|()| request)) {
        Ok(request) => request,
        Err(fault) => return refuse(browser, &client, &came.parameters, &fault),
    };
    if let Some(claims) = &came.object
        && let Err(fault) = browser.parts.refuse_replayed(browser, &client.id, claims).await?
    {
        return refuse(browser, &client, &came.parameters, &fault.into());
    }
    if let Err(error) = judge_by_policies(browser, &came, &request) {
        log::info!("authorization request refused: realm={} client={}: {error}", browser.cx.realm.name, client.client_id);
        let told = OAuthError::from(&error);
        let address = ReturnAddress::new(request.redirect_uri().as_str(), request.response_mode(), request.parameters());
        return Ok(address.refuse(&client, &browser.cx.issuer(), (told.code.as_str(), Some(&told.description))));
    }
    if let Some(uri) = &came.pushed
        && let Err(fault) = browser.parts.use_pushed(browser, &client.id, uri).await?
    {
        return refuse(browser, &client, &came.parameters, &fault.into());
    }
    begin(browser, request, came.pushed).await
}

/// The parameters, from wherever they are.
async fn receive(
    browser: &mut Browser<'_>,
    client_auth: &ClientAuth,
    (client, params, plain): (&Arc<Client>, &Params, Parameters),
) -> Result<Result<Came, RequestFault>, LoginError> {
    let repeats = params.repeats();
    let demands = demands_pushed(browser, client, &plain);
    if demands && !plain.get("request_uri").is_some_and(|uri| uri.starts_with(URN)) {
        return Err(PageFault::new(400, "PAR request_uri not included.").into());
    }
    if repeats {
        return Ok(Ok(Came { parameters: plain, repeats, object: None, pushed: None }));
    }
    if let Some(uri) = plain.get("request_uri").filter(|uri| uri.starts_with(URN)).map(str::to_owned) {
        return match browser.parts.look_at_pushed(browser, &client.id, &uri).await? {
            Ok(pushed) if demands && says_more(&plain, &pushed) => {
                Err(PageFault::new(400, "PAR request did not include query parameter").into())
            }
            Ok(pushed) => Ok(Ok(Came { parameters: pushed.beside(&plain), repeats, object: None, pushed: Some(uri) })),
            Err(_) if demands => Err(PageFault::new(400, "PAR not found, not issued or used multiple times.").into()),
            Err(fault) => Ok(Err(fault.into())),
        };
    }
    let unpacked = match request_object::fetched(client_auth, client, plain).await {
        Ok(parameters) => request_object::unpacked((browser.cx, client_auth), client, parameters).await,
        Err(fault) => Err(fault),
    };
    let unpacked = match unpacked {
        Ok(unpacked) => unpacked,
        Err(fault) => return Ok(Err(fault)),
    };
    Ok(Ok(Came { parameters: unpacked.parameters, repeats, object: unpacked.object, pushed: None }))
}

/// Whether a client policy wants all requests of the client to be pushed. Keycloak: it looks before anything else, and shows a page.
fn demands_pushed(browser: &Browser<'_>, client: &Client, parameters: &Parameters) -> bool {
    let facts = Facts { parameters: Some(parameters), peer: Some(browser.cx.arrival.peer), ..Facts::default() };
    Policies::of(&browser.cx.realm).has("secure-par-content", Event::AuthorizationRequest, client, &facts)
}

/// Whether a query says what was not pushed.
fn says_more(query: &Parameters, pushed: &Parameters) -> bool {
    let own = |name: &str| matches!(name, "client_id" | "request_uri");
    query.pairs().iter().any(|(name, value)| !own(name) && pushed.get(name) != Some(value))
}

/// Keycloak: recording par/query-parameters-beside-it.
fn refuse_other_response_type(came: &Came, query: &Parameters) -> Result<(), RequestFault> {
    match (&came.pushed, query.get("response_type")) {
        (Some(_), Some(asked)) if came.parameters.get("response_type") != Some(asked) => Err(RequestFault::OtherResponseType),
        _ => Ok(()),
    }
}

fn judge_by_policies(browser: &Browser<'_>, came: &Came, request: &AuthorizationRequest) -> Result<(), PolicyError> {
    let facts = Facts {
        parameters: Some(request.parameters()),
        request_object: came.object.as_ref(),
        pushed: came.pushed.is_some(),
        now: browser.cx.now.secs(),
        peer: Some(browser.cx.arrival.peer),
        ..Facts::default()
    };
    Policies::of(&browser.cx.realm).judge(Event::AuthorizationRequest, request.client(), &facts).map(drop)
}

/// Nothing is wrong with the request: the login begins.
async fn begin(browser: &mut Browser<'_>, request: AuthorizationRequest, pushed: Option<String>) -> Result<Answer, LoginError> {
    let client = Arc::clone(request.client());
    let prompts = |word: &str| request.parameters().get("prompt").is_some_and(|prompt| prompt.split(' ').any(|one| one == word));
    let (silent, creates) = (prompts("none"), prompts("create"));
    if creates {
        identity::forget(browser);
    }
    let reachable = !acr::demands_unknown(&browser.cx.realm, &client, request.parameters());
    browser.ensure_id().await?;
    if !silent && !creates && reachable {
        browser.set_restart_cookie(&client, &request).await?;
    }
    let mut login = Login::begin(browser, request).await?;
    if !reachable {
        return Err(login.fault(PageFault::new(400, "invalidParameterMessage").with("claims")));
    }
    if creates {
        if !login.realm().registration_allowed {
            return Err(login.fault(PageFault::in_login(400, "registrationNotAllowedMessage")));
        }
        login.tab.set_note(note::ORIGIN, Entry::Registration.path());
        login.tab.set_note(note::ENTRY, Entry::Registration.path());
    }
    if let Some(uri) = pushed {
        login.tab.set_note(note::PUSHED, &uri);
        if !silent {
            // Its URL is not to be seen again: whoever loads the page again loads the login's own.
            let to = login.urls().link(login.entry().path());
            login.keep().await?;
            return Ok(Answer::Redirect(to));
        }
    }
    login.go_on(None).await
}

/// The client that asks, if it may.
pub(crate) fn find_client(realm: &Realm, params: &Params) -> Result<Arc<Client>, PageFault> {
    let mut ids = params.get_all("client_id");
    let id = match (ids.next(), ids.next()) {
        (Some(id), None) => id,
        _ => return Err(PageFault::new(400, "invalidRequestMessage")),
    };
    let client = realm.client(id).ok_or_else(|| PageFault::new(400, "clientNotFoundMessage"))?;
    if !client.enabled {
        return Err(PageFault::new(400, "clientDisabledMessage"));
    }
    if client.protocol != Protocol::OpenidConnect {
        return Err(PageFault::new(400, "Wrong client protocol."));
    }
    if client.bearer_only {
        return Err(PageFault::new(403, "bearerOnlyMessage"));
    }
    Ok(Arc::clone(client))
}

/// Tells a fault: to the client, where it is certain that the address is its own, else on a page.
fn refuse(
    browser: &Browser<'_>,
    client: &Arc<Client>,
    parameters: &Parameters,
    fault: &RequestFault,
) -> Result<Answer, LoginError> {
    log::info!("authorization request refused: realm={} client={}: {fault}", browser.cx.realm.name, client.client_id);
    report::bad_request(browser, (client.client_id.as_str(), parameters), fault);
    let base = &browser.cx.bases.front;
    let address = match fault {
        RequestFault::Object(_) | RequestFault::Unreadable => return Err(PageFault::new(400, "invalidRequestMessage").into()),
        RequestFault::RedirectUri => None,
        _ => Unjudged { client, parameters: parameters.clone(), repeats: false, base, way: Way::Known }.return_address(),
    };
    let address = address.ok_or_else(|| PageFault::new(400, "invalidParameterMessage").with("redirect_uri"))?;
    let error = OAuthError::from(fault);
    let (code, description) = match fault {
        RequestFault::Scope(_) => ("invalid_scope", Some(&*error.description)),
        RequestFault::ResponseTypeUnknown => ("unsupported_response_type", None),
        _ => (error.code.as_str(), Some(&*error.description)),
    };
    Ok(address.refuse(client, &browser.cx.issuer(), (code, description)))
}

impl Browser<'_> {
    /// From it a login can begin anew when nothing else is known of it any more.
    pub(crate) async fn set_restart_cookie(&mut self, client: &Client, request: &AuthorizationRequest) -> Result<(), LoginError> {
        let content = serde_json::to_vec(&(&*client.id, request.parameters().pairs())).unwrap_or_default();
        let sealed = self.parts.keyrings.seal(&self.cx.realm, key_rotation::SealPurpose::Restart, &content).await;
        self.cookies.set(RESTART, &sealed?, CookieScope::default());
        Ok(())
    }
}
