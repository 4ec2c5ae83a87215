//! `/admin/realms/{realm}/identity-provider/instances`

use realm_model::document::{Body, Document, Documents, Key, Kind, representation};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::body::{object, text};
use crate::call::Call;
use crate::error::AdminError;
use crate::json;
use crate::merge::without_nulls;
use crate::references;
use crate::resource::realm::MASK;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("identity-provider/instances", |call| Box::pin(list(call))),
        Route::post("identity-provider/instances", |call| Box::pin(create(call))),
        Route::get("identity-provider/instances/{alias}", |call| Box::pin(read(call))),
        Route::put("identity-provider/instances/{alias}", |call| Box::pin(update(call))),
        Route::delete("identity-provider/instances/{alias}", |call| Box::pin(delete(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

const SECRET: &str = "clientSecret";

/// Providers that there are.
const PROVIDERS: &[&str] = &[
    "bitbucket",
    "facebook",
    "github",
    "gitlab",
    "google",
    "instagram",
    "jwt-authorization-grant",
    "keycloak-oidc",
    "kubernetes",
    "linkedin-openid-connect",
    "microsoft",
    "oauth2",
    "oidc",
    "openshift-v4",
    "paypal",
    "saml",
    "spiffe",
    "stackoverflow",
    "twitter",
];

/// URLs of a provider's configuration.
const URLS: &[(&str, &str)] = &[
    ("authorizationUrl", "authorization_url"),
    ("tokenUrl", "token_url"),
    ("userInfoUrl", "userinfo_url"),
    ("jwksUrl", "jwks_url"),
    ("logoutUrl", "logout_url"),
];

fn shown(documents: &Documents, provider: &Document) -> Body {
    let mut body = representation(documents, provider);
    if let Some(Value::Object(config)) = body.get_mut("config")
        && config.contains_key(SECRET)
    {
        config.insert(SECRET.to_owned(), MASK.into());
    }
    body.retain(|_, value| !value.is_null());
    body
}

fn found<'d>(call: &Call, documents: &'d Documents) -> Result<&'d Document, AdminError> {
    Ok(&documents.named(Kind::IdentityProvider, call.param(0)).ok_or(AdminError::NotFound)?.document)
}

async fn list(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewIdentityProviders)?;
    let page = call.query.page()?;
    let documents = call.documents().await?;
    let search = call.query.text("search").map(str::to_lowercase);
    let all = documents.of_kind(Kind::IdentityProvider).map(|entry| &entry.document);
    let hits = all.filter(|provider| search.as_deref().is_none_or(|word| provider.key.name.to_lowercase().contains(word)));
    Answer::json(&page.of(hits.map(|provider| shown(&documents, provider))))
}

async fn read(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewIdentityProviders)?;
    let documents = call.documents().await?;
    Answer::json(&shown(&documents, found(call, &documents)?))
}

/// Keycloak: recording admin-identity-providers/create-refused.
fn refuse_invalid(given: &Body) -> Result<(), AdminError> {
    let alias = text(given, "alias").unwrap_or_default();
    if alias.contains(char::is_whitespace) {
        return Err(AdminError::error(400, "Empty Space not allowed."));
    }
    let provider = text(given, "providerId");
    if !provider.is_some_and(|provider| PROVIDERS.contains(&provider)) {
        return Err(AdminError::message(400, format!("Invalid identity provider id [{}]", provider.unwrap_or("null"))));
    }
    let Some(config) = object(given, "config") else { return Ok(()) };
    for (member, name) in URLS {
        let url = text(config, member).filter(|url| !url.is_empty());
        if url.is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            return Err(AdminError::message(400, format!("The url [{name}] is malformed")));
        }
    }
    Ok(())
}

/// Members that are always there.
fn completed(mut body: Body) -> Body {
    body.retain(|name, _| !matches!(name.as_str(), "internalId" | "updateProfileFirstLoginMode"));
    body.entry("enabled").or_insert(Value::Bool(true));
    body.entry("config").or_insert_with(|| Map::new().into());
    body
}

async fn create(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&json::IDENTITY_PROVIDER)?);
    call.refuse_without(Permission::ManageIdentityProviders)?;
    refuse_invalid(&given)?;
    let alias = text(&given, "alias").ok_or_else(|| AdminError::Broken("a provider without an alias".to_owned()))?;
    let id = text(&given, "internalId").map_or_else(|| call.new_id(), str::to_owned);
    call.change(|documents, changes| {
        let key = Key::of(Kind::IdentityProvider, alias);
        if documents.get(&key).is_some() {
            return Err(AdminError::message(409, format!("Identity Provider {alias} already exists")));
        }
        changes.put(Document { key, id: id.clone(), body: completed(given.clone()) });
        Ok(())
    })
    .await?;
    Ok(Answer::created(call.location(&["identity-provider", "instances", alias])))
}

/// Keycloak: what is left out goes; a masked secret stays the old one (recording admin-identity-providers/put).
async fn update(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&json::IDENTITY_PROVIDER)?);
    call.refuse_without(Permission::ManageIdentityProviders)?;
    call.change(|documents, changes| {
        let provider = found(call, documents)?;
        refuse_invalid(&given)?;
        let mut body = completed(given.clone());
        if text(&body, "alias").is_some_and(|alias| alias != provider.key.name) {
            return Err(AdminError::message(400, "Identity Provider alias can not be changed"));
        }
        body.insert("alias".to_owned(), provider.key.name.as_str().into());
        let kept = object(&provider.body, "config").and_then(|config| config.get(SECRET)).cloned();
        if let (Some(Value::Object(config)), Some(kept)) = (body.get_mut("config"), kept)
            && text(config, SECRET) == Some(MASK)
        {
            config.insert(SECRET.to_owned(), kept);
        }
        changes.put_body(&provider.key, body);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

async fn delete(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageIdentityProviders)?;
    call.change(|documents, changes| {
        references::delete(changes, documents, &found(call, documents)?.key);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}
