//! The conditions of conditional flows. One that nobody here can judge holds: what it guards is asked for.

use realm_model::{AuthenticatorConfig, CredentialKind, Execution, Flow, RoleKey, User};
use regex_lite::Regex;
use user_authentication::{RECOVERY_CODES, authenticators, next_recovery_code};
use web_authn::{PASSWORDLESS, SECOND_FACTOR};

use crate::flow::{self, Conditions, Outcome};
use crate::level;
use crate::login::Login;

/// What an authenticator asks of a user: the type of a credential, and the required action by which one comes by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) credential: &'static str,
    pub(crate) action: &'static str,
}

/// What the authenticator of this provider asks for, where it asks for something that users set up.
pub(crate) fn asked_by(provider: &str) -> Option<Asked> {
    Some(match provider {
        "auth-otp-form" | "auth-conditional-otp-form" | "reset-otp" => Asked { credential: OTP, action: "CONFIGURE_TOTP" },
        "webauthn-authenticator" => Asked { credential: SECOND_FACTOR, action: "webauthn-register" },
        "webauthn-authenticator-passwordless" => Asked { credential: PASSWORDLESS, action: "webauthn-register-passwordless" },
        "auth-recovery-authn-code-form" => Asked { credential: RECOVERY_CODES, action: "CONFIGURE_RECOVERY_AUTHN_CODES" },
        _ => return None,
    })
}

/// The type of one-time codes.
pub(crate) const OTP: &str = "otp";

/// Types that count for more than a password.
pub(crate) const SECOND_FACTORS: [&str; 4] = [OTP, SECOND_FACTOR, PASSWORDLESS, RECOVERY_CODES];

/// Whether a user has a credential of this type.
pub(crate) fn has_credential(user: &User, credential: &str) -> bool {
    match credential {
        OTP => user.credentials_of(&CredentialKind::Otp).next().is_some(),
        "password" => user.credentials_of(&CredentialKind::Password).next().is_some(),
        RECOVERY_CODES => next_recovery_code(user).is_some(),
        kind => authenticators(user, kind).next().is_some(),
    }
}

impl Conditions for Login<'_, '_> {
    fn holds(&self, flow: &Flow, execution: &Execution) -> bool {
        let config = execution.config();
        match execution.provider().unwrap_or_default() {
            "conditional-user-configured" => self.is_set_up(flow, 0),
            "conditional-credential" => self.has_used_credential(config),
            "conditional-user-role" => self.user.as_deref().is_some_and(|user| self.has_role(user, config)),
            "conditional-user-attribute" => self.user.as_deref().is_some_and(|user| self.has_attribute(user, config)),
            "conditional-client-scope" => self.has_client_scope(config),
            "conditional-sub-flow-executed" => self.has_gone_through(config),
            level::CONDITION => self.is_level_due(flow, execution),
            _ => true,
        }
    }

    fn can_take(&self, execution: &Execution) -> bool {
        let provider = execution.provider().unwrap_or_default();
        match (asked_by(provider), self.user.as_deref()) {
            (None, _) => true,
            (Some(asked), Some(user)) => has_credential(user, asked.credential),
            // A passkey says who its user is.
            (Some(asked), None) => asked.credential == PASSWORDLESS,
        }
    }
}

fn value<'c>(config: Option<&'c AuthenticatorConfig>, key: &str) -> Option<&'c str> {
    config.and_then(|config| config.get(key))
}

fn is_on(config: Option<&AuthenticatorConfig>, key: &str) -> bool {
    config.is_some_and(|config| config.is_on(key))
}

impl Login<'_, '_> {
    /// Whether the user has set up what the steps of a flow ask for: all that are required, else any of the alternatives.
    fn is_set_up(&self, flow: &Flow, depth: usize) -> bool {
        const DEEPEST: usize = 16;
        let Some(user) = self.user.as_deref().filter(|_| depth <= DEEPEST) else { return false };
        let has = |execution: &&Execution| match execution.provider() {
            Some(provider) => asked_by(provider).is_some_and(|asked| has_credential(user, asked.credential)),
            None => {
                let inner = execution.flow().and_then(|alias| self.realm().flows.flow(alias));
                inner.is_some_and(|inner| self.is_set_up(inner, depth + 1))
            }
        };
        let mut required = flow::steps(flow).filter(flow::is_required).peekable();
        match required.peek() {
            Some(_) => required.all(|execution| has(&execution)),
            None => flow::steps(flow).any(|execution| has(&execution)),
        }
    }

    /// `conditional-credential`: whether one of these types was shown (`included`), or none of them.
    fn has_used_credential(&self, config: Option<&AuthenticatorConfig>) -> bool {
        let listed = value(config, "credentials").unwrap_or_default();
        let used = listed.split(['#', ',']).map(str::trim).any(|kind| self.shown_now().any(|shown| shown == kind));
        used == is_on(config, "included")
    }

    fn has_role(&self, user: &User, config: Option<&AuthenticatorConfig>) -> bool {
        let role = value(config, "condUserRole").unwrap_or_default();
        self.is_in_role(user, role) != is_on(config, "negate")
    }

    /// `name`, or `client.name`, as in the configuration of authenticators.
    pub(crate) fn is_in_role(&self, user: &User, role: &str) -> bool {
        let all = self.realm().roles_of(user);
        let of_client = role.match_indices('.').any(|(at, _)| {
            let (client, name) = (role.get(..at).unwrap_or_default(), role.get(at + 1..).unwrap_or_default());
            all.contains(&RoleKey::client(client, name))
        });
        of_client || all.contains(&RoleKey::realm(role))
    }

    fn has_attribute(&self, user: &User, config: Option<&AuthenticatorConfig>) -> bool {
        let (name, expected) = (value(config, "attribute_name").unwrap_or_default(), value(config, "attribute_expected_value"));
        let expected = expected.unwrap_or_default();
        let pattern = is_on(config, "regex").then(|| Regex::new(&format!("^(?:{expected})$")).ok());
        let is_it = |value: &String| match &pattern {
            Some(pattern) => pattern.as_ref().is_some_and(|pattern| pattern.is_match(value)),
            None => value == expected,
        };
        let own = user.attributes.get(name).into_iter().flatten().any(is_it);
        let found = own || is_on(config, "include_group_attributes") && self.is_in_group_with(user, (name, &is_it));
        found != is_on(config, "not")
    }

    fn is_in_group_with(&self, user: &User, (name, is_it): (&str, &dyn Fn(&String) -> bool)) -> bool {
        let groups = &self.realm().groups;
        user.groups.iter().any(|path| {
            let mut next = groups.get(path);
            while let Some(group) = next {
                if group.attributes.get(name).into_iter().flatten().any(is_it) {
                    return true;
                }
                next = group.parent.as_ref().and_then(|parent| groups.get(parent));
            }
            false
        })
    }

    fn has_client_scope(&self, config: Option<&AuthenticatorConfig>) -> bool {
        let wanted = value(config, "client_scope").unwrap_or_default();
        let is_default = self.client.default_scopes.iter().any(|scope| &**scope == wanted);
        let has = is_default || self.scope_words().contains(&wanted);
        has != is_on(config, "negate")
    }

    /// `conditional-sub-flow-executed`
    fn has_gone_through(&self, config: Option<&AuthenticatorConfig>) -> bool {
        let flow = value(config, "flow_to_check").and_then(|alias| self.realm().flows.flow(alias));
        let executed = flow.is_some_and(|flow| flow::is_entered(self.realm(), (flow, 0), &self.tab));
        executed == (value(config, "check_result") != Some("not-executed"))
    }

    /// Whether something that was to be set up is not (CVE-2025-3910): every [`Outcome::ToBeSetUp`] needs its credential by now.
    pub(crate) fn lacks_set_up(&self) -> bool {
        let Some(user) = self.user.as_deref() else { return true };
        let lacks = |flow: &Flow, execution: &Execution| {
            let asked = execution.provider().and_then(asked_by);
            flow::outcome(&self.tab, flow, execution) == Some(Outcome::ToBeSetUp)
                && asked.is_none_or(|asked| !has_credential(user, asked.credential))
        };
        self.realm().flows.iter().any(|flow| flow.executions.iter().any(|execution| lacks(flow, execution)))
    }
}
