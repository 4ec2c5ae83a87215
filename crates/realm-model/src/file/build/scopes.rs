//! Client scopes and protocol mappers.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::super::defaults;
use super::super::lenient::Text;
use super::super::representation::{ClientScopeRepresentation, MapperRepresentation, RealmRepresentation};
use super::Draft;
use crate::sharing::{self, Maps, Pool};
use crate::{ClientScope, EntityMap, Protocol, ProtocolMapper, Texts};

/// The protocol by Keycloak's word; a client scope without one serves no client.
pub(super) fn protocol(word: Option<&str>) -> Protocol {
    match word {
        Some("openid-connect") => Protocol::OpenidConnect,
        Some("saml") => Protocol::Saml,
        _ => Protocol::Other,
    }
}

/// Protocol mappers as they are used.
pub(super) fn mappers(mappers: Vec<MapperRepresentation>) -> Vec<Arc<ProtocolMapper>> {
    static MAPPERS: LazyLock<Pool<ProtocolMapper>> = LazyLock::new(Pool::default);
    let checked = |mapper: MapperRepresentation| {
        let Text(name) = mapper.name.unwrap_or_default();
        let Text(protocol_mapper) = mapper.protocol_mapper.unwrap_or_default();
        sharing::one(&MAPPERS, ProtocolMapper { name, protocol_mapper, config: mapper.config.0.into() })
    };
    mappers.into_iter().map(checked).collect()
}

/// A client scope; equal ones are there once.
pub(crate) fn scope(scope: ClientScopeRepresentation) -> Arc<ClientScope> {
    let Text(name) = scope.name.unwrap_or_default();
    let attributes = Texts::from(scope.attributes.0);
    shared(ClientScope {
        protocol: protocol(scope.protocol.as_ref().map(|Text(word)| word.as_str())),
        include_in_token_scope: attributes.get("include.in.token.scope").is_none_or(|value| value == "true"),
        mappers: mappers(scope.protocol_mappers),
        role_scope_mappings: Vec::new(),
        attributes,
        name: sharing::text(&name),
    })
}

/// The one instance of what is equal to `scope`.
pub(crate) fn shared(scope: ClientScope) -> Arc<ClientScope> {
    static SCOPES: LazyLock<Pool<ClientScope>> = LazyLock::new(Pool::default);
    sharing::one(&SCOPES, scope)
}

/// The client scopes of a realm: most realms have the same ones.
pub(super) fn finish(scopes: BTreeMap<Arc<str>, Arc<ClientScope>>) -> EntityMap<Arc<str>, ClientScope> {
    static MAPS: LazyLock<Maps<Arc<str>, ClientScope>> = LazyLock::new(Maps::default);
    let one = |scope: Arc<ClientScope>| if scope.role_scope_mappings.is_empty() { scope } else { shared((*scope).clone()) };
    MAPS.of(scopes.into_values().map(one).collect(), |scope| Arc::clone(&scope.name))
}

/// The file's client scopes, or the built-in ones where it has no `clientScopes` at all; `offline_access` in any case
/// (wire.md section 8.1, import rules).
pub(super) fn add_all(draft: &mut Draft<'_>, representation: &mut RealmRepresentation) {
    let Some(given) = representation.client_scopes.take() else {
        static BUILT_IN: LazyLock<Vec<Arc<ClientScope>>> =
            LazyLock::new(|| defaults::client_scopes().into_iter().map(scope).collect());
        draft.scopes.extend(BUILT_IN.iter().map(|built_in| (Arc::clone(&built_in.name), Arc::clone(built_in))));
        return;
    };
    draft.brings_scopes = true;
    for (index, given) in given.into_iter().enumerate() {
        let given = scope(given);
        let place = || draft.at("clientScopes", index);
        if given.name.is_empty() {
            let place = place();
            draft.problems.error(place, "a client scope needs a \"name\"", None);
        } else if draft.scopes.contains_key(&given.name) {
            let place = place().then("name");
            draft.problems.error(place, format!("there are two client scopes \"{}\"", given.name), None);
        } else {
            draft.scopes.insert(Arc::clone(&given.name), given);
        }
    }
    if !draft.scopes.contains_key("offline_access") {
        draft.added_offline_access = true;
        let built_in = scope(defaults::offline_access_scope());
        draft.scopes.insert(Arc::clone(&built_in.name), built_in);
    }
}
