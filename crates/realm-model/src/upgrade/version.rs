//! Versions of Keycloak.

use std::fmt;

/// A version of Keycloak: major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u32, u32, u32);

impl Version {
    /// The version of these three numbers.
    pub const fn of(major: u32, minor: u32, patch: u32) -> Self {
        Self(major, minor, patch)
    }

    /// What `keycloakVersion` says; what follows the numbers (`.Final`, `.redhat-00001`, `-SNAPSHOT`) does not count.
    /// Numbers that are left out are 0. Nothing if it does not begin with a number.
    pub fn read(text: &str) -> Option<Self> {
        let mut numbers = text.split(['.', '-']).map_while(|part| part.parse().ok());
        let major = numbers.next()?;
        Some(Self(major, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
    }
}

impl fmt::Display for Version {
    /// As people say it: without the zeros at its end.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self(major, 0, 0) => write!(to, "{major}"),
            Self(major, minor, 0) => write!(to, "{major}.{minor}"),
            Self(major, minor, patch) => write!(to, "{major}.{minor}.{patch}"),
        }
    }
}
