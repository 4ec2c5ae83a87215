//! When a session ends: Keycloak's formulas for idle and maximum lifespans, as pure functions in milliseconds.

use ambient::Timestamp;
use realm_model::{Client, Realm};

use crate::{ClientSession, SessionKind, UserSession};

/// The settings that decide over sessions, in seconds. Client settings are what is left after the client's own attribute was
/// laid over the realm's field; 0 or less means that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifespans {
    /// `ssoSessionIdleTimeout`.
    pub sso_idle: i64,
    /// `ssoSessionMaxLifespan`.
    pub sso_max: i64,
    /// `ssoSessionIdleTimeoutRememberMe`; 0: as without.
    pub sso_idle_remember_me: i64,
    /// `ssoSessionMaxLifespanRememberMe`; 0: as without.
    pub sso_max_remember_me: i64,
    /// `rememberMe`: where it is off, sessions that were to be remembered are over.
    pub remembers: bool,
    /// `client.session.idle.timeout` or `clientSessionIdleTimeout`; 0: the session's.
    pub client_idle: i64,
    /// `client.session.max.lifespan` or `clientSessionMaxLifespan`; 0: the session's.
    pub client_max: i64,
    /// `offlineSessionIdleTimeout`.
    pub offline_idle: i64,
    /// `offlineSessionMaxLifespan` where `offlineSessionMaxLifespanEnabled`.
    pub offline_max: Option<i64>,
    /// `client.offline.session.idle.timeout` or `clientOfflineSessionIdleTimeout`; 0: the session's.
    pub client_offline_idle: i64,
    /// `client.offline.session.max.lifespan` or `clientOfflineSessionMaxLifespan`; 0: the session's.
    pub client_offline_max: i64,
}

/// Keycloak's defaults (`RealmRepresentation` of a new realm).
impl Default for Lifespans {
    fn default() -> Self {
        Self {
            sso_idle: SSO_IDLE,
            sso_max: SSO_MAX,
            sso_idle_remember_me: 0,
            sso_max_remember_me: 0,
            remembers: true,
            client_idle: 0,
            client_max: 0,
            offline_idle: OFFLINE_IDLE,
            offline_max: None,
            client_offline_idle: 0,
            client_offline_max: 0,
        }
    }
}

const SSO_IDLE: i64 = 1800;
const SSO_MAX: i64 = 36_000;
const OFFLINE_IDLE: i64 = 2_592_000;
const OFFLINE_MAX: i64 = 5_184_000;

/// The moments from which on a session is no longer valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Without being used.
    pub idle: Timestamp,
    /// Whatever happens; `None`: never (an offline session).
    pub max: Option<Timestamp>,
}

impl Ends {
    /// Whether the session is valid at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.first()
    }

    /// The earlier one.
    pub fn first(&self) -> Timestamp {
        self.max.map_or(self.idle, |max| max.min(self.idle))
    }
}

impl Lifespans {
    /// Those of the sessions of `client`.
    pub fn of(realm: &Realm, client: &Client) -> Self {
        let remembers = realm.login.remember_me;
        let realm = &realm.lifespans;
        let of_client = |attribute: &str, realm: i64| client.number(attribute).filter(|v| *v > 0).unwrap_or(realm);
        Self {
            sso_idle: realm.sso_session_idle,
            sso_max: realm.sso_session_max,
            sso_idle_remember_me: realm.sso_session_idle_remember_me,
            sso_max_remember_me: realm.sso_session_max_remember_me,
            remembers,
            client_idle: of_client("client.session.idle.timeout", realm.client_session_idle),
            client_max: of_client("client.session.max.lifespan", realm.client_session_max),
            offline_idle: realm.offline_session_idle,
            offline_max: realm.offline_session_max,
            client_offline_idle: of_client("client.offline.session.idle.timeout", realm.client_offline_session_idle),
            client_offline_max: of_client("client.offline.session.max.lifespan", realm.client_offline_session_max),
        }
    }

    fn with_remember_me(&self, basic: i64, remembered: i64, session: &UserSession) -> i64 {
        if session.remember_me && remembered > 0 { basic.max(remembered) } else { basic }
    }

    fn idle_secs(&self, session: &UserSession) -> i64 {
        match session.kind {
            SessionKind::Online => self.with_remember_me(or(self.sso_idle, SSO_IDLE), self.sso_idle_remember_me, session),
            SessionKind::Offline => or(self.offline_idle, OFFLINE_IDLE),
        }
    }

    fn max_secs(&self, session: &UserSession) -> Option<i64> {
        match session.kind {
            SessionKind::Online => Some(self.with_remember_me(or(self.sso_max, SSO_MAX), self.sso_max_remember_me, session)),
            SessionKind::Offline => self.offline_max.map(|max| or(max, OFFLINE_MAX)),
        }
    }

    /// When a user session ends.
    pub fn session_ends(&self, session: &UserSession) -> Ends {
        if session.remember_me && !self.remembers && session.kind == SessionKind::Online {
            return Ends { idle: session.started, max: Some(session.started) }; // CVE-2025-11429
        }
        let max = self.max_secs(session).map(|max| session.started.plus_secs(max));
        Ends { idle: session.last_refresh.plus_secs(self.idle_secs(session)), max }
    }

    /// When the session of one client in it ends.
    pub fn client_ends(&self, session: &UserSession, client: &ClientSession) -> Ends {
        let (idle, max) = match session.kind {
            SessionKind::Online => (self.client_idle, self.client_max),
            SessionKind::Offline => (self.client_offline_idle, self.client_offline_max),
        };
        let own_max = if max > 0 { Some(max) } else { self.max_secs(session) }.map(|max| client.started.plus_secs(max));
        let max = [own_max, self.session_ends(session).max].into_iter().flatten().min();
        Ends { idle: client.last_refresh.plus_secs(or(idle, self.idle_secs(session))), max }
    }

    /// `exp` of an access token that is to live `lifespan` seconds (-1: as long as the session may), whole seconds.
    pub fn access_expires(&self, session: &UserSession, client: &ClientSession, lifespan: i64, now: Timestamp) -> Timestamp {
        let max = self.client_ends(session, client).max;
        let wished = if lifespan < 0 { None } else { Some(now.plus_secs(lifespan)) };
        floor([wished, max].into_iter().flatten().min().unwrap_or_else(|| now.plus_secs(or(self.sso_max, SSO_MAX))))
    }

    /// `exp` of a refresh token of this client session, whose `last_refresh` is the token's `iat`; whole seconds. `None`: the
    /// token has none (an offline one, unless the realm limits offline sessions).
    pub fn refresh_expires(&self, session: &UserSession, client: &ClientSession) -> Option<Timestamp> {
        match session.kind {
            SessionKind::Offline if self.offline_max.is_none() => None,
            _ => Some(floor(self.client_ends(session, client).first())),
        }
    }

    /// When nothing of a session is valid any more and its record may go: its own end, which the last of its clients does not
    /// outlive.
    pub fn record_expires(&self, session: &UserSession) -> Timestamp {
        self.session_ends(session).first()
    }
}

const fn or(setting: i64, fallback: i64) -> i64 {
    if setting > 0 { setting } else { fallback }
}

const fn floor(time: Timestamp) -> Timestamp {
    Timestamp::from_secs(time.secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(kind: SessionKind) -> (UserSession, ClientSession) {
        let started = Timestamp::from_millis(1_000_700);
        let mut session = UserSession::new("sid".into(), "user".into(), kind, started);
        session.last_refresh = Timestamp::from_millis(1_100_900);
        let mut client = ClientSession::new("client", "openid", Timestamp::from_millis(1_050_700));
        client.last_refresh = Timestamp::from_millis(1_100_900);
        (session, client)
    }

    fn millis(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn by_default_a_session_idles_half_an_hour_and_lasts_ten() {
        let (session, client) = session(SessionKind::Online);
        let ends = Lifespans::default().session_ends(&session);
        assert_eq!(ends, Ends { idle: millis(2_900_900), max: Some(millis(37_000_700)) });
        assert_eq!(Lifespans::default().client_ends(&session, &client).max, Some(millis(37_000_700)));
        assert!(ends.is_live(millis(2_900_899)) && !ends.is_live(millis(2_900_900)));
    }

    #[test]
    fn refresh_tokens_end_at_the_whole_second_below() {
        let (session, client) = session(SessionKind::Online);
        assert_eq!(Lifespans::default().refresh_expires(&session, &client), Some(millis(2_900_000)));
    }

    #[test]
    fn settings_of_the_client_go_before_those_of_the_session_but_not_past_its_maximum() {
        let (session, client) = session(SessionKind::Online);
        let ends = |client_idle, client_max| {
            let lifespans = Lifespans { client_idle, client_max, ..Lifespans::default() };
            lifespans.client_ends(&session, &client)
        };
        assert_eq!(ends(60, 0).idle, millis(1_160_900));
        assert_eq!(ends(3600, 0).idle, millis(4_700_900));
        assert_eq!(ends(0, 600).max, Some(millis(1_650_700)));
        assert_eq!(ends(0, 99_999).max, Some(millis(37_000_700)));
    }

    #[test]
    fn remember_me_lengthens_and_never_shortens() {
        let (mut session, _) = session(SessionKind::Online);
        let idle = |session: &UserSession, sso_idle_remember_me| {
            Lifespans { sso_idle_remember_me, ..Lifespans::default() }.session_ends(session).idle
        };
        assert_eq!(idle(&session, 7200), millis(2_900_900));
        session.remember_me = true;
        assert_eq!(idle(&session, 7200), millis(8_300_900));
        assert_eq!(idle(&session, 60), millis(2_900_900));
        assert_eq!(idle(&session, 0), millis(2_900_900));
    }

    /// CVE-2025-11429
    #[test]
    fn a_session_that_was_to_be_remembered_is_over_once_the_realm_remembers_none() {
        for (remember_me, remembers, live) in
            [(true, true, true), (false, false, true), (false, true, true), (true, false, false)]
        {
            let (mut session, client) = session(SessionKind::Online);
            session.remember_me = remember_me;
            let (lifespans, now) = (Lifespans { remembers, ..Lifespans::default() }, session.last_refresh);
            let told = (lifespans.session_ends(&session).is_live(now), lifespans.client_ends(&session, &client).is_live(now));
            assert_eq!(told, (live, live), "{remember_me} {remembers}");
        }
    }

    #[test]
    fn offline_tokens_have_no_end_unless_the_realm_limits_them() {
        let (session, client) = session(SessionKind::Offline);
        let limited = Lifespans { offline_max: Some(100), ..Lifespans::default() };
        assert_eq!(Lifespans::default().refresh_expires(&session, &client), None);
        assert_eq!(Lifespans::default().session_ends(&session).max, None);
        assert_eq!(limited.refresh_expires(&session, &client), Some(millis(1_100_000)));
        let by_client = Lifespans { client_offline_max: 7, ..Lifespans::default() };
        assert_eq!(by_client.client_ends(&session, &client).max, Some(millis(1_057_700)));
    }

    #[test]
    fn an_access_token_ends_with_the_session_at_the_latest() {
        let (session, client) = session(SessionKind::Online);
        let lifespans = Lifespans { client_max: 100, ..Lifespans::default() };
        let now = millis(1_100_900);
        assert_eq!(lifespans.access_expires(&session, &client, 300, now), millis(1_150_000));
        assert_eq!(lifespans.access_expires(&session, &client, 10, now), millis(1_110_000));
        assert_eq!(lifespans.access_expires(&session, &client, 0, now), millis(1_100_000));
        assert_eq!(lifespans.access_expires(&session, &client, -1, now), millis(1_150_000));
    }

    #[test]
    fn settings_of_nothing_mean_the_built_in_ones() {
        let (session, _) = session(SessionKind::Online);
        let lifespans = Lifespans { sso_idle: 0, sso_max: -1, ..Lifespans::default() };
        assert_eq!(lifespans.session_ends(&session), Lifespans::default().session_ends(&session));
    }
}
