use std::collections::BTreeSet;

use realm_model::{Realm, RoleSet};
use serde_json::{Map, Value};

/// The client whose roles decide, and without which there is no account page.
pub(crate) const ACCOUNT: &str = "account";
/// The client as which people sign in at the account page.
pub(crate) const CONSOLE: &str = "account-console";

/// A role of client `account`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AccountRole {
    ManageAccount,
    ViewProfile,
    ViewApplications,
    ViewConsent,
    ManageConsent,
    ViewGroups,
}

impl AccountRole {
    const ALL: [Self; 6] = [
        Self::ManageAccount,
        Self::ViewProfile,
        Self::ViewApplications,
        Self::ViewConsent,
        Self::ManageConsent,
        Self::ViewGroups,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::ManageAccount => "manage-account",
            Self::ViewProfile => "view-profile",
            Self::ViewApplications => "view-applications",
            Self::ViewConsent => "view-consent",
            Self::ManageConsent => "manage-consent",
            Self::ViewGroups => "view-groups",
        }
    }

    /// Those that are among `roles`.
    pub(crate) fn among(roles: &RoleSet) -> BTreeSet<Self> {
        let has = |role: &Self| {
            let of_account = |key: &&realm_model::RoleKey| key.client.as_ref().is_some_and(|client| client.as_str() == ACCOUNT);
            roles.iter().filter(of_account).any(|key| key.name.as_str() == role.name())
        };
        Self::ALL.into_iter().filter(has).collect()
    }

    /// Those that a token names (`resource_access`).
    pub(crate) fn of_claims(claims: &Map<String, Value>) -> BTreeSet<Self> {
        let access = claims.get("resource_access").and_then(|access| access.get(ACCOUNT)?.get("roles")?.as_array());
        let named: Vec<&str> = access.into_iter().flatten().filter_map(Value::as_str).collect();
        Self::ALL.into_iter().filter(|role| named.contains(&role.name())).collect()
    }
}

/// Whether the realm has an account page: client `account` is there and switched on (CVE-2026-7500).
pub(crate) fn is_enabled(realm: &Realm) -> bool {
    realm.client(ACCOUNT).is_some_and(|client| client.enabled)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(access: Value) -> Map<String, Value> {
        Map::from_iter([("resource_access".to_owned(), access)])
    }

    #[test]
    fn without_its_client_or_with_one_that_is_switched_off_there_is_no_account_api() {
        use realm_model::file::{SourceFile, read};
        for (enabled, expected) in [(true, true), (false, false)] {
            let file = json!({"realm": "web", "enabled": true, "clients": [{"clientId": "account", "enabled": enabled}]});
            let file = SourceFile { name: "web.json".to_owned(), bytes: file.to_string().into_bytes() };
            let realm = read(&[file], &|_| None).realms.remove(0).realm;
            assert_eq!(is_enabled(&realm), expected);
        }
    }

    #[test]
    fn roles_of_other_clients_are_no_roles_of_the_account() {
        let own = AccountRole::of_claims(&claims(json!({"account": {"roles": ["view-profile", "nothing"]}})));
        assert_eq!(own.into_iter().collect::<Vec<_>>(), [AccountRole::ViewProfile]);
        let other = claims(json!({"realm-management": {"roles": ["manage-account"]}}));
        assert!(AccountRole::of_claims(&other).is_empty());
        assert!(AccountRole::of_claims(&claims(json!({"account": {"roles": "manage-account"}}))).is_empty());
    }
}
