//! Options of Keycloak's server that mean nothing here: accepted, so that a command line or an environment written for
//! Keycloak goes on working, and told once each. Names of Keycloak 26.7.

use super::outbound::AUTHENTICATION_CHANNEL;
use super::table::{self, OPTIONS};

/// What a name is to this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// An option that is acted on, by its full name.
    Ours(&'static str),
    /// `log-level-<category>`.
    CategoryLevel,
    /// An option of Keycloak's that means nothing here.
    Ignored,
    /// An option whose silent loss would weaken a deployment, unless its value asks for nothing; with what to do instead.
    Refused {
        /// The value (lower case) under which nothing is lost.
        harmless: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// An option that Keycloak itself has dropped before 26, with what to use now.
    Dropped(&'static str),
}

/// How Keycloak before 26.2 wrote it; it is understood there to this day.
const CHANNEL_BEFORE_26: &str = "spi-ciba-auth-channel-ciba-http-auth-channel-http-authentication-channel-uri";

/// Looks `name` (without dashes in front) up; `None` where neither this server nor Keycloak has such an option.
pub(crate) fn classify(name: &str) -> Option<Known> {
    if let Some(option) = table::find(name) {
        return Some(Known::Ours(option.name));
    }
    if name == CHANNEL_BEFORE_26 {
        return table::find(AUTHENTICATION_CHANNEL).map(|option| Known::Ours(option.name));
    }
    if let Some((_, harmless, instead)) = REFUSED.iter().find(|(refused, ..)| *refused == name) {
        return Some(Known::Refused { harmless, instead });
    }
    if let Some((_, now)) = DROPPED.iter().find(|(dropped, _)| *dropped == name) {
        return Some(Known::Dropped(now));
    }
    if name.strip_prefix("log-level-").is_some_and(|category| !category.is_empty()) {
        return Some(Known::CategoryLevel);
    }
    let of_family = |family: &&str| name.strip_prefix(*family).is_some_and(|rest| !rest.is_empty());
    (IGNORED.contains(&name) || FAMILIES.iter().any(of_family) || is_of_datasource(name)).then_some(Known::Ignored)
}

/// `db-…-<datasource>`: an option of the database with the name of a further data source behind it.
fn is_of_datasource(name: &str) -> bool {
    let base = |option: &&&str| option.starts_with("db-") || **option == "transaction-xa-enabled";
    let further = ["db-enabled", "db-health-exclude", "db-kind", "db-url-full"];
    let ours = OPTIONS.iter().map(|option| &option.name).filter(base);
    IGNORED
        .iter()
        .filter(base)
        .chain(ours)
        .chain(further.iter())
        .any(|option| name.strip_prefix(option).is_some_and(|rest| rest.len() > 1 && rest.starts_with('-')))
}

/// The known option name nearest to `name`, where one is near enough to be meant.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let ours = OPTIONS.iter().map(|option| option.name);
    let known = ours.chain(IGNORED.iter().copied()).chain(REFUSED.iter().map(|(refused, ..)| *refused));
    closest(name, known)
}

/// The candidate nearest to `word`, where one is near enough to be meant.
pub(crate) fn closest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::normalized_damerau_levenshtein(word, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

const PEM: &str = "give https-certificate-file and https-certificate-key-file (PEM)";
const NO_CLIENT_CERTIFICATES: &str = "client certificates are not asked for there";

/// Name, the value under which nothing is lost, what to do instead.
static REFUSED: &[(&str, &str, &str)] = &[
    ("fips-mode", "disabled", "there is no FIPS mode"),
    ("https-management-client-auth", "none", NO_CLIENT_CERTIFICATES),
    ("https-key-store-file", "", PEM),
    ("https-management-key-store-file", "", PEM),
    ("proxy-protocol-enabled", "false", "use proxy-headers"),
];

/// Name, what to use now.
static DROPPED: &[(&str, &str)] = &[
    ("proxy", "use proxy-headers"),
    ("hostname-url", "give hostname a full URL"),
    ("hostname-port", "give hostname a full URL"),
    ("hostname-path", "give hostname a full URL"),
    ("hostname-admin-url", "use hostname-admin"),
    ("hostname-strict-https", "give hostname a URL that starts with https://"),
    ("hostname-strict-backchannel", "use hostname-backchannel-dynamic"),
];

/// Names that begin so, whatever follows.
static FAMILIES: &[&str] =
    &["spi-", "feature-", "telemetry-header-", "telemetry-logs-header-", "telemetry-metrics-header-", "tracing-header-"];

static IGNORED: &[&str] = &[
    "bootstrap-admin-client-id",
    "bootstrap-admin-client-secret",
    "cache",
    "cache-config-file",
    "cache-config-mutate",
    "cache-embedded-authorization-max-count",
    "cache-embedded-client-sessions-max-count",
    "cache-embedded-crl-max-count",
    "cache-embedded-keys-max-count",
    "cache-embedded-mtls-enabled",
    "cache-embedded-mtls-key-store-file",
    "cache-embedded-mtls-key-store-password",
    "cache-embedded-mtls-rotation-interval-days",
    "cache-embedded-mtls-trust-store-file",
    "cache-embedded-mtls-trust-store-password",
    "cache-embedded-network-bind-address",
    "cache-embedded-network-bind-port",
    "cache-embedded-network-external-address",
    "cache-embedded-network-external-port",
    "cache-embedded-offline-client-sessions-max-count",
    "cache-embedded-offline-sessions-max-count",
    "cache-embedded-realms-max-count",
    "cache-embedded-sessions-max-count",
    "cache-embedded-users-max-count",
    "cache-metrics-histograms-enabled",
    "cache-remote-backup-sites",
    "cache-remote-host",
    "cache-remote-password",
    "cache-remote-port",
    "cache-remote-tls-enabled",
    "cache-remote-username",
    "cache-stack",
    "config-keystore",
    "config-keystore-password",
    "config-keystore-type",
    "db-connect-timeout",
    "db-debug-jpql",
    "db-driver",
    "db-log-slow-queries-threshold",
    "db-mtls-key-store-file",
    "db-mtls-key-store-password",
    "db-mtls-key-store-type",
    "db-pool-initial-size",
    "db-pool-max-lifetime",
    "db-pool-min-size",
    "db-tls-mode",
    "db-tls-trust-store-file",
    "db-tls-trust-store-password",
    "db-tls-trust-store-type",
    "event-metrics-user-enabled",
    "event-metrics-user-events",
    "event-metrics-user-tags",
    "features",
    "features-disabled",
    "hostname-admin",
    "hostname-debug",
    "http-accept-non-normalized-paths",
    "http-access-log-enabled",
    "http-access-log-exclude",
    "http-access-log-file-enabled",
    "http-access-log-file-name",
    "http-access-log-file-rotate",
    "http-access-log-file-suffix",
    "http-access-log-masked-cookies",
    "http-access-log-masked-headers",
    "http-access-log-pattern",
    "http-max-queued-requests",
    "http-metrics-histograms-enabled",
    "http-metrics-slos",
    "http-pool-max-threads",
    "https-certificates-reload-period",
    "https-cipher-suites",
    "https-key-store-password",
    "https-key-store-type",
    "https-management-certificate-file",
    "https-management-certificate-key-file",
    "https-management-certificates-reload-period",
    "https-management-cipher-suites",
    "https-management-key-store-password",
    "https-management-key-store-type",
    "https-management-protocols",
    "https-management-trust-store-file",
    "https-management-trust-store-password",
    "https-management-trust-store-type",
    "https-protocols",
    "https-trust-store-password",
    "https-trust-store-type",
    "legacy-observability-interface",
    "log",
    "log-async",
    "log-console-async",
    "log-console-async-queue-length",
    "log-console-color",
    "log-console-format",
    "log-console-include-mdc",
    "log-console-include-trace",
    "log-console-json-format",
    "log-console-level",
    "log-file",
    "log-file-async",
    "log-file-async-queue-length",
    "log-file-format",
    "log-file-include-mdc",
    "log-file-include-trace",
    "log-file-json-format",
    "log-file-level",
    "log-file-output",
    "log-file-rotation-enabled",
    "log-file-rotation-file-suffix",
    "log-file-rotation-max-backup-index",
    "log-file-rotation-max-file-size",
    "log-file-rotation-rotate-on-boot",
    "log-mdc-enabled",
    "log-mdc-keys",
    "log-service-environment",
    "log-service-name",
    "log-syslog-app-name",
    "log-syslog-async",
    "log-syslog-async-queue-length",
    "log-syslog-counting-framing",
    "log-syslog-endpoint",
    "log-syslog-format",
    "log-syslog-include-mdc",
    "log-syslog-include-trace",
    "log-syslog-json-format",
    "log-syslog-level",
    "log-syslog-max-length",
    "log-syslog-output",
    "log-syslog-protocol",
    "log-syslog-type",
    "openapi-enabled",
    "openapi-ui-enabled",
    "server-async-bootstrap",
    "telemetry-endpoint",
    "telemetry-logs-enabled",
    "telemetry-logs-endpoint",
    "telemetry-logs-level",
    "telemetry-logs-protocol",
    "telemetry-metrics-enabled",
    "telemetry-metrics-endpoint",
    "telemetry-metrics-interval",
    "telemetry-metrics-protocol",
    "telemetry-protocol",
    "telemetry-resource-attributes",
    "telemetry-service-name",
    "tls-hostname-verifier",
    "tracing-compression",
    "tracing-enabled",
    "tracing-endpoint",
    "tracing-infinispan-enabled",
    "tracing-jdbc-enabled",
    "tracing-protocol",
    "tracing-resource-attributes",
    "tracing-sampler-ratio",
    "tracing-sampler-type",
    "tracing-service-name",
    "transaction-default-timeout",
    "transaction-setup-timeout",
    "transaction-xa-enabled",
    "truststore-kubernetes-enabled",
    "vault",
    "vault-dir",
    "vault-file",
    "vault-pass",
    "vault-type",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_keycloak_knows() {
        for name in
            ["db-debug-jpql", "db-url-full-users", "spi-theme--welcome-theme", "feature-dpop", "tracing-header-x", "cache-stack"]
        {
            assert_eq!(classify(name), Some(Known::Ignored), "{name}");
        }
        assert_eq!(classify("http-port"), Some(Known::Ours("http-port")));
        assert_eq!(classify("log-level-org.keycloak"), Some(Known::CategoryLevel));
        assert_eq!(classify("http-prot"), None);
        assert_eq!(classify("spi-"), None);
    }

    /// CVE-2025-3501
    #[test]
    fn no_option_switches_off_how_certificates_are_judged() {
        for name in ["tls-hostname-verifier", "spi-connections-http-client-default-disable-trust-manager"] {
            assert_eq!(classify(name), Some(Known::Ignored), "{name}");
        }
    }

    #[test]
    fn no_name_stands_in_two_tables() {
        for option in OPTIONS {
            assert!(!IGNORED.contains(&option.name), "{}", option.name);
        }
        for (refused, ..) in REFUSED {
            assert!(!IGNORED.contains(refused), "{refused}");
        }
    }

    #[test]
    fn suggests_the_nearest_name() {
        assert_eq!(nearest("http-prot"), Some("http-port"));
        assert_eq!(nearest("hostnam"), Some("hostname"));
        assert_eq!(nearest("import-realms"), Some("import-realm"));
        assert_eq!(nearest("zzz"), None);
    }
}
