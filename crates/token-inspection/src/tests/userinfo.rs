use serde_json::{Value, json};

use super::world::World;

#[tokio::test]
async fn a_token_is_worth_nothing_once_its_session_has_been_idle_for_too_long() {
    let world = World::new();
    let token = world.login("app", "openid").await.access_token;
    world.clock.advance_secs(599);
    assert_eq!(world.userinfo(&token).await.unwrap()["sub"], "u-1");
    world.clock.advance_secs(1);
    assert_eq!(world.userinfo(&token).await.unwrap_err(), "the token: its session ended");
}

#[tokio::test]
async fn a_token_is_worth_nothing_once_it_expired() {
    let mut world = World::new();
    world.change_client("app", |client| drop(client.attributes.insert("access.token.lifespan".into(), "60".into())));
    let token = world.login("app", "openid").await.access_token;
    world.clock.advance_secs(61);
    assert_eq!(world.userinfo(&token).await.unwrap_err(), "the token: expired");
}

#[tokio::test]
async fn users_are_described_as_they_are_now() {
    let world = World::new();
    let token = world.login("app", "openid email").await.access_token;
    world.change_user(|user| user.email = Some("new@r.example".to_owned()));
    assert_eq!(world.userinfo(&token).await.unwrap()["email"], "new@r.example");
}

#[tokio::test]
async fn claims_of_the_token_are_not_claims_of_the_user() {
    let world = World::new();
    let token = world.login("app", "openid").await.access_token;
    let claims = world.userinfo(&token).await.unwrap();
    assert!(["aud", "acr", "allowed-origins", "sid", "exp"].iter().all(|name| !claims.contains_key(*name)), "{claims:?}");
}

#[tokio::test]
async fn a_change_of_the_user_or_the_client_ends_what_a_token_is_worth() {
    type Change = fn(&mut World);
    let changes: [(Change, &str); 6] = [
        (|world| world.change_user(|user| user.enabled = false), "the token: user u-1 is disabled"),
        (|world| world.change_user(|user| user.not_before = i64::MAX), "the token: issued before the not-before of user u-1"),
        (|world| world.change_user(|user| user.id = "u-2".into()), "the token: its session ended"),
        (|world| world.change_client("app", |client| client.enabled = false), "the token: client app is disabled"),
        (
            |world| world.change_client("app", |client| client.not_before = i64::MAX),
            "the token: issued before the not-before of client app",
        ),
        (|world| world.change_client("app", |client| client.id = "another".into()), "the token: its session ended"),
    ];
    for (change, fact) in changes {
        let mut world = World::new();
        let token = world.login("app", "openid").await.access_token;
        change(&mut world);
        assert_eq!(world.userinfo(&token).await.unwrap_err(), fact);
        assert!(!world.is_active(&token).await, "{fact}");
    }
}

#[tokio::test]
async fn a_token_of_an_offline_session_lives_with_that_one() {
    let world = World::new();
    let online = world.login("app", "openid").await;
    let offline = world.login("app", "openid offline_access").await;
    world.clock.advance_secs(700);
    assert!(world.userinfo(&online.access_token).await.is_err());
    assert!(world.userinfo(&offline.access_token).await.is_ok());
}

/// A token of this realm with the same claims, but of another type.
pub(super) fn retyped(token: &str, typ: &str) -> String {
    let (signed_by, claims) = token.split_at(token.find('{').unwrap());
    let mut claims: Value = serde_json::from_str(claims).unwrap();
    claims["typ"] = json!(typ);
    format!("{signed_by}{claims}")
}

/// CVE-2023-0657: the key that signs them says nothing of what they are for.
#[tokio::test]
async fn refuses_tokens_of_every_other_type_in_the_place_of_an_access_token() {
    let world = World::new();
    let minted = world.login("app", "openid").await;
    assert!(world.userinfo(&retyped(&minted.access_token, "Bearer")).await.is_ok());
    for typ in ["Logout", "Refresh", "Offline", "RegistrationAccessToken", "InitialAccessToken", "verify-email", "JWT", ""] {
        let token = retyped(&minted.access_token, typ);
        assert_eq!(world.userinfo(&token).await.unwrap_err(), "not an access token", "{typ}");
        assert!(!world.is_active(&token).await, "{typ}");
    }
    for token in [minted.id_token.unwrap(), minted.refresh_token.unwrap(), retyped(&minted.access_token, "ID")] {
        assert_eq!(world.userinfo(&token).await.unwrap_err(), "not an access token");
    }
}
