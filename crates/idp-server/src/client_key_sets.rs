//! The keys of clients, which client-auth has and token-issuer encrypts to.

use std::sync::Arc;

use ambient::Timestamp;
use async_trait::async_trait;
use client_auth::ClientAuth;
use key_rotation::{Algorithm, PublicKeySet};
use oidc_types::RealmName;
use realm_model::Client;
use token_issuer::{ClientKeySets, KeyError};

/// Those that client authentication has at hand.
pub(crate) struct KeysOfClients(pub(crate) ClientAuth);

#[async_trait]
impl ClientKeySets for KeysOfClients {
    async fn for_encryption(
        &self,
        of: (&RealmName, &Arc<Client>),
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Arc<PublicKeySet>, KeyError> {
        let found = self.0.encryption_keys(of, algorithm, now).await;
        found.map_err(|error| KeyError::NoRecipient(of.1.client_id.clone(), error.to_string()))
    }
}
