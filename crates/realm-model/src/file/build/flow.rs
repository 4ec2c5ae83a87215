//! Authentication flows, and what of them the direct grant asks for beside the password.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::Deserialize as _;

use super::super::lenient::{Flag, Text, Whole};
use super::super::problem::did_you_mean;
use super::super::representation::{
    AuthenticatorConfigRepresentation, ExecutionRepresentation, FlowRepresentation, RealmRepresentation,
};
use super::rest::Rest;
use super::{Draft, Source};
use crate::document::Kind;
use crate::file::built_in;
use crate::sharing::{self, Maps, Pool};
use crate::template::Template;
use crate::{
    AuthenticatorConfig, Binding, DirectGrantOtp, EntityMap, Execution, ExecutionStep, Flow, FlowKind, Flows, Requirement,
};

/// Flows by alias.
pub(crate) type FlowMap = EntityMap<Arc<str>, Flow>;
type Configs = BTreeMap<Arc<str>, Arc<AuthenticatorConfig>>;

/// The flows that Keycloak makes in every realm.
pub(crate) fn every_realms() -> FlowMap {
    static BUILT_IN: LazyLock<FlowMap> = LazyLock::new(|| {
        let Some(template) = Template::of(Template::NEWEST) else { return FlowMap::default() };
        let mut configs = Configs::new();
        for (key, body) in template.bodies(Kind::AuthenticatorConfig) {
            let given = AuthenticatorConfigRepresentation::deserialize(body).unwrap_or_default();
            let given = AuthenticatorConfigRepresentation { alias: Some(Text(key.name.clone())), ..given };
            configs.extend(config(&given));
        }
        let read = |(key, body): (&crate::document::Key, &crate::document::Body)| {
            let given = FlowRepresentation::deserialize(body).unwrap_or_default();
            flow(&FlowRepresentation { alias: Some(Text(key.name.clone())), ..given }, &configs)
        };
        template.bodies(Kind::Flow).filter_map(read).map(|flow| (Arc::clone(&flow.alias), flow)).collect()
    });
    BUILT_IN.clone()
}

/// The flows of a realm; reports every binding to a flow that is not there, and what of the direct grant's is not done here.
pub(super) fn read(draft: &mut Draft<'_>, representation: &RealmRepresentation) -> Flows {
    static MAPS: LazyLock<Maps<Arc<str>, Flow>> = LazyLock::new(Maps::default);
    let flows = draft.flows.take().unwrap_or_else(|| {
        let configs: Configs = representation.authenticator_configs.iter().filter_map(config).collect();
        let given = representation.authentication_flows.iter().filter_map(|given| flow(given, &configs));
        let base = if draft.source == Source::File { every_realms() } else { FlowMap::default() };
        let all: BTreeMap<Arc<str>, Arc<Flow>> =
            base.into_iter().chain(given.map(|flow| (Arc::clone(&flow.alias), flow))).collect();
        MAPS.of(all.into_values().collect(), |flow| Arc::clone(&flow.alias))
    });
    let mut bound = Vec::new();
    for binding in Binding::ALL {
        let Some(alias) = Rest(&representation.rest).text(binding.member()) else { continue };
        refuse_unknown_flow(draft, &flows, binding, &alias);
        if alias != binding.default_alias() {
            bound.push((binding, sharing::text(&alias)));
        }
    }
    let flows = Flows { flows, bound };
    report_unknown_steps(draft, &representation.authentication_flows, flows.bound_alias(Binding::DirectGrant));
    flows
}

/// What the flow asks for that the direct grant is bound to.
pub(super) fn direct_grant_otp(flows: &Flows) -> DirectGrantOtp {
    match flows.bound(Binding::DirectGrant) {
        None => DirectGrantOtp::Conditional,
        Some(flow) => otp_of(flows, flow, Asked::Always, 0).unwrap_or(DirectGrantOtp::Disabled),
    }
}

fn config(given: &AuthenticatorConfigRepresentation) -> Option<(Arc<str>, Arc<AuthenticatorConfig>)> {
    let Text(alias) = given.alias.as_ref().filter(|Text(alias)| !alias.is_empty())?;
    let alias = sharing::text(alias);
    let config = AuthenticatorConfig { alias: Arc::clone(&alias), values: given.config.0.clone().into() };
    Some((alias, Arc::new(config)))
}

/// The one instance of a flow; one without a name is none.
fn flow(given: &FlowRepresentation, configs: &Configs) -> Option<Arc<Flow>> {
    static FLOWS: LazyLock<Pool<Flow>> = LazyLock::new(Pool::default);
    let Text(alias) = given.alias.as_ref().filter(|Text(alias)| !alias.is_empty())?;
    let kind = match given.provider_id.as_ref().map(|Text(word)| word.as_str()) {
        Some("form-flow") => FlowKind::Form,
        Some("client-flow") => FlowKind::Client,
        _ => FlowKind::Basic,
    };
    let mut given_executions: Vec<&ExecutionRepresentation> = given.executions.iter().collect();
    given_executions.sort_by_key(|given| given.priority.map_or(0, |Whole(priority)| priority));
    let mut executions: Vec<Execution> = Vec::with_capacity(given_executions.len());
    for given in given_executions {
        let Some(step) = step(given, configs) else { continue };
        let mut execution = Execution { key: Arc::default(), requirement: requirement(given), step };
        let name = execution.provider().or(execution.flow()).unwrap_or_default();
        let known = executions.iter().filter(|one| one.provider().or(one.flow()) == Some(name)).count();
        let key = if known == 0 { sharing::text(name) } else { format!("{name}#{}", known + 1).into() };
        execution.key = key;
        executions.push(execution);
    }
    let top_level = given.top_level.is_some_and(|Flag(on)| on);
    Some(sharing::one(&FLOWS, Flow { alias: sharing::text(alias), kind, top_level, executions }))
}

fn step(given: &ExecutionRepresentation, configs: &Configs) -> Option<ExecutionStep> {
    let text = |text: &Option<Text>| text.as_ref().filter(|Text(text)| !text.is_empty()).map(|Text(text)| sharing::text(text));
    Some(match (text(&given.authenticator), text(&given.flow_alias)) {
        (Some(provider), Some(flow)) => ExecutionStep::Form { provider, flow },
        (None, Some(alias)) => ExecutionStep::Flow { alias },
        (Some(provider), None) => {
            let config = given.authenticator_config.as_ref().and_then(|Text(alias)| configs.get(alias.as_str())).cloned();
            ExecutionStep::Authenticator { provider, config }
        }
        (None, None) => return None,
    })
}

fn requirement(given: &ExecutionRepresentation) -> Requirement {
    match given.requirement.as_ref().map(|Text(word)| word.as_str()) {
        None | Some("DISABLED") => Requirement::Disabled,
        Some("ALTERNATIVE") => Requirement::Alternative,
        Some("CONDITIONAL") => Requirement::Conditional,
        Some(_) => Requirement::Required,
    }
}

/// Steps of a direct grant that have a meaning here.
const KNOWN_STEPS: &[&str] = &[
    "direct-grant-validate-username",
    "direct-grant-validate-password",
    "direct-grant-validate-otp",
    "conditional-user-configured",
];

/// Reports the steps of the flow `bound`, and of those in it, that Keycloak would take and this server does not.
fn report_unknown_steps(draft: &mut Draft<'_>, flows: &[FlowRepresentation], bound: &str) {
    let mut open = vec![bound];
    let mut seen = Vec::new();
    while let Some(alias) = open.pop() {
        if seen.contains(&alias) {
            continue;
        }
        seen.push(alias);
        let is_named = |flow: &FlowRepresentation| flow.alias.as_ref().is_some_and(|Text(name)| name == alias);
        let Some((index, flow)) = flows.iter().enumerate().find(|(_, flow)| is_named(flow)) else { continue };
        for (step_index, step) in flow.executions.iter().enumerate() {
            if step.requirement.as_ref().is_none_or(|Text(word)| word == "DISABLED") {
                continue;
            }
            open.extend(step.flow_alias.as_ref().map(|Text(alias)| alias.as_str()));
            if let Some(Text(name)) = step.authenticator.as_ref().filter(|Text(name)| !KNOWN_STEPS.contains(&name.as_str())) {
                let list = draft.at("authenticationFlows", index).then("authenticationExecutions");
                let message =
                    format!("step \"{name}\" of the direct grant flow is not taken here: the password grant goes without it");
                draft.problems.warning(list.then(step_index).then("authenticator"), message, None);
            }
        }
    }
}

fn refuse_unknown_flow(draft: &mut Draft<'_>, flows: &FlowMap, binding: Binding, bound: &str) {
    if flows.contains_key(bound) || built_in::FLOWS.contains(&bound) {
        return;
    }
    let help = did_you_mean(bound, flows.keys().map(|alias| &**alias).chain(built_in::FLOWS.iter().copied()));
    draft.problems.error(draft.place.then(binding.member()), format!("there is no authentication flow \"{bound}\""), help);
}

/// How the surrounding flow is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Always,
    Conditionally,
}

/// The strictest one-time code step of `flow`; flows may contain one another in a circle, so the depth is bounded.
fn otp_of(flows: &Flows, flow: &Flow, asked: Asked, depth: u8) -> Option<DirectGrantOtp> {
    const DEEPEST: u8 = 16;
    if depth > DEEPEST {
        return None;
    }
    let of_execution = |execution: &Execution| {
        let here = match execution.requirement {
            Requirement::Required => asked,
            Requirement::Conditional => Asked::Conditionally,
            Requirement::Alternative | Requirement::Disabled => return None,
        };
        if let Some(alias) = execution.flow() {
            return otp_of(flows, flows.flow(alias)?, here, depth + 1);
        }
        let is_otp = execution.provider() == Some("direct-grant-validate-otp");
        is_otp.then_some(if here == Asked::Always { DirectGrantOtp::Required } else { DirectGrantOtp::Conditional })
    };
    let steps: Vec<_> = flow.executions.iter().filter_map(of_execution).collect();
    steps.iter().find(|otp| **otp == DirectGrantOtp::Required).or(steps.first()).copied()
}
