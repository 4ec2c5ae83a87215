use std::sync::{Arc, OnceLock};

use ambient::Timestamp;
use oidc_types::{ClientId, Scope, SessionId, UserId};
use realm_model::Realm;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::issuing::REFRESH_ALGORITHM;
use crate::verify::refuse_out_of_time;
use crate::{BoundTo, RefusedToken, SessionKind, TokenIssuer};

/// What a token is looked at for: decides what must hold of it beside its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It gives access: issuer, the realm's not-before and `exp` must hold.
    Use,
    /// It ends its session: the issuer must hold. Keycloak: an expired one will do (recording logout/post-expired).
    Logout,
    /// It is given back: its signature is enough (measured on 26.7.4).
    Revocation,
}

/// `typ`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// `Bearer`: an access token.
    Bearer,
    /// `DPoP`: an access token that is worth nothing without a proof of its key (RFC 9449).
    Dpop,
    /// `ID`
    Id,
    /// `Refresh`
    Refresh,
    /// `Offline`
    Offline,
    /// Whatever else this realm signs.
    Other,
}

/// Against what a token is judged.
#[derive(Clone, Copy)]
pub struct InspectContext<'a> {
    /// The realm.
    pub realm: &'a Arc<Realm>,
    /// Whether an `iss` is this realm under one of its names.
    pub accepts_issuer: &'a (dyn Fn(&str) -> bool + Sync),
    /// The present.
    pub now: Timestamp,
}

/// A token of this realm, of any type. Only [`TokenIssuer::inspect`] makes one; client, session and user are the caller's to
/// judge. Prints no claims beside ids.
#[derive(Clone)]
pub struct InspectedToken {
    /// `typ`
    pub token_type: TokenType,
    /// `jti`
    pub id: String,
    /// `iat`, seconds since the epoch.
    pub issued: i64,
    /// `exp`, seconds since the epoch.
    pub expires: Option<i64>,
    /// `azp`: the client it was issued to.
    pub client_id: ClientId,
    /// `sub`
    pub subject: Option<UserId>,
    /// `sid`; transient sessions have none.
    pub session: Option<SessionId>,
    /// `scope`; ID tokens have none.
    pub scope: Option<String>,
    /// `aud`
    pub audience: Vec<String>,
    /// `cnf`: what whoever shows it must hold.
    pub bound_to: BoundTo,
    /// `iss`
    pub(crate) issuer: String,
    /// `typ`, as it is written.
    pub(crate) typ: String,
    /// What only views show.
    pub(crate) shown: Shown,
    payload: Vec<u8>,
    all: OnceLock<Map<String, Value>>,
}

impl std::fmt::Debug for InspectedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InspectedToken")
            .field("token_type", &self.token_type)
            .field("id", &self.id)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl InspectedToken {
    /// The kind of its session: by its type, else by the context in its `jti` (wire.md section 3.2). `None` where neither says.
    pub fn session_kind(&self) -> Option<SessionKind> {
        match self.token_type {
            TokenType::Refresh => return Some(SessionKind::Online),
            TokenType::Offline => return Some(SessionKind::Offline),
            _ if self.session.is_none() => return Some(SessionKind::Transient),
            TokenType::Bearer | TokenType::Dpop | TokenType::Id | TokenType::Other => {}
        }
        match self.context()?.get(..2)? {
            "on" => Some(SessionKind::Online),
            "nt" => Some(SessionKind::Borrowed),
            "of" => Some(SessionKind::Offline),
            "ft" => Some(SessionKind::BorrowedOffline),
            "tr" => Some(SessionKind::Transient),
            _ => None,
        }
    }

    /// Whether it is a lightweight access token.
    pub fn is_lightweight(&self) -> bool {
        self.context().and_then(|context| context.get(2..4)) == Some("lt")
    }

    /// Whether `word` is in its scope.
    pub fn grants(&self, word: &str) -> bool {
        self.scope.as_deref().is_some_and(|scope| Scope::parse(scope).contains(word))
    }

    /// All claims, in their order: what policies of resource servers are told of whoever shows the token.
    pub fn claims(&self) -> &Map<String, Value> {
        // It was read once: it is an object.
        self.all.get_or_init(|| serde_json::from_slice(&self.payload).unwrap_or_default())
    }

    /// `authorization.permissions` of a requesting party token (UMA 2.0).
    pub fn permissions(&self) -> &[Value] {
        let granted = self.claims().get("authorization").and_then(|authorization| authorization.get("permissions"));
        granted.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The part of the `jti` before its colon.
    fn context(&self) -> Option<&str> {
        self.id.split_once(':').map(|(context, _)| context)
    }
}

/// Claims that a view shows or mappers read, beside those that are judged.
#[derive(Clone, Default)]
pub(crate) struct Shown {
    pub(crate) acr: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) cnf: Option<Value>,
    pub(crate) act: Option<Value>,
}

#[derive(Deserialize)]
struct RawClaims {
    #[serde(default)]
    exp: Option<i64>,
    iat: i64,
    jti: String,
    iss: String,
    #[serde(default)]
    sub: Option<UserId>,
    typ: String,
    azp: ClientId,
    #[serde(default)]
    sid: Option<SessionId>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    aud: Audience,
    #[serde(default)]
    acr: Option<String>,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    cnf: Option<Value>,
    #[serde(default)]
    act: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Audience {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl From<Audience> for Vec<String> {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::None => Self::new(),
            Audience::One(one) => vec![one],
            Audience::Several(several) => several,
        }
    }
}

impl TokenIssuer {
    /// Reads a token of any type and checks of it what `purpose` asks for.
    ///
    /// # Errors
    /// See [`RefusedToken`]; never [`RefusedToken::OtherType`].
    pub async fn inspect(&self, text: &str, cx: InspectContext<'_>, purpose: Purpose) -> Result<InspectedToken, RefusedToken> {
        let signed = self.refuse_forged(text, cx.realm).await?;
        let raw: RawClaims = serde_json::from_slice(&signed.claims).map_err(|_| RefusedToken::Invalid)?;
        refuse_unfit(&raw, &cx, purpose)?;
        let bound_to = raw.cnf.as_ref().map(BoundTo::deserialize).transpose();
        let bound_to = bound_to.map_err(|_| RefusedToken::Invalid)?.unwrap_or_default();
        Ok(InspectedToken {
            token_type: token_type(&raw.typ, &signed.algorithm),
            id: raw.jti,
            issued: raw.iat,
            expires: raw.exp,
            client_id: raw.azp,
            subject: raw.sub,
            session: raw.sid,
            scope: raw.scope,
            audience: raw.aud.into(),
            bound_to,
            issuer: raw.iss,
            typ: raw.typ,
            shown: Shown { acr: raw.acr, nonce: raw.nonce, cnf: raw.cnf, act: raw.act },
            payload: signed.claims,
            all: OnceLock::new(),
        })
    }
}

fn token_type(typ: &str, algorithm: &str) -> TokenType {
    match typ {
        typ if typ.eq_ignore_ascii_case("Bearer") => TokenType::Bearer,
        "DPoP" => TokenType::Dpop,
        "ID" => TokenType::Id,
        "Refresh" if algorithm == REFRESH_ALGORITHM => TokenType::Refresh,
        "Offline" if algorithm == REFRESH_ALGORITHM => TokenType::Offline,
        _ => TokenType::Other,
    }
}

fn refuse_unfit(raw: &RawClaims, cx: &InspectContext<'_>, purpose: Purpose) -> Result<(), RefusedToken> {
    if purpose == Purpose::Revocation {
        return Ok(());
    }
    if !(cx.accepts_issuer)(&raw.iss) {
        return Err(RefusedToken::OtherIssuer);
    }
    if purpose == Purpose::Logout {
        return Ok(());
    }
    refuse_out_of_time((raw.iat, raw.exp), cx.realm, cx.now)
}
