//! How the server calls others.

use std::path::Path;
use std::str::FromStr;

use outbound_http::{Config, Outbound};

use super::Invocation;
use super::layers::Given;
use super::reader::Reader;
use super::settings::Profile;

/// Reads the settings of outgoing requests.
pub(super) fn read(reader: &mut Reader<'_>, profile: Profile, invocation: &Invocation) -> Config {
    let mut config = Config { allow: texts(reader.list("outbound-allow")), ..Config::default() };
    if config.allow.is_empty() && profile == Profile::Development {
        config.allow.push("loopback".to_owned());
    }
    config.connect_timeout_ms =
        number(reader, "spi-connections-http-client--default--establish-connection-timeout-millis", config.connect_timeout_ms);
    config.timeout_ms = number(reader, "spi-connections-http-client--default--socket-timeout-millis", config.timeout_ms);
    config.max_response_bytes =
        number(reader, "spi-connections-http-client--default--max-consumed-response-size", config.max_response_bytes);
    config.proxy_mappings = texts(reader.list("spi-connections-http-client--default--proxy-mappings"));
    let variable = |name: &str| {
        let of = |name: &str| invocation.environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        of(name).or_else(|| of(&name.to_ascii_lowercase()))
    };
    config.https_proxy = variable("HTTPS_PROXY");
    config.http_proxy = variable("HTTP_PROXY");
    config.no_proxy = variable("NO_PROXY");
    config.trust = trust(reader, &["truststore-paths"], invocation);
    if let Err(error) = Outbound::new(&config) {
        reader.conflict(error.to_string());
    }
    config
}

/// The certificates of authorities to trust that these options name, PEM.
pub(super) fn trust(reader: &mut Reader<'_>, options: &[&str], invocation: &Invocation) -> Vec<String> {
    let mut trust = Vec::new();
    for option in options {
        for given in reader.list(option) {
            if let Err(told) = certificates(&invocation.directory.join(&given.text), &mut trust) {
                reader.conflict(format!("{}: {option} {}: {told}", given.origin, given.text));
            }
        }
    }
    trust
}

/// The name that Keycloak's documentation gives the option.
pub(super) const AUTHENTICATION_CHANNEL: &str = "spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri";

/// Reads where users are asked for back-channel requests (CIBA).
pub(super) fn authentication_channel(reader: &mut Reader<'_>) -> Option<String> {
    let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
    reader.read(AUTHENTICATION_CHANNEL, None, "an http or https URL", |text| is_url(text).then(|| Some(text.to_owned())))
}

fn texts(given: Vec<Given>) -> Vec<String> {
    given.into_iter().map(|given| given.text).collect()
}

fn number<T: FromStr + PartialOrd + From<u8>>(reader: &mut Reader<'_>, name: &'static str, default: T) -> T {
    reader.read(name, default, "a whole number above 0", |text| text.parse().ok().filter(|number| *number > T::from(0)))
}

/// The PEM texts of a file, or of the files of a folder.
fn certificates(path: &Path, found: &mut Vec<String>) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(told)? {
            certificates(&entry.map_err(told)?.path(), found)?;
        }
        return Ok(());
    }
    let text = String::from_utf8(std::fs::read(path).map_err(told)?).unwrap_or_default();
    if !text.contains("-----BEGIN CERTIFICATE-----") {
        return Err("there is no certificate in it; PEM is read, other stores are not".to_owned());
    }
    found.push(text);
    Ok(())
}
