use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

/// `clientProfiles` and `clientPolicies` of a realm, as they were written. The crate client-policies compiles them when they are first
/// asked for; what it makes of them stays here, so that it is as old as they are.
#[derive(Default)]
pub struct DeclaredPolicies {
    /// `clientProfiles.profiles`
    pub profiles: Vec<Value>,
    /// `clientPolicies.policies`
    pub policies: Vec<Value>,
    compiled: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl DeclaredPolicies {
    /// What the two members say; `None` without a policy: profiles alone do nothing.
    pub fn of(profiles: Option<&Value>, policies: Option<&Value>) -> Option<Arc<Self>> {
        let list = |member: Option<&Value>, name: &str| member.and_then(|member| member.get(name)?.as_array().cloned());
        let policies = list(policies, "policies").filter(|policies| !policies.is_empty())?;
        let profiles = list(profiles, "profiles").unwrap_or_default();
        Some(Arc::new(Self { profiles, policies, compiled: OnceLock::new() }))
    }

    /// What `compile` makes of them, made once.
    pub fn compiled<T: Any + Send + Sync>(&self, compile: impl Fn(&Self) -> T) -> Arc<T> {
        let made = self.compiled.get_or_init(|| Arc::new(compile(self)));
        // Of another type only where two crates compile them.
        Arc::clone(made).downcast().unwrap_or_else(|_| Arc::new(compile(self)))
    }
}

impl fmt::Debug for DeclaredPolicies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeclaredPolicies")
            .field("profiles", &self.profiles)
            .field("policies", &self.policies)
            .finish_non_exhaustive()
    }
}
