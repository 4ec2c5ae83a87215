use super::*;
use crate::test_realm::realm;

fn with(attributes: &[(&str, &str)]) -> Realm {
    let mut realm = realm("r", Vec::new());
    realm.attributes = attributes.iter().map(|(k, v)| (format!("key-rotation.{k}"), (*v).to_owned())).collect();
    realm
}

#[test]
fn durations_read_with_and_without_a_unit() {
    for (text, secs) in [("90d", 7_776_000), ("12h", 43_200), ("30m", 1_800), ("45s", 45), ("3600", 3_600), (" 1d ", 86_400)] {
        assert_eq!(parse_duration(text), Some(secs), "{text}");
    }
    for text in ["", "d", "-1d", "1.5h", "1w", "1 d", "99999999999", "é"] {
        assert_eq!(parse_duration(text), None, "{text}");
    }
}

#[test]
fn a_realm_without_attributes_rotates_when_asked_and_announces_a_day_ahead() {
    assert_eq!(Schedule::of(&with(&[])), Ok(Schedule { period_secs: None, publish_ahead_secs: DAY, retire_secs: 0 }));
}

#[test]
fn a_short_period_announces_half_of_it_ahead() {
    let schedule = Schedule::of(&with(&[("period", "10h"), ("retire", "1h")])).unwrap();
    assert_eq!(schedule, Schedule { period_secs: Some(36_000), publish_ahead_secs: 18_000, retire_secs: 3_600 });
}

#[test]
fn what_cannot_be_followed_is_an_error() {
    let error = Schedule::of(&with(&[("period", "soon")])).unwrap_err();
    assert!(matches!(error, ScheduleError::Duration { attribute: "key-rotation.period", .. }));
    let error = Schedule::of(&with(&[("period", "1h"), ("publish-ahead", "60m")])).unwrap_err();
    assert_eq!(error, ScheduleError::PublishAheadTooLong);
}

#[test]
fn offline_tokens_without_a_limit_never_end_and_access_tokens_do() {
    let lives = TokenLives::of(&with(&[]));
    assert_eq!(lives, TokenLives { access: 900, refresh: i64::MAX });
    assert_eq!((lives.of_algorithm(Algorithm::Rs256), lives.of_algorithm(Algorithm::Hs512)), (900, i64::MAX));
}

#[test]
fn the_longest_session_counts_for_refresh_tokens() {
    let mut realm = with(&[]);
    realm.lifespans.offline_session_max = Some(100);
    realm.lifespans.sso_session_max_remember_me = 50_000;
    assert_eq!(TokenLives::of(&realm).refresh, 50_000);
}
