//! Trusted hosts: who may send, and where a client's URLs may point. Names are compared as texts; nothing in them is a pattern but a
//! leading `*.` (CVE-2023-6544).

use std::net::IpAddr;

use realm_editing::body::{text, texts};
use realm_editing::uri::Uri;
use realm_model::document::Body;

use super::{Event, is_on, values};

/// Judges who sends and what is said of the client.
///
/// # Errors
/// Keycloak's words.
pub(super) async fn judge(policy: &Body, event: Event<'_>, peer: IpAddr) -> Result<(), String> {
    if is_on(policy, "host-sending-registration-request-must-match") && !is_trusted_sender(policy, peer).await {
        return Err("Host not trusted.".to_owned());
    }
    match event.given() {
        Some(given) if is_on(policy, "client-uris-must-match") => refuse_other_hosts(policy, given),
        _ => Ok(()),
    }
}

/// Whether an address is that of a trusted host. A domain (`*.example.org`) trusts no sender: what a reverse look-up says of an
/// address is said by whoever owns it.
async fn is_trusted_sender(policy: &Body, peer: IpAddr) -> bool {
    let peer = peer.to_canonical();
    for host in values(policy, "trusted-hosts").filter(|host| !host.starts_with("*.")) {
        if host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical() == peer) || host == "localhost" && peer.is_loopback()
        {
            return true;
        }
        if host.parse::<IpAddr>().is_err()
            && let Ok(mut addresses) = tokio::net::lookup_host((host, 0)).await
            && addresses.any(|address| address.ip().to_canonical() == peer)
        {
            return true;
        }
    }
    false
}

fn refuse_other_hosts(policy: &Body, given: &Body) -> Result<(), String> {
    for url in ["rootUrl", "baseUrl", "adminUrl"].iter().filter_map(|member| text(given, member)) {
        refuse_other_host(policy, url, "URL")?;
    }
    texts(given, "redirectUris").try_for_each(|uri| refuse_other_host(policy, uri, "URI"))
}

/// A relative one is of the client's root URL, which is judged itself.
fn refuse_other_host(policy: &Body, url: &str, what: &str) -> Result<(), String> {
    if url.is_empty() || url.starts_with('/') && !url.starts_with("//") {
        return Ok(());
    }
    let Some(uri) = Uri::parse(url) else { return Err(format!("{what} is malformed")) };
    let trusted = |host: &str| values(policy, "trusted-hosts").any(|pattern| matches(pattern, host));
    match uri.host.is_some_and(trusted) {
        true => Ok(()),
        false => Err(format!("{what} doesn't match any trusted host or trusted domain")),
    }
}

fn matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => host == domain || host.strip_suffix(domain).is_some_and(|front| front.ends_with('.')),
        None => host == pattern,
    }
}
