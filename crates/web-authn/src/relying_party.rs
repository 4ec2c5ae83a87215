use std::sync::Arc;

use realm_model::WebAuthnPolicy;
use sha2::{Digest, Sha256};
use url::Url;

use crate::cose::Algorithm;
use crate::error::WebAuthnError;

/// A realm as authenticators know it: its policy, and the origin under which browsers see it.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    policy: Arc<WebAuthnPolicy>,
    origin: String,
    host: String,
}

impl RelyingParty {
    /// With this policy, where browsers see pages under `base` (a URL; only scheme, host and port count). `None`: no such URL.
    pub fn new(policy: Arc<WebAuthnPolicy>, base: &str) -> Option<Self> {
        let url = Url::parse(base).ok()?;
        let origin = url.origin();
        let host = url.host_str()?.to_owned();
        origin.is_tuple().then(|| Self { policy, origin: origin.ascii_serialization(), host })
    }

    /// What is asked of authenticators.
    pub fn policy(&self) -> &WebAuthnPolicy {
        &self.policy
    }

    /// The relying party id: the policy's, else the host.
    pub fn id(&self) -> &str {
        self.policy.rp_id.as_deref().filter(|id| !id.is_empty()).unwrap_or(&self.host)
    }

    /// The algorithms that the policy takes, by their COSE numbers, the best liked first; ES256 and RS256 where it names none.
    pub fn algorithms(&self) -> Vec<i32> {
        let named = self.policy.signature_algorithms.iter().filter_map(|name| Algorithm::of_name(name));
        let all: Vec<i32> = named.map(Algorithm::number).collect();
        if all.is_empty() { vec![Algorithm::Es256.number(), Algorithm::Rs256.number()] } else { all }
    }

    pub(crate) fn takes(&self, algorithm: Algorithm) -> bool {
        self.algorithms().contains(&algorithm.number())
    }

    /// Only whole origins count, with scheme and port; `ExtraOrigins` beside our own (apps have such as `android:apk-key-hash:…`).
    pub(crate) fn refuse_other_origin(&self, origin: &str) -> Result<(), WebAuthnError> {
        let extra = self.policy.extra_origins.iter().any(|extra| extra.trim_end_matches('/') == origin);
        if origin == self.origin || extra { Ok(()) } else { Err(WebAuthnError::OtherOrigin) }
    }

    pub(crate) fn refuse_other_id(&self, hash: &[u8; 32]) -> Result<(), WebAuthnError> {
        let own: [u8; 32] = Sha256::digest(self.id().as_bytes()).into();
        if own == *hash { Ok(()) } else { Err(WebAuthnError::OtherRelyingParty) }
    }

    /// Keycloak: a policy that says nothing prefers verification, which demands nothing.
    pub(crate) fn demands_verification(&self) -> bool {
        self.policy.user_verification.as_deref() == Some("required")
    }

    /// Whether the policy asks for a statement of what the authenticator is.
    pub(crate) fn demands_attestation(&self) -> bool {
        self.policy.attestation_conveyance_preference.as_deref().is_some_and(|asked| asked != "none")
    }
}
