use std::collections::BTreeSet;

use realm_model::RoleKey;
use serde_json::Value;

use super::absent::{Reason, nearest, some_of};
use super::{Entity, ExplainedToken, Holder, Inquiry, Sourced};
use crate::mapper::{Compiled, Source};
use crate::roles::RoleEdit;

type Found = (Vec<&'static str>, Vec<Reason>);

/// Whether a role is told in another of the tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Elsewhere,
    Nowhere,
}

impl Inquiry<'_> {
    pub(crate) fn missing_role(&self, name: &str, tokens: &[ExplainedToken]) -> Found {
        let keys = self.roles_called(name);
        if keys.is_empty() {
            let names: Vec<_> = self.realm.roles.keys().map(|key| format!("{key:?}")).collect();
            let nearest = nearest(name, names.iter().map(String::as_str));
            return (Vec::new(), vec![Reason::new("role-unknown", format!("there is no role {name}{nearest}"))]);
        }
        let (mut found, mut reasons) = (Vec::new(), Vec::new());
        for key in &keys {
            let (has, without): (Vec<_>, Vec<_>) = tokens.iter().partition(|token| tells(token, key));
            found.extend(has.iter().map(|token| token.name));
            match self.why_no_role(key) {
                Some(reason) if has.is_empty() => reasons.push(reason),
                Some(_) => {}
                None => reasons.extend(without.iter().flat_map(|token| {
                    self.why_untold(key, token.name, if has.is_empty() { Told::Nowhere } else { Told::Elsewhere })
                })),
            }
        }
        (found, reasons)
    }

    /// `name` of the realm, `client/name` or `client.name`; else every role of this name.
    fn roles_called(&self, name: &str) -> Vec<RoleKey> {
        let of_client =
            name.split_once('/').or_else(|| name.rsplit_once('.')).map(|(client, name)| RoleKey::client(client, name));
        if let Some(key) =
            [Some(RoleKey::realm(name)), of_client].into_iter().flatten().find(|key| self.realm.roles.contains_key(key))
        {
            return vec![key];
        }
        let mut keys: Vec<_> = self.realm.roles.keys().filter(|key| key.name.as_str() == name).cloned().collect();
        keys.sort();
        keys
    }

    /// What keeps a role out of all tokens.
    fn why_no_role(&self, key: &RoleKey) -> Option<Reason> {
        if !self.subject.roles().contains(key) {
            let givers = self.givers(key);
            let text = match givers.is_empty() {
                true => "no group and no other role gives it".to_owned(),
                false => format!("it would come with {}", some_of(&givers)),
            };
            let text = format!("{} does not have role {key:?}: {text}", self.user());
            return Some(Reason::new("role-not-held", text).at(Holder::Role(key.clone())));
        }
        if self.plan.allowed_roles.as_ref().is_some_and(|allowed| !allowed.contains(key)) {
            return Some(self.why_not_in_scope(key));
        }
        let renames = |sourced: &&Sourced<'_>| matches!(&sourced.compiled, Compiled::Role(RoleEdit::Rename { from, .. }) if from.key() == *key);
        let sourced = self.sourced.iter().find(renames)?;
        let text = format!("mapper \"{}\" of {} calls role {key:?} otherwise", sourced.mapper.name, sourced.owner);
        Some(Reason::new("role-renamed", text).at(sourced.entity()))
    }

    fn why_not_in_scope(&self, key: &RoleKey) -> Reason {
        let brings =
            |scope: &&std::sync::Arc<realm_model::ClientScope>| self.realm.expand(&scope.role_scope_mappings).contains(key);
        let scopes: BTreeSet<_> = self.realm.client_scopes.values().filter(brings).map(|scope| scope.name.to_string()).collect();
        let also = match scopes.is_empty() {
            true => String::new(),
            false => format!("; client scopes that have it: {}", some_of(&scopes)),
        };
        let text = format!(
            "role {key:?} is not in the scope of client {}: fullScopeAllowed is off and no scope mapping has it{also}",
            self.client.client_id
        );
        Reason::new("role-not-in-scope", text).at(self.of_client("fullScopeAllowed"))
    }

    /// What would give a role to a user.
    fn givers(&self, key: &RoleKey) -> BTreeSet<String> {
        let roles = self.realm.roles.values().filter(|role| role.composites.contains(key));
        let gives = |role: &RoleKey| self.realm.roles.get(role).is_some_and(|role| role.closure.contains(key));
        let groups = self.realm.groups.values().filter(|group| group.roles.iter().any(gives));
        let roles = roles.map(|role| format!("role {:?}", role.key));
        groups.map(|group| format!("group {}", group.path)).chain(roles).collect()
    }

    /// What keeps a role that is in scope out of one token.
    fn why_untold(&self, key: &RoleKey, token: &'static str, told: Told) -> Vec<Reason> {
        let meant = |sourced: &Sourced<'_>| match (&sourced.compiled, &key.client) {
            (Compiled::Claim(step), None) => matches!(step.source, Source::RealmRoles { .. }),
            (Compiled::Claim(step), Some(id)) => {
                matches!(&step.source, Source::ClientRoles { client, .. } if client.as_deref().is_none_or(|own| own == id.as_str()))
            }
            _ => false,
        };
        let mut reasons = self.why_not_made(token, &meant);
        if reasons.is_empty() && told == Told::Nowhere {
            reasons = self.elsewhere(&meant);
        }
        if reasons.is_empty() && told == Told::Nowhere {
            let text = format!("no mapper of client {} writes such roles into its tokens", self.client.client_id);
            reasons.push(Reason::new("no-mapper", text).at(self.owner()));
        }
        reasons
    }

    pub(crate) fn missing_audience(&self, name: &str, tokens: &[ExplainedToken]) -> Found {
        let has = |token: &ExplainedToken| values(token, "aud").any(|value| value == name);
        let found: Vec<_> = tokens.iter().filter(|token| has(token)).map(|token| token.name).collect();
        if found.contains(&"access token") {
            return (found, Vec::new());
        }
        let meant = |sourced: &Sourced<'_>| matches!(&sourced.compiled, Compiled::Claim(step) if matches!(&step.source, Source::Audience(own) if own == name));
        let mut reasons = self.why_not_made("access token", &meant);
        reasons.extend(self.elsewhere(&meant));
        reasons.extend(self.why_not_resolved(name));
        (found, reasons)
    }

    /// Why the roles of the user do not bring the client `name` into `aud`.
    fn why_not_resolved(&self, name: &str) -> Vec<Reason> {
        let needs_mapper = "an audience mapper (oidc-audience-mapper) can name it";
        if name == self.client.client_id.as_str() {
            let text = format!("a client is no audience of its own access tokens by its roles; {needs_mapper}");
            return vec![Reason::new("own-audience", text).at(self.owner())];
        }
        if self.realm.client(name).is_none() {
            let nearest = nearest(name, self.realm.clients.keys().map(|id| id.as_str()));
            return vec![Reason::new("audience-unknown", format!("there is no client {name}{nearest}; {needs_mapper}"))];
        }
        let holder = Entity::from(Holder::Client(name.into()));
        let mut keys: Vec<_> =
            self.realm.roles.keys().filter(|key| key.client.as_ref().is_some_and(|id| id.as_str() == name)).collect();
        keys.sort();
        if keys.is_empty() {
            let text = format!("client {name} has no roles, so none brings it into aud; {needs_mapper}");
            return vec![Reason::new("audience-without-roles", text).at(holder)];
        }
        let held: Vec<_> = keys.iter().filter(|key| self.subject.roles().contains(key)).collect();
        if held.is_empty() {
            let roles = keys.iter().map(|key| format!("{key:?}")).collect();
            let text = format!("{} has no role of client {name} ({}); {needs_mapper}", self.user(), some_of(&roles));
            return vec![Reason::new("audience-role-not-held", text).at(holder)];
        }
        let is_in_scope = |key: &RoleKey| self.plan.allowed_roles.as_ref().is_none_or(|allowed| allowed.contains(key));
        if !held.iter().any(|key| is_in_scope(key)) {
            return held.iter().map(|key| self.why_not_in_scope(key)).collect();
        }
        let meant = |sourced: &Sourced<'_>| matches!(&sourced.compiled, Compiled::Claim(step) if matches!(step.source, Source::AudienceResolve));
        let mut reasons = self.why_not_made("access token", &meant);
        if !self.sourced.iter().any(meant) {
            reasons.extend(self.elsewhere(&meant));
        }
        reasons
    }
}

/// The values of a claim.
fn values<'t>(token: &'t ExplainedToken, name: &'t str) -> impl Iterator<Item = &'t str> {
    let claims = token.claims.iter().filter(move |claim| claim.name() == name);
    claims.flat_map(|claim| &claim.parts).filter_map(|part| part.value.as_ref().and_then(Value::as_str))
}

/// Whether some value of the token came from `key`.
fn tells(token: &ExplainedToken, key: &RoleKey) -> bool {
    let role = Entity::from(Holder::Role(key.clone()));
    let origins =
        token.claims.iter().filter(|claim| claim.name() != "aud").flat_map(|claim| &claim.parts).flat_map(|part| &part.origins);
    origins.into_iter().any(|origin| origin.path.last() == Some(&role))
}
