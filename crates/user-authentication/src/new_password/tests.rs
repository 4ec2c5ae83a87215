use serde_json::json;

use crate::NewPasswordError;
use crate::test_world::World;

async fn refused(world: &World, second: i64, password: &str) -> Option<(&'static str, Option<String>)> {
    match world.authentication.set_password(&world.at(second), &world.ann(), password).await {
        Ok(()) => None,
        Err(NewPasswordError::Refused(refusal)) => Some((refusal.message_key(), refusal.argument())),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_password_against_the_policy_is_refused_with_the_key_and_its_argument() {
    let world = World::new(json!({"passwordPolicy": "length(8) and notUsername and notEmail and hashIterations(1)"}));
    assert_eq!(refused(&world, 0, "short").await, Some(("invalidPasswordMinLengthMessage", Some("8".to_owned()))));
    assert_eq!(refused(&world, 0, "Ann@r.example").await, Some(("invalidPasswordNotEmailMessage", None)));
    assert_eq!(refused(&world, 0, "long enough").await, None);
    world.authentication.verify_password(&world.at(1), Some(&world.ann()), Some("long enough")).await.unwrap();
    assert_eq!(world.ann().credentials.len(), 1);
    assert_eq!(world.ann().credentials[0].id.as_deref(), Some("p-1"));
}

#[tokio::test]
async fn a_listed_password_is_refused_and_every_one_where_the_list_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("top.txt"), "Qwerty123").unwrap();
    let mut world = World::new(json!({"passwordPolicy": "passwordBlacklist(top.txt) and hashIterations(1)"}));
    let listed = Some(("invalidPasswordBlacklistedMessage", None));
    assert_eq!(refused(&world, 0, "anything else").await, listed);
    world.authentication = world.authentication.with_blacklists(passwords::Blacklists::load(folder.path()).unwrap());
    assert_eq!(refused(&world, 0, "qwerty123").await, listed);
    assert_eq!(refused(&world, 0, "anything else").await, None);
}

#[tokio::test]
async fn the_last_passwords_are_refused_and_older_ones_forgotten() {
    let world = World::new(json!({"passwordPolicy": "passwordHistory(2) and hashIterations(1)"}));
    let again = Some(("invalidPasswordHistoryMessage", Some("2".to_owned())));
    assert_eq!(refused(&world, 0, "Password1").await, again);
    assert_eq!(refused(&world, 10, "second").await, None);
    assert_eq!(refused(&world, 20, "Password1").await, again);
    assert_eq!(refused(&world, 30, "third").await, None);
    assert_eq!(refused(&world, 40, "second").await, again);
    assert_eq!(refused(&world, 50, "Password1").await, None);
    let kinds =
        world.record().0["credentials"].as_array().unwrap().iter().filter(|body| body["type"] == "password-history").count();
    assert_eq!(kinds, 1);
}
