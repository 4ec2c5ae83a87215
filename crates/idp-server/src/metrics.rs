//! What `/metrics` tells. Labels come from closed sets only: nothing a caller sends makes a new series (CVE-2026-16100).

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use realm_files::Standing;

/// Which part of the server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Endpoint {
    Token,
    Keys,
    WellKnown,
    Userinfo,
    Introspect,
    Revoke,
    Authorize,
    Logout,
    LoginActions,
    Realm,
    Health,
    Other,
}

impl Endpoint {
    /// The part that `path` belongs to; whatever is not known is [`Self::Other`].
    pub(crate) fn of(path: &str) -> Self {
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.contains("/.well-known/") {
            return Self::WellKnown;
        }
        let Some((_, below)) = path.split_once("/realms/") else {
            return match path {
                _ if path.ends_with("/health") || path.contains("/health/") => Self::Health,
                _ if path.ends_with("/token") => Self::Token, // a realm's own token path
                _ => Self::Other,
            };
        };
        match below.split_once('/').map(|(_, inside)| inside) {
            None => Self::Realm,
            Some("protocol/openid-connect/token") => Self::Token,
            Some("protocol/openid-connect/certs") => Self::Keys,
            Some("protocol/openid-connect/userinfo") => Self::Userinfo,
            Some("protocol/openid-connect/token/introspect") => Self::Introspect,
            Some("protocol/openid-connect/revoke") => Self::Revoke,
            Some("protocol/openid-connect/auth") => Self::Authorize,
            Some("protocol/openid-connect/logout") => Self::Logout,
            Some(inside) if inside.starts_with("login-actions/") => Self::LoginActions,
            Some(_) => Self::Other,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Keys => "certs",
            Self::WellKnown => "well-known",
            Self::Userinfo => "userinfo",
            Self::Introspect => "introspect",
            Self::Revoke => "revoke",
            Self::Authorize => "auth",
            Self::Logout => "logout",
            Self::LoginActions => "login-actions",
            Self::Realm => "realm",
            Self::Health => "health",
            Self::Other => "other",
        }
    }
}

impl EncodeLabelValue for Endpoint {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        self.as_str().encode(encoder)
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    Success,
    Redirection,
    ClientError,
    ServerError,
}

impl Outcome {
    /// The class of an HTTP status.
    pub(crate) const fn of(status: u16) -> Self {
        match status {
            0..300 => Self::Success,
            300..400 => Self::Redirection,
            400..500 => Self::ClientError,
            _ => Self::ServerError,
        }
    }
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        let text = match self {
            Self::Success => "SUCCESS",
            Self::Redirection => "REDIRECTION",
            Self::ClientError => "CLIENT_ERROR",
            Self::ServerError => "SERVER_ERROR",
        };
        text.encode(encoder)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    endpoint: Endpoint,
    outcome: Outcome,
}

/// The figures of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    active: Gauge,
    hash_queue: Gauge,
    stored_records: Gauge,
    stored_bytes: Gauge,
    realms: Gauge,
    files_broken: Gauge,
    files_applied: Gauge,
    files_failed: Gauge,
    uptime: Gauge,
}

/// Figures that are read when they are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) active: usize,
    pub(crate) hash_queue: usize,
    pub(crate) stored_records: u64,
    pub(crate) stored_bytes: u64,
    pub(crate) realms: usize,
    pub(crate) files: Standing,
    pub(crate) uptime_secs: i64,
}

impl Default for Metrics {
    fn default() -> Self {
        let (requests, mut registry) = (Family::default(), Registry::default());
        let gauge = |registry: &mut Registry, name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        registry.register("http_server_requests", "Requests answered, by endpoint and outcome", Family::clone(&requests));
        let active = gauge(&mut registry, "http_server_active_requests", "Requests being answered");
        let hash_queue = gauge(&mut registry, "latchkey_password_hash_queue", "Passwords waiting to be hashed");
        let stored_records = gauge(&mut registry, "latchkey_sessions_records", "Records in the session store");
        let stored_bytes = gauge(&mut registry, "latchkey_sessions_bytes", "Bytes of keys and values in the session store");
        let realms = gauge(&mut registry, "latchkey_realms", "Realms being served");
        let files_broken = gauge(&mut registry, "latchkey_realm_files_broken", "Realm files that cannot be used at the moment");
        let files_applied = gauge(&mut registry, "latchkey_realm_files_applied", "Changes of realms by files since the start");
        let files_failed =
            gauge(&mut registry, "latchkey_realm_files_failed", "Realm files refused, or not applied, since the start");
        let uptime = Gauge::default();
        registry.register_with_unit("process_uptime", "Time since the start", Unit::Seconds, uptime.clone());
        Self {
            registry,
            requests,
            active,
            hash_queue,
            stored_records,
            stored_bytes,
            realms,
            files_broken,
            files_applied,
            files_failed,
            uptime,
        }
    }
}

impl Metrics {
    /// Counts one answer.
    pub(crate) fn count(&self, endpoint: Endpoint, outcome: Outcome) {
        self.requests.get_or_create(&RequestLabels { endpoint, outcome }).inc();
    }

    /// The OpenMetrics text, with `now` in the gauges.
    ///
    /// # Errors
    /// None that a `String` can have.
    pub(crate) fn text(&self, now: Reading) -> Result<String, std::fmt::Error> {
        let whole = |figure: usize| i64::try_from(figure).unwrap_or(i64::MAX);
        self.active.set(whole(now.active));
        self.hash_queue.set(whole(now.hash_queue));
        self.stored_records.set(i64::try_from(now.stored_records).unwrap_or(i64::MAX));
        self.stored_bytes.set(i64::try_from(now.stored_bytes).unwrap_or(i64::MAX));
        self.realms.set(whole(now.realms));
        self.files_broken.set(whole(now.files.broken.len()));
        self.files_applied.set(i64::try_from(now.files.applied).unwrap_or(i64::MAX));
        self.files_failed.set(i64::try_from(now.files.failed).unwrap_or(i64::MAX));
        self.uptime.set(now.uptime_secs);
        let mut out = String::with_capacity(4096);
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_nobody_knows_make_no_new_series() {
        let metrics = Metrics::default();
        for path in ["/realms/a/x", "/realms/b/y", "/z", "/realms/c/protocol/openid-connect/nonsense"] {
            metrics.count(Endpoint::of(path), Outcome::of(404));
        }
        let text = metrics.text(Reading::default()).unwrap();
        assert!(text.contains(r#"http_server_requests_total{endpoint="other",outcome="CLIENT_ERROR"} 4"#), "{text}");
    }

    #[test]
    fn finds_the_endpoint_below_a_relative_path_too() {
        for (path, endpoint) in [
            ("/auth/realms/acme/protocol/openid-connect/token", Endpoint::Token),
            ("/realms/acme/protocol/openid-connect/certs/", Endpoint::Keys),
            ("/realms/acme/.well-known/openid-configuration", Endpoint::WellKnown),
            ("/.well-known/oauth-authorization-server/realms/acme", Endpoint::WellKnown),
            ("/realms/acme", Endpoint::Realm),
            ("/spms/access/token", Endpoint::Token),
            ("/health/ready", Endpoint::Health),
        ] {
            assert_eq!(Endpoint::of(path), endpoint, "{path}");
        }
    }
}
