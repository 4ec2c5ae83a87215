//! Who may what: the one table of admin roles (shared wire-admin.md section 8; recordings admin-authorization/*).

use realm_editing::clients::{REALM_MANAGEMENT, is_administrative};
use realm_model::document::{Key, Kind};
use realm_model::{Realm, RoleKey, RoleSet};

pub(crate) use realm_editing::clients::MASTER;

use crate::call::Call;
use crate::error::AdminError;

/// A role of `realm-management`, or of `<realm>-realm` in master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AdminRole {
    QueryUsers,
    QueryGroups,
    QueryClients,
    QueryRealms,
    ViewUsers,
    ManageUsers,
    ViewClients,
    ManageClients,
    CreateClient,
    ViewRealm,
    ManageRealm,
    ViewEvents,
    ManageEvents,
    ViewIdentityProviders,
    ManageIdentityProviders,
    ViewAuthorization,
    ManageAuthorization,
    ManageOrganizations,
    ViewOrganizations,
    QueryOrganizations,
    Impersonation,
    RealmAdmin,
}

use AdminRole::{
    CreateClient, Impersonation as Impersonate, ManageAuthorization, ManageClients, ManageEvents, ManageIdentityProviders,
    ManageOrganizations, ManageRealm, ManageUsers, QueryClients, QueryGroups, QueryOrganizations, QueryRealms, QueryUsers,
    RealmAdmin, ViewAuthorization, ViewClients, ViewEvents, ViewIdentityProviders, ViewOrganizations, ViewRealm, ViewUsers,
};

impl AdminRole {
    /// All of them, as `realm-management` has them.
    pub(crate) const ALL: [Self; 22] = [
        QueryUsers,
        QueryGroups,
        QueryClients,
        QueryRealms,
        ViewUsers,
        ManageUsers,
        ViewClients,
        ManageClients,
        CreateClient,
        ViewRealm,
        ManageRealm,
        ViewEvents,
        ManageEvents,
        ViewIdentityProviders,
        ManageIdentityProviders,
        ViewAuthorization,
        ManageAuthorization,
        ManageOrganizations,
        ViewOrganizations,
        QueryOrganizations,
        Impersonate,
        RealmAdmin,
    ];

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            QueryUsers => "query-users",
            QueryGroups => "query-groups",
            QueryClients => "query-clients",
            QueryRealms => "query-realms",
            ViewUsers => "view-users",
            ManageUsers => "manage-users",
            ViewClients => "view-clients",
            ManageClients => "manage-clients",
            CreateClient => "create-client",
            ViewRealm => "view-realm",
            ManageRealm => "manage-realm",
            ViewEvents => "view-events",
            ManageEvents => "manage-events",
            ViewIdentityProviders => "view-identity-providers",
            ManageIdentityProviders => "manage-identity-providers",
            ViewAuthorization => "view-authorization",
            ManageAuthorization => "manage-authorization",
            ManageOrganizations => "manage-organizations",
            ViewOrganizations => "view-organizations",
            QueryOrganizations => "query-organizations",
            Impersonate => "impersonation",
            RealmAdmin => "realm-admin",
        }
    }
}

/// What an operation needs.
#[allow(dead_code, reason = "some are for the users resource")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Permission {
    /// The realm in its small shape, localization, serverinfo.
    SeeRealm,
    /// The realm in full, its roles, components, keys, default groups, statistics.
    ViewRealm,
    /// To change any of these.
    ManageRealm,
    /// Lists of users, and how many there are; whom a caller without [`Permission::ViewUsers`] does not see.
    QueryUsers,
    /// Users, attack detection.
    ViewUsers,
    /// To change users and groups.
    ManageUsers,
    /// `users/profile`
    ViewUserProfile,
    /// Required actions.
    ViewRequiredActions,
    /// Lists of groups, and how many there are.
    QueryGroups,
    /// Groups and their members.
    ViewGroups,
    /// Lists of clients and client scopes.
    QueryClients,
    /// Clients with their secrets, client scopes, default scopes of the realm.
    ViewClients,
    /// To change any of these.
    ManageClients,
    /// Client scopes, whoever may see that there are clients.
    ListClientScopes,
    /// Authentication flows.
    ViewFlows,
    /// The list of roles of the realm.
    ListRoles,
    /// Roles of clients.
    ViewClientRoles,
    /// Events.
    ViewEvents,
    /// To remove events, to say which are kept.
    ManageEvents,
    /// Identity providers.
    ViewIdentityProviders,
    /// To change them.
    ManageIdentityProviders,
    /// Organizations.
    ViewOrganizations,
    /// To end all sessions.
    LogoutAll,
    /// To be somebody else.
    Impersonation,
    /// Everything.
    AdministerRealm,
}

impl Permission {
    /// The roles any of which is enough. `realm-admin` contains them all.
    pub(crate) const fn roles(self) -> &'static [AdminRole] {
        match self {
            Self::SeeRealm => &[
                QueryUsers,
                QueryGroups,
                QueryClients,
                QueryRealms,
                ViewUsers,
                ManageUsers,
                ViewClients,
                ManageClients,
                CreateClient,
                ViewRealm,
                ManageRealm,
                ViewEvents,
                ManageEvents,
                ViewIdentityProviders,
                ManageIdentityProviders,
                ViewAuthorization,
                ManageAuthorization,
                ManageOrganizations,
                ViewOrganizations,
                QueryOrganizations,
            ],
            Self::ViewRealm => &[ViewRealm, ManageRealm],
            Self::ManageRealm => &[ManageRealm],
            Self::QueryUsers => &[QueryUsers, ViewUsers, ManageUsers],
            Self::ViewUsers | Self::ViewGroups => &[ViewUsers, ManageUsers],
            Self::ManageUsers | Self::LogoutAll => &[ManageUsers],
            Self::ViewUserProfile => &[QueryUsers, ViewUsers, ManageUsers, ViewRealm, ManageRealm],
            Self::ViewRequiredActions => &[ViewRealm, ManageRealm, ViewUsers, QueryUsers],
            Self::QueryGroups => &[QueryGroups, ViewUsers, ManageUsers],
            Self::QueryClients => &[QueryClients, ViewClients, ManageClients],
            Self::ViewClients => &[ViewClients, ManageClients],
            Self::ManageClients => &[ManageClients],
            Self::ListClientScopes => &[QueryClients, ViewClients, ManageClients],
            Self::ViewFlows => &[ViewRealm, ManageRealm, ViewClients, QueryClients],
            Self::ListRoles => &[ViewRealm, ManageRealm, ManageIdentityProviders],
            Self::ViewClientRoles => &[ViewClients, ManageClients],
            Self::ViewEvents => &[ViewEvents, ManageEvents],
            Self::ManageEvents => &[ManageEvents],
            Self::ViewIdentityProviders => &[ViewIdentityProviders, ManageIdentityProviders],
            Self::ManageIdentityProviders => &[ManageIdentityProviders],
            Self::ViewOrganizations => &[ViewOrganizations, ManageOrganizations, ManageRealm],
            Self::Impersonation => &[Impersonate],
            Self::AdministerRealm => &[],
        }
    }
}

/// Realm role of master that may everything everywhere.
pub(crate) const ADMIN: &str = "admin";
/// Realm role of master that may make realms.
pub(crate) const CREATE_REALM: &str = "create-realm";

/// The client whose roles a caller from `home` needs for `realm`; `None`: nobody from there may anything.
///
/// Keycloak: in master these are roles of `<realm>-realm`, in any other realm roles of its own `realm-management`.
pub(crate) fn admin_client(home: &Realm, realm: &str) -> Option<String> {
    match home.name.as_str() {
        MASTER => Some(master_client(realm)),
        own if own == realm => Some(REALM_MANAGEMENT.to_owned()),
        _ => None,
    }
}

/// The client of master that stands for `realm`.
pub(crate) fn master_client(realm: &str) -> String {
    format!("{realm}-realm")
}

/// Whether `roles`, which the caller has in `home`, are enough.
pub(crate) fn allows(roles: &RoleSet, home: &Realm, realm: &str, permission: Permission) -> bool {
    if may_everything(roles, home) {
        return true;
    }
    let Some(client) = admin_client(home, realm) else { return false };
    let has = |role: &AdminRole| roles.contains(&RoleKey::client(client.as_str(), role.name()));
    has(&RealmAdmin) || permission.roles().iter().any(has)
}

/// Whether the caller is an administrator of everything.
pub(crate) fn may_everything(roles: &RoleSet, home: &Realm) -> bool {
    home.name.as_str() == MASTER && roles.contains(&RoleKey::realm(ADMIN))
}

/// Whether any of `roles`, of a caller from master, is one of some realm's client there.
pub(crate) fn has_any_of_master(roles: &RoleSet) -> bool {
    let is_one = |role: &RoleKey| {
        let of_realm = role.client.as_ref().is_some_and(|client| client.as_str().ends_with("-realm"));
        of_realm && Permission::SeeRealm.roles().iter().any(|known| known.name() == role.name.as_str())
    };
    roles.iter().any(is_one)
}

/// Whether the caller may give a role to users and groups. Keycloak: any, but admin roles only who has them himself (recordings
/// admin-authorization/{no-own-promotion,writes-manage-users}).
pub(crate) fn may_give(call: &Call, role: &Key) -> bool {
    let (caller, realm) = (&call.caller, call.realm_name());
    if may_everything(&caller.roles, &caller.realm) {
        return true;
    }
    if role.kind == Kind::RealmRole {
        return realm != MASTER || !matches!(role.name.as_str(), ADMIN | CREATE_REALM);
    }
    let gives_power = role.owner == REALM_MANAGEMENT || (realm == MASTER && role.owner.ends_with("-realm"));
    if !gives_power {
        return true;
    }
    if realm == MASTER && role.owner != master_client(MASTER) {
        return caller.roles.contains(&RoleKey::client(role.owner.as_str(), role.name.as_str()));
    }
    match role.name.as_str() {
        name if name.starts_with("query-") => true,
        "view-users" => caller.may(realm, Permission::ViewUsers),
        "manage-users" => caller.may(realm, Permission::ManageUsers),
        "view-authorization" if caller.may(realm, Permission::ViewClients) => true,
        name => {
            let own = admin_client(&caller.realm, realm).map(|client| RoleKey::client(client.as_str(), name));
            caller.may(realm, Permission::AdministerRealm) || own.is_some_and(|own| caller.roles.contains(&own))
        }
    }
}

/// Refuses to change what says who may administer a realm.
///
/// # Errors
/// 403
pub(crate) fn refuse_administrative(call: &Call, key: &Key) -> Result<(), AdminError> {
    if is_administrative(call.realm_name(), key) { Err(AdminError::Forbidden) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
