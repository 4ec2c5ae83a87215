use serde_json::{Value, json};

use crate::test_login::World;

const PASSWORD: &str = "username=ann&password=Password1";

/// One-time codes by counter, of the secret of RFC 4226 appendix D: the next is the one of counter 1.
fn otp() -> Value {
    json!({
        "id": "otp-1", "type": "otp", "secretData": "{\"value\":\"12345678901234567890\"}",
        "credentialData": "{\"subType\":\"hotp\",\"digits\":6,\"counter\":1,\"algorithm\":\"HmacSHA1\"}",
    })
}

/// Of the counters 0 and 1.
const OLD_CODE: &str = "otp=755224";
const CODE: &str = "otp=287082";

const TWO_FACTORS: [(&str, &[&str]); 1] = [("Top", &["REQUIRED auth-username-password-form", "REQUIRED auth-otp-form"])];
const ONE_FACTOR: [(&str, &[&str]); 1] = [("Top", &["REQUIRED auth-username-password-form"])];

fn has_code(seen: &str) -> bool {
    seen.starts_with("client ") && seen.contains("code=")
}

#[tokio::test]
async fn a_password_and_a_one_time_code_make_a_login() {
    let world = World::new(&TWO_FACTORS, &[otp()], json!({}));
    let mut browser = world.browser().await;
    assert!(world.begin(&mut browser, "").await.contains("kc-form-login"));
    assert!(world.send(&mut browser, PASSWORD).await.contains("kc-otp-login-form"));
    assert!(has_code(&world.send(&mut browser, CODE).await));
}

#[tokio::test]
async fn an_old_one_time_code_is_refused() {
    let world = World::new(&TWO_FACTORS, &[otp()], json!({}));
    let mut browser = world.browser().await;
    world.begin(&mut browser, "").await;
    world.send(&mut browser, PASSWORD).await;
    assert!(world.send(&mut browser, OLD_CODE).await.contains("Invalid authenticator code."));
    assert!(has_code(&world.send(&mut browser, CODE).await));
}

#[tokio::test]
async fn a_used_one_time_code_is_refused() {
    let world = World::new(&TWO_FACTORS, &[otp()], json!({}));
    for expected in [true, false] {
        let mut browser = world.browser().await;
        world.begin(&mut browser, "").await;
        world.send(&mut browser, PASSWORD).await;
        assert_eq!(has_code(&world.send(&mut browser, CODE).await), expected);
    }
}

#[tokio::test]
async fn a_form_of_the_password_in_the_place_of_the_code_is_refused() {
    let world = World::new(&TWO_FACTORS, &[otp()], json!({}));
    let mut browser = world.browser().await;
    world.begin(&mut browser, "").await;
    world.send(&mut browser, PASSWORD).await;
    assert!(world.send(&mut browser, PASSWORD).await.contains("kc-otp-login-form"));
}

/// CVE-2025-3910
#[tokio::test]
async fn a_second_factor_that_is_to_be_set_up_is_neither_skipped_nor_cancelled() {
    let world = World::new(&TWO_FACTORS, &[], json!({}));
    let mut browser = world.browser().await;
    world.begin(&mut browser, "kc_action=CONFIGURE_TOTP").await;
    assert!(world.send(&mut browser, PASSWORD).await.contains("required-action"));
    for form in ["cancel-aia=true", "", "totp=000000&totpSecret=12345678901234567890"] {
        assert!(world.send(&mut browser, form).await.contains("kc-totp-settings-form"), "{form}");
    }
}

/// CVE-2025-3910
#[tokio::test]
async fn a_second_factor_that_cannot_be_set_up_is_no_silent_pass() {
    let actions = json!({ "requiredActions": [
        { "alias": "CONFIGURE_TOTP", "name": "t", "providerId": "CONFIGURE_TOTP", "enabled": false, "priority": 10 },
    ] });
    let world = World::new(&TWO_FACTORS, &[], actions);
    let mut browser = world.browser().await;
    world.begin(&mut browser, "").await;
    assert_eq!(world.send(&mut browser, PASSWORD).await, "fault 400 credentialSetupRequired");
}

/// CVE-2023-3597
#[tokio::test]
async fn another_second_factor_is_not_set_up_by_the_password_alone() {
    let flows: [(&str, &[&str]); 1] = [("Top", &["REQUIRED auth-username-password-form", "REQUIRED webauthn-authenticator"])];
    for (credentials, expected) in [(vec![otp()], "fault 400 credentialSetupRequired"), (vec![], "to http")] {
        let world = World::new(&flows, &credentials, json!({}));
        let mut browser = world.browser().await;
        world.begin(&mut browser, "").await;
        let seen = world.send(&mut browser, PASSWORD).await;
        assert!(seen.starts_with(expected), "{seen}");
    }
}

/// CVE-2023-3597
#[tokio::test]
async fn a_login_below_the_level_that_the_client_demands_is_refused() {
    let demanded = "claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%222%22%7D%7D%7D";
    for (more, expected) in [(demanded, "fault 400 Authentication requirements not fulfilled"), ("acr_values=2", "client ")] {
        let world = World::new(&ONE_FACTOR, &[], json!({}));
        let mut browser = world.browser().await;
        world.begin(&mut browser, more).await;
        let seen = world.send(&mut browser, PASSWORD).await;
        assert!(seen.starts_with(expected), "{seen}");
    }
}

/// CVE-2026-3429
#[tokio::test]
async fn a_second_factor_is_not_deleted_by_who_has_shown_a_password_alone() {
    let world = World::new(&ONE_FACTOR, &[otp()], json!({}));
    let mut browser = world.browser().await;
    world.begin(&mut browser, "kc_action=delete_credential%3Aotp-1").await;
    assert!(world.send(&mut browser, PASSWORD).await.contains("required-action"));
    assert_eq!(world.follow(&mut browser).await, "fault 403 access-denied");
    assert_eq!(world.send(&mut browser, "accept=yes").await, "fault 403 access-denied");
    assert!(world.has_credential("otp-1"));
}

#[tokio::test]
async fn a_second_factor_is_deleted_by_who_has_shown_it() {
    let world = World::new(&TWO_FACTORS, &[otp()], json!({}));
    let mut browser = world.browser().await;
    world.begin(&mut browser, "kc_action=delete_credential%3Aotp-1").await;
    world.send(&mut browser, PASSWORD).await;
    world.send(&mut browser, CODE).await;
    assert!(world.follow(&mut browser).await.contains("kc-delete-text"));
    assert!(world.has_credential("otp-1"));
    assert!(world.send(&mut browser, "accept=yes").await.contains("kc_action_status=success"));
    assert!(!world.has_credential("otp-1"));
}

/// CVE-2026-8830
#[tokio::test]
async fn an_answer_to_a_challenge_that_nobody_keeps_is_refused() {
    let flows: [(&str, &[&str]); 1] = [("Top", &["REQUIRED webauthn-authenticator-passwordless"])];
    let world = World::new(&flows, &[], json!({}));
    let mut browser = world.browser().await;
    assert!(world.begin(&mut browser, "").await.contains("id=\"webauth\""));
    let client_data =
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(r#"{"type":"webauthn.get","challenge":"","origin":"http://localhost"}"#);
    let handle = base64_simd::URL_SAFE_NO_PAD.encode_to_string("u-1");
    let form = format!("clientDataJSON={client_data}&userHandle={handle}&credentialId=AA&signature=AA&authenticatorData=AA");
    for _ in 0..2 {
        let seen = world.send(&mut browser, &form).await;
        assert!(seen.contains("kc-error-credential-form"), "{seen}");
    }
}

/// CVE-2026-4633
#[tokio::test]
async fn who_has_no_account_is_not_told_apart_by_the_name() {
    let flows: [(&str, &[&str]); 1] = [("Top", &["REQUIRED auth-username-form", "REQUIRED auth-password-form"])];
    let mut shown = Vec::new();
    for name in ["ann", "bob"] {
        let world = World::new(&flows, &[], json!({}));
        let mut browser = world.browser().await;
        world.begin(&mut browser, "").await;
        let named = world.send(&mut browser, &format!("username={name}")).await;
        let refused = world.send(&mut browser, "password=wrong").await;
        assert!(refused.contains("Invalid password."), "{refused}");
        shown.push(named.replace(name, "NAME"));
    }
    assert_eq!(shown[0].len(), shown[1].len());
    assert!(shown[0].contains("NAME"));
}

#[tokio::test]
async fn a_name_and_then_a_password_make_a_login() {
    let flows: [(&str, &[&str]); 1] = [("Top", &["REQUIRED auth-username-form", "REQUIRED auth-password-form"])];
    let world = World::new(&flows, &[], json!({}));
    let mut browser = world.browser().await;
    assert!(world.begin(&mut browser, "").await.contains("login-login-username"));
    assert!(world.send(&mut browser, "username=ann").await.contains("login-login-password"));
    assert!(has_code(&world.send(&mut browser, "password=Password1").await));
}

#[tokio::test]
async fn another_way_is_offered_and_taken() {
    let flows: [(&str, &[&str]); 2] = [
        ("Top", &["REQUIRED auth-username-password-form", "REQUIRED Second"]),
        ("Second", &["ALTERNATIVE auth-otp-form", "ALTERNATIVE auth-recovery-authn-code-form"]),
    ];
    let codes = json!({
        "id": "rec-1", "type": "recovery-authn-codes", "credentialData": "{\"remaining\":1,\"total\":12}",
        "secretData": "{\"codes\":[{\"number\":7,\"encodedHashedValue\":\"AA==\"}]}",
    });
    let world = World::new(&flows, &[otp(), codes], json!({}));
    let mut browser = world.browser().await;
    world.begin(&mut browser, "").await;
    let page = world.send(&mut browser, PASSWORD).await;
    assert!(page.contains("tryAnotherWay"), "{page}");
    let choices = world.send(&mut browser, "tryAnotherWay=on").await;
    let ids: Vec<&str> =
        choices.split("name=\"authenticationExecution\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.len(), 2);
    let page = world.send(&mut browser, &format!("authenticationExecution={}", ids[1])).await;
    assert!(page.contains("kc-recovery-code-login-form"), "{page}");
    // The way that was left is closed until it is chosen again: a code of the app is no recovery code.
    assert!(!has_code(&world.send(&mut browser, CODE).await));
}

#[tokio::test]
async fn access_is_denied_where_the_flow_says_so() {
    let flows: [(&str, &[&str]); 1] = [("Top", &["REQUIRED auth-username-password-form", "REQUIRED deny-access-authenticator"])];
    let world = World::new(&flows, &[], json!({}));
    let mut browser = world.browser().await;
    world.begin(&mut browser, "").await;
    assert_eq!(world.send(&mut browser, PASSWORD).await, "fault 401 access-denied");
}

#[tokio::test]
async fn an_authenticator_that_nobody_knows_passes_nobody() {
    let flows: [(&str, &[&str]); 1] = [("Top", &["REQUIRED auth-username-password-form", "REQUIRED somebody-elses"])];
    let world = World::new(&flows, &[], json!({}));
    let mut browser = world.browser().await;
    world.begin(&mut browser, "").await;
    assert!(world.send(&mut browser, PASSWORD).await.starts_with("fault 400 "));
}

const LEVELS: [(&str, &[&str]); 3] = [
    ("Top", &["CONDITIONAL One", "CONDITIONAL Two"]),
    ("One", &["REQUIRED conditional-level-of-authentication@one", "REQUIRED auth-username-password-form"]),
    ("Two", &["REQUIRED conditional-level-of-authentication@two", "REQUIRED auth-otp-form"]),
];

fn levels() -> Value {
    let level =
        |alias: &str, level: &str| json!({ "alias": alias, "config": { "loa-condition-level": level, "loa-max-age": "60" } });
    json!({ "authenticatorConfig": [level("one", "1"), level("two", "2")] })
}

#[tokio::test]
async fn no_level_above_the_one_that_is_asked_for_is_to_be_shown() {
    for (more, is_enough) in [("", true), ("acr_values=1", true), ("acr_values=2", false), ("acr_values=9", false)] {
        let world = World::new(&LEVELS, &[otp()], levels());
        let mut browser = world.browser().await;
        world.begin(&mut browser, more).await;
        let seen = world.send(&mut browser, PASSWORD).await;
        assert_eq!(has_code(&seen), is_enough, "{more}: {seen}");
        if !is_enough {
            assert!(has_code(&world.send(&mut browser, CODE).await), "{more}");
        }
    }
}

/// CVE-2023-3597
#[tokio::test]
async fn a_level_above_all_that_a_flow_has_is_reached_by_nobody_who_is_asked_for_it() {
    let demanded = "claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%229%22%7D%7D%7D";
    let world = World::new(&LEVELS, &[otp()], levels());
    let mut browser = world.browser().await;
    world.begin(&mut browser, demanded).await;
    world.send(&mut browser, PASSWORD).await;
    assert_eq!(world.send(&mut browser, CODE).await, "fault 400 Authentication requirements not fulfilled");
}

#[tokio::test]
async fn the_second_factor_is_asked_of_whoever_the_condition_names() {
    let flows: [(&str, &[&str]); 2] = [
        ("Top", &["REQUIRED auth-username-password-form", "CONDITIONAL Second"]),
        ("Second", &["REQUIRED conditional-user-attribute@has", "REQUIRED auth-otp-form"]),
    ];
    for (not, asks) in [("false", false), ("true", true)] {
        let config = json!({ "attribute_name": "desk", "attribute_expected_value": "7", "not": not });
        let settings = json!({ "authenticatorConfig": [{ "alias": "has", "config": config }] });
        let world = World::new(&flows, &[otp()], settings);
        let mut browser = world.browser().await;
        world.begin(&mut browser, "").await;
        let seen = world.send(&mut browser, PASSWORD).await;
        assert_eq!(seen.contains("kc-otp-login-form"), asks, "{seen}");
    }
}

/// CVE-2026-16442, CVE-2026-2603
#[tokio::test]
async fn a_provider_that_is_off_or_for_links_alone_is_no_way_in() {
    let flows: [(&str, &[&str]); 2] = [
        ("Top", &["ALTERNATIVE identity-provider-redirector", "ALTERNATIVE Forms"]),
        ("Forms", &["REQUIRED auth-username-password-form"]),
    ];
    for (enabled, link_only, goes_there) in [(true, false, true), (false, false, false), (true, true, false)] {
        let provider = json!({ "alias": "p", "providerId": "oidc", "enabled": enabled, "linkOnly": link_only, "config": {} });
        let world = World::new(&flows, &[], json!({ "identityProviders": [provider] }));
        let mut browser = world.browser().await;
        let seen = world.begin(&mut browser, "kc_idp_hint=p").await;
        assert_eq!(seen.contains("to http://localhost/realms/r/broker/p/login?"), goes_there, "{seen}");
        assert_eq!(seen.contains("kc-form-login"), !goes_there);
        assert!(!seen.contains("social-p"));
    }
}
