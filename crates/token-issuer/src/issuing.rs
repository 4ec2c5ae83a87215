use std::borrow::Cow;

use ambient::{Entropy, Timestamp};
use oidc_types::{ClientId, RefreshBinding};
use realm_model::{Client, Realm};
use serde_json::{Map, Value};

use crate::TokenIssuer;
use crate::claims::{ClaimValue, Claims};
use crate::cnf::cnf_claim;
use crate::encryption::{Content, Encryption};
use crate::evaluate::{Facts, add_audience, written_audience};
use crate::front_channel::Hashed;
use crate::hash::left_half_hash;
use crate::issue::{ExchangedToken, GrantKind, Issue, RefreshIssue, SessionFacts, SessionKind};
use crate::mapper::Places;
use crate::mint::{MintContext, MintError, Minted};
use crate::plan::ClaimPlan;
use crate::roles::TokenRoles;

/// Refresh tokens are signed with the realm's own secret: nobody else has to read them.
pub(crate) const REFRESH_ALGORITHM: &str = "HS512";

/// One answer in the making.
pub(crate) struct Issuing<'a> {
    issue: &'a Issue,
    pub(crate) cx: MintContext<'a>,
    plan: &'a ClaimPlan,
    /// What the ID token and the answer tell.
    told: &'a ClaimPlan,
    issuer: &'a TokenIssuer,
    roles: TokenRoles<'a>,
    /// The subject as the client sees it, where that is not the user's id.
    pairwise: Option<String>,
    session_id: Option<&'a str>,
    pub(crate) expires: i64,
}

impl<'a> Issuing<'a> {
    /// By the plan of the access token, and that of ID token and answer.
    pub(crate) fn new(
        issue: &'a Issue,
        cx: MintContext<'a>,
        (plan, told): (&'a ClaimPlan, &'a ClaimPlan),
        issuer: &'a TokenIssuer,
    ) -> Self {
        let mut roles = TokenRoles::of(issue.subject.roles(), plan.allowed_roles.as_ref());
        plan.role_edits.iter().for_each(|edit| roles.edit(edit));
        let session = &issue.session;
        Self {
            issue,
            cx,
            plan,
            told,
            issuer,
            roles,
            pairwise: plan.pairwise.as_ref().map(|pairwise| pairwise.subject(issue.subject.user().id.as_str())),
            session_id: (session.kind != SessionKind::Transient).then_some(session.id.as_str()),
            expires: access_token_expiry(issue, &cx).secs(),
        }
    }

    pub(crate) async fn mint(&self, entropy: &dyn Entropy) -> Result<Minted, MintError> {
        if self.issue.exchanged == Some(ExchangedToken::Id) {
            return self.mint_id_token(entropy).await;
        }
        let access_token_id = self.access_token_id(entropy);
        let access = self.access_claims(&access_token_id);
        let access_token = self.access_token(&access).await?;
        let id_token = match self.issue.refresh_scope.has_openid() && self.requester().is_none() {
            true => Some(self.id_token(entropy, Hashed { access_token: Some(&access_token), ..Hashed::default() }).await?),
            false => None,
        };
        let refresh = self.refresh_token(entropy, &access).await?;
        let (refresh_token, refresh_token_id, refresh_expires_in) = match refresh {
            Some((token, id, expires)) => (Some(token), Some(id), expires.map_or(0, |at| at - self.cx.now.secs())),
            None => (None, None, 0),
        };
        let minted = self.answer(access_token, access_token_id.clone())?;
        Ok(Minted { refresh_expires_in, refresh_token, token_type: self.token_type(), id_token, refresh_token_id, ..minted })
    }

    /// Keycloak: an ID token that was asked for by its type stands where the access token would, without its hash (recording
    /// token-exchange/requested-id-token).
    async fn mint_id_token(&self, entropy: &dyn Entropy) -> Result<Minted, MintError> {
        let token = self.id_token(entropy, Hashed::default()).await?;
        self.answer(token, String::new())
    }

    /// What every answer has.
    fn answer(&self, token: String, access_token_id: String) -> Result<Minted, MintError> {
        Ok(Minted {
            access_token: token,
            expires_in: self.expires - self.cx.now.secs(),
            refresh_expires_in: 0,
            refresh_token: None,
            token_type: "N_A",
            id_token: None,
            not_before_policy: not_before(self.issue, self.cx.realm),
            session_state: self.session_id.map(|_| self.issue.session.id.clone()),
            scope: self.told.token_scope.clone(),
            issued_token_type: self.issue.exchanged.map(ExchangedToken::as_str),
            extra: self.response_claims()?,
            access_token_id,
            refresh_token_id: None,
        })
    }

    /// Which clients of `wanted` are not in the access token's `aud`.
    pub(crate) fn missing_audience<'w>(&self, wanted: &'w [ClientId]) -> Vec<&'w ClientId> {
        let mut claims = Claims::default();
        self.plan.evaluate_audience(&self.facts(), self.access_places(), &mut claims);
        wanted.iter().filter(|client| !claims.has_audience(client.as_str())).collect()
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            realm: self.cx.realm,
            client: &self.issue.client,
            user: self.issue.subject.user(),
            subject: self.subject(),
            roles: &self.roles,
            notes: &self.issue.session.notes,
            session_id: self.session_id,
            acr: &self.issue.session.acr,
            nonce: self.issue.nonce.as_deref(),
            organizations: self.issue.scope.organizations(),
            requested: None,
        }
    }

    /// Which claims an access token of the client has.
    pub(crate) fn access_places(&self) -> Places {
        if is_lightweight(&self.issue.client) { Places::LIGHTWEIGHT } else { Places::ACCESS }
    }

    fn subject(&self) -> &str {
        self.pairwise.as_deref().unwrap_or(self.issue.subject.user().id.as_str())
    }

    /// Who asked for a requesting party token.
    fn requester(&self) -> Option<&ClientId> {
        self.issue.authorization.as_ref()?.requester.as_ref()
    }

    fn set_authorization<'s>(&'s self, claims: &mut Claims<'s>) {
        if let Some(authorization) = &self.issue.authorization {
            claims.set("authorization", ClaimValue::Json(Cow::Borrowed(&authorization.claim)));
        }
    }

    /// What every token begins with.
    fn common_claims<'s>(&'s self, id: &'s str, typ: &'static str) -> Claims<'s> {
        let mut claims = Claims::with_room();
        claims.set("iat", self.cx.now.secs());
        claims.set("jti", id);
        claims.set("iss", self.cx.issuer);
        claims.set("typ", typ);
        claims.set("azp", self.requester().unwrap_or(&self.issue.client.client_id).as_str());
        if let Some(session) = self.session_id {
            claims.set("sid", session);
        }
        claims
    }

    /// The claims of the access token as JSON; its id is empty.
    pub(crate) fn claims_of_access_token(&self) -> Result<Map<String, Value>, MintError> {
        match serde_json::to_value(self.access_claims(""))? {
            Value::Object(claims) => Ok(claims),
            _ => Ok(Map::new()),
        }
    }

    pub(crate) fn access_claims<'s>(&'s self, id: &'s str) -> Claims<'s> {
        let mut claims = self.common_claims(id, self.token_type());
        claims.set("exp", self.expires);
        claims.set("scope", self.plan.token_scope.as_str());
        self.plan.evaluate(&self.facts(), self.access_places(), &mut claims);
        // Keycloak: where there is no session to find the subject by, the token names it, mapper or not (measured on 26.7.4).
        if self.pairwise.is_some() || self.session_id.is_none() {
            claims.set("sub", self.subject());
        }
        // After the mappers: none of them says to whom a token is bound.
        if let Some(cnf) = cnf_claim(self.issue.confirmations.iter()) {
            claims.set("cnf", cnf);
        }
        if !self.issue.audience.is_empty() {
            claims.restrict_to(&self.issue.audience);
        }
        self.set_authorization(&mut claims);
        written_audience(&mut claims);
        claims.in_order()
    }

    /// Keycloak: a requesting party token is for the resource server alone, whatever the mappers say; its refresh token remembers what
    /// they said (recording uma-ticket/everything).
    pub(crate) async fn access_token(&self, access: &Claims<'_>) -> Result<String, MintError> {
        let client = &*self.issue.client;
        let (algorithm, typ) = (access_algorithm(client, self.cx.realm), access_header_type(client));
        if self.requester().is_none() {
            return self.sign(algorithm, typ, access).await;
        }
        let mut narrowed = access.clone();
        narrowed.set("aud", client.client_id.as_str());
        self.sign(algorithm, typ, &narrowed.in_order()).await
    }

    pub(crate) async fn id_token(&self, entropy: &dyn Entropy, hashed: Hashed<'_>) -> Result<String, MintError> {
        let client = &*self.issue.client;
        let algorithm = id_token_algorithm(client, self.cx.realm);
        let id = entropy.uuid().to_string();
        let mut claims = self.common_claims(&id, "ID");
        claims.set("exp", self.expires);
        claims.set("sub", self.subject());
        let hashes = [("at_hash", hashed.access_token), ("c_hash", hashed.code), ("s_hash", hashed.state)];
        for (name, text) in hashes {
            if let Some(text) = text {
                claims.set(name, left_half_hash(algorithm, text));
            }
        }
        if let Some(nonce) = &self.issue.nonce {
            claims.set("nonce", nonce.as_str());
        }
        add_audience(&mut claims, [client.client_id.as_str()]);
        let requested = self.issue.claims_request.as_ref().and_then(|request| request.get("id_token"));
        let facts = Facts { requested: requested.and_then(Value::as_object), ..self.facts() };
        self.told.evaluate(&facts, Places::ID, &mut claims);
        written_audience(&mut claims);
        let signed = self.sign(algorithm, "JWT", &claims.in_order()).await?;
        match Encryption::of_id_tokens(client) {
            None => Ok(signed),
            Some(encryption) => {
                let to = (&**self.cx.realm, &self.issue.client);
                Ok(self.issuer.encrypt(to, encryption, Content::Jwt(&signed), self.cx.now).await?)
            }
        }
    }

    /// The refresh token with its id and `exp`.
    async fn refresh_token(
        &self,
        entropy: &dyn Entropy,
        access: &Claims<'_>,
    ) -> Result<Option<(String, String, Option<i64>)>, MintError> {
        // Keycloak: recording token-password/client-without-refresh-token.
        if self.issue.client.attribute("use.refresh.tokens") == Some("false") {
            return Ok(None);
        }
        let (typ, expires, reuse_id) = match &self.issue.refresh {
            RefreshIssue::Without => return Ok(None),
            RefreshIssue::Refresh { expires, reuse_id } => ("Refresh", Some(*expires), reuse_id),
            RefreshIssue::Offline { expires, reuse_id } => ("Offline", *expires, reuse_id),
        };
        let expires = expires.map(Timestamp::secs);
        let id = entropy.uuid().to_string();
        let mut claims = self.common_claims(&id, typ);
        if let Some(expires) = expires {
            claims.set("exp", expires);
        }
        claims.set("aud", self.cx.issuer);
        // Keycloak: both follow the access token, whose mappers may have changed them.
        for name in ["sub", "azp"] {
            if let Some(value) = access.get(name) {
                claims.set(name, value.clone());
            }
        }
        let bound = self.issue.confirmations.iter().filter(|confirmation| confirmation.refresh == RefreshBinding::Bound);
        if let Some(cnf) = cnf_claim(bound) {
            claims.set("cnf", cnf);
        }
        let kept = self.issue.authorization.as_ref().and_then(|authorization| authorization.refresh_scope.as_deref());
        claims.set("scope", kept.unwrap_or(self.issue.refresh_scope.full_text()));
        self.set_authorization(&mut claims);
        if !self.cx.realm.compat.plain_refresh_tokens {
            if let Some(audience) = access.get("aud") {
                claims.set("aud_x", audience.clone());
            }
            claims.set("prov", "default");
        }
        if !self.issue.requested_audience.is_empty() {
            let clients = self.issue.requested_audience.iter().map(|client| Cow::Borrowed(client.as_str()));
            claims.set("req-aud", ClaimValue::texts(clients));
        }
        if let Some(reuse_id) = reuse_id {
            claims.set("reuse_id", reuse_id.as_str());
        }
        let token = self.sign(REFRESH_ALGORITHM, "JWT", &claims.in_order()).await?;
        Ok(Some((token, id, expires)))
    }

    async fn sign(&self, algorithm: &str, typ: &str, claims: &Claims<'_>) -> Result<String, MintError> {
        let claims = serde_json::to_vec(claims)?;
        Ok(self.issuer.keys.sign(self.cx.realm, algorithm, typ, &claims).await?)
    }

    /// The members that mappers with `access.tokenResponse.claim` add.
    fn response_claims(&self) -> Result<Map<String, Value>, MintError> {
        let mut claims = Claims::default();
        self.told.evaluate(&self.facts(), Places::RESPONSE, &mut claims);
        if claims.is_empty() {
            return Ok(Map::new());
        }
        match serde_json::to_value(ClaimValue::Object(claims))? {
            Value::Object(extra) => Ok(extra),
            _ => Ok(Map::new()),
        }
    }

    /// `token_type` of the answer and `typ` of the access token (RFC 9449 section 5).
    pub(crate) fn token_type(&self) -> &'static str {
        match self.issue.client.is_on("token.response.type.bearer.lower-case") {
            _ if self.issue.is_dpop_bound() => "DPoP",
            true => "bearer",
            false => "Bearer",
        }
    }

    /// `onrtro:<uuid>` and the like (wire.md section 3.2).
    pub(crate) fn access_token_id(&self, entropy: &dyn Entropy) -> String {
        let id = entropy.uuid();
        if self.cx.realm.compat.plain_access_token_ids {
            return id.to_string();
        }
        let weight = if is_lightweight(&self.issue.client) { "lt" } else { "rt" };
        format!("{}{weight}{}:{id}", self.issue.session.kind.letters(), self.issue.grant.letters())
    }
}

pub(crate) fn is_lightweight(client: &Client) -> bool {
    client.is_on("client.use.lightweight.access.token.enabled")
}

pub(crate) fn access_header_type(client: &Client) -> &'static str {
    if client.is_on("access.token.header.type.rfc9068") { "at+jwt" } else { "JWT" }
}

pub(crate) fn access_algorithm<'a>(client: &'a Client, realm: &'a Realm) -> &'a str {
    algorithm(client, realm, "access.token.signed.response.alg")
}

pub(crate) fn id_token_algorithm<'a>(client: &'a Client, realm: &'a Realm) -> &'a str {
    algorithm(client, realm, "id.token.signed.response.alg")
}

/// The client's algorithm, else the realm's, else RS256 (wire.md section 3.1).
fn algorithm<'a>(client: &'a Client, realm: &'a Realm, attribute: &str) -> &'a str {
    client.attribute(attribute).or(default_algorithm(realm)).unwrap_or("RS256")
}

pub(crate) fn default_algorithm(realm: &Realm) -> Option<&str> {
    Some(realm.default_signature_algorithm.as_str()).filter(|name| !name.is_empty())
}

/// `not-before-policy`: the latest of realm, client and user.
fn not_before(issue: &Issue, realm: &Realm) -> i64 {
    realm.not_before.max(issue.client.not_before).max(issue.subject.user().not_before)
}

/// min(now + lifespan, end of the session) (wire.md section 4.2).
fn access_token_expiry(issue: &Issue, cx: &MintContext<'_>) -> Timestamp {
    let lifespans = &cx.realm.lifespans;
    let lifespan = match issue.grant {
        GrantKind::Implicit => lifespans.access_token_for_implicit_flow,
        _ => issue.client.number("access.token.lifespan").unwrap_or(lifespans.access_token),
    };
    let wanted = match lifespan {
        // Keycloak: -1 is "as long as the session" (recording token-password/client-lifespans).
        -1 => session_end(&issue.session, cx.realm),
        seconds => cx.now.plus_secs(seconds),
    };
    issue.session.ends.map_or(wanted, |ends| wanted.min(ends))
}

fn session_end(session: &SessionFacts, realm: &Realm) -> Timestamp {
    let lifespans = &realm.lifespans;
    let remembered = if session.remember_me { lifespans.sso_session_max_remember_me } else { 0 };
    session.started.plus_secs(lifespans.sso_session_max.max(remembered))
}

impl<'a> From<&'a String> for ClaimValue<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
