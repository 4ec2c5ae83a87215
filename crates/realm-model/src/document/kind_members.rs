//! Where entities of each kind stand in a realm representation, and by which member people call them.

use serde_json::Value;

use super::{Body, Key, Kind};

impl Kind {
    /// The member of a realm representation that lists entities of this kind; roles stand in `roles.realm` and `roles.client`.
    pub fn member(self) -> &'static str {
        match self {
            Self::Realm => "",
            Self::ClientScope => "clientScopes",
            Self::Client => "clients",
            Self::RealmRole | Self::ClientRole => "roles",
            Self::Group => "groups",
            Self::ScopeMapping => "scopeMappings",
            Self::ClientScopeMapping => "clientScopeMappings",
            Self::Flow => "authenticationFlows",
            Self::AuthenticatorConfig => "authenticatorConfig",
            Self::RequiredAction => "requiredActions",
            Self::Component => "components",
            Self::IdentityProvider => "identityProviders",
            Self::IdentityProviderMapper => "identityProviderMappers",
            Self::Organization => "organizations",
        }
    }

    /// The member of a representation that holds its id; `None` where Keycloak shows none.
    pub fn id_member(self) -> Option<&'static str> {
        match self {
            Self::ScopeMapping | Self::ClientScopeMapping | Self::RequiredAction => None,
            Self::IdentityProvider => Some("internalId"),
            _ => Some("id"),
        }
    }

    /// Members that follow from other entities; documents do not have them.
    pub(super) fn derived_members(self) -> &'static [&'static str] {
        match self {
            Self::RealmRole | Self::ClientRole => &["containerId"],
            Self::Group => &["path", "parentId", "subGroups", "subGroupCount"],
            _ => &[],
        }
    }

    /// The members that may name an entity of this kind, the first that is there counts.
    fn name_members(self) -> &'static [&'static str] {
        match self {
            Self::Realm => &[],
            Self::Client => &["clientId"],
            Self::ClientScope | Self::RealmRole | Self::ClientRole | Self::Group | Self::IdentityProviderMapper => &["name"],
            Self::ScopeMapping => &["client", "clientScope"],
            Self::ClientScopeMapping => &["client", "clientScope"],
            Self::Flow | Self::AuthenticatorConfig | Self::IdentityProvider => &["alias"],
            Self::RequiredAction => &["alias", "providerId"],
            Self::Component => &["name", "providerId"],
            Self::Organization => &["alias", "name"],
        }
    }
}

impl Key {
    /// The key of the entity that `body` describes; `owner` as [`Kind`] says where it does not follow from the body. `resolve`
    /// replaces placeholders. A group's is that of a group on the top level below the path `owner`.
    ///
    /// Two components may have the same name: their sub-type is put behind it.
    pub fn of_body(kind: Kind, owner: &str, body: &Body, resolve: &dyn Fn(&str) -> String) -> Option<Self> {
        if kind == Kind::Realm {
            return Some(Self::realm());
        }
        let (member, literal) = named(kind, body)?;
        let name = resolve(literal);
        Some(match kind {
            Kind::Group => Self::of(kind, format!("{owner}/{name}")),
            Kind::ScopeMapping => Self::owned(kind, member, name),
            Kind::ClientScopeMapping => Self::owned(kind, owner, format!("{member}:{name}")),
            Kind::IdentityProviderMapper => {
                let alias = body.get("identityProviderAlias").and_then(Value::as_str).map(resolve);
                Self::owned(kind, alias.unwrap_or_else(|| owner.to_owned()), name)
            }
            Kind::Component => match body.get("subType").and_then(Value::as_str).filter(|word| !word.is_empty()) {
                Some(word) => Self::owned(kind, owner, format!("{name} ({word})")),
                None => Self::owned(kind, owner, name),
            },
            _ => Self::owned(kind, owner, name),
        })
    }
}

/// The member that names the entity, with its text.
fn named(kind: Kind, body: &Body) -> Option<(&'static str, &str)> {
    let text = |member: &&'static str| {
        let text = body.get(*member)?.as_str().filter(|text| !text.is_empty())?;
        Some((*member, text))
    };
    kind.name_members().iter().find_map(text)
}
