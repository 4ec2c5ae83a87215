//! `/admin/realms/{realm}/clients`

use client_policies::{Event, Facts, Policies, Updater, UpdaterSource};
use realm_editing::client_rules::refuse_invalid;
use realm_editing::clients;
use realm_model::document::{Body, Document, Documents, Key, Kind, UserRecord, representation};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{is_on, text, without};
use crate::call::Call;
use crate::change::Changes;
use crate::error::AdminError;
use crate::json;
use crate::merge::{MapRule, MergeRules, merge, without_nulls};
use crate::references;
use crate::roles::{Permission, refuse_administrative};
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("clients", |call| Box::pin(list(call))),
        Route::post("clients", |call| Box::pin(create(call))),
        Route::get("clients/{client}", |call| Box::pin(read(call))),
        Route::put("clients/{client}", |call| Box::pin(update(call))),
        Route::delete("clients/{client}", |call| Box::pin(delete(call))),
    ],
    locator: Some(("clients/{client}", |call| Box::pin(locate(call)))),
    wrong_verb: WrongVerb::MethodNotAllowed,
};

/// What a `PUT` of a client does with what it says. Keycloak: recordings admin-clients/put-*.
const RULES: MergeRules = MergeRules {
    ignored: &["id", "defaultClientScopes", "optionalClientScopes", "access", "origin", "registrationAccessToken"],
    maps: &[("attributes", MapRule::MergeEmptyRemoves)],
    removed_if_absent: &[],
};

/// The client that the first parameter of the path names.
///
/// # Errors
/// Keycloak: who may not list clients does not learn which there are (recording admin-authorization/forbidden-bodies).
pub(crate) fn found<'d>(call: &Call, documents: &'d Documents) -> Result<&'d Document, AdminError> {
    match documents.by_id(Kind::Client, call.param(0)) {
        Some(entry) => Ok(&entry.document),
        None if call.may(Permission::QueryClients) || call.may(Permission::ViewClients) => {
            Err(AdminError::error(404, "Could not find client"))
        }
        None => Err(AdminError::Forbidden),
    }
}

/// The same, once the caller may change it.
///
/// # Errors
/// As [`found`]; 403 also for a client whose roles say who may administer.
pub(crate) fn managed<'d>(call: &Call, documents: &'d Documents) -> Result<&'d Document, AdminError> {
    let client = found(call, documents)?;
    call.refuse_without(Permission::ManageClients)?;
    refuse_administrative(call, &client.key)?;
    Ok(client)
}

async fn locate(call: &Call) -> Result<Answer, AdminError> {
    found(call, &*call.documents().await?).map(|_| Answer::no_content())
}

/// What is shown of a client.
pub(crate) fn shown(call: &Call, documents: &Documents, client: &Document) -> Body {
    let mut body = representation(documents, client);
    let manage = call.may(Permission::ManageClients);
    body.insert("access".to_owned(), json!({ "view": true, "configure": manage, "manage": manage }));
    if is_on(&body, "publicClient") {
        body.shift_remove("secret");
    }
    crate::body::without_empty(body, "protocolMappers")
}

async fn list(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::QueryClients)?;
    let page = call.query.page()?;
    refuse_attribute_search(call.query.text("q").unwrap_or_default())?;
    if !call.may(Permission::ViewClients) {
        return Answer::json(&Vec::<Value>::new());
    }
    let documents = call.documents().await?;
    let wanted = call.query.text("clientId").map(|id| (id.to_lowercase(), id));
    let search = call.query.flag("search") == Some(true);
    let hits = |client: &&Document| match &wanted {
        None => true,
        Some((part, _)) if search => client.key.name.to_lowercase().contains(part),
        Some((_, whole)) => client.key.name == *whole,
    };
    let all = documents.of_kind(Kind::Client).map(|entry| &entry.document).filter(hits);
    Answer::json(&page.of(all.map(|client| shown(call, &documents, client))))
}

/// Keycloak: no attribute may be searched for unless the server is configured so.
fn refuse_attribute_search(q: &str) -> Result<(), AdminError> {
    let names: Vec<&str> = q.split(' ').filter_map(|pair| pair.split_once(':')).map(|(name, _)| name).collect();
    match names.is_empty() {
        true => Ok(()),
        false => {
            let text = format!("Attributes [{}] not allowed for search", names.join(", "));
            Err(AdminError::Described(400, "invalid_request", text))
        }
    }
}

async fn read(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let client = found(call, &documents)?;
    call.refuse_without(Permission::ViewClients)?;
    Answer::json(&shown(call, &documents, client))
}

async fn create(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&json::CLIENT)?);
    call.refuse_without(Permission::ManageClients)?;
    let id = text(&given, "id").map_or_else(|| call.new_id(), str::to_owned);
    let client_id = text(&given, "clientId").unwrap_or(&id).to_owned();
    refuse_invalid(&given)?;
    let mut body = without(given, &["id", "access", "origin", "registrationAccessToken"]);
    body.insert("clientId".to_owned(), client_id.as_str().into());
    let updater = updater(call);
    let (policies, facts) = (Policies::of(call.realm()), facts(call, &updater));
    policies.configure(Event::Register, None, &mut body, &facts);
    crate::mapper::complete(&mut body, std::iter::repeat_with(|| call.new_id()));
    call.change(|documents, changes| {
        let key = Key::of(Kind::Client, client_id.as_str());
        if documents.get(&key).is_some() {
            return Err(AdminError::message(409, format!("Client {client_id} already exists")));
        }
        if documents.by_id(Kind::Client, &id).is_some() {
            return Err(AdminError::Duplicate);
        }
        let new = Document { key, id: id.clone(), body: body.clone() };
        let made = clients::add((documents, changes), (new, true), &call.minting());
        policies.judge_client(Event::Register, None, &made.body, &facts)?;
        Ok(())
    })
    .await?;
    Ok(Answer::created(call.location(&["clients", &id])))
}

/// Writes a client, complete; with a service account, where it is new and is to have one.
pub(crate) fn add(call: &Call, realm: (&Documents, &mut Changes<'_>), client: (Document, bool)) {
    clients::add(realm, client, &call.minting());
}

/// Who asks, for the client policies of the realm: roles and groups are those of the realm itself.
fn updater(call: &Call) -> Updater {
    let mut updater = Updater::by(UpdaterSource::AuthenticatedUser);
    if call.caller.realm.name == call.realm().name {
        updater.roles = call.caller.roles.clone();
        let names = call.caller.user.groups.iter().filter_map(|path| call.realm().groups.get(path));
        updater.groups = names.map(|group| group.name.clone()).collect();
    }
    updater
}

fn facts<'a>(call: &Call, updater: &'a Updater) -> Facts<'a> {
    Facts { updater: Some(updater), peer: Some(call.context.arrival.peer), ..Facts::default() }
}

/// The service account of a client.
pub(crate) async fn service_account(call: &Call, client_id: &str) -> Result<Option<UserRecord>, AdminError> {
    Ok(clients::service_account(&call.api.live, &call.realm().id, client_id).await?)
}

async fn update(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let client_id = found(call, &documents)?.key.name.clone();
    let mut given = call.json(&json::CLIENT)?;
    managed(call, &documents)?;
    refuse_invalid(&given)?;
    crate::mapper::complete(&mut given, std::iter::repeat_with(|| call.new_id()));
    let account = service_account(call, &client_id).await?;
    let updater = updater(call);
    let (policies, facts) = (Policies::of(call.realm()), facts(call, &updater));
    let existing = call.realm().client(&client_id).map(|client| &**client);
    call.change(|documents, changes| {
        let client = managed(call, documents)?;
        let mut body = client.body.clone();
        merge(&mut body, given.clone(), &RULES);
        let name = text(&body, "clientId").unwrap_or_default().to_owned();
        let to = Key::of(Kind::Client, name.as_str());
        if to != client.key && documents.get(&to).is_some() {
            return Err(AdminError::Duplicate);
        }
        policies.configure(Event::Update, existing, &mut body, &facts);
        policies.judge_client(Event::Update, existing, &body, &facts)?;
        clients::settle_service_account((documents, changes), (&mut body, &name, account.as_ref()), &call.minting());
        clients::settle_secret(&mut body, &call.minting());
        if to == client.key {
            changes.put_body(&client.key, body);
        } else {
            references::rename(changes, documents, (&client.key, &to), body);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

async fn delete(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let client_id = managed(call, &documents)?.key.name.clone();
    if clients::is_internal(&client_id) {
        return Err(AdminError::Described(400, "invalid_request", "Could not delete client".to_owned()));
    }
    let account = service_account(call, &client_id).await?;
    call.change(|documents, changes| {
        let client = managed(call, documents)?;
        clients::delete((documents, changes), &client.key, account.as_ref());
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}
