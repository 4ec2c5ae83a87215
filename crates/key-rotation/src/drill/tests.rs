use ambient::SystemEntropy;
use proptest::prelude::*;
use realm_model::KeyProvider;

use super::*;
use crate::test_realm::{exported, provider, realm};

const START: Timestamp = Timestamp::from_secs(1_763_769_600);

fn keyrings() -> Keyrings {
    Keyrings::new(Arc::new(Memory::new()), Arc::new(ManualClock::at(START)), Arc::new(SystemEntropy))
}

#[tokio::test]
async fn a_rotation_of_an_exported_realm_refuses_no_valid_token_and_changes_nothing() {
    let (keyrings, realm) = (keyrings(), exported("acme"));
    let before = keyrings.of(&realm).await.unwrap();
    let report = drill(&keyrings, &realm, START, Arc::new(SystemEntropy)).await.unwrap();
    assert_eq!(report.refused, Vec::<String>::new());
    assert!(report.tokens > 100 && report.checks > report.tokens);
    let old = "O2r2yGRt_HmoKzhglW35VGY2ZEsQtM0I2XUb0g5GQpc";
    let told: Vec<&str> = report.lines.iter().filter(|line| line.contains(old)).map(|line| line.trim_start()).collect();
    assert!(told[0].starts_with(&format!("now  {old} is active")), "{told:?}");
    assert!(told[1].starts_with(&format!("+1d 1m  {old} is retired")), "{told:?}");
    assert!(told[2].contains("is gone"), "{told:?}");
    keyrings.tick([Arc::clone(&realm)]).await;
    assert!(Arc::ptr_eq(&before, &keyrings.of(&realm).await.unwrap()));
}

#[tokio::test]
async fn the_drill_of_a_realm_with_generated_keys_begins_with_those_keys() {
    let (keyrings, realm) = (keyrings(), Arc::new(realm("plain", vec![provider("ec", "ecdsa-generated", &[])])));
    let ring = keyrings.of(&realm).await.unwrap();
    let report = drill(&keyrings, &realm, START, Arc::new(SystemEntropy)).await.unwrap();
    let kid = &ring.rows().next().unwrap().kid;
    assert!(report.lines[0].contains(&format!("{kid} is active")), "{:?}", report.lines);
    assert!(report.refused.is_empty());
}

#[tokio::test]
async fn the_drill_would_notice_a_takeover_without_announcement() {
    let realm = exported("bench");
    let mut rehearsal = Rehearsal::new(&realm, Arc::new(Memory::new()), START, Arc::new(SystemEntropy));
    rehearsal.look().await.unwrap();
    rehearsal.nodes[0].rotate(&realm, Takeover::Immediate).await.unwrap();
    rehearsal.look().await.unwrap();
    assert!(!rehearsal.finish().refused.is_empty());
}

fn scheduled(period: i64, ahead: i64, retire: i64, access: i64) -> Arc<Realm> {
    let keys: Vec<KeyProvider> = vec![
        provider("ec", "ecdsa-generated", &[("priority", "7")]),
        provider("hs", "hmac-generated", &[("algorithm", "HS512")]),
    ];
    let mut realm = realm("r", keys);
    realm.lifespans.access_token = access;
    realm.lifespans.access_token_for_implicit_flow = 0;
    realm.lifespans.sso_session_max = 2 * access;
    realm.lifespans.offline_session_max = Some(3 * access);
    let attributes = [("period", period), ("publish-ahead", ahead), ("retire", retire)];
    realm.attributes = attributes.iter().map(|(name, secs)| (format!("key-rotation.{name}"), secs.to_string())).collect();
    Arc::new(realm)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_valid_token_stops_verifying_whatever_the_schedule_and_the_steps_of_the_clock(
        period in 200_i64..20_000,
        ahead_percent in 0_i64..100,
        retire in 0_i64..2_000,
        access in 1_i64..4_000,
        steps in prop::collection::vec(0_i64..3_000, 1..20),
    ) {
        let realm = scheduled(period, period * ahead_percent / 100, retire, access);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let report = runtime.block_on(async {
            let mut rehearsal = Rehearsal::new(&realm, Arc::new(Memory::new()), START, Arc::new(SystemEntropy));
            rehearsal.look().await.unwrap();
            for secs in steps {
                rehearsal.advance(secs).await.unwrap();
            }
            rehearsal.finish()
        });
        prop_assert_eq!(report.refused, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_scheduled_realm_really_rotates_and_lets_its_old_keys_go() {
    let realm = scheduled(3_600, 600, 0, 300);
    let mut rehearsal = Rehearsal::new(&realm, Arc::new(Memory::new()), START, Arc::new(SystemEntropy));
    rehearsal.look().await.unwrap();
    for _ in 0..100 {
        rehearsal.advance(181).await.unwrap();
    }
    let report = rehearsal.finish();
    assert_eq!(report.refused, Vec::<String>::new());
    for state in ["next", "active", "retired", "gone"] {
        let times = report.lines.iter().filter(|line| line.contains(&format!(" is {state}"))).count();
        assert!((5..=20).contains(&times), "{state}: {times} in {:?}", report.lines);
    }
}

#[tokio::test]
async fn lifespans_that_are_shortened_cut_no_token_off() {
    let long = scheduled(3_600, 600, 0, 3_000);
    let mut rehearsal = Rehearsal::new(&long, Arc::new(Memory::new()), START, Arc::new(SystemEntropy));
    rehearsal.look().await.unwrap();
    rehearsal.advance(60).await.unwrap();
    let mut short = Realm::clone(&scheduled(3_600, 600, 0, 10));
    short.generation += 1;
    rehearsal.realm = Arc::new(short);
    rehearsal.lives = TokenLives::of(&rehearsal.realm);
    for _ in 0..120 {
        rehearsal.advance(30).await.unwrap();
    }
    assert_eq!(rehearsal.finish().refused, Vec::<String>::new());
}

#[test]
fn spans_are_told_in_words() {
    for (secs, words) in [(0, "now"), (59, "+59s"), (60, "+1m"), (86_460, "+1d 1m"), (90_061, "+1d 1h 1m 1s")] {
        assert_eq!(span(secs), words);
    }
}
