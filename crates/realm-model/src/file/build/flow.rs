//! What the flow bound to the direct grant asks for beside the password.

use std::collections::BTreeMap;

use super::super::lenient::Text;
use super::super::problem::did_you_mean;
use super::super::representation::{ExecutionRepresentation, FlowRepresentation, RealmRepresentation};
use super::Draft;
use crate::DirectGrantOtp;
use crate::file::built_in;

/// The members that bind a flow.
const BINDINGS: &[&str] = &[
    "browserFlow",
    "registrationFlow",
    "resetCredentialsFlow",
    "clientAuthenticationFlow",
    "dockerAuthenticationFlow",
    "firstBrokerLoginFlow",
];

/// Reads the flow that `directGrantFlow` names; reports every binding to a flow that is not there.
pub(super) fn direct_grant_otp(draft: &mut Draft<'_>, representation: &RealmRepresentation) -> DirectGrantOtp {
    let alias = |flow: &FlowRepresentation| flow.alias.as_ref().map(|Text(alias)| alias.clone());
    let given = &representation.authentication_flows;
    let flows: BTreeMap<String, &FlowRepresentation> = given.iter().filter_map(|flow| Some((alias(flow)?, flow))).collect();
    for member in BINDINGS {
        if let Some(bound) = representation.rest.get(*member).and_then(serde_json::Value::as_str) {
            refuse_unknown_flow(draft, &flows, member, bound);
        }
    }
    let bound = match &representation.direct_grant_flow {
        Some(Text(alias)) if !alias.is_empty() => alias.as_str(),
        _ => "direct grant",
    };
    refuse_unknown_flow(draft, &flows, "directGrantFlow", bound);
    report_unknown_steps(draft, given, bound);
    match flows.get(bound) {
        None => DirectGrantOtp::Conditional,
        Some(flow) => otp_of(&flows, flow, Asked::Always, 0).unwrap_or(DirectGrantOtp::Disabled),
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

fn refuse_unknown_flow(draft: &mut Draft<'_>, flows: &BTreeMap<String, &FlowRepresentation>, member: &str, bound: &str) {
    if bound.is_empty() || flows.contains_key(bound) || built_in::FLOWS.contains(&bound) {
        return;
    }
    let help = did_you_mean(bound, flows.keys().map(String::as_str).chain(built_in::FLOWS.iter().copied()));
    draft.problems.error(draft.place.then(member), format!("there is no authentication flow \"{bound}\""), help);
}

/// How the surrounding flow is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Always,
    Conditionally,
}

/// The strictest one-time code step of `flow`; flows may contain one another in a circle, so the depth is bounded.
fn otp_of(
    flows: &BTreeMap<String, &FlowRepresentation>,
    flow: &FlowRepresentation,
    asked: Asked,
    depth: u8,
) -> Option<DirectGrantOtp> {
    const DEEPEST: u8 = 16;
    if depth > DEEPEST {
        return None;
    }
    let of_step = |step: &ExecutionRepresentation| {
        let requirement = step.requirement.as_ref().map(|Text(word)| word.as_str());
        let here = match requirement {
            Some("REQUIRED") => asked,
            Some("CONDITIONAL") => Asked::Conditionally,
            _ => return None,
        };
        if let Some(Text(alias)) = &step.flow_alias {
            return otp_of(flows, flows.get(alias)?, here, depth + 1);
        }
        let is_otp = step.authenticator.as_ref().is_some_and(|Text(name)| name == "direct-grant-validate-otp");
        is_otp.then_some(if here == Asked::Always { DirectGrantOtp::Required } else { DirectGrantOtp::Conditional })
    };
    let steps: Vec<_> = flow.executions.iter().filter_map(of_step).collect();
    steps.iter().find(|otp| **otp == DirectGrantOtp::Required).or(steps.first()).copied()
}
