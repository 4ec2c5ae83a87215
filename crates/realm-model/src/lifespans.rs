/// Lifespans of a realm, in seconds, under Keycloak's names (wire.md section 4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifespans {
    /// `accessTokenLifespan`
    pub access_token: i64,
    /// `accessTokenLifespanForImplicitFlow`
    pub access_token_for_implicit_flow: i64,
    /// `ssoSessionIdleTimeout`
    pub sso_session_idle: i64,
    /// `ssoSessionMaxLifespan`
    pub sso_session_max: i64,
    /// `ssoSessionIdleTimeoutRememberMe`; 0 = as without remember-me.
    pub sso_session_idle_remember_me: i64,
    /// `ssoSessionMaxLifespanRememberMe`; 0 = as without remember-me.
    pub sso_session_max_remember_me: i64,
    /// `offlineSessionIdleTimeout`
    pub offline_session_idle: i64,
    /// `offlineSessionMaxLifespan`, where `offlineSessionMaxLifespanEnabled`.
    pub offline_session_max: Option<i64>,
    /// `clientSessionIdleTimeout`; 0 = the session's.
    pub client_session_idle: i64,
    /// `clientSessionMaxLifespan`; 0 = the session's.
    pub client_session_max: i64,
    /// `clientOfflineSessionIdleTimeout`; 0 = the session's.
    pub client_offline_session_idle: i64,
    /// `clientOfflineSessionMaxLifespan`; 0 = the session's.
    pub client_offline_session_max: i64,
    /// `accessCodeLifespan`
    pub access_code: i64,
}
