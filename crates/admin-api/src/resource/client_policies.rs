//! `/admin/realms/{realm}/client-policies`

use realm_model::document::Body;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{object, text, texts};
use crate::call::Call;
use crate::error::AdminError;
use crate::json::Shape;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("client-policies/policies", |call| Box::pin(read(call, POLICIES))),
        Route::put("client-policies/policies", |call| Box::pin(write(call, POLICIES))),
        Route::get("client-policies/profiles", |call| Box::pin(read(call, PROFILES))),
        Route::put("client-policies/profiles", |call| Box::pin(write(call, PROFILES))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// The member of the settings, and the list in it.
type Kind = (&'static str, &'static str);

const POLICIES: Kind = ("clientPolicies", "policies");
const PROFILES: Kind = ("clientProfiles", "profiles");

/// Profiles that every realm has, with what Keycloak says of them.
const GLOBAL: &[(&str, &str)] = &[
    (
        "fapi-1-baseline",
        "Client profile, which enforce clients to conform 'Financial-grade API Security Profile 1.0 - Part 1: Baseline' specification.",
    ),
    (
        "fapi-1-advanced",
        "Client profile, which enforce clients to conform 'Financial-grade API Security Profile 1.0 - Part 2: Advanced' specification.",
    ),
    (
        "fapi-ciba",
        "Client profile, which enforce clients to conform 'Financial-grade API: Client Initiated Backchannel Authentication Profile' specification (Implementer's Draft ver1'). To satisfy FAPI-CIBA, both this profile and fapi-1-advanced global profile need to be used.",
    ),
    (
        "fapi-2-security-profile",
        "Client profile, which enforce clients to conform 'FAPI 2.0 Security Profile Final' specification.",
    ),
    (
        "fapi-2-message-signing",
        "Client profile, which enforce clients to conform 'FAPI 2.0 Message Signing Final' specification.",
    ),
    (
        "oauth-2-1-for-confidential-client",
        "Client profile, which enforce confidential clients to conform 'OAuth 2.1' specification.",
    ),
    ("oauth-2-1-for-public-client", "Client profile, which enforce public clients to conform 'OAuth 2.1' specification."),
    (
        "fapi-2-dpop-security-profile",
        "Client profile, which enforce clients to conform 'FAPI 2.0 Security Profile Final' using DPoP specification.",
    ),
    (
        "fapi-2-dpop-message-signing",
        "Client profile, which enforce clients to conform 'FAPI 2.0 Message Signing Final' with DPoP specification.",
    ),
    ("saml-security-profile", "Client profile that enforces SAML clients to be secure."),
];

/// Executors that a profile may name.
const EXECUTORS: &[&str] = &[
    "pkce-enforcer",
    "secure-client-authenticator",
    "secure-client-uris",
    "secure-redirect-uris-enforcer",
    "secure-request-object",
    "secure-response-type",
    "secure-session",
    "secure-signature-algorithm",
    "secure-signature-algorithm-signed-jwt",
    "confidential-client",
    "consent-required",
    "full-scope-disabled",
    "holder-of-key-enforcer",
    "reject-implicit-grant",
    "reject-ropc-grant",
    "client-secret-rotation",
    "intent-client-bind-checker",
    "suppress-refresh-token-rotation",
    "use-lightweight-access-token",
    "dpop-bind-enforcer",
    "auth-flow-enforcer",
    "secure-ciba-session",
    "secure-ciba-signed-authn-req",
    "secure-ciba-req-sig-algorithm",
    "secure-logout",
    "secure-par-content",
    "regex-redirect-uris-enforcer",
    "saml-avoid-redirect-binding",
    "saml-secure-client-uris",
    "saml-signature-enforcer",
    "downscope-assertion-grant-enforcer",
    "jwt-claim-enforcer",
];

async fn read(call: &Call, (member, list): Kind) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRealm)?;
    let documents = call.documents().await?;
    let kept = documents.settings().and_then(|settings| object(settings, member));
    let items = kept.and_then(|kept| kept.get(list)).cloned().unwrap_or_else(|| json!([]));
    let mut shown = Body::from_iter([(list.to_owned(), items)]);
    if call.query.flag("include-global-profiles") == Some(true) {
        let profile = |(name, text): &(&str, &str)| json!({ "name": name, "description": text, "executors": [] });
        shown.insert("globalProfiles".to_owned(), GLOBAL.iter().map(profile).collect());
    }
    Answer::json(&shown)
}

async fn write(call: &Call, (member, list): Kind) -> Result<Answer, AdminError> {
    let given = call.json(&Shape::Map(&Shape::Any))?;
    call.refuse_without(Permission::ManageRealm)?;
    let items = given.get(list).filter(|items| items.is_array()).cloned().unwrap_or_else(|| json!([]));
    call.change(|documents, changes| {
        let mut settings = documents.settings().cloned().unwrap_or_default();
        refuse_unknown(&items, &settings)?;
        settings.insert(member.to_owned(), json!({ list: items }));
        changes.put_settings(settings);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

/// Keycloak: recording admin-realms/client-policies.
fn refuse_unknown(items: &Value, settings: &Body) -> Result<(), AdminError> {
    let profiles = object(settings, PROFILES.0).and_then(|kept| kept.get(PROFILES.1)).and_then(Value::as_array);
    let own: Vec<&str> = profiles.into_iter().flatten().filter_map(|profile| profile.get("name")?.as_str()).collect();
    for item in items.as_array().into_iter().flatten().filter_map(Value::as_object) {
        let known = |name: &&str| own.contains(name) || GLOBAL.iter().any(|(global, _)| global == name);
        if let Some(profile) = texts(item, "profiles").find(|name| !known(name)) {
            let policy = text(item, "name").unwrap_or_default();
            return Err(AdminError::message(400, format!("Policy {policy} contains invalid profile {profile}")));
        }
        let executors = item.get("executors").and_then(Value::as_array).into_iter().flatten();
        if executors.filter_map(|executor| executor.get("executor")?.as_str()).any(|name| !EXECUTORS.contains(&name)) {
            let text = "proposed client profile contains the executor, which does not have valid provider, or has invalid configuration.";
            return Err(AdminError::message(400, text));
        }
    }
    Ok(())
}
