//! `/admin/realms/{realm}/events`, `…/admin-events`: what is kept of what happened, and which of it is. Keycloak: recordings
//! admin-events.

use bytes::Bytes;
use events::EventType;
use realm_store::{EventKind, EventOrder, EventQuery};
use serde_json::json;

use crate::answer::Answer;
use crate::body::{only, texts};
use crate::call::Call;
use crate::date;
use crate::error::AdminError;
use crate::json;
use crate::merge::{MergeRules, merge};
use crate::record::{OPERATIONS, RESOURCE_TYPES};
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("events", |call| Box::pin(user_events(call))),
        Route::delete("events", |call| Box::pin(clear(call, EventKind::User))),
        Route::get("events/config", |call| Box::pin(config(call))),
        Route::put("events/config", |call| Box::pin(set_config(call))),
        Route::get("admin-events", |call| Box::pin(admin_events(call))),
        Route::delete("admin-events", |call| Box::pin(clear(call, EventKind::Admin))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// Keycloak: as many events as other lists have members where nobody says how many.
const PAGE: i64 = 100;
/// Keycloak: not spelt as elsewhere.
const MEDIA_TYPE: &str = "application/json;charset=utf-8";

const LISTENERS: &[&str] = &["jboss-logging", "email"];
const RULES: MergeRules = MergeRules { ignored: &[], maps: &[], removed_if_absent: &["eventsExpiration"] };

async fn user_events(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewEvents)?;
    let words = |name: &str| words(call, name, &|word| EventType::parse(word).is_some());
    let text = |name: &str| call.query.text(name).map(str::to_owned);
    let (client, user, ip_address) = (text("client"), text("user"), text("ipAddress"));
    let query = EventQuery { types: words("type")?, client, user, ip_address, ..common(call)? };
    list(call, EventKind::User, query).await
}

async fn admin_events(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewEvents)?;
    let text = |name: &str| call.query.text(name).map(str::to_owned);
    let query = EventQuery {
        types: words(call, "operationTypes", &|word| OPERATIONS.contains(&word))?,
        resource_types: words(call, "resourceTypes", &|word| RESOURCE_TYPES.contains(&word))?,
        client: text("authClient"),
        user: text("authUser"),
        ip_address: text("authIpAddress"),
        auth_realm: text("authRealm"),
        resource_path: text("resourcePath"),
        ..common(call)?
    };
    list(call, EventKind::Admin, query).await
}

async fn list(call: &Call, kind: EventKind, query: EventQuery) -> Result<Answer, AdminError> {
    let found = call.api.events.list(call.realm(), kind, query).await?;
    let body = Bytes::from(format!("[{}]", found.join(",")));
    Ok(Answer { status: 200, body: Some((MEDIA_TYPE, body)), no_cache: true, location: None })
}

/// What both lists may be asked for.
fn common(call: &Call) -> Result<EventQuery, AdminError> {
    let page = call.query.page()?;
    let bound = |bound: Option<usize>| bound.map(|bound| i64::try_from(bound).unwrap_or(i64::MAX));
    let order = match call.query.text("direction") {
        None | Some("desc") => EventOrder::Descending,
        Some("asc") => EventOrder::Ascending,
        Some(other) => {
            let text = format!("Invalid value for 'direction' of '{other}', expected 'asc' or 'desc'");
            return Err(AdminError::error(400, &text));
        }
    };
    let (from, until) = (time(call, "dateFrom", date::begin)?, time(call, "dateTo", date::end)?);
    Ok(EventQuery {
        from,
        until,
        order,
        first: bound(page.first).unwrap_or_default(),
        max: Some(bound(page.max).unwrap_or(PAGE)),
        ..EventQuery::default()
    })
}

/// Milliseconds since the epoch, or a day.
fn time(call: &Call, name: &str, of_day: fn(&str) -> Option<i64>) -> Result<Option<i64>, AdminError> {
    let Some(text) = call.query.text(name) else { return Ok(None) };
    let millis = of_day(text).or_else(|| text.parse().ok()).ok_or_else(|| {
        let text = format!("Invalid value for '{name}', expected format is yyyy-MM-dd or an Epoch timestamp");
        AdminError::error(400, &text)
    })?;
    Ok(Some(millis))
}

/// Keycloak: a word that there is not breaks it.
fn words(call: &Call, name: &str, is_known: &dyn Fn(&str) -> bool) -> Result<Vec<String>, AdminError> {
    let all: Vec<String> = call.query.texts(name).map(str::to_owned).collect();
    match all.iter().find(|word| !is_known(word)) {
        Some(_) => Err(AdminError::Broken(format!("a value of {name} that there is not"))),
        None => Ok(all),
    }
}

async fn clear(call: &Call, kind: EventKind) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageEvents)?;
    call.api.events.clear(call.realm(), kind).await?;
    Ok(Answer::no_content())
}

async fn config(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewEvents)?;
    let documents = call.documents().await?;
    let mut config = only(documents.settings().cloned().unwrap_or_default(), json::EVENTS_CONFIG_FIELDS.fields);
    if texts(&config, "enabledEventTypes").next().is_none() {
        let saved = EventType::ALL.iter().filter(|event_type| event_type.is_saved_by_default());
        let all: Vec<&str> = saved.flat_map(|event_type| event_type.words()).collect();
        config.insert("enabledEventTypes".to_owned(), json!(all));
    }
    config.retain(|_, value| !value.is_null());
    Answer::json(&config)
}

async fn set_config(call: &Call) -> Result<Answer, AdminError> {
    let given = call.json(&json::EVENTS_CONFIG)?;
    call.refuse_without(Permission::ManageEvents)?;
    if texts(&given, "eventsListeners").any(|listener| !LISTENERS.contains(&listener)) {
        return Err(AdminError::error(400, "Unknown event listener"));
    }
    call.change(|documents, changes| {
        let mut settings = documents.settings().cloned().unwrap_or_default();
        merge(&mut settings, given.clone(), &RULES);
        changes.put_settings(settings);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}
