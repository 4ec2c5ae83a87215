//! What goes to a client through the browser: tokens beside or instead of a code (OpenID Connect Core sections 3.2 and 3.3), and
//! the answer itself as a token (JARM).

use ambient::Entropy;
use realm_model::Client;
use serde_json::{Map, Value};

use crate::encryption::{Content, Encryption};
use crate::issuing::{Issuing, default_algorithm};
use crate::{Issue, MintContext, MintError, TokenIssuer};

/// What an answer through the browser is to have.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrontChannel<'a> {
    /// An access token (`response_type` has `token`).
    pub access_token: bool,
    /// An ID token (`response_type` has `id_token`).
    pub id_token: bool,
    /// The code beside them: the ID token tells its hash.
    pub code: Option<&'a str>,
    /// `state` of the request: the ID token tells its hash (FAPI 1.0 Advanced section 5.2.2.1).
    pub state: Option<&'a str>,
}

/// Tokens that go through the browser. Not `Debug`: they are secret.
pub struct FrontChannelTokens {
    /// `access_token`, `token_type` and `expires_in` in seconds.
    pub access_token: Option<(String, &'static str, i64)>,
    /// `id_token`
    pub id_token: Option<String>,
}

/// What an ID token tells the hashes of.
#[derive(Clone, Copy, Default)]
pub(crate) struct Hashed<'a> {
    pub(crate) access_token: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) state: Option<&'a str>,
}

impl Issuing<'_> {
    /// The tokens of an answer through the browser. Keycloak: an ID token comes without the scope `openid`, too (recording
    /// implicit-and-hybrid/token-without-openid).
    pub(crate) async fn mint_front_channel(
        &self,
        wanted: FrontChannel<'_>,
        entropy: &dyn Entropy,
    ) -> Result<FrontChannelTokens, MintError> {
        let access_token = match wanted.access_token {
            true => {
                let id = self.access_token_id(entropy);
                Some(self.access_token(&self.access_claims(&id)).await?)
            }
            false => None,
        };
        let hashed = Hashed { access_token: access_token.as_deref(), code: wanted.code, state: wanted.state };
        let id_token = match wanted.id_token {
            true => Some(self.id_token(entropy, hashed).await?),
            false => None,
        };
        let expires_in = self.expires - self.cx.now.secs();
        let access_token = access_token.map(|token| (token, self.token_type(), expires_in));
        Ok(FrontChannelTokens { access_token, id_token })
    }
}

impl TokenIssuer {
    /// Makes the tokens of `issue` that `wanted` names; never a refresh token (RFC 6749 section 4.2.2).
    ///
    /// # Errors
    /// [`MintError`] where the realm has no key for an algorithm that the client asks for.
    pub async fn mint_front_channel(
        &self,
        issue: &Issue,
        wanted: FrontChannel<'_>,
        cx: MintContext<'_>,
    ) -> Result<FrontChannelTokens, MintError> {
        let (plan, told) = self.plans_of(issue, cx.realm);
        Issuing::new(issue, cx, (&plan, &told), self).mint_front_channel(wanted, &*self.entropy).await
    }

    /// The answer of an authorization request as a signed, perhaps encrypted, token (JARM section 2.1): its parameters, and who says
    /// it to whom until when. Keycloak: every parameter is a text, `iat` is left out (recording implicit-and-hybrid/token-jwt).
    ///
    /// # Errors
    /// [`MintError`] where there is no key for an algorithm that the client asks for.
    pub async fn sign_authorization_response(
        &self,
        client: &std::sync::Arc<Client>,
        parameters: &[(&str, &str)],
        cx: MintContext<'_>,
    ) -> Result<String, MintError> {
        let mut claims: Map<String, Value> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        claims.insert("iss".to_owned(), cx.issuer.into());
        claims.insert("aud".to_owned(), client.client_id.as_str().into());
        let lifespan = cx.realm.login.access_code_lifespan.max(1);
        claims.insert("exp".to_owned(), cx.now.plus_secs(lifespan).secs().into());
        let wanted = client.attribute("authorization.signed.response.alg").filter(|name| !name.is_empty());
        let algorithm = wanted.or(default_algorithm(cx.realm)).unwrap_or("RS256");
        let signed = self.keys.sign(cx.realm, algorithm, "JWT", &serde_json::to_vec(&claims)?).await?;
        match Encryption::of_authorization_responses(client) {
            None => Ok(signed),
            Some(encryption) => Ok(self.encrypt((&**cx.realm, client), encryption, Content::Jwt(&signed), cx.now).await?),
        }
    }
}
