//! The pages that applications keep in invisible frames: the session iframe (OpenID Connect Session Management 1.0 section 3.3)
//! and the question whether the browser keeps cookies there (wire-browser.md section 12).

use std::sync::LazyLock;

use base64_simd::STANDARD;
use realm_http::{RealmContext, origin_of};
use sha2::{Digest, Sha256};

const STATUS: &str = include_str!("../assets/login-status-iframe.js");
const STEP_1: &str = include_str!("../assets/3p-cookies-step1.js");
const STEP_2: &str = include_str!("../assets/3p-cookies-step2.js");

static STATUS_PAGE: LazyLock<String> = LazyLock::new(|| page(STATUS));
static STEP_1_PAGE: LazyLock<String> = LazyLock::new(|| page(STEP_1));
static STEP_2_PAGE: LazyLock<String> = LazyLock::new(|| page(STEP_2));

/// The page that tells applications whether their user is still the one that is signed in.
pub(crate) fn status_page() -> &'static str {
    &STATUS_PAGE
}

/// The pages that find out whether the browser keeps cookies in a frame, by their names.
pub(crate) fn cookie_page(name: &str) -> Option<&'static str> {
    match name {
        "step1.html" => Some(&STEP_1_PAGE),
        "step2.html" => Some(&STEP_2_PAGE),
        _ => None,
    }
}

/// A page that is one script, and may run no other: a frame loads without a second round trip.
fn page(script: &str) -> String {
    let hash = STANDARD.encode_to_string(Sha256::digest(script));
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; connect-src 'self'; script-src 'sha256-{hash}'; base-uri 'none'\">\
         <script>{script}</script></head><body></body></html>\n"
    )
}

/// Whether pages of `origin` may ask after the sessions of the client: one of its web origins, or this server's own
/// (recordings session-iframe/init*).
pub(crate) fn admits(cx: &RealmContext, client_id: &str, origin: &str) -> bool {
    let Some(client) = cx.realm.client(client_id) else { return false };
    if !client.enabled || client.bearer_only {
        return false;
    }
    let is_own = cx.arrival.origin() == origin || origin_of(&cx.bases.front) == origin;
    is_own || client.web_origins.iter().any(|allowed| allowed == "*" || allowed == origin)
}

#[cfg(test)]
mod tests {
    use ambient::Timestamp;

    use super::*;
    use crate::test_request::{realm, request};

    // CVE-2024-1249
    #[test]
    fn only_pages_of_the_client_may_ask_after_its_sessions() {
        let realm = realm(
            r#"{"realm": "r", "enabled": true, "clients": [
                {"clientId": "app", "redirectUris": ["https://app.example/cb"], "webOrigins": ["+", "http://localhost:3000"]},
                {"clientId": "any", "webOrigins": ["*"]}, {"clientId": "off", "enabled": false, "webOrigins": ["*"]},
                {"clientId": "api", "bearerOnly": true, "webOrigins": ["*"]}]}"#,
        );
        let cx = request(&realm, Timestamp::from_secs(1));
        for (client, origin, expected) in [
            ("app", "https://app.example", true),
            ("app", "http://localhost:3000", true),
            ("app", "http://localhost", true),
            ("any", "https://anything.example", true),
            ("app", "https://app.example/", false),
            ("app", "https://app.example.evil.example", false),
            ("app", "http://localhost:3001", false),
            ("app", "", false),
            ("app", "null", false),
            ("off", "https://anything.example", false),
            ("api", "https://anything.example", false),
            ("nobody", "https://anything.example", false),
        ] {
            assert_eq!(admits(&cx, client, origin), expected, "{client} {origin}");
        }
    }

    // CVE-2024-1249: every message, whoever sent it, was a request to the server
    #[test]
    fn a_page_that_floods_the_frame_with_messages_does_not_flood_the_server() {
        assert!(STATUS.contains("event.source !== parent") && STATUS.contains("asked.has(key)"));
    }

    #[test]
    fn a_frame_runs_its_own_script_alone() {
        let html = status_page();
        assert!(html.contains("default-src 'none'") && html.contains("script-src 'sha256-"));
        assert!(!STATUS.contains("</script") && cookie_page("step3.html").is_none());
    }
}
