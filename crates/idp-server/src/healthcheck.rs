//! `latchkey healthcheck`: asks a running server, as a container engine does.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use thiserror::Error;

use crate::cli::Settings;
use crate::tls;

/// A server that does not answer by then is not well.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why the server is not well.
#[derive(Debug, Error)]
pub enum Unwell {
    /// Neither port serves health.
    #[error("health is served nowhere: set --health-enabled=true (KC_HEALTH_ENABLED)")]
    Disabled,
    /// Nobody answers.
    #[error("{0} does not answer: {1}")]
    Silent(String, String),
    /// It answers, and says no.
    #[error("{0} says {1}")]
    Down(String, String),
}

/// Asks `/health/ready` where `settings` say that it is served.
///
/// # Errors
/// See [`Unwell`].
pub fn ask(settings: &Settings) -> Result<(), Unwell> {
    let management = settings.management.as_ref().filter(|management| management.health);
    let (address, base, tls) = match (management, &settings.http, &settings.https) {
        (Some(management), ..) => (&management.address, management.relative_path.as_str(), management.tls),
        (None, Some(http), _) if settings.health => (http, settings.hostname.http_relative_path.as_str(), false),
        (None, None, Some(https)) if settings.health => (&https.address, settings.hostname.http_relative_path.as_str(), true),
        _ => return Err(Unwell::Disabled),
    };
    let address = this_machine(address);
    let request = format!("GET {base}/health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    // The server may have been given its certificate on its own command line, which this process does not see.
    let (first, second) = if tls { ("https", "http") } else { ("http", "https") };
    let mut heard = Err(Unwell::Silent(String::new(), String::new()));
    for scheme in [first, second] {
        let url = format!("{scheme}://{address}{base}/health/ready");
        heard = judge(&url, exchange(&address, request.as_bytes(), scheme));
        if !matches!(heard, Err(Unwell::Silent(..))) {
            break;
        }
    }
    heard
}

fn judge(url: &str, answer: std::io::Result<Vec<u8>>) -> Result<(), Unwell> {
    let silent = |error: String| Unwell::Silent(url.to_owned(), error);
    let answer = answer.map_err(|error| silent(error.to_string()))?;
    let answer = String::from_utf8_lossy(&answer);
    let line = answer.lines().next().unwrap_or_default();
    match line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split(' ').next()) {
        Some("200") => Ok(()),
        Some(_) => Err(Unwell::Down(url.to_owned(), line.to_owned())),
        None => Err(silent("no HTTP answer".to_owned())),
    }
}

/// What listens on every address is asked on this machine's own.
fn this_machine(address: &str) -> String {
    address.strip_prefix("0.0.0.0:").map_or_else(
        || address.strip_prefix("[::]:").map_or_else(|| address.to_owned(), |port| format!("[::1]:{port}")),
        |port| format!("127.0.0.1:{port}"),
    )
}

fn exchange(address: &str, request: &[u8], scheme: &str) -> std::io::Result<Vec<u8>> {
    let mut failure = std::io::Error::other("no such host");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                return if scheme == "https" { over(tls::connect_unjudged(stream)?, request) } else { over(stream, request) };
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn over(mut stream: impl Read + Write, request: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(request)?;
    let mut answer = Vec::new();
    // The status line is all that counts: an end of the stream without a goodbye does not matter.
    if let Err(error) = stream.take(64 * 1024).read_to_end(&mut answer)
        && answer.is_empty()
    {
        return Err(error);
    }
    Ok(answer)
}
