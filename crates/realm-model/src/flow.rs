//! Authentication flows: what is asked of whom in which order.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::file::stable_id;
use crate::{Client, EntityMap, Realm, Texts};

/// What a flow is asked for (`browserFlow`, …).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binding {
    /// `browserFlow`
    Browser,
    /// `registrationFlow`
    Registration,
    /// `directGrantFlow`
    DirectGrant,
    /// `resetCredentialsFlow`
    ResetCredentials,
    /// `clientAuthenticationFlow`
    ClientAuthentication,
    /// `firstBrokerLoginFlow`
    FirstBrokerLogin,
    /// `dockerAuthenticationFlow`
    DockerAuthentication,
}

impl Binding {
    pub(crate) const ALL: [Self; 7] = [
        Self::Browser,
        Self::Registration,
        Self::DirectGrant,
        Self::ResetCredentials,
        Self::ClientAuthentication,
        Self::FirstBrokerLogin,
        Self::DockerAuthentication,
    ];

    /// The member of a realm that names the flow.
    pub const fn member(self) -> &'static str {
        match self {
            Self::Browser => "browserFlow",
            Self::Registration => "registrationFlow",
            Self::DirectGrant => "directGrantFlow",
            Self::ResetCredentials => "resetCredentialsFlow",
            Self::ClientAuthentication => "clientAuthenticationFlow",
            Self::FirstBrokerLogin => "firstBrokerLoginFlow",
            Self::DockerAuthentication => "dockerAuthenticationFlow",
        }
    }

    /// The alias that a realm binds where it says nothing.
    pub const fn default_alias(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Registration => "registration",
            Self::DirectGrant => "direct grant",
            Self::ResetCredentials => "reset credentials",
            Self::ClientAuthentication => "clients",
            Self::FirstBrokerLogin => "first broker login",
            Self::DockerAuthentication => "docker auth",
        }
    }
}

/// `providerId` of a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FlowKind {
    /// `basic-flow`
    #[default]
    Basic,
    /// `form-flow`: its steps are parts of one form.
    Form,
    /// `client-flow`
    Client,
}

/// `requirement` of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// `REQUIRED`; a word that nobody knows counts as this one.
    Required,
    /// `ALTERNATIVE`
    Alternative,
    /// `CONDITIONAL`
    Conditional,
    /// `DISABLED`
    Disabled,
}

/// A flow (`AuthenticationFlowRepresentation`). Equal ones are there once in a process, whatever the realm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    /// `alias`
    pub alias: Arc<str>,
    /// `providerId`
    pub kind: FlowKind,
    /// `topLevel`: whether it can be bound.
    pub top_level: bool,
    /// `authenticationExecutions` in the order of their priorities.
    pub executions: Vec<Execution>,
}

/// A step of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Execution {
    /// Its name within the flow: the provider's or the flow's, numbered from the second of that name on (`auth-otp-form#2`).
    pub key: Arc<str>,
    /// `requirement`
    pub requirement: Requirement,
    /// What is done.
    pub step: ExecutionStep,
}

/// What an execution does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ExecutionStep {
    /// `authenticator`
    Authenticator {
        /// The provider's id, such as `auth-otp-form`.
        provider: Arc<str>,
        /// `authenticatorConfig`
        config: Option<Arc<AuthenticatorConfig>>,
    },
    /// `flowAlias`
    Flow {
        /// The alias of the flow in it.
        alias: Arc<str>,
    },
    /// A form (`registration-page-form`) whose parts are the steps of a flow.
    Form {
        /// The provider's id.
        provider: Arc<str>,
        /// The alias of the flow.
        flow: Arc<str>,
    },
}

/// The configuration of an authenticator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthenticatorConfig {
    /// `alias`
    pub alias: Arc<str>,
    /// `config`
    pub values: Texts,
}

impl AuthenticatorConfig {
    /// A value; an empty one counts as absent.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).filter(|value| !value.is_empty())
    }

    /// Whether a value is `true`.
    pub fn is_on(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }
}

impl Flow {
    /// The execution of this key.
    pub fn execution(&self, key: &str) -> Option<&Execution> {
        self.executions.iter().find(|execution| &*execution.key == key)
    }
}

impl Execution {
    /// The authenticator's or form's provider.
    pub fn provider(&self) -> Option<&str> {
        match &self.step {
            ExecutionStep::Authenticator { provider, .. } | ExecutionStep::Form { provider, .. } => Some(provider),
            ExecutionStep::Flow { .. } => None,
        }
    }

    /// The alias of the flow in it.
    pub fn flow(&self) -> Option<&str> {
        match &self.step {
            ExecutionStep::Flow { alias } | ExecutionStep::Form { flow: alias, .. } => Some(alias),
            ExecutionStep::Authenticator { .. } => None,
        }
    }

    /// The authenticator's configuration.
    pub fn config(&self) -> Option<&AuthenticatorConfig> {
        match &self.step {
            ExecutionStep::Authenticator { config, .. } => config.as_deref(),
            _ => None,
        }
    }

    /// Whether it is `DISABLED`.
    pub fn is_disabled(&self) -> bool {
        self.requirement == Requirement::Disabled
    }
}

/// The flows of a realm, and what each is bound to.
#[derive(Clone, Default)]
pub struct Flows {
    pub(crate) flows: EntityMap<Arc<str>, Flow>,
    /// Bindings that are not [`Binding::default_alias`].
    pub(crate) bound: Vec<(Binding, Arc<str>)>,
}

impl Flows {
    /// The flow of this alias.
    pub fn flow(&self, alias: &str) -> Option<&Arc<Flow>> {
        self.flows.get(alias)
    }

    /// The flow that the realm binds.
    pub fn bound(&self, binding: Binding) -> Option<&Arc<Flow>> {
        self.flow(self.bound_alias(binding))
    }

    /// The alias that the realm binds.
    pub fn bound_alias(&self, binding: Binding) -> &str {
        let own = self.bound.iter().find(|(one, _)| *one == binding);
        own.map_or(binding.default_alias(), |(_, alias)| alias)
    }

    /// All, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Flow>> {
        self.flows.values()
    }
}

/// Prints them in the order of their aliases.
impl fmt::Debug for Flows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flows: BTreeMap<_, _> = self.flows.iter().collect();
        f.debug_struct("Flows").field("flows", &flows).field("bound", &self.bound).finish()
    }
}

/// Flows of a client's own (`authenticationFlowBindingOverrides`), by alias.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowOverrides {
    /// `browser`
    pub browser: Option<Arc<str>>,
    /// `direct_grant`
    pub direct_grant: Option<Arc<str>>,
}

impl Realm {
    /// The flow for logins of `client`: its own one where it overrides the binding, else the realm's.
    pub fn flow_for(&self, client: &Client, binding: Binding) -> Option<&Arc<Flow>> {
        let own = client.flow_overrides.as_deref().and_then(|own| match binding {
            Binding::Browser => own.browser.as_deref(),
            Binding::DirectGrant => own.direct_grant.as_deref(),
            _ => None,
        });
        match own {
            Some(alias) => self.flows.flow(alias),
            None => self.flows.bound(binding),
        }
    }

    /// The id of an execution, a UUID: it follows from the realm's id, the flow's alias and the execution's key, so that it is the
    /// same on every start and on every replica. It is worked out anew (a hash) with each call.
    pub fn execution_id(&self, flow: &Flow, execution: &Execution) -> String {
        stable_id(&self.id, "execution", &format!("{}\n{}", flow.alias, execution.key))
    }

    /// The execution of this id, with its flow. It costs a hash for every execution of the realm.
    pub fn find_execution(&self, id: &str) -> Option<(&Arc<Flow>, &Execution)> {
        let all = self.flows.iter().flat_map(|flow| flow.executions.iter().map(move |execution| (flow, execution)));
        all.into_iter().find(|(flow, execution)| self.execution_id(flow, execution) == id)
    }
}

#[cfg(test)]
mod tests;
