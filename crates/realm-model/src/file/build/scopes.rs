//! Client scopes and protocol mappers.

use std::sync::Arc;

use super::super::defaults;
use super::super::ids::stable_id;
use super::super::lenient::Text;
use super::super::representation::{ClientScopeRepresentation, MapperRepresentation, RealmRepresentation};
use super::{Draft, Source};
use crate::{ClientScope, Protocol, ProtocolMapper};

/// The protocol by Keycloak's word; a client scope without one serves no client.
pub(super) fn protocol(word: Option<&str>) -> Protocol {
    match word {
        Some("openid-connect") => Protocol::OpenidConnect,
        Some("saml") => Protocol::Saml,
        _ => Protocol::Other,
    }
}

/// Protocol mappers of `owner`.
pub(super) fn mappers(realm: &str, owner: &str, mappers: Vec<MapperRepresentation>) -> Vec<Arc<ProtocolMapper>> {
    let checked = |mapper: MapperRepresentation| {
        let Text(name) = mapper.name.unwrap_or_default();
        let id = super::non_empty(mapper.id).unwrap_or_else(|| stable_id(realm, "mapper", &format!("{owner}\n{name}")));
        let Text(protocol_mapper) = mapper.protocol_mapper.unwrap_or_default();
        Arc::new(ProtocolMapper { id, name, protocol_mapper, config: mapper.config.0 })
    };
    mappers.into_iter().map(checked).collect()
}

fn scope(realm: &str, scope: ClientScopeRepresentation) -> ClientScope {
    let Text(name) = scope.name.unwrap_or_default();
    let attributes = scope.attributes.0;
    ClientScope {
        id: super::non_empty(scope.id).unwrap_or_else(|| stable_id(realm, "client-scope", &name)),
        protocol: protocol(scope.protocol.as_ref().map(|Text(word)| word.as_str())),
        include_in_token_scope: attributes.get("include.in.token.scope").is_none_or(|value| value == "true"),
        mappers: mappers(realm, &format!("client-scope\n{name}"), scope.protocol_mappers),
        role_scope_mappings: Vec::new(),
        attributes,
        name: name.into(),
    }
}

/// The file's client scopes, or the built-in ones where it has no `clientScopes` at all; `offline_access` in any case
/// (wire.md section 8.1, import rules).
pub(super) fn add_all(draft: &mut Draft<'_>, representation: &mut RealmRepresentation) {
    let given = representation.client_scopes.take().or_else(|| (draft.source == Source::Store).then(Vec::new));
    let Some(given) = given else {
        for built_in in defaults::client_scopes() {
            let built_in = scope(draft.name.as_str(), built_in);
            draft.scopes.insert(Arc::clone(&built_in.name), built_in);
        }
        return;
    };
    draft.brings_scopes = true;
    for (index, given) in given.into_iter().enumerate() {
        let given = scope(draft.name.as_str(), given);
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
    if draft.source == Source::File && !draft.scopes.contains_key("offline_access") {
        draft.added_offline_access = true;
        let built_in = scope(draft.name.as_str(), defaults::offline_access_scope());
        draft.scopes.insert(Arc::clone(&built_in.name), built_in);
    }
}
