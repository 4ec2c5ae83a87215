use std::collections::BTreeMap;

use oidc_types::Secret;

/// How mail is sent (`smtpServer`).
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// `host`
    pub host: String,
    /// `port`
    pub port: Option<u16>,
    /// `ssl`: TLS from the first byte.
    pub ssl: bool,
    /// `starttls`
    pub starttls: bool,
    /// How this server shows who it is.
    pub auth: SmtpAuth,
    /// `from`
    pub from: String,
    /// `fromDisplayName`
    pub from_display_name: Option<String>,
    /// `replyTo`
    pub reply_to: Option<String>,
    /// `replyToDisplayName`
    pub reply_to_display_name: Option<String>,
    /// `envelopeFrom`: who is told of mail that does not arrive.
    pub envelope_from: Option<String>,
    /// `allowutf8`: addresses with letters beyond ASCII in front of the `@` are sent as they are.
    pub allow_utf8: bool,
    /// `connectionTimeout`, milliseconds.
    pub connection_timeout: u64,
    /// `timeout`, milliseconds: for each answer.
    pub timeout: u64,
}

/// How a mail server is told who sends.
#[derive(Clone, Debug)]
pub enum SmtpAuth {
    /// `auth` is off.
    None,
    /// `authType` `basic`
    Password {
        /// `user`
        user: String,
        /// `password`
        password: Secret<String>,
    },
    /// `authType` `token`: an access token of another server. Known, never sent.
    Token,
}

impl SmtpServer {
    /// The server of these settings; none where they have no `host`.
    pub fn of(settings: &BTreeMap<String, String>) -> Option<Self> {
        let text = |name: &str| settings.get(name).map(|text| text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let is_on = |name: &str| settings.get(name).is_some_and(|word| word == "true");
        let milliseconds = |name: &str| text(name).and_then(|number| number.parse().ok()).unwrap_or(DEFAULT_TIMEOUT);
        let auth = match (is_on("auth"), settings.get("authType").map(String::as_str)) {
            (false, _) => SmtpAuth::None,
            (true, Some("token")) => SmtpAuth::Token,
            (true, _) => SmtpAuth::Password {
                user: text("user").unwrap_or_default(),
                password: Secret::new(settings.get("password").cloned().unwrap_or_default()),
            },
        };
        Some(Self {
            host: text("host")?,
            port: text("port").and_then(|port| port.parse().ok()),
            ssl: is_on("ssl"),
            starttls: is_on("starttls"),
            auth,
            from: text("from").unwrap_or_default(),
            from_display_name: text("fromDisplayName"),
            reply_to: text("replyTo"),
            reply_to_display_name: text("replyToDisplayName"),
            envelope_from: text("envelopeFrom"),
            allow_utf8: is_on("allowutf8"),
            connection_timeout: milliseconds("connectionTimeout"),
            timeout: milliseconds("timeout"),
        })
    }
}

/// Keycloak's: ten seconds.
const DEFAULT_TIMEOUT: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn settings_without_a_host_are_no_server() {
        assert!(SmtpServer::of(&settings(&[("from", "a@b.c")])).is_none());
        let server = SmtpServer::of(&settings(&[("host", "h"), ("user", "u"), ("password", "p")])).unwrap();
        assert!(matches!(server.auth, SmtpAuth::None) && server.timeout == 10_000 && server.port.is_none());
    }

    #[test]
    fn a_password_prints_nothing_of_itself() {
        let server =
            SmtpServer::of(&settings(&[("host", "h"), ("auth", "true"), ("user", "u"), ("password", "hunter2")])).unwrap();
        assert!(!format!("{server:?}").contains("hunter2"));
        assert!(matches!(server.auth, SmtpAuth::Password { password, .. } if password.expose() == "hunter2"));
    }
}
