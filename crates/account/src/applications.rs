//! The applications that have to do with a user: those of their sessions, and those to which they have granted something.

use std::collections::BTreeSet;
use std::sync::Arc;

use events::EventType;
use realm_http::absolute_url;
use realm_model::document::UserRecord;
use realm_model::{Client, ClientScope};
use serde_json::{Map, Value, json};
use sessions::SessionKind;

use crate::caller::Caller;
use crate::error::AccountError;
use crate::roles::AccountRole;
use crate::user_sessions;

/// An application, and what it has.
pub(crate) struct Application<'c> {
    pub(crate) client: &'c Client,
    /// Whether a session has it.
    pub(crate) in_use: bool,
    /// Whether an offline session has it.
    pub(crate) offline: bool,
    /// What the user has granted; nothing: they were never asked.
    pub(crate) granted: Option<Vec<Arc<ClientScope>>>,
}

impl Application<'_> {
    /// Its address, absolute.
    pub(crate) fn url(&self, base: &str) -> Option<String> {
        let own = self.client.base_url.as_deref().filter(|url| !url.is_empty());
        let url = own.map(|url| absolute_url(self.client.root_url.as_deref(), base, url));
        url.filter(|url| url.starts_with("https://") || url.starts_with("http://"))
    }

    /// Whether there is anything that can be taken back.
    pub(crate) const fn is_revocable(&self) -> bool {
        self.granted.is_some() || self.offline
    }
}

/// All of them.
///
/// # Errors
/// A role is missing; or the server cannot say.
pub(crate) async fn list<'c>(caller: &'c Caller<'_>) -> Result<Vec<Application<'c>>, AccountError> {
    caller.require(&[AccountRole::ManageAccount, AccountRole::ViewApplications])?;
    let online = ids(user_sessions::live(caller, SessionKind::Online).await?);
    let offline = ids(user_sessions::live(caller, SessionKind::Offline).await?);
    let realm = &caller.cx.realm;
    let of_client = |client: &'c Arc<Client>| {
        let granted = granted(caller, client);
        let (in_use, offline) = (online.contains(&*client.id), offline.contains(&*client.id));
        let shown = in_use || offline || granted.is_some() || client.always_display_in_console;
        (client.enabled && !client.bearer_only && shown).then(|| Application { client, in_use, offline, granted })
    };
    Ok(realm.clients.values().filter_map(of_client).collect())
}

/// Internal ids of the clients that have a part in these sessions.
fn ids(sessions: Vec<sessions::UserSession>) -> BTreeSet<String> {
    sessions.into_iter().flat_map(|session| session.clients).map(|part| part.client).collect()
}

fn granted(caller: &Caller<'_>, client: &Client) -> Option<Vec<Arc<ClientScope>>> {
    let mut consents = caller.user.consents.iter().filter(|consent| consent.client == client.client_id).peekable();
    consents.peek()?;
    let names: BTreeSet<&str> = consents.flat_map(|consent| &consent.scopes).map(|name| &**name).collect();
    let scopes = caller.cx.realm.client_scopes.values().filter(|scope| names.contains(&*scope.name));
    Some(scopes.cloned().collect())
}

/// `GET …/account/applications`
pub(crate) async fn shown(caller: &Caller<'_>) -> Result<Vec<Value>, AccountError> {
    let base = &caller.cx.bases.front;
    let one = |application: &Application<'_>| {
        let client = application.client;
        let mut shown = Map::from_iter([
            ("clientId".to_owned(), json!(client.client_id.as_str())),
            ("clientName".to_owned(), json!(client.name.as_deref().unwrap_or_default())),
            ("description".to_owned(), json!(client.description.as_deref().unwrap_or_default())),
            ("userConsentRequired".to_owned(), json!(client.consent_required)),
            ("inUse".to_owned(), json!(application.in_use)),
            ("offlineAccess".to_owned(), json!(application.offline)),
        ]);
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                shown.insert(name.to_owned(), value.into());
            }
        };
        put("rootUrl", client.root_url.as_deref());
        put("baseUrl", client.base_url.as_deref());
        put("effectiveUrl", application.url(base).as_deref());
        put("logoUri", client.attribute("logoUri"));
        put("policyUri", client.attribute("policyUri"));
        put("tosUri", client.attribute("tosUri"));
        if let Some(granted) = &application.granted {
            shown.insert("consent".to_owned(), consent(granted));
        }
        Value::Object(shown)
    };
    Ok(list(caller).await?.iter().map(one).collect())
}

fn consent(granted: &[Arc<ClientScope>]) -> Value {
    let scope = |scope: &Arc<ClientScope>| json!({ "id": scope.name, "name": scope.name, "displayText": scope.consent_text() });
    json!({ "grantedScopes": granted.iter().map(scope).collect::<Vec<_>>() })
}

fn client_of<'c>(caller: &'c Caller<'_>, client_id: &str) -> Result<&'c Arc<Client>, AccountError> {
    caller.cx.realm.client(client_id).ok_or(AccountError::NotFound("No client with this clientId found"))
}

/// `GET …/account/applications/{clientId}/consent`; nothing where nothing was granted.
pub(crate) fn consent_of(caller: &Caller<'_>, client_id: &str) -> Result<Option<Value>, AccountError> {
    caller.require(&[AccountRole::ManageAccount, AccountRole::ManageConsent, AccountRole::ViewConsent])?;
    let client = client_of(caller, client_id)?;
    Ok(granted(caller, client).map(|granted| consent(&granted)))
}

/// Takes back what the user has granted to a client, and what the client has in sessions of the user because of it.
///
/// # Errors
/// A role is missing; there is no such client; or the server cannot say.
pub(crate) async fn revoke(caller: &mut Caller<'_>, client_id: &str) -> Result<(), AccountError> {
    caller.require(&[AccountRole::ManageAccount, AccountRole::ManageConsent])?;
    let client = Arc::clone(client_of(caller, client_id)?);
    let (cx, parts) = (caller.cx, caller.parts);
    let consented = granted(caller, &client).is_some();
    let name = client.client_id.as_str();
    let mut forget = |record: &mut UserRecord| {
        if let Some(Value::Array(all)) = record.0.get_mut("clientConsents") {
            all.retain(|consent| consent.get("clientId").and_then(Value::as_str) != Some(name));
        }
    };
    let changed = parts.users.change_user(&cx.realm.name, &caller.user.id, &mut forget).await;
    changed.map_err(|error| AccountError::Unavailable(error.to_string()))?;
    let kinds: &[SessionKind] = if consented { &[SessionKind::Offline, SessionKind::Online] } else { &[SessionKind::Offline] };
    for kind in kinds {
        for session in parts.sessions.of_user(&cx.realm.name, *kind, &caller.user.id, cx.now).await? {
            parts.sessions.detach(&cx.realm.name, (*kind, &session.id), &client.id, cx.now).await?;
        }
    }
    caller.record(EventType::RevokeGrant, |event| event.detail("revoked_client", Some(name)));
    caller.reload().await
}
