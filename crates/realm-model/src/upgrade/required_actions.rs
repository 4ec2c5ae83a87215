//! Required actions that came later, were renamed, or moved.

use serde_json::Value;

use super::parts;
use crate::document::Body;

const ACTIONS: &str = "requiredActions";

/// Keycloak 21: `terms_and_conditions` is written in capitals; so are the built-in actions that users have to do.
pub(super) fn terms_and_conditions(realm: &mut Body, said: &mut Vec<String>) {
    if let Some(action) = parts::entity(realm, ACTIONS, "alias", "terms_and_conditions") {
        for member in ["alias", "providerId"] {
            action.insert(member.to_owned(), "TERMS_AND_CONDITIONS".into());
        }
        said.push("the required action terms_and_conditions is called TERMS_AND_CONDITIONS since Keycloak 21".to_owned());
    }
    let users = parts::objects(realm, "users").map(user).filter(|changed| *changed).count();
    if users > 0 {
        said.push(format!("required actions of {} are called as Keycloak calls them now", parts::count(users, "user")));
    }
}

/// The required actions of one user; whether one was written otherwise.
pub(super) fn user(user: &mut Body) -> bool {
    let actions = parts::list(user, ACTIONS).into_iter().flatten();
    let written = actions.filter_map(|action| Some((built_in(action.as_str()?)?, action)));
    written.map(|(name, action)| *action = name.into()).count() > 0
}

/// Keycloak 24.0.3: users may take credentials away.
pub(super) fn delete_credential(realm: &mut Body, said: &mut Vec<String>) {
    add(realm, "delete_credential", "24.0.3", said);
}

/// Keycloak 26.3: users may link accounts of other identity providers.
pub(super) fn idp_link(realm: &mut Body, said: &mut Vec<String>) {
    add(realm, "idp_link", "26.3", said);
}

/// Keycloak 26.7: who registers proves the e-mail address before setting up anything else.
pub(super) fn password_after_email(realm: &mut Body, said: &mut Vec<String>) {
    let Some(email) = priority(realm, "VERIFY_EMAIL") else { return };
    let actions = realm.get(ACTIONS).and_then(Value::as_array).into_iter().flatten();
    let taken: Vec<i64> = actions.filter_map(|action| action.get("priority")?.as_i64()).collect();
    let (totp, password) = (priority(realm, "CONFIGURE_TOTP"), priority(realm, "UPDATE_PASSWORD"));
    let mut places = if (email, totp, password) == (50, Some(10), Some(30)) {
        vec![57, 54]
    } else {
        let mut free = (email + 1..).filter(|place| !taken.contains(place));
        let (one, two) = (free.next(), free.next());
        two.into_iter().chain(one).collect()
    };
    for action in ["CONFIGURE_TOTP", "UPDATE_PASSWORD"] {
        let Some(action) = parts::entity(realm, ACTIONS, "alias", action) else { continue };
        if let Some(place) = places.pop() {
            action.insert("priority".to_owned(), place.into());
        }
    }
    if totp.is_some() || password.is_some() {
        said.push("CONFIGURE_TOTP and UPDATE_PASSWORD come after VERIFY_EMAIL, as in Keycloak 26.7".to_owned());
    }
}

fn add(realm: &mut Body, alias: &str, version: &str, said: &mut Vec<String>) {
    if parts::has(realm, ACTIONS, "alias", alias) {
        return;
    }
    let newest = parts::newest_entity(ACTIONS, "alias", alias);
    let (Some(actions), Some(newest)) = (parts::list(realm, ACTIONS), newest) else { return };
    actions.push(newest);
    said.push(format!("the required action {alias} of Keycloak {version} was added"));
}

fn priority(realm: &Body, alias: &str) -> Option<i64> {
    let actions = realm.get(ACTIONS)?.as_array()?;
    actions.iter().find(|action| parts::text(action, "alias") == alias)?.get("priority")?.as_i64()
}

/// How a built-in action is written now, if it is written otherwise.
fn built_in(written: &str) -> Option<&'static str> {
    let actions = parts::newest(ACTIONS)?.as_array()?;
    let names = actions.iter().map(|action| parts::text(action, "alias"));
    names.into_iter().find(|name| name.eq_ignore_ascii_case(written) && *name != written)
}
