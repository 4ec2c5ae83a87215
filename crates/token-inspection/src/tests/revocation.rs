use sessions::SessionKind;

use super::world::World;
use crate::error::RevocationError;

#[tokio::test]
async fn a_revoked_access_token_takes_nothing_with_it() {
    let world = World::new();
    let first = world.login("app", "openid").await;
    let second = world.single_sign_on("app", &first).await;
    world.revoke("app", &first.access_token).await.unwrap();
    assert!(!world.is_active(&first.access_token).await);
    assert_eq!(world.userinfo(&first.access_token).await.unwrap_err(), "the token: revoked");
    assert!(world.is_active(&second.access_token).await);
    world.revoke("app", &first.access_token).await.unwrap();
}

#[tokio::test]
async fn a_revoked_access_token_stays_revoked_for_as_long_as_it_lives() {
    let mut world = World::new();
    world.change_client("app", |client| drop(client.attributes.insert("access.token.lifespan".into(), "300".into())));
    let token = world.login("app", "openid").await.access_token;
    world.revoke("app", &token).await.unwrap();
    world.clock.advance_secs(300);
    assert_eq!(world.userinfo(&token).await.unwrap_err(), "the token: revoked");
}

#[tokio::test]
async fn a_revoked_refresh_token_ends_its_clients_part_of_the_session() {
    let world = World::new();
    let app = world.login("app", "openid").await;
    let other = world.single_sign_on("other", &app).await;
    world.revoke("app", app.refresh_token.as_ref().unwrap()).await.unwrap();
    assert_eq!(world.userinfo(&app.access_token).await.unwrap_err(), "the token: its session ended");
    assert!(world.userinfo(&other.access_token).await.is_ok());
    assert!(world.has_session(SessionKind::Online, &app).await);
    world.revoke("other", other.refresh_token.as_ref().unwrap()).await.unwrap();
    assert!(!world.has_session(SessionKind::Online, &app).await);
}

#[tokio::test]
async fn there_is_nothing_left_to_revoke_the_second_time() {
    let world = World::new();
    let minted = world.login("app", "openid").await;
    let token = minted.refresh_token.as_ref().unwrap();
    world.revoke("app", token).await.unwrap();
    assert!(matches!(world.revoke("app", token).await, Err(RevocationError::NothingToRevoke)));
    assert!(matches!(world.revoke("app", &minted.access_token).await, Err(RevocationError::NothingToRevoke)));
}

#[tokio::test]
async fn an_offline_token_ends_its_own_session_alone() {
    let world = World::new();
    let online = world.login("app", "openid").await;
    let (one, two) = (world.login("app", "offline_access").await, world.login("app", "offline_access").await);
    world.revoke("app", one.refresh_token.as_ref().unwrap()).await.unwrap();
    assert!(!world.has_session(SessionKind::Offline, &one).await);
    assert!(world.has_session(SessionKind::Offline, &two).await);
    assert!(world.has_session(SessionKind::Online, &online).await);
}

#[tokio::test]
async fn tokens_of_a_disabled_user_can_be_revoked() {
    let world = World::new();
    let minted = world.login("app", "openid").await;
    world.change_user(|user| user.enabled = false);
    world.revoke("app", &minted.access_token).await.unwrap();
    world.revoke("app", minted.refresh_token.as_ref().unwrap()).await.unwrap();
    assert!(!world.has_session(SessionKind::Online, &minted).await);
}

#[tokio::test]
async fn nobody_revokes_the_token_of_another_client() {
    let world = World::new();
    let minted = world.login("app", "openid").await;
    for token in [&minted.access_token, minted.refresh_token.as_ref().unwrap()] {
        assert!(matches!(world.revoke("other", token).await, Err(RevocationError::OtherClient)));
    }
    assert!(world.is_active(&minted.access_token).await);
}
