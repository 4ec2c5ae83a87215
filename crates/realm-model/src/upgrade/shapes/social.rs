//! Up to Keycloak 1.1 there were social providers only, each a pair of texts.

use serde_json::{Value, json};

use super::{parts, rename};
use crate::document::Body;

/// `socialProviders` become identity providers, `socialLinks` of users federated identities.
pub(crate) fn social_providers(realm: &mut Body, said: &mut Vec<String>) {
    let is_on = realm.shift_remove("social").and_then(|social| social.as_bool()).unwrap_or(true);
    realm.shift_remove("updateProfileOnInitialSocialLogin");
    let settings = realm.get("socialProviders").and_then(Value::as_object).cloned();
    if settings.is_some() {
        realm.shift_remove("socialProviders");
    }
    if let Some(settings) = settings.filter(|_| is_on) {
        let keys = settings.iter().filter_map(|(name, key)| Some((name.strip_suffix(".key")?, key)));
        let providers: Vec<Value> = keys
            .map(|(name, key)| {
                let secret = settings.get(&format!("{name}.secret"));
                let config = json!({ "clientId": key, "clientSecret": secret });
                json!({ "alias": name, "providerId": name, "enabled": true, "config": config })
            })
            .collect();
        said.push(format!("socialProviders became {}", parts::count(providers.len(), "identity provider")));
        if let Some(list) = parts::list_made(realm, "identityProviders") {
            list.extend(providers);
        }
    }
    let users = parts::objects(realm, "users").map(user).filter(|changed| *changed).count();
    if users > 0 {
        said.push(format!("socialLinks of {} became federatedIdentities", parts::count(users, "user")));
    }
}

/// `socialLinks` of one user; whether there were any.
pub(crate) fn user(user: &mut Body) -> bool {
    if !rename(user, "socialLinks", "federatedIdentities") {
        return false;
    }
    for link in parts::objects(user, "federatedIdentities") {
        rename(link, "socialProvider", "identityProvider");
        rename(link, "socialUserId", "userId");
        rename(link, "socialUsername", "userName");
    }
    true
}
