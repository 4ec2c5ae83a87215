//! Authenticator data (section 6.1): 37 bytes, then what was made and extensions.

use crate::cose::{CoseKey, item};
use crate::error::WebAuthnError;
use crate::relying_party::RelyingParty;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENDED: u8 = 0x80;
/// Bytes of a credential id (section 7.1 step 24).
const LONGEST_ID: usize = 1023;

/// What an authenticator says, read to its last byte.
#[derive(Debug)]
pub(crate) struct AuthenticatorData {
    party: [u8; 32],
    flags: u8,
    pub(crate) counter: u32,
    pub(crate) attested: Option<Attested>,
}

/// A credential that was made.
#[derive(Debug)]
pub(crate) struct Attested {
    pub(crate) aaguid: [u8; 16],
    pub(crate) id: Vec<u8>,
    pub(crate) key: CoseKey,
    /// The key's own bytes.
    pub(crate) key_cbor: Vec<u8>,
}

fn take<'b>(bytes: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (front, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(front)
}

fn array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    take(bytes, N)?.try_into().ok()
}

impl AuthenticatorData {
    /// Reads it; nothing may be left over.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, WebAuthnError> {
        let mut rest = bytes;
        let malformed = || WebAuthnError::AuthenticatorData;
        let party = array(&mut rest).ok_or_else(malformed)?;
        let [flags] = array(&mut rest).ok_or_else(malformed)?;
        let counter = u32::from_be_bytes(array(&mut rest).ok_or_else(malformed)?);
        let attested = if flags & ATTESTED == 0 { None } else { Some(attested(&mut rest)?) };
        if flags & EXTENDED != 0 {
            item(&mut rest).filter(ciborium::Value::is_map).ok_or_else(malformed)?;
        }
        // What cannot be backed up is not backed up (section 6.1.3).
        let impossible = flags & BACKED_UP != 0 && flags & BACKUP_ELIGIBLE == 0;
        if rest.is_empty() && !impossible { Ok(Self { party, flags, counter, attested }) } else { Err(malformed()) }
    }

    /// Refuses data for another relying party, without a user, or without the verification that the policy demands.
    pub(crate) fn check(&self, party: &RelyingParty) -> Result<(), WebAuthnError> {
        party.refuse_other_id(&self.party)?;
        if self.flags & USER_PRESENT == 0 {
            return Err(WebAuthnError::UserAbsent);
        }
        if party.demands_verification() && !self.is_verified() {
            return Err(WebAuthnError::UserNotVerified);
        }
        Ok(())
    }

    /// Whether the authenticator verified the user, by a PIN or a finger.
    pub(crate) const fn is_verified(&self) -> bool {
        self.flags & USER_VERIFIED != 0
    }
}

fn attested(rest: &mut &[u8]) -> Result<Attested, WebAuthnError> {
    let malformed = || WebAuthnError::AuthenticatorData;
    let aaguid = array(rest).ok_or_else(malformed)?;
    let length = usize::from(u16::from_be_bytes(array(rest).ok_or_else(malformed)?));
    let id = Some(length).filter(|length| (1..=LONGEST_ID).contains(length)).and_then(|length| take(rest, length));
    let id = id.ok_or_else(malformed)?.to_vec();
    let before = *rest;
    let key = CoseKey::read(&item(rest).ok_or_else(malformed)?)?;
    let length = before.len().saturating_sub(rest.len());
    Ok(Attested { aaguid, id, key, key_cbor: before.get(..length).unwrap_or_default().to_vec() })
}
