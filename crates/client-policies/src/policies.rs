use std::sync::Arc;

use oidc_types::ErrorCode;
use realm_model::{Client, DeclaredPolicies, Realm};
use serde_json::{Map, Value};

use crate::condition::{Case, Condition, Vote};
use crate::error::{PolicyError, Refusal};
use crate::executor::Executor;
use crate::view::View;
use crate::{Effects, Event, Facts, global, registration, request};

/// The client policies of a realm.
#[derive(Clone)]
pub struct Policies<'r> {
    realm: &'r Realm,
    /// None: there are none.
    compiled: Option<Arc<Compiled>>,
}

struct Compiled(Vec<Policy>);

struct Policy {
    name: String,
    conditions: Vec<Condition>,
    executors: Vec<(String, Executor)>,
}

impl<'r> Policies<'r> {
    /// Those of `realm`, compiled when they are first asked for.
    pub fn of(realm: &'r Realm) -> Self {
        let compiled = realm.client_policies.as_ref().map(|declared| declared.compiled(Compiled::of));
        Self { realm, compiled }
    }

    /// Judges a request of `client`.
    ///
    /// # Errors
    /// [`PolicyError`]: what the first executor that refuses says.
    pub fn judge(&self, event: Event, client: &Client, facts: &Facts<'_>) -> Result<Effects, PolicyError> {
        let mut effects = Effects::default();
        let case = Case { realm: self.realm, event, client: Some(client), proposed: None, facts };
        for (policy, name, executor) in self.applying(&case) {
            request::judge(executor, &case, client, &mut effects).map_err(|refusal| policy.refused(name, refusal))?;
        }
        Ok(effects)
    }

    /// Whether a policy with this executor applies.
    pub fn has(&self, executor: &str, event: Event, client: &Client, facts: &Facts<'_>) -> bool {
        let case = Case { realm: self.realm, event, client: Some(client), proposed: None, facts };
        self.applying(&case).any(|(_, name, _)| name == executor)
    }

    /// Sets a client right that is to be written, where a profile says so. `existing` is the client as it is.
    pub fn configure(&self, event: Event, existing: Option<&Client>, body: &mut Map<String, Value>, facts: &Facts<'_>) {
        let Some(compiled) = &self.compiled else { return };
        for policy in &compiled.0 {
            let applies = {
                let proposed = Some(View(body));
                policy.applies(&Case { realm: self.realm, event, client: existing, proposed, facts })
            };
            if applies {
                policy.executors.iter().for_each(|(_, executor)| registration::configure(executor, event, body));
            }
        }
    }

    /// Judges a client that is to be written, complete: what was left out counts as what it will be (CVE-2026-18570, CVE-2026-18573).
    ///
    /// # Errors
    /// As [`Self::judge`].
    pub fn judge_client(
        &self,
        event: Event,
        existing: Option<&Client>,
        body: &Map<String, Value>,
        facts: &Facts<'_>,
    ) -> Result<(), PolicyError> {
        let case = Case { realm: self.realm, event, client: existing, proposed: Some(View(body)), facts };
        for (policy, name, executor) in self.applying(&case) {
            registration::judge(executor, View(body)).map_err(|refusal| policy.refused(name, refusal))?;
        }
        Ok(())
    }

    /// What policies change in how a client is written.
    pub fn effects_on_client(
        &self,
        event: Event,
        existing: Option<&Client>,
        body: &Map<String, Value>,
        facts: &Facts<'_>,
    ) -> Effects {
        let case = Case { realm: self.realm, event, client: existing, proposed: Some(View(body)), facts };
        let keeps = self.applying(&case).any(|(_, _, executor)| matches!(executor, Executor::KeepRegistrationToken));
        Effects { keeps_registration_token: keeps, ..Effects::default() }
    }

    /// The executors of all policies that apply, in their order.
    fn applying<'a>(&'a self, case: &Case<'_>) -> impl Iterator<Item = (&'a Policy, &'a str, &'a Executor)> {
        let policies = self.compiled.iter().flat_map(|compiled| &compiled.0);
        let applying = policies.filter(|policy| policy.applies(case));
        applying.flat_map(|policy| policy.executors.iter().map(move |(name, executor)| (policy, name.as_str(), executor)))
    }
}

impl Compiled {
    fn of(declared: &DeclaredPolicies) -> Self {
        let enabled = |policy: &&Value| policy.get("enabled").and_then(Value::as_bool).unwrap_or_default();
        Self(declared.policies.iter().filter(enabled).map(|policy| Policy::read(policy, &declared.profiles)).collect())
    }
}

impl Policy {
    fn read(given: &Value, profiles: &[Value]) -> Self {
        let name = text(given, "name").to_owned();
        let list = |owner: &Value, member: &str| owner.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut policy = Self { name, conditions: Vec::new(), executors: Vec::new() };
        for condition in list(given, "conditions") {
            let (condition, known) = Condition::read(&condition);
            policy.conditions.push(condition);
            if let Err(unknown) = known {
                policy.refuse_unknown("condition", unknown);
            }
        }
        for profile in list(given, "profiles").iter().filter_map(Value::as_str) {
            let own = profiles.iter().find(|own| text(own, "name") == profile);
            let Some(found) = global::find(profile).or(own) else {
                policy.refuse_unknown("profile", profile.to_owned());
                continue;
            };
            for executor in list(found, "executors") {
                let name = text(&executor, "executor").to_owned();
                match Executor::read(&name, &executor) {
                    Executor::Unknown => policy.refuse_unknown("executor", name),
                    known => policy.executors.push((name, known)),
                }
            }
        }
        policy
    }

    fn refuse_unknown(&mut self, what: &str, name: String) {
        log::error!("client policy {:?}: unknown {what} {name:?}: it refuses whatever it applies to", self.name);
        self.executors.push((name, Executor::Unknown));
    }

    /// One condition says yes and none no.
    fn applies(&self, case: &Case<'_>) -> bool {
        let mut said_yes = false;
        for condition in &self.conditions {
            match condition.vote(case) {
                Vote::Yes => said_yes = true,
                Vote::No => return false,
                Vote::Abstain => {}
            }
        }
        said_yes
    }

    fn refused(&self, executor: &str, refusal: Refusal) -> PolicyError {
        let Refusal { code, description } = refusal;
        PolicyError { policy: self.name.clone(), executor: executor.to_owned(), code, description }
    }
}

/// What an executor says that is not known.
pub(crate) const UNKNOWN: Refusal = Refusal {
    code: ErrorCode::ServerError,
    description: std::borrow::Cow::Borrowed("A client policy of the realm cannot be carried out"),
};

fn text<'v>(owner: &'v Value, member: &str) -> &'v str {
    owner.get(member).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
