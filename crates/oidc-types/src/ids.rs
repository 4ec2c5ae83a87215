use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    };
}

id!(
    /// The name of a realm, as it stands in the path.
    RealmName
);
id!(
    /// `client_id` (RFC 6749 section 2.2).
    ClientId
);
id!(
    /// The id of a user: a UUID in Keycloak, any text in a hand-written file; the `sub` of its tokens.
    UserId
);
id!(
    /// The id of a user session: `sid`, `session_state`.
    SessionId
);
id!(
    /// The name of a realm or client role.
    RoleName
);

/// `grant_type`, the ones this server knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GrantType {
    /// RFC 6749 section 4.3.
    Password,
    /// RFC 6749 section 6.
    RefreshToken,
    /// RFC 6749 section 4.4.
    ClientCredentials,
    /// RFC 6749 section 4.1.
    AuthorizationCode,
    /// UMA 2.0 grant section 3.3.1.
    UmaTicket,
    /// RFC 8693.
    TokenExchange,
    /// RFC 7523 section 2.1.
    JwtBearer,
    /// RFC 8628 section 3.4.
    DeviceCode,
    /// OpenID Connect CIBA section 10.1.
    Ciba,
}

impl GrantType {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::AuthorizationCode => "authorization_code",
            Self::UmaTicket => "urn:ietf:params:oauth:grant-type:uma-ticket",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::Ciba => "urn:openid:params:grant-type:ciba",
        }
    }
}
