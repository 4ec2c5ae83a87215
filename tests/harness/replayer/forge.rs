//! `make`: tokens signed by the scenario itself (client assertions, DPoP proofs, forged tokens).

use std::collections::HashMap;
use std::path::PathBuf;

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
use serde_json::{Map, Value, json};

use super::template::{Variables, hmac};
use super::{Stop, json::dumps, token};

/// The keys of one scenario: files of the key folder, and those made on the way.
pub struct Keys {
    pub folder: PathBuf,
    made: HashMap<String, PKey<Private>>,
}

impl Keys {
    pub fn of(folder: PathBuf) -> Self {
        Self { folder, made: HashMap::new() }
    }

    /// `name` is a file of the folder, or `new:ec:tag` / `new:rsa:tag`: made once per scenario.
    fn key(&mut self, name: &str) -> Result<PKey<Private>, Stop> {
        if let Some(key) = self.made.get(name) {
            return Ok(key.clone());
        }
        let key = match name.split(':').collect::<Vec<_>>()[..] {
            ["new", "ec", _] => {
                let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).map_err(openssl_failed)?;
                EcKey::generate(&group).and_then(PKey::from_ec_key)
            }
            ["new", ..] => Rsa::generate(2048).and_then(PKey::from_rsa),
            _ => {
                let file = self.folder.join(format!("{name}.pem"));
                let pem = std::fs::read(&file).map_err(|error| Stop::Missing(format!("key {name}: {error}")))?;
                PKey::private_key_from_pem(&pem)
            }
        };
        let key = key.map_err(openssl_failed)?;
        self.made.insert(name.to_owned(), key.clone());
        Ok(key)
    }
}

/// Does what a step's `make` says: each entry becomes a variable.
pub fn make(spec: &Map<String, Value>, variables: &mut Variables, keys: &mut Keys) -> Result<(), Stop> {
    for (name, what) in spec {
        let value = match what.get("jwt") {
            Some(jwt) => signed(jwt, variables, keys)?,
            None => variables.text(what["value"].as_str().unwrap_or_default())?,
        };
        variables.values.insert(name.clone(), value);
    }
    Ok(())
}

fn signed(what: &Value, variables: &Variables, keys: &mut Keys) -> Result<String, Stop> {
    let alg = what["alg"].as_str().ok_or_else(|| Stop::Missing("a jwt without alg".into()))?;
    let mut header = Map::from_iter([("alg".to_owned(), json!(alg)), ("typ".to_owned(), json!("JWT"))]);
    header.extend(what["header"].as_object().cloned().unwrap_or_default());
    let mut header = numbers(&present(header), variables)?;
    if header.get("jwk").and_then(Value::as_str) == Some("@public") {
        header["jwk"] = public_jwk(&keys.key(what["key"].as_str().unwrap_or_default())?)?;
    }
    let claims = numbers(&present(what["claims"].as_object().cloned().unwrap_or_default()), variables)?;
    let data = format!("{}.{}", token::encode(dumps(&header)), token::encode(dumps(&claims)));
    let alg = what["sign_as"].as_str().unwrap_or(alg);
    let signature = sign(alg, what, data.as_bytes(), (variables, keys))?;
    Ok(format!("{data}.{}", token::encode(signature)))
}

/// `null` takes a header or claim away.
fn present(map: Map<String, Value>) -> Value {
    Value::Object(map.into_iter().filter(|(_, value)| !value.is_null()).collect())
}

/// As `fill`, but a text that is only a time becomes a number.
fn numbers(value: &Value, variables: &Variables) -> Result<Value, Stop> {
    Ok(match value {
        Value::String(text) if text.starts_with("{{now") && text.find("}}") == Some(text.len() - 2) => {
            let filled = variables.text(text)?;
            filled.parse::<i64>().map_or(Value::String(filled), Value::from)
        }
        Value::Object(map) => {
            let rows = map.iter().map(|(name, item)| Ok((name.clone(), numbers(item, variables)?)));
            Value::Object(rows.collect::<Result<_, Stop>>()?)
        }
        Value::Array(list) => Value::Array(list.iter().map(|item| numbers(item, variables)).collect::<Result<_, _>>()?),
        other => variables.fill(other)?,
    })
}

fn sign(alg: &str, what: &Value, data: &[u8], (variables, keys): (&Variables, &mut Keys)) -> Result<Vec<u8>, Stop> {
    if alg == "none" {
        return Ok(Vec::new());
    }
    let (family, bits) = alg.split_at_checked(2).unwrap_or((alg, ""));
    let digest = match bits {
        "256" => MessageDigest::sha256(),
        "384" => MessageDigest::sha384(),
        "512" => MessageDigest::sha512(),
        _ => return Err(Stop::Missing(format!("algorithm {alg}"))),
    };
    if family == "HS" {
        return Ok(hmac(digest, variables.text(what["secret"].as_str().unwrap_or_default())?.as_bytes(), data));
    }
    let key = keys.key(what["key"].as_str().unwrap_or_default())?;
    let mut signer = Signer::new(digest, &key).map_err(openssl_failed)?;
    if family == "PS" {
        signer.set_rsa_padding(Padding::PKCS1_PSS).map_err(openssl_failed)?;
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).map_err(openssl_failed)?;
    }
    let signature = signer.sign_oneshot_to_vec(data).map_err(openssl_failed)?;
    if family != "ES" {
        return Ok(signature);
    }
    let size = if bits == "512" {
        66
    } else if bits == "384" {
        48
    } else {
        32
    };
    let pair = EcdsaSig::from_der(&signature).map_err(openssl_failed)?;
    let r = pair.r().to_vec_padded(size).map_err(openssl_failed)?;
    Ok([r, pair.s().to_vec_padded(size).map_err(openssl_failed)?].concat())
}

fn public_jwk(key: &PKey<Private>) -> Result<Value, Stop> {
    if key.id() == Id::RSA {
        let rsa = key.rsa().map_err(openssl_failed)?;
        return Ok(json!({"kty": "RSA", "n": token::encode(rsa.n().to_vec()), "e": token::encode(rsa.e().to_vec())}));
    }
    let ec = key.ec_key().map_err(openssl_failed)?;
    let (name, size) = match ec.group().curve_name() {
        Some(Nid::SECP384R1) => ("P-384", 48),
        Some(Nid::SECP521R1) => ("P-521", 66),
        _ => ("P-256", 32),
    };
    let read = || {
        let (mut x, mut y, mut context) = (BigNum::new()?, BigNum::new()?, BigNumContext::new()?);
        ec.public_key().affine_coordinates(ec.group(), &mut x, &mut y, &mut context)?;
        Ok((x.to_vec_padded(size)?, y.to_vec_padded(size)?))
    };
    let (x, y) = read().map_err(openssl_failed)?;
    Ok(json!({"kty": "EC", "crv": name, "x": token::encode(x), "y": token::encode(y)}))
}

fn openssl_failed(error: openssl::error::ErrorStack) -> Stop {
    Stop::Missing(format!("openssl: {error}"))
}
