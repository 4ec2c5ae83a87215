//! One line for one event. Keycloak: that of its listener `jboss-logging` (read from the log of 26.7.4).

use std::fmt::{self, Write};

use oidc_types::java_order;

use crate::Event;

/// Keycloak's category; also the target of the lines.
pub(crate) const TARGET: &str = "org.keycloak.events";

/// Characters of a value at the most: callers choose many of them.
const LONGEST_VALUE: usize = 512;

/// An event as `name="value", …`.
pub(crate) struct Line<'a>(pub(crate) &'a Event);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = self.0;
        write!(f, "type=\"{}\"", event.word())?;
        let absent = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
        pair(f, "realmId", &event.realm_id)?;
        pair(f, "realmName", &event.realm_name)?;
        pair(f, "clientId", &absent(&event.client_id))?;
        pair(f, "userId", &absent(&event.user_id))?;
        if let Some(session) = &event.session_id {
            pair(f, "sessionId", session)?;
        }
        pair(f, "ipAddress", &event.ip_address.to_string())?;
        if let Some(error) = event.error {
            pair(f, "error", error)?;
        }
        let mut details: Vec<&(&str, String)> = event.details.iter().collect();
        java_order::sort_by_name(&mut details, |(name, _)| name);
        for (name, value) in details {
            pair(f, name, value)?;
        }
        match &event.fact {
            Some(fact) => pair(f, "fact", fact),
            None => Ok(()),
        }
    }
}

/// A value can neither end before its end nor pass for another line (CVE-2023-6484).
fn pair(f: &mut fmt::Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    write!(f, ", {name}=\"")?;
    for (at, char) in value.chars().enumerate() {
        match char {
            _ if at == LONGEST_VALUE => {
                f.write_char('…')?;
                break;
            }
            '"' | '\\' => write!(f, "\\{char}")?,
            control if control.is_control() => write!(f, "{}", control.escape_default())?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use ambient::Timestamp;

    use super::*;
    use crate::EventType;

    fn refused() -> Event {
        Event {
            event_type: EventType::Login,
            time: Timestamp::from_secs(1_700_000_000),
            realm_id: "r-1".to_owned(),
            realm_name: "acme".to_owned(),
            client_id: Some("cli".to_owned()),
            user_id: None,
            session_id: None,
            ip_address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            error: Some("user_not_found"),
            details: vec![
                ("client_auth_method", "client-secret".to_owned()),
                ("grant_type", "password".to_owned()),
                ("auth_method", "openid-connect".to_owned()),
                ("username", "nobody".to_owned()),
            ],
            fact: None,
        }
    }

    #[test]
    fn a_refused_login_is_the_line_of_the_real_server() {
        assert_eq!(
            Line(&refused()).to_string(),
            "type=\"LOGIN_ERROR\", realmId=\"r-1\", realmName=\"acme\", clientId=\"cli\", userId=\"null\", ipAddress=\"127.0.0.1\", \
             error=\"user_not_found\", auth_method=\"openid-connect\", grant_type=\"password\", client_auth_method=\"client-secret\", \
             username=\"nobody\""
        );
    }

    #[test]
    fn no_value_ends_its_quotes_or_its_line() {
        let line = Line(&refused().client("a\", userId=\"b\\\nINFO forged\u{1b}[31m")).to_string();
        assert!(line.contains(r#"clientId="a\", userId=\"b\\\nINFO forged\u{1b}[31m""#), "{line}");
        assert!(!line.contains('\n') && !line.contains('\u{1b}'));
    }

    #[test]
    fn an_endless_value_is_cut() {
        let line = Line(&refused().client("x".repeat(100_000))).to_string();
        assert!(line.len() < 1000 && line.contains("xxx…\""));
    }
}
