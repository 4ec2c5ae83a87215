//! What `start-dev` prints so that the first token is one copied line away.

use realm_model::file::LoadedRealm;
use realm_model::{Client, Realm, User};

use crate::cli::Settings;
use crate::demo_words::is_demo_word;
use crate::server::Running;
use crate::written;

/// So many realms are looked at for a user of the examples.
const LOOKED_AT: usize = 20;

/// The lines: issuer, a user, a curl command; fewer where the realms have no user of the examples.
pub(crate) fn lines(running: &Running, settings: &Settings, environment: &[(String, String)]) -> Vec<String> {
    let Some(base) = base_url(running, settings) else { return Vec::new() };
    let written: Vec<LoadedRealm> = written::realms(&settings.realms, environment).take(LOOKED_AT).collect();
    let issuer = |realm: &Realm| format!("{base}/realms/{}", realm.name);
    let tried = |LoadedRealm { realm, users, .. }: &LoadedRealm| {
        let client = first_client(realm)?;
        let user = users.iter().find_map(|user| with_demo_password(realm, user))?;
        Some((client, user))
    };
    let mut enabled: Vec<_> = written.iter().filter(|loaded| loaded.realm.enabled).collect();
    enabled.sort_by_key(|loaded| loaded.realm.name.as_str() != "demo");
    for loaded in &enabled {
        let realm = &loaded.realm;
        let Some((client, (username, password))) = tried(loaded) else { continue };
        let form = format!("-d grant_type=password -d client_id={client} -d username={username} -d password={password}");
        return vec![
            format!("Issuer: {}", issuer(realm)),
            format!("User:   {username}, password {password}, client {client}"),
            format!("Try:    curl -s {form} {}/protocol/openid-connect/token", issuer(realm)),
        ];
    }
    enabled.first().map(|loaded| format!("Issuer: {}", issuer(&loaded.realm))).into_iter().collect()
}

/// As a browser on this machine would call it.
fn base_url(running: &Running, settings: &Settings) -> Option<String> {
    let hostname = &settings.hostname;
    if let Some(url) = hostname.hostname.as_ref().filter(|url| url.contains("://")) {
        return Some(url.trim_end_matches('/').to_owned());
    }
    let address = running.address()?;
    let scheme = if settings.http.is_some() { "http" } else { "https" };
    let host = match &hostname.hostname {
        Some(host) => host.clone(),
        None if address.ip().is_loopback() || address.ip().is_unspecified() => "localhost".to_owned(),
        None => address.ip().to_string(),
    };
    Some(format!("{scheme}://{host}:{}{}", address.port(), hostname.http_relative_path))
}

/// A public client that may use the password grant, the first by name.
fn first_client(realm: &Realm) -> Option<String> {
    let open = |client: &&std::sync::Arc<Client>| client.enabled && client.public && client.direct_access_grants;
    let names = realm.clients.values().filter(open).map(|client| client.client_id.to_string());
    names.filter(|name| is_plain(name) && name != "admin-cli").min()
}

/// The name and the password of a user that can log in, if the password is one of the examples: no secret is printed.
fn with_demo_password(realm: &Realm, user: &User) -> Option<(String, String)> {
    let complete = realm.required_profile_attributes.is_empty()
        || [&user.email, &user.first_name, &user.last_name].iter().all(|part| part.as_ref().is_some_and(|text| !text.is_empty()));
    let password = user.credentials.iter().find_map(|credential| credential.plain())?;
    let password = password.expose().clone();
    let fine = user.enabled && complete && user.required_actions.is_empty() && is_plain(&user.username) && is_plain(&password);
    (fine && is_demo_word(&password)).then(|| (user.username.clone(), password))
}

/// Whether a text needs no quotes in a shell and no encoding in a form.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}
