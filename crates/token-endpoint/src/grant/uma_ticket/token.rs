//! The requesting party token: made for the resource server, in the session of whoever asks.

use std::sync::Arc;

use oidc_types::RefreshBinding;
use realm_model::Client;
use serde_json::{Value, json};
use token_issuer::{Authorization, GrantKind, GrantedScope, Issue, RefreshIssue, SessionFacts, SessionKind};

use super::Caller;
use crate::exchange::Exchange;

/// What to issue: claims by the mappers of the resource server `client`, for the client of `cx`.
pub(super) fn issue(
    cx: &Exchange<'_>,
    (client, caller): (&Arc<Client>, &Caller),
    scope: Option<&str>,
    permissions: Value,
) -> Issue {
    // The session is that of the client whose token it is, be it sent by another one.
    let of_token = cx.realm.client(caller.client_id()).unwrap_or(cx.client);
    let cx = &Exchange { client: of_token, ..*cx };
    let subject = caller.subject().clone();
    let scope = GrantedScope::of_token(cx.realm, client, &subject, scope);
    let mut issue = Issue::new(subject, Arc::clone(client), scope, facts(cx, caller), GrantKind::Other);
    issue.refresh = refresh(cx, caller);
    // The resource server's refresh tokens are not bound: another key may use them (recording uma-ticket/pushed-dpop).
    issue.confirmations = cx.proof.map(|proof| proof.confirmation(RefreshBinding::Free)).into_iter().collect();
    let requester = Some(caller.client_id().into());
    issue.authorization = Some(Authorization { claim: json!({ "permissions": permissions }), requester, refresh_scope: None });
    issue
}

fn facts(cx: &Exchange<'_>, caller: &Caller) -> SessionFacts {
    let notes = caller.notes().clone();
    let Some(session) = caller.session() else { return cx.sign_on().transient_facts(notes) };
    let facts = cx.sign_on().session_facts(session, notes);
    let kind = match session.kind {
        sessions::SessionKind::Online => SessionKind::Borrowed,
        sessions::SessionKind::Offline => SessionKind::BorrowedOffline,
    };
    let acr = caller.claims().get("acr").and_then(Value::as_str).map_or("1".into(), |acr| acr.to_owned().into());
    SessionFacts { kind, acr, ..facts }
}

/// A refresh token of the asking client, in its part of an online session.
fn refresh(cx: &Exchange<'_>, caller: &Caller) -> RefreshIssue {
    match caller.session() {
        Some(session) if session.kind == sessions::SessionKind::Online => {
            cx.sign_on().refresh_issue(session, cx.sign_on().new_family())
        }
        _ => RefreshIssue::Without,
    }
}
