use realm_model::file::{SourceFile, read};

use super::*;

fn realm(name: &str) -> Realm {
    let json = format!("{{\"realm\": \"{name}\", \"enabled\": true}}");
    read(&[SourceFile { name: "realm.json".to_owned(), bytes: json.into_bytes() }], &|_| None).realms.remove(0).realm
}

/// What each role alone allows, of what was measured (shared wire-admin.md section 8).
#[test]
fn each_role_alone_allows_what_it_allows_in_keycloak() {
    use Permission as P;
    let home = realm("r");
    for (role, allowed) in [
        (QueryUsers, vec![P::SeeRealm, P::QueryUsers, P::ViewUserProfile, P::ViewRequiredActions]),
        (QueryGroups, vec![P::SeeRealm, P::QueryGroups]),
        (QueryClients, vec![P::SeeRealm, P::QueryClients, P::ListClientScopes, P::ViewFlows]),
        (QueryRealms, vec![P::SeeRealm]),
        (CreateClient, vec![P::SeeRealm]),
        (ViewAuthorization, vec![P::SeeRealm]),
        (Impersonate, vec![P::Impersonation]),
        (
            ManageUsers,
            vec![
                P::SeeRealm,
                P::QueryUsers,
                P::ViewUsers,
                P::ManageUsers,
                P::ViewUserProfile,
                P::QueryGroups,
                P::ViewGroups,
                P::LogoutAll,
            ],
        ),
        (ViewClients, vec![P::SeeRealm, P::QueryClients, P::ViewClients, P::ListClientScopes, P::ViewFlows, P::ViewClientRoles]),
        (ViewRealm, vec![P::SeeRealm, P::ViewRealm, P::ViewUserProfile, P::ViewRequiredActions, P::ViewFlows, P::ListRoles]),
        (ManageIdentityProviders, vec![P::SeeRealm, P::ListRoles, P::ViewIdentityProviders, P::ManageIdentityProviders]),
        (ViewEvents, vec![P::SeeRealm, P::ViewEvents]),
    ] {
        let roles = RoleSet::from([RoleKey::client("realm-management", role.name())]);
        let all = EVERY.into_iter().filter(|permission| allows(&roles, &home, "r", *permission)).collect::<Vec<_>>();
        assert_eq!(all, allowed, "{}", role.name());
    }
}

const EVERY: [Permission; 24] = [
    Permission::SeeRealm,
    Permission::ViewRealm,
    Permission::ManageRealm,
    Permission::QueryUsers,
    Permission::ViewUsers,
    Permission::ManageUsers,
    Permission::ViewUserProfile,
    Permission::ViewRequiredActions,
    Permission::QueryGroups,
    Permission::ViewGroups,
    Permission::QueryClients,
    Permission::ViewClients,
    Permission::ManageClients,
    Permission::ListClientScopes,
    Permission::ViewFlows,
    Permission::ListRoles,
    Permission::ViewClientRoles,
    Permission::ViewEvents,
    Permission::ManageEvents,
    Permission::ViewIdentityProviders,
    Permission::ManageIdentityProviders,
    Permission::ViewOrganizations,
    Permission::LogoutAll,
    Permission::Impersonation,
];

#[test]
fn roles_count_in_the_realm_they_are_for_alone() {
    let (master, other) = (realm("master"), realm("r"));
    let admin = RoleSet::from([RoleKey::realm("admin")]);
    let of_r = RoleSet::from([RoleKey::client("r-realm", "view-users")]);
    let own = RoleSet::from([RoleKey::client("realm-management", "realm-admin")]);
    for (case, roles, home, target, expected) in [
        ("an admin of master", &admin, &master, "r", true),
        ("a realm role of that name elsewhere", &admin, &other, "r", false),
        ("a role of the realm's client in master", &of_r, &master, "r", true),
        ("that role in another realm", &of_r, &master, "q", false),
        ("that role in master itself", &of_r, &master, "master", false),
        ("an own admin", &own, &other, "r", true),
        ("an own admin in another realm", &own, &other, "q", false),
        ("an own admin in master", &own, &other, "master", false),
        ("realm-management in master is nothing", &own, &master, "r", false),
    ] {
        assert_eq!(allows(roles, home, target, Permission::ViewUsers), expected, "{case}");
    }
}

#[test]
fn what_says_who_may_administer_is_not_changed() {
    for (realm, key, expected) in [
        ("r", Key::of(Kind::Client, "realm-management"), true),
        ("r", Key::owned(Kind::ClientRole, "realm-management", "realm-admin"), true),
        ("r", Key::of(Kind::Client, "other-realm"), false),
        ("r", Key::of(Kind::RealmRole, "admin"), false),
        ("r", Key::of(Kind::Client, "account"), false),
        ("master", Key::of(Kind::Client, "r-realm"), true),
        ("master", Key::owned(Kind::ClientRole, "r-realm", "view-users"), true),
        ("master", Key::of(Kind::RealmRole, "admin"), true),
        ("master", Key::of(Kind::RealmRole, "mine"), false),
    ] {
        assert_eq!(is_administrative(realm, &key), expected, "{key} of {realm}");
    }
}
