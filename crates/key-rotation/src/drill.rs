use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ambient::{Clock, Entropy, ManualClock, Timestamp};
use realm_model::Realm;
use sessions::{Memory, RecordStore};

use crate::rotation::NODE_LAG_SECS;
use crate::{
    Algorithm, KeyError, KeyState, KeyUse, Keyring, Keyrings, ParsedJws, PublicKeySet, RETIRE_MARGIN_SECS, Schedule, Takeover,
    TokenLives, parse_compact, sign_compact,
};

/// What a rotation would do, played through on a copy of a realm's keys with a clock of its own.
#[derive(Clone, Debug, Default)]
pub struct DrillReport {
    /// What happened to the keys and when, a line each, to be printed.
    pub lines: Vec<String>,
    /// How many tokens were minted.
    pub tokens: u64,
    /// How many times a token that was still valid was verified.
    pub checks: u64,
    /// The valid tokens that were refused, a line each; empty where the rotation is sound.
    pub refused: Vec<String>,
}

/// Plays a rotation of `realm` through, from its announcement until the old keys are gone, on two nodes of which one lags
/// behind. At every step both mint tokens of the longest life there is; and every token that is not expired is verified by
/// both nodes, by a client that fetched the JWKS just now, and, when it is new, by one whose copy is as old as
/// `key-rotation.publish-ahead` lets it be. Nothing of the realm is changed.
///
/// # Errors
/// Those of [`Keyrings::of`].
pub async fn drill(
    keyrings: &Keyrings,
    realm: &Arc<Realm>,
    now: Timestamp,
    entropy: Arc<dyn Entropy>,
) -> Result<DrillReport, KeyError> {
    let store = Arc::new(Memory::new());
    keyrings.copy_to(realm, store.clone(), now).await?;
    let mut rehearsal = Rehearsal::new(realm, store, now, entropy);
    rehearsal.look().await?;
    rehearsal.begin().await?;
    for at in moments(realm) {
        rehearsal.go_to(at).await?;
    }
    Ok(rehearsal.finish())
}

/// When to look, in seconds from the start: often enough to see every change, on either side of it.
fn moments(realm: &Realm) -> BTreeSet<i64> {
    let schedule = Schedule::of(realm).unwrap_or_default();
    let takeover = schedule.publish_ahead_secs + NODE_LAG_SECS;
    let life = [TokenLives::of(realm).access, TokenLives::of(realm).refresh].into_iter().filter(|life| *life < i64::MAX).max();
    let kept = schedule.retire_secs.max(life.unwrap_or(0)) + RETIRE_MARGIN_SECS;
    let ahead = (1..=12).map(|part| takeover * part / 12);
    let retired = (1..=24).map(|part| takeover + kept * part / 24);
    ahead.chain(retired).chain([takeover + kept + 2 * NODE_LAG_SECS]).collect()
}

/// Two nodes, clients of every age, and all tokens that are alive.
pub(crate) struct Rehearsal {
    realm: Arc<Realm>,
    nodes: [Keyrings; 2],
    clock: Arc<ManualClock>,
    start: Timestamp,
    publish_ahead_secs: i64,
    lives: TokenLives,
    alive: Vec<Token>,
    /// Copies of the JWKS as clients may still hold them, the oldest first.
    copies: Vec<(Timestamp, PublicKeySet)>,
    states: BTreeMap<Arc<str>, KeyState>,
    report: DrillReport,
}

struct Token {
    text: String,
    expires: Timestamp,
}

impl Rehearsal {
    pub(crate) fn new(realm: &Arc<Realm>, store: Arc<dyn RecordStore>, start: Timestamp, entropy: Arc<dyn Entropy>) -> Self {
        let clock = Arc::new(ManualClock::at(start));
        let node = || {
            let clock: Arc<dyn Clock> = clock.clone();
            Keyrings::new(Arc::clone(&store), clock, Arc::clone(&entropy))
        };
        Self {
            realm: Arc::clone(realm),
            nodes: [node(), node()],
            clock,
            start,
            publish_ahead_secs: Schedule::of(realm).unwrap_or_default().publish_ahead_secs,
            lives: TokenLives::of(realm),
            alive: Vec::new(),
            copies: Vec::new(),
            states: BTreeMap::new(),
            report: DrillReport::default(),
        }
    }

    async fn begin(&mut self) -> Result<(), KeyError> {
        let [first, _] = &self.nodes;
        first.rotate(&self.realm, Takeover::Announced).await?;
        self.advance(0).await
    }

    /// Lets the clock run until `secs` after the start, and looks.
    async fn go_to(&mut self, secs: i64) -> Result<(), KeyError> {
        let left = self.start.plus_secs(secs).millis_since(self.clock.now());
        self.advance(left.max(0) / 1000).await
    }

    /// Lets `secs` pass, both nodes do what is due, one of them late, and looks before and after.
    pub(crate) async fn advance(&mut self, secs: i64) -> Result<(), KeyError> {
        self.clock.advance_secs(secs);
        let [first, _] = &self.nodes;
        first.tick([Arc::clone(&self.realm)]).await;
        self.look().await?;
        self.clock.advance_secs(NODE_LAG_SECS - 1);
        let [_, late] = &self.nodes;
        late.tick([Arc::clone(&self.realm)]).await;
        self.look().await
    }

    /// Mints on both nodes and verifies everything that is alive, everywhere.
    pub(crate) async fn look(&mut self) -> Result<(), KeyError> {
        let now = self.clock.now();
        let [first, late] = &self.nodes;
        let rings = [first.of(&self.realm).await?, late.of(&self.realm).await?];
        let [first_ring, _] = &rings;
        self.tell_changes(first_ring, now);
        self.alive.retain(|token| token.expires > now);
        for ring in &rings {
            // Of a node that answers, whichever it is.
            self.copies.extend(PublicKeySet::parse(ring.jwks_json()).map(|set| (now, set)));
        }
        let oldest = now.plus_secs(-self.publish_ahead_secs);
        self.copies.retain(|(taken, _)| *taken >= oldest);
        for ring in &rings {
            self.mint(ring, now)?;
        }
        self.verify_all(&rings, now);
        Ok(())
    }

    fn mint(&mut self, ring: &Keyring, now: Timestamp) -> Result<(), KeyError> {
        let signing: BTreeSet<Algorithm> =
            ring.rows().map(|row| row.algorithm).filter(|a| a.key_use() == KeyUse::Signature).collect();
        for signer in signing.into_iter().filter_map(|algorithm| ring.signer(algorithm)) {
            let expires = now.plus_secs(self.lives.of_algorithm(signer.algorithm()));
            let claims = format!(r#"{{"exp":{}}}"#, expires.secs());
            let text = sign_compact(&*signer, "JWT", claims.as_bytes())?;
            self.report.tokens += 1;
            // A new token meets the oldest copies too.
            if let Ok(token) = parse_compact(&text) {
                let copies: Vec<bool> = self.copies.iter().map(|(_, set)| accepts(set, &token)).collect();
                self.judge(&token, copies, "a client with an old copy of the JWKS");
            }
            self.alive.push(Token { text, expires });
        }
        Ok(())
    }

    fn verify_all(&mut self, rings: &[Arc<Keyring>; 2], now: Timestamp) {
        let current = |(taken, _): &&(Timestamp, PublicKeySet)| *taken == now;
        let alive = std::mem::take(&mut self.alive);
        for token in alive.iter().filter_map(|token| parse_compact(&token.text).ok()) {
            let nodes = rings
                .iter()
                .map(|ring| ring.verify(token.kid.as_deref(), token.algorithm, token.signing_input, &token.signature).is_ok());
            let clients = self.copies.iter().filter(current).map(|(_, set)| accepts(set, &token));
            let (nodes, clients): (Vec<bool>, Vec<bool>) = (nodes.collect(), clients.collect());
            self.judge(&token, nodes, "a node");
            self.judge(&token, clients, "a client with a fresh copy of the JWKS");
        }
        self.alive = alive;
    }

    fn judge(&mut self, token: &ParsedJws<'_>, verdicts: Vec<bool>, by: &str) {
        self.report.checks += verdicts.len() as u64;
        if verdicts.contains(&false) {
            let kid = token.kid.as_deref().unwrap_or_default();
            let after = span(self.clock.now().millis_since(self.start) / 1000);
            self.report.refused.push(format!("{after}  {by} refuses a valid token of {} {kid}", token.algorithm));
        }
    }

    fn tell_changes(&mut self, ring: &Keyring, now: Timestamp) {
        let after = span(now.millis_since(self.start) / 1000);
        let rows: Vec<_> = ring.rows().filter(|row| row.key_use == KeyUse::Signature).collect();
        let gone: Vec<Arc<str>> =
            self.states.keys().filter(|kid| !rows.iter().any(|row| row.kid == **kid)).map(Arc::clone).collect();
        for kid in gone {
            if self.states.remove(&kid) != Some(KeyState::Gone) {
                self.report.lines.push(format!("{after:>12}  {kid} is gone"));
            }
        }
        for row in rows {
            if self.states.insert(Arc::clone(&row.kid), row.state) != Some(row.state) {
                let line = format!("{after:>12}  {} is {} ({}, {})", row.kid, row.state, row.algorithm, row.component);
                self.report.lines.push(line);
            }
        }
    }

    pub(crate) fn finish(self) -> DrillReport {
        self.report
    }
}

/// Whether a client accepts `token`. One signed with a shared secret is for this server alone.
fn accepts(set: &PublicKeySet, token: &ParsedJws<'_>) -> bool {
    token.algorithm.is_symmetric()
        || set.verify(token.kid.as_deref(), token.algorithm, token.signing_input, &token.signature).is_ok()
}

/// `+1d 2h 3m 4s`, without the parts that are zero.
fn span(secs: i64) -> String {
    let parts = [(secs / 86_400, 'd'), (secs / 3_600 % 24, 'h'), (secs / 60 % 60, 'm'), (secs % 60, 's')];
    let words: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if words.is_empty() { "now".to_owned() } else { format!("+{}", words.join(" ")) }
}

#[cfg(test)]
mod tests;
