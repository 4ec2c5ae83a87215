//! The resources, one file each.

mod realms;
mod roles;

use crate::router::Resource;

/// What lies beside realms: `/admin/…`.
pub(crate) const TOP: &[&Resource] = &[&realms::TOP];

/// What lies below a realm: `/admin/realms/{realm}/…`.
pub(crate) const IN_A_REALM: &[&Resource] = &[&roles::RESOURCE];
