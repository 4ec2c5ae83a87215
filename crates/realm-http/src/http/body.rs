use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use oidc_types::{ErrorCode, FormError, OAuthError, Params};

use crate::http::realm_scope::WithoutHeaders;
use crate::http::{Rejection, Reply};
use crate::media_type::{BodyKind, kind_of, may_carry_credentials};
use crate::multipart;

/// Bytes of a body at the most. Keycloak: recording errors-http/huge-body.
const LARGEST_BODY: usize = 10 * 1024 * 1024;
/// A body that is too large is read this far and thrown away, so that a client that is still sending gets the answer.
const LARGEST_DISCARDED: usize = 4 * LARGEST_BODY;

/// Extracts the body of a request, at most 10 MiB of it, and its media type.
#[derive(Clone)]
pub struct RawBody {
    /// The `Content-Type` header.
    pub media_type: Option<String>,
    /// The body.
    pub bytes: Bytes,
}

impl RawBody {
    /// Whether client credentials are read from it.
    pub fn may_carry_credentials(&self) -> bool {
        may_carry_credentials(self.media_type.as_deref())
    }

    /// Whether the media type is none at all, such as `a/b/c` or `a/b, c/d`: Keycloak stumbles over it where it looks for client
    /// credentials (measured on 26.7.4).
    pub fn has_unreadable_media_type(&self) -> bool {
        let essence = self.media_type.as_deref().unwrap_or_default().split(';').next().unwrap_or_default();
        essence.contains(',') || essence.matches('/').count() > 1
    }

    /// The parameters of a form; none where the body is no form. Multipart forms are read too.
    ///
    /// # Errors
    /// 400 for broken percent-encoding, a broken multipart body or too many fields, 413 for a value that is too long.
    // Keycloak: too many fields and broken encoding are its 500 (errors-http/{many-parameters,bad-percent-encoding}); here the
    // client is told what it did.
    pub fn form(&self) -> Result<Params, Rejection> {
        let params = match kind_of(self.media_type.as_deref()) {
            BodyKind::UrlEncoded(charset) => Params::parse_in(charset, &self.bytes),
            BodyKind::Multipart(boundary) => multipart::parse(&self.bytes, &boundary),
            BodyKind::Other => Ok(Params::default()),
        };
        let invalid = |text| OAuthError::new(400, ErrorCode::InvalidRequest, text).into();
        params.map_err(|error| match error {
            FormError::ValueTooLong => Rejection::too_large().before_endpoint(),
            FormError::TooManyFields => invalid("Too many form parameters"),
            FormError::Encoding => invalid("The form body is not properly encoded"),
        })
    }
}

/// Prints no content: it may hold secrets.
impl std::fmt::Debug for RawBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawBody").field("media_type", &self.media_type).field("length", &self.bytes.len()).finish()
    }
}

impl FromRequest for RawBody {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let header = |name| req.headers().get(name).and_then(|v: &actix_web::http::header::HeaderValue| v.to_str().ok());
        let media_type = header(CONTENT_TYPE).map(str::to_owned);
        let announced: usize = header(CONTENT_LENGTH).and_then(|l| l.parse().ok()).unwrap_or_default();
        let payload = payload.take();
        Box::pin(async move { Ok(Self { media_type, bytes: read_in_time(payload, announced).await? }) })
    }
}

/// Time for a body to come in; after that its connection is not held any longer.
const BODY_WITHIN: Duration = Duration::from_secs(30);

async fn read_in_time(payload: Payload, announced: usize) -> Result<Bytes, actix_web::Error> {
    match actix_web::rt::time::timeout(BODY_WITHIN, read(payload, announced)).await {
        Ok(read) => read,
        Err(_) => {
            let answer = Reply::empty(408).header("connection", "close").into_response();
            Err(InternalError::from_response("body too slow", WithoutHeaders::mark(answer)).into())
        }
    }
}

async fn read(mut payload: Payload, announced: usize) -> Result<Bytes, actix_web::Error> {
    let mut body = BytesMut::with_capacity(announced.min(64 * 1024));
    let mut length = 0_usize;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk?;
        length = length.saturating_add(chunk.len());
        if length <= LARGEST_BODY {
            body.extend_from_slice(&chunk);
        } else if length > LARGEST_DISCARDED {
            break;
        }
    }
    if length > LARGEST_BODY {
        let answer = WithoutHeaders::mark(Reply::empty(413).into_response());
        return Err(InternalError::from_response("body too large", answer).into());
    }
    Ok(body.freeze())
}
