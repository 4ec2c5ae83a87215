use std::collections::BTreeMap;
use std::sync::Arc;

use ambient::Timestamp;

use crate::state::KeyState;
use crate::{Algorithm, KeyUse, Schedule, TokenLives};

/// Nodes tick once a minute: within this time, in seconds, every one of them knows what another one did.
pub const NODE_LAG_SECS: i64 = 60;

/// A lagging node signs with a retired key for a while, and clocks differ: it stays this much longer, in seconds.
pub const RETIRE_MARGIN_SECS: i64 = 300;

/// Which key is meant. The `kid` alone does not tell: one RSA key may serve two algorithms, in two components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyId {
    /// `kid`
    pub kid: Arc<str>,
    /// `alg`
    pub algorithm: Algorithm,
    /// The name of its component; a key follows another one of its component.
    pub component: Arc<str>,
}

/// What the plan of a rotation looks at.
#[derive(Clone, Debug)]
pub struct KeyFacts {
    /// The key.
    pub id: KeyId,
    /// Where it is in its life.
    pub state: KeyState,
    /// `priority`
    pub priority: i64,
    /// Since when it is in that state; absent for a key of the realm file that rotation has not begun to count.
    pub since: Option<Timestamp>,
    /// The longest life, in seconds, of a token it can have signed.
    pub longest_secs: i64,
    /// Whether no component of the realm has this key any more.
    pub orphan: bool,
}

/// A change of a realm's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// Make a key like this one and publish it; it does not sign yet.
    Publish {
        /// The key that it is to follow.
        after: KeyId,
    },
    /// Move a key on in its life.
    Step {
        /// The key.
        key: KeyId,
        /// Its next state.
        to: KeyState,
    },
    /// Begin to count the period of a key, from now.
    Count {
        /// The key.
        key: KeyId,
    },
    /// The tokens that a key signs live longer now.
    Lengthen {
        /// The key.
        key: KeyId,
        /// The longest life of such a token, in seconds.
        secs: i64,
    },
}

/// What is due for the keys of a realm at `now`. Pure: every node comes to the same plan, and the vault lets one of them
/// carry it out.
///
/// A key that follows another is published first and signs only after `publish_ahead_secs`, counted from when it was really
/// published, however late that was. A retired key is gone only when the last token it signed is dead.
pub fn plan_rotation(now: Timestamp, ring: &[KeyFacts], schedule: &Schedule, lives: TokenLives) -> Vec<Transition> {
    let mut plan = Vec::new();
    let mut by_algorithm: BTreeMap<Algorithm, Vec<&KeyFacts>> = BTreeMap::new();
    for key in ring {
        if key.id.algorithm.key_use() == KeyUse::Signature {
            by_algorithm.entry(key.id.algorithm).or_default().push(key);
        }
        lengthen(key, lives, &mut plan);
        remove(now, key, schedule, &mut plan);
    }
    for keys in by_algorithm.values() {
        activate_or_publish(now, keys, schedule, &mut plan);
    }
    plan
}

/// Keeps the record of the longest token, which outlives a later shortening of the realm's lifespans.
fn lengthen(key: &KeyFacts, lives: TokenLives, plan: &mut Vec<Transition>) {
    let secs = lives.of_algorithm(key.id.algorithm);
    if key.state.signs() && key.since.is_some() && secs > key.longest_secs {
        plan.push(Transition::Lengthen { key: key.id.clone(), secs });
    }
}

fn remove(now: Timestamp, key: &KeyFacts, schedule: &Schedule, plan: &mut Vec<Transition>) {
    let to = match (key.state, key.since) {
        (KeyState::Active, _) if key.orphan => KeyState::Retired,
        (KeyState::Next, _) if key.orphan => KeyState::Gone,
        (KeyState::Retired, Some(since)) => {
            let kept_secs = schedule.retire_secs.max(key.longest_secs).saturating_add(RETIRE_MARGIN_SECS);
            if now < since.plus_secs(kept_secs) {
                return;
            }
            KeyState::Gone
        }
        _ => return,
    };
    plan.push(Transition::Step { key: key.id.clone(), to });
}

fn activate_or_publish(now: Timestamp, keys: &[&KeyFacts], schedule: &Schedule, plan: &mut Vec<Transition>) {
    let next = keys.iter().find(|key| key.state == KeyState::Next && !key.orphan);
    let mut signing: Vec<_> = keys.iter().filter(|key| key.state.signs() && !key.orphan).collect();
    signing.sort_by_key(|key| std::cmp::Reverse(key.priority));
    if let Some(next) = next {
        let published = next.since.unwrap_or(now);
        if now >= published.plus_secs(schedule.publish_ahead_secs.saturating_add(NODE_LAG_SECS)) {
            plan.push(Transition::Step { key: next.id.clone(), to: KeyState::Active });
            plan.extend(signing.iter().filter(|key| key.id.component == next.id.component).map(|key| retire(key)));
        }
        return;
    }
    let (Some(period), Some(current)) = (schedule.period_secs, signing.first()) else { return };
    match current.since {
        None => plan.push(Transition::Count { key: current.id.clone() }),
        Some(since) if now >= since.plus_secs(period - schedule.publish_ahead_secs - NODE_LAG_SECS) => {
            plan.push(Transition::Publish { after: current.id.clone() });
        }
        Some(_) => {}
    }
}

fn retire(key: &KeyFacts) -> Transition {
    Transition::Step { key: key.id.clone(), to: KeyState::Retired }
}

#[cfg(test)]
mod tests;
