use std::sync::Arc;

use crate::{Protocol, RoleKey, Texts};

/// A client scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientScope {
    /// The word in `scope`.
    pub name: Arc<str>,
    /// Which protocol it serves.
    pub protocol: Protocol,
    /// `include.in.token.scope`: whether the word shows in the `scope` of a response and access token.
    pub include_in_token_scope: bool,
    /// Mappers it brings.
    pub mappers: Vec<Arc<ProtocolMapper>>,
    /// Roles it is bound to (`scopeMappings`, `clientScopeMappings`): not granted to a user who has none of them.
    pub role_scope_mappings: Vec<RoleKey>,
    /// `attributes`
    pub attributes: Texts,
}

/// A protocol mapper.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProtocolMapper {
    /// The mapper's name.
    pub name: String,
    /// The mapper's type, such as `oidc-usermodel-attribute-mapper`.
    pub protocol_mapper: String,
    /// `config`
    pub config: Texts,
}

impl ProtocolMapper {
    /// A configuration value; an empty one counts as absent.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.config.get(key).filter(|v| !v.is_empty())
    }

    /// Whether a configuration value is `true`.
    pub fn is_on(&self, key: &str) -> bool {
        self.value(key) == Some("true")
    }
}
