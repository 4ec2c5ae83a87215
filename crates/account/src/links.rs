//! Where the links of the pages go.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use realm_http::{RealmContext, absolute_url};
use realm_model::{Client, Realm};

use crate::roles::CONSOLE;

/// Letters, digits and `-._~` as they are (RFC 3986 section 2.3).
const KEPT: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A value of a query.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// `…/account`
pub(crate) fn base(cx: &RealmContext) -> String {
    cx.issuer() + "/account"
}

/// The login, which comes back to `section` below the account page; `action`: a required action that it asks for. The code that it
/// comes back with is never redeemed: its challenge is of a verifier that nobody knows.
pub(crate) fn sign_in(cx: &RealmContext, section: &str, action: Option<&str>) -> String {
    let back = format!("{}/{section}", base(cx));
    let action = action.map(|action| format!("&kc_action={}", encoded(action))).unwrap_or_default();
    format!(
        "{}/protocol/openid-connect/auth?client_id={CONSOLE}&redirect_uri={}&response_type=code&scope=openid&state={}&code_challenge={}\
         &code_challenge_method=S256{action}",
        cx.issuer(),
        encoded(&back),
        cx.entropy().base64url(18),
        cx.entropy().base64url(32),
    )
}

/// Where people sign out.
pub(crate) fn sign_out(cx: &RealmContext) -> String {
    let back = format!("{}/", base(cx));
    format!("{}/protocol/openid-connect/logout?client_id={CONSOLE}&post_logout_redirect_uri={}", cx.issuer(), encoded(&back))
}

/// The application that people come from: client `referrer`. `uri` is where it wants them back: taken only where it is, letter by
/// letter, one of the client's redirect URIs; else its base URL, else there is no way back (CVE-2024-7260).
// Keycloak: by its patterns, too; whatever a page links to without anybody's login is better known.
pub(crate) fn referrer<'r>((realm, base): (&'r Realm, &str), referrer: &str, uri: Option<&str>) -> Option<(&'r Client, String)> {
    let client = realm.client(referrer).filter(|client| client.enabled && !client.bearer_only)?;
    let root = client.root_url.as_deref();
    let absolute = |url: &str| absolute_url(root, base, url);
    let mut known = client.redirect_uris.iter().filter(|uri| !uri.contains('*')).map(|uri| absolute(uri));
    let wanted = uri.and_then(|uri| known.find(|known| known == uri));
    let own = || client.base_url.as_deref().filter(|url| !url.is_empty()).map(absolute);
    let to = wanted.or_else(own).filter(|url| url.starts_with("https://") || url.starts_with("http://"))?;
    Some((client, to))
}

#[cfg(test)]
mod tests {
    use realm_model::file::{SourceFile, read};

    use super::*;

    fn realm() -> Realm {
        let file = serde_json::json!({"realm": "web", "enabled": true, "clients": [
            {"clientId": "app", "enabled": true, "baseUrl": "https://app.example.org/",
             "redirectUris": ["https://app.example.org/cb", "https://app.example.org/*"]},
            {"clientId": "off", "enabled": false, "baseUrl": "https://off.example.org/"},
            {"clientId": "script", "enabled": true, "baseUrl": "javascript:alert(1)", "redirectUris": ["javascript:alert(1)"]},
        ]});
        let file = SourceFile { name: "web.json".to_owned(), bytes: file.to_string().into_bytes() };
        read(&[file], &|_| None).realms.remove(0).realm
    }

    #[test]
    fn a_referrer_leads_nowhere_but_to_where_its_client_is_known_to_be() {
        let realm = realm();
        for (client, uri, expected) in [
            ("app", Some("https://app.example.org/cb"), Some("https://app.example.org/cb")),
            ("app", Some("https://evil.example.net/"), Some("https://app.example.org/")),
            ("app", Some("https://app.example.org@evil.example.net/"), Some("https://app.example.org/")),
            ("app", Some("https://app.example.org/*"), Some("https://app.example.org/")),
            ("app", None, Some("https://app.example.org/")),
            ("off", None, None),
            ("script", Some("javascript:alert(1)"), None),
            ("nobody", Some("https://evil.example.net/"), None),
        ] {
            let to = referrer((&realm, "https://id.example.org"), client, uri).map(|(_, to)| to);
            assert_eq!(to.as_deref(), expected, "{client} {uri:?}");
        }
    }
}
