//! JSON Web Encryption (RFC 7516), compact form.

use josekit::jwe::{
    self, Dir, ECDH_ES, ECDH_ES_A128KW, ECDH_ES_A192KW, ECDH_ES_A256KW, JweDecrypter, JweEncrypter, JweHeader, RSA_OAEP,
    RSA_OAEP_256,
};
use josekit::{JoseError, Value};

use super::CryptoError;
use crate::{Algorithm, MAX_COMPACT};

/// `enc` (RFC 7518 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentEncryption {
    /// `A128CBC-HS256`
    A128CbcHs256,
    /// `A192CBC-HS384`
    A192CbcHs384,
    /// `A256CBC-HS512`
    A256CbcHs512,
    /// `A128GCM`
    A128Gcm,
    /// `A192GCM`
    A192Gcm,
    /// `A256GCM`
    A256Gcm,
}

impl ContentEncryption {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::A128CbcHs256, Self::A192CbcHs384, Self::A256CbcHs512, Self::A128Gcm, Self::A192Gcm, Self::A256Gcm];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A128Gcm => "A128GCM",
            Self::A192Gcm => "A192GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// Reads the value on the wire.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|enc| enc.as_str() == name)
    }
}

/// To whom something is encrypted.
#[derive(Clone, Copy)]
pub enum Recipient<'a> {
    /// `dir`: whoever has the content key itself, which is as long as `enc` wants it.
    Shared(&'a [u8]),
    /// Whoever has the private part of a public key.
    Public {
        /// `RSA-OAEP`, `RSA-OAEP-256`, `RSA1_5`, `ECDH-ES…`. With RSA1_5 things are only encrypted: its padding oracles (RFC 7518
        /// section 8.3) are those of whoever decrypts.
        algorithm: Algorithm,
        /// `kid`
        kid: Option<&'a str>,
        /// DER `SubjectPublicKeyInfo`
        der: &'a [u8],
    },
}

/// A compact JWE of `payload`, with `cty` in its header where that is given (`JWT` around a signed token).
///
/// # Errors
/// [`CryptoError`] where the key does not fit.
pub fn encrypt_compact(
    to: Recipient<'_>,
    enc: ContentEncryption,
    cty: Option<&str>,
    payload: &[u8],
) -> Result<String, CryptoError> {
    let mut header = JweHeader::new();
    header.set_content_encryption(enc.as_str());
    if let Some(cty) = cty {
        header.set_content_type(cty);
    }
    let encrypter: Box<dyn JweEncrypter> = match to {
        Recipient::Shared(key) => Box::new(Dir.encrypter_from_bytes(key).map_err(no_fit)?),
        Recipient::Public { algorithm, kid, der } => {
            if let Some(kid) = kid {
                header.set_key_id(kid);
            }
            public_encrypter(algorithm, der)?
        }
    };
    jwe::serialize_compact(payload, &header, &*encrypter).map_err(no_fit)
}

/// `RSA1_5`: for clients that ask for it, though nobody should.
#[allow(deprecated)] // the library warns of it
fn rsa_1_5(der: &[u8]) -> Result<Box<dyn JweEncrypter>, CryptoError> {
    Ok(Box::new(jwe::RSA1_5.encrypter_from_der(der).map_err(no_fit)?))
}

fn public_encrypter(algorithm: Algorithm, der: &[u8]) -> Result<Box<dyn JweEncrypter>, CryptoError> {
    Ok(match algorithm {
        Algorithm::RsaOaep => Box::new(RSA_OAEP.encrypter_from_der(der).map_err(no_fit)?),
        Algorithm::Rsa15 => rsa_1_5(der)?,
        Algorithm::RsaOaep256 => Box::new(RSA_OAEP_256.encrypter_from_der(der).map_err(no_fit)?),
        Algorithm::EcdhEs => Box::new(ECDH_ES.encrypter_from_der(der).map_err(no_fit)?),
        Algorithm::EcdhEsA128Kw => Box::new(ECDH_ES_A128KW.encrypter_from_der(der).map_err(no_fit)?),
        Algorithm::EcdhEsA192Kw => Box::new(ECDH_ES_A192KW.encrypter_from_der(der).map_err(no_fit)?),
        Algorithm::EcdhEsA256Kw => Box::new(ECDH_ES_A256KW.encrypter_from_der(der).map_err(no_fit)?),
        _ => return Err(CryptoError { operation: "encrypt", reason: "the algorithm does not encrypt to a public key" }),
    })
}

fn no_fit(_: JoseError) -> CryptoError {
    CryptoError { operation: "encrypt", reason: "the key does not fit" }
}

/// What a `dir` JWE under `key` holds; `None` for everything else, with another `alg` or `enc`, or compressed.
pub fn decrypt_compact(key: &[u8], enc: ContentEncryption, token: &str) -> Option<Vec<u8>> {
    if token.len() > MAX_COMPACT {
        return None;
    }
    let decrypter = Dir.decrypter_from_bytes(key).ok()?;
    // Judged before anything is decrypted: what the header says chooses no algorithm for a key.
    let fits = |header: &JweHeader| {
        let is = |name: &str, value: &str| header.claim(name).and_then(Value::as_str) == Some(value);
        is("alg", "dir") && is("enc", enc.as_str()) && header.claim("zip").is_none() && header.claim("crit").is_none()
    };
    let chosen = |header: &JweHeader| Ok(fits(header).then_some(&decrypter as &dyn JweDecrypter));
    jwe::deserialize_compact_with_selector(token, chosen).ok().map(|(payload, _)| payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 64] = [7; 64];
    const ENC: ContentEncryption = ContentEncryption::A256CbcHs512;

    #[test]
    fn what_is_encrypted_reads_back_under_the_same_key_alone() {
        let token = encrypt_compact(Recipient::Shared(&KEY), ENC, None, b"content").unwrap();
        assert_eq!(token.split('.').count(), 5);
        assert_eq!(decrypt_compact(&KEY, ENC, &token).unwrap(), b"content");
        assert_eq!(decrypt_compact(&[8; 64], ENC, &token), None);
        assert_eq!(decrypt_compact(&KEY, ContentEncryption::A256Gcm, &token), None);
    }

    #[test]
    fn a_changed_character_anywhere_is_noticed() {
        let token = encrypt_compact(Recipient::Shared(&KEY), ENC, None, b"content of some length, over several blocks").unwrap();
        for at in 0..token.len() {
            let (before, rest) = token.split_at(at);
            let (changed, after) = rest.split_at(1);
            let other = if changed == "A" { "Q" } else { "A" };
            assert_eq!(decrypt_compact(&KEY, ENC, &format!("{before}{other}{after}")), None, "{at}");
        }
        for odd in ["", ".", "....", "a.b.c.d.e", "garbage"] {
            assert_eq!(decrypt_compact(&KEY, ENC, odd), None, "{odd}");
        }
    }

    #[test]
    fn a_key_of_another_length_encrypts_nothing() {
        assert!(encrypt_compact(Recipient::Shared(&KEY[..32]), ENC, None, b"content").is_err());
    }

    fn rsa() -> (Vec<u8>, Vec<u8>) {
        let pair = openssl::rsa::Rsa::generate(2048).and_then(openssl::pkey::PKey::from_rsa).unwrap();
        (pair.private_key_to_der().unwrap(), pair.public_key_to_der().unwrap())
    }

    fn ec() -> (Vec<u8>, Vec<u8>) {
        let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
        let pair = openssl::ec::EcKey::generate(&group).and_then(openssl::pkey::PKey::from_ec_key).unwrap();
        (pair.private_key_to_der().unwrap(), pair.public_key_to_der().unwrap())
    }

    #[allow(deprecated)]
    fn decrypter(algorithm: Algorithm, private: &[u8]) -> Box<dyn JweDecrypter> {
        match algorithm {
            Algorithm::Rsa15 => Box::new(jwe::RSA1_5.decrypter_from_der(private).unwrap()),
            Algorithm::RsaOaep => Box::new(RSA_OAEP.decrypter_from_der(private).unwrap()),
            Algorithm::RsaOaep256 => Box::new(RSA_OAEP_256.decrypter_from_der(private).unwrap()),
            Algorithm::EcdhEs => Box::new(ECDH_ES.decrypter_from_der(private).unwrap()),
            Algorithm::EcdhEsA128Kw => Box::new(ECDH_ES_A128KW.decrypter_from_der(private).unwrap()),
            Algorithm::EcdhEsA192Kw => Box::new(ECDH_ES_A192KW.decrypter_from_der(private).unwrap()),
            _ => Box::new(ECDH_ES_A256KW.decrypter_from_der(private).unwrap()),
        }
    }

    #[test]
    fn whoever_has_the_private_key_reads_it_whatever_the_algorithms() {
        use Algorithm::{EcdhEs, EcdhEsA128Kw, EcdhEsA192Kw, EcdhEsA256Kw, Rsa15, RsaOaep, RsaOaep256};
        let (rsa, ec) = (rsa(), ec());
        for algorithm in [Rsa15, RsaOaep, RsaOaep256, EcdhEs, EcdhEsA128Kw, EcdhEsA192Kw, EcdhEsA256Kw] {
            let (private, der) = if algorithm.as_str().starts_with("RSA") { &rsa } else { &ec };
            for enc in ContentEncryption::ALL {
                let to = Recipient::Public { algorithm, kid: Some("k"), der };
                let token = encrypt_compact(to, enc, Some("JWT"), b"content").unwrap();
                let (read, header) = jwe::deserialize_compact(&token, &*decrypter(algorithm, private)).unwrap();
                assert_eq!(read, b"content", "{algorithm} {}", enc.as_str());
                assert_eq!((header.key_id(), header.content_type()), (Some("k"), Some("JWT")));
                assert_eq!(header.algorithm(), Some(algorithm.as_str()));
                assert_eq!(header.content_encryption(), Some(enc.as_str()));
            }
        }
    }

    #[test]
    fn nothing_is_encrypted_to_a_key_of_another_kind_or_by_an_algorithm_of_signatures() {
        let (_, rsa) = rsa();
        for algorithm in [Algorithm::EcdhEs, Algorithm::Rs256, Algorithm::Aes] {
            let to = Recipient::Public { algorithm, kid: None, der: &rsa };
            assert!(encrypt_compact(to, ContentEncryption::A256Gcm, None, b"content").is_err(), "{algorithm}");
        }
    }
}
