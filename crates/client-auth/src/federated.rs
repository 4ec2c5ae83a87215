//! Clients about whom an identity provider speaks: workloads of a cluster, clients of another server (`federated-jwt`).

use std::sync::Arc;

use realm_model::{Client, ClientAuthenticator, IdentityProvider, Realm};

use crate::assertion::Claims;
use crate::lifetime::Lifetime;
use crate::remote_keys::KeysAt;

/// The client's attributes: alias of the provider, and the subject by which it knows the client.
const PROVIDER: &str = "jwt.credential.issuer";
const SUBJECT: &str = "jwt.credential.sub";

/// What an identity provider may say, by its kind. Keycloak: measured on 26.7.4.
pub(crate) struct Provider<'a> {
    provider: &'a IdentityProvider,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `oidc`, `keycloak-oidc` with `supportsClientAssertions`.
    Oidc,
    /// `kubernetes`: tokens of service accounts, used again and again until they expire.
    Kubernetes,
}

impl<'a> Provider<'a> {
    /// The enabled provider of this issuer that vouches for clients.
    fn of_issuer(realm: &'a Realm, issuer: &str) -> Option<Self> {
        let enabled = realm.identity_providers.iter().filter(|provider| provider.enabled);
        let mut issuing = enabled.filter(|provider| provider.value("issuer") == Some(issuer));
        issuing.find_map(|provider| {
            let kind = match provider.provider_id.as_str() {
                "kubernetes" => Kind::Kubernetes,
                "oidc" | "keycloak-oidc" if provider.is_on("supportsClientAssertions") => Kind::Oidc,
                _ => return None,
            };
            Some(Self { provider, kind })
        })
    }

    /// The provider that issued these claims and the client that they are about.
    pub(crate) fn and_client(realm: &'a Realm, claims: &Claims) -> Option<(Self, &'a Arc<Client>)> {
        let provider = Self::of_issuer(realm, claims.issuer.as_deref()?)?;
        // Keycloak: who speaks about itself is a client, never a provider (measured on 26.7.4).
        let subject = claims.subject.as_deref().filter(|subject| claims.issuer.as_deref() != Some(*subject))?;
        let about = |client: &&Arc<Client>| {
            client.authenticator == ClientAuthenticator::FederatedJwt
                && !client.public
                && client.attribute(SUBJECT) == Some(subject)
                && client.attribute(PROVIDER) == Some(&*provider.provider.alias)
        };
        let client = realm.clients.values().find(about)?;
        Some((provider, client))
    }

    /// Where its keys are.
    pub(crate) fn keys(&self) -> Option<KeysAt<'a>> {
        match self.kind {
            Kind::Kubernetes => self.provider.value("issuer").map(KeysAt::Issuer),
            Kind::Oidc => self.provider.value("jwksUrl").filter(|_| self.provider.is_on("useJwksUrl")).map(KeysAt::Url),
        }
    }

    pub(crate) fn lifetime(&self) -> Lifetime {
        let longest = if self.kind == Kind::Kubernetes { 3600 } else { 300 };
        Lifetime { longest, ahead: 0 }
    }

    /// Whether an assertion serves once alone.
    pub(crate) fn is_single_use(&self) -> bool {
        self.kind == Kind::Oidc && !self.provider.is_on("supportsClientAssertionReuse")
    }
}
