//! The token that an authentication channel (CIBA) is given, to show it with the user's answer.

use ambient::Timestamp;
use oidc_types::{ClientId, UserId};
use realm_model::Client;
use serde::{Deserialize, Serialize};

use crate::issuing::access_algorithm;
use crate::verify::refuse_out_of_time;
use crate::{MintContext, MintError, RefusedToken, TokenIssuer, VerifyContext};

const TYP: &str = "Bearer";

/// What a channel is asked.
#[derive(Clone, Copy, Debug)]
pub struct ChannelRequest<'a> {
    /// Which request this is: `jti`.
    pub id: &'a str,
    /// Who wants the user to answer.
    pub client: &'a Client,
    /// Who is to answer.
    pub user: &'a UserId,
    /// Until when.
    pub expires: Timestamp,
}

/// The claims of a channel token that holds. Only [`TokenIssuer::verify_channel_token`] makes one.
#[derive(Clone, Debug)]
pub struct ChannelClaims {
    /// `jti`: which request is answered.
    pub id: String,
    /// `azp`
    pub client_id: ClientId,
}

/// Keycloak: recording ciba/start, in its order.
#[derive(Serialize)]
struct Written<'a> {
    exp: i64,
    iat: i64,
    jti: &'a str,
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    typ: &'static str,
    azp: &'a str,
}

#[derive(Deserialize)]
struct Read {
    exp: i64,
    iat: i64,
    jti: String,
    iss: String,
    aud: String,
    typ: String,
    azp: ClientId,
}

impl TokenIssuer {
    /// Signs the token of `request`: good for its answer and nothing else, for its audience is this server.
    ///
    /// # Errors
    /// [`MintError`] where the realm has no key for the client's algorithm.
    pub async fn sign_channel_token(&self, request: ChannelRequest<'_>, cx: MintContext<'_>) -> Result<String, MintError> {
        let claims = serde_json::to_vec(&Written {
            exp: request.expires.secs(),
            iat: cx.now.secs(),
            jti: request.id,
            iss: cx.issuer,
            aud: cx.issuer,
            sub: request.user.as_str(),
            typ: TYP,
            azp: request.client.client_id.as_str(),
        })?;
        let algorithm = access_algorithm(request.client, cx.realm);
        Ok(self.keys.sign(cx.realm, algorithm, "JWT", &claims).await?)
    }

    /// Checks a channel token. Access tokens are none: their audience is not this server.
    ///
    /// # Errors
    /// See [`RefusedToken`].
    pub async fn verify_channel_token(&self, text: &str, cx: VerifyContext<'_>) -> Result<ChannelClaims, RefusedToken> {
        let signed = self.refuse_forged(text, cx.realm).await?;
        let read: Read = serde_json::from_slice(&signed.claims).map_err(|_| RefusedToken::Invalid)?;
        if read.typ != TYP {
            return Err(RefusedToken::OtherType);
        }
        let is_ours = |issuer: &str| issuer == cx.issuer || (cx.accepts_issuer)(issuer);
        if !is_ours(&read.iss) || read.aud != read.iss {
            return Err(RefusedToken::OtherIssuer);
        }
        refuse_out_of_time((read.iat, Some(read.exp)), cx.realm, cx.now)?;
        Ok(ChannelClaims { id: read.jti, client_id: read.azp })
    }
}
