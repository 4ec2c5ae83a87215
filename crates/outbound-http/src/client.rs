//! The one place that sends requests.

use std::error::Error as _;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, ClientBuilder, Method, Proxy, redirect};
use serde::de::DeserializeOwned;
use url::{Host, Url};

use crate::address::Allowed;
use crate::route::{Route, Routes};
use crate::{Config, ConfigError, OutboundError};

/// Sends requests to where others say; cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

struct Inner {
    allowed: Allowed,
    routes: Routes,
    /// For https URLs.
    secure: Lazy,
    /// For http URLs: to allowed addresses alone.
    plain: Lazy,
    /// One for each proxy of `routes`.
    proxied: Vec<Lazy>,
    max_bytes: usize,
}

/// A client that is made when it is first needed: reading the certificates of the system takes longer than a start may.
struct Lazy {
    client: OnceLock<Result<Client, String>>,
    make: Box<dyn Fn() -> reqwest::Result<Client> + Send + Sync>,
}

impl Lazy {
    fn new(make: impl Fn() -> reqwest::Result<Client> + Send + Sync + 'static) -> Self {
        Self { client: OnceLock::new(), make: Box::new(make) }
    }

    fn client(&self, host: &str) -> Result<&Client, OutboundError> {
        let made = self.client.get_or_init(|| (self.make)().map_err(|error| error.without_url().to_string()));
        made.as_ref().map_err(|reason| OutboundError::Unreachable { host: host.to_owned(), reason: reason.clone() })
    }
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

/// A request to send. Not `Debug`: headers and body may be secret.
#[derive(Clone)]
pub struct Request<'a> {
    /// What to do.
    pub verb: Verb,
    /// Where: an absolute URL.
    pub url: &'a str,
    /// Names and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// Empty for none.
    pub body: Bytes,
    /// How long it may take, where that is less than the setting.
    pub timeout: Option<Duration>,
}

/// An answer of whatever status, complete.
#[derive(Clone)]
pub struct Answer {
    /// The status. A redirect is an answer like any other.
    pub status: u16,
    /// `Content-Type`
    pub content_type: Option<String>,
    /// `Cache-Control`
    pub cache_control: Option<String>,
    /// The body.
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

impl Answer {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Outbound {
    /// With these settings.
    ///
    /// # Errors
    /// The first setting that cannot be followed.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let allowed = Allowed::read(&config.allow)?;
        let routes = Routes::read(config)?;
        let common = Arc::new(Common::read(config)?);
        let direct = |public| {
            let (common, allowed) = (Arc::clone(&common), allowed.clone());
            Lazy::new(move || {
                let guard = Guard { allowed: allowed.clone(), public };
                common.builder().no_proxy().dns_resolver(Arc::new(guard)).build()
            })
        };
        let (secure, plain) = (direct(Public::Admitted), direct(Public::Refused));
        // A proxy is the operator's: its own address is not judged.
        let through = |proxy: &Url| {
            let (common, proxy) = (Arc::clone(&common), proxy.clone());
            Lazy::new(move || common.builder().proxy(Proxy::all(proxy.clone())?).build())
        };
        let proxied = routes.proxies.iter().map(through).collect();
        Ok(Self(Arc::new(Inner { allowed, routes, secure, plain, proxied, max_bytes: config.max_response_bytes })))
    }

    /// The JSON document at `url`.
    ///
    /// # Errors
    /// [`OutboundError`]; any status but 200 is one.
    pub async fn get_json<T: DeserializeOwned>(&self, url: &str) -> Result<T, OutboundError> {
        let body = self.get(url, "application/json").await?;
        serde_json::from_slice(&body).map_err(|_| OutboundError::NotJson(host_of(url)))
    }

    /// The document at `url`, asked for as `accept`.
    ///
    /// # Errors
    /// [`OutboundError`]; any status but 200 is one.
    pub async fn get(&self, url: &str, accept: &str) -> Result<Bytes, OutboundError> {
        let headers = [("accept", accept)];
        let answer = self.send(Request { verb: Verb::Get, url, headers: &headers, body: Bytes::new(), timeout: None }).await?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(OutboundError::Status { host: host_of(url), status }),
        }
    }

    /// Posts `body`; the caller judges the status.
    ///
    /// # Errors
    /// [`OutboundError`]
    pub async fn post(&self, url: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Answer, OutboundError> {
        self.send(Request { verb: Verb::Post, url, headers, body, timeout: None }).await
    }

    /// Sends a request and reads its answer; the caller judges the status.
    ///
    /// # Errors
    /// [`OutboundError`]
    pub async fn send(&self, request: Request<'_>) -> Result<Answer, OutboundError> {
        let url = callable(request.url)?;
        let host = host_of(request.url);
        let client = self.client_for(&url, &host)?;
        let method = match request.verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
        };
        let mut sending = client.request(method, url);
        for (name, value) in request.headers {
            sending = sending.header(*name, *value);
        }
        if !request.body.is_empty() {
            sending = sending.body(request.body);
        }
        if let Some(timeout) = request.timeout {
            sending = sending.timeout(timeout);
        }
        let mut answer = sending.send().await.map_err(|error| told(error, &host))?;
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (status, content_type, cache_control) = (answer.status().as_u16(), header("content-type"), header("cache-control"));
        let body = self.read(&mut answer, &host).await?;
        Ok(Answer { status, content_type, cache_control, body })
    }

    fn client_for(&self, url: &Url, host: &str) -> Result<&Client, OutboundError> {
        let inner = &self.0;
        // Addresses in the URL itself pass no resolver, so they are judged here.
        let literal = match url.host() {
            Some(Host::Ipv4(v4)) => Some(v4.into()),
            Some(Host::Ipv6(v6)) => Some(v6.into()),
            _ => None,
        };
        let is_plain = url.scheme() == "http";
        match literal {
            Some(address) if !inner.allowed.admits(address) => return Err(OutboundError::Address(host.to_owned())),
            Some(address) if is_plain && !inner.allowed.names(address) => return Err(OutboundError::PlainHttp(host.to_owned())),
            _ => {}
        }
        match inner.routes.of(url) {
            Route::Direct => if is_plain { &inner.plain } else { &inner.secure }.client(host),
            // Where a name leads is for the proxy to say, so nobody can tell that the address is an allowed one.
            Route::Proxy(_) if is_plain && literal.is_none() => Err(OutboundError::PlainHttp(host.to_owned())),
            Route::Proxy(place) => inner.proxied.get(place).ok_or(OutboundError::Url)?.client(host),
        }
    }

    async fn read(&self, answer: &mut reqwest::Response, host: &str) -> Result<Bytes, OutboundError> {
        let limit = self.0.max_bytes;
        let too_large = || OutboundError::TooLarge(host.to_owned());
        if answer.content_length().is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| told(error, host))? {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

/// What all clients share.
struct Common {
    connect_timeout: Duration,
    timeout: Duration,
    trust: Vec<Certificate>,
}

impl Common {
    fn read(config: &Config) -> Result<Self, ConfigError> {
        let read = |pem: String| Certificate::from_pem(pem.as_bytes()).map_err(|error| ConfigError::Trust(error.to_string()));
        Ok(Self {
            connect_timeout: Duration::from_millis(config.connect_timeout_ms),
            timeout: Duration::from_millis(config.timeout_ms),
            trust: config.trust.iter().flat_map(|text| certificates(text)).map(read).collect::<Result<_, _>>()?,
        })
    }

    fn builder(&self) -> ClientBuilder {
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(self.connect_timeout)
            .timeout(self.timeout)
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(4)
            .referer(false)
            .user_agent("latchkey");
        self.trust.iter().cloned().fold(builder, ClientBuilder::add_root_certificate)
    }
}

/// Each certificate of a PEM text.
fn certificates(text: &str) -> impl Iterator<Item = String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let bodies = text.split(BEGIN).skip(1).filter_map(|rest| rest.split_once(END));
    bodies.map(|(body, _)| format!("{BEGIN}{body}{END}\n"))
}

/// A URL that can be called at all.
fn callable(url: &str) -> Result<Url, OutboundError> {
    let url = Url::parse(url).map_err(|_| OutboundError::Url)?;
    let plain = matches!(url.scheme(), "http" | "https") && url.has_host();
    let anonymous = url.username().is_empty() && url.password().is_none();
    if plain && anonymous { Ok(url) } else { Err(OutboundError::Url) }
}

/// What the log may show of a URL.
fn host_of(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The reason, without the URL, which may hold a secret.
fn told(error: reqwest::Error, host: &str) -> OutboundError {
    let host = host.to_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        match cause.downcast_ref::<Unresolved>() {
            Some(Unresolved::Refused) => return OutboundError::Address(host),
            Some(Unresolved::PlainHttp) => return OutboundError::PlainHttp(host),
            Some(Unresolved::Unknown) => return OutboundError::Unresolved(host),
            None => source = cause.source(),
        }
    }
    if error.is_timeout() {
        return OutboundError::Timeout(host);
    }
    if error.is_builder() {
        return OutboundError::Header;
    }
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = cause.to_string();
        source = cause.source();
    }
    OutboundError::Unreachable { host, reason }
}

/// Resolves names and lets through only what may be called: what it returns is what is connected to, so that a name which
/// changes its mind meanwhile (DNS rebinding) gains nothing.
struct Guard {
    allowed: Allowed,
    public: Public,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Public {
    Admitted,
    Refused,
}

/// Why a name gives no address.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum Unresolved {
    #[error("no such name")]
    Unknown,
    #[error("not public and not allowed")]
    Refused,
    #[error("plain http")]
    PlainHttp,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, public) = (self.allowed.clone(), self.public);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| Unresolved::Unknown)?;
            let found: Vec<SocketAddr> = found.collect();
            let none_of = if found.is_empty() {
                Unresolved::Unknown
            } else if found.iter().any(|address| allowed.admits(address.ip())) {
                Unresolved::PlainHttp
            } else {
                Unresolved::Refused
            };
            let fine = |address: &SocketAddr| match public {
                Public::Admitted => allowed.admits(address.ip()),
                Public::Refused => allowed.names(address.ip()),
            };
            let admitted: Vec<SocketAddr> = found.into_iter().filter(fine).collect();
            if admitted.is_empty() {
                return Err(none_of.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}
