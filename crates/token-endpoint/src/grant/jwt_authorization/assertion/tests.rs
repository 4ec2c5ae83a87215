use super::*;

const NOW: i64 = 1_800_000_000;
const LIFETIME: Lifetime = Lifetime { longest: 300, ahead: 15 };

fn jwt(header: &str, claims: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode_to_string(text);
    format!("{}.{}.c2ln", part(header), part(claims))
}

fn of(claims: &str) -> Assertion {
    Assertion::read(&jwt(r#"{"alg":"RS256"}"#, claims)).unwrap()
}

fn timed(exp: Option<i64>, iat: Option<i64>, nbf: Option<i64>) -> Result<(), AssertionError> {
    let claim = |name: &str, ahead: Option<i64>| ahead.map(|ahead| format!(r#""{name}":{}"#, NOW + ahead));
    let claims: Vec<_> = [claim("exp", exp), claim("iat", iat), claim("nbf", nbf)].into_iter().flatten().collect();
    of(&format!("{{{}}}", claims.join(","))).refuse_out_of_time(LIFETIME, Timestamp::from_secs(NOW)).map(|_| ())
}

#[test]
fn the_second_of_each_limit_is_the_measured_one() {
    let rows = [
        ((Some(60), Some(0), None), Ok(())),
        ((Some(1), Some(0), None), Ok(())),
        ((Some(0), Some(0), None), Err(AssertionError::NotActive)),
        ((Some(-10), None, None), Err(AssertionError::NotActive)),
        ((None, Some(0), None), Err(AssertionError::ExpiryMissing)),
        ((Some(300), None, None), Ok(())),
        ((Some(301), None, None), Err(AssertionError::ExpiryTooFar)),
        ((Some(3600), Some(0), None), Ok(())),
        ((Some(60), Some(15), None), Ok(())),
        ((Some(60), Some(16), None), Err(AssertionError::IssuedInFuture)),
        ((Some(60), Some(-300), None), Ok(())),
        ((Some(60), Some(-301), None), Err(AssertionError::TooOld)),
        ((Some(60), Some(0), Some(15)), Ok(())),
        ((Some(60), Some(0), Some(16)), Err(AssertionError::NotActive)),
    ];
    for ((exp, iat, nbf), verdict) in rows {
        assert_eq!(timed(exp, iat, nbf), verdict, "exp {exp:?}, iat {iat:?}, nbf {nbf:?}");
    }
}

#[test]
fn times_with_a_fraction_and_ids_that_are_numbers_are_read() {
    let assertion = of(r#"{"exp":1800000060.5,"jti":7,"sub":5}"#);
    assert_eq!(assertion.times.expires, Some(NOW + 60));
    assert_eq!((assertion.id.as_deref(), assertion.subject.as_deref()), (Some("7"), Some("5")));
}

#[test]
fn an_assertion_for_a_hundred_years_is_remembered_no_longer_than_it_is_taken() {
    let now = Timestamp::from_secs(NOW);
    let assertion = of(r#"{"exp":4900000000,"iat":1800000000}"#);
    assert_eq!(assertion.refuse_out_of_time(LIFETIME, now), Ok(now.plus_secs(301)));
    assert_eq!(of(r#"{"exp":1800000060}"#).refuse_out_of_time(LIFETIME, now), Ok(now.plus_secs(60)));
}

#[test]
fn audiences_of_others_and_several_audiences_are_refused() {
    let judge = |aud: &str| of(&format!(r#"{{"aud":{aud}}}"#)).refuse_other_audience(&["https://we", "https://we/token"]);
    assert_eq!(judge(r#""https://we""#), Ok(()));
    assert_eq!(judge(r#"["https://we/token"]"#), Ok(()));
    assert_eq!(judge(r#""https://we/""#), Err(AssertionError::OtherAudience));
    assert_eq!(judge("[]"), Err(AssertionError::OtherAudience));
    assert_eq!(judge(r#"["https://we","https://we"]"#), Err(AssertionError::SeveralAudiences));
    assert_eq!(judge(r#"["a","b"]"#), Err(AssertionError::OtherAudience));
}

#[test]
fn what_is_no_jwt_is_not_read() {
    for text in ["", "garbage", "a.b.c", "YWJj.YWJj.YWJj", "a.b.c.d.e", &"a".repeat(LONGEST + 1)] {
        assert!(Assertion::read(text).is_none(), "{text:.20}");
    }
    for (header, claims) in
        [(r#"{"alg":"XX1"}"#, "{}"), (r#"{"alg":"RSA-OAEP"}"#, "{}"), (r#"{"alg":"RS256"}"#, r#"{"exp":"x"}"#)]
    {
        assert!(Assertion::read(&jwt(header, claims)).is_none(), "{header}");
    }
}

#[test]
fn an_assertion_without_an_algorithm_is_read_and_has_none() {
    for header in [r#"{"alg":"none"}"#, "{}"] {
        assert_eq!(Assertion::read(&jwt(header, "{}")).unwrap().algorithm, None, "{header}");
    }
}
