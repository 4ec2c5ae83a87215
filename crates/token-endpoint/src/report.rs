//! What is recorded of a token request. Keycloak: its words and details, asked of 26.7.4.

use events::{Event, EventType, Recorder};
use oidc_types::{GrantType, UserId};
use realm_model::Realm;
use sessions::Decoupled;
use single_sign_on::RedeemError;
use token_issuer::{ExchangedToken, GrantKind, Issue, Minted, SessionKind};
use user_authentication::Refusal;

use crate::error::{
    AssertedUserError, AudienceError, ClientCredentialsError, CodeError, ContactlessError, GrantError, JwtAuthorizationError,
    PasswordError, RefreshError, RequestError, TokenExchangeError, UmaTicketError, WaitingError, log_refusal,
};

/// A refused request, as far as it is known.
pub(crate) struct Refused<'a> {
    pub(crate) realm: &'a Realm,
    pub(crate) grant: Option<&'static str>,
    /// As it was claimed.
    pub(crate) client_id: Option<&'a str>,
    pub(crate) username: Option<&'a str>,
    /// What the client is told.
    pub(crate) description: &'a str,
}

/// Records a refusal; where Keycloak has no event for it, it is logged.
pub(crate) fn record_refusal(recorder: Recorder<'_>, refused: &Refused<'_>, error: &GrantError) {
    let known = refused.client_id.and_then(|id| refused.realm.client(id));
    let (Some(grant), Some(word)) = (refused.grant, word(error)) else {
        // Never what a stranger sent.
        return log_refusal(refused.realm.name.as_str(), known.map(|client| client.client_id.as_str()), refused.grant, error);
    };
    recorder.error(event_type(grant), word, |event| {
        let is_known = !matches!(error, GrantError::Client(_));
        let authenticator = known.filter(|_| is_known).and_then(|client| client.authenticator.as_str());
        let in_flow = is_of_login_flow(error);
        let event = Event { client_id: refused.client_id.map(str::to_owned), ..event }
            .detail("grant_type", Some(grant))
            .detail("client_auth_method", authenticator)
            .detail("auth_method", auth_method(grant, error))
            .detail("username", refused.username.filter(|_| in_flow))
            .detail("reason", has_reason(error).then(|| reason(error, refused.description)))
            .fact(error);
        match user(error) {
            Some(user) => event.user(user.as_str()),
            None => event,
        }
    });
}

/// Records tokens that were given.
pub(crate) fn record_success(recorder: Recorder<'_>, issue: &Issue, minted: &Minted) {
    let budget = over_budget(issue, minted);
    if let Some(warning) = &budget {
        log::warn!("realm={} client={}: {warning}", recorder.realm().name, issue.client.client_id);
    }
    recorder.success(event_type_of(issue.grant), |event| {
        let refresh = minted.refresh_token_id.as_deref();
        let kind = match issue.session.kind {
            SessionKind::Offline | SessionKind::BorrowedOffline => "Offline",
            SessionKind::Online | SessionKind::Transient | SessionKind::Borrowed => "Refresh",
        };
        let refreshes = issue.grant == GrantKind::Refresh;
        let user = issue.subject.user();
        let event = event
            .client(issue.client.client_id.as_str())
            .user(user.id.as_str())
            .session(minted.session_state.as_ref().map(|id| id.as_str()))
            .detail("auth_method", auth_method_of(issue.grant))
            .detail("token_id", Some(&*minted.access_token_id))
            .detail("grant_type", Some(grant_word(issue.grant)))
            .detail("refresh_token_type", refresh.map(|_| kind))
            .detail("scope", Some(&*minted.scope))
            .detail(if refreshes { "updated_refresh_token_id" } else { "refresh_token_id" }, refresh)
            .detail("client_auth_method", issue.client.authenticator.as_str())
            .detail("requested_token_type", issue.exchanged.map(ExchangedToken::as_str))
            .detail("token_size_warning", budget);
        if refreshes {
            return event
                .detail("refresh_token_sub", Some(user.id.as_str()))
                .detail("access_token_expiration_time", Some(minted.expires_in.to_string()));
        }
        event.detail("username", Some(&*user.username))
    });
}

/// Attribute `latchkey.token-size-budget` of the client: bytes that its access tokens should keep within.
fn over_budget(issue: &Issue, minted: &Minted) -> Option<String> {
    let budget: usize = issue.client.attribute("latchkey.token-size-budget")?.parse().ok()?;
    let size = minted.access_token.len();
    (size > budget).then(|| format!("the access token has {size} bytes, its budget is {budget} (latchkey.token-size-budget)"))
}

/// Keycloak: the type of each grant's events.
fn event_type(grant: &str) -> EventType {
    let is = |of: GrantType| grant == of.as_str();
    match grant {
        _ if is(GrantType::RefreshToken) => EventType::RefreshToken,
        _ if is(GrantType::ClientCredentials) => EventType::ClientLogin,
        _ if is(GrantType::AuthorizationCode) => EventType::CodeToToken,
        _ if is(GrantType::TokenExchange) => EventType::TokenExchange,
        _ if is(GrantType::JwtBearer) => EventType::JwtAuthorizationGrant,
        _ if is(GrantType::DeviceCode) => EventType::OAuth2DeviceCodeToToken,
        _ if is(GrantType::Ciba) => EventType::AuthreqidToToken,
        _ if is(GrantType::UmaTicket) => EventType::PermissionToken,
        _ => EventType::Login,
    }
}

const fn grant_type(grant: GrantKind) -> Option<GrantType> {
    Some(match grant {
        GrantKind::AuthorizationCode => GrantType::AuthorizationCode,
        GrantKind::Password => GrantType::Password,
        GrantKind::Refresh => GrantType::RefreshToken,
        GrantKind::ClientCredentials => GrantType::ClientCredentials,
        GrantKind::TokenExchange => GrantType::TokenExchange,
        GrantKind::DeviceCode => GrantType::DeviceCode,
        GrantKind::Ciba => GrantType::Ciba,
        GrantKind::JwtAuthorization => GrantType::JwtBearer,
        _ => return None,
    })
}

fn grant_word(grant: GrantKind) -> &'static str {
    grant_type(grant).map_or("other", GrantType::as_str)
}

fn event_type_of(grant: GrantKind) -> EventType {
    event_type(grant_word(grant))
}

const fn auth_method_of(grant: GrantKind) -> Option<&'static str> {
    match grant {
        GrantKind::Password => Some("openid-connect"),
        GrantKind::TokenExchange => Some("token_exchange"),
        _ => None,
    }
}

/// Whether it was refused by the flow in which a user is authenticated.
const fn is_of_login_flow(error: &GrantError) -> bool {
    match error {
        GrantError::Password(error) => !matches!(error, PasswordError::GrantNotAllowed | PasswordError::ConsentRequired),
        GrantError::Contactless(_) | GrantError::OfflineAccessNotGranted => true,
        _ => false,
    }
}

fn auth_method(grant: &str, error: &GrantError) -> Option<&'static str> {
    match error {
        GrantError::Client(_) | GrantError::Request(_) => None,
        _ if is_of_login_flow(error) => Some("openid-connect"),
        _ if grant == GrantType::TokenExchange.as_str() => Some("token_exchange"),
        _ if grant == GrantType::Password.as_str() || grant == GrantType::UmaTicket.as_str() => Some("oauth_credentials"),
        _ => None,
    }
}

/// Keycloak: what a flow refuses has no reason but its word.
const fn has_reason(error: &GrantError) -> bool {
    match error {
        GrantError::Client(_) => false,
        GrantError::Waiting { error, .. } => matches!(error, WaitingError::CodeMissing),
        GrantError::Password(PasswordError::User(Refusal::NotFullySetUp(_))) | GrantError::OfflineAccessNotGranted => true,
        _ => !is_of_login_flow(error),
    }
}

/// Keycloak: of a subject token it says more than to the client.
const fn reason<'a>(error: &GrantError, description: &'a str) -> &'a str {
    match error {
        GrantError::TokenExchange(TokenExchangeError::SubjectToken(_) | TokenExchangeError::Fallen(_)) => {
            "subject_token validation failure"
        }
        _ => description,
    }
}

fn user(error: &GrantError) -> Option<&UserId> {
    match error {
        GrantError::Password(PasswordError::User(
            Refusal::WrongPassword(user)
            | Refusal::WrongOtp(user)
            | Refusal::WrongRecoveryCode(user)
            | Refusal::WrongSignature(user, _)
            | Refusal::Locked(user)
            | Refusal::UserDisabled(user),
        )) => Some(user),
        _ => None,
    }
}

/// Keycloak's word; none where it has no event.
fn word(error: &GrantError) -> Option<&'static str> {
    Some(match error {
        GrantError::Request(error) => return request(error),
        GrantError::Client(error) => return error.event_word(),
        GrantError::Policy(error) => error.code.as_str(),
        GrantError::Scope(_) => "invalid_request",
        GrantError::OfflineAccessNotGranted => "not_allowed",
        GrantError::Code(error) => code(error),
        GrantError::Password(error) => password(error),
        GrantError::Refresh(RefreshError::Missing) => return None,
        GrantError::Refresh(_) => "invalid_token",
        GrantError::ClientCredentials(ClientCredentialsError::ServiceAccountDisabled(_)) => "user_disabled",
        GrantError::ClientCredentials(ClientCredentialsError::NoServiceAccount) => "user_not_found",
        GrantError::ClientCredentials(_) => "invalid_client",
        GrantError::UmaTicket(error) => uma_ticket(error)?,
        GrantError::Contactless(ContactlessError::UntrustedDevice) => "invalid_user_credentials",
        GrantError::Contactless(ContactlessError::UnknownCard) => "user_not_found",
        GrantError::Contactless(ContactlessError::DeviceLocked) => "user_temporarily_disabled",
        GrantError::TokenExchange(error) => token_exchange(error),
        GrantError::JwtAuthorization(error) => jwt_authorization(error),
        GrantError::Waiting { by, error } => return waiting(*by, error),
        GrantError::Trouble(_) => return None,
    })
}

const fn request(error: &RequestError) -> Option<&'static str> {
    match error {
        RequestError::GrantTypeMissing | RequestError::GrantTypeUnknown | RequestError::Repeated => None,
        RequestError::Proof(sender_constraint::ProofError::Store(_)) => None,
        RequestError::Proof(_) => Some("invalid_dpop_proof"),
        RequestError::Binding(_) | RequestError::Field(_) => Some("invalid_request"),
    }
}

const fn code(error: &CodeError) -> &'static str {
    match error {
        CodeError::Missing | CodeError::Unknown | CodeError::UsedBefore => "invalid_code",
        CodeError::Redeem(RedeemError::Expired) => "expired_code",
        CodeError::Redeem(RedeemError::OtherRedirectUri) => "invalid_redirect_uri",
        CodeError::Redeem(RedeemError::OtherClient) => "invalid_code",
        CodeError::Redeem(RedeemError::FlowOff) => "invalid_client",
        CodeError::Redeem(RedeemError::Verifier(_)) => "invalid_code_verifier",
        CodeError::SessionNotActive => "user_session_not_found",
        CodeError::UserNotFound => "user_not_found",
        CodeError::UserDisabled(_) => "user_disabled",
        CodeError::OtherProofKey => "invalid_dpop_proof",
    }
}

const fn password(error: &PasswordError) -> &'static str {
    match error {
        PasswordError::GrantNotAllowed => "not_allowed",
        PasswordError::ConsentRequired => "consent_denied",
        PasswordError::UsernameMissing | PasswordError::User(Refusal::UnknownUser) => "user_not_found",
        PasswordError::User(
            Refusal::WrongPassword(_) | Refusal::WrongOtp(_) | Refusal::WrongRecoveryCode(_) | Refusal::WrongSignature(..),
        ) => "invalid_user_credentials",
        PasswordError::User(Refusal::Locked(_)) => "user_temporarily_disabled",
        PasswordError::User(Refusal::UserDisabled(_)) => "user_disabled",
        PasswordError::User(Refusal::NotFullySetUp(_)) => "resolve_required_actions",
    }
}

const fn uma_ticket(error: &UmaTicketError) -> Option<&'static str> {
    match error {
        UmaTicketError::Bearer(_) | UmaTicketError::SubjectToken(_) | UmaTicketError::Rpt(_) => Some("invalid_token"),
        UmaTicketError::Ticket => Some("invalid_permission_ticket"),
        UmaTicketError::Asked(permissions::AskedError::Registry(_)) => None,
        UmaTicketError::NotAuthorized | UmaTicketError::RequestSubmitted => Some("access_denied"),
        _ => Some("invalid_request"),
    }
}

const fn token_exchange(error: &TokenExchangeError) -> &'static str {
    match error {
        TokenExchangeError::SubjectToken(_) | TokenExchangeError::Fallen(_) => "invalid_token",
        TokenExchangeError::Audience(AudienceError::NotFound) => "client_not_found",
        TokenExchangeError::Audience(AudienceError::Disabled(_)) => "client_disabled",
        TokenExchangeError::PublicClient => "invalid_client",
        TokenExchangeError::NotInAudience(_) => "not_allowed",
        TokenExchangeError::ConsentMissing(_) => "consent_denied",
        _ => "invalid_request",
    }
}

const fn jwt_authorization(error: &JwtAuthorizationError) -> &'static str {
    match error {
        JwtAuthorizationError::ConsentMissing(_) => "consent_denied",
        JwtAuthorizationError::User(AssertedUserError::Disabled(_)) => "user_disabled",
        _ => "invalid_request",
    }
}

/// Keycloak: that the user has said nothing yet is no event.
const fn waiting(by: Decoupled, error: &WaitingError) -> Option<&'static str> {
    Some(match (by, error) {
        (_, WaitingError::Pending) => return None,
        (_, WaitingError::FlowOff) => "not_allowed",
        (_, WaitingError::TooEarly) => "slow_down",
        (_, WaitingError::Denied) => "access_denied",
        (_, WaitingError::UserNotFound) => "user_not_found",
        (_, WaitingError::UserDisabled(_)) => "user_disabled",
        (_, WaitingError::NotFullySetUp(_)) => "resolve_required_actions",
        (_, WaitingError::SessionAbsent | WaitingError::SessionNotActive) => "user_session_not_found",
        (_, WaitingError::Verifier(_)) => "invalid_code_verifier",
        (Decoupled::Device, WaitingError::Expired) => "expired_oauth2_device_code",
        (Decoupled::Device, _) => "invalid_oauth2_device_code",
        (_, WaitingError::Expired) => "expired_code",
        _ => "invalid_code",
    })
}
