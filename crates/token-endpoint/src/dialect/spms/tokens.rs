use ambient::Timestamp;
use realm_model::{Realm, RoleSet};
use serde::{Deserialize, Serialize};
use token_issuer::{BoundTo, Issue, KeyError, MintError, RefreshIssue};

use crate::exchange::Exchange;
use crate::grant::refresh_token::Redeemable;

const AUDIENCE: [&str; 1] = ["spms-oauth2-resource"];
const SCOPE: [&str; 1] = ["All"];
/// Refresh tokens are for this server alone, so they carry its own secret: no resource can take one for an access token.
const REFRESH_ALGORITHM: &str = "HS512";

/// The tokens of one answer.
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) access_token_id: String,
    pub(crate) refresh_token: String,
    pub(crate) expires_in: i64,
}

/// The claims, in the order of the page's examples. An access token has no `ati`.
#[derive(Serialize)]
struct Claims<'a> {
    aud: [&'static str; 1],
    user_name: &'a str,
    scope: [&'static str; 1],
    organization: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ati: Option<&'a str>,
    exp: i64,
    authorities: &'a [&'a str],
    jti: &'a str,
    client_id: &'a str,
}

/// Makes the tokens of `issue` as SPMS reads them.
pub(crate) async fn mint(cx: &Exchange<'_>, issue: &Issue) -> Result<Tokens, MintError> {
    let keys = &cx.parts.keys;
    let user = issue.subject.user();
    let lifespan = cx.client.number("access.token.lifespan").unwrap_or(cx.realm.lifespans.access_token);
    let expires = cx.now.plus_secs(lifespan).min(issue.session.ends.unwrap_or(Timestamp::MAX)).secs();
    let access_token_id = cx.parts.entropy.uuid().to_string();
    let authorities = authorities(cx.realm, issue.subject.roles());
    let access = Claims {
        aud: AUDIENCE,
        user_name: &user.username,
        scope: SCOPE,
        organization: user.attribute("organization").unwrap_or_default(),
        ati: None,
        exp: expires,
        authorities: &authorities,
        jti: &access_token_id,
        client_id: cx.client.client_id.as_str(),
    };
    let algorithm = cx.client.attribute("access.token.signed.response.alg").unwrap_or(&cx.realm.default_signature_algorithm);
    let access_token = keys.sign(cx.realm, algorithm, "JWT", &serde_json::to_vec(&access)?).await?;
    // The page leaves no claim for `iat` and the session, so the id of the refresh token tells both.
    let refresh_token_id = format!("{}.{}.{}", cx.parts.entropy.uuid(), cx.now.secs(), issue.session.id);
    let refresh = Claims { ati: Some(&access_token_id), exp: refresh_expiry(issue), jti: &refresh_token_id, ..access };
    let refresh_token = keys.sign(cx.realm, REFRESH_ALGORITHM, "JWT", &serde_json::to_vec(&refresh)?).await?;
    Ok(Tokens { access_token, refresh_token, expires_in: expires - cx.now.secs(), access_token_id })
}

fn refresh_expiry(issue: &Issue) -> i64 {
    match &issue.refresh {
        RefreshIssue::Refresh { expires, .. } => expires.secs(),
        RefreshIssue::Offline { expires: Some(expires), .. } => expires.secs(),
        RefreshIssue::Offline { expires: None, .. } | RefreshIssue::Without => issue.session.started.secs(),
    }
}

/// The realm roles, without those that Keycloak gives everybody.
fn authorities<'a>(realm: &Realm, roles: &'a RoleSet) -> Vec<&'a str> {
    let default_role = format!("default-roles-{}", realm.name.as_str().to_lowercase());
    let given = |name: &&str| ![default_role.as_str(), "offline_access", "uma_authorization"].contains(name);
    roles.iter().filter(|role| role.client.is_none()).map(|role| role.name.as_str()).filter(given).collect()
}

#[derive(Deserialize)]
struct RefreshClaims {
    #[serde(rename = "ati")]
    _ati: String,
    exp: i64,
    jti: String,
    client_id: String,
}

/// Reads a refresh token of this dialect; `None` where it is none of this realm's, or its time is over.
pub(crate) async fn verify(cx: &Exchange<'_>, token: &str) -> Result<Option<Redeemable>, KeyError> {
    let signed = cx.parts.keys.verify(cx.realm, token).await?;
    Ok(signed.filter(|signed| signed.algorithm == REFRESH_ALGORITHM).and_then(|signed| read(cx, &signed.claims)))
}

fn read(cx: &Exchange<'_>, claims: &[u8]) -> Option<Redeemable> {
    let claims: RefreshClaims = serde_json::from_slice(claims).ok()?;
    if claims.exp < cx.now.secs() {
        return None;
    }
    let (_, rest) = claims.jti.split_once('.')?;
    let (issued, session) = rest.split_once('.')?;
    let issued = Timestamp::from_secs(issued.parse().ok()?);
    Some(Redeemable {
        session: session.into(),
        client_id: claims.client_id.as_str().into(),
        id: claims.jti,
        issued,
        offline: false,
        scope: None,
        requested_audience: Vec::new(),
        reuse_id: None,
        bound_to: BoundTo::default(),
        authorization: None,
    })
}
