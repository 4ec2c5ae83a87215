use std::sync::Arc;

use ambient::{Entropy, Timestamp};
use zeroize::Zeroizing;

use crate::declaration::Declaration;
use crate::entry::{Entry, merge};
use crate::keys::{Material, kid_of, self_signed};
use crate::provider::{Spec, fallback};
use crate::rotation::{KeyFacts, KeyId, Transition, plan_rotation};
use crate::state::KeyState;
use crate::vault::{KeyBytes, StoredKey, VaultRecord};
use crate::{Algorithm, CryptoError, KeyError};

/// When a new key begins to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// After it was published for `key-rotation.publish-ahead`.
    Announced,
    /// At once, for a key that is compromised: clients that do not fetch the JWKS again on an unknown `kid` refuse its
    /// tokens until their copy expires.
    Immediate,
}

/// What a caller needs of a realm's keys, beyond what is due anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    Nothing,
    Signer(Algorithm),
    Rotation(Takeover),
}

/// What is to become of a record.
#[derive(Default)]
pub(crate) struct Changes {
    transitions: Vec<Transition>,
    make: Vec<(Spec, KeyState)>,
    /// Keys of the realm file that need a certificate of ours.
    certify: Vec<KeyId>,
}

/// All that a change is judged by.
pub(crate) struct Situation {
    pub declaration: Arc<Declaration>,
    pub record: VaultRecord,
    pub entries: Vec<Entry>,
    pub now: Timestamp,
}

impl Situation {
    pub(crate) fn new(declaration: Arc<Declaration>, record: VaultRecord, now: Timestamp) -> Self {
        let entries = merge(&declaration.components, &record);
        Self { declaration, record, entries, now }
    }

    /// What is due, and what `want` asks for.
    pub(crate) fn plan(&self, want: Want) -> Changes {
        Changes::plan(self, want)
    }

    /// The record after `changes`. Slow where RSA keys are to be made: for a thread that serves nobody.
    pub(crate) fn after(&self, changes: &Changes, entropy: &dyn Entropy) -> Result<VaultRecord, KeyError> {
        let made = changes.make(self, entropy)?;
        Ok(changes.apply(self, made))
    }
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.transitions.is_empty() && self.make.is_empty() && self.certify.is_empty()
    }

    fn plan(s: &Situation, want: Want) -> Self {
        let mut changes = Self {
            transitions: plan_rotation(s.now, &facts(&s.entries), &s.declaration.schedule, s.declaration.lives),
            ..Self::default()
        };
        changes.add_missing(s);
        match want {
            Want::Nothing => {}
            Want::Signer(algorithm) => changes.add_fallback(s, algorithm),
            Want::Rotation(takeover) => changes.add_rotation(s, takeover),
        }
        changes
    }

    /// Keys that components ask for and nobody has made yet.
    fn add_missing(&mut self, s: &Situation) {
        for component in s.declaration.components.iter().filter(|c| c.at_best.signs()) {
            match &component.own {
                Some(own) => {
                    let bare = |e: &&Entry| {
                        e.kid == own.kid && e.origin == component.spec.origin && e.certificate.is_none() && e.state.verifies()
                    };
                    let bare = s.entries.iter().find(bare).filter(|_| component.spec.certificate);
                    self.certify.extend(bare.map(id));
                }
                None => {
                    let serves = |e: &Entry| {
                        e.origin == component.spec.origin
                            && e.algorithm == component.spec.algorithm
                            && e.state.signs()
                            && !e.orphan
                    };
                    if !s.entries.iter().any(serves) {
                        self.make.push((component.spec.clone(), KeyState::Active));
                    }
                }
            }
        }
    }

    fn add_fallback(&mut self, s: &Situation, algorithm: Algorithm) {
        let signs = s.entries.iter().any(|e| e.algorithm == algorithm && e.state.signs() && !e.orphan);
        let comes = self.make.iter().any(|(spec, state)| spec.algorithm == algorithm && state.signs());
        if !signs && !comes {
            self.make.extend(fallback(algorithm).map(|spec| (spec, KeyState::Active)));
        }
    }

    /// For every algorithm that signs: the next key, or the takeover by the one that is published already.
    fn add_rotation(&mut self, s: &Situation, takeover: Takeover) {
        let planned = |current: &Entry| {
            self.transitions
                .iter()
                .any(|t| matches!(t, Transition::Publish { after: k } | Transition::Step { key: k, .. } if *k == id(current)))
        };
        let mut added = Vec::new();
        let mut make = Vec::new();
        for current in signing(&s.entries) {
            let next = s.entries.iter().find(|e| e.algorithm == current.algorithm && e.state == KeyState::Next && !e.orphan);
            if planned(current) {
                continue;
            }
            match (takeover, next) {
                (Takeover::Announced, None) => added.push(Transition::Publish { after: id(current) }),
                (Takeover::Announced, Some(_)) => {}
                (Takeover::Immediate, next) => {
                    added.push(Transition::Step { key: id(current), to: KeyState::Retired });
                    match next {
                        Some(next) => added.push(Transition::Step { key: id(next), to: KeyState::Active }),
                        None => make.extend(successor(s, &id(current)).map(|spec| (spec, KeyState::Active))),
                    }
                }
            }
        }
        self.transitions.extend(added);
        self.make.extend(make);
    }

    fn make(&self, s: &Situation, entropy: &dyn Entropy) -> Result<Made, CryptoError> {
        let published = self.transitions.iter().filter_map(|t| match t {
            Transition::Publish { after } => successor(s, after).map(|spec| (spec, KeyState::Next)),
            _ => None,
        });
        let mut keys = Vec::new();
        for (spec, state) in self.make.iter().cloned().chain(published) {
            keys.push(make_key(s, spec, state, entropy)?);
        }
        let mut certificates = Vec::new();
        for entry in s.entries.iter().filter(|e| self.certify.contains(&id(e))) {
            let certificate =
                entry.material.as_ref().map(|m| self_signed(s.declaration.realm.as_str(), m, s.now)).transpose()?.flatten();
            certificates.extend(certificate.map(|c| (id(entry), c)));
        }
        Ok(Made { keys, certificates })
    }

    fn apply(&self, s: &Situation, made: Made) -> VaultRecord {
        let mut record = s.record.clone();
        for (key, certificate) in made.certificates {
            if let Some(key) = stored(&mut record, s, &key) {
                key.certificate = Some(KeyBytes(Zeroizing::new(certificate)));
            }
        }
        for transition in &self.transitions {
            let id = match transition {
                Transition::Publish { .. } => continue,
                Transition::Step { key, .. } | Transition::Count { key } | Transition::Lengthen { key, .. } => key,
            };
            let Some(key) = stored(&mut record, s, id) else { continue };
            let longest = s.declaration.lives.of_algorithm(key.alg).max(key.longest);
            match transition {
                Transition::Publish { .. } => {}
                Transition::Count { .. } => (key.since, key.longest) = (s.now, longest),
                Transition::Lengthen { secs, .. } => key.longest = *secs,
                Transition::Step { to, .. } => match key.state.step(*to) {
                    Ok(state) => {
                        let signed = matches!(state, KeyState::Active | KeyState::Retired);
                        (key.state, key.since) = (state, s.now);
                        key.longest = if signed { longest } else { key.longest };
                    }
                    // A plan that is wrong must not cost the realm its keys.
                    Err(fault) => log::error!("realm {}: the key {} stays as it is: {fault}", s.declaration.realm, key.kid),
                },
            }
        }
        // A gone key of the file leaves its mark, so that the file does not bring it back; any other leaves nothing.
        let in_file = |kid: &str| s.declaration.components.iter().filter_map(|c| c.own.as_ref()).any(|own| *own.kid == *kid);
        record.keys.retain(|key| key.state != KeyState::Gone || in_file(&key.kid));
        record.keys.extend(made.keys);
        record
    }
}

/// Keys fresh from the generator.
struct Made {
    keys: Vec<StoredKey>,
    certificates: Vec<(KeyId, Vec<u8>)>,
}

fn id(e: &Entry) -> KeyId {
    KeyId { kid: Arc::clone(&e.kid), algorithm: e.algorithm, component: Arc::clone(&e.origin) }
}

fn facts(entries: &[Entry]) -> Vec<KeyFacts> {
    let fact = |e: &Entry| KeyFacts {
        id: id(e),
        state: e.state,
        priority: e.priority,
        since: e.since,
        longest_secs: e.longest,
        orphan: e.orphan,
    };
    entries.iter().map(fact).collect()
}

/// The key of each algorithm that signs now.
fn signing(entries: &[Entry]) -> Vec<&Entry> {
    let mut best: Vec<&Entry> = Vec::new();
    for entry in entries.iter().filter(|e| e.state.signs() && !e.orphan && e.algorithm.key_use() == crate::KeyUse::Signature) {
        match best.iter_mut().find(|b| b.algorithm == entry.algorithm) {
            None => best.push(entry),
            Some(b) if (entry.priority, &b.component_id) > (b.priority, &entry.component_id) => *b = entry,
            Some(_) => {}
        }
    }
    best
}

/// What the follower of a key is to be made of.
fn successor(s: &Situation, key: &KeyId) -> Option<Spec> {
    let current = s.entries.iter().find(|e| id(e) == *key)?;
    let component =
        s.declaration.components.iter().find(|c| c.spec.origin == current.origin && c.spec.algorithm == current.algorithm);
    let mut spec = match component {
        Some(component) => component.spec.clone(),
        None => Spec { origin: Arc::clone(&current.origin), ..fallback(current.algorithm)? },
    };
    spec.priority = current.priority;
    spec.shape = current.material.as_ref().and_then(Material::shape).unwrap_or(spec.shape);
    Some(spec)
}

fn make_key(s: &Situation, spec: Spec, state: KeyState, entropy: &dyn Entropy) -> Result<StoredKey, CryptoError> {
    let material = Material::generate(spec.shape, entropy)?;
    let kid = match material.public_der()? {
        Some(der) => kid_of(&der),
        // Keycloak: the kid of a secret is a UUID (components-of-new-realm).
        None => entropy.uuid().to_string(),
    };
    let certificate = if spec.certificate { self_signed(s.declaration.realm.as_str(), &material, s.now)? } else { None };
    Ok(StoredKey {
        origin: spec.origin,
        provider: spec.provider_id,
        alg: spec.algorithm,
        kid: kid.into(),
        priority: spec.priority,
        state,
        since: s.now,
        longest: s.declaration.lives.of_algorithm(spec.algorithm),
        key: Some(KeyBytes(material.to_stored()?)),
        certificate: certificate.map(|c| KeyBytes(Zeroizing::new(c))),
    })
}

/// The place of a key in the record; one of the realm file gets its place here.
fn stored<'a>(record: &'a mut VaultRecord, s: &Situation, wanted: &KeyId) -> Option<&'a mut StoredKey> {
    let entry = s.entries.iter().find(|e| id(e) == *wanted)?;
    let same = |key: &StoredKey| key.kid == entry.kid && key.alg == entry.algorithm && key.origin == entry.origin;
    if !record.keys.iter().any(same) {
        record.keys.push(StoredKey {
            origin: Arc::clone(&entry.origin),
            provider: Arc::clone(&entry.provider_id),
            alg: entry.algorithm,
            kid: Arc::clone(&entry.kid),
            priority: entry.priority,
            state: entry.state,
            since: s.now,
            longest: 0,
            key: None,
            certificate: None,
        });
    }
    record.keys.iter_mut().find(|key| same(key))
}
