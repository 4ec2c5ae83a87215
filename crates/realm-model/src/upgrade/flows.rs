//! Authentication flows that came and went.

use serde_json::{Value, json};

use super::parts;
use crate::document::{Body, FLOW_BINDINGS};

const FLOWS: &str = "authenticationFlows";
const EXECUTIONS: &str = "authenticationExecutions";
const HTTP_CHALLENGE: &str = "http challenge";

/// Keycloak 22: no flow `http challenge`.
pub(super) fn http_challenge(realm: &mut Body, said: &mut Vec<String>) {
    if !parts::has(realm, FLOWS, "alias", HTTP_CHALLENGE) {
        return;
    }
    if is_in_use(realm) {
        // Keycloak: refuses the file.
        said.push("the flow http challenge stayed, being in use: Keycloak 22 and later do not import this file".to_owned());
        return;
    }
    let Some(flows) = parts::list(realm, FLOWS) else { return };
    let mut gone = vec![HTTP_CHALLENGE.to_owned()];
    while let Some(alias) = gone.pop() {
        let flow = flows.iter().position(|flow| parts::text(flow, "alias") == alias).map(|place| flows.remove(place));
        let subflows = flow
            .iter()
            .flat_map(subflows)
            .filter(|subflow| !flows.iter().any(|flow| self::subflows(flow).any(|other| other == *subflow)));
        gone.extend(subflows.map(str::to_owned));
    }
    said.push("the flow http challenge, which Keycloak 22 does not have, was taken away".to_owned());
}

/// Keycloak 23: the profile is checked when the user is made, not by a step of its own.
pub(super) fn registration_profile(realm: &mut Body, said: &mut Vec<String>) {
    for flow in parts::objects(realm, FLOWS).filter(|flow| parts::text_of(flow, "providerId") == "form-flow") {
        let Some(executions) = parts::list(flow, EXECUTIONS) else { continue };
        let before = executions.len();
        executions.retain(|execution| parts::text(execution, "authenticator") != "registration-profile-action");
        if executions.len() < before {
            let alias = parts::text_of(flow, "alias");
            said.push(format!("registration-profile-action, which Keycloak 23 does not have, was taken out of the flow {alias}"));
        }
    }
}

/// Keycloak 26.6.1: the browser flow asks for the organization first, where organizations are enabled.
pub(super) fn organization(realm: &mut Body, said: &mut Vec<String>) {
    if parts::has(realm, FLOWS, "alias", "Organization") {
        return;
    }
    // Completion makes a browser flow that the file does not have, this step included.
    let Some(browser) = parts::entity(realm, FLOWS, "alias", "browser") else { return };
    let Some(executions) = parts::list_made(browser, EXECUTIONS) else { return };
    let step = json!({
        "authenticatorFlow": true, "requirement": "ALTERNATIVE", "priority": 26, "autheticatorFlow": true,
        "flowAlias": "Organization", "userSetupAllowed": false,
    });
    let is_later = |execution: &Value| execution.get("priority").and_then(Value::as_i64).is_some_and(|priority| priority > 26);
    let place = executions.iter().position(is_later).unwrap_or(executions.len());
    executions.insert(place, step);
    let Some(flows) = parts::list(realm, FLOWS) else { return };
    for alias in ["Organization", "Browser - Conditional Organization"] {
        flows.extend(parts::newest_entity(FLOWS, "alias", alias));
    }
    said.push("the flow Organization of Keycloak 26.6 was added, and made a step of the flow browser".to_owned());
}

fn subflows(flow: &Value) -> impl Iterator<Item = &str> {
    let executions = flow.get(EXECUTIONS).and_then(Value::as_array);
    executions.into_iter().flatten().map(|execution| parts::text(execution, "flowAlias")).filter(|alias| !alias.is_empty())
}

fn is_in_use(realm: &Body) -> bool {
    let flows = realm.get(FLOWS).and_then(Value::as_array).into_iter().flatten();
    let id = flows.filter(|flow| parts::text(flow, "alias") == HTTP_CHALLENGE).map(|flow| parts::text(flow, "id")).next();
    let clients = realm.get("clients").and_then(Value::as_array).into_iter().flatten();
    let mut overrides = clients.filter_map(|client| client.get("authenticationFlowBindingOverrides")?.as_object());
    FLOW_BINDINGS.iter().any(|binding| parts::text_of(realm, binding) == HTTP_CHALLENGE)
        || overrides
            .any(|bound| bound.values().any(|flow| flow.as_str().is_some_and(|flow| !flow.is_empty() && Some(flow) == id)))
}
