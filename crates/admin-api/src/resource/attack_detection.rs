//! `/admin/realms/{realm}/attack-detection/brute-force/users` (recordings admin-attack-detection/*)

use ambient::Timestamp;
use realm_store::{ServiceAccounts, UserQuery};
use serde_json::json;
use sessions::{LoginAttempts, Subject};

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::delete("attack-detection/brute-force/users", |call| Box::pin(forget_all(call))),
        // Keycloak: this is no wrong verb but an unknown path.
        Route::get("attack-detection/brute-force/users", |_| Box::pin(async { Err(AdminError::NotFound) })),
        Route::get("attack-detection/brute-force/users/{user}", |call| Box::pin(read(call))),
        Route::delete("attack-detection/brute-force/users/{user}", |call| Box::pin(forget(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::MethodNotAllowed,
};

/// Users read at once.
const PAGE: u64 = 500;

/// Keycloak: whoever is asked for need not be there.
async fn read(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewUsers)?;
    let now = call.context.now;
    let user = call.param(0).into();
    let found = match call.realm().brute_force.protected {
        true => call.api.sessions.find_attempts(&call.realm().name, Subject::User(&user), now).await?,
        false => None,
    };
    let attempts = found.unwrap_or_default();
    Answer::json(&json!({
        "failedLoginNotBefore": not_before(&attempts),
        "numFailures": attempts.failures,
        "numTemporaryLockouts": attempts.temporary_lockouts,
        "disabled": attempts.not_before > now,
        "numSecondaryAuthFailures": attempts.secondary_failures,
        "lastIPFailure": attempts.last_ip.as_deref().unwrap_or("n/a"),
        "lastFailure": attempts.last_failure.millis(),
    }))
}

/// Seconds since the epoch. Keycloak: the greatest number where the lock never ends (recording brute-force/permanent-lockout).
fn not_before(attempts: &LoginAttempts) -> i64 {
    if attempts.not_before == Timestamp::MAX { i64::MAX } else { attempts.not_before.secs() }
}

async fn forget(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageUsers)?;
    call.forget_attempts(&call.param(0).into()).await?;
    Ok(Answer::no_content())
}

/// Failed logins are kept by user: all users are gone through.
async fn forget_all(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageUsers)?;
    let mut after: Option<String> = None;
    loop {
        let query = UserQuery {
            service_accounts: ServiceAccounts::Include,
            after: after.take(),
            max: Some(PAGE),
            ..UserQuery::default()
        };
        let users = call.api.live.repository().users(&call.realm().id, &query).await?;
        for row in &users {
            call.forget_attempts(&row.record.id().into()).await?;
        }
        match users.last() {
            Some(last) if users.len() as u64 == PAGE => after = Some(last.record.username().to_owned()),
            _ => return Ok(Answer::no_content()),
        }
    }
}
