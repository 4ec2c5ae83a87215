use serde_json::json;

use super::*;

fn refused(text: &str, shape: &Shape) -> String {
    match read(text.as_bytes(), shape) {
        Ok(value) => format!("read as {value}"),
        Err(error) => {
            let (status, body) = error.wire();
            format!("{status} {body}")
        }
    }
}

#[test]
fn what_is_no_json_or_has_another_shape_is_refused_in_keycloaks_words() {
    const NOT_JSON: &str = r#"400 {"error":"invalid_request","error_description":"Cannot parse the JSON"}"#;
    const SHAPE: &str = r#"400 {"error":"unknown_error","error_description":"Cannot parse the JSON"}"#;
    const ABSENT: &str = r#"500 {"error":"unknown_error","error_description":"For more on this error consult the server log."}"#;
    for (text, expected) in [
        (r#"{"username":"a""#, NOT_JSON),
        (r#"{username:"a"}"#, NOT_JSON),
        (r#"{"username":"abc",}"#, NOT_JSON),
        (r#"{'username':'abc'}"#, NOT_JSON),
        (r#"{"username":"cmt"/*c*/}"#, NOT_JSON),
        (r#"{"username":"nan","createdTimestamp":NaN}"#, NOT_JSON),
        ("   ", ABSENT),
        ("", ABSENT),
        ("null", ABSENT),
        ("5", SHAPE),
        (r#"[{"zzz":1}]"#, SHAPE),
        (r#"{"username":{"a":1}}"#, SHAPE),
        (r#"{"username":["a"]}"#, SHAPE),
        (r#"{"username":"tb3","groups":"x"}"#, SHAPE),
        (r#"{"username":"tb4","createdTimestamp":"soon"}"#, SHAPE),
        (r#"{"enabled":"maybe"}"#, SHAPE),
    ] {
        assert_eq!(refused(text, &USER), expected, "{text}");
    }
}

#[test]
fn an_unknown_member_is_named_with_its_place() {
    for (text, shape, class, line, column) in [
        (r#"{"username":"a","zzz":1}"#, &USER, "UserRepresentation", 1, 24),
        ("{\"username\":\"a\",\n  \"zzz\":{\"a\":[1,2]}}", &USER, "UserRepresentation", 2, 10),
        (r#"{"username":"a","credentials":[{"type":"password","zzz":1}]}"#, &USER, "CredentialRepresentation", 1, 58),
        (r#"{"clientId":"a","zzz":null}"#, &CLIENT, "ClientRepresentation", 1, 27),
        (r#"{"zzz":1}"#, &GROUP, "GroupRepresentation", 1, 9),
        (r#"{ "zzz" : "x" }"#, &ROLE, "RoleRepresentation", 1, 12),
        ("{\"displayName\":\"x\",\n\n\"zzz\":1}", &REALM, "RealmRepresentation", 3, 8),
    ] {
        let expected = JsonError::UnknownField { class, field: "zzz".to_owned(), line, column };
        assert_eq!(read(text.as_bytes(), shape), Err(expected), "{text}");
    }
}

#[test]
fn what_fits_nearly_is_converted() {
    for (text, expected) in [
        (r#"{"username":12345}"#, json!({"username": "12345"})),
        (r#"{"username":true}"#, json!({"username": "true"})),
        (r#"{"enabled":"true"}"#, json!({"enabled": true})),
        (r#"{"enabled":1}"#, json!({"enabled": true})),
        (r#"{"createdTimestamp":1.5}"#, json!({"createdTimestamp": 1})),
        (r#"{"createdTimestamp":"61"}"#, json!({"createdTimestamp": 61})),
        (r#"{"attributes":{"a":"b","c":["d"]}}"#, json!({"attributes": {"a": ["b"], "c": ["d"]}})),
        (r#"{"enabled":null,"groups":null}"#, json!({"enabled": null, "groups": null})),
        (r#"{"username":"a"}{"username":"b"}"#, json!({"username": "a"})),
        (r#"{"username":"a","username":"b"}"#, json!({"username": "b"})),
        ("{\"username\":\"\\u00e4\\ud83d\\ude00\"}", json!({"username": "ä😀"})),
    ] {
        assert_eq!(read(text.as_bytes(), &USER), Ok(expected), "{text}");
    }
}

#[test]
fn client_scopes_take_unknown_members_and_leave_them_out() {
    assert_eq!(read(br#"{"zzz":[1,{"a":2}],"name":"x"}"#, &CLIENT_SCOPE), Ok(json!({"name": "x"})));
}

#[test]
fn too_deep_a_body_is_no_json() {
    let text = format!("{{\"attributes\":{{\"a\":{}", "[".repeat(100_000));
    assert!(read(text.as_bytes(), &USER).is_err());
    let any = "[".repeat(100_000);
    assert_eq!(read(any.as_bytes(), &Shape::Any), Err(JsonError::NotJson));
}
