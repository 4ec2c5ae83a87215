//! Names of providers, mapper types and required actions.

use super::super::finding::{At, Complete, Finding, Findings};
use super::super::providers::{
    CLIENT_POLICY_CONDITIONS, CLIENT_POLICY_EXECUTORS, COMPONENTS, IDENTITY_PROVIDER_MAPPERS, IDENTITY_PROVIDERS,
    PROTOCOL_MAPPERS, REQUIRED_ACTIONS,
};
use super::super::rules;
use super::super::view::{Object, View, flag, named, object, object_lists, objects};

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    for list in ["clients", "clientScopes"] {
        let at = root.key(list);
        for (index, owner) in objects(view.realm, list) {
            mappers(view, owner, &at.index(index), findings);
        }
    }
    let at = root.key("requiredActions");
    for (index, action) in objects(view.realm, "requiredActions") {
        let here = at.index(index);
        let finding = one(action, "providerId", &here, REQUIRED_ACTIONS, findings);
        let finding = finding.with(|problem| {
            problem.help.get_or_insert_with(|| format!("there are {}", REQUIRED_ACTIONS.join(", ")));
        });
        if flag(action, "enabled") == Some(true) {
            finding.error();
        }
    }
    let at = root.key("identityProviders");
    for (index, provider) in objects(view.realm, "identityProviders") {
        one(provider, "providerId", &at.index(index), IDENTITY_PROVIDERS, findings).error();
    }
    let at = root.key("identityProviderMappers");
    for (index, mapper) in objects(view.realm, "identityProviderMappers") {
        one(mapper, "identityProviderMapper", &at.index(index), IDENTITY_PROVIDER_MAPPERS, findings);
    }
    client_policies(view, findings);
    let at = root.key("components");
    for (kind, components) in object_lists(view.realm, "components") {
        let Some((_, known)) = COMPONENTS.iter().find(|(name, _)| *name == kind) else { continue };
        let at = at.key(kind);
        for (index, component) in components.iter().enumerate() {
            if let Some(component) = component.as_object() {
                one(component, "providerId", &at.index(index), known, findings).error();
            }
        }
    }
}

/// Client policies: what is not known refuses whatever it applies to, so it is an error.
fn client_policies(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    for (member, list, parts, name, known) in [
        ("clientPolicies", "policies", "conditions", "condition", CLIENT_POLICY_CONDITIONS),
        ("clientProfiles", "profiles", "executors", "executor", CLIENT_POLICY_EXECUTORS),
    ] {
        let Some(owner) = object(view.realm, member) else { continue };
        let member_at = root.key(member);
        let list_at = member_at.key(list);
        for (index, item) in objects(owner, list) {
            let item_at = list_at.index(index);
            let at = item_at.key(parts);
            for (index, part) in objects(item, parts) {
                let Some(id) = named(part, name).filter(|id| !known.contains(id) && !id.contains("${")) else { continue };
                let message = || format!("there is no {name} \"{id}\" here: its client policy refuses whatever it applies to");
                let here = at.index(index);
                findings.report(&rules::UNKNOWN_PROVIDER, &here.key(name), message).nearest(id, known.iter().copied()).error();
            }
        }
    }
}

fn mappers(view: &View<'_>, owner: &Object, at: &At<'_>, findings: &mut Findings) {
    let list = at.key("protocolMappers");
    for (index, mapper) in objects(owner, "protocolMappers") {
        let here = list.index(index);
        one(mapper, "protocolMapper", &here, PROTOCOL_MAPPERS, findings);
        let at = here.key("config");
        for key in ["included.client.audience", "usermodel.clientRoleMapping.clientId"] {
            let client = object(mapper, "config").and_then(|config| named(config, key));
            let Some(client) = client.filter(|client| !view.has_client(client)) else { continue };
            let message = || format!("there is no client \"{client}\": this mapper has no effect");
            let finding = findings.report(&rules::DANGLING_CLIENT, &at.key(key), message);
            finding.nearest(client, view.client_names()).warning();
        }
    }
}

fn one<'f>(owner: &Object, key: &str, at: &At<'_>, known: &[&str], findings: &'f mut Findings) -> Option<Finding<'f>> {
    // Scripts that were deployed are named for their files.
    let is_open = |id: &&str| !known.contains(id) && !id.contains("${") && !id.starts_with("script-");
    let id = named(owner, key).filter(is_open)?;
    let message = || format!("Keycloak 26.7 has no provider \"{id}\" of this kind: only an extension can bring it");
    findings.report(&rules::UNKNOWN_PROVIDER, &at.key(key), message).nearest(id, known.iter().copied())
}
