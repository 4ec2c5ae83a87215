//! What begins or ends elsewhere: in a mail, on a device, at other applications.

use super::World;

#[test]
fn a_code_is_posted_to_an_application_that_asks_for_it_so() {
    let Some(world) = World::new() else { return };
    world.authorize("shop", "/cb", "&response_mode=form_post");
    world.log_in("ann", "ann-password");
    world.browser.wait_for("#arrived");
    let posted = world.browser.text("#posted");
    assert!(posted.contains("code=") && posted.contains("state=s1"), "{posted}");
    assert_eq!(world.browser.url(), format!("{}/cb", world.application.origin));
}

#[test]
fn an_application_is_told_of_a_logout_through_a_frame() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    world.authorize("news", "/news", "");
    world.log_in("ann", "ann-password");
    world.code("/news");
    browser.go(&format!("{}/realms/browser/protocol/openid-connect/logout", world.origin));
    browser.click("#kc-logout");
    let told = world.application.asked("/news/bye?");
    assert!(told.contains("iss=") && told.contains("sid="), "{told}");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn who_must_show_that_an_address_is_theirs_follows_the_link_of_a_mail() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    world.authorize("shop", "/cb", "");
    world.log_in("vera", "vera-password");
    browser.wait_for("[data-page-id=login-login-verify-email]");
    browser.go(&world.mail.link());
    assert_eq!(world.username("shop", "/cb"), "vera");
}

#[test]
fn a_device_gets_its_tokens_once_its_user_has_said_yes_in_a_browser() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    let target = "/realms/browser/protocol/openid-connect/auth/device";
    let begun = world.client().post(target, &[("client_id", "television"), ("scope", "openid")]).unwrap();
    browser.go(&begun.text("verification_uri"));
    browser.type_into("#device_user_code", &begun.text("user_code"));
    browser.click("#kc-login");
    world.log_in("ann", "ann-password");
    browser.click("#kc-oauth #kc-login");
    browser.wait_for("[data-page-id=login-info]");
    let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    let rows = [grant, ("client_id", "television"), ("device_code", &begun.text("device_code"))];
    assert!(!world.client().token("browser", &rows).text("id_token").is_empty());
}

#[test]
fn an_application_asks_for_another_password_and_its_user_may_cancel() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    world.authorize("shop", "/cb", "&kc_action=UPDATE_PASSWORD");
    world.log_in("ann", "ann-password");
    browser.click("#kc-cancel");
    browser.wait_for("#arrived");
    assert!(browser.url().contains("kc_action_status=cancelled"), "{}", browser.url());

    world.authorize("shop", "/cb", "&kc_action=UPDATE_PASSWORD");
    browser.type_into("#password-new", "another-password");
    browser.type_into("#password-confirm", "other");
    browser.click("#kc-submit");
    browser.wait_for("#input-error-password-confirm");
    browser.type_into("#password-new", "another-password");
    browser.type_into("#password-confirm", "another-password");
    browser.click("#kc-submit");
    browser.wait_for("#arrived");
    assert!(browser.url().contains("kc_action_status=success"), "{}", browser.url());
}
