//! RFC 8693 as Keycloak's standard token exchange has it; wire.md section 1.11.

use std::sync::Arc;

use oidc_types::ClientId;
use oidc_types::java_order::sort_by_name;
use realm_model::{Client, Realm};
use sessions::{ClientSession, EXCHANGED_FROM, Replaced, Seen, StoreError, UserSession};
use token_issuer::{
    BoundTo, ExchangedToken, Fallen, GrantKind, GrantedScope, InspectContext, InspectedToken, Issue, MintContext, Purpose,
    RefreshIssue, RefusedToken, ScopeRequest, SessionFacts, SessionKind, SessionNotes, Standing, StandingContext, Subject,
    TokenType,
};

use crate::error::{AudienceError, GrantError, TokenExchangeError};
use crate::exchange::Exchange;

/// Times that a session is read again because another request of it was faster.
const ROUNDS: usize = 128;

/// `subject_token_type`, the only one there is.
const ACCESS_TOKEN: &str = ExchangedToken::Access.as_str();

/// Parameters of the exchange before standard token exchange, in the order in which they are refused.
pub(crate) const LEGACY: [&str; 3] = ["requested_subject", "requested_issuer", "subject_issuer"];

/// Characters of an `audience` at the most.
const LONGEST_AUDIENCE: usize = 4000;

/// Parameters that may stand more than once (RFC 8693 section 2.1).
pub(crate) const REPEATABLE: [&str; 2] = ["audience", "resource"];

/// The parameters.
pub(crate) struct TokenExchange<'a> {
    pub(crate) subject_token: Option<&'a str>,
    pub(crate) subject_token_type: Option<&'a str>,
    pub(crate) requested_token_type: Option<&'a str>,
    pub(crate) audience: Vec<&'a str>,
    pub(crate) scope: Option<&'a str>,
    /// The first parameter of [`LEGACY`] that is there.
    pub(crate) legacy: Option<&'static str>,
}

/// A subject token that holds.
struct SubjectToken {
    token: InspectedToken,
    /// Its client.
    holder: Arc<Client>,
    standing: Standing,
}

pub(crate) async fn exchange(cx: &Exchange<'_>, grant: &TokenExchange<'_>) -> Result<Issue, GrantError> {
    refuse_legacy_parameter(grant)?;
    refuse_client_without_exchange(cx.client)?;
    let text = refuse_other_than_access_token(grant)?;
    let subject = verify(cx, text).await?;
    let requested = requested_type(cx.client, grant.requested_token_type)?;
    let audience = find_audience(cx.realm, &grant.audience).map_err(TokenExchangeError::from)?;
    refuse_public_client(cx.client)?;
    refuse_disabled_audience(&audience).map_err(TokenExchangeError::from)?;
    refuse_client_outside_audience(cx.client, &subject)?;
    refuse_token_bound_to_another(cx, &subject)?;
    let scope = ScopeRequest::judge(cx.realm, cx.client, grant.scope)?;
    refuse_refresh_token_of_new_session(requested, &subject.standing)?;
    let granted = scope.grant(cx.realm, cx.client, &subject.standing.subject);
    refuse_offline_access(requested, &granted)?;
    refuse_missing_consent(cx.client, &granted, &subject.standing.subject)?;
    let audience: Vec<ClientId> = audience.into_iter().map(|client| client.client_id.clone()).collect();
    let issue = issue(cx, &subject, granted, requested);
    let issue = Issue { audience: audience.clone(), requested_audience: audience, exchanged: Some(requested), ..issue };
    refuse_unavailable_audience(cx, &issue).map_err(TokenExchangeError::from)?;
    if requested == ExchangedToken::Refresh { join_session(cx, subject, issue).await } else { Ok(issue) }
}

/// RFC 8693 knows none of them; impersonation and tokens of other issuers are not served.
fn refuse_legacy_parameter(grant: &TokenExchange<'_>) -> Result<(), TokenExchangeError> {
    grant.legacy.map_or(Ok(()), |name| Err(TokenExchangeError::LegacyParameter(name)))
}

fn refuse_client_without_exchange(client: &Client) -> Result<(), TokenExchangeError> {
    if client.is_on("standard.token.exchange.enabled") { Ok(()) } else { Err(TokenExchangeError::NotEnabled) }
}

fn refuse_other_than_access_token<'a>(grant: &TokenExchange<'a>) -> Result<&'a str, TokenExchangeError> {
    let token = grant.subject_token.ok_or(TokenExchangeError::ParameterMissing("subject_token"))?;
    match grant.subject_token_type {
        None => Err(TokenExchangeError::ParameterMissing("subject_token_type")),
        Some(ACCESS_TOKEN) => Ok(token),
        Some(_) => Err(TokenExchangeError::OtherSubjectTokenType),
    }
}

/// The subject token, if it gave access at this moment.
async fn verify(cx: &Exchange<'_>, text: &str) -> Result<SubjectToken, GrantError> {
    let context = InspectContext { realm: cx.realm, accepts_issuer: cx.accepts_issuer, now: cx.now };
    let token = match cx.parts.token_issuer.inspect(text, context, Purpose::Use).await {
        Ok(token) if matches!(token.token_type, TokenType::Bearer | TokenType::Dpop) => token,
        Ok(_) => return Err(TokenExchangeError::SubjectToken(RefusedToken::OtherType).into()),
        Err(RefusedToken::Keys(error)) => return Err(error.into()),
        Err(refused) => return Err(TokenExchangeError::SubjectToken(refused).into()),
    };
    let ground = StandingContext { realm: cx.realm, sessions: &cx.parts.sessions, users: &*cx.parts.users, now: cx.now };
    let standing = ground.of_access_token(&token).await.map_err(fallen)?;
    let holder = Arc::clone(ground.client_of(&token).map_err(fallen)?);
    Ok(SubjectToken { token, holder, standing })
}

fn fallen(fact: Fallen) -> GrantError {
    match fact {
        Fallen::Unavailable(error) => error.into(),
        fact => TokenExchangeError::Fallen(fact).into(),
    }
}

fn requested_type(client: &Client, requested: Option<&str>) -> Result<ExchangedToken, TokenExchangeError> {
    let known = [ExchangedToken::Access, ExchangedToken::Refresh, ExchangedToken::Id];
    let Some(word) = requested else { return Ok(ExchangedToken::Access) };
    let found = known.into_iter().find(|known| known.as_str() == word).ok_or(TokenExchangeError::RequestedTokenType)?;
    let refreshes = client.attribute("standard.token.exchange.enableRefreshRequestedTokenType") == Some("SAME_SESSION");
    if found == ExchangedToken::Refresh && !refreshes { Err(TokenExchangeError::RequestedTokenType) } else { Ok(found) }
}

/// The clients that `audience` names, each once, in Keycloak's order.
fn find_audience<'r>(realm: &'r Realm, names: &[&str]) -> Result<Vec<&'r Arc<Client>>, AudienceError> {
    let mut found: Vec<&Arc<Client>> = Vec::with_capacity(names.len());
    // Keycloak: an over-long one counts as absent (measured on 26.7.4).
    for name in names.iter().filter(|name| name.encode_utf16().count() <= LONGEST_AUDIENCE) {
        let client = realm.client(name).ok_or(AudienceError::NotFound)?;
        if !found.iter().any(|known| known.id == client.id) {
            found.push(client);
        }
    }
    sort_by_name(&mut found, |client| client.client_id.as_str());
    Ok(found)
}

fn refuse_public_client(client: &Client) -> Result<(), TokenExchangeError> {
    if client.public { Err(TokenExchangeError::PublicClient) } else { Ok(()) }
}

fn refuse_disabled_audience(audience: &[&Arc<Client>]) -> Result<(), AudienceError> {
    let disabled = audience.iter().find(|client| !client.enabled);
    disabled.map_or(Ok(()), |client| Err(AudienceError::Disabled(client.client_id.clone())))
}

/// A token that was not meant for the client is none for it to exchange.
fn refuse_client_outside_audience(client: &Client, subject: &SubjectToken) -> Result<(), TokenExchangeError> {
    let is_holder = subject.token.client_id == client.client_id;
    let is_meant = subject.token.audience.iter().any(|audience| audience == client.client_id.as_str());
    if is_holder || is_meant { Ok(()) } else { Err(TokenExchangeError::NotInAudience(subject.token.client_id.clone())) }
}

/// What only its holder may show, only its holder may exchange.
fn refuse_token_bound_to_another(cx: &Exchange<'_>, subject: &SubjectToken) -> Result<(), TokenExchangeError> {
    let token = &subject.token;
    if token.bound_to != BoundTo::default() && token.client_id != cx.client.client_id {
        return Err(TokenExchangeError::BoundToAnotherClient(token.client_id.clone()));
    }
    Ok(cx.refuse_bound_to_another(&token.bound_to)?)
}

/// A refresh token needs an online session that the client can have a part in.
fn refuse_refresh_token_of_new_session(requested: ExchangedToken, standing: &Standing) -> Result<(), TokenExchangeError> {
    let online = standing.session.as_ref().is_some_and(|session| session.kind == sessions::SessionKind::Online);
    if requested == ExchangedToken::Refresh && !online { Err(TokenExchangeError::NewSession) } else { Ok(()) }
}

fn refuse_offline_access(requested: ExchangedToken, granted: &GrantedScope) -> Result<(), TokenExchangeError> {
    let refused = requested == ExchangedToken::Refresh && granted.has_offline_access();
    if refused { Err(TokenExchangeError::OfflineAccess) } else { Ok(()) }
}

/// Nobody is there to be asked: what needs the user's consent must have it.
fn refuse_missing_consent(client: &Client, granted: &GrantedScope, subject: &Subject) -> Result<(), TokenExchangeError> {
    if granted.has_consent(client, subject.user()) {
        return Ok(());
    }
    Err(TokenExchangeError::ConsentMissing(client.client_id.clone()))
}

fn refuse_unavailable_audience(cx: &Exchange<'_>, issue: &Issue) -> Result<(), AudienceError> {
    if issue.audience.is_empty() {
        return Ok(());
    }
    let context = MintContext { realm: cx.realm, issuer: cx.issuer, now: cx.now };
    let missing = cx.parts.token_issuer.missing_audience(issue, context, &issue.audience);
    if missing.is_empty() {
        return Ok(());
    }
    Err(AudienceError::Unavailable(missing.into_iter().cloned().collect()))
}

/// Tokens of the subject's session, which is left as it is.
fn issue(cx: &Exchange<'_>, subject: &SubjectToken, scope: GrantedScope, requested: ExchangedToken) -> Issue {
    let facts = match &subject.standing.session {
        // Keycloak: what a service account's session noted is not carried over (recording acme-service-account-subject).
        None => cx.sign_on().transient_facts(SessionNotes::default()),
        Some(session) => facts_of(cx, session, &subject.standing.notes, &scope, requested),
    };
    Issue::new(subject.standing.subject.clone(), Arc::clone(cx.client), scope, facts, GrantKind::TokenExchange)
}

/// A session that the client has no part in is borrowed for as long as the token lives, an offline one always.
fn facts_of(
    cx: &Exchange<'_>,
    session: &UserSession,
    notes: &SessionNotes,
    scope: &GrantedScope,
    requested: ExchangedToken,
) -> SessionFacts {
    let lifespans = cx.lifespans();
    let part = session.client(&cx.client.id).filter(|part| lifespans.client_ends(session, part).is_live(cx.now));
    let kind = match (session.kind, part) {
        (sessions::SessionKind::Offline, _) => SessionKind::BorrowedOffline,
        (sessions::SessionKind::Online, None) if requested != ExchangedToken::Refresh => SessionKind::Borrowed,
        (sessions::SessionKind::Online, _) => SessionKind::Online,
    };
    let fresh = ClientSession::new(&cx.client.id, scope.full_text(), cx.now);
    let ends = lifespans.client_ends(session, part.unwrap_or(&fresh)).max;
    SessionFacts { kind, ends, ..cx.sign_on().session_facts(session, notes.clone()) }
}

/// Gives the client a part in the subject's session, and a refresh token with it.
async fn join_session(cx: &Exchange<'_>, subject: SubjectToken, issue: Issue) -> Result<Issue, GrantError> {
    let SubjectToken { holder, standing, .. } = subject;
    let mut found = standing.session;
    for _ in 0..ROUNDS {
        let mut session = found.ok_or(TokenExchangeError::Fallen(Fallen::NoSession))?;
        join(cx, &holder, &mut session, issue.scope.full_text());
        match cx.parts.sessions.replace(&cx.realm.name, &session, cx.now).await? {
            Replaced::Done => {
                let refresh = match cx.client.attribute("use.refresh.tokens") {
                    Some("false") => RefreshIssue::Without,
                    _ => cx.sign_on().refresh_issue(&session, cx.sign_on().new_family()),
                };
                return Ok(Issue { refresh, ..issue });
            }
            Replaced::Lost => found = cx.parts.sessions.find(&cx.realm.name, session.kind, &session.id, cx.now).await?,
            Replaced::Absent => found = None,
        }
    }
    Err(StoreError::Contended { what: "user session" }.into())
}

fn join(cx: &Exchange<'_>, holder: &Client, session: &mut Seen<UserSession>, scope: &str) {
    let lifespans = cx.lifespans();
    let live = session.client(&cx.client.id).is_some_and(|part| lifespans.client_ends(session, part).is_live(cx.now));
    if !live {
        let mut part = ClientSession::new(&cx.client.id, scope, cx.now);
        if holder.id != cx.client.id {
            part.set_note(EXCHANGED_FROM, &holder.id); // it goes when the holder's tokens are taken back
        }
        session.attach(part);
    } else if let Some(part) = session.client_mut(&cx.client.id) {
        part.last_refresh = part.last_refresh.max(cx.now);
        scope.clone_into(&mut part.scope);
    }
    session.last_refresh = session.last_refresh.max(cx.now);
    session.expires_at = lifespans.record_expires(session);
}
