use base64_simd::URL_SAFE_NO_PAD;
use key_rotation::{Algorithm, MAX_COMPACT, ShownKey};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::HeaderFault;

/// The algorithms of proofs, in the order in which they are told.
pub const ALGORITHMS: [Algorithm; 10] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::EdDsa,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
];

/// The other words of JWS: known, but for no proof.
const OTHERS: [&str; 4] = ["none", "HS256", "HS384", "HS512"];

const TYPE: &str = "dpop+jwt";

/// Characters of a wrong `typ` that are told back at the most.
const LONGEST_TYPE: usize = 64;

/// A proof taken apart: its header judged, its signature not yet.
pub(crate) struct ParsedProof<'a, C> {
    pub(crate) algorithm: Algorithm,
    pub(crate) key: ShownKey,
    pub(crate) claims: C,
    pub(crate) signing_input: &'a [u8],
    /// Decoded; empty where there is none.
    pub(crate) signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    jwk: Option<Map<String, Value>>,
    #[serde(default)]
    crit: Option<Value>,
}

/// Takes a proof apart, and judges its header in Keycloak's order (wire.md section 1.12).
pub(crate) fn parse<'a, C: for<'de> Deserialize<'de>>(proof: &'a str) -> Result<ParsedProof<'a, C>, HeaderFault> {
    let parts = Parts::of(proof).ok_or(HeaderFault::Unreadable)?;
    let header: Header = read(parts.header).ok_or(HeaderFault::Unreadable)?;
    // Keycloak: claims that cannot be read make the header unreadable (recording dpop/iat).
    let claims: C = read(parts.payload).ok_or(HeaderFault::Unreadable)?;
    refuse_other_type(header.typ.as_deref())?;
    let algorithm = refuse_other_algorithm(header.alg.as_deref())?;
    if header.crit.is_some() {
        return Err(HeaderFault::Unreadable); // RFC 7515 section 4.1.11: no extension is understood here
    }
    let key = ShownKey::read(&header.jwk.ok_or(HeaderFault::NoKey)?)?;
    let signature = URL_SAFE_NO_PAD.decode_to_vec(parts.signature.as_bytes()).unwrap_or_default();
    Ok(ParsedProof { algorithm, key, claims, signing_input: parts.signing_input.as_bytes(), signature })
}

struct Parts<'a> {
    header: &'a str,
    payload: &'a str,
    signing_input: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    /// Keycloak: two parts are a token without a signature (recording dpop/signature-wrong).
    fn of(proof: &'a str) -> Option<Self> {
        if proof.len() > MAX_COMPACT {
            return None;
        }
        let (header, rest) = proof.split_once('.')?;
        let (payload, signature) = rest.split_once('.').unwrap_or((rest, ""));
        let signing_input = proof.get(..header.len() + 1 + payload.len())?;
        (!signature.contains('.')).then_some(Self { header, payload, signing_input, signature })
    }
}

fn read<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode_to_vec(part.as_bytes()).ok()?;
    serde_json::from_slice(&json).ok()
}

/// RFC 9449 section 4.2: "`typ`: with value `dpop+jwt`".
fn refuse_other_type(typ: Option<&str>) -> Result<(), HeaderFault> {
    if typ == Some(TYPE) { Ok(()) } else { Err(HeaderFault::OtherType(typ.map(harmless))) }
}

/// What an `error_description` may hold of a text (RFC 6749 section 5.2).
fn harmless(text: &str) -> String {
    let fine = |c: &char| matches!(c, ' '..='~') && *c != '"' && *c != '\\';
    text.chars().filter(fine).take(LONGEST_TYPE).collect()
}

/// RFC 9449 section 4.2: "MUST NOT be `none` or an identifier for a symmetric algorithm".
fn refuse_other_algorithm(alg: Option<&str>) -> Result<Algorithm, HeaderFault> {
    let alg = alg.ok_or(HeaderFault::NoAlgorithm)?;
    match ALGORITHMS.into_iter().find(|algorithm| algorithm.as_str() == alg) {
        Some(algorithm) => Ok(algorithm),
        // Keycloak: an unknown word makes the header unreadable (recording dpop/header-faults).
        None => {
            let known = OTHERS.into_iter().find(|name| *name == alg);
            Err(known.map_or(HeaderFault::Unreadable, HeaderFault::UnsupportedAlgorithm))
        }
    }
}
