//! COSE keys (RFC 9052, RFC 9053; section 6.5.1 of WebAuthn) in CBOR.

use ciborium::Value;

use crate::error::WebAuthnError;

/// A signature algorithm. SHA-1 is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Es256,
    Es384,
    Es512,
    Rs256,
    Rs384,
    Rs512,
    EdDsa,
}

impl Algorithm {
    const ALL: [(Self, &'static str, i32); 7] = [
        (Self::Es256, "ES256", -7),
        (Self::Es384, "ES384", -35),
        (Self::Es512, "ES512", -36),
        (Self::Rs256, "RS256", -257),
        (Self::Rs384, "RS384", -258),
        (Self::Rs512, "RS512", -259),
        (Self::EdDsa, "EdDSA", -8),
    ];

    /// Of a realm's policy.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known, _)| *known == name || (name == "Ed25519" && *known == "EdDSA")).map(|row| row.0)
    }

    /// Of the COSE registry.
    pub(crate) fn of_number(number: i128) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, _, known)| i128::from(*known) == number).map(|row| row.0)
    }

    /// In the COSE registry.
    pub(crate) fn number(self) -> i32 {
        Self::ALL.into_iter().find(|(known, ..)| *known == self).map_or(0, |row| row.2)
    }
}

/// The public part of a key, as it stands in a COSE map. Members are as long as their curve wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyMembers {
    Ec { x: Vec<u8>, y: Vec<u8> },
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ed25519 { x: Vec<u8> },
}

/// A COSE key with the only algorithm it may be used with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoseKey {
    pub(crate) algorithm: Algorithm,
    pub(crate) members: KeyMembers,
}

/// Reads one CBOR item from the front of `bytes`; nesting is bounded by the reader.
pub(crate) fn item(bytes: &mut &[u8]) -> Option<Value> {
    ciborium::de::from_reader_with_recursion_limit(&mut *bytes, 16).ok()
}

/// A whole text as one CBOR item.
pub(crate) fn whole_item(mut bytes: &[u8]) -> Option<Value> {
    item(&mut bytes).filter(|_| bytes.is_empty())
}

/// The member of a map; `None` where it stands there twice.
pub(crate) fn member<'v>(map: &'v Value, key: &Value) -> Option<&'v Value> {
    let mut found = map.as_map()?.iter().filter(|(name, _)| name == key);
    let first = found.next()?;
    found.next().is_none().then_some(&first.1)
}

/// The member of a map whose names are texts.
pub(crate) fn named<'v>(map: &'v Value, key: &str) -> Option<&'v Value> {
    member(map, &Value::Text(key.to_owned()))
}

impl CoseKey {
    /// Reads a key.
    pub(crate) fn read(map: &Value) -> Result<Self, WebAuthnError> {
        Self::of_map(map).ok_or(WebAuthnError::PublicKey)
    }

    fn of_map(map: &Value) -> Option<Self> {
        let number = |key: i64| member(map, &Value::from(key))?.as_integer().map(i128::from);
        let bytes = |key: i64| member(map, &Value::from(key))?.as_bytes().cloned();
        let algorithm = Algorithm::of_number(number(3)?)?;
        let (key_type, curve) = (number(1)?, number(-1));
        let members = match (algorithm, key_type, curve) {
            (Algorithm::Es256, 2, Some(1)) => ec(32, bytes(-2)?, bytes(-3)?)?,
            (Algorithm::Es384, 2, Some(2)) => ec(48, bytes(-2)?, bytes(-3)?)?,
            (Algorithm::Es512, 2, Some(3)) => ec(66, bytes(-2)?, bytes(-3)?)?,
            (Algorithm::EdDsa, 1, Some(6)) => KeyMembers::Ed25519 { x: bytes(-2).filter(|x| x.len() == 32)? },
            (Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512, 3, _) => KeyMembers::Rsa {
                n: bytes(-1).filter(|n| (256..=1024).contains(&n.len()))?,
                e: bytes(-2).filter(|e| (1..=8).contains(&e.len()))?,
            },
            _ => return None,
        };
        Some(Self { algorithm, members })
    }
}

fn ec(length: usize, x: Vec<u8>, y: Vec<u8>) -> Option<KeyMembers> {
    (x.len() == length && y.len() == length).then_some(KeyMembers::Ec { x, y })
}
