use futures_util::future::join_all;
use serde_json::json;

use super::*;
use crate::test_world::World;

async fn with_codes(world: &World) -> Vec<Secret<String>> {
    let ua = &world.authentication;
    let codes = new_recovery_codes(&*ua.entropy);
    ua.put_recovery_codes(&world.at(0), &world.ann(), (&codes, Some("paper"))).await.unwrap();
    codes
}

#[tokio::test]
async fn codes_are_used_one_by_one_in_their_order() {
    let world = World::new(json!({}));
    let codes = with_codes(&world).await;
    assert_eq!((codes.len(), codes[0].expose().len(), next_recovery_code(&world.ann())), (12, 12, Some(1)));
    assert!(!world.ann().credentials[1].secret_data.expose().contains(codes[0].expose().as_str()));
    let ua = &world.authentication;
    let (first, second) = (codes[0].expose(), codes[1].expose());
    assert!(ua.verify_recovery_code(&world.at(1), &world.ann(), second).await.is_err());
    let typed = format!("{}-{} {}", &first[..4].to_lowercase(), &first[4..8], &first[8..]);
    ua.verify_recovery_code(&world.at(20), &world.ann(), &typed).await.unwrap();
    assert!(ua.verify_recovery_code(&world.at(30), &world.ann(), first).await.is_err());
    assert_eq!(next_recovery_code(&world.ann()), Some(2));
    let data = &world.ann().credentials[1].credential_data;
    assert_eq!(data, r#"{"hashIterations":1,"algorithm":"SHA-512","remaining":11,"total":12}"#);
    ua.verify_recovery_code(&world.at(40), &world.ann(), second).await.unwrap();
}

#[tokio::test]
async fn a_code_sent_several_times_at_once_counts_once() {
    let world = World::new(json!({"bruteForceProtected": false}));
    let codes = with_codes(&world).await;
    let (at, ann) = (world.at(1), world.ann());
    let tries = (0..8).map(|_| world.authentication.verify_recovery_code(&at, &ann, codes[0].expose()));
    assert_eq!(join_all(tries).await.iter().filter(|result| result.is_ok()).count(), 1);
}

#[tokio::test]
async fn guesses_lock_as_wrong_passwords_do() {
    let world = World::new(json!({}));
    let codes = with_codes(&world).await;
    for second in [0, 10, 20] {
        assert!(world.authentication.verify_recovery_code(&world.at(second), &world.ann(), "AAAABBBBCCCC").await.is_err());
    }
    let refused = world.authentication.verify_recovery_code(&world.at(21), &world.ann(), codes[0].expose()).await;
    assert!(matches!(refused, Err(AuthenticationError::Refused(Refusal::Locked(_)))));
}

#[tokio::test]
async fn who_has_used_the_last_code_is_to_make_new_ones() {
    let world = World::new(json!({}));
    for code in with_codes(&world).await {
        world.authentication.verify_recovery_code(&world.at(1), &world.ann(), code.expose()).await.unwrap();
    }
    assert_eq!(next_recovery_code(&world.ann()), None);
    assert_eq!(world.ann().required_actions, [CONFIGURE]);
    assert_eq!(world.ann().credentials.len(), 1);
}

#[tokio::test]
async fn new_codes_take_the_place_of_the_old_ones() {
    let world = World::new(json!({}));
    let old = with_codes(&world).await;
    let new = with_codes(&world).await;
    assert!(world.authentication.verify_recovery_code(&world.at(1), &world.ann(), old[0].expose()).await.is_err());
    world.authentication.verify_recovery_code(&world.at(20), &world.ann(), new[0].expose()).await.unwrap();
    assert_eq!(world.ann().credentials.len(), 2);
}
