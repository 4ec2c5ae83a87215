//! `/admin/realms/{realm}`

use realm_model::document::{Body, Document, Documents, Key, Kind, settings_representation};
use realm_model::template::Template;
use realm_store::{Batch, CommitError, RealmWrite};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::body::{is_on, object, only, text};
use crate::call::Call;
use crate::change::Changes;
use crate::error::{AdminError, Word};
use crate::json;
use crate::master;
use crate::merge::{MergeRules, merge};
use crate::realm_rules::{refuse_bad_name, refuse_invalid};
use crate::roles::{CREATE_REALM, MASTER, Permission};
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("", |call| Box::pin(read(call))),
        Route::put("", |call| Box::pin(update(call))),
        Route::delete("", |call| Box::pin(delete(call))),
        // Keycloak: 404, where other verbs get 405 (recording admin-errors/wrong-method).
        Route::post("", |_| Box::pin(async { Err(AdminError::NotFound) })).taking(Consumes::Nothing),
    ],
    locator: None,
    wrong_verb: WrongVerb::MethodNotAllowed,
};

/// What stands for a secret.
pub(crate) const MASK: &str = "**********";

/// Members that a `PUT` of the realm does not change: entities have resources of their own.
const RULES: MergeRules = MergeRules {
    ignored: &[
        "id",
        "realm",
        "attributes",
        "smtpServer",
        "defaultRole",
        "defaultRoles",
        "defaultGroups",
        "roles",
        "groups",
        "users",
        "federatedUsers",
        "clients",
        "clientScopes",
        "scopeMappings",
        "clientScopeMappings",
        "components",
        "authenticationFlows",
        "authenticatorConfig",
        "requiredActions",
        "identityProviders",
        "identityProviderMappers",
        "organizations",
        "defaultDefaultClientScopes",
        "defaultOptionalClientScopes",
        "localizationTexts",
        "keycloakVersion",
        "protocolMappers",
        "otpSupportedApplications",
    ],
    maps: &[],
    removed_if_absent: &[],
};

/// Attributes that are always there.
const STANDING_ATTRIBUTES: [&str; 7] = [
    "cibaAuthRequestedUserHint",
    "cibaBackchannelTokenDeliveryMode",
    "cibaExpiresIn",
    "cibaInterval",
    "oauth2DeviceCodeLifespan",
    "oauth2DevicePollingInterval",
    "parRequestUriLifespan",
];

/// What of the policy of one-time codes counts only with its type, and what it is where that comes without it.
const OTP_NUMBERS: [&str; 4] = ["otpPolicyInitialCounter", "otpPolicyDigits", "otpPolicyLookAheadWindow", "otpPolicyPeriod"];

/// The realm in full, secrets masked.
pub(crate) fn shown(documents: &Documents) -> Body {
    let mut realm = settings_representation(documents);
    if !is_on(&realm, "internationalizationEnabled") {
        realm.shift_remove("supportedLocales");
    }
    if let Some(Value::Object(server)) = realm.get_mut("smtpServer")
        && server.contains_key("password")
    {
        server.insert("password".to_owned(), MASK.into());
    }
    crate::body::without_empty(realm, "defaultGroups")
}

async fn read(call: &Call) -> Result<Answer, AdminError> {
    let makes_realms = call.caller.realm.name.as_str() == MASTER && call.caller.has_realm_role(CREATE_REALM);
    if !makes_realms {
        call.refuse_without(Permission::SeeRealm)?;
    }
    let documents = call.documents().await?;
    let full = shown(&documents);
    if call.may(Permission::ViewRealm) {
        return Answer::json(&full);
    }
    let mut small = only(full.clone(), &["realm", "bruteForceProtected", "organizationsEnabled"]);
    let locales = full.get("supportedLocales").cloned().unwrap_or_else(|| Vec::<Value>::new().into());
    small.insert("supportedLocales".to_owned(), locales);
    if call.may(Permission::ViewUsers) {
        let member = "registrationEmailAsUsername";
        small.insert(member.to_owned(), is_on(&full, member).into());
    }
    Answer::json(&small)
}

async fn update(call: &Call) -> Result<Answer, AdminError> {
    let given = call.json(&json::REALM)?;
    call.refuse_without(Permission::ManageRealm)?;
    let old = call.realm_name().to_owned();
    let name = text(&given, "realm").unwrap_or(&old).to_owned();
    refuse_bad_name(&name, Word::ErrorMessage)?;
    let taken = || AdminError::message(409, "Realm with same name exists");
    if name != old && call.api.live.snapshots().realm(&name).is_some() {
        return Err(taken());
    }
    let outcome = call
        .change(|documents, changes| {
            refuse_invalid(&given, documents)?;
            let settings = updated(documents.settings().cloned().unwrap_or_default(), &given);
            if name == old {
                changes.put_settings(settings);
            } else {
                rename(changes, documents, (&old, &name), settings);
            }
            Ok(())
        })
        .await;
    match outcome {
        Err(AdminError::Duplicate) => return Err(taken()),
        other => other?,
    }
    if name != old {
        master::rename_client_of(call, &old, &name).await?;
    }
    Ok(Answer::no_content())
}

/// The settings with what a `PUT` says.
fn updated(mut settings: Body, given: &Body) -> Body {
    let mut given = given.clone();
    let attributes = given.get("attributes").and_then(Value::as_object).cloned();
    let server = given.get("smtpServer").and_then(Value::as_object).cloned();
    let has_type = text(&given, "otpPolicyType").is_some();
    if has_type {
        for number in OTP_NUMBERS {
            if given.get(number).is_none_or(Value::is_null) {
                given.insert(number.to_owned(), 0.into());
            }
        }
    } else {
        given.retain(|name, _| !name.starts_with("otpPolicy"));
    }
    merge(&mut settings, given, &RULES);
    if has_type {
        settings.insert("otpSupportedApplications".to_owned(), otp_applications(&settings));
    }
    if let Some(given) = attributes {
        let kept = object(&settings, "attributes").cloned().unwrap_or_default();
        settings.insert("attributes".to_owned(), replaced_attributes(kept, given).into());
    }
    if let Some(given) = server {
        let kept = object(&settings, "smtpServer").cloned().unwrap_or_default();
        settings.insert("smtpServer".to_owned(), replaced_server(&kept, given).into());
    }
    settings
}

/// Keycloak: own attributes that are not given go (recording admin-realms/put-attributes).
fn replaced_attributes(mut kept: Body, given: Body) -> Body {
    kept.retain(|name, _| STANDING_ATTRIBUTES.contains(&name.as_str()));
    kept.extend(given.into_iter().filter(|(_, value)| !value.is_null()));
    kept
}

/// Keycloak: a masked password stays the old one; without `auth` there is none (recording admin-realms/put-smtp).
fn replaced_server(kept: &Body, mut given: Body) -> Body {
    given.retain(|_, value| !value.is_null());
    if text(&given, "auth") != Some("true") {
        given.shift_remove("password");
        given.shift_remove("user");
    } else if text(&given, "password") == Some(MASK) {
        match kept.get("password") {
            Some(password) => drop(given.insert("password".to_owned(), password.clone())),
            None => drop(given.shift_remove("password")),
        }
    }
    given
}

/// Apps that know a policy of one-time codes. Keycloak: recording admin-realms/put-otp-policy.
fn otp_applications(settings: &Body) -> Value {
    let number = |name: &str| settings.get(name).and_then(Value::as_i64);
    let common = text(settings, "otpPolicyAlgorithm") == Some("HmacSHA1")
        && number("otpPolicyDigits") == Some(6)
        && (text(settings, "otpPolicyType") != Some("totp") || number("otpPolicyPeriod") == Some(30));
    match common {
        true => json!(["totpAppFreeOTPName", "totpAppGoogleName", "totpAppMicrosoftAuthenticatorName"]),
        false => json!(["totpAppFreeOTPName"]),
    }
}

/// Gives the realm another name. Keycloak: its default role keeps its own; paths of built-in clients follow (recording
/// admin-realms/put-rename).
fn rename(changes: &mut Changes<'_>, documents: &Documents, (old, new): (&str, &str), mut settings: Body) {
    changes.batch.realm = RealmWrite::Rename(new.to_owned());
    settings.insert("realm".to_owned(), new.into());
    changes.put_settings(settings);
    for entry in documents.of_kind(Kind::Client).filter(|entry| entry.version != 0) {
        let mut body = entry.document.body.clone();
        if move_paths(&mut body, old, new) {
            changes.put_body(&entry.document.key, body);
        }
    }
    let Some(template) = Template::of(&documents.template) else { return };
    let there: Vec<Key> = template.documents(&documents.realm_id, old).into_iter().map(|document| document.key).collect();
    for Document { key, .. } in template.documents(&documents.realm_id, new) {
        if !there.contains(&key) {
            changes.hide(&key);
        }
    }
    for key in there.iter().filter(|key| template.document(&documents.realm_id, new, key).is_none()) {
        if let Some(entry) = documents.get(key).filter(|entry| entry.version == 0) {
            changes.materialize(&entry.document);
        }
    }
}

/// Moves the paths of a client that lead to the realm's own pages.
fn move_paths(client: &mut Map<String, Value>, old: &str, new: &str) -> bool {
    let moved = |value: &mut Value| match value {
        Value::String(path) => {
            for root in ["/realms/", "/admin/"] {
                if let Some(rest) = path.strip_prefix(&format!("{root}{old}/")) {
                    *path = format!("{root}{new}/{rest}");
                    return true;
                }
            }
            false
        }
        _ => false,
    };
    let base = client.get_mut("baseUrl").is_some_and(moved);
    let uris = client.get_mut("redirectUris").and_then(Value::as_array_mut).into_iter().flatten();
    uris.fold(base, |any, uri| moved(uri) || any)
}

async fn delete(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    if call.realm_name() == MASTER {
        return Err(AdminError::message(400, "Can't remove master realm"));
    }
    let batch = Batch { realm: RealmWrite::Delete, ..Batch::within(&*call.realm().id) };
    match call.api.live.commit(batch).await {
        Err(CommitError::UnknownRealm) => return Err(AdminError::RealmNotFound),
        outcome => outcome?,
    }
    master::remove_client_of(call, call.realm_name()).await?;
    Ok(Answer::no_content())
}
