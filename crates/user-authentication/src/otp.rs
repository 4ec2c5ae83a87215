//! One-time codes: HOTP (RFC 4226) and TOTP (RFC 6238) against a credential as Keycloak stores it (wire.md section 8.3).

use ambient::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use oidc_types::Secret;
use realm_model::{Credential, OtpAlgorithm};
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

use crate::base32;

/// Steps of the window at the most, whatever the realm says: each costs a MAC.
const WIDEST: u32 = 100;

/// A one-time-code credential, read from `secretData` and `credentialData`.
pub(crate) struct OtpCredential {
    key: Secret<Vec<u8>>,
    algorithm: OtpAlgorithm,
    digits: u32,
    /// Seconds of one step; `None` for a counter-based one.
    period: Option<i64>,
    counter: u64,
}

#[derive(Deserialize)]
struct SecretData {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CredentialData {
    sub_type: String,
    digits: u32,
    counter: u64,
    period: i64,
    algorithm: String,
    secret_encoding: Option<String>,
}

impl Default for CredentialData {
    fn default() -> Self {
        Self { sub_type: "totp".into(), digits: 6, counter: 0, period: 30, algorithm: "HmacSHA1".into(), secret_encoding: None }
    }
}

impl OtpCredential {
    /// Reads a stored credential; `None` where it is not one that can ever match.
    pub(crate) fn read(credential: &Credential) -> Option<Self> {
        let secret: SecretData = serde_json::from_str(credential.secret_data.expose()).ok()?;
        let data: CredentialData = serde_json::from_str(&credential.credential_data).ok()?;
        let key = match data.secret_encoding.as_deref() {
            // Keycloak: without an encoding the key is the text's own bytes (recording token-password/totp-ok).
            None | Some("") => secret.value.into_bytes(),
            Some("BASE32") => base32::decode(&secret.value)?,
            Some(_) => return None,
        };
        let algorithm = match data.algorithm.as_str() {
            "HmacSHA256" => OtpAlgorithm::HmacSha256,
            "HmacSHA512" => OtpAlgorithm::HmacSha512,
            _ => OtpAlgorithm::HmacSha1,
        };
        let period = (data.sub_type != "hotp").then_some(data.period.max(1));
        Some(Self { key: Secret::new(key), algorithm, digits: data.digits.clamp(6, 8), period, counter: data.counter })
    }

    /// The step (time step or counter) whose code is `code`, within `window` steps of `now` (HOTP: ahead of the counter).
    /// Every step of the window is computed, so that the time taken tells nothing.
    pub(crate) fn matching_step(&self, code: &str, now: Timestamp, window: u32) -> Option<u64> {
        let window = window.min(WIDEST);
        let (from, to) = match self.period {
            Some(period) => {
                let step = u64::try_from(now.secs().div_euclid(period)).ok()?;
                (step.saturating_sub(window.into()), step.saturating_add(window.into()))
            }
            None => (self.counter, self.counter.saturating_add(window.into())),
        };
        let mut found = None;
        for step in from..=to {
            let expected = format!("{:0width$}", self.code(step)?, width = usize::try_from(self.digits).ok()?);
            if bool::from(expected.as_bytes().ct_eq(code.as_bytes())) {
                found = Some(step);
            }
        }
        found
    }

    /// The credential as it is once the code of `step` is used; `None` where no counter is kept (RFC 4226 section 7.2: the server
    /// "increments the counter value by one" after a success).
    pub(crate) fn advanced_beyond(&self, stored: &Credential, step: u64) -> Option<Credential> {
        if self.period.is_some() {
            return None;
        }
        let mut data: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&stored.credential_data).ok()?;
        data.insert("counter".to_owned(), step.saturating_add(1).into());
        Some(Credential { credential_data: serde_json::Value::Object(data).to_string(), ..stored.clone() })
    }

    /// The code of a step, as it is shown.
    #[cfg(test)]
    pub(crate) fn code_of(&self, step: u64) -> String {
        format!("{:0width$}", self.code(step).unwrap(), width = self.digits as usize)
    }

    /// RFC 4226 section 5.3.
    fn code(&self, step: u64) -> Option<u32> {
        let key = self.key.expose();
        let mac = match self.algorithm {
            OtpAlgorithm::HmacSha1 => digest::<Hmac<Sha1>>(key, step)?,
            OtpAlgorithm::HmacSha256 => digest::<Hmac<Sha256>>(key, step)?,
            OtpAlgorithm::HmacSha512 => digest::<Hmac<Sha512>>(key, step)?,
        };
        let at = usize::from(mac.last()? & 0x0f);
        let four: [u8; 4] = mac.get(at..at + 4)?.try_into().ok()?;
        Some((u32::from_be_bytes(four) & 0x7fff_ffff) % 10_u32.pow(self.digits))
    }
}

fn digest<M: Mac + KeyInit>(key: &[u8], step: u64) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(&step.to_be_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use realm_model::CredentialKind;

    use super::*;

    fn credential(secret: &str, data: &str) -> OtpCredential {
        OtpCredential::read(&Credential {
            id: None,
            kind: CredentialKind::Otp,
            label: None,
            created_date: None,
            secret_data: Secret::new(format!("{{\"value\":\"{secret}\"}}")),
            credential_data: data.to_owned(),
        })
        .unwrap()
    }

    /// RFC 6238 appendix B: 8 digits, 30 s.
    #[test]
    fn gives_the_codes_of_the_rfc() {
        let sha1 = credential("12345678901234567890", r#"{"digits":8}"#);
        assert!(sha1.matching_step("94287082", Timestamp::from_secs(59), 0).is_some());
        let sha256 = credential("12345678901234567890123456789012", r#"{"digits":8,"algorithm":"HmacSHA256"}"#);
        assert!(sha256.matching_step("46119246", Timestamp::from_secs(59), 0).is_some());
    }

    /// RFC 4226 appendix D.
    #[test]
    fn counts_ahead_for_counter_based_codes() {
        let hotp = credential("12345678901234567890", r#"{"subType":"hotp","counter":1}"#);
        assert_eq!(hotp.matching_step("287082", Timestamp::from_secs(0), 1), Some(1));
        assert_eq!(hotp.matching_step("359152", Timestamp::from_secs(0), 1), Some(2));
        assert_eq!(hotp.matching_step("755224", Timestamp::from_secs(0), 1), None);
    }

    #[test]
    fn takes_codes_one_step_either_side_and_no_further() {
        let totp = credential("12345678901234567890", r#"{"digits":8}"#);
        assert!(totp.matching_step("94287082", Timestamp::from_secs(89), 1).is_some());
        assert!(totp.matching_step("94287082", Timestamp::from_secs(119), 1).is_none());
    }

    #[test]
    fn reads_base32_secrets() {
        let totp = credential("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", r#"{"digits":8,"secretEncoding":"BASE32"}"#);
        assert!(totp.matching_step("94287082", Timestamp::from_secs(59), 0).is_some());
    }
}
