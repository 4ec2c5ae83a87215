use ambient::{ManualClock, SystemEntropy};
use sessions::{Memory, Record, RecordKey, RecordKind};

use super::*;
use crate::test_realm::{exported, provider, realm};
use crate::{KeyState, Keyring, parse_compact, sign_compact};

struct World {
    store: Arc<Memory>,
    clock: Arc<ManualClock>,
}

impl World {
    fn new() -> Self {
        Self { store: Arc::default(), clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_763_769_600))) }
    }

    /// A node; several over one world share the vault.
    fn node(&self) -> Keyrings {
        let store: Arc<dyn RecordStore> = self.store.clone();
        Keyrings::new(store, self.clock.clone(), Arc::new(SystemEntropy))
    }
}

fn with_ec(extra: &[(&str, &str)]) -> Arc<Realm> {
    let mut realm = realm("r", vec![provider("ec", "ecdsa-generated", &[("priority", "100")])]);
    realm.attributes = extra.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Arc::new(realm)
}

fn kids(ring: &Keyring) -> Vec<String> {
    ring.rows().map(|row| format!("{} {} {}", row.algorithm, row.state, row.kid)).collect()
}

fn state_of(ring: &Keyring, kid: &str) -> Option<KeyState> {
    ring.rows().find(|row| *row.kid == *kid).map(|row| row.state)
}

#[tokio::test]
async fn a_realm_without_providers_gets_keycloaks_four_and_keeps_them() {
    let world = World::new();
    let realm = Arc::new(realm("plain", vec![]));
    let ring = world.node().of(&realm).await.unwrap();
    let mut algorithms: Vec<_> = ring.rows().map(|row| row.algorithm.as_str()).collect();
    algorithms.sort_unstable();
    assert_eq!(algorithms, ["AES", "HS512", "RS256", "RSA-OAEP"]);
    assert!(ring.rows().all(|row| row.priority == 100 && row.state == KeyState::Active));
    assert!(ring.rows().filter(|row| row.key_type == "RSA").all(|row| row.certificate.is_some()));
    assert!(ring.public_key_of_default().is_some());
    let after_restart = world.node().of(&realm).await.unwrap();
    assert_eq!(kids(&after_restart), kids(&ring));
    assert_eq!(after_restart.jwks_json(), ring.jwks_json());
}

#[tokio::test]
async fn a_realm_with_its_own_keys_needs_nothing_of_the_vault() {
    let world = World::new();
    let ring = world.node().of(&exported("acme")).await.unwrap();
    assert_eq!(ring.rows().count(), 7);
    assert_eq!(world.store.size().await.unwrap().records, 0);
}

#[test]
fn nodes_that_race_over_one_vault_come_out_with_the_same_keys() {
    let world = World::new();
    let realm = with_ec(&[]);
    let race = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let node = world.node();
            for algorithm in [Algorithm::Es384, Algorithm::Hs512, Algorithm::EdDsa] {
                node.signer(&realm, algorithm).await.unwrap();
            }
            // Others may have added theirs since.
            node.tick([Arc::clone(&realm)]).await;
        });
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(race);
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ring = runtime.block_on(async { world.node().of(&realm).await.unwrap() });
    let mut algorithms: Vec<_> = ring.rows().map(|row| row.algorithm.as_str()).collect();
    algorithms.sort_unstable();
    assert_eq!(algorithms, ["ES256", "ES384", "EdDSA", "HS512"]);
}

#[tokio::test]
async fn many_requests_at_once_make_the_keys_of_a_realm_once() {
    let world = World::new();
    let realm = with_ec(&[]);
    let node = world.node();
    let rings = tokio::join!(node.of(&realm), node.of(&realm), node.signer(&realm, Algorithm::Es256), node.of(&realm));
    let (first, second) = (rings.0.unwrap(), rings.3.unwrap());
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(rings.2.unwrap().kid(), &*first.rows().next().unwrap().kid);
}

#[tokio::test]
async fn a_wanted_algorithm_without_a_key_gets_one_of_priority_minus_100() {
    let world = World::new();
    let realm = exported("bench");
    let signer = world.node().signer(&realm, Algorithm::Es256).await.unwrap();
    let ring = world.node().of(&realm).await.unwrap();
    let row = ring.rows().find(|row| row.algorithm == Algorithm::Es256).unwrap();
    assert_eq!((&*row.kid, &*row.component, row.priority), (signer.kid(), "fallback-ES256", -100));
    assert_eq!(&*row.provider, "ecdsa-generated");
    assert_eq!(world.node().signer(&realm, Algorithm::Es256).await.unwrap().kid(), signer.kid());
}

#[tokio::test]
async fn nothing_is_signed_with_an_algorithm_of_encryption() {
    let world = World::new();
    let refused = world.node().signer(&exported("bench"), Algorithm::Aes).await.err().unwrap();
    assert!(matches!(refused, KeyError::NoSigner(Algorithm::Aes)));
}

#[tokio::test]
async fn a_key_that_another_node_made_is_found_when_its_token_arrives() {
    let world = World::new();
    let realm = exported("bench");
    let (here, there) = (world.node(), world.node());
    here.of(&realm).await.unwrap();
    let token = sign_compact(&*there.signer(&realm, Algorithm::EdDsa).await.unwrap(), "JWT", b"{}").unwrap();
    let parsed = parse_compact(&token).unwrap();
    assert_eq!(here.verify(&realm, &parsed).await.unwrap(), Err(VerifyError::UnknownKey), "looked a moment ago");
    world.clock.advance_secs(1);
    assert_eq!(here.verify(&realm, &parsed).await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_pem_without_a_certificate_gets_one_that_all_nodes_share() {
    let world = World::new();
    let mut providers = exported("bench").key_providers.clone();
    providers.retain(|p| p.provider_id == "rsa-generated");
    providers[0].provider_id = "rsa".to_owned();
    providers[0].config.remove("certificate");
    let realm = Arc::new(realm("pem", providers));
    let ring = world.node().of(&realm).await.unwrap();
    assert!(ring.rows().all(|row| row.certificate.is_some()));
    world.clock.advance_secs(1000);
    assert_eq!(world.node().of(&realm).await.unwrap().jwks_json(), ring.jwks_json());
    assert_eq!(ring.rows().count(), 1);
}

#[tokio::test]
async fn a_masked_secret_counts_as_none_and_is_made() {
    let world = World::new();
    let masked = provider("hmac", "hmac-generated", &[("secret", "**********"), ("algorithm", "HS512")]);
    let realm = Arc::new(realm("masked", vec![masked]));
    assert!(world.node().of(&realm).await.unwrap().signer(Algorithm::Hs512).is_some());
}

#[tokio::test]
async fn a_new_snapshot_of_the_realm_is_taken_over_and_an_older_one_is_not() {
    let world = World::new();
    let node = world.node();
    let old = exported("bench");
    let mut new = Realm::clone(&old);
    new.generation += 1;
    new.key_providers.push(provider("ec", "ecdsa-generated", &[]));
    let new = Arc::new(new);
    let before = node.of(&old).await.unwrap();
    let after = node.of(&new).await.unwrap();
    assert_eq!(after.rows().count(), before.rows().count() + 1);
    let late = node.of(&old).await.unwrap();
    assert!(Arc::ptr_eq(&late, &after));
}

#[tokio::test]
async fn a_component_taken_out_of_the_file_signs_no_more_but_its_tokens_live_on() {
    let world = World::new();
    let node = world.node();
    let old = with_ec(&[]);
    let signer = node.signer(&old, Algorithm::Es256).await.unwrap();
    let mut new = Realm::clone(&old);
    new.generation += 1;
    new.key_providers = vec![provider("ed", "eddsa-generated", &[])];
    let new = Arc::new(new);
    let ring = node.of(&new).await.unwrap();
    assert_eq!(state_of(&ring, signer.kid()), Some(KeyState::Retired));
    world.clock.advance_secs(900 + 300);
    node.tick([Arc::clone(&new)]).await;
    assert_eq!(state_of(&node.of(&new).await.unwrap(), signer.kid()), None);
}

#[tokio::test]
async fn a_damaged_record_is_an_error_and_a_known_ring_outlives_it() {
    let world = World::new();
    let (realm, node) = (exported("bench"), world.node());
    let ring = node.of(&realm).await.unwrap();
    let key = RecordKey::new(RecordKind::Keys, &realm.name, "ring");
    let damaged = Record { expires_at: Timestamp::MAX, owner: None, value: b"{}".to_vec() };
    let _ = world.store.insert(&key, damaged, world.clock.now()).await.unwrap();
    node.tick([Arc::clone(&realm)]).await;
    assert!(Arc::ptr_eq(&ring, &node.of(&realm).await.unwrap()));
    assert!(matches!(world.node().of(&realm).await, Err(KeyError::Vault { .. })));
}

#[tokio::test]
async fn an_announced_rotation_publishes_first_and_signs_later() {
    let world = World::new();
    let realm = with_ec(&[("key-rotation.publish-ahead", "10m")]);
    let node = world.node();
    let old = node.signer(&realm, Algorithm::Es256).await.unwrap();
    let ring = node.rotate(&realm, Takeover::Announced).await.unwrap();
    assert_eq!(ring.signer(Algorithm::Es256).unwrap().kid(), old.kid());
    let next = ring.rows().find(|row| row.state == KeyState::Next).unwrap().kid.clone();
    assert!(String::from_utf8_lossy(ring.jwks_json()).contains(&*next));
    let twice = node.rotate(&realm, Takeover::Announced).await.unwrap();
    assert_eq!(kids(&twice), kids(&ring), "one rotation at a time");
    world.clock.advance_secs(600 + 60);
    node.tick([Arc::clone(&realm)]).await;
    let ring = node.of(&realm).await.unwrap();
    assert_eq!(ring.signer(Algorithm::Es256).unwrap().kid(), &*next);
    assert_eq!(state_of(&ring, old.kid()), Some(KeyState::Retired));
}

#[tokio::test]
async fn an_immediate_rotation_signs_with_the_new_key_at_once() {
    let world = World::new();
    let realm = exported("bench");
    let node = world.node();
    let old = node.signer(&realm, Algorithm::Rs256).await.unwrap();
    let token = sign_compact(&*old, "JWT", b"{}").unwrap();
    let ring = node.rotate(&realm, Takeover::Immediate).await.unwrap();
    let new = ring.signer(Algorithm::Rs256).unwrap();
    assert_ne!(new.kid(), old.kid());
    assert_eq!(node.verify(&realm, &parse_compact(&token).unwrap()).await.unwrap(), Ok(()));
    let row = ring.rows().find(|row| *row.kid == *new.kid()).unwrap();
    assert_eq!((row.priority, &*row.component), (100, "rsa-generated"));
    assert_eq!(state_of(&ring, old.kid()), Some(KeyState::Retired), "though the file says active");
}

#[tokio::test]
async fn a_gone_key_of_the_file_does_not_come_back() {
    let world = World::new();
    let realm = exported("bench");
    let node = world.node();
    let old = node.signer(&realm, Algorithm::Rs256).await.unwrap();
    node.rotate(&realm, Takeover::Immediate).await.unwrap();
    world.clock.advance_secs(900 + 300);
    node.tick([Arc::clone(&realm)]).await;
    for node in [node, world.node()] {
        let ring = node.of(&realm).await.unwrap();
        assert_eq!(state_of(&ring, old.kid()), Some(KeyState::Gone));
        assert!(!String::from_utf8_lossy(ring.jwks_json()).contains(old.kid()));
    }
}

#[tokio::test]
async fn a_component_made_passive_verifies_until_the_admin_takes_it_away() {
    let world = World::new();
    let node = world.node();
    let active = with_ec(&[]);
    let signer = node.signer(&active, Algorithm::Es256).await.unwrap();
    let mut passive = Realm::clone(&active);
    passive.generation += 1;
    passive.key_providers[0].config.insert("active".to_owned(), vec!["false".to_owned()]);
    let passive = Arc::new(passive);
    for _ in 0..3 {
        world.clock.advance_secs(1_000_000);
        node.tick([Arc::clone(&passive)]).await;
        assert_eq!(state_of(&node.of(&passive).await.unwrap(), signer.kid()), Some(KeyState::Retired));
    }
    let mut again = Realm::clone(&active);
    again.generation += 2;
    assert_eq!(node.signer(&Arc::new(again), Algorithm::Es256).await.unwrap().kid(), signer.kid());
}

#[tokio::test]
async fn one_rsa_key_in_two_components_is_rotated_in_both() {
    let world = World::new();
    let mut realm = Realm::clone(&exported("bench"));
    let mut twin = realm.key_providers.iter().find(|p| p.provider_id == "rsa-generated").unwrap().clone();
    (twin.id, twin.name) = ("twin".to_owned(), "twin".to_owned());
    twin.config.insert("algorithm".to_owned(), vec!["PS256".to_owned()]);
    realm.key_providers.push(twin);
    let realm = Arc::new(realm);
    let node = world.node();
    let old = node.signer(&realm, Algorithm::Rs256).await.unwrap();
    let ring = node.rotate(&realm, Takeover::Immediate).await.unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        assert_ne!(ring.signer(algorithm).unwrap().kid(), old.kid());
    }
    let retired = ring.rows().filter(|row| *row.kid == *old.kid() && row.state == KeyState::Retired).count();
    assert_eq!(retired, 2);
}

/// A store that is away: it takes its time to say so.
#[derive(Default)]
struct Away {
    asked: std::sync::atomic::AtomicUsize,
}

impl Away {
    async fn away<T>(&self) -> Result<T, sessions::StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        Err(sessions::StoreError::Unavailable { place: "redis://away".into(), fact: "no answer in time".into() })
    }
}

#[async_trait::async_trait]
impl RecordStore for Away {
    async fn insert(&self, _: &RecordKey, _: Record, _: Timestamp) -> Result<sessions::Inserted, sessions::StoreError> {
        self.away().await
    }
    async fn find(&self, _: &RecordKey, _: Timestamp) -> Result<Option<sessions::Stored>, sessions::StoreError> {
        self.away().await
    }
    async fn replace(
        &self,
        _: &RecordKey,
        _: sessions::Version,
        _: Record,
        _: Timestamp,
    ) -> Result<sessions::Replaced, sessions::StoreError> {
        self.away().await
    }
    async fn take(&self, _: &RecordKey, _: Timestamp) -> Result<Option<Record>, sessions::StoreError> {
        self.away().await
    }
    async fn remove(&self, _: &RecordKey) -> Result<bool, sessions::StoreError> {
        self.away().await
    }
    async fn of_owner(
        &self,
        _: RecordKind,
        _: &RealmName,
        _: &str,
        _: Timestamp,
    ) -> Result<Vec<(RecordKey, sessions::Stored)>, sessions::StoreError> {
        self.away().await
    }
    async fn sweep(&self, _: Timestamp, _: usize) -> Result<usize, sessions::StoreError> {
        self.away().await
    }
    async fn ping(&self) -> Result<(), sessions::StoreError> {
        self.away().await
    }
    async fn size(&self) -> Result<sessions::StoreSize, sessions::StoreError> {
        self.away().await
    }
    async fn shutdown(&self) -> Result<(), sessions::StoreError> {
        Ok(())
    }
}

#[tokio::test]
async fn while_the_store_is_away_those_who_wait_for_one_attempt_share_its_failure() {
    let store = Arc::new(Away::default());
    let node = Keyrings::new(store.clone(), World::new().clock, Arc::new(SystemEntropy));
    let realm = with_ec(&[]);
    let asked = futures_util::future::join_all((0..50).map(|_| node.of(&realm))).await;
    assert!(asked.iter().all(|outcome| matches!(outcome, Err(KeyError::Store(_)))));
    assert_eq!(store.asked.load(Ordering::SeqCst), 1);
    assert!(node.of(&realm).await.is_err());
    assert_eq!(store.asked.load(Ordering::SeqCst), 2, "who comes later tries anew");
}
