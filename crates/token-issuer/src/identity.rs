//! The token in the cookie `KEYCLOAK_IDENTITY`: who is logged in, in this browser (wire-browser.md section 3).

use ambient::Timestamp;
use oidc_types::{Secret, SessionId, UserId};
use serde::{Deserialize, Serialize};

use crate::issuing::REFRESH_ALGORITHM as ALGORITHM;
use crate::verify::refuse_out_of_time;
use crate::{InspectContext, MintContext, MintError, RefusedToken, TokenIssuer};

const TYPE: &str = "Serialized-ID";

/// Who is logged in. Only [`TokenIssuer::read_identity`] makes one of a cookie.
#[derive(Debug)]
pub struct Identity {
    /// The online session.
    pub session: SessionId,
    /// The user.
    pub user: UserId,
    /// When it was made: in whole seconds.
    pub issued: i64,
    /// What only pages of this browser know: a form that comes without it was made by somebody else.
    pub state_checker: Secret<String>,
}

#[derive(Deserialize, Serialize)]
struct Claims<'c> {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    exp: Option<i64>,
    iat: i64,
    jti: std::borrow::Cow<'c, str>,
    iss: std::borrow::Cow<'c, str>,
    sub: std::borrow::Cow<'c, str>,
    typ: std::borrow::Cow<'c, str>,
    sid: std::borrow::Cow<'c, str>,
    state_checker: std::borrow::Cow<'c, str>,
}

impl TokenIssuer {
    /// Signs who is logged in; `expires`: when the session ends at the latest.
    ///
    /// # Errors
    /// See [`MintError`].
    pub async fn sign_identity(
        &self,
        (session, user): (&SessionId, &UserId),
        expires: Option<Timestamp>,
        cx: MintContext<'_>,
    ) -> Result<String, MintError> {
        let claims = Claims {
            exp: expires.map(Timestamp::secs),
            iat: cx.now.secs(),
            jti: self.entropy.uuid().to_string().into(),
            iss: cx.issuer.into(),
            sub: user.as_str().into(),
            typ: TYPE.into(),
            sid: session.as_str().into(),
            state_checker: self.entropy.base64url(32).into(),
        };
        Ok(self.keys.sign(cx.realm, ALGORITHM, "JWT", &serde_json::to_vec(&claims)?).await?)
    }

    /// Reads such a token. No other token of the realm is taken for one (CVE-2023-0657).
    ///
    /// # Errors
    /// See [`RefusedToken`].
    pub async fn read_identity(&self, text: &str, cx: InspectContext<'_>) -> Result<Identity, RefusedToken> {
        let signed = self.refuse_forged(text, cx.realm).await?;
        if signed.algorithm != ALGORITHM {
            return Err(RefusedToken::OtherType);
        }
        let claims: Claims<'_> = serde_json::from_slice(&signed.claims).map_err(|_| RefusedToken::Invalid)?;
        if claims.typ != TYPE {
            return Err(RefusedToken::OtherType);
        }
        if !(cx.accepts_issuer)(&claims.iss) {
            return Err(RefusedToken::OtherIssuer);
        }
        refuse_out_of_time((claims.iat, claims.exp), cx.realm, cx.now)?;
        Ok(Identity {
            session: (&*claims.sid).into(),
            user: (&*claims.sub).into(),
            issued: claims.iat,
            state_checker: Secret::new(claims.state_checker.into_owned()),
        })
    }
}
