use serde::Serialize;

use crate::Algorithm;
use crate::keys::{CryptoError, PublicMembers, thumbprints};

/// A public key as `certs` lists it; the members in Keycloak's order (wire.md section 5.2).
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PublicJwk {
    kid: String,
    kty: &'static str,
    alg: &'static str,
    #[serde(rename = "use")]
    key_use: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5c: Option<[String; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x5t: Option<String>,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    x5t_s256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<std::borrow::Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
}

/// `{"keys":[…]}` (RFC 7517 section 5).
#[derive(Serialize)]
pub(crate) struct JwkSet<'a> {
    pub(crate) keys: Vec<&'a PublicJwk>,
}

impl PublicJwk {
    /// The JWK of the public key in a DER `SubjectPublicKeyInfo`, with its DER certificate where it has one.
    pub(crate) fn new(
        kid: &str,
        algorithm: Algorithm,
        public_der: &[u8],
        certificate: Option<&[u8]>,
    ) -> Result<Self, CryptoError> {
        let mut jwk = Self {
            kid: kid.to_owned(),
            kty: "",
            alg: algorithm.as_str(),
            key_use: algorithm.key_use().as_str(),
            x5c: None,
            x5t: None,
            x5t_s256: None,
            n: None,
            e: None,
            crv: None,
            x: None,
            y: None,
        };
        if let Some([x5c, x5t, x5t_s256]) = certificate.map(thumbprints) {
            (jwk.x5c, jwk.x5t, jwk.x5t_s256) = (Some([x5c]), Some(x5t), Some(x5t_s256));
        }
        match PublicMembers::of(public_der)? {
            PublicMembers::Rsa { n, e } => (jwk.kty, jwk.n, jwk.e) = ("RSA", Some(n), Some(e)),
            PublicMembers::Ec { curve, x, y } => (jwk.kty, jwk.crv, jwk.x, jwk.y) = ("EC", Some(curve), Some(x), Some(y)),
            PublicMembers::Okp { curve, x } => (jwk.kty, jwk.crv, jwk.x) = ("OKP", Some(curve), Some(x)),
        }
        Ok(jwk)
    }

    /// `kty`
    pub(crate) const fn key_type(&self) -> &'static str {
        self.kty
    }
}
