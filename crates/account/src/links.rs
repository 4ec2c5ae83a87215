//! Where the links of the pages go.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use realm_http::{RealmContext, absolute_url};
use realm_model::Client;

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
pub(crate) fn referrer<'r>(cx: &'r RealmContext, referrer: &str, uri: Option<&str>) -> Option<(&'r Client, String)> {
    let client = cx.realm.client(referrer).filter(|client| client.enabled && !client.bearer_only)?;
    let root = client.root_url.as_deref();
    let absolute = |url: &str| absolute_url(root, &cx.bases.front, url);
    let mut known = client.redirect_uris.iter().filter(|uri| !uri.contains('*')).map(|uri| absolute(uri));
    let wanted = uri.and_then(|uri| known.find(|known| known == uri));
    let base = || client.base_url.as_deref().filter(|url| !url.is_empty()).map(absolute);
    let to = wanted.or_else(base).filter(|url| url.starts_with("https://") || url.starts_with("http://"))?;
    Some((client, to))
}
