//! Flows that are bound or contained, and what their steps name.

use std::collections::HashSet;

use crate::document::FLOW_BINDINGS;
use crate::file::did_you_mean;

use super::super::finding::{At, Complete, Findings};
use super::super::providers::{AUTHENTICATORS, CLIENT_AUTHENTICATORS, FORM_ACTIONS, FORMS, NOT_HERE};
use super::super::rules;
use super::super::view::{Object, View, named, object, objects, text};

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    for key in FLOW_BINDINGS {
        flow_named(view, view.realm, &root, key, findings);
    }
    let configs: HashSet<&str> =
        objects(view.realm, "authenticatorConfig").filter_map(|(_, config)| named(config, "alias")).collect();
    let flows = root.key("authenticationFlows");
    for (index, flow) in objects(view.realm, "authenticationFlows") {
        let here = flows.index(index);
        let steps = here.key("authenticationExecutions");
        for (index, step) in objects(flow, "authenticationExecutions") {
            let here = steps.index(index);
            flow_named(view, step, &here, "flowAlias", findings);
            authenticator(step, text(flow, "providerId"), &here, findings);
            if let Some(config) = named(step, "authenticatorConfig")
                && !configs.contains(config)
            {
                let message = || format!("there is no authenticatorConfig \"{config}\": Keycloak refuses the import");
                let finding = findings.report(&rules::DANGLING_CONFIG, &here.key("authenticatorConfig"), message);
                finding.nearest(config, configs.iter().copied());
            }
        }
    }
    let providers = root.key("identityProviders");
    for (index, provider) in objects(view.realm, "identityProviders") {
        let here = providers.index(index);
        for key in ["firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias"] {
            flow_named(view, provider, &here, key, findings);
        }
    }
    overrides(view, findings);
}

fn flow_named(view: &View<'_>, owner: &Object, at: &At<'_>, key: &str, findings: &mut Findings) {
    let Some(alias) = named(owner, key).filter(|alias| !view.flows.contains(alias)) else { return };
    let message = || format!("there is no authentication flow \"{alias}\": Keycloak refuses the import");
    findings.report(&rules::DANGLING_FLOW, &at.key(key), message).nearest(alias, view.flows.iter().copied());
}

fn authenticator(step: &Object, kind: Option<&str>, at: &At<'_>, findings: &mut Findings) {
    let Some(id) = named(step, "authenticator") else {
        if named(step, "flowAlias").is_none() {
            let message = || "a step needs an \"authenticator\" or a \"flowAlias\"".to_owned();
            findings.report(&rules::MISSING_NAME, at, message).warning();
        }
        return;
    };
    let known = match kind {
        Some("client-flow") => CLIENT_AUTHENTICATORS,
        Some("form-flow") => FORM_ACTIONS,
        _ => AUTHENTICATORS,
    };
    let at = at.key("authenticator");
    if let Some((_, instead)) = NOT_HERE.iter().find(|(known, _)| *known == id) {
        if is_taken(step) {
            let message = || format!("there is no authenticator \"{id}\" here: a login that comes to this step fails");
            findings.report(&rules::UNKNOWN_PROVIDER, &at, message).help(*instead).error();
        }
        return;
    }
    if !known.contains(&id) && !FORMS.contains(&id) && !FORM_ACTIONS.contains(&id) && !id.contains("${") {
        let message = || format!("Keycloak 26.7 has no authenticator \"{id}\": a login that comes to this step fails");
        let finding = findings.report(&rules::UNKNOWN_PROVIDER, &at, message);
        let finding = match did_you_mean(id, known.iter().copied()) {
            Some(nearest) => finding.help(nearest),
            None => finding.help(format!("there are {}", known.join(", "))),
        };
        if is_taken(step) {
            finding.error();
        }
    }
}

/// A step that is off does no harm, whatever it is.
fn is_taken(step: &Object) -> bool {
    text(step, "requirement") != Some("DISABLED")
}

/// Clients name flows by id.
fn overrides(view: &View<'_>, findings: &mut Findings) {
    let ids: HashSet<&str> = objects(view.realm, "authenticationFlows").filter_map(|(_, flow)| named(flow, "id")).collect();
    let root = view.at();
    let clients = root.key("clients");
    for (index, client) in objects(view.realm, "clients") {
        let Some(bound) = object(client, "authenticationFlowBindingOverrides") else { continue };
        let here = clients.index(index);
        let at = here.key("authenticationFlowBindingOverrides");
        for (kind, id) in bound {
            let Some(id) = id.as_str().filter(|id| !id.is_empty() && !ids.contains(id)) else { continue };
            let message = || format!("no authentication flow of this file has the id \"{id}\": Keycloak refuses the import");
            let finding = findings.report(&rules::DANGLING_FLOW, &at.key(kind), message);
            if view.flows.contains(id) {
                finding.help("this takes the \"id\" of the flow, not its \"alias\"");
            }
        }
    }
}
