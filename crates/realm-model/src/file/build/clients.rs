//! Clients.

use std::sync::Arc;

use oidc_types::{ClientId, Secret};
use serde_json::Value;

use super::super::defaults;
use super::super::ids::stable_id;
use super::super::lenient::{Flag, Text, Whole};
use super::super::place::Place;
use super::super::problem::did_you_mean;
use super::super::representation::{ClientRepresentation, RealmRepresentation};
use super::rest::Rest;
use super::{Draft, Source, non_empty, scopes, strings, web_origins};
use crate::completion::MASKED;
use crate::sharing;
use crate::{Client, ClientAuthenticator, FlowOverrides, Protocol, SecretTransport};

/// Flows of a client's own.
pub(crate) const FLOW_OVERRIDES: &str = "authenticationFlowBindingOverrides";

/// Client scopes by name, as a client lists them, or as one gets them that lists none.
#[derive(Clone, Default, PartialEq, Eq)]
struct ScopeLists {
    default: Vec<Text>,
    optional: Vec<Text>,
}

/// The names of scopes that a client has: default ones, and optional ones.
type Assigned = (Arc<[Arc<str>]>, Arc<[Arc<str>]>);

/// What the client before listed, all of which exists, and has: most clients of a realm list the same.
pub(super) struct LastScopes {
    lists: ScopeLists,
    protocol: Protocol,
    assigned: Assigned,
}

/// The clients of the file and the built-in ones it leaves out.
pub(super) fn add_all(draft: &mut Draft<'_>, representation: &mut RealmRepresentation) {
    let lists = scope_lists(draft, representation);
    for (index, mut client) in std::mem::take(&mut representation.clients).into_iter().enumerate() {
        let place = draft.at("clients", index);
        if let Some(Text(client_id)) = &client.client_id {
            draft.given_clients.insert(client_id.clone());
            let roles = strings(&client.default_roles).map(|role| (client_id.as_str().into(), role.to_owned()));
            draft.client_default_roles.extend(roles);
        }
        let defaults = if draft.source == Source::File { defaults::CLIENT_ATTRIBUTES } else { &[] };
        for (name, value) in defaults {
            client.attributes.0.entry((*name).to_owned()).or_insert_with(|| (*value).to_owned());
        }
        add(draft, client, &place, &lists);
    }
    if draft.source == Source::Store {
        return;
    }
    // Keycloak: the built-in clients are made before the file's scopes are, and so have none of them (seen on import).
    let lists = if draft.brings_scopes { ScopeLists::default() } else { lists };
    let has_account = draft.clients.contains_key("account");
    for client_id in ["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"] {
        let wanted = !(client_id == "account-console" && has_account); // Keycloak makes those two together
        if wanted && !draft.clients.contains_key(client_id) {
            let built_in = defaults::client(draft.name.as_str(), client_id);
            add(draft, built_in, &Place::default(), &lists);
        }
    }
}

fn scope_lists(draft: &Draft<'_>, representation: &RealmRepresentation) -> ScopeLists {
    if draft.source == Source::Store {
        return ScopeLists::default();
    }
    let built_in = |words: &[&str]| words.iter().map(|word| Text((*word).to_owned())).collect();
    if !draft.brings_scopes {
        return ScopeLists { default: built_in(defaults::DEFAULT_SCOPES), optional: built_in(defaults::OPTIONAL_SCOPES) };
    }
    let mut optional = representation.default_optional_client_scopes.clone();
    if draft.added_offline_access && !strings(&optional).any(|name| name == "offline_access") {
        optional.insert(0, Text("offline_access".to_owned()));
    }
    ScopeLists { default: representation.default_default_client_scopes.clone(), optional }
}

fn on(flag: Option<Flag>, default: bool) -> bool {
    flag.map_or(default, |Flag(on)| on)
}

/// The scopes of `lists` that exist and speak `protocol`. What does not exist is reported where `place` is that of a client that lists
/// it itself.
fn assigned(draft: &mut Draft<'_>, lists: &ScopeLists, protocol: Protocol, place: Option<&Place>) -> Assigned {
    if let Some(last) = &draft.last_scopes
        && last.protocol == protocol
        && last.lists == *lists
    {
        return last.assigned.clone();
    }
    let place_of = |list: &str| place.map(|place| place.then(list));
    let default = known_scopes(draft, &lists.default, protocol, place_of("defaultClientScopes").as_ref());
    let mut optional = known_scopes(draft, &lists.optional, protocol, place_of("optionalClientScopes").as_ref());
    optional.retain(|name| !default.contains(name));
    let assigned = (sharing::list(&default), sharing::list(&optional));
    if strings(&lists.default).chain(strings(&lists.optional)).all(|name| draft.scopes.contains_key(name)) {
        draft.last_scopes = Some(LastScopes { lists: lists.clone(), protocol, assigned: assigned.clone() });
    }
    assigned
}

fn known_scopes(draft: &mut Draft<'_>, names: &[Text], protocol: Protocol, place: Option<&Place>) -> Vec<Arc<str>> {
    let mut known: Vec<Arc<str>> = Vec::new();
    for (index, name) in strings(names).enumerate() {
        match draft.scopes.get(name) {
            Some(scope) if scope.protocol == protocol => {
                if !known.contains(&scope.name) {
                    known.push(Arc::clone(&scope.name));
                }
            }
            Some(_) => {}
            None => {
                if let Some(place) = place {
                    let help = did_you_mean(name, draft.scopes.keys().map(|name| &**name));
                    draft.problems.warning(
                        place.then(index),
                        format!("there is no client scope \"{name}\": it is ignored"),
                        help,
                    );
                }
            }
        }
    }
    known
}

fn add(draft: &mut Draft<'_>, mut given: ClientRepresentation, place: &Place, lists: &ScopeLists) {
    let Some(client_id) = non_empty(given.client_id.take()) else {
        draft.problems.error(place.clone(), "a client needs a \"clientId\"", None);
        return;
    };
    if draft.clients.contains_key(client_id.as_str()) {
        draft.problems.error(place.then("clientId"), format!("there are two clients \"{client_id}\""), None);
        return;
    }
    let protocol = protocol(draft, given.protocol.clone(), place);
    let own = (given.default_client_scopes.is_some() || given.optional_client_scopes.is_some()).then(|| ScopeLists {
        // Keycloak: one list alone makes the other empty (seen on import).
        default: given.default_client_scopes.take().unwrap_or_default(),
        optional: given.optional_client_scopes.take().unwrap_or_default(),
    });
    let (default_scopes, optional_scopes) = match &own {
        Some(own) => assigned(draft, own, protocol, Some(place)),
        None => assigned(draft, lists, protocol, None),
    };
    report_flow_override(draft, &given, place);
    let flow_overrides = flow_overrides(draft, &given);
    let authenticator = authenticator(draft, &given, place);
    let secret = secret(draft, &mut given, place);
    let secret_transport = secret_transport(draft, &given, place);
    let client = Client {
        default_scopes,
        optional_scopes,
        protocol,
        flow_overrides,
        authenticator,
        secret,
        secret_transport,
        ..plain(draft.name.as_str(), client_id, given)
    };
    draft.clients.insert(client.client_id.clone(), client);
}

/// Keycloak names the flows by id; what is no id of a flow is taken for its alias.
fn flow_overrides(draft: &Draft<'_>, given: &ClientRepresentation) -> Option<Box<FlowOverrides>> {
    let overrides = Rest(&given.rest).text_map(FLOW_OVERRIDES).0;
    let alias = |name: &str| {
        let given = overrides.get(name).filter(|flow| !flow.is_empty())?;
        Some(sharing::text(draft.flow_aliases.get(given).unwrap_or(given)))
    };
    let flows = FlowOverrides { browser: alias("browser"), direct_grant: alias("direct_grant") };
    (flows != FlowOverrides::default()).then(|| Box::new(flows))
}

/// A direct grant flow of the client's own is not followed: its users would be asked for less than in Keycloak.
fn report_flow_override(draft: &mut Draft<'_>, given: &ClientRepresentation, place: &Place) {
    let flow =
        given.rest.get(FLOW_OVERRIDES).and_then(|overrides| overrides.get("direct_grant")).and_then(serde_json::Value::as_str);
    if flow.is_some_and(|flow| !flow.is_empty()) {
        let message = "the client's own direct grant flow is not followed here: the realm's is";
        draft.problems.warning(place.then(FLOW_OVERRIDES).then("direct_grant"), message, None);
    }
}

/// The parts of a client that need no checking.
fn plain(realm: &str, client_id: String, mut given: ClientRepresentation) -> Client {
    let authorization_settings = authorization_settings(&mut given);
    let redirect_uris: Vec<String> = given.redirect_uris.into_iter().map(|Text(uri)| uri).collect();
    let root_url = non_empty(given.root_url);
    let web_origins = match given.web_origins {
        Some(origins) => {
            let origins = origins.into_iter().map(|Text(origin)| origin).collect();
            web_origins::resolved(origins, &redirect_uris, root_url.as_deref())
        }
        None => web_origins::derived(&redirect_uris),
    };
    let rest = Rest(&given.rest);
    let text = |name: &str| rest.text(name).map(|text| sharing::text(&text));
    let (description, base_url) = (text("description"), text("baseUrl"));
    let (always_display_in_console, front_channel_logout) =
        (rest.is_on("alwaysDisplayInConsole"), rest.is_on("frontchannelLogout"));
    let consent_required = on(given.consent_required, false);
    Client {
        id: non_empty(given.id).unwrap_or_else(|| stable_id(realm, "client", &client_id)).into(),
        name: non_empty(given.name),
        description,
        enabled: on(given.enabled, true),
        protocol: Protocol::default(),
        public: on(given.public_client, false),
        bearer_only: on(given.bearer_only, false),
        consent_required,
        standard_flow: on(given.standard_flow_enabled, true),
        implicit_flow: on(given.implicit_flow_enabled, false),
        direct_access_grants: on(given.direct_access_grants_enabled, false),
        service_accounts: on(given.service_accounts_enabled, false),
        // Keycloak: off by default where consent is required (seen on import).
        full_scope_allowed: on(given.full_scope_allowed, !consent_required),
        authenticator: ClientAuthenticator::default(),
        secret: None,
        secret_transport: None,
        root_url,
        base_url,
        always_display_in_console,
        front_channel_logout,
        flow_overrides: None,
        redirect_uris,
        web_origins,
        not_before: given.not_before.map_or(0, |Whole(seconds)| seconds),
        default_scopes: Arc::default(),
        optional_scopes: Arc::default(),
        mappers: scopes::mappers(given.protocol_mappers),
        scope_mappings: Vec::new(),
        attributes: given.attributes.0.into(),
        client_id: ClientId::from(client_id),
        authorization_settings,
    }
}

/// What makes a resource server of a client; a public client is none.
fn authorization_settings(given: &mut ClientRepresentation) -> Option<Arc<Value>> {
    let enabled = match given.rest.get("authorizationServicesEnabled") {
        Some(Value::Bool(enabled)) => *enabled,
        Some(Value::String(text)) => text == "true",
        _ => false,
    };
    if !enabled || on(given.public_client, false) {
        return None;
    }
    Some(Arc::new(given.rest.remove("authorizationSettings").unwrap_or(Value::Null)))
}

fn protocol(draft: &mut Draft<'_>, given: Option<Text>, place: &Place) -> Protocol {
    let Some(word) = non_empty(given) else { return Protocol::OpenidConnect };
    const KNOWN: [&str; 3] = ["openid-connect", "saml", "docker-v2"];
    if !KNOWN.contains(&word.as_str()) {
        let message = format!("no protocol is called \"{word}\"; expected openid-connect or saml");
        draft.problems.error(place.then("protocol"), message, did_you_mean(&word, KNOWN));
    }
    scopes::protocol(Some(&word))
}

fn authenticator(draft: &mut Draft<'_>, given: &ClientRepresentation, place: &Place) -> ClientAuthenticator {
    const KNOWN: [&str; 6] = ["client-secret", "client-jwt", "client-secret-jwt", "client-x509", "federated-jwt", "none"];
    let Some(Text(word)) = given.client_authenticator_type.as_ref().filter(|Text(word)| !word.is_empty()) else {
        return ClientAuthenticator::ClientSecret;
    };
    match word.as_str() {
        "client-secret" => ClientAuthenticator::ClientSecret,
        "client-jwt" => ClientAuthenticator::ClientJwt,
        "client-secret-jwt" => ClientAuthenticator::ClientSecretJwt,
        "client-x509" => ClientAuthenticator::ClientX509,
        "federated-jwt" => ClientAuthenticator::FederatedJwt,
        other => {
            if !KNOWN.contains(&other) {
                let message = format!("no client authenticator is called \"{other}\": the client cannot authenticate");
                draft.problems.warning(place.then("clientAuthenticatorType"), message, did_you_mean(other, KNOWN));
            }
            ClientAuthenticator::Other
        }
    }
}

/// The client's secret. Keycloak makes one up where it is missing; here, where several replicas read one file and nothing
/// can be shown to an admin, the client has none then and cannot authenticate by it.
fn secret(draft: &mut Draft<'_>, given: &mut ClientRepresentation, place: &Place) -> Option<Secret<String>> {
    let secret = non_empty(given.secret.take());
    let wants_one = !on(given.public_client, false)
        && !on(given.bearer_only, false)
        && matches!(given.client_authenticator_type.as_ref().map(|Text(word)| word.as_str()), None | Some("client-secret"))
        && matches!(given.protocol.as_ref().map(|Text(word)| word.as_str()), None | Some("openid-connect"));
    let place_of = |key: &str| place.then(key);
    match secret {
        Some(masked) if masked == MASKED => {
            let message = "this secret was masked by a partial export: the client has none";
            draft.problems.warning(place_of("secret"), message, Some("put the real one here, or ${A_VARIABLE}".to_owned()));
            None
        }
        None if wants_one => {
            let message = "this confidential client has no \"secret\" and cannot authenticate";
            let help = "give it a \"secret\", or set \"publicClient\": true".to_owned();
            draft.problems.warning(place_of("clientId"), message, Some(help));
            None
        }
        given => given.map(Secret::new),
    }
}

fn secret_transport(draft: &mut Draft<'_>, given: &ClientRepresentation, place: &Place) -> Option<SecretTransport> {
    const NAME: &str = "client.secret.authentication.allowed.method";
    const KNOWN: [&str; 2] = ["client_secret_basic", "client_secret_post"];
    match given.attributes.0.get(NAME).map(String::as_str) {
        None | Some("") => None,
        Some("client_secret_basic") => Some(SecretTransport::Basic),
        Some("client_secret_post") => Some(SecretTransport::Post),
        Some(other) => {
            let message = format!("no method is called \"{other}\": both are allowed");
            draft.problems.warning(place.then("attributes").then(NAME), message, did_you_mean(other, KNOWN));
            None
        }
    }
}
