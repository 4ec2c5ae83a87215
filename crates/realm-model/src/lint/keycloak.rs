//! What Keycloak 26.7 refuses or ignores; each row was asked of it by an import.

use super::finding::{At, Complete, Findings};
use super::providers::CLIENT_AUTHENTICATORS;
use super::rules;
use super::view::{Object, View, flag, named, object, objects, text, texts};

/// Looks at the realm, users apart.
pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    if view.name.is_empty() {
        findings.report(&rules::MISSING_NAME, &root, || "a realm needs a name: the member \"realm\"".to_owned());
    }
    if flag(view.realm, "enabled").is_none() {
        let message = || "a realm without \"enabled\" is off: nobody can log in".to_owned();
        findings.report(&rules::IGNORED, &root.key("realm"), message).help("add \"enabled\": true");
    }
    long(view.realm, "displayName", &root, findings);
    password_policy(view, &root, findings);
    steps(view, &root, findings);
    let clients = root.key("clients");
    for (index, client) in objects(view.realm, "clients") {
        of_client(client, &clients.index(index), findings);
    }
}

/// Policies with a number, as Keycloak has them.
const NUMBERS: &[&str] = &[
    "length",
    "maxLength",
    "digits",
    "lowerCase",
    "upperCase",
    "specialChars",
    "passwordHistory",
    "passwordAge",
    "hashIterations",
    "maxAuthAge",
    "forceExpiredPasswordChange",
    "recoveryCodesWarningThreshold",
];
/// Policies with a text, or with nothing.
const OTHERS: &[&str] = &["notUsername", "notContainsUsername", "notEmail", "regexPattern", "passwordBlacklist", "hashAlgorithm"];

fn password_policy(view: &View<'_>, root: &At<'_>, findings: &mut Findings) {
    let at = root.key("passwordPolicy");
    let policy = text(view.realm, "passwordPolicy").unwrap_or_default();
    for part in policy.split(" and ").map(str::trim).filter(|part| !part.is_empty()) {
        let (id, value) =
            part.split_once('(').map_or((part, None), |(id, rest)| (id.trim(), Some(rest.trim_end_matches(')').trim())));
        let known = NUMBERS.iter().chain(OTHERS);
        if !known.clone().any(|known| *known == id) {
            let message = || format!("there is no password policy \"{id}\": Keycloak refuses the import");
            findings.report(&rules::REFUSED, &at, message).nearest(id, known.copied());
        } else if let Some(value) =
            value.filter(|value| NUMBERS.contains(&id) && !value.is_empty() && value.parse::<i64>().is_err())
        {
            let message = || format!("{id}({value}): not a number: Keycloak refuses the import");
            findings.report(&rules::REFUSED, &at, message);
        }
    }
}

fn steps(view: &View<'_>, root: &At<'_>, findings: &mut Findings) {
    const REQUIREMENTS: [&str; 4] = ["REQUIRED", "ALTERNATIVE", "CONDITIONAL", "DISABLED"];
    let flows = root.key("authenticationFlows");
    for (index, flow) in objects(view.realm, "authenticationFlows") {
        let here = flows.index(index);
        let list = here.key("authenticationExecutions");
        for (index, step) in objects(flow, "authenticationExecutions") {
            let Some(word) = named(step, "requirement").filter(|word| !REQUIREMENTS.contains(word)) else { continue };
            let here = list.index(index);
            let message = || format!("\"{word}\" is no requirement: Keycloak refuses the import");
            findings.report(&rules::REFUSED, &here.key("requirement"), message).nearest(word, REQUIREMENTS);
        }
    }
}

/// The client attribute of this server: bytes that its access tokens should keep within.
const TOKEN_SIZE_BUDGET: &str = "latchkey.token-size-budget";

/// The columns of Keycloak's database hold 255 characters.
fn long(owner: &Object, key: &str, at: &At<'_>, findings: &mut Findings) {
    if text(owner, key).is_some_and(|text| text.chars().count() > 255) {
        findings.report(&rules::REFUSED, &at.key(key), || "more than 255 characters: Keycloak refuses the import".to_owned());
    }
}

fn of_client(client: &Object, at: &At<'_>, findings: &mut Findings) {
    for key in ["clientId", "name", "description"] {
        long(client, key, at, findings);
    }
    let budget = object(client, "attributes").and_then(|all| text(all, TOKEN_SIZE_BUDGET)).filter(|given| !given.is_empty());
    if budget.is_some_and(|given| !given.contains("${") && given.parse::<u32>().is_err()) {
        let message = || "not a whole number of bytes: no token is measured by it".to_owned();
        findings.report(&rules::BAD_BUDGET, &at.key("attributes").key(TOKEN_SIZE_BUDGET), message);
    }
    let is = |key: &str| flag(client, key) == Some(true);
    let mut ignored = |key: &str, message: &str| {
        findings.report(&rules::IGNORED, &at.key(key), || message.to_owned());
    };
    if is("publicClient") && is("serviceAccountsEnabled") {
        ignored("serviceAccountsEnabled", "a public client has no service account: it cannot ask for one without a secret");
    }
    if is("publicClient") && is("authorizationServicesEnabled") {
        ignored("authorizationServicesEnabled", "a public client has no authorization services");
    }
    if is("publicClient") && named(client, "secret").is_some() {
        ignored("secret", "a public client has no use for a secret: it is never asked for");
    }
    if let Some(kind) = named(client, "clientAuthenticatorType")
        && !CLIENT_AUTHENTICATORS.contains(&kind)
        && kind != "none"
    {
        let message = || format!("Keycloak 26.7 has no client authenticator \"{kind}\": the client cannot authenticate");
        let finding = findings.report(&rules::UNKNOWN_PROVIDER, &at.key("clientAuthenticatorType"), message);
        finding.nearest(kind, CLIENT_AUTHENTICATORS.iter().copied());
    }
    policies(client, at, findings);
    let default: Vec<&str> = texts(client, "defaultClientScopes").map(|(_, name)| name).collect();
    let optional = at.key("optionalClientScopes");
    for (index, name) in texts(client, "optionalClientScopes").filter(|(_, name)| default.contains(name)) {
        let message = || format!("client scope \"{name}\" is among the default ones, too: it is always there");
        findings.report(&rules::IGNORED, &optional.index(index), message);
    }
}

/// Policies of a resource server are of a type that Keycloak has, and of one that is judged here.
fn policies(client: &Object, at: &At<'_>, findings: &mut Findings) {
    const TYPES: [&str; 11] =
        ["role", "user", "client", "group", "client-scope", "time", "aggregate", "regex", "resource", "scope", "uma"];
    let Some(settings) = client.get("authorizationSettings").and_then(serde_json::Value::as_object) else { return };
    let settings_at = at.key("authorizationSettings");
    let list = settings_at.key("policies");
    for (index, policy) in objects(settings, "policies") {
        let policy_at = list.index(index);
        let here = policy_at.key("type");
        match named(policy, "type") {
            Some(kind) if kind == "js" || kind.starts_with("script-") => {
                let message = || "scripts are not run: this policy grants nothing".to_owned();
                let help = "role, user, group, client, time and regex policies say the same without a script; aggregate puts them together";
                findings.report(&rules::UNKNOWN_PROVIDER, &here, message).help(help);
            }
            Some(kind) if !TYPES.contains(&kind) => {
                let message = || format!("no policy type is called \"{kind}\": the policy grants nothing");
                findings.report(&rules::UNKNOWN_PROVIDER, &here, message).nearest(kind, TYPES);
            }
            _ => {}
        }
    }
}

/// Looks at one user.
pub(super) fn of_user(user: &Object, at: &At<'_>, findings: &mut Findings) {
    if !user.contains_key("enabled") {
        let message = || "a user without \"enabled\" is off and cannot log in".to_owned();
        findings.report(&rules::IGNORED, &at.key("username"), message).help("add \"enabled\": true");
    }
    let list = at.key("credentials");
    for (index, credential) in objects(user, "credentials") {
        if flag(credential, "temporary") == Some(true) {
            let here = list.index(index);
            let message = || "\"temporary\" is not looked at on import: the user is not asked for another password".to_owned();
            let finding = findings.report(&rules::IGNORED, &here.key("temporary"), message);
            finding.help("add \"requiredActions\": [\"UPDATE_PASSWORD\"] to the user");
        }
    }
}
