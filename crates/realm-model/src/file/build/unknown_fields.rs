//! Fields that Keycloak does not know: Keycloak refuses the file, here each is a warning with the nearest right word.

use super::super::place::Place;
use super::super::problem::{Problems, did_you_mean};
use super::super::representation::{
    ClientRepresentation, ClientScopeRepresentation, ComponentRepresentation, ConsentRepresentation, CredentialRepresentation,
    FlowRepresentation, GroupRepresentation, IdentityProviderRepresentation, MapperRepresentation, RealmRepresentation,
    RoleRepresentation, RolesRepresentation, ScopeMappingRepresentation, UserRepresentation,
};

/// Reports the members of `rest` that are not among `fields`. `place` is made only where there is something to report.
fn report(
    rest: &serde_json::Map<String, serde_json::Value>,
    fields: &[&str],
    owner: &str,
    place: &dyn Fn() -> Place,
    problems: &mut Problems,
) {
    for name in rest.keys().filter(|name| !fields.contains(&name.as_str())) {
        if problems.is_full() {
            return;
        }
        let help = did_you_mean(name, fields.iter().copied());
        problems.unknown_field(place().then(name), format!("{owner} has no field \"{name}\": it has no effect"), help);
    }
}

/// Reports unknown fields of a realm and all in it but its users.
pub(super) fn of_realm(realm: &RealmRepresentation, place: &Place, problems: &mut Problems) {
    report(&realm.rest, RealmRepresentation::FIELDS, "a realm", &|| place.clone(), problems);
    for (index, client) in realm.clients.iter().enumerate() {
        of_client(client, &|| place.then("clients").then(index), problems);
    }
    for (index, scope) in realm.client_scopes.iter().flatten().enumerate() {
        let at = || place.then("clientScopes").then(index);
        report(&scope.rest, ClientScopeRepresentation::FIELDS, "a client scope", &at, problems);
        of_mappers(&scope.protocol_mappers, &at, problems);
    }
    if let Some(roles) = &realm.roles {
        let at = || place.then("roles");
        report(&roles.rest, RolesRepresentation::FIELDS, "roles", &at, problems);
        of_roles(&roles.realm, &|| at().then("realm"), problems);
        for (client, roles) in &roles.client {
            of_roles(roles, &|| at().then("client").then(client), problems);
        }
    }
    of_groups(&realm.groups, &|| place.then("groups"), problems);
    for (index, mapping) in realm.scope_mappings.iter().enumerate() {
        let at = || place.then("scopeMappings").then(index);
        report(&mapping.rest, ScopeMappingRepresentation::FIELDS, "a scope mapping", &at, problems);
    }
    for (kind, components) in &realm.components {
        for (index, component) in components.iter().enumerate() {
            let at = || place.then("components").then(kind).then(index);
            report(&component.rest, ComponentRepresentation::FIELDS, "a component", &at, problems);
        }
    }
    for (index, provider) in realm.identity_providers.iter().enumerate() {
        let at = || place.then("identityProviders").then(index);
        report(&provider.rest, IdentityProviderRepresentation::FIELDS, "an identity provider", &at, problems);
    }
    for (index, flow) in realm.authentication_flows.iter().enumerate() {
        let at = || place.then("authenticationFlows").then(index);
        report(&flow.rest, FlowRepresentation::FIELDS, "an authentication flow", &at, problems);
    }
}

fn of_client(client: &ClientRepresentation, place: &dyn Fn() -> Place, problems: &mut Problems) {
    report(&client.rest, ClientRepresentation::FIELDS, "a client", place, problems);
    of_mappers(&client.protocol_mappers, place, problems);
}

fn of_mappers(mappers: &[MapperRepresentation], owner: &dyn Fn() -> Place, problems: &mut Problems) {
    for (index, mapper) in mappers.iter().enumerate() {
        let at = || owner().then("protocolMappers").then(index);
        report(&mapper.rest, MapperRepresentation::FIELDS, "a protocol mapper", &at, problems);
    }
}

fn of_roles(roles: &[RoleRepresentation], list: &dyn Fn() -> Place, problems: &mut Problems) {
    for (index, role) in roles.iter().enumerate() {
        report(&role.rest, RoleRepresentation::FIELDS, "a role", &|| list().then(index), problems);
    }
}

fn of_groups(groups: &[GroupRepresentation], list: &dyn Fn() -> Place, problems: &mut Problems) {
    for (index, group) in groups.iter().enumerate() {
        let at = || list().then(index);
        report(&group.rest, GroupRepresentation::FIELDS, "a group", &at, problems);
        of_groups(&group.sub_groups, &|| at().then("subGroups"), problems);
    }
}

/// Reports unknown fields of a user and its credentials.
pub(super) fn of_user(user: &UserRepresentation, place: &dyn Fn() -> Place, problems: &mut Problems) {
    report(&user.rest, UserRepresentation::FIELDS, "a user", place, problems);
    for (index, credential) in user.credentials.iter().enumerate() {
        let at = || place().then("credentials").then(index);
        report(&credential.rest, CredentialRepresentation::FIELDS, "a credential", &at, problems);
    }
    for (index, consent) in user.client_consents.iter().enumerate() {
        let at = || place().then("clientConsents").then(index);
        report(&consent.rest, ConsentRepresentation::FIELDS, "a consent", &at, problems);
    }
}
