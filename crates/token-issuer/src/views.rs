//! What userinfo and introspection say of a token: its user's claims as they are now, by the mappers of its client and scope.

use std::borrow::Cow;
use std::sync::Arc;

use ambient::Timestamp;
use realm_model::{Client, Realm};
use serde_json::{Map, Value};

use crate::claims::{ClaimValue, Claims};
use crate::encryption::{Content, Encryption};
use crate::evaluate::{Facts, add_audience, written_audience};
use crate::issuing::{access_algorithm, access_header_type};
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
    pub client: &'a Arc<Client>,
    /// Whom it is about.
    pub subject: &'a Subject,
    /// The notes of its session; none where that is transient.
    pub notes: &'a SessionNotes,
    /// The token itself.
    pub token: &'a InspectedToken,
    /// The present.
    pub now: Timestamp,
}

/// The answer of userinfo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserInfo {
    /// JSON.
    Plain(Vec<u8>),
    /// A JWT, where the client asks for one: signed (`user.info.response.signature.alg`), encrypted
    /// (`user.info.encrypted.response.alg`), or both, in this order.
    Jwt(String),
}

/// Whether userinfo is signed for this client. Keycloak: `none` is not.
pub fn signs_userinfo(client: &Client) -> bool {
    userinfo_algorithm(client).is_some()
}

fn userinfo_algorithm(client: &Client) -> Option<&str> {
    client.attribute("user.info.response.signature.alg").filter(|name| *name != "none")
}

/// How introspection answers.
#[derive(Clone, Copy, Debug)]
pub enum IntrospectionForm<'a> {
    /// As JSON.
    Json,
    /// As JSON with the claims once more in `jwt`, signed as this client, which is asking, wants access tokens.
    WithJwt(&'a Client),
}

impl TokenIssuer {
    /// The claims of the token's user that are for userinfo, `sub` first (OpenID Connect Core section 5.3.2).
    ///
    /// # Errors
    /// [`MintError`] where the realm cannot sign, or nobody encrypt, as the client asks.
    pub async fn userinfo(&self, view: View<'_>, issuer: &str) -> Result<UserInfo, MintError> {
        let algorithm = userinfo_algorithm(view.client);
        let json = self.evaluate(
            view,
            Places::USERINFO,
            |claims, subject| {
                claims.set("sub", subject.to_owned());
                if algorithm.is_some() {
                    claims.set("aud", view.client.client_id.as_str().to_owned());
                    claims.set("iss", issuer.to_owned());
                }
            },
            |claims| serde_json::to_vec(&claims),
        )?;
        let signed = match algorithm {
            None => None,
            Some(algorithm) => Some(self.keys.sign(view.realm, algorithm, "JWT", &json).await?),
        };
        let Some(encryption) = Encryption::of_userinfo(view.client) else {
            return Ok(signed.map_or(UserInfo::Plain(json), UserInfo::Jwt));
        };
        let content = signed.as_deref().map_or(Content::Json(&json), Content::Jwt);
        Ok(UserInfo::Jwt(self.encrypt((view.realm, view.client), encryption, content, view.now).await?))
    }

    /// The claims of the token as introspection shows them, as JSON: those of an access token, made anew (RFC 7662 section 2.2).
    ///
    /// # Errors
    /// [`MintError`]
    pub async fn introspection(&self, view: View<'_>, form: IntrospectionForm<'_>) -> Result<Vec<u8>, MintError> {
        let (bare, mut json) = self.evaluate(
            view,
            Places::INTROSPECTION,
            |claims, _| kept(view.token, claims),
            |mut claims| {
                let bare = match form {
                    IntrospectionForm::Json => None,
                    IntrospectionForm::WithJwt(_) => Some(serde_json::to_vec(&claims)?),
                };
                claims.set("client_id", view.token.client_id.as_str().to_owned());
                claims.set("username", view.subject.user().username.clone());
                claims.set("token_type", view.token.typ.clone());
                claims.set("active", ClaimValue::Flag(true));
                Ok::<_, serde_json::Error>((bare, serde_json::to_vec(&claims)?))
            },
        )?;
        if let (IntrospectionForm::WithJwt(caller), Some(bare)) = (form, bare) {
            let algorithm = access_algorithm(caller, view.realm);
            let jwt = self.keys.sign(view.realm, algorithm, access_header_type(caller), &bare).await?;
            json.pop(); // its last brace
            json.extend_from_slice(b",\"jwt\":\"");
            json.extend_from_slice(jwt.as_bytes());
            json.extend_from_slice(b"\"}");
        }
        Ok(json)
    }

    /// `begin` sets what no mapper makes; the mappers for `places` add theirs; `end` makes of them what is wanted.
    fn evaluate<R>(
        &self,
        view: View<'_>,
        places: Places,
        begin: impl FnOnce(&mut Claims<'_>, &str),
        end: impl FnOnce(Claims<'_>) -> R,
    ) -> R {
        let View { realm, client, subject, token, .. } = view;
        let scope = GrantedScope::of_token(realm, client, subject, token.scope.as_deref());
        let plan = self.plans.of(realm, client, &scope);
        let mut roles = TokenRoles::of(subject.roles(), plan.allowed_roles.as_ref());
        plan.role_edits.iter().for_each(|edit| roles.edit(edit));
        let pairwise = plan.pairwise.as_ref().map(|pairwise| pairwise.subject(subject.user().id.as_str()));
        let facts = Facts {
            realm,
            client,
            user: subject.user(),
            subject: pairwise.as_deref().unwrap_or(subject.user().id.as_str()),
            roles: &roles,
            notes: view.notes,
            session_id: token.session.as_ref().map(|id| id.as_str()),
            acr: token.shown.acr.as_deref().unwrap_or("1"),
            nonce: token.shown.nonce.as_deref(),
            organizations: scope.organizations(),
            requested: None,
        };
        let mut claims = Claims::with_room();
        begin(&mut claims, facts.subject);
        plan.evaluate(&facts, places, &mut claims);
        written_audience(&mut claims);
        end(claims.in_order())
    }
}

/// The claims of a token that introspection shows as they are.
fn kept(token: &InspectedToken, claims: &mut Claims<'_>) {
    if let Some(exp) = token.expires {
        claims.set("exp", exp);
    }
    claims.set("iat", token.issued);
    claims.set("jti", token.id.clone());
    claims.set("iss", token.issuer.clone());
    if let Some(subject) = &token.subject {
        claims.set("sub", subject.as_str().to_owned());
    }
    claims.set("typ", token.typ.clone());
    claims.set("azp", token.client_id.as_str().to_owned());
    if let Some(session) = &token.session {
        claims.set("sid", session.as_str().to_owned());
    }
    if let Some(scope) = &token.scope {
        claims.set("scope", scope.clone());
    }
    for (name, value) in [("cnf", &token.shown.cnf), ("act", &token.shown.act)] {
        if let Some(value) = value {
            claims.set(name, ClaimValue::Json(Cow::Owned(value.clone())));
        }
    }
    if !token.audience.is_empty() {
        add_audience(claims, token.audience.iter().cloned());
    }
}

/// What is told of a token to a client that asks with `token_type_hint=requesting_party_token`: nothing of its user.
/// Keycloak: recording introspection/offline-session-hint-rpt.
pub fn requesting_party_view(token: &InspectedToken) -> Map<String, Value> {
    let shown = ["exp", "iat", "jti", "aud", "typ", "acr"];
    let mut claims: Map<_, _> =
        shown.iter().filter_map(|name| Some(((*name).to_owned(), token.claims().get(*name)?.clone()))).collect();
    if token.claims().contains_key("authorization") {
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
