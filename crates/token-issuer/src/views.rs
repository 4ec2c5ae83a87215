//! What userinfo and introspection say of a token: its user's claims as they are now, by the mappers of its client and scope.

use std::borrow::Cow;
use std::sync::Arc;

use realm_model::{Client, Realm};
use serde_json::{Map, Value};

use crate::claims::{ClaimValue, Claims};
use crate::evaluate::{Facts, add_audience, written_audience};
use crate::mapper::Places;
use crate::mint::MintError;
use crate::roles::TokenRoles;
use crate::{GrantedScope, InspectedToken, SessionNotes, Subject, TokenIssuer};

/// A token with all that stands behind it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The realm.
    pub realm: &'a Arc<Realm>,
    /// The client it was issued to, its `azp`.
    pub client: &'a Client,
    /// Whom it is about.
    pub subject: &'a Subject,
    /// The notes of its session; none where that is transient.
    pub notes: &'a SessionNotes,
    /// The token itself.
    pub token: &'a InspectedToken,
}

/// The answer of userinfo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserInfo {
    /// JSON.
    Plain(Vec<u8>),
    /// A signed JWT, where the client asks for one (`user.info.response.signature.alg`).
    Signed(String),
}

/// Claims of a token that introspection shows as they are, beside its times and audience.
const KEPT: [&str; 9] = ["jti", "iss", "sub", "typ", "azp", "sid", "scope", "cnf", "act"];

impl TokenIssuer {
    /// The claims of the token's user that are for userinfo, `sub` first (OpenID Connect Core section 5.3.2).
    ///
    /// # Errors
    /// [`MintError`] where the realm cannot sign as the client asks.
    pub async fn userinfo(&self, view: View<'_>, issuer: &str) -> Result<UserInfo, MintError> {
        let algorithm = view.client.attribute("user.info.response.signature.alg").filter(|name| *name != "none");
        let claims = self.evaluate(view, Places::USERINFO, |claims, subject| {
            claims.set("sub", subject.to_owned());
            if algorithm.is_some() {
                claims.set("aud", view.client.client_id.as_str().to_owned());
                claims.set("iss", issuer.to_owned());
            }
        })?;
        let json = serde_json::to_vec(&claims)?;
        match algorithm {
            None => Ok(UserInfo::Plain(json)),
            Some(algorithm) => Ok(UserInfo::Signed(self.keys.sign(view.realm, algorithm, "JWT", &json).await?)),
        }
    }

    /// The claims of the token as introspection shows them: those of an access token, made anew (RFC 7662 section 2.2).
    ///
    /// # Errors
    /// [`MintError::Json`]
    pub fn introspection(&self, view: View<'_>) -> Result<Map<String, Value>, MintError> {
        let token = view.token;
        let mut claims = self.evaluate(view, Places::INTROSPECTION, |claims, _| {
            if let Some(exp) = token.expires {
                claims.set("exp", exp);
            }
            claims.set("iat", token.issued);
            for name in KEPT {
                if let Some(value) = token.all.get(name) {
                    claims.set(name, ClaimValue::Json(Cow::Owned(value.clone())));
                }
            }
            if !token.audience.is_empty() {
                add_audience(claims, token.audience.iter().cloned());
            }
        })?;
        claims.insert("client_id".to_owned(), token.client_id.as_str().into());
        claims.insert("username".to_owned(), view.subject.user().username.as_str().into());
        claims.insert("token_type".to_owned(), token.all.get("typ").cloned().unwrap_or_default());
        claims.insert("active".to_owned(), true.into());
        Ok(claims)
    }

    /// `begin` sets what no mapper makes; the mappers for `places` add theirs.
    fn evaluate(
        &self,
        view: View<'_>,
        places: Places,
        begin: impl FnOnce(&mut Claims<'_>, &str),
    ) -> Result<Map<String, Value>, MintError> {
        let View { realm, client, subject, token, .. } = view;
        let scope = GrantedScope::of_token(realm, client, subject, token.scope.as_deref());
        let plan = self.plans.of(realm, client, &scope);
        let mut roles = TokenRoles::of(subject.roles(), plan.allowed_roles.as_ref());
        plan.role_edits.iter().for_each(|edit| roles.edit(edit));
        let pairwise = plan.pairwise.as_ref().map(|pairwise| pairwise.subject(subject.user().id.as_str()));
        let text = |claim: &str| token.all.get(claim).and_then(Value::as_str);
        let facts = Facts {
            realm,
            client,
            user: subject.user(),
            subject: pairwise.as_deref().unwrap_or(subject.user().id.as_str()),
            roles: &roles,
            notes: view.notes,
            session_id: token.session.as_ref().map(|id| id.as_str()),
            acr: text("acr").unwrap_or("1"),
            nonce: text("nonce"),
        };
        let mut claims = Claims::with_room();
        begin(&mut claims, facts.subject);
        plan.evaluate(&facts, places, &mut claims);
        written_audience(&mut claims);
        match serde_json::to_value(claims.in_order())? {
            Value::Object(claims) => Ok(claims),
            _ => Ok(Map::new()),
        }
    }
}

/// What is told of a token to a client that asks with `token_type_hint=requesting_party_token`: nothing of its user.
/// Keycloak: recording introspection/offline-session-hint-rpt.
pub fn requesting_party_view(token: &InspectedToken) -> Map<String, Value> {
    let shown = ["exp", "iat", "jti", "aud", "typ", "acr"];
    let mut claims: Map<_, _> =
        shown.iter().filter_map(|name| Some(((*name).to_owned(), token.all.get(*name)?.clone()))).collect();
    if token.all.contains_key("authorization") {
        claims.insert("permissions".to_owned(), token.permissions().iter().map(with_names_of_uma).collect());
    }
    claims.insert("active".to_owned(), true.into());
    claims
}

/// A permission with the names that UMA 2.0 has for its members beside Keycloak's (recording uma-ticket/everything).
fn with_names_of_uma(permission: &Value) -> Value {
    let mut shown = permission.clone();
    if let Value::Object(members) = &mut shown {
        if let Some(id) = permission.get("rsid") {
            members.insert("resource_id".to_owned(), id.clone());
        }
        let scopes = permission.get("scopes").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        members.insert("resource_scopes".to_owned(), scopes);
    }
    shown
}
