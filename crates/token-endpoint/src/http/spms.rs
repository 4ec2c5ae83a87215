use std::time::{Duration, UNIX_EPOCH};

use actix_web::http::header::HttpDate;
use ambient::Timestamp;
use client_auth::Presented;
use oidc_types::Params;
use realm_http::Scheme;
use realm_http::http::{CachePolicy, Rejection, Reply};
use sessions::{DeviceKey, Inserted, TrustedDevice};
use token_issuer::Issue;

use super::{Asked, Surroundings};
use crate::dialect::spms::{self, Fields, SpmsGrant, Success, Tokens};
use crate::endpoint::{Grant, decide};
use crate::error::{GrantError, RequestError};
use crate::exchange::Exchange;
use crate::grant::contactless::Contactless;
use crate::grant::password::Password;
use crate::report::{Refused, record_refusal};

const COOKIE: &str = "key";
/// Seconds that a device's key is good for.
const KEY_LIFESPAN: i64 = 365 * 24 * 3600;

/// SPMS's order: the pattern of every field before anything else.
pub(super) async fn answer(asked: &Asked<'_>) -> Result<Reply, Rejection> {
    asked.refuse_transport_and_realm()?;
    let params = parameters(asked)?;
    let fields = Fields::check(&params).map_err(|error| refuse(asked, None, &error.into()))?;
    let request = asked.request;
    request.cors.allow_any(realm_http::Expose::Default);
    let client_id = Params::from_pairs([("client_id".to_owned(), fields.client_id.to_owned())]);
    let presented = Presented { authorization: None, form: Some(&client_id) };
    let authenticated = asked.client_auth.authenticate(request, presented).await;
    let client = authenticated.map_err(|error| refuse(asked, Some(&fields), &error.into()))?;
    request.cors.judge(&client.client().web_origins)?;

    let surroundings = Surroundings::of(request);
    let accepts_issuer = |issuer: &str| request.accepts_issuer(issuer);
    let cx = surroundings.exchange(asked, client.client(), &accepts_issuer);
    match issue(&cx, &fields, cookie(asked).as_ref()).await {
        Ok((issue, tokens, key)) => {
            let success = Success::of(&tokens, issue.subject.user());
            Ok(Reply::json(&success).cache(CachePolicy::NoStore).header("set-cookie", &set_cookie(asked, &key)))
        }
        Err(error) => Err(refuse(asked, Some(&fields), &error)),
    }
}

/// A form, or a JSON object.
fn parameters(asked: &Asked<'_>) -> Result<Params, Rejection> {
    let is_json = asked.body.media_type.as_deref().is_some_and(|t| t.trim().to_ascii_lowercase().starts_with("application/json"));
    if !is_json {
        return asked.body.form();
    }
    spms::read(&asked.body.bytes).ok_or_else(|| refuse(asked, None, &RequestError::Field("body").into()))
}

async fn issue(
    cx: &Exchange<'_>,
    fields: &Fields<'_>,
    shown: Option<&DeviceKey>,
) -> Result<(Issue, Tokens, DeviceKey), GrantError> {
    let cruise = cx.realm.attribute("latchkey.cruise").unwrap_or_default();
    let live = match shown {
        Some(key) if cx.parts.sessions.show_device_key(&cx.realm.name, key, cruise, cx.now).await?.is_some() => Some(key),
        _ => None,
    };
    let grant = match fields.grant {
        SpmsGrant::Password { username, password } => {
            Grant::Password(Password { username: Some(username), password: Some(password), otp: None, scope: None })
        }
        SpmsGrant::RefreshToken { refresh_token } => Grant::SpmsRefresh(refresh_token),
        SpmsGrant::Contactless { card } => Grant::Contactless(Contactless { card, device: live }),
    };
    let issue = decide(cx, &grant).await?;
    let tokens = spms::mint(cx, &issue).await?;
    let key = next_key(cx, &issue, live).await?;
    Ok((issue, tokens, key))
}

/// The device's next key; a device that showed none alive is a new one.
async fn next_key(cx: &Exchange<'_>, issue: &Issue, live: Option<&DeviceKey>) -> Result<DeviceKey, GrantError> {
    let (sessions, realm, entropy) = (&cx.parts.sessions, &cx.realm.name, &*cx.parts.entropy);
    let expires = cx.now.plus_secs(KEY_LIFESPAN);
    if let Some(live) = live {
        let next = live.successor(entropy);
        if sessions.offer_device_key(realm, &next, expires, cx.now).await? {
            return Ok(next);
        }
    }
    let cruise = cx.realm.attribute("latchkey.cruise").unwrap_or_default();
    loop {
        let key = DeviceKey::new(entropy);
        let device = TrustedDevice::new(issue.subject.user().id.clone(), cruise, (&key, expires), cx.now);
        if sessions.record_device(realm, &key, &device, cx.now).await? == Inserted::Done {
            return Ok(key);
        }
    }
}

fn cookie(asked: &Asked<'_>) -> Option<DeviceKey> {
    DeviceKey::parse(asked.cookie(COOKIE)?)
}

fn set_cookie(asked: &Asked<'_>, key: &DeviceKey) -> String {
    let path = asked.request.token_path.as_deref().and_then(|path| path.rsplit_once('/')).map_or("/", |(folder, _)| folder);
    let expires = http_date(asked.request.now.plus_secs(KEY_LIFESPAN));
    let secure = if asked.request.arrival.scheme == Scheme::Https { "; Secure" } else { "" };
    format!("{COOKIE}={}; Expires={expires}; Path={path}; HttpOnly; SameSite=Strict{secure}", key.to_cookie())
}

fn http_date(at: Timestamp) -> HttpDate {
    HttpDate::from(UNIX_EPOCH + Duration::from_secs(u64::try_from(at.secs()).unwrap_or_default()))
}

fn refuse(asked: &Asked<'_>, fields: Option<&Fields<'_>>, error: &GrantError) -> Rejection {
    let realm = &asked.request.realm;
    let known = fields.map(|f| f.client_id).filter(|id| realm.client(id).is_some());
    let grant = fields.map(|f| match f.grant {
        SpmsGrant::Password { .. } => "password",
        SpmsGrant::RefreshToken { .. } => "refresh_token",
        SpmsGrant::Contactless { .. } => "contactless",
    });
    let username = fields.and_then(|f| match f.grant {
        SpmsGrant::Password { username, .. } => Some(username),
        SpmsGrant::RefreshToken { .. } | SpmsGrant::Contactless { .. } => None,
    });
    let answer = spms::refused(error, &realm.brute_force);
    let description = answer.as_ref().map_or("", |wire| &*wire.description);
    record_refusal(asked.recorder(), &Refused { realm, grant, client_id: known, username, description }, error);
    match answer {
        None => Reply::json(&spms::problem()).status(401).into(),
        Some(wire) => wire.into(),
    }
}
