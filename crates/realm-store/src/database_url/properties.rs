//! What stands behind the `?`: properties of PostgreSQL's JDBC driver and parameters of its C library.

use std::path::PathBuf;

use oidc_types::Secret;

use super::{DatabaseUrl, DatabaseUrlError, SslMode, Target, decoded, filled, hosts_of};

/// Properties whose purpose is met, or which only tune the JDBC driver.
const WITHOUT_EFFECT: [&str; 22] = [
    "ApplicationName",
    "adaptiveFetch",
    "application_name",
    "autosave",
    "binaryTransfer",
    "cancelSignalTimeout",
    "connectTimeout",
    "connect_timeout",
    "defaultRowFetchSize",
    "keepalives",
    "loadBalanceHosts",
    "logServerErrorDetail",
    "loginTimeout",
    "options",
    "preferQueryMode",
    "prepareThreshold",
    "preparedStatementCacheQueries",
    "preparedStatementCacheSizeMiB",
    "reWriteBatchedInserts",
    "socketTimeout",
    "stringtype",
    "tcpKeepAlive",
];

/// Where properties that only make sense together are collected.
#[derive(Default)]
struct Collected {
    ssl: Option<bool>,
    ssl_mode: Option<SslMode>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    host: Option<String>,
    port: Option<String>,
}

/// Takes over what `query` says.
pub(super) fn take(url: &mut DatabaseUrl, query: &str) -> Result<(), DatabaseUrlError> {
    let mut collected = Collected::default();
    for property in query.split('&').filter(|property| !property.is_empty()) {
        let (name, value) = property.split_once('=').unwrap_or((property, ""));
        one(url, &mut collected, name, decoded(value, "a property")?)?;
    }
    // The JDBC driver's `ssl=true` alone checks the server's certificate and name.
    let by_switch = match collected.ssl {
        Some(true) => SslMode::VerifyFull,
        Some(false) | None => SslMode::default(),
    };
    url.ssl_mode = collected.ssl_mode.unwrap_or(by_switch);
    // As PostgreSQL's own library has it: whoever names authorities wants the server to be checked.
    if url.ssl_mode == SslMode::Require && url.root_certificate.is_some() {
        url.ssl_mode = SslMode::VerifyCa;
    }
    url.client_certificate = collected.certificate.zip(collected.key);
    if let Some(host) = collected.host {
        let port = collected.port.map(|port| format!(":{port}")).unwrap_or_default();
        let hosts = host.split(',').map(|host| format!("{}{port}", host.replace('%', "%25"))).collect::<Vec<_>>();
        url.hosts = hosts_of(&hosts.join(","))?;
    } else if let Some(port) = collected.port {
        url.hosts = hosts_of(&format!("localhost:{port}"))?;
    }
    Ok(())
}

fn one(url: &mut DatabaseUrl, collected: &mut Collected, name: &str, value: String) -> Result<(), DatabaseUrlError> {
    match name {
        "user" => url.username = filled(value),
        "password" => url.password = filled(value).map(Secret::new),
        "dbname" => url.database = filled(value),
        "host" => collected.host = filled(value),
        "port" => collected.port = filled(value),
        "ssl" => collected.ssl = Some(switch(&value)?),
        "sslmode" => collected.ssl_mode = Some(ssl_mode(&value)?),
        // The authorities that the system trusts are the default.
        "sslrootcert" if value == "system" => {}
        "sslrootcert" => url.root_certificate = filled(value).map(PathBuf::from),
        "sslcert" => collected.certificate = filled(value).map(PathBuf::from),
        "sslkey" => collected.key = filled(value).map(PathBuf::from),
        "currentSchema" => url.schema = value.split(',').next().and_then(|schema| filled(schema.trim().to_owned())),
        "targetServerType" | "target_session_attrs" => url.target = target(&value)?,
        known if WITHOUT_EFFECT.contains(&known) => {}
        other => {
            let shown = other.len() <= 40 && other.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            url.ignored.push(if shown { other.to_owned() } else { "a property".to_owned() });
        }
    }
    Ok(())
}

fn switch(value: &str) -> Result<bool, DatabaseUrlError> {
    match value {
        "" | "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(DatabaseUrlError::Property("ssl", "true or false")),
    }
}

fn ssl_mode(value: &str) -> Result<SslMode, DatabaseUrlError> {
    match value {
        "disable" => Ok(SslMode::Disable),
        "allow" | "prefer" => Ok(SslMode::Prefer),
        "require" => Ok(SslMode::Require),
        "verify-ca" => Ok(SslMode::VerifyCa),
        "verify-full" => Ok(SslMode::VerifyFull),
        _ => Err(DatabaseUrlError::Property("sslmode", "disable, allow, prefer, require, verify-ca or verify-full")),
    }
}

fn target(value: &str) -> Result<Target, DatabaseUrlError> {
    match value {
        "any" | "preferPrimary" | "preferSecondary" | "preferStandby" | "prefer-standby" => Ok(Target::Any),
        "primary" | "master" | "read-write" => Ok(Target::ReadWrite),
        _ => Err(DatabaseUrlError::Property("the type of server", "any or primary: a database that is only read cannot be used")),
    }
}
