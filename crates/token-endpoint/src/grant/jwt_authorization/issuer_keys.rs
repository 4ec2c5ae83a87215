//! The keys of identity providers: each read once, not once for every assertion.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use ambient::Timestamp;
use client_auth::{ClientAuth, KeysAt, Signed};
use key_rotation::{Algorithm, ParsedJws, VerificationKey};
use realm_model::IdentityProvider;

/// Keys held at the most; past it all are dropped and read anew when needed.
const MOST: usize = 1024;

/// The text of a key and the algorithm that its provider wants.
type KeyText = (String, Option<String>);

/// Verifies what identity providers sign.
#[derive(Default)]
pub(crate) struct IssuerKeys {
    configured: RwLock<HashMap<KeyText, Option<Arc<VerificationKey>>>>,
    /// By whom keys at URLs are fetched and kept.
    remote: Option<ClientAuth>,
}

impl IssuerKeys {
    pub(crate) fn over(remote: ClientAuth) -> Self {
        Self { remote: Some(remote), ..Self::default() }
    }

    /// Whether the signature of `parsed` is one of `provider` under `algorithm`.
    pub(crate) async fn verifies(
        &self,
        provider: &IdentityProvider,
        algorithm: Algorithm,
        parsed: &ParsedJws<'_>,
        now: Timestamp,
    ) -> bool {
        if provider.is_on("useJwksUrl") {
            return self.verifies_at_url(provider, algorithm, parsed, now).await;
        }
        let of_other_name = |kid: &str| parsed.kid.as_deref().is_some_and(|named| named != kid);
        if provider.value("publicKeySignatureVerifierKeyId").is_some_and(of_other_name) {
            return false;
        }
        let key = self.configured(provider).filter(|key| key.algorithm() == algorithm);
        key.is_some_and(|key| key.verifies(parsed.signing_input, &parsed.signature))
    }

    async fn verifies_at_url(
        &self,
        provider: &IdentityProvider,
        algorithm: Algorithm,
        parsed: &ParsedJws<'_>,
        now: Timestamp,
    ) -> bool {
        let (Some(remote), Some(url)) = (&self.remote, provider.value("jwksUrl")) else { return false };
        let (kid, input, signature) = (parsed.kid.as_deref(), parsed.signing_input, parsed.signature.as_slice());
        let verified = remote.verify_at(KeysAt::Url(url), Signed { kid, algorithm, input, signature }, now).await;
        verified.inspect_err(|error| log::info!("identity provider {}: {error}", provider.alias)).is_ok()
    }

    /// The key in the provider's configuration.
    fn configured(&self, provider: &IdentityProvider) -> Option<Arc<VerificationKey>> {
        let text = provider.value("publicKeySignatureVerifier")?;
        let wanted = provider.value("jwtAuthorizationGrantAssertionSignatureAlg");
        let name = (text.to_owned(), wanted.map(str::to_owned));
        if let Some(known) = self.configured.read().unwrap_or_else(PoisonError::into_inner).get(&name) {
            return known.clone();
        }
        let key = read(text, wanted).map(Arc::new);
        if key.is_none() {
            log::warn!("identity provider {}: publicKeySignatureVerifier is no public key that can be used", provider.alias);
        }
        let mut known = self.configured.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(name, key.clone());
        key
    }
}

/// A key for the algorithm that its provider wants, else for the usual one of its kind: a key serves one algorithm.
fn read(text: &str, wanted: Option<&str>) -> Option<VerificationKey> {
    const USUAL: [Algorithm; 5] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::EdDsa];
    let read = |algorithm| VerificationKey::from_public_text(algorithm, text).ok().flatten();
    match wanted {
        Some(wanted) => Algorithm::parse(wanted).and_then(read),
        None => USUAL.into_iter().find_map(read),
    }
}
