use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ambient::{Clock, Entropy, Timestamp};
use arc_swap::{ArcSwap, ArcSwapOption};
use oidc_types::RealmName;
use realm_model::Realm;
use sessions::RecordStore;
use tokio::sync::{Mutex, MutexGuard, Semaphore};

use crate::change::{Changes, Situation, Takeover, Want};
use crate::declaration::Declaration;
use crate::keys::Signer;
use crate::ring::Keyring;
use crate::vault::{KeyVault, Saved, VaultRecord};
use crate::verified::{Fact, VerifiedLately};
use crate::{Algorithm, KeyError, ParsedJws, VerifyError};

/// After an unknown `kid` the vault is looked at again, but not more often than this, in milliseconds.
const RELOAD_EVERY_MILLIS: i64 = 1_000;

/// Keys are made by so many threads at once, whatever the number of realms.
const MAKERS: usize = 2;

/// Compare-and-swap is lost only to another node that succeeded.
const MOST_ATTEMPTS: usize = 32;

/// The keyrings of all realms. Cheap where a realm's ring is known; else reads or makes its keys, once for all who ask.
pub struct Keyrings {
    vault: KeyVault,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    slots: ArcSwap<imbl::HashMap<RealmName, Arc<Slot>>>,
    makers: Arc<Semaphore>,
    verified: VerifiedLately,
}

/// What is known of a realm here.
#[derive(Default)]
struct Slot {
    known: ArcSwapOption<Known>,
    /// Held by the one who reads or makes the keys of the realm.
    loading: Mutex<()>,
    declaration: ArcSwapOption<Declaration>,
    /// How often reading or making keys has failed, and how it did last.
    failures: AtomicU64,
    failure: ArcSwapOption<KeyError>,
}

/// The right to read or make the keys of a realm, for which others wait meanwhile.
struct Flight<'a> {
    slot: &'a Slot,
    failures_before: u64,
    _loading: MutexGuard<'a, ()>,
}

impl Flight<'_> {
    /// What comes of `attempt`. Where the one before failed while this one waited, that is its outcome too: a store that is
    /// away makes nobody wait for more than two attempts, however many ask (with forged `kid`s, say).
    async fn outcome<T>(&self, attempt: impl Future<Output = Result<T, KeyError>>) -> Result<T, KeyError> {
        let failed_meanwhile = self.slot.failures.load(Ordering::Acquire) != self.failures_before;
        if failed_meanwhile && let Some(failure) = self.slot.failure.load_full() {
            return Err(KeyError::clone(&failure));
        }
        attempt.await.inspect_err(|failure| {
            self.slot.failure.store(Some(Arc::new(failure.clone())));
            self.slot.failures.fetch_add(1, Ordering::Release);
        })
    }
}

struct Known {
    generation: u64,
    ring: Arc<Keyring>,
    loaded: Timestamp,
}

impl Keyrings {
    /// Over the store that the sessions are in, so that all nodes that share it have the same keys.
    pub fn new(store: Arc<dyn RecordStore>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let makers = Arc::new(Semaphore::new(MAKERS));
        Self { vault: KeyVault::new(store), clock, entropy, slots: ArcSwap::default(), makers, verified: VerifiedLately::new() }
    }

    /// The keys of `realm`. The first call of a realm whose keys are still to be made takes as long as RSA does.
    ///
    /// # Errors
    /// [`KeyError`]; [`KeyError::Store`] where the store is away and the ring is not known yet.
    pub async fn of(&self, realm: &Arc<Realm>) -> Result<Arc<Keyring>, KeyError> {
        let slot = self.slot(&realm.name);
        if let Some(ring) = slot.ring_for(realm) {
            return Ok(ring);
        }
        let flight = slot.board().await;
        match slot.ring_for(realm) {
            Some(ring) => Ok(ring),
            None => flight.outcome(self.reconcile(realm, &slot, Want::Nothing)).await,
        }
    }

    /// The key that signs with `algorithm`; where the realm has none, one of priority -100 is made, as Keycloak does.
    ///
    /// # Errors
    /// [`KeyError::NoSigner`] for algorithms that do not sign, and those of [`Self::of`].
    pub async fn signer(&self, realm: &Arc<Realm>, algorithm: Algorithm) -> Result<Arc<dyn Signer>, KeyError> {
        if let Some(signer) = self.of(realm).await?.signer(algorithm) {
            return Ok(signer);
        }
        let slot = self.slot(&realm.name);
        let flight = slot.board().await;
        let known = slot.ring_for(realm).and_then(|ring| ring.signer(algorithm));
        match known {
            Some(signer) => Ok(signer),
            None => {
                let ring = flight.outcome(self.reconcile(realm, &slot, Want::Signer(algorithm))).await?;
                ring.signer(algorithm).ok_or(KeyError::NoSigner(algorithm))
            }
        }
    }

    /// Verifies the signature of `token` under the keys of `realm`. A key that another node made since this one looked is
    /// found too; the vault is asked for it at most once a second.
    ///
    /// # Errors
    /// The inner [`VerifyError`] is a verdict on the token; the outer [`KeyError`] says nothing about it.
    pub async fn verify(&self, realm: &Arc<Realm>, token: &ParsedJws<'_>) -> Result<Result<(), VerifyError>, KeyError> {
        let verify = |ring: &Keyring| self.verify_under(ring, token);
        let verdict = verify(&*self.of(realm).await?);
        if verdict != Err(VerifyError::UnknownKey) {
            return Ok(verdict);
        }
        let slot = self.slot(&realm.name);
        let flight = slot.board().await;
        let recent = |known: &Known| self.clock.now().millis_since(known.loaded) < RELOAD_EVERY_MILLIS;
        let known = slot.known.load_full().filter(|known| recent(known)).map(|known| Arc::clone(&known.ring));
        let ring = match known {
            Some(ring) => ring,
            None => flight.outcome(self.reconcile(realm, &slot, Want::Nothing)).await?,
        };
        Ok(verify(&ring))
    }

    fn verify_under(&self, ring: &Keyring, token: &ParsedJws<'_>) -> Result<(), VerifyError> {
        let verify = || ring.verify(token.kid.as_deref(), token.algorithm, token.signing_input, &token.signature);
        if token.algorithm.is_symmetric() {
            return verify(); // cheaper than to remember it
        }
        let fact = Fact::new(ring.number(), token);
        if !self.verified.knows(&fact) {
            verify()?;
            self.verified.remember(fact);
        }
        Ok(())
    }

    /// Begins a rotation of every algorithm that signs in `realm`, now, whatever its schedule.
    ///
    /// # Errors
    /// Those of [`Self::of`].
    pub async fn rotate(&self, realm: &Arc<Realm>, takeover: Takeover) -> Result<Arc<Keyring>, KeyError> {
        let slot = self.slot(&realm.name);
        let _flight = slot.loading.lock().await;
        self.reconcile(realm, &slot, Want::Rotation(takeover)).await
    }

    /// Does what is due: rotation, and taking over what other nodes did. To be called on every node about once a minute with
    /// the realms of the moment; only those in use here are looked at. Errors are logged, the rings known stay in force.
    pub async fn tick(&self, realms: impl IntoIterator<Item = Arc<Realm>>) {
        let slots = self.slots.load_full();
        for realm in realms {
            let Some(slot) = slots.get(&realm.name) else { continue };
            if slot.known.load().is_none() {
                continue;
            }
            let _flight = slot.loading.lock().await;
            if let Err(fault) = self.reconcile(&realm, slot, Want::Nothing).await {
                log::warn!("realm {}: its keys stay as they are: {fault}", realm.name);
            }
        }
    }

    /// Puts a copy of what the vault has of `realm` into `store`, for a rehearsal.
    pub(crate) async fn copy_to(&self, realm: &Arc<Realm>, store: Arc<dyn RecordStore>, now: Timestamp) -> Result<(), KeyError> {
        self.of(realm).await?;
        let seen = self.vault.load(&realm.name, now).await?;
        let copy = KeyVault::new(store);
        let empty = copy.load(&realm.name, now).await?;
        copy.save(&realm.name, &empty, &seen.record, now).await.map(|_| ())
    }

    fn slot(&self, realm: &RealmName) -> Arc<Slot> {
        if let Some(slot) = self.slots.load().get(realm) {
            return Arc::clone(slot);
        }
        let fresh = Arc::new(Slot::default());
        self.slots.rcu(|slots| {
            if slots.contains_key(realm) { imbl::HashMap::clone(slots) } else { slots.update(realm.clone(), Arc::clone(&fresh)) }
        });
        self.slots.load().get(realm).map_or(fresh, Arc::clone)
    }

    /// Reads the vault, does what is due and what is wanted, and makes the ring of the outcome. The caller holds `loading`.
    async fn reconcile(&self, realm: &Arc<Realm>, slot: &Slot, want: Want) -> Result<Arc<Keyring>, KeyError> {
        let declaration = slot.declaration(realm);
        for _ in 0..MOST_ATTEMPTS {
            let now = self.clock.now();
            let seen = self.vault.load(&realm.name, now).await?;
            let situation = Situation::new(Arc::clone(&declaration), seen.record.clone(), now);
            let changes = situation.plan(want);
            if changes.is_empty() {
                return Ok(slot.take_over(&situation, seen.digest));
            }
            let record = self.carry_out(situation, changes).await?;
            if let Saved::Done { digest } = self.vault.save(&realm.name, &seen, &record, now).await? {
                return Ok(slot.take_over(&Situation::new(declaration, record, now), digest));
            }
        }
        Err(KeyError::Contended { realm: realm.name.clone() })
    }

    /// Makes keys on a thread that serves no requests; the record as it is to be.
    async fn carry_out(&self, situation: Situation, changes: Changes) -> Result<VaultRecord, KeyError> {
        let _maker = self.makers.acquire().await.map_err(|_| KeyError::Interrupted)?;
        let entropy = Arc::clone(&self.entropy);
        tokio::task::spawn_blocking(move || situation.after(&changes, &*entropy)).await.map_err(|_| KeyError::Interrupted)?
    }
}

impl Slot {
    async fn board(&self) -> Flight<'_> {
        let failures_before = self.failures.load(Ordering::Acquire);
        Flight { slot: self, failures_before, _loading: self.loading.lock().await }
    }

    /// The ring, unless it is of an older snapshot of the realm.
    fn ring_for(&self, realm: &Realm) -> Option<Arc<Keyring>> {
        let known = self.known.load();
        known.as_ref().filter(|known| known.generation >= realm.generation).map(|known| Arc::clone(&known.ring))
    }

    /// What the realm's file says; read again only when the snapshot changes.
    fn declaration(&self, realm: &Arc<Realm>) -> Arc<Declaration> {
        let known = self.declaration.load_full().filter(|d| d.generation == realm.generation);
        known.unwrap_or_else(|| {
            let fresh = Arc::new(Declaration::read(realm));
            self.declaration.store(Some(Arc::clone(&fresh)));
            fresh
        })
    }

    /// Puts the ring of `situation` in force; the one in force stays where nothing has changed.
    fn take_over(&self, situation: &Situation, digest: [u8; 32]) -> Arc<Keyring> {
        let generation = situation.declaration.generation;
        let same = |known: &Known| known.generation == generation && *known.ring.digest() == digest;
        let ring = match self.known.load_full().filter(|known| same(known)) {
            Some(known) => Arc::clone(&known.ring),
            None => Arc::new(Keyring::build(&situation.declaration.realm, &situation.entries, digest)),
        };
        let known = Known { generation, ring: Arc::clone(&ring), loaded: situation.now };
        self.known.store(Some(Arc::new(known)));
        ring
    }
}

#[cfg(test)]
mod tests;
