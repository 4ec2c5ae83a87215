//! `allow-access-authenticator`, `deny-access-authenticator`, and `identity-provider-redirector`.

use login_pages::Message;

use super::{Place, Step};
use crate::answer::Answer;
use crate::error::{LoginError, PageFault};
use crate::flow::Outcome;
use crate::login::Login;
use crate::report;

/// `deny-access-authenticator`: the page says what the configuration says (`denyErrorMessage`).
pub(super) fn deny(login: &Login<'_, '_>, place: Place<'_>) -> LoginError {
    report::ended(login, "access_denied");
    let fault = PageFault::in_login(401, "access-denied");
    let own = place.execution.config().and_then(|config| config.get("denyErrorMessage"));
    // `${key}` names a message.
    let key = own.map(|own| own.strip_prefix("${").and_then(|own| own.strip_suffix('}')).unwrap_or(own).to_owned());
    let message = key.map_or_else(|| fault.message.clone(), Message::error);
    login.fault(PageFault { message, ..fault })
}

/// `identity-provider-redirector`: on to the provider that the client names (`kc_idp_hint`), or the configuration.
pub(super) async fn redirect(login: &mut Login<'_, '_>, place: Place<'_>) -> Result<Step, LoginError> {
    let own = place.execution.config().and_then(|config| config.get("defaultProvider"));
    let hint = login.request.parameters().get("kc_idp_hint");
    // Keycloak: an empty hint asks for the page of the realm itself.
    let wanted = hint.or(own).filter(|alias| !alias.is_empty());
    let provider = wanted.and_then(|alias| login.realm().identity_providers.iter().find(|one| &*one.alias == alias));
    // Nobody logs in by one that is off, or is only for linking (CVE-2026-2603, CVE-2026-16442).
    let usable = provider.filter(|provider| provider.enabled && !provider.link_only);
    let Some(provider) = usable.filter(|_| !login.is_silent() && login.user.is_none()) else {
        return Ok(Step::Over(Outcome::Skipped));
    };
    let code = login.session_code().to_owned();
    let to = login.urls().provider(&provider.alias, &code);
    let origin = login.browser.cx.bases.front.clone();
    Ok(Step::Ask(Answer::SeeOther(absolute(&origin, &to))))
}

/// A path of this server as a URL.
fn absolute(base: &str, path: &str) -> String {
    let host = base
        .find("://")
        .and_then(|at| base.get(at + 3..))
        .and_then(|rest| rest.find('/').map(|end| base.len() - rest.len() + end));
    format!("{}{path}", host.and_then(|end| base.get(..end)).unwrap_or(base))
}
