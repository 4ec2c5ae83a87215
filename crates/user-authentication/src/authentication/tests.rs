use serde_json::json;

use crate::test_world::World;
use crate::{AuthenticationError, Refusal};

/// The code of RFC 6238's secret at the world's second 0 is of this credential.
fn totp(id: &str) -> serde_json::Value {
    json!({"id": id, "type": "otp", "secretData": r#"{"value":"12345678901234567890"}"#,
           "credentialData": r#"{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1"}"#})
}

fn code_at(world: &World, secs: i64) -> String {
    let stored = realm_model::compile::credential(&totp("t")).unwrap();
    let otp = crate::otp::OtpCredential::read(&stored).unwrap();
    otp.code_of(u64::try_from(world.at(secs).now.secs() / 30).unwrap())
}

fn refusal<T: std::fmt::Debug>(result: Result<T, AuthenticationError>) -> Refusal {
    match result.unwrap_err() {
        AuthenticationError::Refused(refusal) => refusal,
        AuthenticationError::Trouble(trouble) => panic!("{trouble}"),
    }
}

#[tokio::test]
async fn a_right_password_is_right_and_everything_else_is_told_as_a_fact() {
    let world = World::new(json!({}));
    let (ua, at, ann) = (&world.authentication, world.at(0), world.ann());
    ua.verify_password(&at, Some(&ann), Some("Password1")).await.unwrap();
    assert_eq!(refusal(ua.verify_password(&at, Some(&ann), Some("password1")).await), Refusal::WrongPassword("u-1".into()));
    assert_eq!(refusal(ua.verify_password(&at, None, Some("Password1")).await), Refusal::UnknownUser);
    world.set("enabled", json!(false));
    let ann = world.ann();
    assert_eq!(refusal(ua.verify_password(&at, Some(&ann), Some("Password1")).await), Refusal::UserDisabled("u-1".into()));
    assert_eq!(refusal(ua.verify_password(&at, Some(&ann), Some("x")).await), Refusal::WrongPassword("u-1".into()));
}

/// Recordings brute-force/wrong-totp-counts, otp/locked-by-wrong-codes.
#[tokio::test]
async fn wrong_codes_lock_as_wrong_passwords_do_and_a_right_password_between_them_changes_nothing() {
    let world = World::new(json!({}));
    world.add(totp("t"));
    let (ua, ann) = (&world.authentication, world.ann());
    for second in [0, 10, 20] {
        ua.verify_password(&world.at(second), Some(&ann), Some("Password1")).await.unwrap();
        let refused = refusal(ua.verify_otp(&world.at(second), &ann, (None, Some("000000"))).await);
        assert_eq!(refused, Refusal::WrongOtp("u-1".into()));
    }
    let code = code_at(&world, 21);
    assert_eq!(refusal(ua.verify_otp(&world.at(21), &ann, (None, Some(&code))).await), Refusal::Locked("u-1".into()));
    assert_eq!(refusal(ua.verify_password(&world.at(21), Some(&ann), Some("Password1")).await), Refusal::Locked("u-1".into()));
    assert!(ua.is_locked(&world.at(21), &ann).await.unwrap());
    assert!(!ua.is_locked(&world.at(121), &ann).await.unwrap());
}

#[tokio::test]
async fn what_failed_is_forgotten_when_the_login_is_over() {
    let world = World::new(json!({}));
    let (ua, ann) = (&world.authentication, world.ann());
    for second in [0, 10] {
        refusal(ua.verify_password(&world.at(second), Some(&ann), Some("x")).await);
    }
    ua.forget_failures(&world.at(20), &ann).await.unwrap();
    refusal(ua.verify_password(&world.at(30), Some(&ann), Some("x")).await);
    ua.verify_password(&world.at(40), Some(&ann), Some("Password1")).await.unwrap();
}

/// Recordings otp/code-used-twice, otp/two-devices.
#[tokio::test]
async fn a_code_counts_once_for_the_device_that_was_chosen() {
    let world = World::new(json!({}));
    world.add(totp("t"));
    world.add(json!({"id": "other", "type": "otp", "secretData": r#"{"value":"09876543210987654321"}"#, "credentialData": "{}"}));
    let (ua, at, ann) = (&world.authentication, world.at(0), world.ann());
    let code = code_at(&world, 0);
    assert_eq!(refusal(ua.verify_otp(&at, &ann, (Some("other"), Some(&code))).await), Refusal::WrongOtp("u-1".into()));
    assert_eq!(ua.verify_otp(&at, &ann, (Some("t"), Some(&code))).await.unwrap().credential.as_deref(), Some("t"));
    assert_eq!(refusal(ua.verify_otp(&at, &ann, (None, Some(&code))).await), Refusal::WrongOtp("u-1".into()));
}

/// RFC 4226 appendix D: 287082 is the code of counter 1, 359152 that of 2.
#[tokio::test]
async fn a_counter_goes_on_and_codes_behind_it_are_gone() {
    let world = World::new(json!({}));
    world.add(json!({"id": "h", "type": "otp", "secretData": r#"{"value":"12345678901234567890"}"#,
                     "credentialData": r#"{"subType":"hotp","digits":6,"counter":1,"period":30,"algorithm":"HmacSHA1"}"#}));
    let ua = &world.authentication;
    let stale = world.ann();
    ua.verify_otp(&world.at(0), &stale, (None, Some("359152"))).await.unwrap();
    let fresh = world.ann();
    assert!(fresh.credentials[1].credential_data.contains("\"counter\":3"), "{}", fresh.credentials[1].credential_data);
    // Neither by the counter as it is now nor by what was read before.
    for user in [&fresh, &stale] {
        assert_eq!(refusal(ua.verify_otp(&world.at(1), user, (None, Some("359152"))).await), Refusal::WrongOtp("u-1".into()));
    }
}
