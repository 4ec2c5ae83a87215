//! Logins of one user in one browser, for tests.

use std::sync::{Arc, Mutex};

use ambient::{SeededEntropy, Timestamp};
use async_trait::async_trait;
use oidc_types::{ClientId, Params, RealmName, UserId};
use realm_http::RealmContext;
use realm_http::http::Cookies;
use realm_model::document::UserRecord;
use realm_model::{Credential, Realm, User, compile};
use realm_store::{CommitError, StoreError, Users};
use serde_json::{Value, json};
use sessions::{Memory, Sessions, Tab};
use token_issuer::{KeyError, RealmKeys, SignedToken, TokenIssuer};

use crate::LoginFlow;
use crate::answer::Answer;
use crate::authenticator::Place;
use crate::authorization::{Parameters, Unjudged, Way};
use crate::browser::{Browser, Wants};
use crate::error::LoginError;
use crate::login::{Login, note};
use crate::login_actions::resume;
use crate::test_request::{login_flow_of, realm, request};

struct OneUser {
    realm: Arc<Realm>,
    record: Mutex<UserRecord>,
}

impl OneUser {
    fn user(&self) -> Arc<User> {
        Arc::new(compile::user(&self.record.lock().unwrap(), &self.realm))
    }
}

#[async_trait]
impl Users for OneUser {
    async fn find_by_id(&self, _: &RealmName, id: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(Some(self.user()).filter(|user| user.id.as_str() == id))
    }

    async fn find_by_username(&self, _: &RealmName, name: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(Some(self.user()).filter(|user| user.username == name))
    }

    async fn find_by_email(&self, _: &RealmName, _: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn find_service_account(&self, _: &RealmName, _: &ClientId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn find_by_identity(&self, _: &RealmName, _: &str, _: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn find_by_card(&self, _: &RealmName, _: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn replace_credential(
        &self,
        realm: &RealmName,
        user: &UserId,
        old: &Credential,
        new: Credential,
    ) -> Result<(), StoreError> {
        let mut put = |record: &mut UserRecord| {
            for body in record.0.get_mut("credentials").unwrap().as_array_mut().unwrap() {
                if compile::credential(body).unwrap().is_same(old) {
                    *body = compile::credential_body(&new);
                }
            }
        };
        self.change_user(realm, user, &mut put).await.map_err(|_| StoreError::UnknownUser(user.clone()))
    }

    async fn change_user(
        &self,
        _: &RealmName,
        _: &UserId,
        work: &mut (dyn for<'r> FnMut(&'r mut UserRecord) + Send),
    ) -> Result<(), CommitError> {
        work(&mut self.record.lock().unwrap());
        Ok(())
    }
}

struct PaperKeys;

#[async_trait]
impl RealmKeys for PaperKeys {
    async fn sign(&self, _: &Arc<Realm>, _: &str, _: &str, _: &[u8]) -> Result<String, KeyError> {
        Ok("a.b.c".to_owned())
    }

    async fn verify(&self, _: &Arc<Realm>, _: &str) -> Result<Option<SignedToken>, KeyError> {
        Ok(None)
    }
}

/// A realm with the client `app` and the user `ann`, whose password is `Password1`.
pub(crate) struct World {
    realm: Arc<Realm>,
    users: Arc<OneUser>,
    pub(crate) parts: LoginFlow,
    pub(crate) cx: RealmContext,
}

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// A step `REQUIREMENT name`, of a sub-flow where the name begins with a capital; behind `@` a configuration.
fn step((priority, text): (usize, &&str)) -> Value {
    let (requirement, name) = text.split_once(' ').unwrap();
    let (name, config) = name.split_once('@').unwrap_or((name, ""));
    let is_flow = name.starts_with(char::is_uppercase);
    let word = if is_flow { "flowAlias" } else { "authenticator" };
    let mut step = json!({"requirement": requirement, "priority": priority, "authenticatorFlow": is_flow, word: name});
    if !config.is_empty() {
        step.as_object_mut().unwrap().insert("authenticatorConfig".to_owned(), config.into());
    }
    step
}

/// Flows as a realm file has them.
pub(crate) fn flows(flows: &[(&str, &[&str])]) -> Vec<Value> {
    let flow = |(alias, steps): &(&str, &[&str])| {
        let steps: Vec<Value> = steps.iter().enumerate().map(step).collect();
        json!({"alias": alias, "providerId": "basic-flow", "topLevel": true, "authenticationExecutions": steps})
    };
    flows.iter().map(flow).collect()
}

impl World {
    /// The browser flow is `Top` of these; beside the password `ann` has these credentials; `settings` say more of the realm.
    pub(crate) fn new(of_flows: &[(&str, &[&str])], credentials: &[Value], settings: Value) -> Self {
        let mut file = json!({
            "id": "r", "realm": "r", "enabled": true, "sslRequired": "none",
            "authenticationFlows": flows(of_flows), "browserFlow": "Top",
            "clients": [{ "id": "1", "clientId": "app", "publicClient": true, "redirectUris": ["https://a.example/cb"] }],
        });
        file.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let realm = realm(&file.to_string());
        let policy = passwords::HashPolicy { algorithm: passwords::HashAlgorithm::Argon2, iterations: Some(1) };
        let (secret, data) = passwords::hash("Password1", &policy, &SeededEntropy::new(1)).to_keycloak();
        let mut all = vec![json!({"id": "p-1", "type": "password", "secretData": secret, "credentialData": data})];
        all.extend(credentials.iter().cloned());
        let record = json!({
            "id": "u-1", "username": "ann", "enabled": true, "email": "ann@r.example", "emailVerified": true,
            "firstName": "Ann", "lastName": "Able", "credentials": all,
        });
        let record = Mutex::new(UserRecord(record.as_object().unwrap().clone()));
        let users = Arc::new(OneUser { realm: Arc::clone(&realm), record });
        let issuer = TokenIssuer::new(Arc::new(PaperKeys), Arc::new(SeededEntropy::new(1)));
        let parts = login_flow_of(Arc::<OneUser>::clone(&users), Sessions::new(Arc::new(Memory::new())), issuer);
        let cx = request(&realm, NOW);
        Self { realm, users, parts, cx }
    }

    /// Whether `ann` has the credential with this id.
    pub(crate) fn has_credential(&self, id: &str) -> bool {
        self.users.user().credentials.iter().any(|credential| credential.id.as_deref() == Some(id))
    }

    pub(crate) async fn browser(&self) -> Browser<'_> {
        Browser::arrive(&self.cx, &self.parts, (Cookies::none(&self.cx), Wants::default())).await.unwrap()
    }

    /// The client sends the browser to log somebody in, with these parameters more. It gives what the browser sees.
    pub(crate) async fn begin(&self, browser: &mut Browser<'_>, more: &str) -> String {
        let base = "client_id=app&response_type=code&redirect_uri=https%3A%2F%2Fa.example%2Fcb&scope=openid";
        let params = Params::parse(format!("{base}&{more}").trim_end_matches('&').as_bytes()).unwrap();
        let client = self.realm.client("app").unwrap();
        let unjudged = Unjudged {
            client,
            parameters: Parameters::read(&params),
            repeats: false,
            base: "https://id.example",
            way: Way::Browser,
        };
        let login = Login::begin(browser, unjudged.judge().unwrap()).await.unwrap();
        seen(login.go_on(None).await)
    }

    /// What was sent from the page that the browser shows.
    pub(crate) async fn send(&self, browser: &mut Browser<'_>, form: &str) -> String {
        let form = Params::parse(form.as_bytes()).unwrap();
        let login = resume(browser, tab_of(browser), self.realm.client("app").unwrap()).await.unwrap();
        if login.tab.note(note::SETTLING).is_some() {
            return seen(login.required_action(None, Some(&form)).await);
        }
        let (alias, key) = login.tab.note(note::EXECUTION).unwrap().split_once('\n').unwrap();
        let flow = self.realm.flows.flow(alias).unwrap();
        let place = Place { flow, execution: flow.execution(key).unwrap() };
        seen(login.answer(place, &form).await)
    }

    /// The page of the required action to which the browser was sent.
    pub(crate) async fn follow(&self, browser: &mut Browser<'_>) -> String {
        let login = resume(browser, tab_of(browser), self.realm.client("app").unwrap()).await.unwrap();
        seen(login.required_action(None, None).await)
    }
}

fn tab_of(browser: &Browser<'_>) -> Tab {
    browser.only_tab("1").unwrap().clone()
}

/// What a browser sees: a page, `to <URL>`, `client <parameters>`, or `fault <status> <key>`.
fn seen(answer: Result<Answer, LoginError>) -> String {
    match answer {
        Ok(Answer::Page(html)) => html,
        Ok(Answer::Redirect(to) | Answer::SeeOther(to)) => format!("to {to}"),
        Ok(Answer::ToClient(answer)) => {
            let names: Vec<_> = answer.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("client {}", names.join("&"))
        }
        Err(LoginError::Page(fault)) => format!("fault {} {}", fault.status, fault.message.key),
        Err(error) => panic!("{error}"),
    }
}
