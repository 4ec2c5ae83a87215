//! What is shown of a user (recordings admin-users/{create-*,search-brief,profile-metadata}).

use realm_model::document::{Body, Documents, Kind, UserRecord};
use serde_json::{Value, json};

use crate::body::{text, without};
use crate::call::Call;
use crate::error::AdminError;
use crate::profile::Profile;
use crate::role::Detail;
use crate::roles::Permission;

/// Members that a brief list does not show.
const FULL_ONLY: [&str; 5] = ["totp", "notBefore", "disableableCredentialTypes", "requiredActions", "attributes"];

/// In a list.
pub(crate) async fn listed(call: &Call, profile: &Profile, (user, detail): (&UserRecord, Detail)) -> Result<Body, AdminError> {
    let mut body = known(call, profile, user).await?;
    if detail == Detail::Brief {
        body = without(body, &FULL_ONLY);
    }
    body.insert("access".to_owned(), json!({ "manage": call.may(Permission::ManageUsers) }));
    Ok(body)
}

/// Alone.
pub(crate) async fn alone(
    call: &Call,
    (documents, profile): (&Documents, &Profile),
    user: &UserRecord,
) -> Result<Body, AdminError> {
    let mut body = known(call, profile, user).await?;
    if documents.of_kind(Kind::IdentityProvider).next().is_some() {
        body.insert("federatedIdentities".to_owned(), identities(documents, user).into());
    }
    let manage = call.may(Permission::ManageUsers);
    let access = json!({
        "view": call.may(Permission::ViewUsers), "impersonate": call.may(Permission::Impersonation), "manage": manage,
        "manageGroupMembership": manage, "mapRoles": manage, "resetPassword": manage,
    });
    body.insert("access".to_owned(), access);
    Ok(body)
}

async fn known(call: &Call, profile: &Profile, user: &UserRecord) -> Result<Body, AdminError> {
    let mut body = crate::member::shown(user);
    if let Some(Value::Object(attributes)) = body.get_mut("attributes") {
        attributes.retain(|name, _| profile.shows(name));
        if attributes.is_empty() {
            body.shift_remove("attributes");
        }
    }
    // Keycloak: who is locked out for good is shown as disabled, with the reason among the attributes (asked of 26.7.4).
    if call.api.sessions.is_locked_for_good(call.realm(), &user.id().into(), call.context.now).await? {
        body.insert("enabled".to_owned(), false.into());
        let attributes = body.entry("attributes").or_insert_with(|| json!({}));
        if let Value::Object(attributes) = attributes {
            attributes.insert("disabledReason".to_owned(), json!(["permanentLockout"]));
        }
    }
    Ok(body)
}

/// The identities of a user at providers that are there.
pub(crate) fn identities(documents: &Documents, user: &UserRecord) -> Vec<Value> {
    let all = user.0.get("federatedIdentities").and_then(Value::as_array).into_iter().flatten();
    let is_known = |identity: &&Value| {
        let alias = identity.as_object().and_then(|identity| text(identity, "identityProvider"));
        alias.is_some_and(|alias| documents.named(Kind::IdentityProvider, alias).is_some())
    };
    all.filter(is_known).cloned().collect()
}
