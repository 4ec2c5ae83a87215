//! The contactless grant of SPMS: an RFID card shown to a device that somebody has logged in on before (docs/spms.md).

use std::sync::Arc;

use realm_model::{User, hash_card};
use sessions::{DeviceKey, Subject};
use single_sign_on::Login;
use token_issuer::{GrantKind, Issue, ScopeRequest, SessionNotes};
use user_authentication::{Factor, Guard, Refusal, refuse_disabled, refuse_unfinished_account};

use crate::error::{ContactlessError, GrantError};
use crate::exchange::Exchange;
use crate::grant::password::{refuse_client_that_needs_consent, refuse_client_without_direct_access};

/// The parameters.
pub(crate) struct Contactless<'a> {
    pub(crate) card: &'a str,
    /// The key of the device, found alive.
    pub(crate) device: Option<&'a DeviceKey>,
}

pub(crate) async fn exchange(cx: &Exchange<'_>, grant: &Contactless<'_>) -> Result<Issue, GrantError> {
    refuse_client_without_direct_access(cx.client)?;
    refuse_client_that_needs_consent(cx.client)?;
    let device = grant.device.ok_or(ContactlessError::UntrustedDevice)?;
    let at = cx.at();
    let guard = Guard::enter(&cx.parts.user_authentication, &at, (Subject::Device(device), &device.device())).await?;
    if guard.is_locked() {
        return Err(ContactlessError::DeviceLocked.into());
    }
    let Some(user) = find_by_card(cx, grant.card).await? else {
        guard.record_failure(Factor::First).await?; // cards cannot be tried out: guesses lock the device
        return Err(ContactlessError::UnknownCard.into());
    };
    refuse_locked_user(cx, &user).await?;
    refuse_disabled(&user)?;
    refuse_unfinished_account(&at, &user)?;
    guard.forget_failures().await?;
    let scope = ScopeRequest::default();
    Ok(cx.sign_on().open(Login { user, scope, grant: GrantKind::Other, notes: SessionNotes::default() }).await?)
}

/// Cards are found by their hash: serials are stored nowhere.
async fn find_by_card(cx: &Exchange<'_>, card: &str) -> Result<Option<Arc<User>>, GrantError> {
    Ok(cx.parts.users.find_by_card(&cx.realm.name, &hash_card(card)).await?)
}

async fn refuse_locked_user(cx: &Exchange<'_>, user: &User) -> Result<(), GrantError> {
    let locked = cx.parts.user_authentication.is_locked(&cx.at(), user).await?;
    if locked { Err(Refusal::Locked(user.id.clone()).into()) } else { Ok(()) }
}
