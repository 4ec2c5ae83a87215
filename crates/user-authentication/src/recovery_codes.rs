//! Recovery codes: twelve codes on paper, used one by one in their order, for who has lost the authenticator app. Stored as
//! Keycloak does: `recovery-authn-codes`, each code as the Base64 of its SHA-512.

use ambient::Entropy;
use oidc_types::Secret;
use realm_editing::body::{add_text, text};
use realm_model::document::{Body, UserRecord};
use realm_model::{Credential, CredentialKind, User};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;

use crate::authentication::{At, UserAuthentication};
use crate::brute_force::Factor;
use crate::credentials::{body_of, credentials, put_credentials};
use crate::error::{AuthenticationError, Refusal, Trouble};
use crate::random_text::random_text;

/// The type of the credential.
pub const RECOVERY_CODES: &str = "recovery-authn-codes";
/// What somebody must do who has used the last code.
const CONFIGURE: &str = "CONFIGURE_RECOVERY_AUTHN_CODES";

/// Without `O` and `0`, which look alike.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNPQRSTUVWXYZ123456789";
const LENGTH: usize = 12;
const COUNT: usize = 12;

#[derive(Deserialize, Serialize)]
struct SecretData {
    codes: Vec<Code>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Code {
    number: u32,
    encoded_hashed_value: String,
}

/// New codes, of twelve capital letters and digits each. They are kept with the login in progress until the user has them.
pub fn new_recovery_codes(entropy: &dyn Entropy) -> Vec<Secret<String>> {
    (0..COUNT).map(|_| Secret::new(random_text(entropy, LETTERS, LENGTH))).collect()
}

/// The number of the code that the user is to give; `None` where there is none.
pub fn next_recovery_code(user: &User) -> Option<u32> {
    let stored = user.credentials_of(&CredentialKind::Other(RECOVERY_CODES.to_owned())).next()?;
    Some(read(stored.secret_data.expose())?.codes.first()?.number)
}

fn read(secret_data: &str) -> Option<SecretData> {
    serde_json::from_str(secret_data).ok()
}

fn hash(code: &str) -> String {
    base64_simd::STANDARD.encode_to_string(Sha512::digest(code.as_bytes()))
}

impl UserAuthentication {
    /// Gives a user recovery codes, in the place of those before. It gives the id of the credential.
    ///
    /// # Errors
    /// Users cannot be reached.
    pub async fn put_recovery_codes(
        &self,
        at: &At<'_>,
        user: &User,
        (codes, label): (&[Secret<String>], Option<&str>),
    ) -> Result<String, Trouble> {
        let numbered = codes.iter().zip(1..).map(|(code, number)| Code { number, encoded_hashed_value: hash(code.expose()) });
        let secret_data = json!(SecretData { codes: numbered.collect() }).to_string();
        let id = self.entropy.uuid().to_string();
        let new = Credential {
            id: Some(id.clone()),
            kind: CredentialKind::Other(RECOVERY_CODES.to_owned()),
            label: label.map(str::to_owned).filter(|label| !label.is_empty()),
            created_date: Some(at.now.millis()),
            secret_data: Secret::new(secret_data),
            credential_data: credential_data(codes.len(), codes.len()),
        };
        let mut put = |record: &mut UserRecord| {
            let mut all: Vec<Body> = credentials(record).filter(|body| !is_of_codes(body)).cloned().collect();
            all.push(body_of(&new));
            put_credentials(record, all);
        };
        self.users.change_user(&at.realm.name, &user.id, &mut put).await?;
        Ok(id)
    }

    /// Checks the next recovery code in a turn of its own, and uses it up; of two who send it at once one has it. Hyphens, blanks
    /// and small letters are forgiven. The last one leaves the user to make new ones.
    ///
    /// # Errors
    /// Another code, locked (one text for both); or the server cannot say.
    pub async fn verify_recovery_code(&self, at: &At<'_>, user: &User, code: &str) -> Result<(), AuthenticationError> {
        let guard = self.enter(at, user).await?;
        if guard.is_locked() {
            return Err(Refusal::Locked(user.id.clone()).into());
        }
        let code: String = code.chars().filter(|letter| !matches!(letter, '-' | ' ')).map(|c| c.to_ascii_uppercase()).collect();
        let (hashed, mut used) = (hash(&code), false);
        let mut take = |record: &mut UserRecord| used = use_up(record, &hashed).is_some();
        self.users.change_user(&at.realm.name, &user.id, &mut take).await?;
        if used {
            return Ok(());
        }
        guard.record_failure(Factor::Second).await?;
        Err(Refusal::WrongRecoveryCode(user.id.clone()).into())
    }
}

fn is_of_codes(body: &Body) -> bool {
    text(body, "type") == Some(RECOVERY_CODES)
}

fn credential_data(total: usize, remaining: usize) -> String {
    json!({"hashIterations": 1, "algorithm": "SHA-512", "remaining": remaining, "total": total}).to_string()
}

/// Takes the first code away where it is this one; `None` where it is not.
fn use_up(record: &mut UserRecord, hashed: &str) -> Option<()> {
    let mut all: Vec<Body> = credentials(record).cloned().collect();
    let at = all.iter().position(is_of_codes)?;
    let body = all.get_mut(at)?;
    let mut secret = read(text(body, "secretData")?)?;
    let first = secret.codes.first()?;
    if !bool::from(first.encoded_hashed_value.as_bytes().ct_eq(hashed.as_bytes())) {
        return None;
    }
    secret.codes.remove(0);
    if secret.codes.is_empty() {
        all.remove(at);
        add_text(&mut record.0, "requiredActions", CONFIGURE);
    } else {
        let data: Option<Value> = text(body, "credentialData").and_then(|data| serde_json::from_str(data).ok());
        let total = data.and_then(|data| data.get("total")?.as_u64()).and_then(|total| usize::try_from(total).ok());
        let remaining = secret.codes.len();
        body.insert("secretData".to_owned(), json!(secret).to_string().into());
        body.insert("credentialData".to_owned(), credential_data(total.unwrap_or(COUNT), remaining).into());
    }
    put_credentials(record, all);
    Some(())
}

#[cfg(test)]
mod tests;
