//! Exports of older versions: what Keycloak's own migration adds to or changes in them when it imports them.
//!
//! Measured: realms exported by Keycloak 17.0, 19.0, 21.1, 23.0, 24.0, 25.0 and 26.0 (`tests/exports`), imported into 26.7.4 and
//! exported again; each once more without its `keycloakVersion`, which tells migration from what every import completes.
//! A section that the file does not have at all is left to completion: what completion adds is of the newest version already.

mod clients;
mod components;
mod flows;
mod parts;
mod required_actions;
mod roles;
mod scopes;
mod settings;
mod shapes;
#[cfg(test)]
mod tests;
mod user_profile;
mod version;

use std::fmt;

use serde_json::Value;

use crate::document::Body;

pub use self::version::Version;

/// The version that [`upgrade`] brings exports to.
pub const CURRENT: &str = "26.7.4";

/// One change that [`upgrade`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgraded {
    /// The version of Keycloak whose migration does it.
    pub version: Version,
    /// What was done, as a sentence for the admin, without a full stop.
    pub sentence: String,
}

impl fmt::Display for Upgraded {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.sentence)
    }
}

/// What one change does; it says each thing that it did, and nothing if there was nothing to do.
type Change = fn(&mut Body, &mut Vec<String>);

/// Members that had another shape once. Keycloak reads them whatever version the file names, so these come first and always.
const SHAPES: &[(Version, Change)] = &[
    (Version::of(1, 2, 0), shapes::social::social_providers),
    (Version::of(1, 4, 0), shapes::applications::applications),
    (Version::of(4, 0, 0), shapes::templates::client_templates),
    (Version::of(8, 0, 0), shapes::credentials::credentials),
    (Version::of(13, 0, 0), shapes::default_roles::default_roles),
    (Version::of(21, 0, 0), required_actions::terms_and_conditions),
];

/// What migration does to a file of a lower version, in this order.
const MIGRATIONS: &[(Version, Change)] = &[
    (Version::of(18, 0, 0), scopes::acr),
    (Version::of(20, 0, 0), roles::view_groups),
    (Version::of(20, 0, 0), settings::otp_applications),
    (Version::of(21, 0, 0), settings::admin_theme),
    (Version::of(22, 0, 0), flows::http_challenge),
    (Version::of(22, 0, 0), settings::themes),
    (Version::of(23, 0, 0), user_profile::pieces),
    (Version::of(23, 0, 0), flows::registration_profile),
    (Version::of(24, 0, 0), user_profile::unmanaged_attributes),
    (Version::of(24, 0, 0), components::ldaps_only),
    (Version::of(24, 0, 0), components::hs512),
    (Version::of(24, 0, 3), required_actions::delete_credential),
    (Version::of(25, 0, 0), scopes::basic),
    (Version::of(26, 0, 0), clients::admin_clients),
    (Version::of(26, 1, 0), scopes::service_account),
    (Version::of(26, 3, 0), required_actions::idp_link),
    (Version::of(26, 6, 1), flows::organization),
    (Version::of(26, 7, 0), required_actions::password_after_email),
    (Version::of(26, 7, 0), roles::organizations),
    (Version::of(26, 7, 0), scopes::parameterized),
    (Version::of(26, 7, 0), scopes::authn_context_class_ref),
    (Version::of(26, 7, 0), components::ldap_mappers),
];

/// Adds to an export of an older version (`keycloakVersion`) what Keycloak 26.7's own migration adds or changes when it imports
/// it, and says what. A file that names no version, or one that is no number, gets its old shapes made new, nothing else.
/// Afterwards the file is of version [`CURRENT`], so that a second upgrade has nothing to do.
pub fn upgrade(realm: &mut Body) -> Vec<Upgraded> {
    let mut upgraded = Vec::new();
    for (version, change) in SHAPES {
        apply(realm, *version, *change, &mut upgraded);
    }
    let Some(older) = realm.get("keycloakVersion").and_then(Value::as_str).and_then(Version::read) else { return upgraded };
    let pending = MIGRATIONS.iter().filter(|(version, _)| older < *version);
    for (version, change) in pending {
        apply(realm, *version, *change, &mut upgraded);
    }
    if Version::read(CURRENT).is_some_and(|current| older < current) {
        realm.insert("keycloakVersion".to_owned(), CURRENT.into());
    }
    upgraded
}

/// Makes the old shapes of one user new, as [`upgrade`] does with those of a realm file: for files that hold users only, which
/// are read one by one. Whether anything was changed.
pub fn upgrade_user(user: &mut Body) -> bool {
    let parts = [shapes::social::user, shapes::applications::user, shapes::credentials::user, required_actions::user];
    parts.map(|part| part(user)).contains(&true)
}

fn apply(realm: &mut Body, version: Version, change: Change, upgraded: &mut Vec<Upgraded>) {
    let mut said = Vec::new();
    change(realm, &mut said);
    upgraded.extend(said.into_iter().map(|sentence| Upgraded { version, sentence }));
}
