use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where a key is in its life: `Next → Active → Retired → Gone`, never back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// Published, so that clients know it before it signs.
    Next,
    /// May sign (the one with the highest priority does); published.
    Active,
    /// Signs no more; published and verifying until the last token it signed is dead.
    Retired,
    /// Neither signs nor verifies; not published.
    Gone,
}

/// A step that the life of a key does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a key that is {from} cannot become {to}")]
pub struct StateError {
    /// What it is.
    pub from: KeyState,
    /// What it was to become.
    pub to: KeyState,
}

impl KeyState {
    /// The step to `to`, where there is one. `Next → Gone` is that of a key that never signed.
    ///
    /// # Errors
    /// [`StateError`] for every other step, among them every step back.
    pub const fn step(self, to: Self) -> Result<Self, StateError> {
        match (self, to) {
            (Self::Next, Self::Active | Self::Gone) | (Self::Active, Self::Retired) | (Self::Retired, Self::Gone) => Ok(to),
            _ => Err(StateError { from: self, to }),
        }
    }

    /// Whether a key in this state may sign.
    pub const fn signs(self) -> bool {
        matches!(self, Self::Active)
    }

    /// Whether what a key in this state signed is valid. `Next` too: another node may have activated it a moment ago.
    pub const fn verifies(self) -> bool {
        matches!(self, Self::Next | Self::Active | Self::Retired)
    }

    /// The word in lists and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Gone => "gone",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [KeyState; 4] = [KeyState::Next, KeyState::Active, KeyState::Retired, KeyState::Gone];

    #[test]
    fn a_key_never_goes_back_and_never_stands_still() {
        for from in ALL {
            for to in ALL {
                assert!(to > from || from.step(to).is_err(), "{from} to {to}");
            }
        }
    }

    #[test]
    fn only_a_key_that_never_signed_may_skip_retirement() {
        assert!(KeyState::Next.step(KeyState::Gone).is_ok());
        assert!(KeyState::Active.step(KeyState::Gone).is_err());
        assert!(KeyState::Next.step(KeyState::Retired).is_err());
    }
}
