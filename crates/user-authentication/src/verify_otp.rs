//! A one-time code held against what a user has set up. A code counts once: RFC 6238 section 5.2, RFC 4226 section 7.2.

use realm_model::{Credential, CredentialKind, User};
use sessions::SingleUse;

use crate::authentication::{At, UserAuthentication};
use crate::error::Trouble;
use crate::otp::OtpCredential;

/// Which credential a code was of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedOtp {
    /// Its `id`.
    pub credential: Option<String>,
}

impl UserAuthentication {
    /// Whether the user has set up one-time codes.
    pub fn has_otp(&self, user: &User) -> bool {
        user.credentials_of(&CredentialKind::Otp).any(|credential| OtpCredential::read(credential).is_some())
    }

    /// The credential whose code this is, which from now on is used.
    pub(crate) async fn matching_otp(
        &self,
        at: &At<'_>,
        user: &User,
        (id, code): (Option<&str>, Option<&str>),
    ) -> Result<Option<MatchedOtp>, Trouble> {
        let Some(code) = code else { return Ok(None) };
        let asked = user.credentials_of(&CredentialKind::Otp).filter(|credential| id.is_none() || credential.id.as_deref() == id);
        for stored in asked {
            let Some(otp) = OtpCredential::read(stored) else { continue };
            let Some(step) = otp.matching_step(code, at.now, at.realm.otp.look_ahead_window) else { continue };
            let is_first = self.use_up(at, user, (stored, &otp, step)).await?;
            return Ok(is_first.then(|| MatchedOtp { credential: stored.id.clone() }));
        }
        Ok(None)
    }

    /// Whether the code of this step was not used before.
    async fn use_up(
        &self,
        at: &At<'_>,
        user: &User,
        (stored, otp, step): (&Credential, &OtpCredential, u64),
    ) -> Result<bool, Trouble> {
        let next = otp.advanced_beyond(stored, step);
        if next.is_none() && at.realm.otp.code_reusable {
            return Ok(true);
        }
        // RFC 6238 section 5.2: "The verifier MUST NOT accept the second attempt of the OTP"
        let used = format!("{}:{}:{step}", user.id, stored.id.as_deref().unwrap_or_default());
        let until = at.now.plus_secs(24 * 3600);
        let first = self.sessions.mark_used((SingleUse::OneTimePassword, &at.realm.name, &used), until, at.now).await?;
        if let (true, Some(next)) = (first, next) {
            self.users.replace_credential(&at.realm.name, &user.id, stored, next).await?;
        }
        Ok(first)
    }
}
