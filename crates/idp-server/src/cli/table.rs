//! The options this server acts on: one table from which the command line, the environment, `latchkey.toml`, `--help` and the
//! check of `docs/configuration.md` are made.

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Given or not; takes no value (`=true` and `=false` are understood).
    Flag,
    /// `true` or `false`.
    Bool,
    /// One value.
    Value,
    /// Several values: the option repeated, or comma-separated.
    List,
}

/// An option: `--name`, `KC_NAME` or `LATCHKEY_NAME` in the environment, `name = …` in latchkey.toml.
#[derive(Debug)]
pub(crate) struct OptionSpec {
    /// The name without dashes in front.
    pub(crate) name: &'static str,
    /// What it takes.
    pub(crate) kind: Kind,
    /// Where `--help` puts it.
    pub(crate) group: &'static str,
    /// How `--help` calls the value.
    pub(crate) value: &'static str,
    /// What it does and its default.
    pub(crate) help: &'static str,
}

const fn option(group: &'static str, name: &'static str, kind: Kind, value: &'static str, help: &'static str) -> OptionSpec {
    OptionSpec { name, kind, group, value, help }
}

const LATCHKEY: &str = "Latchkey";
const HTTP: &str = "HTTP(S)";
const HOSTNAME: &str = "Hostname";
const MANAGEMENT: &str = "Management";
const LOGGING: &str = "Logging";
const GENERAL: &str = "Start";
const DATABASE: &str = "Database";
const OUTBOUND: &str = "Outgoing requests";

/// Every option that means something here, in the order of `--help`.
pub(crate) static OPTIONS: &[OptionSpec] = &[
    option(
        LATCHKEY,
        "realms",
        Kind::List,
        "DIR|FILE",
        "Realm files, or folders of them. Default: realms, where there is such a folder.",
    ),
    option(
        LATCHKEY,
        "data",
        Kind::Value,
        "DIR",
        "Where realms, users, sessions and generated keys are kept. Default: data; in a container /opt/keycloak/data, where there is one.",
    ),
    option(LATCHKEY, "themes", Kind::Value, "DIR", "Themes of login pages. Default: themes, where there is such a folder."),
    option(
        LATCHKEY,
        "sessions",
        Kind::Value,
        "URL",
        "embedded (default), memory, redis://…, rediss://…; several redis URLs, comma-separated, are a Redis Cluster.",
    ),
    option(
        DATABASE,
        "db",
        Kind::Value,
        "KIND",
        "Where realms and users are kept: embedded (default; a file in the data folder), memory, or postgres.",
    ),
    option(DATABASE, "db-url", Kind::Value, "URL", "jdbc:postgresql://… or postgres://…; else made of the four below."),
    option(DATABASE, "db-url-host", Kind::Value, "HOST", "Default: localhost."),
    option(DATABASE, "db-url-port", Kind::Value, "PORT", "Default: 5432."),
    option(DATABASE, "db-url-database", Kind::Value, "NAME", "Default: keycloak."),
    option(DATABASE, "db-url-properties", Kind::Value, "?NAME=VALUE&…", "What stands behind the URL, such as ?sslmode=require."),
    option(DATABASE, "db-username", Kind::Value, "NAME", "The database user."),
    option(
        DATABASE,
        "db-password",
        Kind::Value,
        "PASSWORD",
        "Its password; better KC_DB_PASSWORD, which other users of the machine cannot read.",
    ),
    option(DATABASE, "db-schema", Kind::Value, "NAME", "The schema of the tables. Default: that of the database user."),
    option(DATABASE, "db-pool-max-size", Kind::Value, "NUMBER", "Connections at most. Default: 16."),
    option(
        LATCHKEY,
        "hostname-alias",
        Kind::List,
        "URL",
        "A further base URL of this server: tokens minted under one are accepted under all.",
    ),
    option(
        GENERAL,
        "import-realm",
        Kind::Flag,
        "",
        "Imports every *.json of <data>/import (in a container /opt/keycloak/data/import) whose realm is not there yet.",
    ),
    option(GENERAL, "optimized", Kind::Flag, "", "Accepted; there is nothing to build."),
    option(GENERAL, "verbose", Kind::Flag, "", "Logs at debug level."),
    option(GENERAL, "config-file", Kind::Value, "FILE", "Default: latchkey.toml, else conf/latchkey.toml, where there is one."),
    option(
        HTTP,
        "http-enabled",
        Kind::Bool,
        "true|false",
        "Listens for plain HTTP. Default: true with start-dev, false with start.",
    ),
    option(
        HTTP,
        "http-host",
        Kind::Value,
        "HOST",
        "The address to listen on. Default: 127.0.0.1 with start-dev outside of containers, else 0.0.0.0.",
    ),
    option(HTTP, "http-port", Kind::Value, "PORT", "Default: 8080."),
    option(HTTP, "http-relative-path", Kind::Value, "PATH", "The path in front of /realms. Default: /."),
    option(HTTP, "https-port", Kind::Value, "PORT", "Default: 8443."),
    option(HTTP, "https-certificate-file", Kind::Value, "FILE", "Certificate chain, PEM. With its key it turns HTTPS on."),
    option(HTTP, "https-certificate-key-file", Kind::Value, "FILE", "Private key of the certificate, PEM."),
    option(
        HTTP,
        "https-client-auth",
        Kind::Value,
        "none|request|required",
        "Whether clients are asked for certificates (mTLS). Default: none.",
    ),
    option(
        HTTP,
        "https-trust-store-file",
        Kind::Value,
        "FILE",
        "Authorities that may issue certificates of clients, PEM; truststore-paths adds to them. Default: those of the system.",
    ),
    option(
        HTTP,
        "spi-x509cert-lookup--provider",
        Kind::Value,
        "NAME",
        "nginx, haproxy, apache, traefik, envoy, rfc9440: how a proxy of proxy-trusted-addresses hands on certificates of clients.",
    ),
    option(HTTP, "spi-x509cert-lookup--nginx--ssl-client-cert", Kind::Value, "HEADER", "Its header. Default: ssl-client-cert."),
    option(HTTP, "spi-x509cert-lookup--haproxy--ssl-client-cert", Kind::Value, "HEADER", "Its header. Default: ssl-client-cert."),
    option(HTTP, "spi-x509cert-lookup--apache--ssl-client-cert", Kind::Value, "HEADER", "Its header. Default: ssl-client-cert."),
    option(
        HTTP,
        "proxy-headers",
        Kind::Value,
        "forwarded|xforwarded",
        "Believes this kind of header of a reverse proxy. Default: none.",
    ),
    option(
        HTTP,
        "proxy-trusted-addresses",
        Kind::List,
        "ADDRESS",
        "Addresses or CIDR ranges of proxies to believe. Default: every address, where proxy-headers is set.",
    ),
    option(
        HTTP,
        "shutdown-delay",
        Kind::Value,
        "DURATION",
        "How long /health/ready says DOWN before the server stops accepting. Default: 0s with start-dev, 1s with start.",
    ),
    option(HTTP, "shutdown-timeout", Kind::Value, "DURATION", "How long requests in flight may take to finish. Default: 10s."),
    option(
        OUTBOUND,
        "outbound-allow",
        Kind::List,
        "loopback|private|ADDRESS",
        "Addresses that are not public and may be called, and by plain http. Default: loopback with start-dev, none with start.",
    ),
    option(
        OUTBOUND,
        "truststore-paths",
        Kind::List,
        "FILE|DIR",
        "Certificates of authorities to trust beside those of the system, PEM.",
    ),
    option(
        OUTBOUND,
        "spi-connections-http-client--default--proxy-mappings",
        Kind::List,
        "PATTERN;URL",
        "Which hosts are called through which proxy; NO_PROXY as the URL is none. Default: HTTPS_PROXY, HTTP_PROXY, NO_PROXY.",
    ),
    option(
        OUTBOUND,
        "spi-connections-http-client--default--establish-connection-timeout-millis",
        Kind::Value,
        "NUMBER",
        "How long a connection may take. Default: 3000.",
    ),
    option(
        OUTBOUND,
        "spi-connections-http-client--default--socket-timeout-millis",
        Kind::Value,
        "NUMBER",
        "How long an answer may take, to its last byte. Default: 5000.",
    ),
    option(
        OUTBOUND,
        "spi-connections-http-client--default--max-consumed-response-size",
        Kind::Value,
        "NUMBER",
        "Bytes of an answer at the most. Default: 1048576.",
    ),
    option(
        OUTBOUND,
        "spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri",
        Kind::Value,
        "URL",
        "The service that asks users for back-channel requests (CIBA). Default: none, and CIBA answers 503.",
    ),
    option(
        HOSTNAME,
        "hostname",
        Kind::Value,
        "HOST|URL",
        "A full URL fixes the issuer; a bare host takes scheme, port and path from the request.",
    ),
    option(
        HOSTNAME,
        "hostname-strict",
        Kind::Bool,
        "true|false",
        "Refuses to start without hostname. Default: false with start-dev, true with start.",
    ),
    option(
        HOSTNAME,
        "hostname-backchannel-dynamic",
        Kind::Bool,
        "true|false",
        "Discovery names the URLs of servers after the request, the issuer stays. Default: false.",
    ),
    option(MANAGEMENT, "health-enabled", Kind::Bool, "true|false", "Serves /health. Default: true."),
    option(MANAGEMENT, "metrics-enabled", Kind::Bool, "true|false", "Serves /metrics on the management port. Default: true."),
    option(MANAGEMENT, "http-management-host", Kind::Value, "HOST", "Default: as http-host."),
    option(MANAGEMENT, "http-management-port", Kind::Value, "PORT", "Default: 9000."),
    option(MANAGEMENT, "http-management-relative-path", Kind::Value, "PATH", "Default: as http-relative-path."),
    option(
        MANAGEMENT,
        "http-management-scheme",
        Kind::Value,
        "http|inherited",
        "inherited (default): HTTPS where the server has HTTPS.",
    ),
    option(
        MANAGEMENT,
        "http-management-health-enabled",
        Kind::Bool,
        "true|false",
        "Serves /health on the management port. Default: true.",
    ),
    option(
        LOGGING,
        "log-level",
        Kind::Value,
        "[CATEGORY:]LEVEL,…",
        "off, fatal, error, warn, info (default), debug, trace, all.",
    ),
    option(LOGGING, "log-console-output", Kind::Value, "default|json", "Default: default."),
    option(GENERAL, "bootstrap-admin-username", Kind::Value, "NAME", "Name of the first admin of realm master."),
    option(
        GENERAL,
        "bootstrap-admin-password",
        Kind::Value,
        "PASSWORD",
        "Its password; better KC_BOOTSTRAP_ADMIN_PASSWORD, which other users of the machine cannot read.",
    ),
];

/// The option called `name`.
pub(crate) fn find(name: &str) -> Option<&'static OptionSpec> {
    OPTIONS.iter().find(|option| option.name == name)
}
