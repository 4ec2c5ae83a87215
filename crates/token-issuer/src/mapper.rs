use std::borrow::Cow;

use realm_model::ProtocolMapper;
use serde_json::Value;

use crate::organization_claims::{GroupRoles, OrganizationForm};
use crate::organization_scope::MEMBERSHIP_MAPPER;
use crate::roles::{RoleEdit, RoleRef};

/// Into which tokens a claim goes; a set of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Places(u8);

impl Places {
    pub(crate) const ACCESS: Self = Self(1);
    pub(crate) const ID: Self = Self(2);
    pub(crate) const USERINFO: Self = Self(4);
    pub(crate) const INTROSPECTION: Self = Self(8);
    pub(crate) const LIGHTWEIGHT: Self = Self(16);
    pub(crate) const RESPONSE: Self = Self(32);

    pub(crate) const fn includes(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const NONE: Self = Self(0);

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// `access.token.claim` and its kin. Keycloak: `introspection.token.claim` follows the access token and
    /// `userinfo.token.claim` the ID token where they are absent; mappers older than the switch are on without it.
    fn of(mapper: &ProtocolMapper, unset_access: Unset) -> Self {
        let switch = |key: &str| mapper.value(key).map(|value| value == "true");
        let access = switch("access.token.claim").unwrap_or(matches!(unset_access, Unset::On));
        let id = switch("id.token.claim").unwrap_or(false);
        let places = [
            (access, Self::ACCESS),
            (id, Self::ID),
            (switch("userinfo.token.claim").unwrap_or(id), Self::USERINFO),
            (switch("introspection.token.claim").unwrap_or(access), Self::INTROSPECTION),
            (mapper.is_on("lightweight.claim"), Self::LIGHTWEIGHT),
            (mapper.is_on("access.tokenResponse.claim"), Self::RESPONSE),
        ];
        Self(places.iter().filter(|(on, _)| *on).fold(0, |all, (_, place)| all | place.0))
    }
}

/// What an absent `access.token.claim` means.
#[derive(Clone, Copy)]
enum Unset {
    On,
    Off,
}

/// `jsonType.label`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonType {
    Text,
    /// `int`: 32 bits.
    Int,
    /// `long`: 64 bits.
    Long,
    Flag,
    Json,
    /// Written as it comes.
    Untyped,
}

/// `jsonType.label` and `multivalued`: what becomes of the texts a mapper finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) json: JsonType,
    pub(crate) multivalued: bool,
}

/// What of a user a property mapper can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    Id,
    Username,
    Email,
    EmailVerified,
    FirstName,
    LastName,
    Enabled,
    CreatedTimestamp,
    ServiceAccountClientLink,
}

/// Where the value of a claim comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    UserAttribute {
        name: String,
        aggregate: bool,
    },
    UserProperty(Property),
    SessionNote(String),
    RealmRoles {
        prefix: String,
    },
    ClientRoles {
        client: Option<String>,
        prefix: String,
    },
    FullName,
    Subject,
    Acr,
    Amr,
    AllowedOrigins,
    Audience(String),
    AudienceResolve,
    Constant(Value),
    Groups {
        full_path: bool,
    },
    /// Claim names with the user attributes they are read from.
    Address(Vec<(&'static str, String)>),
    SessionState,
    Nonce,
    Organizations(OrganizationForm),
    OrganizationGroups(GroupRoles),
    /// The standard claims that the `claims` parameter asks for.
    RequestedClaims,
    /// The value that the `claims` parameter asks for of this claim.
    RequestedValue(String),
}

impl Source {
    /// Keycloak runs mappers by rising priority: first those that set claims, then those that need the roles.
    pub(crate) fn priority(&self) -> u8 {
        match self {
            Self::OrganizationGroups(_) => 10,
            Self::AudienceResolve => 30,
            Self::RealmRoles { .. } | Self::ClientRoles { .. } => 40,
            _ => 0,
        }
    }
}

/// One mapper, ready to run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) source: Source,
    pub(crate) path: Vec<Cow<'static, str>>,
    pub(crate) shape: Shape,
    pub(crate) places: Places,
}

impl Step {
    /// Whether it makes a claim for `places`.
    pub(crate) fn serves(&self, places: Places) -> bool {
        self.places.includes(places) && (places != Places::USERINFO || self.source.is_of_the_user())
    }
}

impl Source {
    /// Where it makes no claim, whatever the switches of its mapper say (measured on 26.7.4).
    fn never_in(&self) -> Places {
        match self {
            Self::Constant(_) => Places::NONE,
            // Keycloak: no note is told by userinfo (recordings ciba/approved, device/approved-openid).
            Self::SessionNote(_) => Places::USERINFO,
            Self::Amr => Places::RESPONSE.with(Places::INTROSPECTION),
            Self::AllowedOrigins | Self::AudienceResolve => Places::RESPONSE.with(Places::ID),
            _ => Places::RESPONSE,
        }
    }

    /// Whether it says something of the user, not of the token. Keycloak: only such mappers serve userinfo, whatever their
    /// switches say (recording userinfo/get: no `acr`, no `aud`).
    fn is_of_the_user(&self) -> bool {
        !matches!(
            self,
            Self::Acr
                | Self::Amr
                | Self::AllowedOrigins
                | Self::Audience(_)
                | Self::AudienceResolve
                | Self::Subject
                | Self::Nonce
        )
    }
}

/// What a mapper comes to.
#[derive(Debug)]
pub(crate) enum Compiled {
    Claim(Step),
    Role(RoleEdit),
    /// `oidc-sha256-pairwise-sub-mapper`
    Pairwise {
        sector: Option<String>,
        salt: String,
    },
    /// It makes no claim, or is of a type that this server does not have.
    Nothing(&'static str),
}

/// Claims that no mapper may set. Keycloak ignores such a mapper too.
const PROTECTED: [&str; 8] = ["exp", "iat", "jti", "iss", "typ", "scope", "nonce", "session_state"];

/// Reads one mapper (wire.md section 3.4).
pub(crate) fn compile(mapper: &ProtocolMapper) -> Compiled {
    let named = |source: Source| named_claim(mapper, source);
    let fixed = |name: &'static str, source: Source, unset: Unset| {
        Compiled::Claim(Step {
            places: Places::of(mapper, unset).without(source.never_in()),
            source,
            path: vec![Cow::Borrowed(name)],
            shape: Shape { json: JsonType::Untyped, multivalued: true },
        })
    };
    match mapper.protocol_mapper.as_str() {
        "oidc-usermodel-attribute-mapper" => match mapper.value("user.attribute") {
            Some(name) => named(Source::UserAttribute { name: name.to_owned(), aggregate: mapper.is_on("aggregate.attrs") }),
            None => Compiled::Nothing("it names no attribute"),
        },
        "oidc-usermodel-property-mapper" => match mapper.value("user.attribute").and_then(property) {
            Some(property) => named(Source::UserProperty(property)),
            None => Compiled::Nothing("it names no property of a user"),
        },
        "oidc-usersessionmodel-note-mapper" => match mapper.value("user.session.note") {
            // What another issuer gave is for this server alone (CVE-2026-105302).
            Some(note) if note.starts_with("FEDERATED_") => Compiled::Nothing("tokens of other issuers are nobody's claims"),
            Some(note) => named(Source::SessionNote(note.to_owned())),
            None => Compiled::Nothing("it names no session note"),
        },
        "oidc-usermodel-realm-role-mapper" => {
            named(Source::RealmRoles { prefix: text(mapper, "usermodel.realmRoleMapping.rolePrefix") })
        }
        "oidc-usermodel-client-role-mapper" => named(Source::ClientRoles {
            client: mapper.value("usermodel.clientRoleMapping.clientId").map(str::to_owned),
            prefix: text(mapper, "usermodel.clientRoleMapping.rolePrefix"),
        }),
        "oidc-full-name-mapper" => fixed("name", Source::FullName, Unset::Off),
        "oidc-sub-mapper" => fixed("sub", Source::Subject, Unset::Off),
        "oidc-acr-mapper" => fixed("acr", Source::Acr, Unset::Off),
        "oidc-amr-mapper" => fixed("amr", Source::Amr, Unset::Off),
        "oidc-allowed-origins-mapper" => fixed("allowed-origins", Source::AllowedOrigins, Unset::On),
        "oidc-audience-mapper" => {
            match mapper.value("included.client.audience").or_else(|| mapper.value("included.custom.audience")) {
                Some(audience) => fixed("aud", Source::Audience(audience.to_owned()), Unset::Off),
                None => Compiled::Nothing("it names no audience"),
            }
        }
        "oidc-audience-resolve-mapper" => fixed("aud", Source::AudienceResolve, Unset::On),
        "oidc-address-mapper" => fixed("address", Source::Address(address(mapper)), Unset::Off),
        "oidc-session-state-mapper" => fixed("session_state", Source::SessionState, Unset::Off),
        "oidc-nonce-backwards-compatible-mapper" => fixed("nonce", Source::Nonce, Unset::On),
        "oidc-hardcoded-claim-mapper" => hardcoded(mapper),
        "oidc-group-membership-mapper" => named(Source::Groups { full_path: mapper.is_on("full.path") }),
        MEMBERSHIP_MAPPER => {
            let shape = Shape { json: json_type(mapper), multivalued: mapper.is_on("multivalued") };
            named(Source::Organizations(OrganizationForm::of(mapper, shape)))
        }
        "oidc-claims-param-token-mapper" => fixed("name", Source::RequestedClaims, Unset::Off),
        "oidc-claims-param-value-idtoken-mapper" => named(Source::RequestedValue(text(mapper, "claim.name"))),
        "oidc-organization-group-membership-mapper" => {
            let roles = if mapper.is_on("addGroupRoleMappings") { GroupRoles::Told } else { GroupRoles::Untold };
            fixed("organization", Source::OrganizationGroups(roles), Unset::Off)
        }
        other => compile_subject_or_role(mapper, other),
    }
}

/// The mappers that make no claim of their own.
fn compile_subject_or_role(mapper: &ProtocolMapper, kind: &str) -> Compiled {
    match kind {
        "oidc-hardcoded-role-mapper" => match mapper.value("role") {
            Some(role) => Compiled::Role(RoleEdit::Add(RoleRef::parse(role))),
            None => Compiled::Nothing("it names no role"),
        },
        "oidc-role-name-mapper" => match (mapper.value("role"), mapper.value("new.role.name")) {
            (Some(from), Some(to)) => Compiled::Role(RoleEdit::Rename { from: RoleRef::parse(from), to: RoleRef::parse(to) }),
            _ => Compiled::Nothing("it does not name two roles"),
        },
        "oidc-sha256-pairwise-sub-mapper" => Compiled::Pairwise {
            sector: mapper.value("sectorIdentifierUri").map(str::to_owned),
            salt: text(mapper, "pairwiseSubAlgorithmSalt"),
        },
        _ => Compiled::Nothing("its type is not known here"),
    }
}

fn text(mapper: &ProtocolMapper, key: &str) -> String {
    mapper.value(key).unwrap_or_default().to_owned()
}

fn named_claim(mapper: &ProtocolMapper, source: Source) -> Compiled {
    let path: Vec<_> = split_path(mapper.value("claim.name").unwrap_or_default()).into_iter().map(Cow::Owned).collect();
    let Some(first) = path.first() else { return Compiled::Nothing("it names no claim") };
    if PROTECTED.contains(&&**first) {
        return Compiled::Nothing("it names a claim that is not for mappers");
    }
    let multivalued = match &source {
        Source::Groups { .. } => true,
        _ => mapper.is_on("multivalued"),
    };
    let shape = Shape { json: json_type(mapper), multivalued };
    let places = Places::of(mapper, Unset::Off).without(source.never_in());
    Compiled::Claim(Step { source, path, shape, places })
}

fn hardcoded(mapper: &ProtocolMapper) -> Compiled {
    let Some(raw) = mapper.value("claim.value") else { return Compiled::Nothing("it has no value") };
    match constant(json_type(mapper), raw) {
        Some(value) => named_claim(mapper, Source::Constant(value)),
        None => Compiled::Nothing("its value is not of its type"),
    }
}

fn constant(json: JsonType, raw: &str) -> Option<Value> {
    match json {
        JsonType::Text | JsonType::Untyped => Some(raw.into()),
        JsonType::Int => raw.parse::<i32>().ok().map(Value::from),
        JsonType::Long => raw.parse::<i64>().ok().map(Value::from),
        JsonType::Flag => Some(raw.eq_ignore_ascii_case("true").into()),
        JsonType::Json => serde_json::from_str(raw).ok(),
    }
}

fn json_type(mapper: &ProtocolMapper) -> JsonType {
    match mapper.value("jsonType.label") {
        Some("String") => JsonType::Text,
        Some("int") => JsonType::Int,
        Some("long") => JsonType::Long,
        Some("boolean") => JsonType::Flag,
        Some("JSON") => JsonType::Json,
        _ => JsonType::Untyped,
    }
}

fn property(name: &str) -> Option<Property> {
    Some(match name {
        "id" => Property::Id,
        "username" => Property::Username,
        "email" => Property::Email,
        "emailVerified" => Property::EmailVerified,
        "firstName" => Property::FirstName,
        "lastName" => Property::LastName,
        "enabled" => Property::Enabled,
        "createdTimestamp" => Property::CreatedTimestamp,
        "serviceAccountClientLink" => Property::ServiceAccountClientLink,
        _ => return None,
    })
}

fn address(mapper: &ProtocolMapper) -> Vec<(&'static str, String)> {
    const PARTS: [(&str, &str); 6] = [
        ("formatted", "formatted"),
        ("street_address", "street"),
        ("locality", "locality"),
        ("region", "region"),
        ("postal_code", "postal_code"),
        ("country", "country"),
    ];
    let attribute = |key: &str| mapper.value(&format!("user.attribute.{key}")).unwrap_or(key).to_owned();
    PARTS.iter().map(|(claim, key)| (*claim, attribute(key))).collect()
}

/// Splits a `claim.name` at its dots; `\.` is a dot of the name.
fn split_path(name: &str) -> Vec<String> {
    let mut path = vec![String::new()];
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let next = match c {
            '\\' if rest.peek() == Some(&'.') => rest.next(),
            '.' => None,
            plain => Some(plain),
        };
        match (next, path.last_mut()) {
            (Some(c), Some(part)) => part.push(c),
            _ => path.push(String::new()),
        }
    }
    path.retain(|part| !part.is_empty());
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_name_is_split_at_plain_dots() {
        assert_eq!(split_path("company.site.floor"), ["company", "site", "floor"]);
        assert_eq!(split_path("acme\\.example/flag"), ["acme.example/flag"]);
        assert!(split_path("").is_empty());
    }
}
