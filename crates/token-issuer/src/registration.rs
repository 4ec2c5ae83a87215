//! Tokens of client registration: initial access tokens (RFC 7591 section 3) and registration access tokens (RFC 7592).

use oidc_types::ClientId;
use serde::{Deserialize, Serialize};

use crate::issuing::REFRESH_ALGORITHM as ALGORITHM;
use crate::verify::refuse_out_of_time;
use crate::{InspectContext, InspectedToken, MintContext, MintError, RefusedToken, TokenIssuer};

const INITIAL: &str = "InitialAccessToken";
const REGISTRATION: &str = "RegistrationAccessToken";

/// Who registered a client: `registration_auth` of its registration access token. Says which policies hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationAuth {
    /// Somebody without any token.
    Anonymous,
    /// The bearer of an initial access token or of a role.
    Authenticated,
}

/// A token that may come to client registration. Only [`TokenIssuer::read_registration_token`] makes one.
#[derive(Clone, Debug)]
pub enum RegistrationToken {
    /// An initial access token with this id.
    Initial {
        /// `jti`
        id: String,
    },
    /// A registration access token.
    Registration {
        /// `jti`: that of its client's last one, or it is good for nothing.
        id: String,
        /// `registration_auth`
        auth: RegistrationAuth,
    },
    /// An access token: what it may is the caller's to judge.
    Access,
}

#[derive(Deserialize)]
struct RawClaims {
    #[serde(default)]
    exp: Option<i64>,
    iat: i64,
    jti: String,
    iss: String,
    typ: String,
    #[serde(default)]
    registration_auth: Option<RegistrationAuth>,
}

#[derive(Serialize)]
struct Claims<'c> {
    exp: i64,
    iat: i64,
    jti: &'c str,
    iss: &'c str,
    aud: &'c str,
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_auth: Option<RegistrationAuth>,
    #[serde(rename = "allowed-origins", skip_serializing_if = "Option::is_none")]
    allowed_origins: Option<&'c [String]>,
}

impl TokenIssuer {
    /// Reads a bearer token of client registration.
    ///
    /// # Errors
    /// See [`RefusedToken`]; [`RefusedToken::OtherType`] for a token of this realm that is for something else.
    pub async fn read_registration_token(&self, text: &str, cx: InspectContext<'_>) -> Result<RegistrationToken, RefusedToken> {
        let signed = self.refuse_forged(text, cx.realm).await?;
        let raw: RawClaims = serde_json::from_slice(&signed.claims).map_err(|_| RefusedToken::Invalid)?;
        if !(cx.accepts_issuer)(&raw.iss) {
            return Err(RefusedToken::OtherIssuer);
        }
        // Keycloak: 0 is never (recordings dynamic-registration/*).
        refuse_out_of_time((raw.iat, raw.exp.filter(|exp| *exp != 0)), cx.realm, cx.now)?;
        // The key alone does not say what a token is for, so that its algorithm must fit, too.
        match (raw.typ.as_str(), signed.algorithm == ALGORITHM) {
            (INITIAL, true) => Ok(RegistrationToken::Initial { id: raw.jti }),
            (REGISTRATION, true) => {
                let auth = raw.registration_auth.unwrap_or(RegistrationAuth::Anonymous);
                Ok(RegistrationToken::Registration { id: raw.jti, auth })
            }
            ("Bearer", false) => Ok(RegistrationToken::Access),
            _ => Err(RefusedToken::OtherType),
        }
    }

    /// Signs an initial access token; `expires` in seconds since the epoch, 0: never.
    ///
    /// # Errors
    /// See [`MintError`].
    pub async fn sign_initial_access_token(&self, (id, expires): (&str, i64), cx: MintContext<'_>) -> Result<String, MintError> {
        self.sign_registration((id, expires, INITIAL), (None, None), cx).await
    }

    /// Signs a registration access token with this id, for browsers of these origins; Keycloak: one of the Admin API says nothing
    /// of them (recording admin-clients/registration-access-token).
    ///
    /// # Errors
    /// See [`MintError`].
    pub async fn sign_registration_access_token(
        &self,
        (id, origins): (&str, Option<&[String]>),
        auth: RegistrationAuth,
        cx: MintContext<'_>,
    ) -> Result<String, MintError> {
        self.sign_registration((id, 0, REGISTRATION), (Some(auth), origins), cx).await
    }

    async fn sign_registration(
        &self,
        (id, expires, typ): (&str, i64, &'static str),
        (registration_auth, allowed_origins): (Option<RegistrationAuth>, Option<&[String]>),
        cx: MintContext<'_>,
    ) -> Result<String, MintError> {
        let claims = Claims {
            exp: expires,
            iat: cx.now.secs(),
            jti: id,
            iss: cx.issuer,
            aud: cx.issuer,
            typ,
            registration_auth,
            allowed_origins,
        };
        Ok(self.keys.sign(cx.realm, ALGORITHM, "JWT", &serde_json::to_vec(&claims)?).await?)
    }
}

impl InspectedToken {
    /// Whether the token itself carries this role of this client (`resource_access`).
    pub fn carries_client_role(&self, client: &ClientId, role: &str) -> bool {
        let roles = self.claims().get("resource_access").and_then(|access| access.get(client.as_str()));
        let roles = roles.and_then(|of| of.get("roles")).and_then(serde_json::Value::as_array);
        roles.into_iter().flatten().any(|name| name.as_str() == Some(role))
    }
}
