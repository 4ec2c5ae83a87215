//! Settings that changed.

use serde_json::Value;

use super::parts;
use crate::document::Body;

/// Keycloak 21: the old admin theme.
pub(super) fn admin_theme(realm: &mut Body, said: &mut Vec<String>) {
    replace(realm, "adminTheme", &["keycloak", "rh-sso"], said);
}

/// Keycloak 22: the old account theme, and the themes of Red Hat's build.
pub(super) fn themes(realm: &mut Body, said: &mut Vec<String>) {
    replace(realm, "accountTheme", &["keycloak", "rh-sso", "rh-sso.v2"], said);
    for member in ["loginTheme", "emailTheme"] {
        if parts::text_of(realm, member) == "rh-sso" {
            realm.shift_remove(member);
            said.push(format!("the {member} rh-sso, which Keycloak 22 does not have, was taken away"));
        }
    }
    let mut without = 0;
    for client in parts::objects(realm, "clients") {
        let attributes = client.get_mut("attributes").and_then(Value::as_object_mut);
        if let Some(attributes) = attributes.filter(|attributes| parts::text_of(attributes, "login_theme") == "rh-sso") {
            attributes.shift_remove("login_theme");
            without += 1;
        }
    }
    if without > 0 {
        let clients = parts::count(without, "client");
        said.push(format!("the login theme rh-sso, which Keycloak 22 does not have, was taken away from {clients}"));
    }
}

/// Keycloak 20: the applications for one-time passwords have other names. They follow from the policy: there is nothing to say.
pub(super) fn otp_applications(realm: &mut Body, _said: &mut Vec<String>) {
    realm.shift_remove("otpSupportedApplications");
}

fn replace(realm: &mut Body, member: &str, gone: &[&str], said: &mut Vec<String>) {
    let theme = parts::text_of(realm, member).to_owned();
    if gone.contains(&theme.as_str()) {
        realm.insert(member.to_owned(), "keycloak.v2".into());
        said.push(format!("the {member} {theme} became keycloak.v2"));
    }
}
