use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::{ClientId, SessionId, UserId};
use realm_model::Realm;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::issuing::REFRESH_ALGORITHM;
use crate::{BoundTo, KeyError, SignedToken, TokenIssuer};

/// Bytes of a token at the most; a longer one is not looked at.
pub const LONGEST_TOKEN: usize = 65_536;

/// Against what tokens are judged.
#[derive(Clone, Copy)]
pub struct VerifyContext<'a> {
    /// The realm.
    pub realm: &'a Arc<Realm>,
    /// The realm's issuer URL for this request.
    pub issuer: &'a str,
    /// Whether another issuer URL is the realm's too (hostname aliases), so that its tokens are as good.
    pub accepts_issuer: &'a (dyn Fn(&str) -> bool + Sync),
    /// The present.
    pub now: Timestamp,
}

/// Why a token is not accepted, in the order of the checks (wire.md section 1.8, rows 3 to 6).
#[derive(Debug, Error)]
pub enum RefusedToken {
    /// Nothing is known about the token: the keys could not be asked.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// Not a token of this realm: unreadable, too long, unsigned, signed otherwise.
    #[error("not a token of this realm")]
    Invalid,
    /// Signed by this realm, but of another `typ`.
    #[error("a token of another type")]
    OtherType,
    /// Another `iss`.
    #[error("another issuer")]
    OtherIssuer,
    /// `iat` before the realm's `notBefore`.
    #[error("issued before the realm's not-before")]
    Stale,
    /// `exp` is past.
    #[error("expired")]
    Expired,
}

/// Which of the two a refresh token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum RefreshKind {
    /// `typ` `Refresh`: of an online session.
    Refresh,
    /// `typ` `Offline`.
    Offline,
}

/// The claims of a refresh token that holds. Only [`TokenIssuer::verify_refresh_token`] makes one.
#[derive(Clone, Debug)]
pub struct RefreshClaims {
    /// `typ`
    pub kind: RefreshKind,
    /// `jti`
    pub id: String,
    /// `iat`, seconds since the epoch.
    pub issued: i64,
    /// `exp`, seconds since the epoch.
    pub expires: Option<i64>,
    /// `azp`: the client it was issued to.
    pub client_id: ClientId,
    /// `sub` as the client knows it: pairwise at some, none at lightweight ones. The user is found by the session.
    pub subject: Option<UserId>,
    /// `sid`
    pub session: SessionId,
    /// `scope`: all that was granted.
    pub scope: String,
    /// `reuse_id`
    pub reuse_id: Option<String>,
    /// `cnf`: what whoever shows it must hold.
    pub bound_to: BoundTo,
    /// `req-aud`
    pub requested_audience: Vec<ClientId>,
    /// `authorization`: what it grants at a resource server (UMA 2.0).
    pub authorization: Option<Value>,
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
    scope: String,
    #[serde(default)]
    reuse_id: Option<String>,
    #[serde(default)]
    cnf: BoundTo,
    #[serde(default, rename = "req-aud")]
    requested_audience: Vec<ClientId>,
    #[serde(default)]
    authorization: Option<Value>,
}

impl TokenIssuer {
    /// Checks a refresh or offline token, but not what it stands for: client, session and user are the caller's to judge.
    ///
    /// # Errors
    /// See [`RefusedToken`].
    pub async fn verify_refresh_token(&self, text: &str, cx: VerifyContext<'_>) -> Result<RefreshClaims, RefusedToken> {
        let signed = self.refuse_forged(text, cx.realm).await?;
        // A token of ours under another algorithm is an access or ID token; the key alone does not say so.
        if signed.algorithm != REFRESH_ALGORITHM {
            return Err(RefusedToken::OtherType);
        }
        let raw: RawClaims = serde_json::from_slice(&signed.claims).map_err(|_| RefusedToken::Invalid)?;
        let kind = match raw.typ.as_str() {
            "Refresh" => RefreshKind::Refresh,
            "Offline" => RefreshKind::Offline,
            _ => return Err(RefusedToken::OtherType),
        };
        refuse_out_of_time_or_place(&raw, &cx)?;
        Ok(RefreshClaims {
            kind,
            id: raw.jti,
            issued: raw.iat,
            expires: raw.exp,
            client_id: raw.azp,
            subject: raw.sub,
            session: raw.sid.ok_or(RefusedToken::Invalid)?,
            scope: raw.scope,
            reuse_id: raw.reuse_id,
            bound_to: raw.cnf,
            requested_audience: raw.requested_audience,
            authorization: raw.authorization,
        })
    }

    pub(crate) async fn refuse_forged(&self, text: &str, realm: &Arc<Realm>) -> Result<SignedToken, RefusedToken> {
        if text.len() > LONGEST_TOKEN {
            return Err(RefusedToken::Invalid);
        }
        self.keys.verify(realm, text).await?.ok_or(RefusedToken::Invalid)
    }
}

fn refuse_out_of_time_or_place(raw: &RawClaims, cx: &VerifyContext<'_>) -> Result<(), RefusedToken> {
    if raw.iss != cx.issuer && !(cx.accepts_issuer)(&raw.iss) {
        return Err(RefusedToken::OtherIssuer);
    }
    refuse_out_of_time((raw.iat, raw.exp), cx.realm, cx.now)
}

/// Judges `iat` and `exp` of a token, seconds since the epoch.
pub(crate) fn refuse_out_of_time(
    (issued, expires): (i64, Option<i64>),
    realm: &Realm,
    now: Timestamp,
) -> Result<(), RefusedToken> {
    if issued < realm.not_before {
        return Err(RefusedToken::Stale);
    }
    // Keycloak: the second of `exp` itself still counts.
    match expires {
        Some(expires) if now.secs() > expires => Err(RefusedToken::Expired),
        _ => Ok(()),
    }
}
