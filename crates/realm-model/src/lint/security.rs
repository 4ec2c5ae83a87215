//! What an attacker would like to find.

mod clients;
mod realm;
mod secrets;

use super::finding::Findings;
use super::view::{Object, View, flag, text};
use crate::file::built_in;

pub(super) use self::secrets::of_user;

/// Looks at the realm and its clients; `literal` has the placeholders as they were written: a secret behind one is no fault.
pub(super) fn check(view: &View<'_>, literal: &View<'_>, findings: &mut Findings) {
    realm::check(view, findings);
    clients::check(view, findings);
    secrets::check(literal, findings);
}

/// Whether a client is one that Keycloak made: its settings are nobody's choice.
fn is_built_in(client: &Object) -> bool {
    let client_id = text(client, "clientId").unwrap_or_default();
    built_in::CLIENTS.contains(&client_id) || client_id.ends_with("-realm")
}

/// Whether a client is used with OpenID Connect at all.
fn is_oidc(client: &Object) -> bool {
    text(client, "protocol").is_none_or(|protocol| protocol.is_empty() || protocol == "openid-connect")
}

/// Whether a member says yes; `default` where it is not there.
fn on(object: &Object, key: &str, default: Default) -> bool {
    flag(object, key).unwrap_or(matches!(default, Default::On))
}

/// What Keycloak takes where a file says nothing.
#[derive(Clone, Copy)]
enum Default {
    On,
    Off,
}

/// A text with a secret or a placeholder in it.
fn is_placeholder(text: &str) -> bool {
    text.contains("${")
}
