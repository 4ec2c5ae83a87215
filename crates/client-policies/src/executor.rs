//! What holds where a policy applies.

use regex_lite::Regex;
use serde_json::Value;

use crate::authorization::SignedRules;
use crate::redirect_uris::RedirectRules;
use crate::view::Config;

/// The executors that are known here. Of Keycloak 26.7 only `intent-client-bind-checker` and `tls-client-auth-ca-subject-dn` are missing.
pub use realm_model::lint::CLIENT_POLICY_EXECUTORS as EXECUTORS;

/// Signature algorithms that FAPI takes.
pub(crate) const SECURE_ALGORITHMS: [&str; 6] = ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

/// Whether a client is set right, where it is not, instead of being refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Configures {
    Yes,
    No,
}

/// An executor with its configuration.
pub(crate) enum Executor {
    ConfidentialClient,
    ConsentRequired(Configures),
    DownscopeAssertion,
    DpopBind {
        configures: Configures,
        binds_code: bool,
    },
    FullScopeDisabled(Configures),
    HolderOfKey(Configures),
    JwtClaim {
        name: String,
        allowed: Option<Regex>,
    },
    KeepRegistrationToken,
    LightweightAccessToken,
    Pkce(Configures),
    RejectImplicit(Configures),
    RejectPassword(Configures),
    RejectRequest,
    SecureAssertion,
    SecureCibaAlgorithm {
        default: Option<String>,
    },
    SecureCibaSession,
    SecureCibaSigned {
        available: i64,
    },
    SecureClientAuthenticator {
        allowed: Vec<String>,
        default: Option<String>,
    },
    SecureClientUris,
    SecureClientUrisPattern {
        allowed: Vec<Regex>,
        fields: Vec<String>,
    },
    SecureLogout {
        allows_front_channel: bool,
    },
    SecurePar,
    SecureRedirectUris(RedirectRules),
    SecureRequestObject(SignedRules),
    SecureResponseType {
        configures: Configures,
        allows_token: bool,
    },
    SecureSession,
    SecureSignature {
        default: Option<String>,
    },
    SecureSignedJwt {
        required: bool,
    },
    SuppressRotation,
    /// Nothing of it is done without a browser, or for this protocol.
    Elsewhere,
    /// Not known here: refuses.
    Unknown,
}

impl Executor {
    /// Reads one by its name.
    pub(crate) fn read(name: &str, given: &Value) -> Self {
        let config = Config::of(given);
        let configures = if config.is_on("auto-configure") { Configures::Yes } else { Configures::No };
        let default = || config.text("default-algorithm").map(str::to_owned);
        match name {
            "confidential-client" => Self::ConfidentialClient,
            "consent-required" => Self::ConsentRequired(configures),
            "downscope-assertion-grant-enforcer" => Self::DownscopeAssertion,
            "dpop-bind-enforcer" => {
                Self::DpopBind { configures, binds_code: config.is_on("enforce-authorization-code-binding-to-dpop") }
            }
            "full-scope-disabled" => Self::FullScopeDisabled(configures),
            "holder-of-key-enforcer" => Self::HolderOfKey(configures),
            "jwt-claim-enforcer" => jwt_claim(&config),
            "registration-access-token-rotation-disabled" => Self::KeepRegistrationToken,
            "use-lightweight-access-token" => Self::LightweightAccessToken,
            "pkce-enforcer" => Self::Pkce(configures),
            "reject-implicit-grant" => Self::RejectImplicit(configures),
            "reject-ropc-grant" => Self::RejectPassword(configures),
            "reject-request" => Self::RejectRequest,
            "suppress-refresh-token-rotation" => Self::SuppressRotation,
            "secure-ciba-req-sig-algorithm" => Self::SecureCibaAlgorithm { default: default() },
            "secure-signature-algorithm" => Self::SecureSignature { default: default() },
            "auth-flow-enforcer" | "saml-avoid-redirect" | "saml-secure-client-uris" | "saml-signature-enforcer" => {
                Self::Elsewhere
            }
            name => Self::secure(name, &config, configures),
        }
    }

    fn secure(name: &str, config: &Config<'_>, configures: Configures) -> Self {
        match name {
            "secure-ciba-session" => Self::SecureCibaSession,
            "secure-ciba-signed-authn-req" => Self::SecureCibaSigned { available: config.seconds("available-period", 3600) },
            "secure-client-authentication-assertion" => Self::SecureAssertion,
            "secure-client-authenticator" => Self::SecureClientAuthenticator {
                allowed: config.texts("allowed-client-authenticators"),
                default: config.text("default-client-authenticator").map(str::to_owned),
            },
            "secure-client-uris" => Self::SecureClientUris,
            "secure-client-uris-pattern" => Self::SecureClientUrisPattern {
                allowed: config.texts("allowed-patterns").iter().filter_map(|pattern| whole(pattern)).collect(),
                fields: config.texts("client-uri-fields"),
            },
            "secure-logout" => Self::SecureLogout { allows_front_channel: config.is_on("allow-front-channel-logout") },
            "secure-par-content" => Self::SecurePar,
            "secure-redirect-uris-enforcer" => Self::SecureRedirectUris(RedirectRules::read(config)),
            // That the object was encrypted cannot be seen any more: where it must be, none is taken.
            "secure-request-object" if config.is_on("encryption-required") => Self::Unknown,
            "secure-request-object" => Self::SecureRequestObject(SignedRules {
                available: config.seconds("available-period", 3600),
                verifies_not_before: config.is_on_or("verify-nbf", true),
                skew: config.seconds("allowed-clock-skew", 15),
            }),
            "secure-response-type" => {
                Self::SecureResponseType { configures, allows_token: config.is_on("allow-token-response-type") }
            }
            "secure-session" => Self::SecureSession,
            "secure-signature-algorithm-signed-jwt" => {
                Self::SecureSignedJwt { required: config.is_on("require-client-assertion") }
            }
            _ => Self::Unknown,
        }
    }
}

fn jwt_claim(config: &Config<'_>) -> Executor {
    let name = config.text("claim-name").unwrap_or_default().to_owned();
    Executor::JwtClaim { name, allowed: config.text("allowed-value").and_then(whole) }
}

/// An expression that the whole text must match; none where it cannot be tried in linear time: nothing matches then.
pub(crate) fn whole(pattern: &str) -> Option<Regex> {
    let read = Regex::new(&format!("^(?:{pattern})$"));
    read.inspect_err(|_| log::error!("an expression of a client policy cannot be tried, nothing matches it: {pattern:?}")).ok()
}
