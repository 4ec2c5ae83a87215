//! When a user is locked: Keycloak's rule as a pure function (wire.md section 1.7).

use ambient::Timestamp;
use realm_model::{BruteForce, BruteForceStrategy};
use sessions::LoginAttempts;

/// Whether `attempts` keep the user out at `now`.
pub(crate) fn is_locked(policy: &BruteForce, attempts: Option<&LoginAttempts>, now: Timestamp) -> bool {
    policy.protected && attempts.is_some_and(|a| a.not_before > now)
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// A password, or whatever cannot be guessed in few tries.
    First,
    /// A one-time code or recovery code (`numSecondaryAuthFailures`).
    Second,
}

/// The attempts after one more failure at `now`.
pub(crate) fn after_failure(
    policy: &BruteForce,
    (previous, factor): (Option<LoginAttempts>, Factor),
    now: Timestamp,
) -> LoginAttempts {
    let first = previous.is_none();
    let mut attempts = previous.unwrap_or_default();
    let since_last = now.millis_since(attempts.last_failure);
    let only_permanent = policy.permanent_lockout && policy.max_temporary_lockouts == 0;
    if !first && !only_permanent && since_last > policy.max_delta_time.saturating_mul(1000) {
        // Keycloak: wrong codes are not forgotten by waiting.
        attempts = LoginAttempts { secondary_failures: attempts.secondary_failures, ..LoginAttempts::default() };
    }
    if factor == Factor::Second {
        attempts.secondary_failures = attempts.secondary_failures.saturating_add(1);
    }
    attempts.failures = attempts.failures.saturating_add(1);
    attempts.last_failure = now;

    let wait = if only_permanent { 0 } else { wait_seconds(policy, attempts.failures) };
    let quick = wait <= 0 && !first && since_last < policy.quick_login_check_millis;
    let wait = if quick { policy.minimum_quick_login_wait } else { wait };
    if wait > 0 && !only_permanent {
        if !quick {
            attempts.temporary_lockouts = attempts.temporary_lockouts.saturating_add(1);
        }
        // Keycloak: in whole seconds, so a lock ends up to a second earlier (measured on 26.7.4).
        attempts.not_before = Timestamp::from_secs(now.secs()).plus_secs(wait.min(policy.max_failure_wait));
    }
    if is_permanent(policy, &attempts) || has_too_many_wrong_codes(policy, &attempts) {
        attempts.not_before = Timestamp::MAX;
    }
    attempts
}

/// When `attempts` say nothing any more: neither locked nor within the time that failures add up.
pub(crate) fn forgettable_at(policy: &BruteForce, attempts: &LoginAttempts) -> Timestamp {
    let only_permanent = policy.permanent_lockout && policy.max_temporary_lockouts == 0;
    let counts_codes = policy.max_secondary_auth_failures > 0 && attempts.secondary_failures > 0;
    if only_permanent || counts_codes {
        return Timestamp::MAX;
    }
    attempts.not_before.max(attempts.last_failure.plus_secs(policy.max_delta_time.max(0)).plus_millis(1))
}

/// Seconds to wait after the `failures`-th failure; none where not positive.
fn wait_seconds(policy: &BruteForce, failures: u32) -> i64 {
    let factor = i64::from(policy.failure_factor.max(1));
    let steps = match policy.strategy {
        BruteForceStrategy::Multiple => i64::from(failures) / factor,
        BruteForceStrategy::Linear => 1 + i64::from(failures) - factor,
    };
    policy.wait_increment.saturating_mul(steps)
}

/// `maxSecondaryAuthFailures`: more wrong codes than that, however slowly, lock for good; 0 is no limit.
fn has_too_many_wrong_codes(policy: &BruteForce, attempts: &LoginAttempts) -> bool {
    policy.max_secondary_auth_failures > 0 && attempts.secondary_failures > policy.max_secondary_auth_failures
}

fn is_permanent(policy: &BruteForce, attempts: &LoginAttempts) -> bool {
    policy.permanent_lockout
        && attempts.failures >= policy.failure_factor
        && (policy.max_temporary_lockouts == 0 || attempts.temporary_lockouts > policy.max_temporary_lockouts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> BruteForce {
        BruteForce {
            protected: true,
            permanent_lockout: false,
            max_temporary_lockouts: 0,
            strategy: BruteForceStrategy::Multiple,
            max_failure_wait: 900,
            minimum_quick_login_wait: 60,
            wait_increment: 60,
            quick_login_check_millis: 1000,
            max_delta_time: 43_200,
            failure_factor: 3,
            max_secondary_auth_failures: 0,
        }
    }

    /// Fails once every `gap` milliseconds, `times` times; gives the seconds of wait after the last.
    fn wait_after(policy: &BruteForce, times: u32, gap: i64) -> i64 {
        let mut now = Timestamp::from_secs(1_000_000);
        let mut attempts = None;
        for at in 0..times {
            if at > 0 {
                now = now.plus_millis(gap);
            }
            attempts = Some(after_failure(policy, (attempts, Factor::First), now));
        }
        attempts.filter(|a| a.not_before > now).map_or(0, |a| a.not_before.secs() - now.secs())
    }

    #[test]
    fn waits_by_multiples_of_the_failure_factor() {
        assert_eq!([2, 3, 5, 6].map(|n| wait_after(&policy(), n, 2000)), [0, 60, 60, 120]);
    }

    #[test]
    fn waits_linearly_from_the_failure_factor_on() {
        let linear = BruteForce { strategy: BruteForceStrategy::Linear, ..policy() };
        assert_eq!([2, 3, 4, 5].map(|n| wait_after(&linear, n, 2000)), [0, 60, 120, 180]);
    }

    #[test]
    fn never_waits_longer_than_the_maximum() {
        assert_eq!(wait_after(&policy(), 300, 2000), 900);
    }

    #[test]
    fn a_lock_ends_with_a_whole_second() {
        let now = Timestamp::from_secs(1_000_000).plus_millis(700);
        let attempts = (0..3).fold(None, |a, _| Some(after_failure(&policy(), (a, Factor::First), now)));
        assert_eq!(attempts.map(|a| a.not_before), Some(Timestamp::from_secs(1_000_060)));
    }

    #[test]
    fn two_failures_in_quick_succession_wait_too() {
        assert_eq!(wait_after(&policy(), 2, 10), 60);
    }

    #[test]
    fn a_long_pause_forgets_the_failures_before_it() {
        assert_eq!(wait_after(&BruteForce { max_delta_time: 1, ..policy() }, 3, 1500), 0);
    }

    #[test]
    fn permanent_lockout_never_ends_and_never_waits_before() {
        let permanent = BruteForce { permanent_lockout: true, ..policy() };
        assert_eq!(wait_after(&permanent, 2, 10), 0);
        let now = Timestamp::from_secs(1);
        let third = (0..3).fold(None, |a, _| Some(after_failure(&permanent, (a, Factor::First), now)));
        assert!(is_locked(&permanent, third.as_ref(), Timestamp::from_secs(1 << 40)));
    }

    #[test]
    fn permanent_lockout_comes_after_the_allowed_temporary_ones() {
        let mixed = BruteForce { permanent_lockout: true, max_temporary_lockouts: 1, ..policy() };
        assert_eq!(wait_after(&mixed, 3, 2000), 60);
        assert!(wait_after(&mixed, 4, 2000) > 1_000_000);
    }

    #[test]
    fn more_wrong_codes_than_allowed_lock_for_good_however_slowly_they_come() {
        let slow = BruteForce { max_delta_time: 1, failure_factor: 1000, max_secondary_auth_failures: 2, ..policy() };
        let guess = |attempts, day: i64| after_failure(&slow, (attempts, Factor::Second), Timestamp::from_secs(day * 86_400));
        let second = guess(Some(guess(None, 1)), 2);
        assert!(!is_locked(&slow, Some(&second), Timestamp::from_secs(2 * 86_400)));
        assert_eq!(forgettable_at(&slow, &second), Timestamp::MAX);
        let password = after_failure(&slow, (Some(second.clone()), Factor::First), Timestamp::from_secs(3 * 86_400));
        assert!(!is_locked(&slow, Some(&password), Timestamp::from_secs(3 * 86_400)));
        let third = guess(Some(second), 3);
        assert!(is_locked(&slow, Some(&third), Timestamp::from_secs(1 << 40)));
    }

    #[test]
    fn nobody_is_locked_where_protection_is_off() {
        let off = BruteForce { protected: false, ..policy() };
        let locked = LoginAttempts { not_before: Timestamp::MAX, ..LoginAttempts::default() };
        assert!(!is_locked(&off, Some(&locked), Timestamp::from_secs(1)));
    }
}
