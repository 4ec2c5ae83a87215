//! Settings of the realm: TLS, guessing, hashes, lifespans.

use super::super::finding::{At, Complete, Findings};
use super::super::providers::PASSWORD_HASHES;
use super::super::rules;
use super::super::view::{Object, View, flag, object, objects, text, whole};
use super::{Default, is_built_in, is_oidc, on};

/// One day: an access token cannot be taken back before it ends.
const LONG_ACCESS_TOKEN: i64 = 86_400;
/// 400 days.
const LONG_SESSION: i64 = 400 * 86_400;

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    if text(view.realm, "sslRequired").is_some_and(|word| word.eq_ignore_ascii_case("none")) {
        let message = || "passwords and tokens are taken over plain HTTP from anywhere".to_owned();
        findings.report(&rules::NO_TLS, &root.key("sslRequired"), message).help("\"external\" still allows private addresses");
    }
    brute_force(view, &root, findings);
    password_policy(view, &root, findings);
    lifespans(view, &root, findings);
}

/// A realm that nobody can log in to by a client of its own has nothing to be guessed.
fn brute_force(view: &View<'_>, root: &At<'_>, findings: &mut Findings) {
    let takes_logins = |client: &Object| {
        let ways = on(client, "standardFlowEnabled", Default::On) || on(client, "directAccessGrantsEnabled", Default::Off);
        is_oidc(client) && !is_built_in(client) && flag(client, "enabled") != Some(false) && ways
    };
    let is_used = objects(view.realm, "clients").any(|(_, client)| takes_logins(client));
    if is_used && flag(view.realm, "bruteForceProtected") != Some(true) {
        let message = || "passwords can be guessed without end".to_owned();
        let finding = findings.report(&rules::BRUTE_FORCE_OFF, &root.key("bruteForceProtected"), message);
        finding.help("set \"bruteForceProtected\": true");
    }
}

/// The least that is recommended today (OWASP's password storage cheat sheet).
fn least_iterations(algorithm: &str) -> i64 {
    match algorithm {
        "pbkdf2" => 1_300_000,
        "pbkdf2-sha256" => 600_000,
        "pbkdf2-sha512" => 210_000,
        "argon2" => 1,
        _ => 0,
    }
}

fn password_policy(view: &View<'_>, root: &At<'_>, findings: &mut Findings) {
    let policy = text(view.realm, "passwordPolicy").unwrap_or_default();
    let at = root.key("passwordPolicy");
    let value = |name: &str| {
        let mut parts = policy.split(" and ").map(str::trim);
        let part = parts.find_map(|part| part.strip_prefix(name)?.trim_start().strip_prefix('('))?;
        Some(part.trim_end_matches(')').trim())
    };
    let algorithm = value("hashAlgorithm").filter(|name| !name.is_empty());
    if let Some(unknown) = algorithm.filter(|name| !PASSWORD_HASHES.contains(name)) {
        let message =
            || format!("Keycloak 26.7 has no password hash \"{unknown}\" and refuses the import, unless an extension brings it");
        findings.report(&rules::UNKNOWN_PROVIDER, &at, message).nearest(unknown, PASSWORD_HASHES.iter().copied());
    }
    if algorithm == Some("pbkdf2") {
        let message = || "pbkdf2 is that with SHA-1: kept for old hashes only".to_owned();
        findings.report(&rules::WEAK_HASH, &at, message).help("hashAlgorithm(argon2)");
    }
    // Without a number each algorithm has its own; -1 says the same.
    let Some(iterations) = value("hashIterations").and_then(|number| number.parse::<i64>().ok()) else { return };
    let least = least_iterations(algorithm.unwrap_or("argon2"));
    if algorithm != Some("pbkdf2") && (1..least).contains(&iterations) {
        let message =
            || format!("{iterations} iterations of {} are few: {least} and more are today's cost", algorithm.unwrap_or("argon2"));
        findings.report(&rules::WEAK_HASH, &at, message);
    }
}

fn lifespans(view: &View<'_>, root: &At<'_>, findings: &mut Findings) {
    for key in ["accessTokenLifespan", "accessTokenLifespanForImplicitFlow"] {
        long(whole(view.realm, key), LONG_ACCESS_TOKEN, &root.key(key), findings);
    }
    for key in ["ssoSessionIdleTimeout", "ssoSessionMaxLifespan"] {
        long(whole(view.realm, key), LONG_SESSION, &root.key(key), findings);
    }
    let clients = root.key("clients");
    for (index, client) in objects(view.realm, "clients") {
        let here = clients.index(index);
        let attributes = here.key("attributes");
        let given = object(client, "attributes").and_then(|all| whole(all, "access.token.lifespan"));
        long(given, LONG_ACCESS_TOKEN, &attributes.key("access.token.lifespan"), findings);
    }
}

fn long(seconds: Option<i64>, most: i64, at: &At<'_>, findings: &mut Findings) {
    let Some(seconds) = seconds.filter(|seconds| *seconds > most) else { return };
    let message = || format!("{} days: what is stolen can be used that long", seconds / 86_400);
    findings.report(&rules::LONG_LIFESPAN, at, message);
}
