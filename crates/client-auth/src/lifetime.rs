use crate::LifetimeError;

/// How long assertions may live, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// From `iat`, or to `exp` where there is no `iat`.
    pub longest: i64,
    /// How far the clock of whoever issued it may be ahead.
    pub ahead: i64,
}

/// What an assertion says of its time, in seconds since the epoch (RFC 7523 section 3, rules 4 to 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// `exp`
    pub expires: Option<i64>,
    /// `iat`
    pub issued: Option<i64>,
    /// `nbf`
    pub not_before: Option<i64>,
}

impl Lifetime {
    /// Judges `exp`, `nbf`, `iat` at `now`, in Keycloak's order; until when the assertion could be used, in seconds since the
    /// epoch.
    ///
    /// # Errors
    /// [`LifetimeError`]
    // Keycloak: an expiry far ahead is fine where `iat` is fresh, and `exp` has no leeway (recordings
    // client-authentication/private-key-jwt-{exp-far,expired-within-skew}).
    pub fn judge(self, claims: Times, now: i64) -> Result<i64, LifetimeError> {
        let expires = claims.expires.ok_or(LifetimeError::ExpiryMissing)?;
        if expires <= now || claims.not_before.is_some_and(|start| start > now.saturating_add(self.ahead)) {
            return Err(LifetimeError::NotActive);
        }
        let Some(issued) = claims.issued else {
            let latest = now.saturating_add(self.longest);
            return if expires > latest { Err(LifetimeError::TooLong) } else { Ok(expires) };
        };
        if issued > now.saturating_add(self.ahead) {
            return Err(LifetimeError::Future);
        }
        let latest = issued.saturating_add(self.longest);
        if latest < now {
            return Err(LifetimeError::TooOld);
        }
        // After that it is too old, however late it expires, so it need not be remembered for longer (CVE-2025-2559).
        Ok(expires.min(latest.saturating_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn judges_as_measured() {
        let lifetime = Lifetime { longest: 60, ahead: 15 };
        for (expires, issued, not_before, expected) in [
            (Some(30), Some(0), None, Ok(30)),
            (Some(30), None, None, Ok(30)),
            (Some(60), None, None, Ok(60)),
            (Some(61), None, None, Err(LifetimeError::TooLong)),
            (Some(3600), Some(0), None, Ok(61)),
            (Some(1_000_000_000_000), Some(15), None, Ok(76)),
            (None, Some(0), None, Err(LifetimeError::ExpiryMissing)),
            (Some(0), Some(-10), None, Err(LifetimeError::NotActive)),
            (Some(-5), Some(-500), None, Err(LifetimeError::NotActive)),
            (Some(30), Some(0), Some(15), Ok(30)),
            (Some(30), Some(0), Some(16), Err(LifetimeError::NotActive)),
            (Some(60), Some(16), None, Err(LifetimeError::Future)),
            (Some(30), Some(-60), None, Ok(1)),
            (Some(30), Some(-61), None, Err(LifetimeError::TooOld)),
            (Some(30), Some(i64::MIN), None, Err(LifetimeError::TooOld)),
        ] {
            let at = |offset: Option<i64>| offset.map(|offset: i64| offset.saturating_add(NOW));
            let times = Times { expires: at(expires), issued: at(issued), not_before: at(not_before) };
            let judged = lifetime.judge(times, NOW).map(|until| until - NOW);
            assert_eq!(judged, expected, "exp {expires:?} iat {issued:?} nbf {not_before:?}");
        }
    }

    /// CVE-2025-2559
    #[test]
    fn what_is_remembered_of_an_assertion_is_forgotten_soon_however_late_it_expires() {
        let lifetime = Lifetime { longest: 60, ahead: 15 };
        for issued in [Some(NOW - 60), Some(NOW), Some(NOW + 15)] {
            let times = Times { expires: Some(i64::MAX), issued, not_before: None };
            assert!(lifetime.judge(times, NOW).unwrap() <= NOW + 76, "{issued:?}");
        }
    }
}
