//! What browsers are refused: two browsers, of which one has the cookies of the other.

use std::sync::Arc;

use actix_web::test::TestRequest;
use ambient::{ManualClock, SeededEntropy, Timestamp};
use client_auth::ClientAuth;
use key_rotation::Keyrings;
use oidc_types::Params;
use outbound_http::Outbound;
use realm_http::RealmContext;
use realm_http::http::Cookies;
use realm_model::Realm;
use sessions::{Memory, Sessions};
use token_issuer::TokenIssuer;

use crate::LoginFlow;
use crate::answer::Answer;
use crate::authorize::authorize;
use crate::browser::{Browser, Wants};
use crate::error::LoginError;
use crate::login::Entry;
use crate::login_actions::{self, Asked, Resumed, find_login};
use crate::test_request::{login_flow, realm, request};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const REQUEST: &str = "client_id=app&response_type=code&redirect_uri=https://app.example/cb&scope=openid&state=s&client_secret=x";

struct World {
    realm: Arc<Realm>,
    parts: LoginFlow,
    cx: RealmContext,
}

impl World {
    fn new() -> Self {
        let realm = realm(
            r#"{"realm": "r", "enabled": true, "sslRequired": "none", "registrationAllowed": true, "clients": [
            {"clientId": "app", "enabled": true, "publicClient": true, "standardFlowEnabled": true, "protocol": "openid-connect",
             "redirectUris": ["https://app.example/cb"]},
            {"clientId": "other", "enabled": true, "publicClient": true, "standardFlowEnabled": true,
             "protocol": "openid-connect", "redirectUris": ["https://other.example/cb"]}]}"#,
        );
        let sessions = Sessions::new(Arc::new(Memory::new()));
        let clock = Arc::new(ManualClock::at(NOW));
        let keyrings = Arc::new(Keyrings::new(Arc::clone(sessions.store()), clock, Arc::new(SeededEntropy::new(9))));
        let issuer = TokenIssuer::new(keyrings, Arc::new(SeededEntropy::new(8)));
        let parts = login_flow(sessions, issuer);
        let cx = request(&realm, NOW);
        Self { realm, parts, cx }
    }

    async fn browser(&self, cookies: &str) -> Browser<'_> {
        let http = TestRequest::default().insert_header(("cookie", cookies.to_owned())).to_http_request();
        let cookies = Cookies::of(&http, &self.cx);
        Browser::arrive(&self.cx, &self.parts, (cookies, Wants::default())).await.unwrap()
    }

    async fn ask(&self, browser: &mut Browser<'_>, query: &str) -> Result<Answer, LoginError> {
        let outbound = Outbound::new(&outbound_http::Config::default()).unwrap();
        let client_auth = ClientAuth::new(self.parts.sessions.clone(), outbound);
        authorize(browser, &client_auth, &Params::parse(query.as_bytes()).unwrap()).await
    }

    async fn visit(&self, browser: &mut Browser<'_>, query: &str) -> Result<Answer, LoginError> {
        let query = Params::parse(query.as_bytes()).unwrap();
        login_actions::visit(browser, Asked { entry: Entry::Authenticate, query: &query, form: None }).await
    }
}

/// The cookies that a browser has after its request, those that are no longer set left out.
fn jar(browser: &Browser<'_>) -> String {
    let set = browser.cookies.to_set().filter_map(|cookie| cookie.split(';').next());
    set.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

fn html(answer: Answer) -> String {
    match answer {
        Answer::Page(html) => html,
        other => panic!("{other:?}"),
    }
}

/// The query of the login form's action.
fn action(html: &str) -> String {
    let (_, rest) = html.split_once("/login-actions/authenticate?session_code=").unwrap();
    let (query, _) = rest.split_once('"').unwrap();
    format!("session_code={}", query.replace("&amp;", "&"))
}

fn tab_of(query: &str) -> String {
    Params::parse(query.as_bytes()).unwrap().get("tab_id").unwrap().to_owned()
}

// CVE-2026-7507, CVE-2023-6787
#[actix_web::test]
async fn whoever_has_begun_a_login_for_another_browser_is_left_behind_once_its_user_is_known() {
    let world = World::new();
    let mut attacker = world.browser("").await;
    let action = action(&html(world.ask(&mut attacker, REQUEST).await.unwrap()));
    let planted = jar(&attacker);
    let query = format!("client_id=app&tab_id={}", tab_of(&action));
    // The browser of somebody else has the cookies and follows the link; its user shows who they are.
    let mut victim = world.browser(&planted).await;
    let Resumed::Login(mut login) = find_login(&mut victim, &Params::parse(query.as_bytes()).unwrap()).await.unwrap() else {
        panic!("no login")
    };
    login.prove("password");
    let tab = login.tab.id.clone();
    login.keep().await.unwrap();
    assert_ne!(tab, tab_of(&query));
    let mut attacker = world.browser(&planted).await;
    let page = html(world.visit(&mut attacker, &query).await.unwrap());
    assert!(page.contains("login-page-expired") && !page.contains(&tab), "{page}");
    let mut attacker = world.browser(&planted).await;
    assert!(html(world.visit(&mut attacker, &action).await.unwrap()).contains("login-page-expired"));
}

#[actix_web::test]
async fn a_login_is_of_the_browser_that_has_begun_it() {
    let world = World::new();
    let mut first = world.browser("").await;
    let action = action(&html(world.ask(&mut first, REQUEST).await.unwrap()));
    let mut second = world.browser("").await;
    let refused = world.visit(&mut second, &action).await.unwrap_err();
    assert!(refused.to_string().contains("cookieNotFoundMessage"), "{refused}");
    let mut forged = world.browser("AUTH_SESSION_ID=Zm9yZ2VkLnRhZw").await;
    assert!(world.visit(&mut forged, &action).await.is_err());
}

// CVE-2026-7571
#[actix_web::test]
async fn forged_client_data_sends_nobody_where_the_client_is_not() {
    use crate::authorization::{Parameters, Unjudged, Way};
    let world = World::new();
    let client = world.realm.client("app").unwrap();
    let address = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let unjudged =
            Unjudged { client, parameters: Parameters::of_pairs(pairs), repeats: false, base: "https://id", way: Way::Known };
        unjudged.certain_address()
    };
    let own = ("redirect_uri", "https://app.example/cb");
    assert!(address(&[own, ("response_type", "code")]).is_some());
    assert_eq!(address(&[("redirect_uri", "https://evil.example/cb"), ("response_type", "code")]), None);
    assert_eq!(address(&[own, ("response_type", "id_token token")]), None); // the implicit flow is off
    assert_eq!(address(&[own, ("response_type", "code"), ("response_mode", "pigeon")]), None);
    assert_eq!(address(&[own]), None);
}

#[actix_web::test]
async fn a_restart_cookie_of_another_client_begins_nothing() {
    let world = World::new();
    let mut browser = world.browser("").await;
    let _ = world.ask(&mut browser, REQUEST).await.unwrap();
    let restart = jar(&browser).split("; ").find(|cookie| cookie.starts_with("KC_RESTART=")).unwrap().to_owned();
    let mut later = world.browser(&restart).await;
    let refused = world.visit(&mut later, "client_id=other&tab_id=x").await.unwrap_err();
    assert!(refused.to_string().contains("invalidCodeMessage"), "{refused}");
    let mut later = world.browser(&restart).await;
    assert!(matches!(world.visit(&mut later, "client_id=app&tab_id=x").await.unwrap(), Answer::Redirect(_)));
    let mut tampered = world.browser(&restart.replace("KC_RESTART=e", "KC_RESTART=f")).await;
    assert!(world.visit(&mut tampered, "client_id=app&tab_id=x").await.is_err());
}

// CVE-2025-10044
#[actix_web::test]
async fn words_of_a_request_are_on_no_error_page() {
    let world = World::new();
    let mut browser = world.browser("").await;
    let query = "client_id=app&response_type=code&redirect_uri=https://evil.example/Call-us&error_description=Call-us";
    let refused = world.ask(&mut browser, query).await.unwrap_err();
    let LoginError::Page(fault) = refused else { panic!("{refused}") };
    assert!(!format!("{:?}", fault.message).contains("Call-us"));
}

#[actix_web::test]
async fn a_pushed_request_is_for_its_client_and_one_browser_and_no_other_realm() {
    let world = World::new();
    let pushed = world.push("app").await;
    let query = format!("client_id=app&request_uri={pushed}");
    let mut other = world.browser("").await;
    assert!(world.ask(&mut other, &format!("client_id=other&request_uri={pushed}")).await.is_err());
    let mut first = world.browser("").await;
    assert!(matches!(world.ask(&mut first, &query).await.unwrap(), Answer::Redirect(_)));
    let cookies = jar(&first);
    let mut again = world.browser(&cookies).await;
    assert!(matches!(world.ask(&mut again, &query).await.unwrap(), Answer::Redirect(_)));
    let mut second = world.browser("").await;
    assert!(world.ask(&mut second, &query).await.is_err());
}

impl World {
    async fn push(&self, client: &str) -> String {
        use crate::authorization::{Parameters, Unjudged, Way};
        let client = self.realm.client(client).unwrap();
        let parameters = Parameters::read(&Params::parse(REQUEST.as_bytes()).unwrap());
        let unjudged = Unjudged { client, parameters, repeats: false, base: "https://id", way: Way::Push };
        let judged = unjudged.judge().unwrap();
        let pushed = self.parts.keep_pushed(&self.cx, &judged, judged.parameters()).await.unwrap();
        serde_json::to_value(&pushed).unwrap()["request_uri"].as_str().unwrap().to_owned()
    }
}
