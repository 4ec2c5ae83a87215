//! The resources, one file each.

pub(crate) mod client_details;
pub(crate) mod client_scopes;
pub(crate) mod clients;
pub(crate) mod default_client_scopes;
pub(crate) mod default_groups;
pub(crate) mod groups;
pub(crate) mod realm;
pub(crate) mod realms;
pub(crate) mod roles;

use crate::router::Resource;

/// What lies beside realms: `/admin/…`.
pub(crate) const TOP: &[&Resource] = &[&realms::TOP];

/// What lies below a realm: `/admin/realms/{realm}/…`.
pub(crate) const IN_A_REALM: &[&Resource] = &[
    &client_details::RESOURCE,
    &client_scopes::RESOURCE,
    &client_scopes::TEMPLATES,
    &clients::RESOURCE,
    &default_client_scopes::RESOURCE,
    &default_groups::RESOURCE,
    &groups::RESOURCE,
    &realm::RESOURCE,
    &roles::BY_ID,
    &roles::OF_CLIENT,
    &roles::RESOURCE,
];
