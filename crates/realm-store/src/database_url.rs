//! The URL of a PostgreSQL server, as Keycloak (JDBC) or as PostgreSQL's own tools write it.

mod properties;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use oidc_types::Secret;
use thiserror::Error;

/// PostgreSQL's port.
const PORT: u16 = 5432;

/// Why a text is no URL of a database. No message repeats a part of the URL: a password may be anywhere in it.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DatabaseUrlError {
    /// It begins with something else.
    #[error("the URL of the database must begin with jdbc:postgresql:// or postgres://")]
    Scheme,
    /// A host is empty, or an IPv6 address without its brackets.
    #[error("host {0} in the URL of the database is not a host name or address")]
    Host(usize),
    /// A port is none.
    #[error("the port of host {0} in the URL of the database is not a number from 1 to 65535")]
    Port(usize),
    /// `%` is followed by something that is not two hexadecimal digits, or the bytes are not UTF-8.
    #[error("{0} in the URL of the database is not percent-encoded UTF-8")]
    Encoding(&'static str),
    /// A property has a value that is not one of those it may have.
    #[error("{0} in the URL of the database must be {1}")]
    Property(&'static str, &'static str),
}

/// Where a host listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// Name or address, and port.
    Tcp(String, u16),
    /// The folder of a Unix socket, and the port that is in its name.
    Socket(PathBuf, u16),
}

/// How far the connection is encrypted and the server is who it should be: `sslmode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SslMode {
    /// Not at all.
    Disable,
    /// Encrypted if the server can; nobody is checked.
    #[default]
    Prefer,
    /// Encrypted; nobody is checked.
    Require,
    /// The certificate must come from a known authority.
    VerifyCa,
    /// … and be that of the host.
    VerifyFull,
}

/// Which of several hosts will do: `targetServerType`, `target_session_attrs`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The first that answers.
    #[default]
    Any,
    /// The first that takes writes.
    ReadWrite,
}

/// What the URL of a database says.
#[derive(Clone, Debug, Default)]
pub struct DatabaseUrl {
    /// In the order in which they are tried.
    pub hosts: Vec<Host>,
    /// The database, where one is named.
    pub database: Option<String>,
    /// `user`, or before the `@`.
    pub username: Option<String>,
    /// `password`, or before the `@`.
    pub password: Option<Secret<String>>,
    /// `sslmode`, `ssl`
    pub ssl_mode: SslMode,
    /// `sslrootcert`: a PEM file of the authorities to trust.
    pub root_certificate: Option<PathBuf>,
    /// `sslcert` and `sslkey`: PEM files by which this client shows who it is.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    /// The first of `currentSchema`.
    pub schema: Option<String>,
    /// `targetServerType`, `target_session_attrs`
    pub target: Target,
    /// Properties that have no effect here, by name; only names of letters, digits and `_`.
    pub ignored: Vec<String>,
}

impl DatabaseUrl {
    /// Reads `jdbc:postgresql://host:port,host:port/database?property=value&…`, the same with `postgresql://` or `postgres://` and a
    /// user and password before an `@`, and JDBC's short form `jdbc:postgresql:database`.
    ///
    /// # Errors
    /// See [`DatabaseUrlError`].
    pub fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        let text = text.trim();
        let after_jdbc = text.strip_prefix("jdbc:");
        let after_scheme = after_jdbc.unwrap_or(text);
        let rest = after_scheme.strip_prefix("postgresql:").or_else(|| after_scheme.strip_prefix("postgres:"));
        let rest = rest.ok_or(DatabaseUrlError::Scheme)?;
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = match address.strip_prefix("//") {
            Some(address) => address.split_once('/').unwrap_or((address, "")),
            None if after_jdbc.is_some() => ("", address.trim_start_matches('/')),
            None => return Err(DatabaseUrlError::Scheme),
        };
        let (user_info, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let mut url = Self { database: filled(decoded(database, "the database")?), ..Self::default() };
        url.take_user_info(user_info)?;
        properties::take(&mut url, query)?;
        if url.hosts.is_empty() {
            url.hosts = hosts_of(hosts)?;
        }
        Ok(url)
    }

    fn take_user_info(&mut self, user_info: &str) -> Result<(), DatabaseUrlError> {
        let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
        self.username = filled(decoded(user, "the user")?);
        self.password = filled(decoded(password, "the password")?).map(Secret::new);
        Ok(())
    }
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn hosts_of(text: &str) -> Result<Vec<Host>, DatabaseUrlError> {
    if text.is_empty() {
        return Ok(vec![Host::Tcp("localhost".to_owned(), PORT)]);
    }
    text.split(',').enumerate().map(|(at, host)| host_of(host, at + 1)).collect()
}

/// `host`, `host:port`, `[::1]:port`, or a folder with its `/` percent-encoded. `at`: which it is, from 1.
fn host_of(text: &str, at: usize) -> Result<Host, DatabaseUrlError> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, "")) => (address, None),
        Some((address, rest)) => (address, Some(rest.strip_prefix(':').ok_or(DatabaseUrlError::Host(at))?)),
        None => match text.split_once(':') {
            Some((_, rest)) if rest.contains(':') => return Err(DatabaseUrlError::Host(at)),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = match port {
        None => PORT,
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(DatabaseUrlError::Port(at))?,
    };
    let host = decoded(host, "a host")?;
    match host.chars().next() {
        None => Err(DatabaseUrlError::Host(at)),
        Some('/') => Ok(Host::Socket(host.into(), port)),
        Some(_) => Ok(Host::Tcp(host, port)),
    }
}

/// `text` with its `%XX` decoded; `+` stays what it is.
fn decoded(text: &str, what: &'static str) -> Result<String, DatabaseUrlError> {
    let wrong = || DatabaseUrlError::Encoding(what);
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).ok_or_else(wrong)?;
        let both_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| both_digits).ok_or_else(wrong)?;
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}
