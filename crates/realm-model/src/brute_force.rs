/// How the wait of a temporary lockout grows (`bruteForceStrategy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BruteForceStrategy {
    /// `waitIncrementSeconds` × ⌊failures ÷ `failureFactor`⌋
    #[default]
    Multiple,
    /// `waitIncrementSeconds` × (1 + failures − `failureFactor`)
    Linear,
}

/// Brute-force protection of a realm; the fields are Keycloak's (wire.md section 1.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BruteForce {
    /// `bruteForceProtected`
    pub protected: bool,
    /// `permanentLockout`
    pub permanent_lockout: bool,
    /// `maxTemporaryLockouts`: with `permanent_lockout`, how many temporary lockouts come first.
    pub max_temporary_lockouts: u32,
    /// `bruteForceStrategy`
    pub strategy: BruteForceStrategy,
    /// `maxFailureWaitSeconds`, seconds.
    pub max_failure_wait: i64,
    /// `minimumQuickLoginWaitSeconds`, seconds.
    pub minimum_quick_login_wait: i64,
    /// `waitIncrementSeconds`, seconds.
    pub wait_increment: i64,
    /// `quickLoginCheckMilliSeconds`, milliseconds.
    pub quick_login_check_millis: i64,
    /// `maxDeltaTimeSeconds`, seconds.
    pub max_delta_time: i64,
    /// `failureFactor`
    pub failure_factor: u32,
    /// `maxSecondaryAuthFailures`
    pub max_secondary_auth_failures: u32,
}
