use oidc_types::{Confirmation, ConfirmationMethod};
use serde::Deserialize;

use crate::claims::{ClaimValue, Claims};

/// `cnf` of a token: the thumbprints of what whoever shows it must hold (RFC 7800). Nothing of it, for most tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct BoundTo {
    /// `jkt`: of the key of a DPoP proof (RFC 9449 section 6.1).
    #[serde(default)]
    pub jkt: Option<String>,
    /// `x5t#S256`: of a TLS client certificate (RFC 8705 section 3.1).
    #[serde(default, rename = "x5t#S256")]
    pub certificate: Option<String>,
}

/// `cnf` in Keycloak's words, which add how the key was shown (recording dpop/password-es256).
pub(crate) fn cnf_claim<'a>(confirmations: impl Iterator<Item = &'a Confirmation>) -> Option<ClaimValue<'a>> {
    let mut members = Claims::default();
    for confirmation in confirmations {
        members.set(confirmation.method.member(), confirmation.thumbprint.as_str());
        if confirmation.method == ConfirmationMethod::Dpop {
            members.set("kc-jkt-type", "DPoP");
        }
    }
    (!members.is_empty()).then_some(ClaimValue::Object(members))
}
