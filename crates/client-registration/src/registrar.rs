//! Making, reading, changing and removing clients.

use std::sync::Arc;

use realm_editing::body::{remove_text, text, texts};
use realm_editing::client_rules::refuse_invalid;
use realm_editing::merge::{MapRule, MergeRules, merge};
use realm_editing::{Changes, change, clients, mapper};
use realm_http::RealmContext;
use realm_model::completion::{Minting, Origin};
use realm_model::document::{Body, Document, Documents, Key, Kind, REGISTRATION_TOKEN, UserRecord};
use serde_json::Value;
use sessions::Drawn;
use token_issuer::{MintContext, RegistrationAuth};

use crate::ClientRegistration;
use crate::caller::Caller;
use crate::error::RegistrationError;
use crate::metadata::{Metadata, SubjectType, attribute};
use crate::pairwise;
use crate::policy::{Event, Policies};

/// What an update does with what it says (recordings dynamic-registration/{update,default-update}).
const RULES: MergeRules =
    MergeRules { ignored: &["id", "clientId"], maps: &[("attributes", MapRule::MergeEmptyRemoves)], removed_if_absent: &[] };
/// What nobody says of a client by registering it.
const NOT_SAID: [&str; 8] = [
    "access",
    "authorizationSettings",
    "defaultRoles",
    "notBefore",
    "origin",
    "registeredNodes",
    "registrationAccessToken",
    "surrogateAuthRequired",
];

/// One request.
pub(crate) struct Registrar<'r> {
    pub(crate) parts: &'r ClientRegistration,
    pub(crate) request: &'r RealmContext,
    pub(crate) caller: Caller,
}

/// What is said of a client, in either form.
pub(crate) struct Said {
    client: Body,
    /// Where metadata were sent.
    subject: Option<(SubjectType, Option<String>)>,
}

impl Said {
    /// By metadata.
    ///
    /// # Errors
    /// 500 for an unknown `subject_type`.
    pub(crate) fn by_metadata(metadata: Metadata) -> Result<Self, RegistrationError> {
        let subject = metadata.subject_type()?;
        Ok(Self { client: metadata.client, subject: Some((subject, metadata.sector_identifier)) })
    }

    /// By Keycloak's own representation.
    pub(crate) fn by_representation(mut client: Body) -> Self {
        client.retain(|member, value| !value.is_null() && !NOT_SAID.contains(&member.as_str()));
        if let Some(Value::Object(attributes)) = client.get_mut("attributes") {
            attributes.shift_remove("realm_client");
        }
        Self { client, subject: None }
    }
}

/// A client after the request.
pub(crate) struct Outcome {
    pub(crate) documents: Arc<Documents>,
    pub(crate) key: Key,
    pub(crate) token: Option<String>,
}

impl Outcome {
    /// The client.
    ///
    /// # Errors
    /// It was removed in this moment.
    pub(crate) fn client(&self) -> Result<&Document, RegistrationError> {
        self.documents.get(&self.key).map(|entry| &entry.document).ok_or(RegistrationError::UnknownClient)
    }
}

impl Registrar<'_> {
    async fn documents(&self) -> Result<Arc<Documents>, RegistrationError> {
        let realm = self.request.realm.name.as_str();
        self.parts.live.resolved(realm).await?.ok_or_else(|| RegistrationError::Unavailable("the realm was removed".to_owned()))
    }

    fn facts<'a>(&self, updater: &'a client_policies::Updater) -> client_policies::Facts<'a> {
        let peer = Some(self.request.arrival.peer);
        client_policies::Facts { updater: Some(updater), peer, ..client_policies::Facts::default() }
    }

    fn minting(&self) -> Minting<'_> {
        Minting { now: self.request.now, entropy: self.request.entropy(), origin: Origin::Api }
    }

    fn new_id(&self) -> String {
        self.request.entropy().uuid().to_string()
    }

    async fn token(&self, id: &str, auth: RegistrationAuth) -> Result<String, RegistrationError> {
        let issuer = self.request.issuer();
        let cx = MintContext { realm: &self.request.realm, issuer: &issuer, now: self.request.now };
        Ok(self.parts.token_issuer.sign_registration_access_token((id, Some(&[])), auth, cx).await?)
    }

    /// Origins of browsers from which the caller may ask.
    pub(crate) async fn web_origins(&self) -> Result<Vec<String>, RegistrationError> {
        Ok(match &self.caller {
            Caller::Bearer(rights) => rights.web_origins.clone(),
            caller => Policies::of(&*self.documents().await?, caller.may_create()?).web_origins(),
        })
    }

    /// Registers a client. An initial access token pays for it, unless it comes to nothing.
    ///
    /// # Errors
    /// See [`RegistrationError`].
    pub(crate) async fn create(&self, said: Said) -> Result<Outcome, RegistrationError> {
        let auth = self.caller.may_create()?;
        let Caller::Initial { id } = &self.caller else { return self.register(said, auth).await };
        let (sessions, realm, now) = (&self.parts.sessions, &self.request.realm.name, self.request.now);
        match sessions.draw_initial_access(realm, id, now).await? {
            Drawn::Done => {}
            Drawn::Exhausted => return Err(RegistrationError::Token("No remaining count on initial access token")),
            Drawn::Unknown => return Err(RegistrationError::Token("Initial Access Token not found")),
        }
        let outcome = self.register(said, auth).await;
        if outcome.is_err() {
            sessions.give_back_initial_access(realm, id, now).await?;
        }
        outcome
    }

    async fn register(&self, said: Said, auth: RegistrationAuth) -> Result<Outcome, RegistrationError> {
        let documents = self.documents().await?;
        let policies = Policies::of(&documents, auth);
        policies.judge(Event::Register(&said.client), self.request.arrival.peer).await?;
        let Said { mut client, subject } = said;
        let id = text(&client, "id").filter(|id| !id.is_empty()).map_or_else(|| self.new_id(), str::to_owned);
        client.shift_remove("id");
        let name = text(&client, "clientId").unwrap_or(&id).to_owned();
        client.insert("clientId".to_owned(), name.as_str().into());
        refuse_invalid(&client)?;
        if let Some((subject, sector)) = &subject {
            settle_logout(&mut client);
            if *subject == SubjectType::Pairwise || sector.is_some() {
                pairwise::refuse_other_sectors(&client, sector.as_deref())?;
                pairwise::add(&mut client, self.request.entropy());
            }
        }
        settle_scopes(&mut client);
        policies.settle(&mut client);
        let updater = self.caller.updater();
        let (client_policies, facts) = (client_policies::Policies::of(&self.request.realm), self.facts(&updater));
        client_policies.configure(client_policies::Event::Register, None, &mut client, &facts);
        mapper::complete(&mut client, std::iter::repeat_with(|| self.new_id()));
        let (key, registration) = (Key::of(Kind::Client, name.as_str()), self.new_id());
        change(&self.parts.live, self.request.realm.name.as_str(), |documents, changes| {
            if documents.get(&key).is_some() || documents.by_id(Kind::Client, &id).is_some() {
                return Err(RegistrationError::metadata("Client Identifier in use"));
            }
            let new = Document { key: key.clone(), id: id.clone(), body: client.clone() };
            let mut made = clients::add((documents, changes), (new, true), &self.minting());
            client_policies.judge_client(client_policies::Event::Register, None, &made.body, &facts)?;
            made.body.insert(REGISTRATION_TOKEN.to_owned(), registration.as_str().into());
            changes.put(made);
            Ok(())
        })
        .await?;
        let token = Some(self.token(&registration, auth).await?);
        Ok(Outcome { documents: self.documents().await?, key, token })
    }

    /// Reads a client; its token is signed anew and stays the same otherwise.
    ///
    /// # Errors
    /// See [`RegistrationError`].
    pub(crate) async fn read(&self, client_id: &str) -> Result<Outcome, RegistrationError> {
        let documents = self.documents().await?;
        let (client, auth) = self.caller.may_view(found(&documents, client_id))?;
        Policies::of(&documents, auth).judge(Event::Touch, self.request.arrival.peer).await?;
        let token = match &self.caller {
            Caller::Registered { id, auth } => Some(self.token(id, *auth).await?),
            _ => None,
        };
        let key = client.key.clone();
        Ok(Outcome { documents, key, token })
    }

    /// A client for whom it is certain that it calls itself.
    ///
    /// # Errors
    /// See [`RegistrationError`].
    pub(crate) async fn itself(&self, client_id: &str) -> Result<Outcome, RegistrationError> {
        let documents = self.documents().await?;
        let key = found(&documents, client_id).ok_or(RegistrationError::UnknownClient)?.key.clone();
        Ok(Outcome { documents, key, token: None })
    }

    /// Changes a client. Its registration access token becomes another one in the same write, so that of two who show the old one at
    /// once only one gets on.
    ///
    /// # Errors
    /// See [`RegistrationError`].
    pub(crate) async fn update(&self, client_id: &str, said: Said) -> Result<Outcome, RegistrationError> {
        let documents = self.documents().await?;
        let (client, auth) = self.caller.may_update(found(&documents, client_id))?;
        self.refuse_administrative(&client.key)?;
        if text(&said.client, "clientId") != Some(client.key.name.as_str()) {
            return Err(RegistrationError::metadata("Client Identifier modified"));
        }
        let event = Event::Update(&client.body, &said.client);
        Policies::of(&documents, auth).judge(event, self.request.arrival.peer).await?;
        refuse_invalid(&said.client)?;
        let key = client.key.clone();
        let account = clients::service_account(&self.parts.live, &self.request.realm.id, &key.name).await?;
        let updater = self.caller.updater();
        let (client_policies, facts) = (client_policies::Policies::of(&self.request.realm), self.facts(&updater));
        let existing = self.request.realm.client(&key.name).map(|client| &**client);
        let event = client_policies::Event::Update;
        let effects = client_policies.effects_on_client(event, existing, &client.body, &facts);
        let rotates = matches!(self.caller, Caller::Registered { .. }) && !effects.keeps_registration_token;
        let next = rotates.then(|| self.new_id());
        change(&self.parts.live, self.request.realm.name.as_str(), |documents, changes| {
            let (client, _) = self.caller.may_update(found(documents, &key.name))?;
            let mut body = self.merged(client, (documents, changes), (&said, account.as_ref()))?;
            client_policies.configure(event, existing, &mut body, &facts);
            client_policies.judge_client(event, existing, &body, &facts)?;
            if let Some(next) = &next {
                body.insert(REGISTRATION_TOKEN.to_owned(), next.as_str().into());
            }
            changes.put_body(&key, body);
            Ok::<_, RegistrationError>(())
        })
        .await?;
        let token = match &next {
            Some(next) => Some(self.token(next, auth).await?),
            None => None,
        };
        Ok(Outcome { documents: self.documents().await?, key, token })
    }

    /// The client with what is said of it.
    fn merged(
        &self,
        client: &Document,
        (documents, changes): (&Documents, &mut Changes<'_>),
        (said, account): (&Said, Option<&UserRecord>),
    ) -> Result<Body, RegistrationError> {
        let mut body = client.body.clone();
        let mut given = said.client.clone();
        mapper::complete(&mut given, std::iter::repeat_with(|| self.new_id()));
        merge(&mut body, given, &RULES);
        let known: Vec<String> = texts(&body, "defaultClientScopes").map(str::to_owned).collect();
        for scope in &known {
            remove_text(&mut body, "optionalClientScopes", scope);
        }
        if let Some((subject, sector)) = &said.subject {
            if *subject == SubjectType::Pairwise || sector.is_some() {
                pairwise::refuse_other_sectors(&body, sector.as_deref())?;
                pairwise::add(&mut body, self.request.entropy());
            } else {
                pairwise::remove(&mut body);
            }
        }
        clients::settle_service_account((documents, changes), (&mut body, &client.key.name, account), &self.minting());
        clients::settle_secret(&mut body, &self.minting());
        Ok(body)
    }

    /// Removes a client.
    ///
    /// # Errors
    /// See [`RegistrationError`].
    pub(crate) async fn delete(&self, client_id: &str) -> Result<(), RegistrationError> {
        let documents = self.documents().await?;
        let (client, auth) = self.caller.may_update(found(&documents, client_id))?;
        self.refuse_administrative(&client.key)?;
        if clients::is_internal(&client.key.name) {
            return Err(RegistrationError::Forbidden);
        }
        Policies::of(&documents, auth).judge(Event::Touch, self.request.arrival.peer).await?;
        let account = clients::service_account(&self.parts.live, &self.request.realm.id, &client.key.name).await?;
        change(&self.parts.live, self.request.realm.name.as_str(), |documents, changes| {
            let (client, _) = self.caller.may_update(found(documents, client_id))?;
            clients::delete((documents, changes), &client.key, account.as_ref());
            Ok(())
        })
        .await
    }

    /// Clients whose roles say who may administer are as they are, as in the Admin API.
    fn refuse_administrative(&self, key: &Key) -> Result<(), RegistrationError> {
        match clients::is_administrative(self.request.realm.name.as_str(), key) {
            true => Err(RegistrationError::Forbidden),
            false => Ok(()),
        }
    }
}

fn found<'d>(documents: &'d Documents, client_id: &str) -> Option<&'d Document> {
    documents.named(Kind::Client, client_id).map(|entry| &entry.document)
}

/// Keycloak: without a URL for it these are as in any new client (measured on 26.7.4).
fn settle_logout(client: &mut Body) {
    if attribute(client, "backchannel.logout.url").is_some() {
        return;
    }
    if let Some(Value::Object(attributes)) = client.get_mut("attributes") {
        attributes.insert("backchannel.logout.session.required".to_owned(), "true".into());
        attributes.insert("backchannel.logout.revoke.offline.tokens".to_owned(), "false".into());
    }
}

/// Keycloak: a client that names only optional scopes has `basic`, too (measured on 26.7.4).
fn settle_scopes(client: &mut Body) {
    if client.contains_key("optionalClientScopes") && !client.contains_key("defaultClientScopes") {
        client.insert("defaultClientScopes".to_owned(), serde_json::json!(["basic"]));
    }
}
