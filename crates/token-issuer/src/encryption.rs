//! Tokens and answers that a client wants encrypted (OpenID Connect Core sections 2, 5.3.2 and 10.2).

use std::sync::Arc;

use ambient::Timestamp;
use async_trait::async_trait;
use key_rotation::{Algorithm, ContentEncryption, PublicKeySet, encrypt_compact};
use oidc_types::RealmName;
use realm_model::{Client, Realm};

use crate::{KeyError, TokenIssuer};

/// `…encrypted.response.enc` where a client does not say (OpenID Connect Registration section 2).
const DEFAULT_CONTENT_ENCRYPTION: &str = "A128CBC-HS256";

/// The public keys that clients declare, as token-issuer uses them.
#[async_trait]
pub trait ClientKeySets: Send + Sync {
    /// The keys of `client` of `realm`, one for encryption with `algorithm` among them.
    ///
    /// # Errors
    /// [`KeyError::NoRecipient`]
    async fn for_encryption(
        &self,
        of: (&RealmName, &Arc<Client>),
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Arc<PublicKeySet>, KeyError>;
}

/// How a client wants something encrypted: two of its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encryption<'a> {
    algorithm: &'a str,
    content: &'a str,
}

impl<'a> Encryption<'a> {
    /// `id.token.encrypted.response.*`
    pub(crate) fn of_id_tokens(client: &'a Client) -> Option<Self> {
        Self::of(client, "id.token.encrypted.response.alg", "id.token.encrypted.response.enc")
    }

    /// `user.info.encrypted.response.*`
    pub(crate) fn of_userinfo(client: &'a Client) -> Option<Self> {
        Self::of(client, "user.info.encrypted.response.alg", "user.info.encrypted.response.enc")
    }

    /// `authorization.encrypted.response.*` (JARM section 3)
    pub(crate) fn of_authorization_responses(client: &'a Client) -> Option<Self> {
        Self::of(client, "authorization.encrypted.response.alg", "authorization.encrypted.response.enc")
    }

    /// Keycloak: `alg` alone decides (measured on 26.7.4).
    fn of(client: &'a Client, alg: &str, enc: &str) -> Option<Self> {
        let content = client.attribute(enc).unwrap_or(DEFAULT_CONTENT_ENCRYPTION);
        Some(Self { algorithm: client.attribute(alg)?, content })
    }
}

/// What is encrypted.
pub(crate) enum Content<'a> {
    /// A signed token; the header says so (RFC 7519 section 5.2).
    Jwt(&'a str),
    Json(&'a [u8]),
}

impl TokenIssuer {
    /// `content` as a JWE to `client`.
    pub(crate) async fn encrypt(
        &self,
        (realm, client): (&Realm, &Arc<Client>),
        encryption: Encryption<'_>,
        content: Content<'_>,
        now: Timestamp,
    ) -> Result<String, KeyError> {
        let none = |why: String| KeyError::NoRecipient(client.client_id.clone(), why);
        let algorithm = Algorithm::parse(encryption.algorithm).ok_or_else(|| none("an unknown algorithm".to_owned()))?;
        let enc = ContentEncryption::parse(encryption.content).ok_or_else(|| none("an unknown encryption".to_owned()))?;
        let sets = self.client_keys.as_ref().ok_or_else(|| none("no keys of clients are known".to_owned()))?;
        let keys = sets.for_encryption((&realm.name, client), algorithm, now).await?;
        let recipient = keys.recipient(algorithm).ok_or_else(|| none("no key for it".to_owned()))?;
        let (cty, payload) = match content {
            Content::Jwt(token) => (Some("JWT"), token.as_bytes()),
            Content::Json(json) => (None, json),
        };
        encrypt_compact(recipient, enc, cty, payload).map_err(|fault| none(fault.to_string()))
    }
}
