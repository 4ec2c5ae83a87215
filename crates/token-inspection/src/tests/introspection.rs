use serde_json::json;

use super::world::World;
use crate::error::IntrospectionError;

#[tokio::test]
async fn what_is_shown_ends_with_what_only_introspection_says() {
    let world = World::new();
    let token = world.login("app", "openid").await.access_token;
    let claims = world.introspect("api", &token, None).await.unwrap().unwrap();
    let names: Vec<_> = claims.keys().map(String::as_str).collect();
    assert_eq!(names.first_chunk(), Some(&["exp", "iat", "jti", "iss", "aud", "sub", "typ", "azp", "sid"]));
    assert_eq!(names.last_chunk(), Some(&["client_id", "username", "token_type", "active"]));
    assert_eq!((&claims["username"], &claims["aud"]), (&json!("ann"), &json!("api")));
}

#[tokio::test]
async fn roles_are_those_of_now() {
    let world = World::new();
    let token = world.login("app", "openid").await.access_token;
    world.change_user(|user| user.roles.push(realm_model::RoleKey::realm("uma_authorization")));
    let claims = world.introspect("api", &token, None).await.unwrap().unwrap();
    assert_eq!(claims["realm_access"], json!({ "roles": ["offline_access", "uma_authorization"] }));
}

#[tokio::test]
async fn a_refresh_token_is_shown_to_its_own_client_and_only_when_it_says_what_it_is() {
    let mut world = World::new();
    world.change_client("other", |client| client.public = false);
    let token = world.login("other", "openid").await.refresh_token.unwrap();
    for (caller, hint, shown) in
        [("other", Some("refresh_token"), true), ("other", None, false), ("api", Some("refresh_token"), false)]
    {
        let told = world.introspect(caller, &token, hint).await.unwrap();
        assert_eq!(told.is_some(), shown, "{caller} {hint:?}");
    }
}

#[tokio::test]
async fn a_requesting_party_is_told_nothing_of_the_user() {
    let world = World::new();
    let token = world.login("other", "openid").await.access_token;
    let claims = world.introspect("api", &token, Some("requesting_party_token")).await.unwrap().unwrap();
    assert_eq!(claims.keys().collect::<Vec<_>>(), ["exp", "iat", "jti", "typ", "acr", "active"]);
}

#[tokio::test]
async fn only_served_types_may_be_hinted_at() {
    let world = World::new();
    for hint in ["", "id_token", "Access_Token"] {
        let refused = world.introspect("api", "x", Some(hint)).await;
        assert!(matches!(refused, Err(IntrospectionError::UnknownHint)), "{hint}");
    }
}

#[tokio::test]
async fn the_audience_of_a_lightweight_token_is_what_it_says_itself() {
    let world = World::new();
    let token = world.login("light", "openid").await.access_token;
    assert!(!world.is_active(&token).await);
}

#[tokio::test]
async fn a_public_client_is_told_nothing() {
    let world = World::new();
    assert!(matches!(world.introspect("app", "x", None).await, Err(IntrospectionError::PublicClient)));
}

#[tokio::test]
async fn a_token_longer_than_any_of_ours_is_not_looked_at() {
    let world = World::new();
    assert!(!world.is_active(&"x".repeat(1_000_000)).await);
}

#[tokio::test]
async fn a_signed_copy_is_for_clients_that_may_have_one_and_ask_for_it() {
    let mut world = World::new();
    let token = world.login("app", "openid").await.access_token;
    assert_eq!(world.signed_copy("api", &token).await.unwrap(), None);
    world.change_client("api", |client| {
        drop(client.attributes.insert("client.introspection.response.allow.jwt.claim.enabled".into(), "true".into()));
        drop(client.attributes.insert("access.token.signed.response.alg".into(), "ES256".into()));
    });
    let claims = world.introspect("api", &token, None).await.unwrap().unwrap();
    assert!(!claims.contains_key("jwt"));
    let copy = world.signed_copy("api", &token).await.unwrap().unwrap();
    let (signed_by, signed) = copy.split_once("|ES256|").unwrap();
    let signed: serde_json::Map<String, serde_json::Value> = serde_json::from_str(signed).unwrap();
    let added = ["client_id", "username", "token_type", "active"];
    let expected = claims.into_iter().filter(|(name, _)| !added.contains(&name.as_str())).collect();
    assert_eq!((signed_by, signed), ("r", expected));
}

#[tokio::test]
async fn a_signed_copy_says_nothing_of_a_token_that_is_for_others() {
    let mut world = World::new();
    world.change_client("api", |client| {
        drop(client.attributes.insert("client.introspection.response.allow.jwt.claim.enabled".into(), "true".into()));
    });
    let minted = world.login("other", "openid").await;
    for token in [minted.access_token, minted.refresh_token.unwrap()] {
        assert_eq!(world.signed_copy("api", &token).await.unwrap(), None);
    }
}

/// CVE-2026-37979: `api` is in the audience of what `app` gets, and of nothing that the others get.
#[tokio::test]
async fn refuses_to_tell_a_client_of_a_token_that_is_for_another_audience() {
    let world = World::new();
    for (issued_to, shown) in [("app", true), ("other", false), ("light", false)] {
        let minted = world.login(issued_to, "openid").await;
        let told = world.introspect("api", &minted.access_token, None).await.unwrap();
        assert_eq!(told.is_some(), shown, "{issued_to}");
        for hint in ["access_token", "refresh_token"] {
            let refresh = world.introspect("api", minted.refresh_token.as_ref().unwrap(), Some(hint)).await.unwrap();
            assert_eq!(refresh, None, "{issued_to} {hint}");
        }
        let hinted = world.introspect("api", &minted.access_token, Some("requesting_party_token")).await.unwrap().unwrap();
        assert!(["sub", "email", "username", "realm_access"].iter().all(|claim| !hinted.contains_key(*claim)), "{hinted:?}");
    }
}
