//! Policies: conditions on who asks, and when.

use std::collections::{BTreeSet, HashMap};

use realm_model::{GroupPath, RoleKey, RoleSet};
use regex_lite::Regex;
use serde_json::Value;

use crate::Identity;
use crate::settings::{Config, text};
use crate::time_window::TimeWindow;

/// How several decisions become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// All must grant.
    #[default]
    Unanimous,
    /// One is enough.
    Affirmative,
    /// More must grant than deny.
    Consensus,
}

impl Strategy {
    pub(crate) fn parse(word: Option<&str>) -> Self {
        match word {
            Some("AFFIRMATIVE") => Self::Affirmative,
            Some("CONSENSUS") => Self::Consensus,
            _ => Self::Unanimous,
        }
    }

    /// Of no decisions nothing is granted.
    pub(crate) fn decide(self, decisions: impl Iterator<Item = bool>) -> bool {
        let (mut granted, mut denied) = (0_usize, 0_usize);
        decisions.for_each(|decision| if decision { granted += 1 } else { denied += 1 });
        match self {
            Self::Unanimous => granted > 0 && denied == 0,
            Self::Affirmative => granted > 0,
            Self::Consensus => granted > denied,
        }
    }
}

/// Something that must be there, or is one of several of which one is enough.
#[derive(Debug)]
pub(crate) struct Needed<T> {
    what: T,
    required: bool,
}

/// A condition.
#[derive(Debug)]
pub(crate) enum Rule {
    /// `role`; whether the account is asked and not the token.
    Role(Vec<Needed<RoleKey>>, RolesOf),
    /// `user`, by id or username.
    User(BTreeSet<String>),
    /// `client`, by clientId or id.
    Client(BTreeSet<String>),
    /// `group`, and the claim that tells groups.
    Group(Vec<Membership>, Option<String>),
    /// `client-scope`
    ClientScope(Vec<Needed<String>>),
    /// `time`
    Time(Box<TimeWindow>),
    /// `regex`
    Regex { claim: String, pattern: Option<Regex>, of: Source },
    /// `aggregate`, by name.
    Aggregate(Vec<String>, Strategy),
    /// One that is not served (`js` and whatever else): it grants nothing.
    Unserved,
}

/// Where roles are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RolesOf {
    Token,
    Account,
}

/// Where a value to be matched stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Claims,
    Circumstances,
}

/// A group, or it with all below it.
#[derive(Debug)]
pub(crate) struct Membership {
    path: String,
    below: bool,
}

/// A policy.
#[derive(Debug)]
pub(crate) struct Policy {
    /// Whether `logic` is `NEGATIVE`.
    negative: bool,
    rule: Rule,
}

impl Policy {
    pub(crate) fn compile(raw: &Value) -> Self {
        let config = Config::of(raw);
        let rule = match text(raw, "type").unwrap_or_default() {
            "role" => roles(&config),
            "user" => Rule::User(config.texts("users").into_iter().collect()),
            "client" => Rule::Client(config.texts("clients").into_iter().collect()),
            "group" => Rule::Group(groups(&config), config.text("groupsClaim").map(str::to_owned)),
            "client-scope" => Rule::ClientScope(needed(&config, "clientScopes", |id| id.to_owned())),
            "time" => Rule::Time(Box::new(TimeWindow::of(&config))),
            "regex" => regex(&config),
            "aggregate" => {
                let strategy = Strategy::parse(text(raw, "decisionStrategy"));
                Rule::Aggregate(config.texts("applyPolicies"), strategy)
            }
            _ => Rule::Unserved,
        };
        Self { negative: text(raw, "logic") == Some("NEGATIVE"), rule }
    }

    /// Whether the rule is one that this server does not know.
    pub(crate) fn is_unserved(&self) -> bool {
        matches!(self.rule, Rule::Unserved | Rule::Regex { pattern: None, .. })
    }
}

/// The decisions of one request: each policy is judged once.
pub(crate) struct Judge<'a> {
    policies: &'a HashMap<String, Policy>,
    identity: &'a Identity<'a>,
    token_roles: RoleSet,
    account_roles: Option<RoleSet>,
    decided: HashMap<&'a str, bool>,
}

/// Aggregates within aggregates at the most.
const DEEPEST: usize = 16;

impl<'a> Judge<'a> {
    pub(crate) fn new(policies: &'a HashMap<String, Policy>, identity: &'a Identity<'a>) -> Self {
        Self { policies, identity, token_roles: identity.token_roles(), account_roles: None, decided: HashMap::new() }
    }

    /// Whether all that is applied grants, by `strategy`.
    pub(crate) fn applies(&mut self, names: &'a [String], strategy: Strategy) -> bool {
        let decisions: Vec<bool> = names.iter().map(|name| self.grants(name, 0)).collect();
        strategy.decide(decisions.into_iter())
    }

    /// Whether the policy of this name grants; one that is not there does not.
    fn grants(&mut self, name: &'a str, depth: usize) -> bool {
        if let Some(decided) = self.decided.get(name) {
            return *decided;
        }
        let Some(policy) = self.policies.get(name) else { return false };
        // One that cannot be judged denies, whatever its logic.
        let granted = !policy.is_unserved() && depth < DEEPEST && self.holds(&policy.rule, depth) != policy.negative;
        self.decided.insert(name, granted);
        granted
    }

    fn holds(&mut self, rule: &'a Rule, depth: usize) -> bool {
        let identity = self.identity;
        match rule {
            Rule::Role(roles, RolesOf::Token) => all_needed(roles, |role| self.token_roles.contains(role)),
            Rule::Role(roles, RolesOf::Account) => {
                let held = self.account_roles.get_or_insert_with(|| identity.account_roles());
                all_needed(roles, |role| held.contains(role))
            }
            Rule::User(users) => users.contains(identity.user.id.as_str()) || users.contains(&identity.user.username),
            Rule::Client(clients) => {
                let id = identity.realm.client(&identity.client_id).map(|client| &*client.id);
                clients.contains(&identity.client_id) || id.is_some_and(|id| clients.contains(id))
            }
            Rule::Group(groups, claim) => is_member(identity, groups, claim.as_deref()),
            Rule::ClientScope(scopes) => {
                let granted = identity.claim("scope").unwrap_or_default();
                all_needed(scopes, |scope| granted.split(' ').any(|word| word == scope))
            }
            Rule::Time(window) => window.holds(identity.now),
            Rule::Regex { claim, pattern, of } => {
                let value = match of {
                    Source::Claims => identity.claim(claim),
                    Source::Circumstances => identity.circumstance(claim),
                };
                value.zip(pattern.as_ref()).is_some_and(|(value, pattern)| pattern.is_match(&value))
            }
            Rule::Aggregate(names, strategy) => {
                let decisions: Vec<bool> = names.iter().map(|name| self.grants(name, depth + 1)).collect();
                strategy.decide(decisions.into_iter())
            }
            Rule::Unserved => false,
        }
    }
}

/// All that is required is there, and something of the rest where nothing is.
fn all_needed<T>(needed: &[Needed<T>], has: impl Fn(&T) -> bool) -> bool {
    let mut any = false;
    for one in needed {
        match has(&one.what) {
            true => any = true,
            false if one.required => return false,
            false => {}
        }
    }
    any
}

fn needed<T>(config: &Config<'_>, name: &str, make: impl Fn(&str) -> T) -> Vec<Needed<T>> {
    let one = |value: &Value| {
        let id = value.as_str().or_else(|| text(value, "id"))?;
        Some(Needed { what: make(id), required: crate::settings::flag(value, "required") })
    };
    config.list(name).iter().filter_map(one).collect()
}

fn roles(config: &Config<'_>) -> Rule {
    let of = if config.is_on("fetchRoles") { RolesOf::Account } else { RolesOf::Token };
    Rule::Role(needed(config, "roles", role_key), of)
}

/// `name`, or `client/name`.
pub(crate) fn role_key(name: &str) -> RoleKey {
    match name.split_once('/') {
        Some((client, role)) => RoleKey::client(client, role),
        None => RoleKey::realm(name),
    }
}

fn groups(config: &Config<'_>) -> Vec<Membership> {
    let one = |value: &Value| {
        let path = value.as_str().or_else(|| text(value, "path")).or_else(|| text(value, "id"))?;
        Some(Membership { path: path.to_owned(), below: crate::settings::flag(value, "extendChildren") })
    };
    config.list("groups").iter().filter_map(one).collect()
}

/// Keycloak: the whole value must match.
fn regex(config: &Config<'_>) -> Rule {
    let pattern = config.text("pattern").and_then(|pattern| Regex::new(&format!("^(?:{pattern})$")).ok());
    let of = if config.is_on("targetContextAttributes") { Source::Circumstances } else { Source::Claims };
    Rule::Regex { claim: config.text("targetClaim").unwrap_or_default().to_owned(), pattern, of }
}

/// By the groups that the claim tells, or those of the account where it tells none.
fn is_member(identity: &Identity<'_>, groups: &[Membership], claim: Option<&str>) -> bool {
    let told = claim.map(|claim| identity.claim_texts(claim)).filter(|told| !told.is_empty());
    let own: Vec<String> = told.unwrap_or_else(|| identity.user.groups.iter().map(GroupPath::to_string).collect());
    groups.iter().any(|group| own.iter().any(|own| group.has(own)))
}

impl Membership {
    pub(crate) fn of(path: &str) -> Self {
        Self { path: path.to_owned(), below: false }
    }

    /// Whether a member of `group`, a path or a bare name, is a member of this.
    fn has(&self, group: &str) -> bool {
        if !group.contains('/') {
            return self.path.rsplit('/').next() == Some(group);
        }
        let below = || group.strip_prefix(self.path.as_str()).is_some_and(|rest| rest.starts_with('/'));
        group == self.path || self.below && below()
    }
}

/// Whether `identity` is in one of the groups of these paths.
pub(crate) fn is_in_groups(identity: &Identity<'_>, paths: &[String]) -> bool {
    let groups: Vec<Membership> = paths.iter().map(|path| Membership::of(path)).collect();
    is_member(identity, &groups, None)
}
