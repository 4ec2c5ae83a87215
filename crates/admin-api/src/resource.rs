//! The resources, one file each.

pub(crate) mod attack_detection;
pub(crate) mod authentication;
pub(crate) mod client_details;
pub(crate) mod client_nodes;
pub(crate) mod client_policies;
pub(crate) mod client_scopes;
pub(crate) mod clients;
pub(crate) mod components;
pub(crate) mod default_client_scopes;
pub(crate) mod default_groups;
pub(crate) mod events;
pub(crate) mod groups;
pub(crate) mod identity_providers;
pub(crate) mod initial_access;
pub(crate) mod keys;
pub(crate) mod localization;
pub(crate) mod mappings;
pub(crate) mod partial_export;
pub(crate) mod partial_import;
pub(crate) mod protocol_mappers;
pub(crate) mod realm;
pub(crate) mod realm_sessions;
pub(crate) mod realms;
pub(crate) mod roles;
pub(crate) mod server_info;
pub(crate) mod upkeep;
pub(crate) mod users;
pub(crate) mod webhooks;

use crate::router::Resource;

/// What lies beside realms: `/admin/…`.
pub(crate) const TOP: &[&Resource] = &[&realms::TOP, &server_info::TOP];

/// What lies below a realm: `/admin/realms/{realm}/…`.
pub(crate) const IN_A_REALM: &[&Resource] = &[
    &attack_detection::RESOURCE,
    &authentication::RESOURCE,
    &client_details::RESOURCE,
    &client_nodes::RESOURCE,
    &client_policies::RESOURCE,
    &client_scopes::RESOURCE,
    &client_scopes::TEMPLATES,
    &clients::RESOURCE,
    &components::RESOURCE,
    &default_client_scopes::RESOURCE,
    &default_groups::RESOURCE,
    &events::RESOURCE,
    &groups::RESOURCE,
    &identity_providers::RESOURCE,
    &initial_access::RESOURCE,
    &keys::RESOURCE,
    &localization::RESOURCE,
    &mappings::OF_CLIENT,
    &mappings::OF_CLIENT_SCOPE,
    &mappings::OF_GROUP,
    &partial_export::RESOURCE,
    &partial_import::RESOURCE,
    &protocol_mappers::OF_CLIENT,
    &protocol_mappers::OF_CLIENT_SCOPE,
    &realm::RESOURCE,
    &realm_sessions::RESOURCE,
    &roles::BY_ID,
    &roles::OF_CLIENT,
    &roles::RESOURCE,
    &upkeep::RESOURCE,
    &webhooks::RESOURCE,
    &users::CONSENTS,
    &users::CREDENTIALS,
    &users::EMAILS,
    &users::FEDERATED_IDENTITIES,
    &users::GROUPS,
    &users::IMPERSONATION,
    &users::MAPPINGS,
    &users::PROFILE,
    &users::RESOURCE,
    &users::SESSIONS,
];
