//! The crate openidconnect: discovery, the grants it has words for, verification of our tokens, and the errors it is told.

use std::fmt;

use openidconnect::core::{
    CoreClient, CoreDeviceAuthorizationResponse, CoreErrorResponseType, CoreProviderMetadata, CoreRequestTokenError,
    CoreRevocableToken, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::http::Response;
use openidconnect::{
    AuthType, ClientId, ClientSecret, DeviceAuthorizationUrl, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IntrospectionUrl, IssuerUrl, Nonce, OAuth2TokenResponse, ResourceOwnerPassword, ResourceOwnerUsername,
    RevocationUrl, Scope, TokenIntrospectionResponse, TokenResponse,
};

use crate::harness::process::Latchkey;
use crate::harness::replayer::{Call, exchange};

/// What the crate knows of a server after discovery.
type Party = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// No answer came.
#[derive(Debug)]
struct Unanswered(String);

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unanswered {}

/// Sends what the crate wants to be sent.
fn send(request: HttpRequest) -> Result<HttpResponse, Unanswered> {
    let header = |(name, value): (&openidconnect::http::HeaderName, &openidconnect::http::HeaderValue)| {
        (name.as_str().to_owned(), value.to_str().ok().map(str::to_owned))
    };
    let headers: Vec<_> = request.headers().iter().map(header).collect();
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let host = request.uri().authority().unwrap().as_str();
    let call = Call { method: request.method().as_str(), target, headers: &headers, body: Some(request.body()) };
    let answer = exchange(host, &call).map_err(Unanswered)?;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    Ok(response.body(answer.body).unwrap())
}

/// The running binary, discovered.
struct World {
    metadata: CoreProviderMetadata,
    _server: Latchkey,
    _data: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let server = Latchkey::start(data.path(), "memory");
        let issuer = IssuerUrl::new(format!("http://{}/realms/acme", server.address)).unwrap();
        let metadata = CoreProviderMetadata::discover(&issuer, &send).unwrap();
        Self { metadata, _server: server, _data: data }
    }

    fn party(&self, id: &str, secret: Option<&str>) -> Party {
        let secret = secret.map(|secret| ClientSecret::new(secret.to_owned()));
        let client = CoreClient::from_provider_metadata(self.metadata.clone(), ClientId::new(id.to_owned()), secret);
        let authorization = self.metadata.authorization_endpoint().clone();
        client.set_auth_uri(authorization)
    }

    /// An endpoint that the crate's own metadata has no word for.
    fn endpoint(&self, path: &str) -> String {
        format!("{}/protocol/openid-connect/{path}", self.metadata.issuer().as_str())
    }
}

fn log_in(party: &Party, password: &str) -> Result<CoreTokenResponse, CoreRequestTokenError<Unanswered>> {
    let (name, password) = (ResourceOwnerUsername::new("alice".into()), ResourceOwnerPassword::new(password.into()));
    party.exchange_password(&name, &password).unwrap().add_scope(Scope::new("openid".into())).request(&send)
}

/// The `error` of a refusal.
fn refusal<T>(outcome: Result<T, CoreRequestTokenError<Unanswered>>) -> CoreErrorResponseType {
    match outcome {
        Err(CoreRequestTokenError::ServerResponse(refused)) => refused.error().clone(),
        Err(other) => panic!("not a refusal: {other:?}"),
        Ok(_) => panic!("was not refused"),
    }
}

#[test]
fn openidconnect_verifies_the_id_token_of_a_login_and_of_its_refresh() {
    let world = World::new();
    let party = world.party("cli", None);
    let tokens = log_in(&party, "wonderland-1").unwrap();
    let any_nonce = |_: Option<&Nonce>| Ok(());
    let verifier = party.id_token_verifier();
    let claims = tokens.id_token().unwrap().claims(&verifier, any_nonce).unwrap();
    assert_eq!(claims.preferred_username().unwrap().as_str(), "alice");

    let renewed = party.exchange_refresh_token(tokens.refresh_token().unwrap()).unwrap().request(&send).unwrap();
    let again = renewed.id_token().unwrap().claims(&verifier, any_nonce).unwrap();
    assert_eq!(again.subject(), claims.subject());

    let info: CoreUserInfoClaims =
        party.user_info(renewed.access_token().clone(), Some(claims.subject().clone())).unwrap().request(&send).unwrap();
    assert_eq!(info.preferred_username().unwrap().as_str(), "alice");
}

#[test]
fn openidconnect_gets_client_credentials_by_basic_and_post() {
    let world = World::new();
    for method in [AuthType::BasicAuth, AuthType::RequestBody] {
        let party = world.party("worker", Some("worker-secret")).set_auth_type(method);
        let tokens = party.exchange_client_credentials().unwrap().request(&send).unwrap();
        assert!(tokens.refresh_token().is_none());
    }
}

#[test]
fn openidconnect_introspects_and_revokes() {
    let world = World::new();
    let party = world
        .party("backend", Some("backend-secret"))
        .set_introspection_url(IntrospectionUrl::new(world.endpoint("token/introspect")).unwrap());
    let tokens = party.exchange_client_credentials().unwrap().request(&send).unwrap();
    let shown = party.introspect(tokens.access_token()).request(&send).unwrap();
    assert!(!shown.active(), "it is in nobody's audience");

    // The crate revokes over https only, so the address it is given is one, and the test takes the way it can.
    let revocation = RevocationUrl::new(world.endpoint("revoke").replace("http://", "https://")).unwrap();
    let party = world.party("backend", Some("backend-secret")).set_revocation_url(revocation);
    let token = CoreRevocableToken::AccessToken(tokens.access_token().clone());
    party.revoke_token(token).unwrap().request(&send).unwrap();
}

#[test]
fn openidconnect_is_told_that_a_device_still_waits_for_its_user() {
    let world = World::new();
    let party =
        world.party("tv", None).set_device_authorization_url(DeviceAuthorizationUrl::new(world.endpoint("auth/device")).unwrap());
    let started: CoreDeviceAuthorizationResponse =
        party.exchange_device_code().add_scope(Scope::new("openid".into())).request(&send).unwrap();
    assert!(started.verification_uri().as_str().starts_with(world.metadata.issuer().as_str()));
    assert!(started.user_code().secret().len() > 7);
}

#[test]
fn openidconnect_is_told_the_documented_errors() {
    let world = World::new();
    assert_eq!(refusal(log_in(&world.party("cli", None), "wrong")), CoreErrorResponseType::InvalidGrant);
    let stranger = world.party("worker", Some("wrong"));
    let refused = refusal(stranger.exchange_client_credentials().unwrap().request(&send));
    assert_eq!(refused, CoreErrorResponseType::UnauthorizedClient);
    let worker = world.party("worker", Some("worker-secret"));
    let scope = Scope::new("no-such".into());
    let refused = refusal(worker.exchange_client_credentials().unwrap().add_scope(scope).request(&send));
    assert_eq!(refused, CoreErrorResponseType::InvalidScope);
}
