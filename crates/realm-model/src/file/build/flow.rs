//! What the flow bound to the direct grant asks for beside the password.

use std::collections::BTreeMap;

use super::super::lenient::Text;
use super::super::problem::did_you_mean;
use super::super::representation::{ExecutionRepresentation, FlowRepresentation, RealmRepresentation};
use super::Draft;
use crate::DirectGrantOtp;

/// Flows that every realm has (Keycloak adds them whatever the file brings).
const BUILT_IN: &[&str] = &[
    "browser",
    "direct grant",
    "registration",
    "reset credentials",
    "clients",
    "first broker login",
    "docker auth",
    "saml ecp",
    "forms",
    "registration form",
    "Direct Grant - Conditional OTP",
];

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
    match flows.get(bound) {
        None => DirectGrantOtp::Conditional,
        Some(flow) => otp_of(&flows, flow, Asked::Always, 0).unwrap_or(DirectGrantOtp::Disabled),
    }
}

fn refuse_unknown_flow(draft: &mut Draft<'_>, flows: &BTreeMap<String, &FlowRepresentation>, member: &str, bound: &str) {
    if bound.is_empty() || flows.contains_key(bound) || BUILT_IN.contains(&bound) {
        return;
    }
    let help = did_you_mean(bound, flows.keys().map(String::as_str).chain(BUILT_IN.iter().copied()));
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
