//! The configuration, typed and complete.

use std::path::{Path, PathBuf};
use std::time::Duration;

use oidc_types::Secret;
use realm_http::{Hostname, HostnameConfig, ProxyHeaders};

use super::database::{self, Database};
use super::layers::Layers;
use super::outbound;
use super::reader::Reader;
use super::{Command, Invocation, UsageError};
use crate::container::Contained;
use crate::demo_words::is_demo_word;
use crate::tls::ClientCertificates;

/// Which defaults and checks hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// `start-dev`.
    #[default]
    Development,
    /// `start`.
    Production,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Text.
    #[default]
    Plain,
    /// One JSON object a line.
    Json,
}

/// Certificate and key, PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Https {
    /// Where to listen, `host:port`.
    pub address: String,
    /// The certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Whether clients are asked for certificates.
    pub client_certificates: ClientCertificates,
    /// Authorities that may issue them, PEM texts; empty: those of the system.
    pub trust: Vec<String>,
}

/// The management port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Management {
    /// Where to listen, `host:port`.
    pub address: String,
    /// The path in front of `/health` and `/metrics`; empty or starting with `/`.
    pub relative_path: String,
    /// Whether it speaks TLS, with the certificate of the server.
    pub tls: bool,
    /// Whether `/health` is served there.
    pub health: bool,
    /// Whether `/metrics` is served there.
    pub metrics: bool,
}

/// The first admin: made when realm `master` has no user yet.
#[derive(Clone)]
pub struct BootstrapAdmin {
    /// `bootstrap-admin-username`
    pub username: String,
    /// `bootstrap-admin-password`
    pub password: Secret<String>,
}

/// Prints no password.
impl std::fmt::Debug for BootstrapAdmin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BootstrapAdmin").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The configuration of one run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which defaults and checks hold.
    pub profile: Profile,
    /// Where plain HTTP listens, `host:port`.
    pub http: Option<String>,
    /// Where HTTPS listens and with what.
    pub https: Option<Https>,
    /// The management port, where anything is served on it.
    pub management: Option<Management>,
    /// Whether `/health` is served on the main port.
    pub health: bool,
    /// Under which URLs the server is known, and what is in front of `/realms`.
    pub hostname: HostnameConfig,
    /// Realm files and folders of them.
    pub realms: Vec<PathBuf>,
    /// The folder of themes of login pages.
    pub themes: Option<PathBuf>,
    /// The folders of `--import-realm`.
    pub import: Vec<PathBuf>,
    /// Where sessions and generated keys are kept.
    pub data: PathBuf,
    /// Where realms and users are kept.
    pub database: Database,
    /// The first admin of realm `master`, where both are given.
    pub bootstrap_admin: Option<BootstrapAdmin>,
    /// Where users are asked for back-channel requests (CIBA).
    pub authentication_channel: Option<String>,
    /// `embedded`, `memory`, or Redis URLs.
    pub sessions: String,
    /// `--log-level` with every `--log-level-<category>` behind it, as Keycloak writes it.
    pub log_level: Option<String>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// How others are called.
    pub outbound: outbound_http::Config,
    /// How long readiness says DOWN before the server stops accepting.
    pub shutdown_delay: Duration,
    /// How long requests in flight may take to finish.
    pub shutdown_timeout: Duration,
}

/// For tests and for embedding: a free port of the machine itself, nothing kept, nothing on the side.
impl Default for Settings {
    fn default() -> Self {
        Self {
            profile: Profile::Development,
            http: Some("127.0.0.1:0".to_owned()),
            https: None,
            management: None,
            health: true,
            hostname: HostnameConfig::default(),
            realms: Vec::new(),
            themes: None,
            import: Vec::new(),
            data: PathBuf::from("data"),
            database: Database::Memory,
            bootstrap_admin: None,
            authentication_channel: None,
            sessions: "memory".to_owned(),
            log_level: None,
            outbound: outbound_http::Config { allow: vec!["loopback".to_owned()], ..outbound_http::Config::default() },
            log_format: LogFormat::Plain,
            shutdown_delay: Duration::ZERO,
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}

impl Settings {
    /// Reads `layers`, with the defaults of `command`.
    pub(super) fn read(layers: &Layers, command: &Command, invocation: &Invocation) -> Result<Self, Vec<UsageError>> {
        let mut reader = Reader::new(layers);
        let profile = if *command == Command::Start { Profile::Production } else { Profile::Development };
        let contained = Contained::detect(&invocation.environment);
        let read = Self::read_all(&mut reader, profile, contained, invocation);
        if profile == Profile::Production {
            refuse_an_incomplete_production(&mut reader, &read);
        }
        let errors = reader.into_errors();
        if errors.is_empty() { Ok(read) } else { Err(errors) }
    }

    fn read_all(reader: &mut Reader<'_>, profile: Profile, contained: Contained, invocation: &Invocation) -> Self {
        let development = profile == Profile::Development;
        let local = development && contained == Contained::No;
        let host = reader.text("http-host").unwrap_or_else(|| if local { "127.0.0.1" } else { "0.0.0.0" }.to_owned());
        let relative_path = reader.relative_path("http-relative-path", "");
        let https = https(reader, &host, invocation);
        let data = reader.path("data").unwrap_or_else(|| data_folder(contained));
        let data = invocation.directory.join(data);
        let import = import_folders(reader, &data);
        let port = reader.port("http-port", 8080);
        Self {
            profile,
            http: reader.truth("http-enabled", development).then(|| join(&host, port)),
            management: management(reader, &host, &relative_path, https.as_ref()),
            health: reader.truth("health-enabled", true),
            hostname: hostname(reader, &relative_path),
            realms: realms(reader, invocation),
            themes: themes(reader, invocation),
            import,
            data,
            database: database::read(reader),
            bootstrap_admin: bootstrap_admin(reader),
            authentication_channel: outbound::authentication_channel(reader),
            sessions: reader.text("sessions").unwrap_or_else(|| "embedded".to_owned()),
            log_level: log_level(reader),
            outbound: outbound::read(reader, profile, invocation),
            log_format: reader.read("log-console-output", LogFormat::Plain, "default or json", |text| match text {
                "default" => Some(LogFormat::Plain),
                "json" => Some(LogFormat::Json),
                _ => None,
            }),
            shutdown_delay: reader.duration("shutdown-delay", Duration::from_secs(u64::from(!development))),
            shutdown_timeout: reader.duration("shutdown-timeout", Duration::from_secs(10)),
            https,
        }
    }
}

/// Keycloak: the name is `temp-admin` where only a password is given.
fn bootstrap_admin(reader: &mut Reader<'_>) -> Option<BootstrapAdmin> {
    let username = reader.text("bootstrap-admin-username");
    match reader.text("bootstrap-admin-password") {
        Some(password) => {
            let username = username.unwrap_or_else(|| "temp-admin".to_owned());
            Some(BootstrapAdmin { username, password: Secret::new(password) })
        }
        None => {
            if username.is_some() {
                reader.conflict("bootstrap-admin-username is set, bootstrap-admin-password is not: give both");
            }
            None
        }
    }
}

fn join(host: &str, port: u16) -> String {
    let bare_v6 = host.contains(':') && !host.starts_with('[');
    if bare_v6 { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Keycloak's own folder where an image made for Keycloak runs, else `data`.
fn data_folder(contained: Contained) -> PathBuf {
    let keycloak = PathBuf::from("/opt/keycloak/data");
    if contained == Contained::Yes && keycloak.is_dir() { keycloak } else { PathBuf::from("data") }
}

fn https(reader: &mut Reader<'_>, host: &str, invocation: &Invocation) -> Option<Https> {
    let port = reader.port("https-port", 8443);
    let client_certificates =
        reader.read("https-client-auth", ClientCertificates::NotAsked, "none, request or required", |text| match text {
            "none" => Some(ClientCertificates::NotAsked),
            "request" => Some(ClientCertificates::Requested),
            "required" => Some(ClientCertificates::Required),
            _ => None,
        });
    let trust = outbound::trust(reader, &["https-trust-store-file", "truststore-paths"], invocation);
    match (reader.path("https-certificate-file"), reader.path("https-certificate-key-file")) {
        (Some(certificate), Some(key)) => Some(Https { address: join(host, port), certificate, key, client_certificates, trust }),
        (None, None) => None,
        (Some(_), None) => {
            reader.conflict("https-certificate-file is set, https-certificate-key-file is not: give both");
            None
        }
        (None, Some(_)) => {
            reader.conflict("https-certificate-key-file is set, https-certificate-file is not: give both");
            None
        }
    }
}

fn management(reader: &mut Reader<'_>, host: &str, relative_path: &str, https: Option<&Https>) -> Option<Management> {
    let health = reader.truth("health-enabled", true) & reader.truth("http-management-health-enabled", true);
    let metrics = reader.truth("metrics-enabled", true);
    let host = reader.text("http-management-host").unwrap_or_else(|| host.to_owned());
    let port = reader.port("http-management-port", 9000);
    let relative_path = reader.relative_path("http-management-relative-path", relative_path);
    let inherited = reader.read("http-management-scheme", true, "http or inherited", |text| match text {
        "inherited" => Some(true),
        "http" => Some(false),
        _ => None,
    });
    let served = health || metrics;
    served.then(|| Management { address: join(&host, port), relative_path, tls: inherited && https.is_some(), health, metrics })
}

fn hostname(reader: &mut Reader<'_>, relative_path: &str) -> HostnameConfig {
    let texts = |given: Vec<super::layers::Given>| given.into_iter().map(|given| given.text).collect::<Vec<_>>();
    let config = HostnameConfig {
        hostname: reader.text("hostname"),
        hostname_strict: None,
        hostname_backchannel_dynamic: reader.truth("hostname-backchannel-dynamic", false),
        hostname_alias: texts(reader.list("hostname-alias")),
        proxy_headers: reader.read("proxy-headers", None, "forwarded or xforwarded", |text| match text {
            "forwarded" => Some(Some(ProxyHeaders::Forwarded)),
            "xforwarded" => Some(Some(ProxyHeaders::Xforwarded)),
            _ => None,
        }),
        proxy_trusted_addresses: texts(reader.list("proxy-trusted-addresses")),
        http_relative_path: relative_path.to_owned(),
        certificate_header: certificate_header(reader),
    };
    if let Err(error) = Hostname::new(&config) {
        reader.conflict(error.to_string());
    }
    if !config.proxy_trusted_addresses.is_empty() && config.proxy_headers.is_none() && config.certificate_header.is_none() {
        reader.conflict("proxy-trusted-addresses is set, proxy-headers is not: say which headers to believe");
    }
    config
}

/// `--spi-x509cert-lookup--provider` and the header of that provider.
fn certificate_header(reader: &mut Reader<'_>) -> Option<String> {
    let provider = reader.text("spi-x509cert-lookup--provider")?;
    let (option, default) = match provider.as_str() {
        "default" | "quarkus" => return None,
        "haproxy" => (Some("spi-x509cert-lookup--haproxy--ssl-client-cert"), "ssl-client-cert"),
        "apache" => (Some("spi-x509cert-lookup--apache--ssl-client-cert"), "ssl-client-cert"),
        "nginx" => (Some("spi-x509cert-lookup--nginx--ssl-client-cert"), "ssl-client-cert"),
        "traefik" => (None, "x-forwarded-tls-client-cert"),
        "envoy" => (None, "x-forwarded-client-cert"),
        "rfc9440" => (None, "client-cert"),
        other => {
            reader.conflict(format!(
                "spi-x509cert-lookup--provider: {other:?} is none of default, nginx, haproxy, apache, traefik, envoy, rfc9440"
            ));
            return None;
        }
    };
    Some(option.and_then(|option| reader.text(option)).unwrap_or_else(|| default.to_owned()))
}

/// Keycloak's folder where an image made for Keycloak runs, and `import` below the data folder.
fn import_folders(reader: &mut Reader<'_>, data: &Path) -> Vec<PathBuf> {
    if !reader.truth("import-realm", false) {
        return Vec::new();
    }
    let (keycloak, ours) = (PathBuf::from("/opt/keycloak/data/import"), data.join("import"));
    let keycloak = Some(keycloak).filter(|folder| *folder != ours && folder.is_dir());
    keycloak.into_iter().chain(Some(ours).filter(|folder| folder.is_dir())).collect()
}

/// The folder that is named, else `themes` where it is there.
fn themes(reader: &mut Reader<'_>, invocation: &Invocation) -> Option<PathBuf> {
    let named = reader.path("themes").map(|folder| invocation.directory.join(folder));
    named.or_else(|| Some(invocation.directory.join("themes")).filter(|folder| folder.is_dir()))
}

fn realms(reader: &mut Reader<'_>, invocation: &Invocation) -> Vec<PathBuf> {
    let given = reader.list("realms");
    if given.is_empty() {
        return Some(invocation.directory.join("realms")).filter(|folder| folder.is_dir()).into_iter().collect();
    }
    given.into_iter().map(|given| invocation.directory.join(given.text)).collect()
}

/// `log-level`, the categories behind it; `verbose` stands for `debug` where no level is set.
fn log_level(reader: &mut Reader<'_>) -> Option<String> {
    let verbose = reader.truth("verbose", false).then(|| "debug".to_owned());
    let level = reader.text("log-level").or(verbose);
    let categories = reader.categories().map(|(category, level)| format!("{category}:{level}"));
    let all: Vec<String> = level.into_iter().chain(categories).collect();
    (!all.is_empty()).then(|| all.join(","))
}

/// What `start` refuses and `start-dev` does not, as Keycloak does.
fn refuse_an_incomplete_production(reader: &mut Reader<'_>, read: &Settings) {
    if reader.truth("hostname-strict", true) && read.hostname.hostname.is_none() {
        reader.conflict(
            "start needs the public URL of this server: set --hostname=https://id.example.com (KC_HOSTNAME), \
             or --hostname-strict=false behind a proxy that overwrites the Host header",
        );
    }
    if read.http.is_none() && read.https.is_none() {
        reader.conflict(
            "start has nothing to listen on: set --https-certificate-file and --https-certificate-key-file, \
             or --http-enabled=true behind a proxy that terminates TLS",
        );
    }
    let name = reader.text("bootstrap-admin-username");
    let password = reader.given("bootstrap-admin-password");
    if let Some(password) = password.filter(|given| is_demo_word(&given.text) || Some(&given.text) == name.as_ref()) {
        reader.conflict(format!(
            "{}: the admin's password is one that everybody tries first: choose another, or use start-dev",
            password.origin
        ));
    }
}
