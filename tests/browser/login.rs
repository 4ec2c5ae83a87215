//! Logins, logouts, registrations: no script is needed for them.

use std::time::UNIX_EPOCH;

use serde_json::json;

use super::World;
use crate::harness::replayer::totp32;

#[test]
fn a_login_brings_the_application_a_code_that_is_good_for_tokens() {
    let Some(world) = World::new() else { return };
    world.authorize("shop", "/cb", "");
    world.log_in("ann", "ann-password");
    assert_eq!(world.username("shop", "/cb"), "ann");
}

#[test]
fn a_wrong_password_is_told_beside_the_field_and_the_next_try_is_let_in() {
    let Some(world) = World::new() else { return };
    world.authorize("shop", "/cb", "");
    world.log_in("ann", "wrong");
    assert_eq!(world.browser.text("#input-error-username"), "Invalid username or password.");
    assert_eq!(world.browser.evaluate("document.getElementById('username').value", &[]), "ann");
    assert_eq!(world.browser.evaluate("document.getElementById('password').value", &[]), "");
    world.log_in("ann", "ann-password");
    world.code("/cb");
}

#[test]
fn a_password_login_needs_no_script() {
    let Some(world) = World::new() else { return };
    world.browser.devtools("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    world.authorize("shop", "/cb", "");
    world.log_in("ann", "ann-password");
    world.code("/cb");
}

#[test]
fn two_tabs_log_in_each_for_its_own_client_and_the_second_needs_no_password() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    world.authorize("shop", "/cb", "");
    let first = browser.new_tab();
    world.authorize("blog", "/blog", "");
    world.log_in("ann", "ann-password");
    assert_eq!(world.username("blog", "/blog"), "ann");
    // The page of the first tab sees the login by itself.
    browser.switch_to(&first);
    assert_eq!(world.username("shop", "/cb"), "ann");
}

#[test]
fn a_page_speaks_the_language_that_is_chosen_and_keeps_to_it() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    world.authorize("shop", "/cb", "");
    browser.click("#login-select-toggle option[lang=de]");
    browser.wait_for("html[lang=de]");
    world.log_in("ann", "wrong");
    browser.wait_for("html[lang=de]");
    assert_eq!(browser.text("#input-error-username"), "Benutzername oder Passwort ist falsch.");
    world.log_in("ann", "ann-password");
    world.code("/cb");
}

#[test]
fn going_back_after_a_login_and_sending_the_old_page_again_comes_to_the_application_all_the_same() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    world.authorize("shop", "/cb", "");
    world.log_in("ann", "ann-password");
    world.code("/cb");
    browser.command("POST", "/back", &json!({}));
    // The page may see at once that somebody is logged in; else it is sent once more.
    if browser.evaluate("document.getElementById('kc-form-login') !== null", &[]) == true {
        world.log_in("ann", "ann-password");
    }
    browser.wait_for("#arrived, #kc-info-message, #kc-error-message, #kc-page-title");
    assert!(!browser.url().contains("error="), "{}", browser.url());
}

#[test]
fn who_is_logged_in_at_one_client_comes_to_another_without_a_page() {
    let Some(world) = World::new() else { return };
    world.authorize("shop", "/cb", "");
    world.log_in("ann", "ann-password");
    world.code("/cb");
    world.authorize("blog", "/blog", "");
    assert_eq!(world.username("blog", "/blog"), "ann");
}

#[test]
fn a_logout_without_a_hint_asks_first_and_then_ends_the_login_for_all_clients() {
    let Some(world) = World::new() else { return };
    world.authorize("shop", "/cb", "");
    world.log_in("ann", "ann-password");
    world.code("/cb");
    let (origin, application) = (&world.origin, &world.application.origin);
    world.browser.go(&format!(
        "{origin}/realms/browser/protocol/openid-connect/logout?client_id=shop&post_logout_redirect_uri={application}/out"
    ));
    world.browser.click("#kc-logout");
    world.browser.wait_for("#arrived");
    assert!(world.browser.url().starts_with(&format!("{application}/out")), "{}", world.browser.url());
    world.authorize("blog", "/blog", "");
    world.browser.wait_for("#kc-form-login");
}

#[test]
fn somebody_new_registers_and_is_logged_in() {
    let Some(world) = World::new() else { return };
    world.authorize("shop", "/cb", "");
    let browser = &world.browser;
    browser.click("#kc-registration a");
    let rows = [
        ("username", "nina"),
        ("password", "nina-password"),
        ("password-confirm", "nina-password"),
        ("email", "nina@shop.example"),
        ("firstName", "Nina"),
        ("lastName", "New"),
    ];
    for (field, value) in rows {
        browser.type_into(&format!("#{field}"), value);
    }
    browser.click("#kc-register-form input[type=submit]");
    assert_eq!(world.username("shop", "/cb"), "nina");
}

/// The code that an application for one-time codes shows now.
#[allow(clippy::disallowed_methods)] // as the browser, it has the clock of the machine
fn code_of(secret: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    totp32(secret, i64::try_from(now).unwrap()).unwrap()
}

#[test]
fn who_sets_up_one_time_codes_is_asked_for_one_at_the_next_login() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    world.authorize("shop", "/cb", "");
    world.log_in("otto", "otto-password");
    browser.wait_for("#kc-totp-secret-qr-code svg");
    browser.click("#mode-manual");
    let secret = browser.text("#kc-totp-secret-key").replace(' ', "");
    browser.type_into("#totp", &code_of(&secret));
    browser.type_into("#userLabel", "Telephone");
    browser.click("#saveTOTPBtn");
    world.code("/cb");

    world.authorize("shop", "/cb", "&prompt=login");
    browser.type_into("#password", "otto-password");
    browser.click("#kc-login");
    browser.type_into("#otp", "000000");
    browser.click("#kc-login");
    assert_eq!(browser.text("#input-error-otp-code"), "Invalid authenticator code.");
    browser.type_into("#otp", &code_of(&secret));
    browser.click("#kc-login");
    assert_eq!(world.username("shop", "/cb"), "otto");
}

#[test]
fn consent_is_asked_for_once_and_a_no_is_told_to_the_client() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    world.authorize("bank", "/bank", "");
    world.log_in("ann", "ann-password");
    assert!(browser.text("#kc-page-title").contains("The Bank"));
    browser.click("#kc-cancel");
    browser.wait_for("#arrived");
    assert!(browser.url().contains("error=access_denied"), "{}", browser.url());

    world.authorize("bank", "/bank", "");
    world.log_in("ann", "ann-password");
    browser.click("#kc-oauth #kc-login");
    assert_eq!(world.username("bank", "/bank"), "ann");
    world.authorize("bank", "/bank", "");
    world.code("/bank");
}

#[test]
fn a_forgotten_password_is_replaced_by_a_link_that_comes_by_mail_and_works_once() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    world.authorize("shop", "/cb", "");
    browser.click("a[href*='reset-credentials']");
    browser.type_into("#username", "ann");
    browser.click("#kc-reset-password-form [type=submit]");
    browser.wait_for("#kc-form-login");
    let link = world.mail.link();
    assert!(link.starts_with(&format!("{}/realms/browser/login-actions/action-token?", world.origin)), "{link}");
    browser.go(&link);
    browser.type_into("#password-new", "another-password");
    browser.type_into("#password-confirm", "another-password");
    browser.click("#kc-passwd-update-form [type=submit]");
    world.code("/cb");

    browser.go(&link);
    browser.wait_for("#kc-error-message, .pf-v5-c-alert, #kc-info-message");
    assert!(browser.evaluate("document.getElementById('password-new')", &[]).is_null());

    world.authorize("shop", "/cb", "&prompt=login");
    browser.type_into("#password", "ann-password");
    browser.click("#kc-login");
    browser.wait_for("#input-error-password, #input-error-username");
    browser.type_into("#password", "another-password");
    browser.click("#kc-login");
    world.code("/cb");
}
