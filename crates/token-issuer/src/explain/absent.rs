use std::collections::BTreeSet;

use realm_model::did_you_mean;

use crate::organization_scope::ORGANIZATION;

use super::{Entity, ExplainedToken, Holder, Inquiry};

/// What somebody asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A claim, by its name or its path with dots.
    Claim(String),
    /// A role: `name` of the realm, `client/name`, or the name alone of any role.
    Role(String),
    /// A value of `aud` of the access token.
    Audience(String),
    /// A client scope, or `openid`.
    Scope(String),
}

impl Asked {
    /// Reads `claim:department`, `role:app/admin`, `audience:orders`, `scope:phone`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(':').filter(|(_, name)| !name.is_empty())?;
        let make = match kind {
            "claim" => Self::Claim,
            "role" => Self::Role,
            "audience" => Self::Audience,
            "scope" => Self::Scope,
            _ => return None,
        };
        Some(make(name.to_owned()))
    }
}

/// `claim department`
impl std::fmt::Display for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, name) = match self {
            Self::Claim(name) => ("claim", name),
            Self::Role(name) => ("role", name),
            Self::Audience(name) => ("audience", name),
            Self::Scope(name) => ("scope", name),
        };
        write!(f, "{kind} {name}")
    }
}

/// Where it is, and why it is not elsewhere.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked.
    pub asked: Asked,
    /// The names of the tokens that have it; for a scope `granted`.
    pub found: Vec<&'static str>,
    /// What keeps it out; empty where nothing does.
    pub reasons: Vec<Reason>,
}

/// One rule that keeps something out of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Which rule, stable from version to version.
    pub rule: &'static str,
    /// In words.
    pub text: String,
    /// The entity to look at.
    pub entity: Option<Entity>,
}

impl Reason {
    pub(crate) fn new(rule: &'static str, text: impl Into<String>) -> Self {
        Self { rule, text: text.into(), entity: None }
    }

    pub(crate) fn at(self, entity: impl Into<Entity>) -> Self {
        Self { entity: Some(entity.into()), ..self }
    }
}

/// Names one after the other, not too many.
pub(crate) fn some_of(names: &BTreeSet<String>) -> String {
    const MOST: usize = 5;
    let shown: Vec<_> = names.iter().take(MOST).map(String::as_str).collect();
    let more = if names.len() > MOST { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// The nearest of `names` as the end of a sentence.
pub(crate) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    did_you_mean(name, names).map(|nearest| format!("; {nearest}")).unwrap_or_default()
}

impl<'a> Inquiry<'a> {
    pub(crate) fn answer(&self, asked: &Asked, tokens: &[ExplainedToken]) -> Answer {
        let (found, mut reasons) = match asked {
            Asked::Claim(name) => self.missing_claim(name, tokens),
            Asked::Role(name) => self.missing_role(name, tokens),
            Asked::Audience(name) => self.missing_audience(name, tokens),
            Asked::Scope(name) => self.missing_scope(name),
        };
        let mut seen = Vec::new();
        reasons.retain(|reason| {
            let is_new = !seen.contains(reason);
            seen.push(reason.clone());
            is_new
        });
        Answer { asked: asked.clone(), found, reasons }
    }

    pub(crate) fn owner(&self) -> Holder {
        Holder::Client(self.client.client_id.clone())
    }

    fn missing_scope(&self, name: &str) -> (Vec<&'static str>, Vec<Reason>) {
        let why = self.why_not_granted(name);
        let found = if why.is_none() { vec!["granted"] } else { Vec::new() };
        let untold = self.granted.client_scopes().find(|scope| &*scope.name == name && !scope.include_in_token_scope);
        let hidden = untold.map(|scope| {
            let text = format!("client scope {name} is granted, but does not show in \"scope\": include.in.token.scope is off");
            Reason::new("scope-not-shown", text)
                .at(Entity::attribute(Holder::ClientScope(scope.name.clone()), "include.in.token.scope"))
        });
        (found, why.into_iter().chain(hidden).collect())
    }

    /// What keeps the client scope `name` from being granted.
    pub(crate) fn why_not_granted(&self, name: &str) -> Option<Reason> {
        let client = &self.client.client_id;
        if name == "openid" {
            let text = "openid was not asked for, so there is no ID token, and userinfo refuses the access token";
            return (!self.granted.has_openid()).then(|| Reason::new("no-openid", text));
        }
        if self.granted.contains(name) {
            return None;
        }
        let is_in = |names: &[std::sync::Arc<str>]| names.iter().any(|own| &**own == name);
        let Some(scope) = self.realm.client_scopes.get(name) else {
            let nearest = nearest(name, self.realm.client_scopes.keys().map(|name| &**name));
            return Some(Reason::new("scope-unknown", format!("the realm has no client scope {name}{nearest}")));
        };
        let holder = Holder::ClientScope(scope.name.clone());
        let (default, optional) = (is_in(&self.client.default_scopes), is_in(&self.client.optional_scopes));
        Some(if !default && !optional {
            let text = format!("client scope {name} is neither a default nor an optional scope of client {client}");
            Reason::new("scope-not-assigned", text).at(self.owner())
        } else if name == ORGANIZATION && (default || self.requested.asks_for_organization()) {
            let text = format!("{} is in no organization that was asked for, or the realm has none", self.user());
            Reason::new("no-organization", text).at(self.user())
        } else if !default && !self.requested.asks_for(name) {
            let text = format!("client scope {name} is optional for client {client} and was not asked for: add it to scope");
            Reason::new("scope-not-asked-for", text).at(Entity::field(self.owner(), "optionalClientScopes"))
        } else if !scope.role_scope_mappings.is_empty() {
            let roles = scope.role_scope_mappings.iter().map(|role| format!("{role:?}")).collect();
            let text = format!(
                "client scope {name} is for those who have one of its roles, and {} has none: {}",
                self.user(),
                some_of(&roles)
            );
            Reason::new("scope-bound-to-roles", text).at(holder)
        } else {
            Reason::new("scope-not-granted", format!("client scope {name} is not granted to this user")).at(holder)
        })
    }
}
