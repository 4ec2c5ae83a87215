use realm_model::OtpPolicy;
use serde_json::json;

use super::*;
use crate::test_world::World;

const NOW_BY: i64 = 0;

fn code_of(world: &World, secret: &OtpSecret) -> String {
    let first = FirstCode { secret, code: "", label: "" };
    let at = world.at(NOW_BY);
    let otp = OtpCredential::read(&world.authentication.new_otp(&at, first)).unwrap();
    let step = match at.realm.otp.kind {
        OtpKind::Totp => at.now.secs() / at.realm.otp.period,
        OtpKind::Hotp => i64::from(at.realm.otp.initial_counter),
    };
    otp.code_of(u64::try_from(step).unwrap())
}

#[tokio::test]
async fn an_app_that_shows_the_right_code_is_taken_and_then_asked() {
    let world = World::new(json!({}));
    let (ua, at) = (&world.authentication, world.at(NOW_BY));
    let secret = OtpSecret::new(&*ua.entropy);
    let code = code_of(&world, &secret);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for (given, field, key) in [(" ", "totp", "missingTotpMessage"), (wrong, "totp", "invalidTotpMessage")] {
        let first = FirstCode { secret: &secret, code: given, label: "phone" };
        assert_eq!(ua.add_otp_credential(&at, &world.ann(), first).await.unwrap_err().message(), Some((field, key)));
    }
    let first = FirstCode { secret: &secret, code: &code, label: "phone" };
    let id = ua.add_otp_credential(&at, &world.ann(), first).await.unwrap();
    let stored = &world.ann().credentials[1];
    assert_eq!(stored.credential_data, r#"{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1"}"#);
    assert_eq!((stored.label.as_deref(), stored.created_date), (Some("phone"), Some(1_800_000_000_000)));
    assert_eq!(ua.verify_otp(&at, &world.ann(), (None, Some(&code))).await.unwrap().credential, Some(id));
}

#[tokio::test]
async fn a_second_app_needs_a_name_of_its_own() {
    let world = World::new(json!({}));
    let (ua, at) = (&world.authentication, world.at(NOW_BY));
    let secret = OtpSecret::new(&*ua.entropy);
    let code = code_of(&world, &secret);
    let label = |label| FirstCode { secret: &secret, code: &code, label };
    ua.add_otp_credential(&at, &world.ann(), label("phone")).await.unwrap();
    let missing = ua.add_otp_credential(&at, &world.ann(), label(" ")).await.unwrap_err();
    assert_eq!(missing.message(), Some(("userLabel", "missingTotpDeviceNameMessage")));
    let taken = ua.add_otp_credential(&at, &world.ann(), label("Phone ")).await.unwrap_err();
    assert_eq!(taken.message(), Some(("userLabel", "Device already exists with the same name")));
    ua.add_otp_credential(&at, &world.ann(), label("tablet")).await.unwrap();
}

#[tokio::test]
async fn a_counter_begins_behind_the_first_code() {
    let world = World::new(json!({"otpPolicyType": "hotp", "otpPolicyInitialCounter": 5, "otpPolicyDigits": 8}));
    let (ua, at) = (&world.authentication, world.at(NOW_BY));
    let secret = OtpSecret::kept("12345678901234567890".to_owned());
    let code = code_of(&world, &secret);
    ua.add_otp_credential(&at, &world.ann(), FirstCode { secret: &secret, code: &code, label: "" }).await.unwrap();
    let stored = &world.ann().credentials[1];
    assert!(stored.credential_data.contains(r#""subType":"hotp","digits":8,"counter":6"#), "{}", stored.credential_data);
    assert!(ua.verify_otp(&at, &world.ann(), (None, Some(&code))).await.is_err());
}

#[test]
fn an_app_is_told_the_secret_by_a_key_uri() {
    let world = World::new(json!({"displayName": "Web & Test", "otpPolicyAlgorithm": "HmacSHA256"}));
    let secret = OtpSecret::kept("12345678901234567890".to_owned());
    assert_eq!(
        secret.to_uri(&world.realm, &world.ann()),
        "otpauth://totp/Web%20%26%20Test:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6&algorithm=SHA256\
         &issuer=Web%20%26%20Test&period=30"
    );
    assert_eq!(secret.to_groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    assert!(!format!("{secret:?}").contains("1234"));
}

#[test]
fn secrets_are_twenty_letters_and_never_the_same() {
    let entropy = ambient::SeededEntropy::new(7);
    let (one, other) = (OtpSecret::new(&entropy), OtpSecret::new(&entropy));
    assert_ne!(one.expose(), other.expose());
    assert!(one.expose().len() == 20 && one.expose().bytes().all(|letter| letter.is_ascii_alphanumeric()));
}

#[test]
fn only_apps_that_can_do_it_are_named() {
    let world = World::new(json!({}));
    let policy = world.realm.otp.clone();
    assert_eq!(supported_applications(&policy).len(), 3);
    assert_eq!(supported_applications(&OtpPolicy { digits: 8, ..policy.clone() }), ["totpAppFreeOTPName"]);
    assert_eq!(supported_applications(&OtpPolicy { kind: OtpKind::Hotp, ..policy }), ["totpAppFreeOTPName", "totpAppGoogleName"]);
}
