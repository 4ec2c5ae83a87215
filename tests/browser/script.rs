//! What needs a script: applications with keycloak-js, passkeys.

use serde_json::json;

use super::World;
use crate::harness::{environment, tests};

/// A page of an application that uses keycloak-js, as its documentation has it.
const PAGE: &str = r#"<!DOCTYPE html><html lang="en"><title>Application</title><body><script type="module">
import Keycloak from '/keycloak.js';
const show = (id, text) => { const p = document.createElement('p'); p.id = id; p.textContent = text; document.body.append(p); };
const keycloak = new Keycloak({ url: 'SERVER', realm: 'browser', clientId: 'shop' });
window.keycloak = keycloak;
keycloak.onAuthLogout = () => show('logged-out', 'logged out');
try {
  const known = await keycloak.init({
    onLoad: 'check-sso', pkceMethod: 'S256', checkLoginIframe: true, checkLoginIframeInterval: 1,
    silentCheckSsoRedirectUri: location.origin + '/silent.html',
  });
  show('known', known ? keycloak.tokenParsed.preferred_username : 'nobody');
} catch (error) { show('known', 'failed: ' + (error && error.message || JSON.stringify(error))); }
</script></body></html>"#;

const SILENT: &str =
    "<!DOCTYPE html><html><body><script>parent.postMessage(location.href, location.origin);</script></body></html>";

/// The text of a file of an npm package; nothing, with a note, where it is not installed: on CI that is an error.
pub fn package(file: &str) -> Option<String> {
    let path = tests("independent/javascript/node_modules").join(file);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        let how = "npm ci --prefix tests/independent/javascript";
        assert!(environment("CI").is_none(), "{file}: {how}");
        println!("left out: {file}: {how}");
    }
    text
}

#[test]
fn keycloak_js_finds_a_login_silently_refreshes_it_and_sees_it_end_in_another_tab() {
    let Some(library) = package("keycloak-js/lib/keycloak.js") else { return };
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    world.application.put("/keycloak.js", "text/javascript", library);
    world.application.put("/silent.html", "text/html", SILENT.to_owned());
    world.application.put("/page.html", "text/html", PAGE.replace("SERVER", &world.origin));
    let page = format!("{}/page.html", world.application.origin);

    browser.go(&page);
    assert_eq!(browser.text("#known"), "nobody");
    browser.run("keycloak.login()");
    world.log_in("ann", "ann-password");
    assert_eq!(browser.text("#known"), "ann", "after the login");

    browser.go("about:blank");
    browser.go(&page);
    assert_eq!(browser.text("#known"), "ann", "found silently");
    assert_eq!(browser.url(), page, "the page was never left");
    assert_eq!(browser.evaluate("keycloak.updateToken(-1)", &[]), true);

    // The login ends elsewhere: the frame tells it without being asked.
    let url = browser.evaluate("keycloak.createLogoutUrl()", &[]);
    let before = browser.new_tab();
    browser.go(url.as_str().unwrap());
    browser.wait_for("#known");
    browser.switch_to(&before);
    assert_eq!(browser.text("#logged-out"), "logged out");
}

#[test]
fn a_passkey_that_was_registered_once_logs_in_without_a_name_or_a_password() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    let authenticator = browser.add_authenticator();
    world.authorize("shop", "/cb", "");
    world.log_in("kay", "kay-password");
    // The name of the passkey is asked for by a prompt, which the browser accepts as it stands.
    browser.click("#registerWebAuthn");
    assert_eq!(world.username("shop", "/cb"), "kay");

    browser.devtools("Network.clearBrowserCookies", &json!({}));
    // The page offers passkeys with the names that the browser completes; nobody takes one.
    browser.set_presence(&authenticator, false);
    world.authorize("shop", "/cb", "");
    browser.wait_for("#username[autocomplete~=webauthn]");
    browser.set_presence(&authenticator, true);
    browser.click("#authenticateWebAuthnButton");
    assert_eq!(world.username("shop", "/cb"), "kay");
}

#[test]
fn a_passkey_that_the_browser_completes_the_name_with_logs_in_without_a_press() {
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    browser.add_authenticator();
    world.authorize("shop", "/cb", "");
    world.log_in("kay", "kay-password");
    browser.click("#registerWebAuthn");
    world.code("/cb");
    browser.devtools("Network.clearBrowserCookies", &json!({}));
    world.authorize("shop", "/cb", "");
    assert_eq!(world.username("shop", "/cb"), "kay");
}
