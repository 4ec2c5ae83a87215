use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD;
use realm_model::KeyProvider;
use thiserror::Error;

use crate::Algorithm;
use crate::keys::{CryptoError, Curve, EdCurve, Material, Shape, base64_of_pem, kid_of};
use crate::state::KeyState;

/// What to make a key of, and under which name to keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spec {
    /// The component's name: what ties a stored key to its component, since hand-written files have no ids.
    pub origin: Arc<str>,
    pub provider_id: Arc<str>,
    pub algorithm: Algorithm,
    pub shape: Shape,
    pub priority: i64,
    pub certificate: bool,
}

/// A key whose private part stands in the realm file.
pub(crate) struct OwnKey {
    pub kid: Arc<str>,
    pub material: Material,
    pub certificate: Option<Vec<u8>>,
}

/// A key provider component, read.
pub(crate) struct Declared {
    pub component_id: Arc<str>,
    pub spec: Spec,
    /// The furthest the file lets its keys be: `Active`, `Retired` (`active=false`), `Gone` (`enabled=false`).
    pub at_best: KeyState,
    /// The key in the file; without one it is made and kept in the vault.
    pub own: Option<OwnKey>,
}

/// Why a key provider component gives no key. The realm works with its others, as in Keycloak.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProviderFault {
    /// `providerId` is none of Keycloak's.
    #[error("there is no key provider {0:?}")]
    UnknownProvider(String),
    /// `java-keystore`
    #[error("Java key stores are not read: export the key as PEM and use the provider \"rsa\"")]
    JavaKeystore,
    /// A value that its entry cannot have.
    #[error("{entry} cannot be {value:?}")]
    Value {
        /// The entry of `config`.
        entry: &'static str,
        /// What stands there.
        value: String,
    },
    /// The provider needs an entry.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The key does not decode.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The key is of another kind or on another curve than its algorithm needs, or too short.
    #[error("the key does not fit {0}")]
    Misfit(Algorithm),
    /// The certificate does not decode.
    #[error("the certificate is not base64")]
    Certificate,
}

/// A partial export of Keycloak's has this in the place of every secret.
const MASKED: &str = "**********";

/// Reads a component, as `latchkey check` does too.
///
/// # Errors
/// [`ProviderFault`], the first one found.
pub fn check_provider(provider: &KeyProvider) -> Result<(), ProviderFault> {
    Declared::read(provider).map(|_| ())
}

/// The four providers of a realm that declares none, as a new realm has them in Keycloak.
pub(crate) fn defaults() -> Vec<Declared> {
    let spec = |name: &'static str, provider_id: &'static str, algorithm, shape, certificate| Declared {
        component_id: name.into(),
        spec: Spec { origin: name.into(), provider_id: provider_id.into(), algorithm, shape, priority: 100, certificate },
        at_best: KeyState::Active,
        own: None,
    };
    vec![
        spec("rsa-generated", "rsa-generated", Algorithm::Rs256, Shape::Rsa { bits: 2048 }, true),
        spec("rsa-enc-generated", "rsa-enc-generated", Algorithm::RsaOaep, Shape::Rsa { bits: 2048 }, true),
        spec("hmac-generated-hs512", "hmac-generated", Algorithm::Hs512, Shape::Secret { bytes: 128 }, false),
        spec("aes-generated", "aes-generated", Algorithm::Aes, Shape::Secret { bytes: 16 }, false),
    ]
}

/// The provider that Keycloak makes when a wanted signature algorithm has no key; `None` for what does not sign.
pub(crate) fn fallback(algorithm: Algorithm) -> Option<Spec> {
    let (provider_id, shape) = match algorithm {
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => {
            ("rsa-generated", Shape::Rsa { bits: 2048 })
        }
        Algorithm::Es256 => ("ecdsa-generated", Shape::Ec(Curve::P256)),
        Algorithm::Es384 => ("ecdsa-generated", Shape::Ec(Curve::P384)),
        Algorithm::Es512 => ("ecdsa-generated", Shape::Ec(Curve::P521)),
        Algorithm::EdDsa => ("eddsa-generated", Shape::Ed(EdCurve::Ed25519)),
        Algorithm::Hs256 => ("hmac-generated", Shape::Secret { bytes: 64 }),
        Algorithm::Hs384 | Algorithm::Hs512 => ("hmac-generated", Shape::Secret { bytes: 128 }),
        _ => return None,
    };
    let origin = format!("{FALLBACK}{algorithm}").into();
    let certificate = matches!(shape, Shape::Rsa { .. });
    Some(Spec { origin, provider_id: provider_id.into(), algorithm, shape, priority: -100, certificate })
}

/// How the names of fallback components begin.
pub(crate) const FALLBACK: &str = "fallback-";

impl Declared {
    /// The state of a key of this component, which is `state` by itself.
    pub(crate) fn limit(&self, state: KeyState) -> KeyState {
        if self.at_best.signs() { state } else { state.max(self.at_best) }
    }

    pub(crate) fn read(provider: &KeyProvider) -> Result<Self, ProviderFault> {
        let (algorithm, usual) = algorithm_and_shape(provider)?;
        let own = own_key(provider, algorithm)?;
        let shape = own.as_ref().and_then(|own| own.material.shape()).unwrap_or(usual);
        let priority = match provider.value("priority") {
            None => 0,
            Some(text) => text.parse().map_err(|_| ProviderFault::Value { entry: "priority", value: text.to_owned() })?,
        };
        let enabled = provider.value("enabled") != Some("false");
        let active = provider.value("active") != Some("false");
        let certificate = matches!(shape, Shape::Rsa { .. })
            || matches!(shape, Shape::Ec(_)) && provider.value("ecGenerateCertificate") == Some("true");
        Ok(Self {
            component_id: provider.id.as_str().into(),
            spec: Spec {
                origin: provider.name.as_str().into(),
                provider_id: provider.provider_id.as_str().into(),
                algorithm,
                shape,
                priority,
                certificate,
            },
            at_best: match (enabled, active) {
                (false, _) => KeyState::Gone,
                (true, false) => KeyState::Retired,
                (true, true) => KeyState::Active,
            },
            own,
        })
    }
}

fn algorithm_and_shape(provider: &KeyProvider) -> Result<(Algorithm, Shape), ProviderFault> {
    match provider.provider_id.as_str() {
        "rsa-generated" | "rsa" => {
            let algorithm = chosen(provider, "algorithm", Algorithm::Rs256, &RSA_SIGNATURE)?;
            Ok((algorithm, rsa_shape(provider)?))
        }
        "rsa-enc-generated" | "rsa-enc" => {
            let algorithm = chosen(provider, "algorithm", Algorithm::RsaOaep, &RSA_ENCRYPTION)?;
            Ok((algorithm, rsa_shape(provider)?))
        }
        "ecdsa-generated" => {
            let curve = ec_curve(provider, "ecdsaEllipticCurveKey")?;
            Ok((curve.signature_algorithm(), Shape::Ec(curve)))
        }
        "ecdh-generated" => {
            let algorithm = chosen(provider, "ecdhAlgorithm", Algorithm::EcdhEs, &EC_ENCRYPTION)?;
            Ok((algorithm, Shape::Ec(ec_curve(provider, "ecdhEllipticCurveKey")?)))
        }
        "eddsa-generated" => {
            let entry = "eddsaEllipticCurveKey";
            let name = provider.value(entry).unwrap_or("Ed25519");
            let curve = EdCurve::parse(name).ok_or_else(|| ProviderFault::Value { entry, value: name.to_owned() })?;
            Ok((Algorithm::EdDsa, Shape::Ed(curve)))
        }
        // Keycloak: without an entry it is HS256, though the component of a new realm says HS512 (measured on 26.7.4).
        "hmac-generated" => {
            let algorithm = chosen(provider, "algorithm", Algorithm::Hs256, &HMAC)?;
            let usual = if algorithm == Algorithm::Hs256 { 64 } else { 128 };
            Ok((algorithm, secret_shape(provider, usual)?))
        }
        "aes-generated" => Ok((Algorithm::Aes, secret_shape(provider, 16)?)),
        "java-keystore" => Err(ProviderFault::JavaKeystore),
        other => Err(ProviderFault::UnknownProvider(other.to_owned())),
    }
}

const RSA_SIGNATURE: [Algorithm; 6] =
    [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512];
const RSA_ENCRYPTION: [Algorithm; 3] = [Algorithm::RsaOaep, Algorithm::RsaOaep256, Algorithm::Rsa15];
const EC_ENCRYPTION: [Algorithm; 4] =
    [Algorithm::EcdhEs, Algorithm::EcdhEsA128Kw, Algorithm::EcdhEsA192Kw, Algorithm::EcdhEsA256Kw];
const HMAC: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

fn chosen(
    provider: &KeyProvider,
    entry: &'static str,
    usual: Algorithm,
    allowed: &[Algorithm],
) -> Result<Algorithm, ProviderFault> {
    let Some(name) = provider.value(entry) else { return Ok(usual) };
    Algorithm::parse(name).filter(|a| allowed.contains(a)).ok_or_else(|| ProviderFault::Value { entry, value: name.to_owned() })
}

fn ec_curve(provider: &KeyProvider, entry: &'static str) -> Result<Curve, ProviderFault> {
    let name = provider.value(entry).unwrap_or("P-256");
    Curve::parse(name).ok_or_else(|| ProviderFault::Value { entry, value: name.to_owned() })
}

fn rsa_shape(provider: &KeyProvider) -> Result<Shape, ProviderFault> {
    let entry = "keySize";
    match provider.value(entry).unwrap_or("2048") {
        "1024" => Ok(Shape::Rsa { bits: 1024 }),
        "2048" => Ok(Shape::Rsa { bits: 2048 }),
        "3072" => Ok(Shape::Rsa { bits: 3072 }),
        "4096" => Ok(Shape::Rsa { bits: 4096 }),
        other => Err(ProviderFault::Value { entry, value: other.to_owned() }),
    }
}

fn secret_shape(provider: &KeyProvider, usual: usize) -> Result<Shape, ProviderFault> {
    let entry = "secretSize";
    let Some(text) = provider.value(entry) else { return Ok(Shape::Secret { bytes: usual }) };
    let bytes = text.parse().ok().filter(|n| (16..=512).contains(n));
    bytes.map(|bytes| Shape::Secret { bytes }).ok_or_else(|| ProviderFault::Value { entry, value: text.to_owned() })
}

fn own_key(provider: &KeyProvider, algorithm: Algorithm) -> Result<Option<OwnKey>, ProviderFault> {
    let entry = match provider.provider_id.as_str() {
        "ecdsa-generated" => "ecdsaPrivateKey",
        "ecdh-generated" => "ecdhPrivateKey",
        "eddsa-generated" => "eddsaPrivateKey",
        "hmac-generated" | "aes-generated" => "secret",
        _ => "privateKey",
    };
    let Some(text) = provider.value(entry).filter(|text| *text != MASKED) else {
        let needs_one = matches!(provider.provider_id.as_str(), "rsa" | "rsa-enc");
        return if needs_one { Err(ProviderFault::Missing(entry)) } else { Ok(None) };
    };
    let material = if algorithm.is_symmetric() { secret(text)? } else { Material::from_text(text)? };
    if !material.fits(algorithm) {
        return Err(ProviderFault::Misfit(algorithm));
    }
    let kid = match material.public_der()? {
        Some(der) => kid_of(&der),
        None => provider.value("kid").unwrap_or(&provider.id).to_owned(),
    };
    let certificate = provider.value("certificate").map(certificate).transpose()?;
    Ok(Some(OwnKey { kid: kid.into(), material, certificate }))
}

fn secret(text: &str) -> Result<Material, ProviderFault> {
    let bytes = URL_SAFE_NO_PAD
        .decode_to_vec(text.trim_end_matches('=').as_bytes())
        .map_err(|_| CryptoError { operation: "read a secret", reason: "it is not base64url" })?;
    Ok(Material::from_secret(bytes))
}

fn certificate(text: &str) -> Result<Vec<u8>, ProviderFault> {
    base64_of_pem(text).map(|der| der.to_vec()).ok_or(ProviderFault::Certificate)
}

#[cfg(test)]
mod tests;
