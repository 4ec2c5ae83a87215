/// Whose wire form a realm keeps (realm attribute `latchkey.compat`, default the newest): each change of Keycloak's that a
/// client can see is one named switch here, and nowhere else (wire.md section 0.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compat {
    /// Before 26.5: `sid` and `session_state` are UUIDs.
    pub session_ids_are_uuids: bool,
    /// Before 26.6: wrong user credentials in the password grant are 401, not 400.
    pub bad_user_credentials_are_401: bool,
    /// Before 26.2: the `jti` of an access token has no context prefix.
    pub plain_access_token_ids: bool,
    /// Before 26.4 (see wire.md): refresh tokens without `aud_x` and `prov`.
    pub plain_refresh_tokens: bool,
    /// Before 26.0: errors worded by `error` alone say the same again as `error_description` (docs/sbc-iam.md).
    pub bare_errors_are_described: bool,
}

impl Compat {
    /// Keycloak 26.7.
    pub const NEWEST: Self = Self::of_version(26, 7);

    /// The switches of Keycloak `major.minor`.
    pub const fn of_version(major: u32, minor: u32) -> Self {
        const fn before(version: (u32, u32), other: (u32, u32)) -> bool {
            version.0 < other.0 || (version.0 == other.0 && version.1 < other.1)
        }
        let version = (major, minor);
        Self {
            session_ids_are_uuids: before(version, (26, 5)),
            bad_user_credentials_are_401: before(version, (26, 6)),
            plain_access_token_ids: before(version, (26, 2)),
            plain_refresh_tokens: before(version, (26, 4)),
            bare_errors_are_described: before(version, (26, 0)),
        }
    }

    /// Reads `26.7`, `26` (= 26.0), `17.0.1`; `None` where it is no version.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next().map_or(Some(0), |m| m.parse().ok())?;
        Some(Self::of_version(major, minor))
    }
}

impl Default for Compat {
    fn default() -> Self {
        Self::NEWEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_version_turns_the_switches_of_later_changes_on() {
        assert!(Compat::of_version(26, 4).session_ids_are_uuids);
        assert!(!Compat::of_version(26, 5).session_ids_are_uuids);
        assert!(Compat::of_version(26, 5).bad_user_credentials_are_401);
        const { assert!(!Compat::NEWEST.bad_user_credentials_are_401) };
    }

    #[test]
    fn reads_versions_as_people_write_them() {
        assert_eq!(Compat::parse("24"), Some(Compat::of_version(24, 0)));
        assert_eq!(Compat::parse("26.3.1"), Some(Compat::of_version(26, 3)));
        assert_eq!(Compat::parse("newest"), None);
    }
}
