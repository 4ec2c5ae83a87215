//! When a policy applies.

use std::net::IpAddr;

use realm_model::{Client, Protocol, Realm, RoleKey, RoleSet};
use serde_json::Value;

use crate::view::{Config, View};
use crate::{Event, Facts};

/// The conditions of Keycloak 26.7, all of which are known here.
pub use realm_model::lint::CLIENT_POLICY_CONDITIONS as CONDITIONS;

/// By what right a client is registered or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdaterSource {
    /// Nobody knows who it is.
    Anonymous,
    /// An initial access token.
    InitialAccessToken,
    /// The registration access token of the client.
    RegistrationAccessToken,
    /// A user or service account.
    AuthenticatedUser,
}

impl UpdaterSource {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "ByAnonymous",
            Self::InitialAccessToken => "ByInitialAccessToken",
            Self::RegistrationAccessToken => "ByRegistrationAccessToken",
            Self::AuthenticatedUser => "ByAuthenticatedUser",
        }
    }
}

/// Who registers or changes a client.
#[derive(Clone, Debug)]
pub struct Updater {
    /// By what right.
    pub source: UpdaterSource,
    /// The roles of a user.
    pub roles: RoleSet,
    /// The names of the groups of a user.
    pub groups: Vec<String>,
}

impl Updater {
    /// Somebody without roles and groups.
    pub fn by(source: UpdaterSource) -> Self {
        Self { source, roles: RoleSet::new(), groups: Vec::new() }
    }
}

/// What a condition says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vote {
    Yes,
    No,
    /// It has no opinion on events of this kind.
    Abstain,
}

impl Vote {
    const fn when(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// A condition, and whether it is turned around.
pub(crate) struct Condition {
    negative: bool,
    rule: Rule,
}

enum Rule {
    AnyClient,
    AccessType(Vec<String>),
    Roles(Vec<String>),
    Scopes {
        names: Vec<String>,
        kind: ScopeKind,
    },
    Attributes(Vec<(String, String)>),
    Type(Option<String>),
    UpdaterContext(Vec<String>),
    UpdaterGroups(Vec<String>),
    UpdaterRoles(Vec<String>),
    UpdaterHost(Vec<String>),
    GrantType(Vec<String>),
    Acr(Option<String>),
    IdentityProvider(Vec<String>),
    /// Not known: the policy applies, and refuses.
    Unknown,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ScopeKind {
    Default,
    Optional,
    Any,
}

/// What is voted on.
pub(crate) struct Case<'a> {
    pub(crate) realm: &'a Realm,
    pub(crate) event: Event,
    /// The client as it is; none where it is only being registered.
    pub(crate) client: Option<&'a Client>,
    /// The client as it is to be.
    pub(crate) proposed: Option<View<'a>>,
    pub(crate) facts: &'a Facts<'a>,
}

impl Condition {
    /// Reads one; the name of an unknown one is the error.
    pub(crate) fn read(given: &Value) -> (Self, Result<(), String>) {
        let name = given.get("condition").and_then(Value::as_str).unwrap_or_default();
        let config = Config::of(given);
        let rule = match name {
            "any-client" => Rule::AnyClient,
            "client-access-type" => Rule::AccessType(config.texts("type")),
            "client-roles" => Rule::Roles(config.texts("roles")),
            "client-scopes" => Rule::Scopes { names: config.texts("scopes"), kind: scope_kind(config.text("type")) },
            "client-attributes" => Rule::Attributes(config.pairs("attributes")),
            "client-type" => Rule::Type(config.text("protocol").map(str::to_owned)),
            "client-updater-context" => Rule::UpdaterContext(config.texts("update-client-source")),
            "client-updater-source-groups" => Rule::UpdaterGroups(config.texts("groups")),
            "client-updater-source-roles" => Rule::UpdaterRoles(config.texts("roles")),
            "client-updater-source-host" => Rule::UpdaterHost(config.texts("trusted-hosts")),
            "grant-type" => Rule::GrantType(config.texts("grant_types")),
            "acr-condition" => Rule::Acr(config.text("acr-property").map(str::to_owned)),
            "identity-provider-alias" => Rule::IdentityProvider(config.texts("identity_provider_aliases")),
            _ => Rule::Unknown,
        };
        let known = if matches!(rule, Rule::Unknown) { Err(name.to_owned()) } else { Ok(()) };
        (Self { negative: config.is_on("is-negative-logic"), rule }, known)
    }

    pub(crate) fn vote(&self, case: &Case<'_>) -> Vote {
        match (self.rule.vote(case), self.negative) {
            (_, _) if matches!(self.rule, Rule::Unknown) => Vote::Yes,
            (Vote::Yes, true) => Vote::No,
            (Vote::No, true) => Vote::Yes,
            (vote, _) => vote,
        }
    }
}

impl Rule {
    fn vote(&self, case: &Case<'_>) -> Vote {
        match self {
            Self::AnyClient | Self::Unknown => Vote::Yes,
            Self::AccessType(types) => of_request(case, |client| types.iter().any(|kind| kind == access_type(client))),
            Self::Roles(names) => of_request(case, |client| has_role(case.realm, client, names)),
            // Keycloak: measured on 26.7.4.
            Self::Scopes { .. } if is_about_a_token(case.event) => Vote::Abstain,
            Self::Scopes { names, kind } => of_request(case, |client| has_scope(client, case.facts, names, *kind)),
            Self::Attributes(pairs) => match (&case.proposed, case.client) {
                (Some(view), _) => Vote::when(pairs.iter().all(|(name, value)| view.attribute(name) == Some(value))),
                (None, Some(client)) => Vote::when(pairs.iter().all(|(name, value)| client.attribute(name) == Some(value))),
                (None, None) => Vote::No,
            },
            Self::Type(protocol) => client_type(case, protocol.as_deref()),
            Self::UpdaterContext(sources) => {
                of_updater(case, |updater| sources.iter().any(|source| source == updater.source.as_str()))
            }
            Self::UpdaterGroups(groups) => of_updater(case, |updater| updater.groups.iter().any(|group| groups.contains(group))),
            Self::UpdaterRoles(roles) => {
                of_updater(case, |updater| updater.roles.iter().any(|role| roles.contains(&named(role))))
            }
            Self::UpdaterHost(hosts) => of_updater(case, |_| case.facts.peer.is_some_and(|peer| is_among(peer, hosts))),
            Self::GrantType(types) => grant_type(case, types),
            Self::Acr(acr) => asks_for_acr(case, acr.as_deref()),
            Self::IdentityProvider(aliases) => match case.facts.identity_provider {
                Some(alias) => Vote::when(aliases.iter().any(|listed| listed == alias)),
                None => Vote::Abstain,
            },
        }
    }
}

fn scope_kind(text: Option<&str>) -> ScopeKind {
    match text {
        Some("Default") => ScopeKind::Default,
        Some("Any") => ScopeKind::Any,
        _ => ScopeKind::Optional,
    }
}

/// A condition on a client that is there already.
fn of_request(case: &Case<'_>, holds: impl Fn(&Client) -> bool) -> Vote {
    match case.client {
        Some(client) if !case.event.writes_client() => Vote::when(holds(client)),
        _ => Vote::Abstain,
    }
}

fn of_updater(case: &Case<'_>, holds: impl Fn(&Updater) -> bool) -> Vote {
    match case.facts.updater {
        Some(updater) if case.event.writes_client() => Vote::when(holds(updater)),
        _ => Vote::Abstain,
    }
}

const fn is_about_a_token(event: Event) -> bool {
    matches!(event, Event::TokenIntrospect | Event::TokenRevoke | Event::UserinfoRequest | Event::LogoutRequest)
}

const fn access_type(client: &Client) -> &'static str {
    match (client.public, client.bearer_only) {
        (true, _) => "public",
        (_, true) => "bearer-only",
        _ => "confidential",
    }
}

fn has_role(realm: &Realm, client: &Client, names: &[String]) -> bool {
    names.iter().any(|name| realm.roles.contains_key(&RoleKey::client(client.client_id.clone(), name.as_str())))
}

fn has_scope(client: &Client, facts: &Facts<'_>, names: &[String], kind: ScopeKind) -> bool {
    let listed = |scope: &str| names.iter().any(|name| name == scope);
    let has_default = || client.default_scopes.iter().any(|scope| listed(scope));
    let asks_for_optional = || {
        let asked = facts.parameter("scope").unwrap_or_default();
        asked.split(' ').any(|scope| listed(scope) && client.optional_scopes.iter().any(|optional| **optional == *scope))
    };
    match kind {
        ScopeKind::Default => has_default(),
        ScopeKind::Optional => asks_for_optional(),
        ScopeKind::Any => has_default() || asks_for_optional(),
    }
}

fn client_type(case: &Case<'_>, wanted: Option<&str>) -> Vote {
    let protocol = match (&case.proposed, case.client) {
        (Some(view), _) => view.text("protocol").unwrap_or("openid-connect"),
        (None, Some(client)) => match client.protocol {
            Protocol::OpenidConnect => "openid-connect",
            Protocol::Saml => "saml",
            Protocol::Other => "",
        },
        (None, None) => return Vote::Abstain,
    };
    Vote::when(wanted == Some(protocol))
}

/// `role` or `client.role`, as administrators write them.
fn named(role: &RoleKey) -> String {
    match &role.client {
        None => role.name.to_string(),
        Some(client) => format!("{client}.{}", role.name),
    }
}

fn is_among(peer: IpAddr, hosts: &[String]) -> bool {
    let peer = peer.to_canonical();
    hosts.iter().any(|host| match host.as_str() {
        "localhost" => peer.is_loopback(),
        host => host.parse::<IpAddr>().is_ok_and(|host| host.to_canonical() == peer),
    })
}

fn grant_type(case: &Case<'_>, types: &[String]) -> Vote {
    let listed = |grant: &str| Vote::when(types.iter().any(|listed| listed == grant));
    match case.event {
        event if event.issues_tokens() => case.facts.grant_type.map_or(Vote::Abstain, listed),
        Event::AuthorizationRequest => {
            let response_type = case.facts.parameter("response_type").unwrap_or_default();
            let has = |word: &str| response_type.split(' ').any(|asked| asked == word);
            let code = has("code") && listed("authorization_code") == Vote::Yes;
            Vote::when(code || (has("token") || has("id_token")) && listed("implicit") == Vote::Yes)
        }
        _ => Vote::Abstain,
    }
}

fn asks_for_acr(case: &Case<'_>, acr: Option<&str>) -> Vote {
    if !matches!(case.event, Event::AuthorizationRequest | Event::PushedAuthorizationRequest) {
        return Vote::Abstain;
    }
    let asked = case.facts.parameter("acr_values").unwrap_or_default();
    Vote::when(acr.is_some_and(|acr| asked.split(' ').any(|value| value == acr)))
}
