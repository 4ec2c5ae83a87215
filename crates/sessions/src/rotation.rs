//! Who may use a refresh token again: Keycloak's `revokeRefreshToken` with `refreshTokenMaxReuse`.
//!
//! The refresh tokens of one login are a family (`reuse_id`). Of each family the state says which token is current, how often
//! it was used and when last. A pure function: the caller finds the session, judges, replaces it, and judges again what it
//! finds when another caller was faster.

use ambient::Timestamp;
use thiserror::Error;

/// Tokens of one second that are remembered as used up: no client refreshes that often, each time with the token it just got.
const SPENT: usize = 64;

/// The state of one family of refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshUse {
    /// The family: the claim `reuse_id`.
    pub reuse_id: String,
    /// `jti` of the token used last.
    pub current: String,
    /// How often that one was used.
    pub count: u32,
    /// When it was used last.
    pub last_use: Timestamp,
    /// `jti` of the tokens that stopped being current in the second of `last_use`, where `iat` cannot tell old from new.
    pub spent: Vec<String>,
}

/// What of a presented refresh token the rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// `jti`.
    pub jti: &'a str,
    /// `iat`, whole seconds.
    pub issued_at: Timestamp,
    /// `reuse_id`; a token without one is of the family with the empty name.
    pub reuse_id: &'a str,
}

/// Why a refresh token may not be used (again). The client session is to be detached: its tokens are in two hands.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Reused {
    /// A newer token of the family has been used.
    #[error("a newer refresh token of the family has been used")]
    Stale,
    /// The current token was used as often as it may be.
    #[error("the refresh token was used as often as it may be")]
    TooOften,
}

/// Judges a presented token against its family's state and gives the next state. `max_reuse` is `refreshTokenMaxReuse`: 0 lets
/// a token be used once.
pub fn rotate(
    state: Option<&RefreshUse>,
    presented: Presented<'_>,
    max_reuse: u32,
    now: Timestamp,
) -> Result<RefreshUse, Reused> {
    let Some(state) = state else { return Ok(first_use(presented, Vec::new(), now)) };
    if state.current == presented.jti {
        if state.count > max_reuse {
            return Err(Reused::TooOften);
        }
        let spent = if state.last_use.secs() == now.secs() { state.spent.clone() } else { Vec::new() };
        let last_use = now.max(state.last_use);
        return Ok(RefreshUse { count: state.count.saturating_add(1), last_use, spent, ..state.clone() });
    }
    // Keycloak: compares `iat` alone (measured on 26.7.4), so that within one second an old token passes as a new one and
    // may be used twice; here the ones used up in that second are known by name (CVE-2026-1035).
    if presented.issued_at.secs() < state.last_use.secs() || state.spent.iter().any(|jti| jti == presented.jti) {
        return Err(Reused::Stale);
    }
    let mut spent = Vec::new();
    if state.last_use.secs() >= now.secs() {
        spent.extend(state.spent.iter().skip(state.spent.len().saturating_sub(SPENT - 1)).cloned());
        spent.push(state.current.clone());
    }
    Ok(first_use(presented, spent, now.max(state.last_use)))
}

fn first_use(presented: Presented<'_>, spent: Vec<String>, now: Timestamp) -> RefreshUse {
    RefreshUse { reuse_id: presented.reuse_id.to_owned(), current: presented.jti.to_owned(), count: 1, last_use: now, spent }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays `second.millis token iat` steps on one family and gives the outcome of each.
    fn play(max_reuse: u32, steps: &[(i64, &str, i64)]) -> Vec<&'static str> {
        let mut state = None;
        let step = |&(millis, jti, issued_at): &(i64, &str, i64)| {
            let presented = Presented { jti, issued_at: Timestamp::from_secs(issued_at), reuse_id: "family" };
            match rotate(state.as_ref(), presented, max_reuse, Timestamp::from_millis(millis)) {
                Ok(next) => {
                    state = Some(next);
                    "ok"
                }
                Err(Reused::Stale) => "stale",
                Err(Reused::TooOften) => "too often",
            }
        };
        steps.iter().map(step).collect()
    }

    #[test]
    fn a_chain_goes_on_for_ever() {
        assert_eq!(play(0, &[(100_000, "1", 90), (110_000, "2", 100), (120_000, "3", 110)]), ["ok", "ok", "ok"]);
    }

    #[test]
    fn a_token_is_used_once_more_than_it_may_be_reused() {
        assert_eq!(play(0, &[(100_000, "1", 90), (100_001, "1", 90)]), ["ok", "too often"]);
        assert_eq!(play(1, &[(100_000, "1", 90), (103_000, "1", 90), (103_000, "1", 90)]), ["ok", "ok", "too often"]);
    }

    #[test]
    fn an_older_token_is_stale_once_a_newer_one_was_used() {
        assert_eq!(play(5, &[(100_000, "1", 90), (110_000, "2", 100), (120_000, "1", 90)]), ["ok", "ok", "stale"]);
    }

    #[test]
    fn a_token_got_before_the_last_reuse_is_stale() {
        assert_eq!(play(1, &[(100_000, "1", 98), (103_000, "1", 98), (105_000, "2", 100)]), ["ok", "ok", "stale"]);
    }

    #[test]
    fn an_older_token_is_stale_within_the_same_second_too() {
        let same_second = [(100_100, "1", 100), (100_200, "2", 100), (100_300, "3", 100), (100_400, "1", 100)];
        assert_eq!(play(3, &same_second), ["ok", "ok", "ok", "stale"]);
        assert_eq!(play(3, &[(100_100, "1", 100), (100_200, "2", 100), (101_000, "2", 100), (101_300, "1", 100)])[3], "stale");
    }

    #[test]
    fn what_is_remembered_of_a_second_is_bounded_and_forgotten_with_it() {
        let mut state = None;
        for n in 0..1000 {
            let jti = n.to_string();
            let presented = Presented { jti: &jti, issued_at: Timestamp::from_secs(100), reuse_id: "" };
            state = Some(rotate(state.as_ref(), presented, 0, Timestamp::from_secs(100)).unwrap());
        }
        assert_eq!(state.as_ref().map(|state| state.spent.len()), Some(SPENT));
        let presented = Presented { jti: "next", issued_at: Timestamp::from_secs(100), reuse_id: "" };
        assert!(rotate(state.as_ref(), presented, 0, Timestamp::from_secs(101)).unwrap().spent.is_empty());
    }

    #[test]
    fn a_clock_that_goes_back_makes_no_old_token_new() {
        assert_eq!(play(0, &[(100_000, "1", 90), (95_000, "2", 100), (96_000, "1", 90)]), ["ok", "ok", "stale"]);
    }
}
