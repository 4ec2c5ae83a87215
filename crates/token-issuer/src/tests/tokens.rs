//! What the recordings do not tell: orders, switches, forged and outdated tokens.

use serde_json::{Value, json};

use super::*;

struct Bench {
    world: World,
    realm: Arc<Realm>,
    client: Arc<Client>,
    subject: Subject,
}

impl Bench {
    /// `login` at `client` of realm acme.
    fn of(client: &str, login: &str) -> Self {
        let world = World::new();
        let realm = Arc::clone(world.realm("acme"));
        let client = Arc::clone(realm.client(client).unwrap());
        let subject = Subject::new(&realm, world.user("acme", login));
        Self { world, realm, client, subject }
    }

    fn issue(&self, scope: &str) -> Issue {
        let granted = ScopeRequest::parse(&self.client, Some(scope)).unwrap().grant(&self.realm, &self.client, &self.subject);
        let login = Login { subject: self.subject.clone(), grant: GrantKind::Password, started: NOW, now: NOW };
        login.issue(&self.realm, &self.client, granted.clone(), granted)
    }

    async fn mint(&self, issue: &Issue) -> Minted {
        let issuer = self.world.issuer_url("acme");
        self.world.issuer.mint(issue, MintContext { realm: &self.realm, issuer: &issuer, now: NOW }).await.unwrap()
    }

    async fn refusal(&self, token: &str, issuer: &str, now: Timestamp) -> String {
        let cx = VerifyContext { realm: &self.realm, issuer, accepts_issuer: &|other| other == "https://alias/realms/acme", now };
        match self.world.issuer.verify_refresh_token(token, cx).await {
            Ok(claims) => format!("accepted {:?}", claims.kind),
            Err(fact) => format!("{fact:?}"),
        }
    }
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64_simd::URL_SAFE_NO_PAD.decode_to_vec(payload).unwrap()).unwrap()
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn members_and_claims_come_in_keycloaks_order() {
    let bench = Bench::of("mapped", "alice");
    let mut issue = bench.issue("openid");
    issue.nonce = Some("n-1".to_owned());
    issue.session.notes = SessionNotes::default().with("AUTH_TIME", "1799999999");
    let minted = bench.mint(&issue).await;
    let response = serde_json::to_value(&minted).unwrap();
    assert_eq!(
        names(&response),
        [
            "access_token",
            "expires_in",
            "refresh_expires_in",
            "refresh_token",
            "token_type",
            "id_token",
            "not-before-policy",
            "session_state",
            "scope",
            "region"
        ]
    );
    let access = claims(&minted.access_token);
    let known = ["exp", "iat", "auth_time", "jti", "iss", "aud", "sub", "typ", "azp", "sid", "acr", "realm_access"];
    assert_eq!(names(&access)[..12], known);
    assert_eq!(names(&access)[12..14], ["resource_access", "scope"]);
    let id = claims(minted.id_token.as_ref().unwrap());
    let known = ["exp", "iat", "auth_time", "jti", "iss", "aud", "sub", "typ", "azp", "nonce", "sid", "at_hash", "acr"];
    assert_eq!(names(&id)[..13], known);
    assert_eq!((&id["auth_time"], &id["nonce"], access.get("nonce")), (&json!(1_799_999_999), &json!("n-1"), None));
    let refresh = claims(minted.refresh_token.as_ref().unwrap());
    let known = ["exp", "iat", "jti", "iss", "aud", "sub", "typ", "azp", "sid", "scope", "aud_x", "prov"];
    assert_eq!(names(&refresh), known);
}

#[tokio::test]
async fn openid_is_the_first_word_and_the_others_are_sorted() {
    let bench = Bench::of("cli", "bob");
    let minted = bench.mint(&bench.issue("phone openid address")).await;
    assert_eq!(minted.scope, "openid address email phone profile");
}

#[tokio::test]
async fn the_pairwise_subject_is_keycloaks() {
    let bench = Bench::of("pairwise", "bob");
    let minted = bench.mint(&bench.issue("openid")).await;
    let expected = "d3a0e458-4c81-3b14-bc71-b0cf54550939"; // realms/README.md
    for token in [&minted.access_token, minted.id_token.as_ref().unwrap(), minted.refresh_token.as_ref().unwrap()] {
        assert_eq!(claims(token)["sub"], expected);
    }
}

#[tokio::test]
async fn the_at_hash_is_that_of_the_access_token() {
    let bench = Bench::of("es256", "bob");
    let minted = bench.mint(&bench.issue("openid")).await;
    let expected = crate::hash::left_half_hash("PS256", &minted.access_token);
    assert_eq!(claims(minted.id_token.as_ref().unwrap())["at_hash"], expected);
}

#[tokio::test]
async fn older_realms_get_older_tokens() {
    let mut bench = Bench::of("cli", "bob");
    let mut realm = Realm::clone(&bench.realm);
    realm.compat = realm_model::Compat::of_version(25, 0);
    realm.generation += 1;
    bench.realm = Arc::new(realm);
    let minted = bench.mint(&bench.issue("openid")).await;
    assert!(!minted.access_token_id.contains(':'));
    let refresh = claims(minted.refresh_token.as_ref().unwrap());
    assert_eq!((refresh.get("aud_x"), refresh.get("prov")), (None, None));
}

#[tokio::test]
async fn a_new_snapshot_of_the_realm_brings_new_mappers() {
    let mut bench = Bench::of("cli", "bob");
    assert_eq!(claims(&bench.mint(&bench.issue("openid")).await.access_token)["hidden_flag"], "on");
    let mut realm = Realm::clone(&bench.realm);
    let mut hidden = (*realm.client_scopes["hidden"]).clone();
    hidden.mappers.clear();
    realm.client_scopes.insert(Arc::clone(&hidden.name), Arc::new(hidden));
    realm.generation += 1;
    bench.realm = Arc::new(realm);
    assert_eq!(claims(&bench.mint(&bench.issue("openid")).await.access_token).get("hidden_flag"), None);
}

#[tokio::test]
async fn the_latest_not_before_is_told() {
    let mut bench = Bench::of("cli", "bob");
    let mut user = User::clone(bench.subject.user());
    user.not_before = 1_700_000_000;
    bench.subject = Subject::new(&bench.realm, Arc::new(user));
    assert_eq!(bench.mint(&bench.issue("openid")).await.not_before_policy, 1_700_000_000);
}

#[tokio::test]
async fn an_access_token_does_not_outlive_its_session() {
    let bench = Bench::of("until-session-end", "bob");
    let mut issue = bench.issue("openid");
    issue.session.ends = Some(NOW.plus_millis(100_999));
    assert_eq!(bench.mint(&issue).await.expires_in, 100);
    issue.session.ends = None;
    assert_eq!(bench.mint(&issue).await.expires_in, bench.realm.lifespans.sso_session_max);
}

#[tokio::test]
async fn an_algorithm_that_does_not_exist_is_an_error_not_a_panic() {
    let mut bench = Bench::of("cli", "bob");
    let mut client = Client::clone(&bench.client);
    client.attributes.insert("access.token.signed.response.alg".to_owned(), "XX".to_owned());
    bench.client = Arc::new(client);
    let issuer = bench.world.issuer_url("acme");
    let cx = MintContext { realm: &bench.realm, issuer: &issuer, now: NOW };
    let fault = bench.world.issuer.mint(&bench.issue("openid"), cx).await.unwrap_err();
    assert!(matches!(fault, MintError::Key(KeyError::NoSigner(_))), "{fault:?}");
}

#[tokio::test]
async fn refresh_tokens_are_refused_in_the_order_of_the_checks() {
    let mut bench = Bench::of("cli", "bob");
    let issuer = bench.world.issuer_url("acme");
    let minted = bench.mint(&bench.issue("openid")).await;
    let token = minted.refresh_token.clone().unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let encode = |json: &str| base64_simd::URL_SAFE_NO_PAD.encode_to_string(json);
    let header = |json: &str| format!("{}.{}.{}", encode(json), parts[1], parts[2]);
    let forged_claims = encode(&claims(&token).to_string().replace("bob", "eve").replace("\"Refresh\"", "\"Offline\""));
    let signature = if parts[2].starts_with('A') { parts[2].replacen('A', "B", 1) } else { format!("A{}", &parts[2][1..]) };
    let rows: &[(&str, String, &str)] = &[
        ("as it is", token.clone(), "accepted Refresh"),
        ("empty", String::new(), "Invalid"),
        ("garbage", "a.b.c".to_owned(), "Invalid"),
        ("two parts", format!("{}.{}", parts[0], parts[1]), "Invalid"),
        ("no signature", format!("{}.{}.", parts[0], parts[1]), "Invalid"),
        ("another signature", format!("{}.{}.{signature}", parts[0], parts[1]), "Invalid"),
        ("other claims", format!("{}.{forged_claims}.{}", parts[0], parts[2]), "Invalid"),
        ("alg none", format!("{}.{}.", encode(r#"{"alg":"none"}"#), parts[1]), "Invalid"),
        ("another alg", header(r#"{"alg":"HS256","typ":"JWT"}"#), "Invalid"),
        ("unknown kid", header(r#"{"alg":"HS512","kid":"x"}"#), "Invalid"),
        ("too long", format!("{token}{}", "A".repeat(LONGEST_TOKEN)), "Invalid"),
        ("access token", minted.access_token.clone(), "OtherType"),
        ("ID token", minted.id_token.clone().unwrap(), "OtherType"),
    ];
    for (what, text, verdict) in rows {
        assert_eq!(bench.refusal(text, &issuer, NOW).await, *verdict, "{what}");
    }
    assert_eq!(bench.refusal(&token, "https://else/realms/acme", NOW).await, "OtherIssuer");
    let expires = claims(&token)["exp"].as_i64().unwrap();
    assert_eq!(bench.refusal(&token, &issuer, Timestamp::from_secs(expires)).await, "accepted Refresh");
    assert_eq!(bench.refusal(&token, &issuer, Timestamp::from_secs(expires + 1)).await, "Expired");
    let mut realm = Realm::clone(&bench.realm);
    realm.not_before = NOW.secs() + 1;
    bench.realm = Arc::new(realm);
    assert_eq!(bench.refusal(&token, &issuer, Timestamp::from_secs(expires + 1)).await, "Stale");
    assert_eq!(bench.refusal(&token, "https://else/realms/acme", NOW).await, "OtherIssuer");
}

#[tokio::test]
async fn a_token_of_an_alias_is_as_good() {
    let bench = Bench::of("cli", "bob");
    let issue = bench.issue("openid");
    let cx = MintContext { realm: &bench.realm, issuer: "https://alias/realms/acme", now: NOW };
    let token = bench.world.issuer.mint(&issue, cx).await.unwrap().refresh_token.unwrap();
    let issuer = bench.world.issuer_url("acme");
    assert_eq!(bench.refusal(&token, &issuer, NOW).await, "accepted Refresh");
}

#[test]
fn scope_words_are_those_of_the_client() {
    let world = World::new();
    let client = world.realm("acme").client("cli").unwrap();
    let valid = |scope: &str| ScopeRequest::parse(client, Some(scope)).is_ok();
    for scope in [
        "openid",
        "openid email email",
        "openid  ",
        " ",
        "organization",
        "organization:*",
        "organization:a organization",
        "offline_access",
    ] {
        assert!(valid(scope), "{scope}");
    }
    for scope in ["", " openid", "openid  email", "OpenID", "nonsense", "organizationx", "organization:a:b"] {
        assert!(!valid(scope), "{scope}");
    }
    let refused = ScopeRequest::parse(client, Some("openid  email")).unwrap_err();
    assert_eq!(refused.description(), "Invalid scopes: openid  email");
}

#[test]
fn an_over_long_scope_is_as_good_as_none() {
    let world = World::new();
    let client = world.realm("acme").client("cli").unwrap();
    let long = "x".repeat(LONGEST_SCOPE + 1);
    assert!(!ScopeRequest::parse(client, Some(&long)).unwrap().is_present());
    assert!(ScopeRequest::parse(client, Some(&long[1..])).is_err());
}

#[test]
fn a_refresh_token_grants_no_scope_that_its_client_has_lost() {
    let world = World::new();
    let (realm, client) = (world.realm("acme"), world.realm("acme").client("cli").unwrap());
    let subject = Subject::new(realm, world.user("acme", "bob"));
    let granted = GrantedScope::of_refresh_token(realm, client, &subject, "openid basic auditing nonsense phone");
    assert_eq!(&**granted.full_text(), "openid basic phone"); // `auditing` is for auditors
}
