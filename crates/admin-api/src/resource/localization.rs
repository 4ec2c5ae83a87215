//! `/admin/realms/{realm}/localization`

use realm_model::document::Body;
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::body::{object, text};
use crate::call::Call;
use crate::error::AdminError;
use crate::json::Shape;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

const MEMBER: &str = "localizationTexts";

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("localization", |call| Box::pin(locales(call))),
        Route::get("localization/{locale}", |call| Box::pin(read(call))),
        Route::post("localization/{locale}", |call| Box::pin(add(call))),
        Route::delete("localization/{locale}", |call| Box::pin(delete(call))),
        Route::get("localization/{locale}/{key}", |call| Box::pin(read_text(call))),
        Route::put("localization/{locale}/{key}", |call| Box::pin(put_text(call))).taking(Consumes::Text),
        Route::delete("localization/{locale}/{key}", |call| Box::pin(delete_text(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

fn no_text() -> AdminError {
    AdminError::error(404, "Localization text not found")
}

fn texts(settings: Option<&Body>) -> Body {
    settings.and_then(|settings| object(settings, MEMBER)).cloned().unwrap_or_default()
}

async fn locales(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::SeeRealm)?;
    let texts = texts(call.documents().await?.settings());
    let mut locales: Vec<&String> = texts.keys().collect();
    locales.sort();
    Ok(Answer::json(&locales)?.without_cache_control())
}

async fn read(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::SeeRealm)?;
    let documents = call.documents().await?;
    let all = texts(documents.settings());
    let of_locale = |locale: &str| object(&all, locale).cloned().unwrap_or_default();
    let fallback = call.query.flag("useRealmDefaultLocaleFallback") == Some(true);
    let default = documents.settings().and_then(|settings| text(settings, "defaultLocale")).filter(|_| fallback);
    let mut shown = default.map(of_locale).unwrap_or_default();
    shown.extend(of_locale(call.param(0)));
    Ok(Answer::json(&shown)?.without_cache_control())
}

async fn read_text(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::SeeRealm)?;
    let texts = texts(call.documents().await?.settings());
    let found = object(&texts, call.param(0)).and_then(|texts| text(texts, call.param(1)));
    Ok(Answer::text(found.ok_or_else(no_text)?.to_owned()))
}

/// Changes the texts of all locales.
async fn change(call: &Call, mut work: impl FnMut(&mut Body) -> Result<(), AdminError>) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let mut settings = documents.settings().cloned().unwrap_or_default();
        let mut all = texts(Some(&settings));
        work(&mut all)?;
        settings.insert(MEMBER.to_owned(), all.into());
        changes.put_settings(settings);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

fn locale<'t>(all: &'t mut Body, name: &str) -> Option<&'t mut Map<String, Value>> {
    all.entry(name).or_insert_with(|| Map::new().into()).as_object_mut()
}

async fn add(call: &Call) -> Result<Answer, AdminError> {
    let given = call.json(&Shape::Map(&Shape::Text))?;
    change(call, |all| {
        if let Some(texts) = locale(all, call.param(0)) {
            texts.extend(given.clone());
        }
        Ok(())
    })
    .await
}

async fn put_text(call: &Call) -> Result<Answer, AdminError> {
    let given = call.text();
    change(call, |all| {
        if let Some(texts) = locale(all, call.param(0)) {
            texts.insert(call.param(1).to_owned(), given.as_str().into());
        }
        Ok(())
    })
    .await
}

async fn delete(call: &Call) -> Result<Answer, AdminError> {
    let name = call.param(0);
    change(call, |all| match all.shift_remove(name) {
        Some(_) => Ok(()),
        None => Err(AdminError::error(404, format!("No localization texts for locale {name} found."))),
    })
    .await
}

async fn delete_text(call: &Call) -> Result<Answer, AdminError> {
    change(call, |all| {
        let texts = all.get_mut(call.param(0)).and_then(Value::as_object_mut);
        texts.and_then(|texts| texts.shift_remove(call.param(1))).map(|_| ()).ok_or_else(no_text)
    })
    .await
}
