use std::sync::Arc;

use ambient::{Clock, Entropy, Timestamp};
use oidc_types::{ErrorCode, OAuthError};
use realm_model::{Realm, SslRequired};

use crate::arrival::{Arrival, Scheme};
use crate::certificate::PeerCertificate;
use crate::cors::Cors;
use crate::hostname::{BaseUrls, Hostname, origin_of};

/// Where realms are found. Called for every request: in memory, and never slow.
pub trait Realms: Send + Sync {
    /// The realm of this name, whether enabled or not.
    fn realm(&self, name: &str) -> Option<Arc<Realm>>;

    /// The realm whose attribute `latchkey.token-path` is `path`: asked for paths outside `/realms`.
    fn realm_of_token_path(&self, path: &str) -> Option<Arc<Realm>> {
        let _ = path;
        None
    }
}

impl Realms for realm_store::RealmStore {
    fn realm(&self, name: &str) -> Option<Arc<Realm>> {
        Self::realm(self, name)
    }

    fn realm_of_token_path(&self, path: &str) -> Option<Arc<Realm>> {
        Self::realm_of_token_path(self, path)
    }
}

/// What all realm routes share; made once, by the binary.
#[derive(Clone)]
pub struct RealmHttp {
    /// The realms.
    pub realms: Arc<dyn Realms>,
    /// Under which URLs the server is known.
    pub hostname: Arc<Hostname>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// One request to one realm: what every endpoint needs to know of it.
pub struct RealmContext {
    /// The snapshot of the realm that this request sees.
    pub realm: Arc<Realm>,
    /// When the request came; read once.
    pub now: Timestamp,
    /// Where it came from and to.
    pub arrival: Arrival,
    /// The base URLs.
    pub bases: BaseUrls,
    /// Its `Origin`, and what the answer says about it.
    pub cors: Cors,
    /// The path by which it came, where that is the realm's own token path (`latchkey.token-path`) and not Keycloak's.
    pub token_path: Option<String>,
    /// The certificate by which the client showed itself, if it did (RFC 8705).
    pub certificate: Option<PeerCertificate>,
    shared: RealmHttp,
}

/// `/realms/{name}`, percent-encoded where the name needs it.
pub(crate) fn realm_path(name: &str) -> String {
    const SEGMENT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b'$');
    format!("/realms/{}", percent_encoding::utf8_percent_encode(name, SEGMENT))
}

impl RealmContext {
    /// For a request to `realm` that arrived as `arrival` says, with this `Origin`.
    pub fn new(shared: &RealmHttp, realm: Arc<Realm>, arrival: Arrival, origin: Option<&str>) -> Self {
        let bases = shared.hostname.bases(Some(&realm), &arrival);
        let own = match origin {
            None => Vec::new(),
            Some(_) => vec![arrival.origin(), origin_of(&bases.front).to_owned()],
        };
        let (now, cors) = (shared.clock.now(), Cors::new(origin, own));
        Self { realm, now, arrival, bases, cors, token_path: None, certificate: None, shared: shared.clone() }
    }

    /// The issuer of this request: `{base}/realms/{realm}`, the `iss` of what is issued now.
    pub fn issuer(&self) -> String {
        self.bases.front.clone() + &realm_path(self.realm.name.as_str())
    }

    /// The path of the realm's cookies: `/realms/acme/`, below the relative path.
    pub fn cookie_path(&self) -> String {
        let issuer = self.issuer();
        let path = issuer.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
        format!("{}/", path.unwrap_or_default())
    }

    /// Whether a browser takes `Secure` cookies from here: over https, and over plain http from the machine itself.
    pub fn is_secure_context(&self) -> bool {
        self.arrival.scheme == Scheme::Https || self.arrival.names_this_machine()
    }

    /// The realm's URL for services: the issuer, unless `--hostname-backchannel-dynamic`.
    pub fn back_url(&self) -> String {
        self.bases.back.clone() + &realm_path(self.realm.name.as_str())
    }

    /// Whether a token with this `iss` belongs to this realm: its issuer as asked, or one of its aliases.
    pub fn accepts_issuer(&self, issuer: &str) -> bool {
        self.shared.hostname.accepts_issuer(&self.realm, &self.arrival, issuer)
    }

    /// Randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        self.shared.entropy.as_ref()
    }

    /// Refuses plain http where the realm's `sslRequired` demands https of this peer.
    ///
    /// # Errors
    /// 403 `HTTPS required`. Keycloak: recording errors-http/https-required.
    pub fn refuse_plain_http(&self) -> Result<(), OAuthError> {
        let fine = match self.realm.ssl_required {
            _ if self.arrival.scheme == Scheme::Https => true,
            SslRequired::None => true,
            SslRequired::External => self.arrival.is_from_nearby(),
            SslRequired::All => false,
        };
        if fine { Ok(()) } else { Err(OAuthError::new(403, ErrorCode::InvalidRequest, "HTTPS required")) }
    }

    /// Refuses a realm that is switched off.
    ///
    /// # Errors
    /// 403 `Realm not enabled`. Keycloak: recording errors-http/disabled-realm.
    pub fn refuse_disabled_realm(&self) -> Result<(), OAuthError> {
        if self.realm.enabled { Ok(()) } else { Err(OAuthError::new(403, ErrorCode::AccessDenied, "Realm not enabled")) }
    }
}
