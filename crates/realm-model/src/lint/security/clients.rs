//! Clients: where they send people, and which ways in they leave open.

use super::super::finding::{At, Complete, Findings};
use super::super::rules;
use super::super::view::{Object, View, flag, named, object, objects, text, texts};
use super::{Default, is_built_in, is_oidc, on};

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    let root = view.at();
    let list = root.key("clients");
    for (index, client) in objects(view.realm, "clients") {
        let here = list.index(index);
        script_urls(client, &here, findings);
        if is_built_in(client) || flag(client, "enabled") == Some(false) || !is_oidc(client) {
            continue;
        }
        redirects(client, &here, findings);
        origins(client, &here, findings);
        flows(client, &here, findings);
    }
}

/// Members of a client that hold a URL which a page may link to.
const LINKS: [&str; 3] = ["rootUrl", "baseUrl", "adminUrl"];

fn script_urls(client: &Object, at: &At<'_>, findings: &mut Findings) {
    let mut judge = |url: &str, at: &At<'_>| {
        let lower = url.trim_start().to_lowercase();
        if let Some(scheme) = ["javascript:", "data:", "vbscript:"].iter().find(|scheme| lower.starts_with(**scheme)) {
            let message = || format!("a {scheme} URL runs what it holds in a page of this server: Keycloak refuses the import");
            findings.report(&rules::SCRIPT_URL, at, message);
        }
    };
    for key in LINKS {
        judge(text(client, key).unwrap_or_default(), &at.key(key));
    }
    let uris = at.key("redirectUris");
    for (index, uri) in texts(client, "redirectUris") {
        judge(uri, &uris.index(index));
    }
    let attributes = at.key("attributes");
    for (name, value) in object(client, "attributes").into_iter().flatten() {
        let name_says_url = ["url", "uri"].iter().any(|word| name.to_lowercase().contains(word));
        if let (true, Some(value)) = (name_says_url, value.as_str()) {
            judge(value, &attributes.key(name));
        }
    }
}

/// Whether people are sent to the redirect URIs at all.
fn redirects_people(client: &Object) -> bool {
    let browser = on(client, "standardFlowEnabled", Default::On) || on(client, "implicitFlowEnabled", Default::Off);
    browser && !on(client, "bearerOnly", Default::Off)
}

fn redirects(client: &Object, at: &At<'_>, findings: &mut Findings) {
    if !redirects_people(client) {
        return;
    }
    let list = at.key("redirectUris");
    for (index, uri) in texts(client, "redirectUris") {
        let here = list.index(index);
        if has_wild_host(uri) {
            let message = || format!("\"{uri}\" matches every host: codes and tokens can be had by anyone who makes a link");
            let finding = findings.report(&rules::REDIRECT_WILDCARD, &here, message);
            finding.help("name the host; a * may only stand at the end of the path");
        } else if let Some(host) = host_of_http(uri)
            && !is_loopback(host)
        {
            let message = || format!("codes go to {host} in clear");
            findings.report(&rules::HTTP_REDIRECT, &here, message).help("https, or http only for localhost");
        }
    }
}

/// `*`, `https://*`, `https://*.example.com/…`, `https://app.example*`: what stands for the host is open.
fn has_wild_host(uri: &str) -> bool {
    let after_scheme = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    if uri.contains("://") {
        let host = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
        return host.contains('*');
    }
    uri == "*"
}

fn host_of_http(uri: &str) -> Option<&str> {
    let lower = uri.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://"))?;
    let authority = uri.get(lower.len()..)?.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next(),
        None => host.split(':').next(),
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.to_lowercase();
    host == "localhost" || host.ends_with(".localhost") || host == "::1" || host.starts_with("127.") || host.contains("${")
}

fn origins(client: &Object, at: &At<'_>, findings: &mut Findings) {
    let confidential = !on(client, "publicClient", Default::Off);
    let list = at.key("webOrigins");
    for (index, _) in texts(client, "webOrigins").filter(|(_, origin)| *origin == "*") {
        let who = if confidential { "a confidential client's" } else { "this client's" };
        let message = || format!("every page of every site may read {who} answers");
        let finding = findings.report(&rules::ORIGIN_WILDCARD, &list.index(index), message);
        finding.help("list the origins, or + for those of the redirect URIs");
    }
    let wild = texts(client, "redirectUris").any(|(_, uri)| has_wild_host(uri));
    for (index, _) in texts(client, "webOrigins").filter(|(_, origin)| wild && *origin == "+") {
        let message = || "+ stands for the origins of the redirect URIs, and one of those matches every host".to_owned();
        findings.report(&rules::ORIGIN_WILDCARD, &list.index(index), message);
    }
}

fn flows(client: &Object, at: &At<'_>, findings: &mut Findings) {
    if on(client, "bearerOnly", Default::Off) {
        return;
    }
    if on(client, "implicitFlowEnabled", Default::Off) {
        let message = || "the implicit flow puts tokens into URLs, histories and logs".to_owned();
        let finding = findings.report(&rules::IMPLICIT_FLOW, &at.key("implicitFlowEnabled"), message);
        finding.help("use the standard flow with PKCE");
    }
    if !on(client, "publicClient", Default::Off) {
        return;
    }
    if on(client, "directAccessGrantsEnabled", Default::Off) {
        let message =
            || "anyone can try passwords through this public client, and second factors of a browser are skipped".to_owned();
        let finding = findings.report(&rules::PUBLIC_DIRECT_GRANT, &at.key("directAccessGrantsEnabled"), message);
        finding.help("use the standard flow, or give the client a secret");
    }
    let asks_for_pkce = object(client, "attributes").and_then(|all| named(all, "pkce.code.challenge.method")).is_some();
    let has_redirects = texts(client, "redirectUris").next().is_some();
    if on(client, "standardFlowEnabled", Default::On) && has_redirects && !asks_for_pkce {
        let message = || "a code that leaks can be redeemed by anyone: this public client does not ask for PKCE".to_owned();
        let finding = findings.report(&rules::NO_PKCE, &at.key("clientId"), message);
        finding.help("set attribute \"pkce.code.challenge.method\": \"S256\"");
    }
}
