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

impl ClientScope {
    /// An attribute; an empty one counts as absent.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).filter(|value| !value.is_empty())
    }

    /// Whether users are asked to consent to it (`display.on.consent.screen`); so it is where nothing is said.
    pub fn is_on_consent_screen(&self) -> bool {
        self.attribute("display.on.consent.screen").is_none_or(|shown| shown == "true")
    }

    /// What the consent page says of it (`consent.screen.text`, may be `${key}` of a message), or its name.
    pub fn consent_text(&self) -> &str {
        self.attribute("consent.screen.text").unwrap_or(&self.name)
    }

    /// Its place on the consent page (`gui.order`); those without one come last.
    pub fn gui_order(&self) -> i64 {
        self.attribute("gui.order").and_then(|order| order.parse().ok()).unwrap_or(i64::MAX)
    }
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
