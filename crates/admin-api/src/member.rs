//! Users in lists of other resources: members of a group, holders of a role.

use realm_model::document::{Body, Key, UserRecord};
use realm_store::{ServiceAccounts, UserQuery};
use serde_json::Value;

use crate::call::Call;
use crate::error::AdminError;
use crate::query::Page;

/// Members of an export that no list shows.
const HIDDEN: &[&str] = &[
    "credentials",
    "realmRoles",
    "clientRoles",
    "groups",
    "federatedIdentities",
    "clientConsents",
    "serviceAccountClientId",
    "access",
];

/// The direct holders of a role or members of a group, by username.
pub(crate) async fn of(call: &Call, key: &Key, page: Page) -> Result<Vec<Body>, AdminError> {
    let query = UserQuery {
        member_of: Some(key.clone()),
        service_accounts: ServiceAccounts::Include,
        first: page.first.and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
        max: page.max.and_then(|n| u64::try_from(n).ok()),
        ..UserQuery::default()
    };
    let found = call.api.live.repository().users(&call.realm().id, &query).await?;
    Ok(found.iter().map(|row| shown(&row.record)).collect())
}

/// What lists show of a user, `access` apart.
pub(crate) fn shown(user: &UserRecord) -> Body {
    let mut body = realm_model::document::exported_user(user);
    body.retain(|name, value| !HIDDEN.contains(&name.as_str()) && !is_empty(value));
    for list in ["disableableCredentialTypes", "requiredActions"] {
        body.entry(list).or_insert_with(|| Value::Array(Vec::new()));
    }
    body
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}
