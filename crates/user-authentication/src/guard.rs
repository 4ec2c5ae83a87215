use sessions::{LoginAttempts, Subject};

use crate::authentication::{At, UserAuthentication};
use crate::brute_force::{self, Factor};
use crate::error::Trouble;
use crate::turns::Turn;

/// A login of one user, or on one device, under brute-force protection: holds the turn while it lasts.
pub struct Guard<'a> {
    parts: &'a UserAuthentication,
    at: &'a At<'a>,
    subject: Subject<'a>,
    attempts: Option<LoginAttempts>,
    _turn: Option<Turn<'a>>,
}

impl<'a> Guard<'a> {
    /// Waits for the turn of `subject`, whose id is `id`, and reads its failures so far.
    ///
    /// # Errors
    /// Sessions cannot be reached, or too many wait already.
    pub async fn enter(
        parts: &'a UserAuthentication,
        at: &'a At<'a>,
        (subject, id): (Subject<'a>, &str),
    ) -> Result<Self, Trouble> {
        let policy = &at.realm.brute_force;
        if !policy.protected {
            return Ok(Self { parts, at, subject, attempts: None, _turn: None });
        }
        let read = async || Ok::<_, Trouble>(parts.sessions.find_attempts(&at.realm.name, subject, at.now).await?);
        let failures = |attempts: &Option<LoginAttempts>| {
            let locked = brute_force::is_locked(policy, attempts.as_ref(), at.now);
            (!locked).then(|| attempts.as_ref().map_or(0, |a| a.failures))
        };
        let (turn, attempts) = parts.turns.take((&at.realm.name, id, policy.failure_factor), read, failures).await?;
        Ok(Self { parts, at, subject, attempts, _turn: turn })
    }

    /// Whether the user or device is locked out.
    pub fn is_locked(&self) -> bool {
        brute_force::is_locked(&self.at.realm.brute_force, self.attempts.as_ref(), self.at.now)
    }

    pub(crate) fn at(&self) -> &At<'a> {
        self.at
    }

    /// Counts a failure.
    ///
    /// # Errors
    /// Sessions cannot be reached.
    pub async fn record_failure(&self, factor: Factor) -> Result<(), Trouble> {
        let policy = &self.at.realm.brute_force;
        if !policy.protected {
            return Ok(());
        }
        let (now, peer) = (self.at.now, self.at.peer);
        let fail = |previous| {
            let mut attempts = brute_force::after_failure(policy, (previous, factor), now);
            attempts.last_ip = Some(peer.to_owned());
            attempts.expires_at = brute_force::forgettable_at(policy, &attempts);
            Some(attempts)
        };
        self.parts.sessions.update_attempts(&self.at.realm.name, self.subject, now, fail).await?;
        Ok(())
    }

    /// After a success nothing of the failures before it counts.
    ///
    /// # Errors
    /// Sessions cannot be reached.
    pub async fn forget_failures(&self) -> Result<(), Trouble> {
        if self.attempts.is_some() {
            self.parts.sessions.update_attempts(&self.at.realm.name, self.subject, self.at.now, |_| None).await?;
        }
        Ok(())
    }
}
