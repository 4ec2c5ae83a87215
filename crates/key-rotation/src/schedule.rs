use realm_model::{Client, Realm};
use thiserror::Error;

use crate::Algorithm;

/// How the keys of a realm are rotated, from its attributes. Each is a whole number with a unit: `90d`, `12h`, `30m`, `45s`,
/// or seconds without one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// `key-rotation.period`: for how long, in seconds, a key signs. Absent: keys are rotated only when asked.
    pub period_secs: Option<i64>,
    /// `key-rotation.publish-ahead`: for how long, in seconds, a key is published before it signs; longer than clients cache
    /// the JWKS. Default: one day, or half the period where that is shorter.
    pub publish_ahead_secs: i64,
    /// `key-rotation.retire`: for how long, in seconds, a key is published at least after it has signed for the last time.
    /// It is always kept until the last token it signed is dead, so that a small value does no harm. Default: 0.
    pub retire_secs: i64,
}

/// An attribute that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// No duration.
    #[error("the realm attribute {attribute} is no duration such as 90d, 12h, 30m or 3600: {value:?}")]
    Duration {
        /// The attribute.
        attribute: &'static str,
        /// What stands there.
        value: String,
    },
    /// The next key would have to be published before the last one signs.
    #[error("key-rotation.publish-ahead must be shorter than key-rotation.period")]
    PublishAheadTooLong,
}

const PERIOD: &str = "key-rotation.period";
const PUBLISH_AHEAD: &str = "key-rotation.publish-ahead";
const RETIRE: &str = "key-rotation.retire";
const DAY: i64 = 24 * 60 * 60;

impl Schedule {
    /// Reads the attributes of `realm`.
    ///
    /// # Errors
    /// [`ScheduleError`], as `latchkey check` shows it; a running server then rotates only when asked.
    pub fn of(realm: &Realm) -> Result<Self, ScheduleError> {
        let period_secs = duration(realm, PERIOD)?.filter(|secs| *secs > 0);
        let usual = period_secs.map_or(DAY, |period| DAY.min(period / 2));
        let publish_ahead_secs = duration(realm, PUBLISH_AHEAD)?.unwrap_or(usual);
        if period_secs.is_some_and(|period| publish_ahead_secs >= period) {
            return Err(ScheduleError::PublishAheadTooLong);
        }
        Ok(Self { period_secs, publish_ahead_secs, retire_secs: duration(realm, RETIRE)?.unwrap_or(0) })
    }
}

fn duration(realm: &Realm, attribute: &'static str) -> Result<Option<i64>, ScheduleError> {
    let Some(text) = realm.attribute(attribute) else { return Ok(None) };
    parse_duration(text).map(Some).ok_or_else(|| ScheduleError::Duration { attribute, value: text.to_owned() })
}

/// Reads `90d`, `12h`, `30m`, `45s`, `3600` as seconds.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let text = text.trim();
    let (number, unit) = match text.char_indices().last()? {
        (at, 'd') => (text.get(..at)?, DAY),
        (at, 'h') => (text.get(..at)?, 60 * 60),
        (at, 'm') => (text.get(..at)?, 60),
        (at, 's') => (text.get(..at)?, 1),
        _ => (text, 1),
    };
    number.parse::<u32>().ok().map(|n| i64::from(n) * unit)
}

/// The longest lives of the tokens that a realm's keys sign, in seconds; `i64::MAX` where there is no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLives {
    /// Access and ID tokens: what the asymmetric keys sign.
    pub access: i64,
    /// Refresh and offline tokens: what the HMAC keys sign, access tokens too where a client asks for it.
    pub refresh: i64,
}

impl TokenLives {
    /// The longest that a realm and its clients allow (wire.md section 4.2). Looks at every client.
    pub fn of(realm: &Realm) -> Self {
        let l = &realm.lifespans;
        let online = l.sso_session_max.max(l.sso_session_max_remember_me).max(l.client_session_max);
        // An offline token without a limit has no `exp`; it lives while its session is used.
        let offline = l.offline_session_max.unwrap_or(i64::MAX);
        let until_session_ends = online.max(l.offline_session_max.unwrap_or(l.offline_session_idle));
        let of_client = |client: &Client| match client.number("access.token.lifespan") {
            Some(-1) => until_session_ends,
            other => other.unwrap_or(0),
        };
        let of_clients = realm.clients.values().map(|client| of_client(client)).max().unwrap_or(0);
        let access = l.access_token.max(l.access_token_for_implicit_flow).max(of_clients);
        Self { access, refresh: access.max(online).max(offline) }
    }

    /// The longest life of a token signed with `algorithm`.
    pub const fn of_algorithm(self, algorithm: Algorithm) -> i64 {
        if algorithm.is_symmetric() { self.refresh } else { self.access }
    }
}

#[cfg(test)]
mod tests;
